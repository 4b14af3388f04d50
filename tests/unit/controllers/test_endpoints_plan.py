"""What Endpoints say of a Service's pods."""

from __future__ import annotations

from kubepy.api.core.v1 import Container, ContainerPort, Service, ServicePort, ServiceSpec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.controllers.endpoints.plan import CAPACITY, MAX_ADDRESSES, decide
from tests.unit.controllers.build import pod

SERVICE = Service(
    metadata=ObjectMeta(name="web", namespace="shop", labels={"team": "a"}),
    spec=ServiceSpec(
        selector={"app": "web"}, ports=(ServicePort(name="http", port=80, targetPort="web"),)
    ),
)
SPEC = {
    "containers": (Container(name="c", ports=(ContainerPort(name="web", containerPort=8080),)),)
}


def test_ready_and_other_addresses_of_one_port_are_one_subset() -> None:
    pods = [
        pod("b", ip="10.244.0.2", ready=True, spec=SPEC),
        pod("a", ip="10.244.0.1", ready=True, spec=SPEC),
        pod("c", ip="10.244.0.3", spec=SPEC),
        pod("going", ip="10.244.0.4", ready=True, deleting=True, spec=SPEC),
        pod("portless", ip="10.244.0.5", ready=True),
        pod("new", spec=SPEC),
    ]
    made = decide(SERVICE, pods, None)
    assert made is not None
    (subset,) = made.subsets
    assert [address.ip for address in subset.addresses] == ["10.244.0.1", "10.244.0.2"]
    assert [address.ip for address in subset.notReadyAddresses] == ["10.244.0.3"]
    assert [(port.name, port.port, port.protocol) for port in subset.ports] == [
        ("http", 8080, "TCP")
    ]
    assert made.metadata.labels == {
        "team": "a",
        "endpoints.kubernetes.io/managed-by": "endpoint-controller",
    }


def test_nothing_is_written_twice() -> None:
    pods = [pod("a", ip="10.244.0.1", ready=True, spec=SPEC)]
    made = decide(SERVICE, pods, None)
    assert made is not None
    assert decide(SERVICE, pods, made) is None
    gone = decide(SERVICE, [], made)
    assert gone is not None and gone.subsets == ()


def test_too_many_addresses_are_cut_ready_ones_last() -> None:
    pods = [
        pod(f"p{n}", ip=f"10.244.{n // 250}.{n % 250 + 1}", ready=n % 2 == 0, spec=SPEC)
        for n in range(1200)
    ]
    made = decide(SERVICE, pods, None)
    assert made is not None
    (subset,) = made.subsets
    assert len(subset.addresses) == 600
    assert len(subset.notReadyAddresses) == MAX_ADDRESSES - 600
    assert made.metadata.annotations[CAPACITY] == "truncated"
