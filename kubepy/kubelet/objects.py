"""ConfigMaps, Secrets and tokens for pods: asked for one by one, and remembered for a while.

A node may read only the objects that its pods name, so there is no informer for them.
"""

from __future__ import annotations

import asyncio
import random
from typing import TypeVar

from msgspec import Struct

from kubepy.api.authentication.v1 import BoundObjectReference, TokenRequest, TokenRequestSpec
from kubepy.api.core.v1 import ConfigMap, Pod, Secret, ServiceAccount
from kubepy.base.clock import Clock
from kubepy.client import Client
from kubepy.meta import errors

T = TypeVar("T", ConfigMap, Secret)

AGE = 60.0  # seconds for which an object is taken to be as it was
MISSING_AGE = 1.0  # seconds for which it is taken to be missing


class _Kept(Struct, frozen=True):
    object: ConfigMap | Secret | None
    until: float


class Objects:
    """`client` None: a kubelet without an apiserver, whose pods refer to nothing."""

    def __init__(
        self, client: Client | None, clock: Clock, rng: random.Random | None = None
    ) -> None:
        self._client = client
        self._clock = clock
        self._rng = rng or random.Random()
        self._kept: dict[tuple[type, str, str], _Kept] = {}
        self._asking: dict[tuple[type, str, str], asyncio.Lock] = {}

    async def config_map(self, namespace: str, name: str) -> ConfigMap | None:
        """None if there is none."""
        return await self._get(ConfigMap, namespace, name)

    async def secret(self, namespace: str, name: str) -> Secret | None:
        """None if there is none."""
        return await self._get(Secret, namespace, name)

    async def service_account(self, namespace: str, name: str) -> ServiceAccount | None:
        if self._client is None:
            return None
        try:
            return await self._client.get(ServiceAccount, name, namespace)
        except errors.NotFound:
            return None

    async def token(self, pod: Pod, audience: str, seconds: int) -> tuple[str, float]:
        """A token of the pod's service account, bound to the pod, and when it expires (unix)."""
        if self._client is None:
            raise errors.NotFound.of("serviceaccounts", pod.spec.serviceAccountName)
        meta = pod.metadata
        request = TokenRequest(
            spec=TokenRequestSpec(
                audiences=(audience,) if audience else (),
                expirationSeconds=seconds,
                boundObjectRef=BoundObjectReference(
                    kind="Pod", apiVersion="v1", name=meta.name, uid=meta.uid
                ),
            )
        )
        account = pod.spec.serviceAccountName or "default"
        answer = await self._client.create_subresource(
            ServiceAccount, account, meta.namespace, "token", request, TokenRequest
        )
        expires = answer.status.expirationTimestamp
        return answer.status.token, expires.unix() if expires else self._clock.now() + seconds

    def forget(self, namespace: str) -> None:
        """A pod of the namespace changed or came: what it names is to be read afresh."""
        for key, kept in list(self._kept.items()):
            if key[1] == namespace and not _is_immutable(kept.object):
                del self._kept[key]

    async def _get(self, type: type[T], namespace: str, name: str) -> T | None:
        if self._client is None:
            return None
        key = (type, namespace, name)
        lock = self._asking.setdefault(key, asyncio.Lock())
        async with lock:
            now = self._clock.monotonic()
            kept = self._kept.get(key)
            if kept is not None and kept.until > now:
                return kept.object  # type: ignore[return-value]
            try:
                found: T | None = await self._client.get(type, name, namespace)
            except errors.NotFound:
                found = None
            age = AGE * (1 + self._rng.random() / 2) if found is not None else MISSING_AGE
            self._kept[key] = _Kept(found, float("inf") if _is_immutable(found) else now + age)
        self._asking.pop(key, None)
        return found


def _is_immutable(obj: ConfigMap | Secret | None) -> bool:
    return obj is not None and obj.immutable is True
