"""Volumes and claims keep their finalizers exactly as long as somebody uses them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from kubepy.api.core.v1 import PersistentVolume, PersistentVolumeClaim, Pod
from kubepy.client.informer import key_of
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller
from kubepy.controllers.storageprotection.plan import (
    claim_finalizers,
    claims_of,
    volume_finalizers,
)
from kubepy.meta import errors

BY_CLAIM = "claim"  # index of the pods


def _claim_keys(pod: Pod) -> Iterator[str]:
    for name in claims_of(pod):
        yield f"{pod.metadata.namespace}/{name}"


class ClaimProtection(Controller):
    """A key is `namespace/claim`."""

    name = "persistentvolumeclaim-protection-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.claims = self.watch(PersistentVolumeClaim)
        self.pods = self.watch(Pod)
        self.pods.add_index(BY_CLAIM, _claim_keys)
        self.claims.subscribe(self._claim_changed)
        self.pods.subscribe(self._pod_changed)

    def _claim_changed(
        self, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None
    ) -> None:
        if new is not None:
            self.queue.add(key_of(new))

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        for pod in filter(None, (old, new)):
            for key in _claim_keys(pod):
                self.queue.add(key)

    async def reconcile(self, key: str) -> None:
        claim = self.claims.get(key)
        if claim is None:
            return
        wanted = claim_finalizers(claim, self.pods.by(BY_CLAIM, key))
        if wanted != claim.metadata.finalizers:
            meta = replace(claim.metadata, finalizers=wanted)
            await self._update(replace(claim, metadata=meta))

    async def _update(self, claim: PersistentVolumeClaim) -> None:
        try:
            self.claims.note_write(await self.client.update(claim))
        except errors.NotFound:
            return


class VolumeProtection(Controller):
    """A key is a volume's name."""

    name = "persistentvolume-protection-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.volumes = self.watch(PersistentVolume)
        self.volumes.subscribe(self._changed)

    def _changed(self, old: PersistentVolume | None, new: PersistentVolume | None) -> None:
        if new is not None:
            self.queue.add(new.metadata.name)

    async def reconcile(self, key: str) -> None:
        volume = self.volumes.get(key)
        if volume is None:
            return
        wanted = volume_finalizers(volume)
        if wanted == volume.metadata.finalizers:
            return
        meta = replace(volume.metadata, finalizers=wanted)
        try:
            self.volumes.note_write(await self.client.update(replace(volume, metadata=meta)))
        except errors.NotFound:
            return
