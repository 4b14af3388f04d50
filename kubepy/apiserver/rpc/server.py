"""The gRPC ports: every resource's service on bytes, with reflection and health.

grpc.aio can demand client certificates or not ask for them, never take them as an option: so one
port is for certificates (mTLS) and one for bearer tokens. Both serve the same.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import grpc
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from kubepy.apiserver import deprecation
from kubepy.apiserver.authn import impersonation
from kubepy.apiserver.authn.authenticator import Authenticator
from kubepy.apiserver.authz import refusal
from kubepy.apiserver.load import Load
from kubepy.apiserver.pipeline import attributes
from kubepy.apiserver.rpc import dynamic, health, messages, reflection, statuses
from kubepy.apiserver.rpc.dynamic import Known
from kubepy.apiserver.rpc.methods import ANY, Method, dynamic_methods, methods, service_names
from kubepy.apiserver.rpc.streams import Streams
from kubepy.base.clock import Clock
from kubepy.meta import errors
from kubepy.meta.calls import Attributes, Authorizer, Call, Handler, User
from kubepy.meta.errors import ApiError

log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 64 * 1024 * 1024  # a list in one message; gRPC's own limit is 4 MiB
STOP_SECONDS = 2.0  # for calls under way when the server ends
KNOWN_CERTIFICATES = 4096
CANCELLED, BROKEN = 499, 500  # how metrics count what its client gave up, and mistakes of ours

Context = Any  # grpc.aio.ServicerContext; grpc has no types


class Rpc:
    """Serves every method through the handler; one object for both ports.

    `known` finds a resource by group, version and plural; `elsewhere` tells of a path of REST
    whether another server answers for it.
    """

    def __init__(
        self,
        *,
        handler: Handler,
        known: Known,
        elsewhere: Callable[[str], object | None],
        authenticator: Authenticator,
        authorize: Authorizer,
        streams: Streams,
        load: Load,
        clock: Clock,
        random: Random,
    ) -> None:
        self._handler = handler
        self._known = known
        self._elsewhere = elsewhere
        self._authenticator = authenticator
        self._authorize = authorize
        self._streams = streams
        self._load = load
        self._clock = clock
        self._random = random
        self._servers: list[Any] = []
        self._watches: set[Any] = set()
        services = (*service_names(), health.SERVICE, *reflection.SERVICES)
        self._health = health.Health(services)
        self._reflection = reflection.Reflection(services)

    async def listen(self, addresses: Sequence[str], credentials: Any) -> int:
        """Open a port at each address; answers the first. Raises OSError if one is taken."""
        options = [
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),
        ]
        server = grpc.aio.server(options=options)
        server.add_generic_rpc_handlers((_Routes(self._handlers()),))
        ports = []
        for address in addresses:
            try:
                ports.append(server.add_secure_port(address, credentials))
            except RuntimeError as problem:
                raise OSError(
                    f"cannot listen on {address}: it is in use, or not of this machine"
                ) from problem
        await server.start()
        self._servers.append(server)
        return int(ports[0])

    def leave(self) -> None:
        """The server begins to end: whoever asks for its health is told."""
        self._health.leave()

    async def close(self) -> None:
        self._health.close()
        for watch in list(self._watches):
            watch.close()
        for server in self._servers:
            await server.stop(STOP_SECONDS)
        self._servers.clear()

    def _handlers(self) -> Mapping[str, Any]:
        served = {**methods(), **dynamic_methods()}
        handlers = {path: self._rpc_handler(method) for path, method in served.items()}
        return {**handlers, **self._health.handlers(), **self._reflection.handlers()}

    def _rpc_handler(self, method: Method) -> Any:
        """A handler on bytes: nothing is (de)serialised on gRPC's side."""
        if method.streams_in:

            async def both(requests: AsyncIterator[bytes], context: Context) -> None:
                await self._carry(self._duplex(method, requests, context), context)

            return grpc.stream_stream_rpc_method_handler(both)
        if method.streams_out:
            serve = self._watch if method.verb == "watch" else self._log

            async def stream(raw: bytes, context: Context) -> None:
                await self._carry(serve(method, raw, context), context)

            return grpc.unary_stream_rpc_method_handler(stream)

        async def unary(raw: bytes, context: Context) -> bytes:
            try:
                return await self._unary(method, raw, context)
            except ApiError as problem:
                await _abort(context, problem)
            except Exception as problem:
                await _abort(context, self._bug(method, problem))
            raise AssertionError("abort raises")

        return grpc.unary_unary_rpc_method_handler(unary)

    async def _carry(self, pieces: AsyncGenerator[bytes], context: Context) -> None:
        """Write a stream as fast as the client reads it; its errors become the call's status.

        A call that is cancelled closes the stream at once, and all that it holds.
        """
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    await context.write(piece)
        except ApiError as problem:
            await _abort(context, problem)
        except grpc.aio.AbortError:
            raise
        except Exception as problem:
            await _abort(context, self._bug(None, problem))

    def _bug(self, method: Method | None, problem: Exception) -> ApiError:
        """A mistake of ours: the log gets the traceback, the client an id to find it by."""
        audit_id = uuid.UUID(int=self._random.getrandbits(128), version=4)
        path = method.path if method else "a stream"
        log.error("%s failed (audit id %s)", path, audit_id, exc_info=problem)
        return errors.InternalError.of(f"see the server's log for audit id {audit_id}")

    async def _unary(self, method: Method, raw: bytes, context: Context) -> bytes:
        started = self._clock.monotonic()
        call, user = await self._asked(method, raw, context)
        code = BROKEN
        try:
            with self._load.admitted(mutating=method.verb not in ("get", "list")):
                answer = await self._load.bounded(self._handler.handle(call, user))
                code = answer.code
        except ApiError as problem:
            code = problem.code
            problem.warnings = (*deprecation.warnings_of(call.resource), *problem.warnings)
            raise
        except asyncio.CancelledError:
            code = CANCELLED
            raise
        finally:
            seconds = self._clock.monotonic() - started
            self._load.finished(call.resource, call, code, seconds)
        warnings = statuses.warnings_of((*deprecation.warnings_of(call.resource), *answer.warnings))
        if warnings:
            context.set_trailing_metadata(warnings)
        pieces: list[bytes] = []
        for piece in messages.reply(method, answer):
            if pieces:
                await asyncio.sleep(0)  # between two pieces of a list others have their turn
            pieces.append(piece)
        return b"".join(pieces)

    async def _asked(self, method: Method, raw: bytes, context: Context) -> tuple[Call, User]:
        """What is asked, and by whom. Raises ApiError.

        Who may not ask learns neither what there is nor what is wrong with the question.
        """
        metadata = _metadata(context)
        message = messages.parse(method, raw)
        address = messages.address_of(method, message, self._known)
        user = await self._user(context, metadata, attributes_of(address))
        try:
            if method.resource is ANY:
                path = f"/apis/{address.resource.group_version}"
                dynamic.check(address, elsewhere=self._elsewhere(path) is not None)
            call = messages.call_of(method, address, message, metadata.get("user-agent", ""))
        except ApiError:
            await self._check_allowed(address, user)
            raise
        return call, user

    async def _check_allowed(self, call: Call, user: User) -> None:
        """Raises Forbidden."""
        asked = attributes(call, user)
        decision = await self._authorize(asked)
        if not decision.allowed:
            raise refusal.forbidden(asked, decision)

    async def _watch(self, method: Method, raw: bytes, context: Context) -> AsyncGenerator[bytes]:
        call, user = await self._asked(method, raw, context)
        watch = await self._load.bounded(self._handler.watch(call, user))
        if warnings := statuses.warnings_of(deprecation.warnings_of(call.resource)):
            context.set_trailing_metadata(warnings)
        self._watches.add(watch)
        try:
            with self._load.long_running(call.resource, call):
                while batch := await watch.batch():
                    for event in batch:
                        yield messages.event(method, event)
        finally:
            self._watches.discard(watch)
            watch.close()

    async def _log(self, method: Method, raw: bytes, context: Context) -> AsyncGenerator[bytes]:
        request = messages.parse(method, raw)
        call = self._streams.call_of(method, request)
        user = await self._user(context, _metadata(context), attributes_of(call))
        async with aclosing(self._streams.log(call, user, request)) as pieces:
            async for piece in pieces:
                yield piece

    async def _duplex(
        self, method: Method, requests: AsyncIterator[bytes], context: Context
    ) -> AsyncGenerator[bytes]:
        inputs = (messages.parse(method, raw) async for raw in requests)
        start = await self._streams.start_of(inputs)
        call = self._streams.call_of(method, start)
        user = await self._user(context, _metadata(context), attributes_of(call))
        async with aclosing(self._streams.duplex(call, user, start, inputs)) as pieces:
            async for piece in pieces:
                yield piece

    async def _user(
        self,
        context: Context,
        metadata: Mapping[str, str],
        asked: Callable[[User, str], Attributes],
    ) -> User:
        certificate = None
        shown = context.auth_context().get("x509_pem_cert")
        if shown:
            certificate = _der(shown[0])
        user = await self._authenticator.authenticate(
            certificate, metadata.get("authorization", "")
        )
        wish = impersonation.wish_of(_pairs(context))
        if wish is None:
            return user
        return await impersonation.impersonate(
            user, wish, self._authorize, lambda mode: asked(user, mode)
        )


