"""Resolvers, names and hosts files of pods."""

from __future__ import annotations

import pytest

from kubepy.kubelet.pod.dns import Resolver, hostname, hosts, parse, resolver
from tests.unit.kubelet.pods import pod

HOST = Resolver(("192.0.2.53",), ("corp.example",), ("timeout:1",))
CLUSTER = ("10.96.0.10",)
OWN = ("default.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp.example")


def test_parse():
    text = (
        "# a comment\nnameserver 192.0.2.53\nsearch a.example b.example.\noptions ndots:2 edns0\n"
    )
    expected = Resolver(("192.0.2.53",), ("a.example", "b.example"), ("ndots:2", "edns0"))
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("of", "cluster", "expected"),
    [
        pytest.param(pod(), CLUSTER, Resolver(CLUSTER, OWN, ("ndots:5",)), id="the cluster's"),
        pytest.param(pod(), (), HOST, id="no cluster DNS"),
        pytest.param(pod(dnsPolicy="Default"), CLUSTER, HOST, id="the node's"),
        pytest.param(pod(hostNetwork=True), CLUSTER, HOST, id="in the node's network"),
        pytest.param(
            pod(hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet"),
            CLUSTER,
            Resolver(CLUSTER, OWN, ("ndots:5",)),
            id="in the node's network, on purpose",
        ),
        pytest.param(
            pod(dnsPolicy="None", dnsConfig={"nameservers": ["192.0.2.1"]}),
            CLUSTER,
            Resolver(("192.0.2.1",)),
            id="its own",
        ),
        pytest.param(
            pod(dnsConfig={"searches": ["x.example"],
                           "options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}]}),
            CLUSTER,
            Resolver(CLUSTER, (*OWN, "x.example"), ("ndots:2", "edns0")),
            id="added to the cluster's",
        ),
        pytest.param(
            pod(dnsPolicy="None", dnsConfig={"nameservers": [f"192.0.2.{n}" for n in range(9)]}),
            CLUSTER,
            Resolver(("192.0.2.0", "192.0.2.1", "192.0.2.2")),
            id="no more than a resolver reads",
        ),
    ],
)  # fmt: skip
def test_resolver(of, cluster, expected):
    assert resolver(of, HOST, cluster, "cluster.local") == expected


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (pod(), ("web", "")),
        (pod(hostname="other"), ("other", "")),
        (pod(subdomain="sub"), ("web", "sub.default.svc.cluster.local")),
        (pod(hostname="a" * 62 + "-b"), ("a" * 62, "")),
        (pod(hostnameOverride="mine.example", subdomain="sub"), ("mine.example", "")),
    ],
)
def test_hostname(of, expected):
    assert hostname(of, "cluster.local") == expected


def test_hosts():
    aliases = [{"ip": "10.0.0.1", "hostnames": ["one", "uno"]}]
    text = hosts(pod(subdomain="s", hostAliases=aliases), ["10.244.0.5"], "c.local", "")
    lines = text.splitlines()
    assert lines[:2] == ["# Kubernetes-managed hosts file.", "127.0.0.1\tlocalhost"]
    assert "10.244.0.5\tweb.s.default.svc.c.local\tweb" in lines
    assert lines[-3:] == ["", "# Entries added by HostAliases.", "10.0.0.1\tone\tuno"]


def test_hosts_in_the_node_s_network():
    text = hosts(pod(hostNetwork=True), ["192.0.2.1"], "", "127.0.0.1\tnode\n")
    assert text == "# Kubernetes-managed hosts file (host network).\n127.0.0.1\tnode\n"
