"""Namespaces: furnished when they are made, emptied when they are deleted."""

from __future__ import annotations

import pytest

from kubepy.api.apps.v1 import Deployment
from kubepy.api.core.v1 import ConfigMap, Namespace, Pod, Secret, ServiceAccount
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.controllers.context import Context
from kubepy.controllers.deployment.controller import DeploymentController
from kubepy.controllers.garbagecollector.controller import GarbageCollector
from kubepy.controllers.namespace.controller import NamespaceController
from kubepy.controllers.replicaset.controller import ReplicaSetController
from kubepy.controllers.rootca.controller import RootCaPublisher
from kubepy.controllers.serviceaccount.controller import ServiceAccountController
from kubepy.meta import conditions, errors
from tests.unit.controllers.build import deployment
from tests.unit.controllers.world import World, world

pytestmark = pytest.mark.looptime


def publisher(context: Context) -> RootCaPublisher:
    return RootCaPublisher(context, "PEM")


async def make(cluster: World, name: str) -> None:
    await cluster.client.create(Namespace(metadata=ObjectMeta(name=name)))


async def test_a_new_namespace_is_furnished_and_stays_so() -> None:
    async with world() as cluster:
        cluster.start(ServiceAccountController, publisher)
        await make(cluster, "shop")
        await cluster.settle(5)
        account = await cluster.client.get(ServiceAccount, "default", "shop")
        published = await cluster.client.get(ConfigMap, "kube-root-ca.crt", "shop")
        assert published.data == {"ca.crt": "PEM"}
        assert "CA bundle" in published.metadata.annotations["kubernetes.io/description"]
        await cluster.client.delete(ServiceAccount, "default", "shop")
        await cluster.client.patch(
            ConfigMap, "kube-root-ca.crt", "shop", patch={"data": {"ca.crt": "forged"}}
        )
        await cluster.settle(5)
        again = await cluster.client.get(ServiceAccount, "default", "shop")
        assert again.metadata.uid != account.metadata.uid
        mended = await cluster.client.get(ConfigMap, "kube-root-ca.crt", "shop")
        assert mended.data == {"ca.crt": "PEM"}


async def test_a_deleted_namespace_takes_everything_along() -> None:
    async with world() as cluster, cluster.kubelet():
        cluster.start(
            NamespaceController, ServiceAccountController, publisher, GarbageCollector,
            DeploymentController, ReplicaSetController,
        )  # fmt: skip
        await make(cluster, "shop")
        await cluster.settle(5)
        await cluster.client.create(deployment(3))
        await cluster.client.create(Secret(metadata=ObjectMeta(name="s", namespace="shop")))
        await cluster.settle(30)
        assert len(await cluster.pods()) == 3
        await cluster.client.delete(Namespace, "shop")
        await cluster.settle(60)
        for kind in (Deployment, Pod, Secret, ConfigMap, ServiceAccount):
            assert (await cluster.client.list(kind, "shop")).items == ()
        with pytest.raises(errors.NotFound):
            await cluster.client.get(Namespace, "shop")
        await make(cluster, "shop")
        await cluster.settle(5)
        assert (await cluster.client.get(Namespace, "shop")).status.phase == "Active"


async def test_what_keeps_a_namespace_is_told() -> None:
    async with world() as cluster:
        cluster.start(NamespaceController)
        await make(cluster, "shop")
        meta = ObjectMeta(name="held", namespace="shop", finalizers=("example.com/hold",))
        await cluster.client.create(ConfigMap(metadata=meta))
        await cluster.client.delete(Namespace, "shop")
        await cluster.settle(20)
        namespace = await cluster.client.get(Namespace, "shop")
        assert namespace.status.phase == "Terminating"
        told = conditions.find(namespace.status.conditions, "NamespaceFinalizersRemaining")
        assert told is not None and "example.com/hold in 1 resource instances" in told.message
        release = {"metadata": {"finalizers": None}}
        await cluster.client.patch(ConfigMap, "held", "shop", patch=release)
        await cluster.settle(30)
        with pytest.raises(errors.NotFound):
            await cluster.client.get(Namespace, "shop")