class _Routes(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
    """Methods by their paths."""

    def __init__(self, handlers: Mapping[str, Any]) -> None:
        self._handlers = handlers

    def service(self, details: Any) -> Any:
        return self._handlers.get(details.method)


def attributes_of(call: Call) -> Callable[[User, str], Attributes]:
    """What a refused impersonation names: the call itself under a narrower verb."""

    def asked(user: User, mode: str) -> Attributes:
        found = attributes(call, user)
        return Attributes(
            user=user,
            verb=f"impersonate-on:{mode}:{found.verb}",
            group=found.group,
            version=found.version,
            resource=found.resource,
            subresource=found.subresource,
            namespace=found.namespace,
            name=found.name,
        )

    return asked


async def _abort(context: Context, problem: ApiError) -> None:
    """Raises: that is how grpc.aio ends a call."""
    details = (
        (statuses.DETAILS, statuses.details_of(problem)),
        *statuses.warnings_of(problem.warnings),
    )
    await context.abort(statuses.code_of(problem), statuses.message_of(problem), details)


def _pairs(context: Context) -> list[tuple[str, str]]:
    pairs = context.invocation_metadata() or ()
    return [(key, value) for key, value in pairs if isinstance(value, str)]


def _metadata(context: Context) -> dict[str, str]:
    return dict(_pairs(context))


@lru_cache(maxsize=KNOWN_CERTIFICATES)
def _der(pem: bytes) -> bytes:
    return load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def certificate_credentials(certificate: Path, key: Path, client_ca: Path) -> Any:
    """TLS that demands a client certificate."""
    pair = (key.read_bytes(), certificate.read_bytes())
    return grpc.ssl_server_credentials(
        [pair], root_certificates=client_ca.read_bytes(), require_client_auth=True
    )


def token_credentials(certificate: Path, key: Path) -> Any:
    """TLS that asks for no certificate."""
    return grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
