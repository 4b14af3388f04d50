"""Classes that pods, ingresses and claims name, or get because they name none."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubepy.api.core.v1 import (
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    Toleration,
    VolumeResourceRequirements,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.networking.v1 import (
    Ingress,
    IngressBackend,
    IngressClass,
    IngressClassSpec,
    IngressServiceBackend,
    IngressSpec,
    ServiceBackendPort,
)
from kubepy.api.node.v1 import Overhead, RuntimeClass, Scheduling
from kubepy.api.scheduling.v1 import PriorityClass
from kubepy.api.storage.v1 import StorageClass
from kubepy.api.types import Quantity
from kubepy.apiserver.admission.default_classes import DEFAULT_INGRESS_CLASS
from kubepy.apiserver.admission.runtime_class import includes, merged
from kubepy.apiserver.registry.storage.storageclass import DEFAULT_ANNOTATION
from kubepy.client.client import Client
from kubepy.meta import errors
from tests.unit.apiserver.admission.test_pods import pod

# ---- priorities


def priority(name: str, value: int, **fields: Any) -> PriorityClass:
    return PriorityClass(metadata=ObjectMeta(name=name), value=value, **fields)


async def test_a_pod_has_its_classs_priority(client: Client) -> None:
    await client.create(priority("gold", 7, preemptionPolicy="Never"))
    spec = (await client.create(pod(priorityClassName="gold"))).spec
    assert (spec.priority, spec.preemptionPolicy) == (7, "Never")


async def test_a_pod_without_a_class_gets_the_global_default(client: Client) -> None:
    await client.create(priority("bronze", 3, globalDefault=True))
    spec = (await client.create(pod())).spec
    assert (spec.priorityClassName, spec.priority) == ("bronze", 3)


async def test_there_is_one_global_default(client: Client) -> None:
    first = await client.create(priority("bronze", 3, globalDefault=True))
    with pytest.raises(errors.Forbidden, match="bronze is already marked as default"):
        await client.create(priority("silver", 5, globalDefault=True))
    await client.update(replace(first, description="still the default"))


async def test_the_systems_classes_stay(client: Client) -> None:
    with pytest.raises(errors.Forbidden, match="system priority class and cannot be deleted"):
        await client.delete(PriorityClass, "system-node-critical")


# ---- runtimes

GPU = Toleration(key="gpu", operator="Exists")
OVERHEAD = {"cpu": Quantity("10m")}


async def runtime(client: Client) -> None:
    scheduling = Scheduling(nodeSelector={"gpu": "yes"}, tolerations=(GPU,))
    await client.create(
        RuntimeClass(
            metadata=ObjectMeta(name="fast"),
            handler="runc",
            overhead=Overhead(podFixed=OVERHEAD),
            scheduling=scheduling,
        )
    )


async def test_a_pod_goes_where_its_runtime_is_and_pays_for_it(client: Client) -> None:
    await runtime(client)
    wanted = pod(runtimeClassName="fast", nodeSelector={"a": "b"}, overhead=OVERHEAD)
    spec = (await client.create(wanted)).spec
    assert spec.overhead == OVERHEAD
    assert spec.nodeSelector == {"a": "b", "gpu": "yes"}
    assert GPU in spec.tolerations


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param(
            {"nodeSelector": {"gpu": "no"}}, "conflict: runtimeClass.scheduling", id="elsewhere"
        ),
        pytest.param({"overhead": {"cpu": Quantity("1")}}, "doesn't match", id="another price"),
    ],
)
async def test_a_pod_must_not_contradict_its_runtime(
    client: Client, spec: dict[str, Any], why: str
) -> None:
    await runtime(client)
    with pytest.raises(errors.Forbidden, match=why):
        await client.create(pod(runtimeClassName="fast", **spec))


async def test_who_has_no_runtime_pays_nothing(client: Client) -> None:
    with pytest.raises(errors.Forbidden, match="set without corresponding RuntimeClass"):
        await client.create(pod(overhead=OVERHEAD))


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        pytest.param(Toleration(operator="Exists"), GPU, True, id="everything"),
        pytest.param(GPU, Toleration(key="gpu", value="x", effect="NoSchedule"), True, id="key"),
        pytest.param(Toleration(key="gpu", value="x"), GPU, False, id="one value, any value"),
        pytest.param(Toleration(key="cpu", operator="Exists"), GPU, False, id="another key"),
        pytest.param(replace(GPU, effect="NoSchedule"), GPU, False, id="one effect, any effect"),
        pytest.param(
            replace(GPU, effect="NoExecute", tolerationSeconds=5),
            replace(GPU, effect="NoExecute", tolerationSeconds=6),
            False,
            id="not as long",
        ),
    ],
)
def test_includes(wide: Toleration, narrow: Toleration, expected: bool) -> None:
    assert includes(wide, narrow) is expected


def test_merged_tolerations_keep_the_widest() -> None:
    narrow = Toleration(key="gpu", value="x")
    other = Toleration(key="a", operator="Exists")
    assert merged((narrow, GPU, other, GPU)) == (other, GPU)


# ---- defaults


def ingress(name: str = "i", **annotations: str) -> Ingress:
    backend = IngressBackend(
        service=IngressServiceBackend(name="web", port=ServiceBackendPort(number=80))
    )
    meta = ObjectMeta(name=name, namespace="default", annotations=annotations)
    return Ingress(metadata=meta, spec=IngressSpec(defaultBackend=backend))


async def ingress_class(client: Client, name: str, *, default: bool) -> None:
    meta = ObjectMeta(name=name, annotations={DEFAULT_INGRESS_CLASS: str(default).lower()})
    spec = IngressClassSpec(controller="example.com/c")
    await client.create(IngressClass(metadata=meta, spec=spec))


async def test_an_ingress_gets_the_default_class(client: Client) -> None:
    assert (await client.create(ingress("before"))).spec.ingressClassName is None
    await ingress_class(client, "a", default=False)
    await ingress_class(client, "c", default=True)
    await ingress_class(client, "b", default=True)
    assert (await client.create(ingress())).spec.ingressClassName == "b"


async def test_who_says_it_in_the_old_way_gets_no_class(client: Client) -> None:
    await ingress_class(client, "a", default=True)
    old = ingress(**{"kubernetes.io/ingress.class": "mine"})
    assert (await client.create(old)).spec.ingressClassName is None


async def test_a_claim_gets_the_default_class(client: Client) -> None:
    meta = ObjectMeta(name="fast", annotations={DEFAULT_ANNOTATION: "true"})
    await client.create(StorageClass(metadata=meta, provisioner="example.com/disk"))
    resources = VolumeResourceRequirements(requests={"storage": Quantity("1Gi")})
    spec = PersistentVolumeClaimSpec(accessModes=("ReadWriteOnce",), resources=resources)
    claim = PersistentVolumeClaim(metadata=ObjectMeta(name="c", namespace="default"), spec=spec)
    assert (await client.create(claim)).spec.storageClassName == "fast"
    none = replace(claim, metadata=replace(claim.metadata, name="d"))
    none = replace(none, spec=replace(spec, storageClassName=""))
    assert (await client.create(none)).spec.storageClassName == ""
