"""Mirror pods: how the apiserver shows the static pods of a node.

    static pod (uid = its hash)  ──►  mirror pod, annotation config.mirror = that hash

A mirror that stands for another manifest, or for none, is deleted; one that is missing is made.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.core.v1 import Node, Pod, PodStatus
from kubepy.api.meta.v1 import ObjectMeta, OwnerReference
from kubepy.base.clock import Clock
from kubepy.client import Client
from kubepy.kubelet.sources.manifests import HASH, MIRROR
from kubepy.meta import errors

RETRY = 5.0  # seconds after the apiserver refused or did not answer

_log = logging.getLogger(__name__)


class Create(Struct, frozen=True):
    uid: str  # of the static pod


class Delete(Struct, frozen=True):
    namespace: str
    name: str
    uid: str


def is_mirror(pod: Pod) -> bool:
    return MIRROR in pod.metadata.annotations


def decide(statics: Mapping[str, Pod], mirrors: Iterable[Pod]) -> list[Create | Delete]:
    """What to write so that each static pod has its mirror and no other mirror exists."""
    wanted = {(p.metadata.namespace, p.metadata.name): uid for uid, p in statics.items()}
    actions: list[Create | Delete] = []
    for mirror in mirrors:
        meta = mirror.metadata
        uid = wanted.get((meta.namespace, meta.name))
        if uid is not None and meta.annotations.get(MIRROR) == uid:
            if meta.deletionTimestamp is None:
                del wanted[meta.namespace, meta.name]
                continue
        elif uid is not None:
            del wanted[meta.namespace, meta.name]  # made when the old one is gone
        actions.append(Delete(meta.namespace, meta.name, meta.uid))
        wanted.pop((meta.namespace, meta.name), None)
    return actions + [Create(uid) for uid in wanted.values()]


def mirror_of(pod: Pod, node: Node | None) -> Pod:
    """The object to create for a static pod."""
    meta = pod.metadata
    owners: tuple[OwnerReference, ...] = ()
    if node is not None:
        owners = (
            OwnerReference(
                apiVersion="v1",
                kind="Node",
                name=node.metadata.name,
                uid=node.metadata.uid,
                controller=True,
            ),
        )
    metadata = ObjectMeta(
        name=meta.name,
        namespace=meta.namespace,
        labels=meta.labels,
        annotations=meta.annotations | {MIRROR: meta.annotations[HASH]},
        ownerReferences=owners,
    )
    return replace(pod, metadata=metadata, status=PodStatus())


class Mirrors:
    """Writes what `decide` says, once the node that owns the mirrors is known."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._wake = asyncio.Event()
        self._statics: Mapping[str, Pod] = {}
        self._mirrors: list[Pod] = []
        self._node: Node | None = None

    def joined(self, node: Node) -> None:
        """The node, as the apiserver has it."""
        if self._node is None:
            self._wake.set()
        self._node = node

    def see(self, statics: Mapping[str, Pod], mirrors: Iterable[Pod]) -> None:
        """The static pods and the mirrors as they are now."""
        self._statics, self._mirrors = dict(statics), list(mirrors)
        self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            for action in decide(self._statics, self._mirrors) if self._node else ():
                try:
                    await self._write(action)
                except (errors.ApiError, ConnectionError) as error:
                    _log.warning("mirror pod: %s", error)
                    await self._clock.sleep(RETRY)
                    self._wake.set()

    async def _write(self, action: Create | Delete) -> None:
        match action:
            case Create(uid):
                try:
                    await self._client.create(mirror_of(self._statics[uid], self._node))
                except errors.AlreadyExists:
                    return
            case Delete(namespace, name, uid):
                try:
                    await self._client.delete(Pod, name, namespace, uid=uid, grace_period=0)
                except (errors.NotFound, errors.Conflict):
                    return
