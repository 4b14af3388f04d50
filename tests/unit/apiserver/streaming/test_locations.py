"""Where a pod's streams are."""

from __future__ import annotations

import pytest

from kubepy.api import codec
from kubepy.api.core.v1 import Node, Pod
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
        pytest.param("web", Endpoint("http", "web", ""), id="a name"),
        pytest.param("web:8080", Endpoint("http", "web", "8080"), id="a port"),
        pytest.param("https:web:8443", Endpoint("https", "web", "8443"), id="a scheme"),
        pytest.param("https:web:", Endpoint("https", "web", ""), id="a scheme alone"),
        pytest.param(":web:80", Endpoint("http", "web", "80"), id="no scheme"),
        pytest.param("https:web", Endpoint("http", "https", "web"), id="two parts: name and port"),
    ],
)
def test_proxied_names(name, expected):
    assert locations.endpoint_of(name, "pod") == expected


@pytest.mark.parametrize("name", ["", ":80", "ftp:web:21", "http::80", "a:b:c:d"])
def test_names_that_say_nothing(name):
    with pytest.raises(ApiError) as raised:
        locations.endpoint_of(name, "service")
    assert (raised.value.code, raised.value.message) == (400, f'invalid service request "{name}"')


def listening(address, *ports):
    containers = [{"name": "c", "ports": [{"containerPort": port} for port in ports]}]
    status = {"podIP": address, "podIPs": [{"ip": address}]} if address else {}
    return codec.from_builtins(
        Pod, {"metadata": {"name": "p"}, "spec": {"containers": containers}, "status": status}
    )


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        pytest.param("p", listening("10.1.0.1", 8080, 9090), ("10.1.0.1", 8080), id="first port"),
        pytest.param("p", listening("10.1.0.1"), ("10.1.0.1", 80), id="no port"),
        pytest.param("https:p:", listening("10.1.0.1"), ("10.1.0.1", 443), id="no port of HTTPS"),
        pytest.param("p:9090", listening("fd00::1", 1), ("fd00::1", 9090), id="its port"),
    ],
)
def test_where_a_proxied_pod_listens(name, given, expected):
    wanted = locations.endpoint_of(name, "pod")
    assert locations.pod_backend(wanted, given) == Address(*expected)


@pytest.mark.parametrize("address", ["", "127.0.0.1", "169.254.169.254", "::1", "224.0.0.1"])
def test_addresses_that_pods_do_not_have(address):
    wanted = locations.endpoint_of("p", "pod")
    with pytest.raises(ApiError, match="address not allowed"):
        locations.pod_backend(wanted, listening(address))


def test_where_a_proxied_node_listens():
    kubelet = Address("10.0.0.1", 10250)

    def backend(name):
        return locations.node_backend(locations.endpoint_of(name, "node"), kubelet)

    assert backend("n1") is None
    assert backend("https:n1:10250") is None
    assert backend("n1:9100") == Address("10.0.0.1", 9100)
    with pytest.raises(ApiError, match="unknown port"):
        backend("n1:metrics")


@pytest.mark.parametrize(
    ("rest", "slash", "expected"),
    [("", False, ""), ("", True, "/"), ("a/b", False, "/a/b"), ("a", True, "/a/")],
)
def test_paths_below_a_proxy(rest, slash, expected):
    assert locations.below_proxy(rest, ends_with_slash=slash) == expected
