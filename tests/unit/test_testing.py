"""The fixtures themselves: an apiserver that is ready, and a client that it answers."""

from __future__ import annotations

from kubepy.api.core.v1 import ConfigMap, Namespace
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.client.client import Client


async def test_a_cluster_has_its_namespaces(client: Client) -> None:
    found = await client.list(Namespace)
    names = [namespace.metadata.name for namespace in found.items]
    assert names == ["default", "kube-node-lease", "kube-public", "kube-system"]


async def test_what_is_created_can_be_read(client: Client) -> None:
    wanted = ConfigMap(metadata=ObjectMeta(name="a", namespace="default"), data={"k": "v"})
    created = await client.create(wanted)
    found = await client.get(ConfigMap, "a", "default")
    assert found == created
    assert found.data == {"k": "v"}
