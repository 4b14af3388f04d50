"""serviceaccounts/token: a token for who may ask for one, bound to what it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from kubepy.api import scheme
from kubepy.api.authentication.v1 import (
    BoundObjectReference,
    TokenRequest,
    TokenRequestStatus,
)
from kubepy.api.core.v1 import Node, Pod, Secret, ServiceAccount
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import Time
from kubepy.apiserver.authn.serviceaccounts import Lookup
from kubepy.apiserver.authn.tokens import Binding, Reference, Signer
from kubepy.base.clock import Clock
from kubepy.meta import errors
from kubepy.meta.errors import FieldError

GROUP = "authentication.k8s.io"
DEFAULT_SECONDS = 3600
SHORTEST_SECONDS = 600
LONGEST_SECONDS = 1 << 32
SOMETHING_ELSE = (
    "the UID in the bound object reference ({sent}) does not match the UID in record. "
    "The object might have been deleted and then recreated"
)


class TokenRequests:
    """Issues tokens. `audiences` are the server's own, for requests that name none."""

    def __init__(
        self,
        signer: Signer,
        lookup: Lookup,
        audiences: Sequence[str],
        *,
        clock: Clock,
        random: Random,
    ) -> None:
        self._signer = signer
        self._lookup = lookup
        self._audiences = tuple(audiences)
        self._clock = clock
        self._random = random

    async def create(self, namespace: str, name: str, request: TokenRequest) -> TokenRequest:
        """The request with its token. Raises NotFound, Invalid, Conflict, BadRequest."""
        account = await self._find(ServiceAccount, namespace, name)
        request = self._defaulted(request)
        if problems := validate(request):
            raise errors.Invalid.of(GROUP, "TokenRequest", request.metadata.name, problems)
        spec = request.spec
        binding = await self._bind(account, spec.boundObjectRef)
        now = self._clock.now()
        issued = self._signer.issue(
            binding,
            spec.audiences,
            spec.expirationSeconds or DEFAULT_SECONDS,
            now=now,
            token_id=self._uuid(),
        )
        return replace(
            request,
            metadata=ObjectMeta(
                name=name,
                namespace=namespace,
                uid=self._uuid(),
                creationTimestamp=Time.from_unix(now),
            ),
            status=TokenRequestStatus(
                token=issued.token, expirationTimestamp=Time.from_unix(issued.expires)
            ),
        )

    def _defaulted(self, request: TokenRequest) -> TokenRequest:
        spec = request.spec
        if spec.expirationSeconds is None:
            spec = replace(spec, expirationSeconds=DEFAULT_SECONDS)
        if not spec.audiences:
            spec = replace(spec, audiences=self._audiences)
        return replace(request, spec=spec)

    async def _bind(self, account: ServiceAccount, wanted: BoundObjectReference | None) -> Binding:
        meta = account.metadata
        binding = Binding(meta.namespace, Reference(meta.name, meta.uid))
        if wanted is None:
            return binding
        match wanted.apiVersion, wanted.kind:
            case "v1", "Pod":
                pod = await self._bound(Pod, meta.namespace, wanted)
                if pod.spec.serviceAccountName != meta.name:
                    raise errors.BadRequest.of(
                        f'cannot bind token for serviceaccount "{meta.name}" to pod running with '
                        "different serviceaccount name."
                    )
                binding = replace(binding, pod=_reference(pod))
                if pod.spec.nodeName:
                    node = await self._lookup(Node, "", pod.spec.nodeName)
                    reference = _reference(node) if node else Reference(pod.spec.nodeName)
                    binding = replace(binding, node=reference)
            case "v1", "Secret":
                secret = await self._bound(Secret, meta.namespace, wanted)
                binding = replace(binding, secret=_reference(secret))
            case "v1", "Node":
                binding = replace(binding, node=_reference(await self._bound(Node, "", wanted)))
            case _:
                raise errors.BadRequest.of(f"cannot bind token to object of type {_kind(wanted)}")
        return binding

    async def _bound(self, type_: type[Any], namespace: str, wanted: BoundObjectReference) -> Any:
        found = await self._find(type_, namespace, wanted.name)
        if wanted.uid and wanted.uid != found.metadata.uid:
            problem = SOMETHING_ELSE.format(sent=wanted.uid)
            raise errors.Conflict.of(wanted.kind, wanted.name, problem)
        return found

    async def _find(self, type_: type[Any], namespace: str, name: str) -> Any:
        found = await self._lookup(type_, namespace, name)
        if found is None:
            raise errors.NotFound.of(scheme.by_type(type_), name)
        return found

    def _uuid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))


def validate(request: TokenRequest) -> list[FieldError]:
    seconds = request.spec.expirationSeconds or 0
    field = "spec.expirationSeconds"
    if seconds < SHORTEST_SECONDS:
        return [errors.invalid(field, seconds, "may not specify a duration less than 10 minutes")]
    if seconds > LONGEST_SECONDS:
        return [
            errors.invalid(field, seconds, "may not specify a duration larger than 2^32 seconds")
        ]
    return []


def _reference(obj: Any) -> Reference:
    return Reference(obj.metadata.name, obj.metadata.uid)


def _kind(reference: BoundObjectReference) -> str:
    """As Go prints a GroupVersionKind: `/v1, Kind=ConfigMap`."""
    group, slash, version = reference.apiVersion.rpartition("/")
    return f"{group}/{version}, Kind={reference.kind}"
