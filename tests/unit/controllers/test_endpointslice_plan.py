"""Which EndpointSlices a Service has, and how little of them a change touches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from kubepy.api.core.v1 import (
    Container,
    ContainerPort,
    Node,
    Pod,
    Service,
    ServicePort,
    ServiceSpec,
)
from kubepy.api.discovery.v1 import Endpoint, EndpointSlice
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.controllers.endpointslice.plan import (
    MANAGED_BY,
    SERVICE_NAME,
    ZONE,
    Action,
    Create,
    Delete,
    Update,
    decide,
)
from tests.unit.controllers.build import pod

HTTP = ServicePort(name="http", port=80, targetPort=8080)
NODES = {"n1": Node(metadata=ObjectMeta(name="n1", labels={ZONE: "east"}))}


def service(**spec: Any) -> Service:
    spec = {"selector": {"app": "web"}, "ports": (HTTP,), "ipFamilies": ("IPv4",), **spec}
    meta = ObjectMeta(name="web", namespace="shop", uid="s", labels={"team": "a"})
    return Service(metadata=meta, spec=ServiceSpec(**spec))


def backend(number: int, **fields: Any) -> Pod:
    return pod(f"p{number:03}", ip=f"10.244.0.{number}", ready=True, **fields)


class World:
    """The slices as the server would have them after each pass."""

    def __init__(self, limit: int = 100) -> None:
        self.limit = limit
        self.slices: dict[str, EndpointSlice] = {}
        self.made = 0

    def sync(self, wanted: Service, pods: Sequence[Pod]) -> list[Action]:
        actions = decide(wanted, pods, NODES, list(self.slices.values()), limit=self.limit)
        for action in actions:
            match action:
                case Create(found):
                    self.made += 1
                    name = f"{found.metadata.generateName}{self.made}"
                    meta = replace(found.metadata, name=name)
                    self.slices[name] = replace(found, metadata=meta)
                case Update(found):
                    self.slices[found.metadata.name] = found
                case Delete(found):
                    del self.slices[found.metadata.name]
        assert decide(wanted, pods, NODES, list(self.slices.values()), limit=self.limit) == []
        return actions

    def addresses(self) -> list[list[str]]:
        """The last number of each address, a list a slice."""
        return [
            [endpoint.addresses[0].rpartition(".")[2] for endpoint in found.endpoints]
            for found in self.slices.values()
        ]


def only(world: World) -> EndpointSlice:
    (found,) = world.slices.values()
    return found


def first(world: World) -> Endpoint:
    return only(world).endpoints[0]


def test_a_slice_says_whose_it_is_and_where_the_pods_are() -> None:
    world = World()
    world.sync(service(), [backend(1)])
    found = only(world)
    assert found.metadata.labels == {
        "team": "a",
        SERVICE_NAME: "web",
        MANAGED_BY: "endpointslice-controller.k8s.io",
    }
    assert found.metadata.ownerReferences[0].uid == "s"
    assert [(p.name, p.port, p.protocol) for p in found.ports] == [("http", 8080, "TCP")]
    endpoint = first(world)
    assert endpoint.addresses == ("10.244.0.1",)
    assert (endpoint.nodeName, endpoint.zone) == ("n1", "east")
    assert endpoint.targetRef is not None and endpoint.targetRef.uid == "uid-p001"


@pytest.mark.parametrize(
    ("one", "publish", "conditions"),
    [
        pytest.param(backend(1), False, (True, True, False), id="ready"),
        pytest.param(pod("p", ip="10.244.0.1"), False, (False, False, False), id="not ready"),
        pytest.param(
            backend(1, deleting=True), False, (False, True, True), id="terminating, still serving"
        ),
        pytest.param(pod("p", ip="10.244.0.1"), True, (True, False, False), id="published anyway"),
    ],
)
def test_the_conditions_of_an_endpoint(
    one: Pod, publish: bool, conditions: tuple[bool, bool, bool]
) -> None:
    world = World()
    world.sync(service(publishNotReadyAddresses=publish), [one])
    found = first(world).conditions
    assert (found.ready, found.serving, found.terminating) == conditions


def test_nobody_behind_a_service_is_an_empty_slice() -> None:
    world = World()
    world.sync(service(), [pod("no-address"), backend(1, phase="Succeeded")])
    assert only(world).endpoints == ()
    world.sync(service(), [backend(1)])
    assert world.addresses() == [["1"]]
    world.sync(service(), [])
    assert world.addresses() == [[]]


def test_pods_of_other_ports_have_a_slice_of_their_own() -> None:
    named = service(ports=(ServicePort(name="http", port=80, targetPort="web"),))
    pods = []
    for number, port in ((1, 8080), (2, 9090), (3, 8080)):
        ports = (ContainerPort(name="web", containerPort=port),)
        containers = (Container(name="c", ports=ports),)
        pods.append(backend(number, spec={"containers": containers}))
    world = World()
    world.sync(named, pods)
    assert sorted(world.addresses()) == [["1", "3"], ["2"]]


def test_endpoints_stay_where_they_are() -> None:
    world = World(limit=3)
    pods = [backend(n) for n in range(1, 8)]
    world.sync(service(), pods)
    assert world.addresses() == [["1", "2", "3"], ["4", "5", "6"], ["7"]]
    actions = world.sync(service(), [p for p in pods if p.metadata.name != "p005"])
    assert [type(action) for action in actions] == [Update]
    assert world.addresses() == [["1", "2", "3"], ["4", "6"], ["7"]]


def test_new_endpoints_fill_slices_that_change_anyway() -> None:
    world = World(limit=3)
    pods = [backend(n) for n in range(1, 7)]
    world.sync(service(), pods)
    changed = [*pods[1:], backend(9)]
    assert len(world.sync(service(), changed)) == 1
    assert world.addresses() == [["2", "3", "9"], ["4", "5", "6"]]


def test_new_endpoints_go_together_into_a_slice_with_room_or_into_a_new_one() -> None:
    world = World(limit=3)
    world.sync(service(), [backend(n) for n in range(1, 5)])
    assert len(world.sync(service(), [backend(n) for n in range(1, 7)])) == 1
    assert world.addresses() == [["1", "2", "3"], ["4", "5", "6"]]
    assert len(world.sync(service(), [backend(n) for n in range(1, 8)])) == 1
    assert world.addresses()[2] == ["7"]


def test_each_family_has_its_own_slices() -> None:
    world = World()
    world.sync(service(ipFamilies=("IPv4", "IPv6")), [backend(1)])
    kinds = {found.addressType: len(found.endpoints) for found in world.slices.values()}
    assert kinds == {"IPv4": 1, "IPv6": 0}
    world.sync(service(), [backend(1)])
    assert [found.addressType for found in world.slices.values()] == ["IPv4"]


def test_a_headless_service_names_its_pods() -> None:
    headless = service(clusterIP="None")
    named = backend(1, spec={"hostname": "db-0", "subdomain": "web"})
    world = World()
    world.sync(headless, [named])
    assert first(world).hostname == "db-0"
    assert only(world).metadata.labels["service.kubernetes.io/headless"] == ""


def test_hints_keep_traffic_near() -> None:
    world = World()
    world.sync(service(trafficDistribution="PreferSameZone"), [backend(1)])
    hints = first(world).hints
    assert hints is not None and [zone.name for zone in hints.forZones] == ["east"]
