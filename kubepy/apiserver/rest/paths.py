"""Everything that is no resource: discovery, health, versions, metrics, token keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from kubepy.api import codec, scheme
from kubepy.apiserver.aggregation.aggregator import Aggregator
from kubepy.apiserver.authn.keys import VerifyingKey, jwks
from kubepy.apiserver.catalog import Catalog, Known
from kubepy.apiserver.discovery import documents
from kubepy.apiserver.openapi import documents as openapi
from kubepy.apiserver.openapi import protobuf as openapi_protobuf
from kubepy.apiserver.rest import answers, health, negotiation, routes
from kubepy.apiserver.rest.answers import Payload
from kubepy.apiserver.rest.exchange import http_date
from kubepy.apiserver.rest.front import Asked
from kubepy.apiserver.rest.health import Checks
from kubepy.apiserver.rest.negotiation import JSON, PROTOBUF, Accepted
from kubepy.apiserver.rest.sending import TEXT, send
from kubepy.base import version
from kubepy.meta import errors

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
JWKS_TYPE = "application/jwk-set+json"
AGGREGATED = "g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
UNTYPED_LEGACY = ("APIVersions", "APIResourceList")  # bear no apiVersion under /api
OPENAPI_V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
OPENAPI_V2_PROTOBUF_ANSWER = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
FOREVER_SECONDS = 365 * 24 * 3600  # of a document that is named by its hash
READING = ("GET", "HEAD")


class TokenIssuer(Struct, frozen=True):
    """What others need in order to verify our service-account tokens."""

    issuer: str
    jwks_uri: str
    keys: tuple[VerifyingKey, ...]


class Paths:
    """Answers the requests that the front has authorized already."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        checks: Mapping[str, Checks],
        metrics: Callable[[], bytes],
        address: str,
        tokens: TokenIssuer | None,
        aggregator: Aggregator,
    ) -> None:
        self._catalog = catalog
        self._checks = checks  # by healthz, livez, readyz
        self._metrics = metrics
        self._address = address
        self._tokens = tokens
        self._aggregator = aggregator
        self._fixed: dict[str, Callable[[Asked], Awaitable[None]]] = {
            "/": self._root,
            "/metrics": self._show_metrics,
            "/version": self._version,
            "/version/": self._version,
            "/.well-known/openid-configuration": self._openid,
            "/openid/v1/jwks": self._jwks,
        }

    async def serve(self, asked: Asked) -> None:
        """Answer. Raises routes.Unknown, or what is wrong."""
        assert asked.info is not None
        path = asked.info.path
        found = self._fixed.get(path)
        if found is not None:
            await found(asked)
            return
        first, _, rest = path.strip("/").partition("/")
        if first in self._checks:
            await self._health(asked, first, rest)
        elif first == "openapi":
            await self._openapi(asked, rest)
        elif first in ("api", "apis"):
            await self._discovery(asked, path.strip("/").split("/"))
        else:
            raise routes.Unknown

    async def _health(self, asked: Asked, place: str, only: str) -> None:
        verdict = await health.ask(place, self._checks[place], only, asked.query)
        if verdict is None:
            raise routes.Unknown
        headers = (("X-Content-Type-Options", "nosniff"),)
        await reply(asked, Payload(TEXT, verdict.text.encode(), verdict.code), headers)

    async def _show_metrics(self, asked: Asked) -> None:
        await reply(asked, Payload(METRICS_TYPE, self._metrics()))

    async def _root(self, asked: Asked) -> None:
        await reply_json(asked, {"paths": sorted(self._all_paths())})

    def _all_paths(self) -> list[str]:
        paths = [path for path in self._fixed if path not in ("/", "/version/")]
        for place, checks in self._checks.items():
            paths += [f"/{place}", *(f"/{place}/{name}" for name in checks)]
        paths += ["/api", "/apis", "/openapi/v2", "/openapi/v3", "/openapi/v3/"]
        for found in documents.served(self._catalog.known):
            if found.group:
                paths.append(f"/apis/{found.group}")
            prefix = "/apis" if found.group else "/api"
            paths += [f"{prefix}/{found.group_version(v)}" for v in found.versions]
        return list(dict.fromkeys(paths + self._aggregator.paths()))

    async def _version(self, asked: Asked) -> None:
        only_reading(asked)
        negotiation.accept(asked.exchange.header("Accept"), offered=(JSON,))
        await reply_json(asked, version.info())

    async def _openid(self, asked: Asked) -> None:
        if self._tokens is None:
            raise routes.Unknown
        algorithms = sorted({key.algorithm for key in self._tokens.keys})
        found = {
            "issuer": self._tokens.issuer,
            "jwks_uri": self._tokens.jwks_uri,
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": algorithms,
        }
        await reply(asked, Payload(JSON, msgspec.json.encode(found)))

    async def _jwks(self, asked: Asked) -> None:
        if self._tokens is None:
            raise routes.Unknown
        await reply(asked, Payload(JWKS_TYPE, msgspec.json.encode(jwks(self._tokens.keys))))

    async def _openapi(self, asked: Asked, rest: str) -> None:
        """Made on another thread when first asked for: these documents are large."""
        only_reading(asked)
        header = asked.exchange.header("Accept")
        known = self._catalog.known
        if rest == "v2":
            media_type = openapi_v2_type(header)
            if media_type is None:
                await reply(asked, Payload("", b"", 406))
                return
            content_type = JSON if media_type == JSON else OPENAPI_V2_PROTOBUF_ANSWER
            body = await asyncio.to_thread(self._openapi_v2, known, media_type)
            await reply(asked, Payload(content_type, body))
            return
        if rest.rstrip("/") == "v3":
            own = await asyncio.to_thread(openapi.index, known)
            await reply(asked, Payload(TEXT, self._aggregator.openapi_index(own)))
            return
        version, _, name = rest.partition("/")
        body_v3 = await asyncio.to_thread(openapi.v3, known, name) if version == "v3" else None
        if body_v3 is None:
            if version != "v3":
                raise routes.Unknown
            await reply(asked, Payload("", b"", 404))
            return
        etag = f'"{openapi.etag(known, name)}"'
        headers = [("ETag", etag)]
        if "hash" in asked.query:
            headers.append(("Expires", http_date(FOREVER_SECONDS)))
        payload = Payload(JSON, body_v3)
        if asked.exchange.header("If-None-Match") == etag:
            payload = Payload(JSON, b"", 304)
        await reply(asked, payload, headers)

    def _openapi_v2(self, known: Known, media_type: str) -> bytes:
        """Takes long the first time."""
        encode = msgspec.json.encode if media_type == JSON else openapi_protobuf.document
        merged = self._aggregator.openapi_v2(openapi.v2(known), encode)
        if merged is not None:
            return merged
        return openapi.v2_json(known) if media_type == JSON else openapi.v2_protobuf(known)

    async def _discovery(self, asked: Asked, parts: Sequence[str]) -> None:
        header = asked.exchange.header("Accept")
        known = self._catalog.known
        groups, custom = self._catalog.groups, self._catalog.custom_groups
        match parts:
            case ["api" | "apis"]:
                only_reading(asked)
                core = parts[0] == "api"
                media_type = aggregated_type(header)
                if media_type:
                    await self._aggregated(asked, media_type, core=core)
                    return
                if core:
                    found: Any = documents.versions(known, self._address)
                else:
                    found = self._aggregator.groups(documents.groups(known))
            case ["apis", group]:
                found = self._aggregator.group(group, documents.group(known, group))
                if found is None:
                    raise routes.Unknown
            case ["api", number]:
                found = documents.resources(known, documents.CORE, number)
            case ["apis", group, number] if group in groups or group in custom:
                found = documents.resources(known, group, number)
                if found is None and group not in groups:
                    raise routes.Unknown
            case ["apis", group, *_] if group not in groups:
                raise routes.Unknown
            case _:
                found = None
        if found is None:
            raise errors.NotFound.path()
        if len(parts) != 2 or parts[0] != "apis":  # /apis/<group> takes any method
            only_reading(asked)
        accepted = negotiation.accept(header)
        await reply(asked, document(found, accepted, asked, legacy=parts[0] == "api"))

    async def _aggregated(self, asked: Asked, media_type: str, *, core: bool) -> None:
        own = documents.aggregated(self._catalog.known, core=core)
        merged, digest = self._aggregator.aggregated(own, core=core)
        etag = f'"{digest}"'
        headers = (("ETag", etag), ("Vary", "Accept"))
        content_type = f"{media_type};{AGGREGATED}"
        if asked.exchange.header("If-None-Match") == etag:
            await reply(asked, Payload(content_type, b"", 304), headers)
            return
        found = document(merged, Accepted(media_type), asked)
        payload = Payload(content_type, found.body)
        await reply(asked, payload, headers)


