"""Where a pod's streams are."""

from __future__ import annotations

import pytest

from kubepy.api import codec
from kubepy.api.core.v1 import Endpoints, Node, Pod, Service
from kubepy.apiserver import query as queries
from kubepy.apiserver.streaming import locations
from kubepy.apiserver.streaming.locations import Address, Endpoint
from kubepy.meta.errors import ApiError


def pod(*containers, node="n1", init=()):
    return codec.from_builtins(
        Pod,
        {
            "metadata": {"name": "p", "namespace": "ns"},
            "spec": {
                "nodeName": node,
                "containers": [{"name": name} for name in containers],
                "initContainers": [{"name": name} for name in init],
            },
        },
    )


def path(make, given, raw=""):
    return make(given, queries.parse(raw))


@pytest.mark.parametrize(
    ("make", "raw", "expected"),
    [
        pytest.param(locations.log_path, "", "/containerLogs/ns/p/c", id="log"),
        pytest.param(
            locations.log_path,
            "follow=1&tailLines=3&sinceTime=2020-01-01T00:00:00Z&previous=false",
            "/containerLogs/ns/p/c?tailLines=3&sinceTime=2020-01-01T00%3A00%3A00Z&follow=true",
            id="log with options",
        ),
        pytest.param(
            locations.exec_path,
            "command=sh&command=-c&command=a%26b&stdin=1&stdout=true&tty=0",
            "/exec/ns/p/c?input=1&output=1&command=sh&command=-c&command=a%26b",
            id="exec",
        ),
        pytest.param(
            locations.attach_path,
            "stdout=1&stderr=1",
            "/attach/ns/p/c?output=1&error=1",
            id="attach",
        ),
        pytest.param(
            locations.port_forward_path, "ports=80", "/portForward/ns/p?port=80", id="port"
        ),
        pytest.param(locations.port_forward_path, "", "/portForward/ns/p", id="ports by stream"),
    ],
)
def test_paths(make, raw, expected):
    assert path(make, pod("c"), raw) == expected


@pytest.mark.parametrize(
    ("given", "raw", "message"),
    [
        pytest.param(
            pod("a", "b", init=["i"]),
            "",
            "a container name must be specified for pod p, choose one of: [a b] or one of the init "
            "containers: [i]",
            id="which one",
        ),
        pytest.param(pod("a"), "container=b", "container b is not valid for pod p", id="no such"),
        pytest.param(
            pod("a"),
            "limitBytes=0",
            'PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than 0',
            id="nothing",
        ),
        pytest.param(
            pod("a"),
            "sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z",
            'PodLogOptions "p" is invalid: []: Forbidden: at most one of `sinceTime` or '
            "`sinceSeconds` may be specified",
            id="twice",
        ),
        pytest.param(
            pod("a"),
            "tailLines=x",
            'strconv.ParseInt: parsing "x": invalid syntax',
            id="no number",
        ),
    ],
)
def test_refusals(given, raw, message):
    with pytest.raises(ApiError) as raised:
        path(locations.log_path, given, raw)
    assert raised.value.message == message


def test_init_containers_can_be_named():
    assert path(locations.log_path, pod("a", init=["i"]), "container=i") == "/containerLogs/ns/p/i"


def test_a_pod_on_no_node():
    with pytest.raises(ApiError, match="pod p does not have a host assigned"):
        path(locations.exec_path, pod("c", node=""))


def node(addresses, port=0):
    status = {
        "addresses": [{"type": type_, "address": address} for type_, address in addresses],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
    }
    return codec.from_builtins(Node, {"metadata": {"name": "n1"}, "status": status})


def test_the_preferred_address():
    found = node([("Hostname", "h"), ("InternalIP", "10.0.0.1"), ("InternalIP", "10.0.0.2")])
    assert locations.address_of(found, ("InternalIP", "Hostname")) == Address("10.0.0.1", 10250)
    assert locations.address_of(
        node([("Hostname", "h")], 5), ("InternalIP", "Hostname")
    ) == Address("h", 5)
    with pytest.raises(ApiError, match="no preferred addresses found"):
        locations.address_of(node([]), ("InternalIP",))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("web", Endpoint("http", "web", "")),
        ("web:8080", Endpoint("http", "web", "8080")),
        ("https:web:8443", Endpoint("https", "web", "8443")),
        ("https:web:", Endpoint("https", "web", "")),
        (":web:80", Endpoint("http", "web", "80")),
    ],
)
def test_proxied_names(name, expected):
    assert locations.endpoint_of(name) == expected


def test_a_service_leads_to_a_ready_address():
    service = codec.from_builtins(
        Service,
        {
            "metadata": {"name": "s"},
            "spec": {"ports": [{"name": "web", "port": 80}, {"name": "x", "port": 1}]},
        },
    )
    endpoints = codec.from_builtins(
        Endpoints,
        {
            "subsets": [
                {"addresses": [{"ip": "10.1.0.1"}], "ports": [{"name": "web", "port": 8080}]}
            ]
        },
    )
    assert locations.backend_of("s:web", service, endpoints) == "http://10.1.0.1:8080"
    assert locations.backend_of("https:s:80", service, endpoints) == "https://10.1.0.1:8080"
    for name in ("s:absent", "s:x"):
        with pytest.raises(ApiError) as raised:
            locations.backend_of(name, service, endpoints)
        assert raised.value.code == 503
