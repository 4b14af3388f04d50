"""Which endpoint of a Service a request goes to."""

from __future__ import annotations

import pytest

from kubepy.api import codec
from kubepy.api.core.v1 import Pod, Service
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.apiserver.streaming import endpoints
from kubepy.apiserver.streaming.locations import Address
from kubepy.meta.errors import ApiError


def service(*ports, **spec):
    ports = [{"name": name, "port": port} for name, port in ports]
    given = {"type": "ClusterIP", "clusterIP": "10.96.0.9", "ports": ports, **spec}
    return codec.from_builtins(
        Service, {"metadata": {"name": "s", "namespace": "ns"}, "spec": given}
    )


def slice_(*addresses, port=("web", 8080), ready=True, kind="Pod"):
    name, number = port
    return codec.from_builtins(
        EndpointSlice,
        {
            "addressType": "IPv4",
            "endpoints": [
                {
                    "addresses": [address],
                    "conditions": {"ready": ready},
                    "targetRef": {"kind": kind, "namespace": "ns", "name": f"pod-{address}"},
                }
                for address in addresses
            ],
            "ports": [{"name": name, "port": number}],
        },
    )


def pod(namespace, name):
    if not name.startswith("pod-10."):
        return None
    address = name.removeprefix("pod-")
    return codec.from_builtins(Pod, {"status": {"podIPs": [{"ip": address}]}})


def first(found):
    return found[0]


WEB = service(("web", 80), ("other", 81))


@pytest.mark.parametrize(
    ("asked", "given", "slices", "expected"),
    [
        pytest.param("s:web", WEB, [slice_("10.1.0.1")], "10.1.0.1", id="a port's name"),
        pytest.param("https:s:80", WEB, [slice_("10.1.0.1")], "10.1.0.1", id="a port's number"),
        pytest.param(
            "s", service(("", 80)), [slice_("10.1.0.1", port=("", 8080))], "10.1.0.1", id="no name"
        ),
        pytest.param(
            "s:web",
            WEB,
            [slice_("10.1.0.1", ready=False), slice_("10.1.0.2")],
            "10.1.0.2",
            id="not ready",
        ),
        pytest.param(
            "s:web",
            WEB,
            [slice_("10.1.0.1", kind="Node"), slice_("10.1.0.2")],
            "10.1.0.2",
            id="no pod",
        ),
    ],
)
def test_a_proxied_service_leads_to_a_pod(asked, given, slices, expected):
    found = endpoints.of_proxy(asked, given, slices, pod, first)
    assert found == Address(expected, 8080)


@pytest.mark.parametrize(
    ("asked", "slices", "message"),
    [
        pytest.param("s:82", [], 'no service port 82 found for service "s"', id="no port"),
        pytest.param("s:web", [], 'no endpoints available for service "s"', id="no slices"),
        pytest.param(
            "s:other",
            [slice_("10.1.0.1")],
            'no endpoints available for service "s:other"',
            id="no endpoint has the port",
        ),
        pytest.param(
            "s:web",
            [slice_("192.0.2.1")],
            'no endpoints available for service "s:web"',
            id="an address that is no pod's",
        ),
    ],
)
def test_services_that_lead_nowhere(asked, slices, message):
    with pytest.raises(ApiError) as raised:
        endpoints.of_proxy(asked, WEB, slices, pod, first)
    assert (raised.value.code, raised.value.message) == (503, message)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(WEB, Address("10.96.0.9", 80), id="cluster IP"),
        pytest.param(
            service(type="ExternalName", externalName="x.example.com"),
            Address("x.example.com", 80),
            id="external name",
        ),
        pytest.param(
            service(("", 81)), 'no service port 80 found for service "s"', id="another port"
        ),
        pytest.param(
            service(("", 80), clusterIP="None"),
            'cannot route to service with ClusterIP "None"',
            id="headless",
        ),
        pytest.param(service(type="New"), 'unsupported service type "New"', id="unknown type"),
    ],
)
def test_a_service_by_its_cluster_ip(given, expected):
    if isinstance(expected, Address):
        assert endpoints.of_cluster(given, 80) == expected
        return
    with pytest.raises(ApiError) as raised:
        endpoints.of_cluster(given, 80)
    assert raised.value.message == expected


def test_a_service_by_its_endpoints():
    slices = [slice_("192.0.2.1", kind="Node")]
    assert endpoints.of_endpoints(WEB, 80, slices, first) == Address("192.0.2.1", 8080)
    with pytest.raises(ApiError, match='no endpoints available for service "s"'):
        endpoints.of_endpoints(WEB, 81, slices, first)
    with pytest.raises(ApiError, match="unsupported service type"):
        endpoints.of_endpoints(service(("", 80), type="ExternalName"), 80, slices, first)
