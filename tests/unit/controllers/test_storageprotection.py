"""Claims and volumes go when nobody uses them any more."""

from __future__ import annotations

import pytest

from kubepy.api.core.v1 import (
    Container,
    HostPathVolumeSource,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimVolumeSource,
    PersistentVolumeSpec,
    Pod,
    PodSpec,
    PodStatus,
    Volume,
    VolumeResourceRequirements,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import Quantity, Time
from kubepy.controllers.storageprotection.controller import ClaimProtection, VolumeProtection
from kubepy.controllers.storageprotection.plan import CLAIM_FINALIZER, claim_finalizers
from kubepy.meta import errors
from tests.unit.controllers.world import world

GONE = Time("2026-01-02T03:04:05Z")


def claim(deleted: bool = False, finalizers: tuple[str, ...] = ()) -> PersistentVolumeClaim:
    return PersistentVolumeClaim(
        metadata=ObjectMeta(
            name="data", namespace="default", finalizers=finalizers,
            deletionTimestamp=GONE if deleted else None,
        ),
        spec=PersistentVolumeClaimSpec(
            accessModes=("ReadWriteOnce",),
            resources=VolumeResourceRequirements(requests={"storage": Quantity("1Gi")}),
        ),
    )  # fmt: skip


def user(phase: str = "", node: str = "") -> Pod:
    source = PersistentVolumeClaimVolumeSource(claimName="data")
    return Pod(
        metadata=ObjectMeta(name="user", namespace="default"),
        spec=PodSpec(
            nodeName=node,
            containers=(Container(name="c", image="i"),),
            volumes=(Volume(name="v", persistentVolumeClaim=source),),
        ),
        status=PodStatus(phase=phase),
    )


@pytest.mark.parametrize(
    ("given", "pods", "wanted"),
    [
        pytest.param(claim(), [], (CLAIM_FINALIZER,), id="a live claim is protected"),
        pytest.param(
            claim(True, ("mine/x", CLAIM_FINALIZER)), [], ("mine/x",), id="nobody uses it"
        ),
        pytest.param(
            claim(True, (CLAIM_FINALIZER,)), [user("Running", "n")], (CLAIM_FINALIZER,),
            id="a pod runs with it",
        ),
        pytest.param(claim(True, (CLAIM_FINALIZER,)), [user("Failed", "n")], (), id="it ended"),
        pytest.param(claim(True, (CLAIM_FINALIZER,)), [user()], (), id="it has no node yet"),
    ],
)  # fmt: skip
def test_claim_finalizers(
    given: PersistentVolumeClaim, pods: list[Pod], wanted: tuple[str, ...]
) -> None:
    assert claim_finalizers(given, pods) == wanted


@pytest.mark.looptime
async def test_a_claim_outlives_the_pod_that_mounts_it() -> None:
    async with world() as cluster:
        cluster.start(ClaimProtection)
        await cluster.client.create(claim())
        await cluster.client.create(user(node="n"))
        await cluster.settle(5)
        await cluster.client.delete(PersistentVolumeClaim, "data", "default")
        await cluster.settle(5)
        held = await cluster.client.get(PersistentVolumeClaim, "data", "default")
        assert held.metadata.deletionTimestamp is not None
        await cluster.client.delete(Pod, "user", "default", grace_period=0)
        await cluster.settle(5)
        with pytest.raises(errors.NotFound):
            await cluster.client.get(PersistentVolumeClaim, "data", "default")


@pytest.mark.looptime
async def test_a_volume_without_a_claim_goes_at_once() -> None:
    async with world() as cluster:
        cluster.start(VolumeProtection)
        spec = PersistentVolumeSpec(
            accessModes=("ReadWriteOnce",),
            capacity={"storage": Quantity("1Gi")},
            hostPath=HostPathVolumeSource(path="/srv"),
        )
        await cluster.client.create(PersistentVolume(metadata=ObjectMeta(name="disk"), spec=spec))
        await cluster.client.delete(PersistentVolume, "disk")
        await cluster.settle(5)
        with pytest.raises(errors.NotFound):
            await cluster.client.get(PersistentVolume, "disk")
