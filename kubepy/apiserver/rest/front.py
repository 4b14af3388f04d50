"""The REST front end: an exchange becomes a Call, its reply becomes bytes. No sockets, no aiohttp.

    exchange → who (authn, impersonation) → what (request info) ─┬─ a path   → authz → `paths`
                                                                 └─ a resource → Call → Handler

The handler authorizes calls. A request that never becomes one, because the path leads nowhere or a
media type does not fit, is authorized here first: what exists is not for everybody to know.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from random import Random

import msgspec
from msgspec import Struct

from kubepy.api.meta.v1 import ListOptions
from kubepy.apiserver import deprecation
from kubepy.apiserver.authn import impersonation
from kubepy.apiserver.authn.authenticator import Authenticator
from kubepy.apiserver.authz import refusal
from kubepy.apiserver.catalog import Catalog
from kubepy.apiserver.crd.resource import CustomResource
from kubepy.apiserver.load import Load
from kubepy.apiserver.query import Query, text
from kubepy.apiserver.rest import answers, negotiation, options, requestinfo, routes
from kubepy.apiserver.rest.exchange import Exchange
from kubepy.apiserver.rest.negotiation import PLAIN, PROTOBUF, WATCH_OFFERED, Accepted
from kubepy.apiserver.rest.requestinfo import RequestInfo
from kubepy.apiserver.rest.routes import Route
from kubepy.apiserver.rest.sending import send, send_text, warning_headers
from kubepy.apiserver.rest.shapes import INCLUDE, Shape
from kubepy.apiserver.rest.watches import Watches
from kubepy.base.clock import Clock
from kubepy.meta import errors
from kubepy.meta.calls import Attributes, Authorizer, Body, Call, Handler, User
from kubepy.meta.errors import ApiError

logger = logging.getLogger(__name__)

AUDIT_ID = "Audit-Id"
BROWSERS = ("curl", "Wget", "Mozilla/5.0")  # who gets indented JSON without asking
TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
PATCH = "PATCH"

PathHandler = Callable[["Asked"], Awaitable[None]]
Streamer = Callable[["Asked", Route], Awaitable[None]]
Elsewhere = Callable[[str], PathHandler | None]


class Asked:
    """A request on its way: what is known of it so far."""

    __slots__ = ("accepted", "audit_id", "exchange", "info", "query", "user", "warnings")

    def __init__(self, exchange: Exchange, audit_id: str) -> None:
        self.exchange = exchange
        self.audit_id = audit_id
        self.accepted: Accepted = PLAIN
        self.warnings: tuple[str, ...] = ()
        self.user: User | None = None
        self.info: RequestInfo | None = None
        self.query: Query = {}

    def headers(self) -> list[tuple[str, str]]:
        """What every answer bears."""
        headers = [(AUDIT_ID, self.audit_id), ("Cache-Control", "no-cache, private")]
        return headers + warning_headers(self.warnings) if self.warnings else headers


class Prepared(Struct, frozen=True, gc=False):
    """A request that leads somewhere, with everything it says understood."""

    route: Route
    call: Call
    accepted: Accepted
    shape: Shape | None


class Front:
    """Serves exchanges. `paths` knows what is no resource, `stream` what is no single answer,
    `elsewhere` the paths that another server answers for."""

    def __init__(
        self,
        *,
        handler: Handler,
        catalog: Catalog,
        authenticator: Authenticator,
        authorize: Authorizer,
        paths: PathHandler,
        stream: Streamer,
        elsewhere: Elsewhere,
        clock: Clock,
        random: Random,
        load: Load,
        watches: Watches,
    ) -> None:
        self.handler = handler
        self.catalog = catalog
        self.authenticator = authenticator
        self.authorize = authorize
        self.paths = paths
        self.stream = stream
        self.elsewhere = elsewhere
        self.clock = clock
        self.random = random
        self.load = load
        self.watches = watches

    async def serve(self, exchange: Exchange) -> None:
        """Answer one request, whatever it is; only cancellation and lost connections get out."""
        asked = Asked(exchange, self._audit_id(exchange))
        started = self.clock.monotonic()
        try:
            try:
                await self._serve(asked)
            except ApiError as problem:
                await self._refuse(asked, problem)
            except routes.Unknown:
                send_text(exchange, 404, "404 page not found\n", asked.headers())
            except requestinfo.Unintelligible as problem:
                text = f'Internal Server Error: "{exchange.target}": failed to create RequestInfo: '
                send_text(exchange, 500, f"{text}{problem}\n", asked.headers())
        except ConnectionError:
            raise
        except Exception as problem:
            await self._fail(asked, problem)
        finally:
            self._count(asked, self.clock.monotonic() - started)

    def _count(self, asked: Asked, seconds: float) -> None:
        info = asked.info
        if info is not None:
            resource = None
            if info.is_resource:
                resource = self.catalog.by_plural(info.group, info.version, info.resource)
            code, dry_run = asked.exchange.code, "dryRun" in asked.query
            self.load.finished(resource, info, code, seconds, dry_run=dry_run)

    async def _serve(self, asked: Asked) -> None:
        exchange = asked.exchange
        path, asked.query = requestinfo.split_target(exchange.target)
        asked.info = info = requestinfo.parse(exchange.method, path, asked.query)
        asked.user = await self._user(exchange, info)
        asked.accepted = self._preference(asked)
        forward = self.elsewhere(path)
        if forward is not None or not info.is_resource:
            await self._check(asked.user, info)
            await (forward or self.paths)(asked)
            return
        try:
            prepared = await self._prepare(asked, info)
        except (ApiError, routes.Unknown) as problem:
            await self._check(asked.user, info)
            raise problem from None
        asked.accepted = prepared.accepted
        if prepared.route.streaming:
            with self.load.long_running(prepared.route.resource, prepared.call):
                await self.stream(asked, prepared.route)
        elif prepared.call.verb == "watch":
            with self.load.long_running(prepared.route.resource, prepared.call):
                await self._watch(asked, prepared)
        else:
            await self._answer(asked, prepared)

    async def _user(self, exchange: Exchange, info: RequestInfo) -> User:
        user = await self.authenticator.authenticate(
            exchange.certificate, exchange.header("Authorization"), exchange.header_items()
        )
        if not any(name[:12].lower() == b"impersonate-" for name, _ in exchange.raw_headers):
            return user
        wish = impersonation.wish_of(exchange.header_items())
        if wish is None:
            return user

        def narrower(mode: str) -> Attributes:
            return attributes(user, info, verb=f"impersonate-on:{mode}:{info.verb}")

        return await impersonation.impersonate(user, wish, self.authorize, narrower)

    async def _check(self, user: User, info: RequestInfo) -> None:
        """Raises Forbidden."""
        wanted = attributes(user, info)
        decision = await self.authorize(wanted)
        if not decision.allowed:
            raise refusal.forbidden(wanted, decision)

    async def _prepare(self, asked: Asked, info: RequestInfo) -> Prepared:
        """Understand a resource request. Raises what is wrong with it, or Unknown."""
        exchange, query = asked.exchange, asked.query
        route = routes.resolve(exchange.method, info, self.catalog)
        if route.streaming:
            call = Call(route.verb, route.resource, route.namespace, route.name, route.subresource)
            return Prepared(route, call, PLAIN, None)
        watch = route.verb == "watch"
        if exchange.method == PATCH:
            patch_type = negotiation.patch_type(exchange.header("Content-Type"))
        asked.warnings = deprecation.warnings_of(route.resource)
        accepted = negotiation.accept(
            exchange.header("Accept"),
            watch=watch,
            offered=WATCH_OFFERED if watch else negotiation.OBJECT_TYPES,
            custom=isinstance(route.resource, CustomResource),
        )
        asked.accepted = accepted = _with_pretty(accepted, asked)
        body = selection = None
        wanted = options.of_verb(route.verb, query)
        if route.verb in ("create", "update"):
            content_type = negotiation.body_type(exchange.header("Content-Type"))
            body = Body(await self._body(exchange), content_type)
        elif route.verb == "patch":
            body = Body(await self._body(exchange), patch_type)
        elif route.verb in ("delete", "deletecollection"):
            raw = await self._body(exchange)
            if raw:
                content_type = negotiation.body_type(exchange.header("Content-Type"))
                body, wanted = Body(raw, content_type), None
            if route.verb == "deletecollection":
                selection = options.listing(query)
        name = route.name
        if watch and name:  # the old way to watch one object
            assert isinstance(wanted, ListOptions)
            field_selector = f"metadata.name={name}"
            wanted = msgspec.structs.replace(wanted, fieldSelector=field_selector)
            name = ""
        call = Call(
            verb=route.verb,
            resource=route.resource,
            namespace=route.namespace,
            name=name,
            subresource=route.subresource,
            body=body,
            options=wanted,
            selection=selection,
            user_agent=exchange.header("User-Agent"),
        )
        return Prepared(route, call, accepted, self._shape(accepted, query))

    async def _body(self, exchange: Exchange) -> bytes:
        """Raises BadRequest, RequestEntityTooLarge, and Timeout for one that takes too long."""
        if exchange.has_arrived:
            return await exchange.body()  # nothing to wait for, so no need to watch the time
        return await self.load.bounded(exchange.body())

    def _shape(self, accepted: Accepted, query: Query) -> Shape | None:
        if not accepted.shape:
            return None
        include = text(query, "includeObject")
        if include not in INCLUDE:
            raise errors.BadRequest.of(
                f"includeObject: Invalid value: \"{include}\": must be 'Metadata', 'Object', "
                "'None', or empty"
            )
        return Shape(accepted.shape, accepted.shape_version, include, self.clock.now())

    async def _answer(self, asked: Asked, prepared: Prepared) -> None:
        assert asked.user is not None
        call = prepared.call
        with self.load.admitted(mutating=call.verb not in ("get", "list")):
            reply = await self.load.bounded(self.handler.handle(call, asked.user))
        asked.warnings += reply.warnings
        payload = answers.payload(reply, call.resource, prepared.accepted, prepared.shape)
        await send(asked.exchange, payload, asked.headers())

    async def _watch(self, asked: Asked, prepared: Prepared) -> None:
        assert asked.user is not None
        watch = await self.load.bounded(self.handler.watch(prepared.call, asked.user))
        try:
            await self.watches.stream(
                asked.exchange,
                watch,
                prepared.call.resource,
                prepared.accepted.media_type,
                prepared.shape,
                asked.headers(),
            )
        finally:
            watch.close()

    def _preference(self, asked: Asked) -> Accepted:
        """The media type for errors that come before the answer's own is settled."""
        wanted = asked.exchange.header("Accept")
        plain = Accepted(PROTOBUF) if wanted.startswith(PROTOBUF) else PLAIN
        return _with_pretty(plain, asked)

    async def _refuse(self, asked: Asked, problem: ApiError) -> None:
        if asked.exchange.code:
            raise ConnectionResetError("the answer broke off") from problem
        asked.warnings += tuple(getattr(problem, "warnings", ()))
        headers = asked.headers()
        details = problem.status.details
        if details is not None and details.retryAfterSeconds:
            headers.append(("Retry-After", str(details.retryAfterSeconds)))
        await send(asked.exchange, answers.error(problem, _unshaped(asked.accepted)), headers)

    async def _fail(self, asked: Asked, problem: Exception) -> None:
        """A bug: the log gets the traceback, the client the request's id."""
        exchange = asked.exchange
        logger.error(
            "%s %s failed (audit id %s)",
            exchange.method,
            exchange.target,
            asked.audit_id,
            exc_info=problem,
        )
        if exchange.code:
            raise ConnectionResetError("the answer broke off") from problem
        error = errors.InternalError.of(f"see the server's log for audit id {asked.audit_id}")
        await send(exchange, answers.error(error, PLAIN), asked.headers())

    def _audit_id(self, exchange: Exchange) -> str:
        """The client's own, or a new one."""
        given = exchange.header(AUDIT_ID)
        if given and given.isprintable():
            return given
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))


def attributes(user: User, info: RequestInfo, *, verb: str = "") -> Attributes:
    """What an authorizer is asked about a request."""
    if not info.is_resource:
        return Attributes(user=user, verb=verb or info.verb, path=info.path)
    return Attributes(
        user=user,
        verb=verb or info.verb,
        group=info.group,
        version=info.version,
        resource=info.resource,
        subresource=info.subresource,
        namespace=info.namespace,
        name=info.name,
    )


def _with_pretty(accepted: Accepted, asked: Asked) -> Accepted:
    values = asked.query.get("pretty")
    if values is not None:
        pretty = values[0] in TRUE
    else:
        pretty = accepted.pretty or asked.exchange.header("User-Agent").startswith(BROWSERS)
    return msgspec.structs.replace(accepted, pretty=True) if pretty else accepted


def _unshaped(accepted: Accepted) -> Accepted:
    return Accepted(accepted.media_type, pretty=accepted.pretty) if accepted.shape else accepted
