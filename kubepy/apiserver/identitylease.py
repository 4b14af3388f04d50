"""A Lease for each apiserver, in kube-system, that says how many there are, and where.

Unlike the master leases (`masterleases`) it is an object for clients to read. Whoever has died
leaves it behind; any of the others deletes it when it has run out.
"""

from __future__ import annotations

import logging
from base64 import b32encode
from hashlib import sha256

from msgspec.structs import replace

from kubepy.api import scheme
from kubepy.api.coordination.v1 import Lease
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import MicroTime
from kubepy.apiserver import bootstrap
from kubepy.apiserver.pipeline import Pipeline
from kubepy.meta import errors
from kubepy.meta.calls import Call, User
from kubepy.meta.errors import ApiError

log = logging.getLogger(__name__)

NAMESPACE = "kube-system"
IDENTITY, HOSTNAME = "apiserver.kubernetes.io/identity", "kubernetes.io/hostname"
RENEW_SECONDS = 10.0
DURATION_SECONDS = 3600
CLEAR_SECONDS = 3600.0


def name_of(hostname: str) -> str:
    """`apiserver-` and a hash of the host's name, so that a server keeps it from start to start."""
    digest = sha256(hostname.encode()).digest()[:16]
    return "apiserver-" + b32encode(digest).decode().rstrip("=").lower()


def renewed(current: Lease | None, hostname: str, holder: str, now: float) -> Lease:
    """The lease of a host, from now on."""
    current = current or Lease(metadata=ObjectMeta(name=name_of(hostname), namespace=NAMESPACE))
    labels = {**current.metadata.labels, IDENTITY: bootstrap.NAME, HOSTNAME: hostname}
    spec = replace(
        current.spec,
        holderIdentity=holder,
        leaseDurationSeconds=DURATION_SECONDS,
        renewTime=MicroTime.from_unix(now),
    )
    return replace(current, metadata=replace(current.metadata, labels=labels), spec=spec)


def has_run_out(lease: Lease, now: float) -> bool:
    """Also what says nothing of its duration: no server of ours has written it."""
    spec = lease.spec
    if spec.renewTime is None or spec.leaseDurationSeconds is None:
        return True
    return spec.renewTime.unix() + spec.leaseDurationSeconds < now


class IdentityLease:
    def __init__(self, pipeline: Pipeline, user: User, hostname: str) -> None:
        self._pipeline = pipeline
        self._user = user
        self._hostname = hostname
        self._holder = f"{name_of(hostname)}_{pipeline.means.uid()}"
        self._store = pipeline.store("leases", "coordination.k8s.io")

    async def run(self) -> None:
        """Renew it and clear away those of the dead, for ever. What fails is tried again."""
        clock = self._pipeline.means.clock
        cleared = float("-inf")
        while True:
            try:
                await self.renew()
                if clock.monotonic() - cleared >= CLEAR_SECONDS:
                    cleared = clock.monotonic()
                    await self.clear()
            except ApiError as problem:
                log.error("the lease of this apiserver: %s", problem)
            await clock.sleep(RENEW_SECONDS)

    async def renew(self) -> None:
        """Raises ApiError."""
        name = name_of(self._hostname)
        current: Lease | None = await self._pipeline.lookup(Lease, NAMESPACE, name)
        now = self._pipeline.means.clock.now()
        lease = renewed(current, self._hostname, self._holder, now)
        verb = "create" if current is None else "update"
        await self._ask(verb, name if current is not None else "", lease)

    async def clear(self) -> None:
        """Raises ApiError."""
        now = self._pipeline.means.clock.now()
        for record in self._store.cache.select(NAMESPACE):
            ours = record.labels.get(IDENTITY) == bootstrap.NAME
            if ours and has_run_out(record.peek(), now):
                try:
                    await self._ask("delete", record.name, None)
                except errors.NotFound:
                    continue  # another apiserver was quicker

    async def _ask(self, verb: str, name: str, body: Lease | None) -> None:
        call = Call(
            verb, scheme.by_type(Lease), NAMESPACE, name, body=body, user_agent=bootstrap.NAME
        )
        await self._pipeline.handle(call, self._user)
