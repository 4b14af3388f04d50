"""When a volume or a claim may go. Touches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubepy.api.core.v1 import PersistentVolume, PersistentVolumeClaim, Pod
from kubepy.api.meta.v1 import ObjectMeta

CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"
BOUND = "Bound"


def claims_of(pod: Pod) -> Iterator[str]:
    """The names of the claims that a pod mounts; an ephemeral volume's is called after both."""
    for volume in pod.spec.volumes:
        if volume.persistentVolumeClaim is not None:
            yield volume.persistentVolumeClaim.claimName
        elif volume.ephemeral is not None:
            yield f"{pod.metadata.name}-{volume.name}"


def uses(pod: Pod) -> bool:
    """Whether a pod keeps its claims: it has a node, and has not ended."""
    return bool(pod.spec.nodeName) and pod.status.phase not in ("Succeeded", "Failed")


def finalizers(meta: ObjectMeta, finalizer: str, *, in_use: bool) -> tuple[str, ...]:
    """The finalizers that an object should have."""
    if meta.deletionTimestamp is None:
        return meta.finalizers if finalizer in meta.finalizers else (*meta.finalizers, finalizer)
    if in_use:
        return meta.finalizers
    return tuple(name for name in meta.finalizers if name != finalizer)


def claim_finalizers(claim: PersistentVolumeClaim, pods: Iterable[Pod]) -> tuple[str, ...]:
    """`pods` are those that name the claim."""
    return finalizers(claim.metadata, CLAIM_FINALIZER, in_use=any(map(uses, pods)))


def volume_finalizers(volume: PersistentVolume) -> tuple[str, ...]:
    return finalizers(volume.metadata, VOLUME_FINALIZER, in_use=volume.status.phase == BOUND)
