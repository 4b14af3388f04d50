"""Custom objects end with their namespaces and with their owners, as any others do."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api import codec, custom
from kubepy.api.apiextensions.v1 import CustomResourceDefinition
from kubepy.api.core.v1 import ConfigMap, Namespace
from kubepy.api.custom import CustomKind
from kubepy.api.meta.v1 import ObjectMeta, OwnerReference
from kubepy.controllers.customkinds import followed
from kubepy.controllers.garbagecollector.controller import GarbageCollector
from kubepy.controllers.namespace.controller import NamespaceController
from kubepy.meta import errors
from tests.unit.controllers.world import World, world

pytestmark = pytest.mark.looptime


def definition(*versions: dict[str, Any], established: str = "True") -> CustomResourceDefinition:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    given = versions or ({"name": "v1", "served": True, "storage": True},)
    document = {
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [{"schema": {"openAPIV3Schema": schema}, **each} for each in given],
        },
        "status": {
            "acceptedNames": {"plural": "widgets", "kind": "Widget"},
            "conditions": [{"type": "Established", "status": established}],
        },
    }
    return codec.from_builtins(CustomResourceDefinition, document)


@pytest.mark.parametrize(
    ("versions", "established", "name"),
    [
        ((("v1", True, False), ("v2", True, True)), "True", "v2"),
        ((("v1", True, False), ("v2", False, True)), "True", "v1"),
        ((("v1", False, True),), "True", ""),
        ((("v1", True, True),), "False", ""),
    ],
)
def test_which_version_is_followed(versions, established, name):
    given = [{"name": v, "served": served, "storage": stored} for v, served, stored in versions]
    assert followed(definition(*given, established=established)) == name


async def defined(cluster: World) -> CustomKind:
    await cluster.client.create(definition())
    await cluster.settle(5)
    found = await cluster.client.get(CustomResourceDefinition, "widgets.example.com")
    return custom.kind_of(found, "v1")


async def make(cluster: World, kind: CustomKind, name: str, **meta: Any) -> Any:
    return await cluster.client.create(
        kind.type(metadata=ObjectMeta(name=name, namespace="shop", **meta), content={"spec": {}})
    )


async def names(cluster: World, kind: CustomKind) -> list[str]:
    listing = await cluster.client.list(kind.type, "shop")
    return sorted(found.metadata.name for found in listing.items)


async def test_a_namespace_takes_its_custom_objects_along() -> None:
    async with world() as cluster:
        cluster.start(NamespaceController)
        kind = await defined(cluster)
        await cluster.namespace()
        await make(cluster, kind, "a")
        await cluster.client.delete(Namespace, "shop")
        await cluster.settle(20)
        assert await names(cluster, kind) == []
        with pytest.raises(errors.NotFound):
            await cluster.client.get(Namespace, "shop")


async def test_custom_objects_own_and_are_owned() -> None:
    async with world() as cluster:
        await cluster.namespace()
        cluster.start(GarbageCollector)
        kind = await defined(cluster)
        top = await make(cluster, kind, "top")
        child = await make(cluster, kind, "child", ownerReferences=(owned_by(top),))
        meta = ObjectMeta(name="leaf", namespace="shop", ownerReferences=(owned_by(child),))
        await cluster.client.create(ConfigMap(metadata=meta))
        await make(cluster, kind, "bystander")
        await cluster.settle()
        assert await names(cluster, kind) == ["bystander", "child", "top"]
        await cluster.client.delete(kind.type, "top", "shop", propagation="Foreground")
        await cluster.settle()
        assert await names(cluster, kind) == ["bystander"]
        with pytest.raises(errors.NotFound):
            await cluster.client.get(ConfigMap, "leaf", "shop")


async def test_a_kind_that_goes_is_followed_no_more() -> None:
    async with world() as cluster:
        await cluster.namespace()
        cluster.start(GarbageCollector)
        kind = await defined(cluster)
        top = await make(cluster, kind, "top")
        meta = ObjectMeta(name="leaf", namespace="shop", ownerReferences=(owned_by(top),))
        await cluster.client.create(ConfigMap(metadata=meta))
        collector: Any = cluster.controllers[0]
        assert "widgets.example.com" in collector.caches
        await cluster.client.delete(CustomResourceDefinition, "widgets.example.com")
        await cluster.settle()
        assert "widgets.example.com" not in collector.caches
        with pytest.raises(errors.NotFound):
            await cluster.client.get(ConfigMap, "leaf", "shop")


def owned_by(owner: Any) -> OwnerReference:
    return OwnerReference(
        apiVersion="example.com/v1",
        kind="Widget",
        name=owner.metadata.name,
        uid=owner.metadata.uid,
        blockOwnerDeletion=True,
    )