def openapi_v2_type(header: str) -> str | None:
    """JSON or the older kubectls' protobuf; None: the client takes neither."""
    for clause in negotiation.clauses(header or JSON):
        if clause.type in (JSON, "*/*", "application/*"):
            return JSON
        if clause.type == OPENAPI_V2_PROTOBUF:
            return OPENAPI_V2_PROTOBUF
    return None


def aggregated_type(header: str) -> str:
    """The media type of aggregated discovery, if that is what is wanted most; otherwise empty."""
    for clause in negotiation.clauses(header):
        given = clause.parameters
        if not given.get("as") and clause.type in (*negotiation.OBJECT_TYPES, "*/*"):
            return ""
        wanted = (given.get("g"), given.get("v"), given.get("as"))
        if wanted == ("apidiscovery.k8s.io", "v2", "APIGroupDiscoveryList"):
            return clause.type if clause.type in (JSON, PROTOBUF) else ""
    return ""


def document(found: Any, accepted: Accepted, asked: Asked, *, legacy: bool = False) -> Payload:
    """A Struct in the media type that was agreed on."""
    kind = type(found).__name__
    if accepted.media_type == PROTOBUF:
        raw = answers.message(found)
        return Payload(PROTOBUF, answers.wrap(scheme.api_version(type(found)), kind, raw))
    raw = codec.encode_typed(found)
    if legacy and kind in UNTYPED_LEGACY:
        raw = raw.replace(b',"apiVersion":"v1"', b"", 1)
    pretty = msgspec.structs.replace(accepted, pretty=asked.accepted.pretty)
    return answers.finished(raw, pretty)


def only_reading(asked: Asked) -> None:
    """Raises 405."""
    if asked.exchange.method not in READING:
        raise errors.MethodNotAllowed.path()


async def reply_json(asked: Asked, value: Any) -> None:
    """Always indented, as Kubernetes shows these pages."""
    await reply(asked, Payload(JSON, answers.indented(msgspec.json.encode(value))))


async def reply(asked: Asked, payload: Payload, headers: Sequence[tuple[str, str]] = ()) -> None:
    await send(asked.exchange, payload, [*headers, *asked.headers()])
