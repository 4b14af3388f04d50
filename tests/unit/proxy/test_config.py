from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kubepy.base.flags import UsageError
from kubepy.proxy import sysctls
from kubepy.proxy.config import PROGRAM, Config, Options, nodeport_networks, options
from kubepy.proxy.services import network

# What kubeadm writes: nearly everything as zero or null.
KUBEADM = """
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
bindAddress: 0.0.0.0
bindAddressHardFail: false
clientConnection: {acceptContentTypes: "", burst: 0, contentType: "", qps: 0,
  kubeconfig: /var/lib/kube-proxy/kubeconfig.conf}
clusterCIDR: 10.244.0.0/16
configSyncPeriod: 0s
conntrack: {maxPerCore: null, min: null, tcpBeLiberal: false, tcpCloseWaitTimeout: null,
  tcpEstablishedTimeout: null, udpStreamTimeout: 0s, udpTimeout: 0s}
detectLocal: {bridgeInterface: "", interfaceNamePrefix: ""}
detectLocalMode: ""
enableProfiling: false
healthzBindAddress: ""
hostnameOverride: ""
iptables: {localhostNodePorts: null, masqueradeAll: false, masqueradeBit: null, minSyncPeriod: 0s,
  syncPeriod: 0s}
ipvs: {excludeCIDRs: null, minSyncPeriod: 0s, scheduler: "", strictARP: false, syncPeriod: 0s,
  tcpFinTimeout: 0s, tcpTimeout: 0s, udpTimeout: 0s}
logging: {flushFrequency: 0, verbosity: 0, options: {json: {infoBufferSize: "0"}}}
metricsBindAddress: ""
mode: ""
nftables: {masqueradeAll: false, masqueradeBit: null, minSyncPeriod: 0s, syncPeriod: 0s}
nodePortAddresses: null
oomScoreAdj: null
portRange: ""
showHiddenMetricsForVersion: ""
winkernel: {enableDSR: false, networkName: ""}
"""


def parsed(*arguments: str) -> Config:
    return PROGRAM.parse(arguments).config


def made(*arguments: str) -> Options:
    return options(parsed(*arguments).file)


def test_the_file_of_kubeadm(tmp_path: Path) -> None:
    path = tmp_path / "config.conf"
    path.write_text(KUBEADM)
    invocation = PROGRAM.parse([f"--config={path}", "--hostname-override=N1"])
    assert options(invocation.config.file) == Options(
        node_name="n1", cluster_cidrs=(network("10.244.0.0/16"),)
    )
    assert invocation.config.file.clientConnection.kubeconfig.startswith("/var/lib/kube-proxy")
    assert [line.partition(": ")[2] for line in invocation.warnings] == [
        "ipvs is not supported yet: ignored",
        "winkernel is not supported yet: ignored",
    ]


@pytest.mark.parametrize(
    ("argument", "field", "value"),
    [
        ("--healthz-bind-address=127.0.0.1:1234", "healthz_address", ("127.0.0.1", 1234)),
        ("--healthz-bind-address=[::1]:1234", "healthz_address", ("::1", 1234)),
        ("--healthz-bind-address=127.0.0.1", "healthz_address", ("127.0.0.1", 10256)),
        ("--metrics-bind-address=0.0.0.0:0", "metrics_address", ("0.0.0.0", 0)),
        ("--bind-address=fd00::1", "metrics_address", ("::1", 10249)),
        ("--masquerade-all", "masquerade_all", True),
        ("--iptables-masquerade-bit=0", "masquerade_bit", 0),
        ("--nodeport-addresses=10.0.0.0/8,all", "nodeport_addresses", ("10.0.0.0/8", "all")),
        ("--iptables-min-sync-period=1s", "min_sync_period", 1.0),
        (
            "--cluster-cidr=10.244.0.0/16,fd44::/48",
            "cluster_cidrs",
            (network("10.244.0.0/16"), network("fd44::/48")),
        ),
    ],
)
def test_flags(argument: str, field: str, value: Any) -> None:
    assert getattr(made(argument), field) == value


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("--cluster-cidr=10.244.0.0/99", "does not appear to be"),
        ("--cluster-cidr=10.0.0.0/8,10.244.0.0/16", "at most one range"),
        ("--iptables-masquerade-bit=32", "range"),
        ("--proxy-mode=magic", "must be one of"),
        ("--detect-local-mode=BridgeInterface", "--pod-bridge-interface"),
        ("--nodeport-addresses=nowhere", "nowhere"),
        ("--healthz-bind-address=a:b", "a:b"),
        ("--no-such-flag", "unknown flag"),
    ],
)
def test_refused(argument: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        parsed(argument)


def test_kubernetes_flags_that_are_not_built_yet_only_warn() -> None:
    assert PROGRAM.parse(["--ipvs-scheduler=rr", "--profiling"]).warnings


@pytest.mark.parametrize(
    ("addresses", "networks"),
    [
        (("all",), None),
        (("primary",), "192.0.2.1 2001:db8::1"),
        (("localhost",), ""),
        (("10.0.0.0/8", "primary"), "10.0.0.0/8 192.0.2.1 2001:db8::1"),
    ],
)
def test_nodeport_networks(addresses: tuple[str, ...], networks: str | None) -> None:
    own = ("192.0.2.1", "192.0.2.2", "2001:db8::1")
    wanted = None if networks is None else tuple(network(text) for text in networks.split())
    assert nodeport_networks(addresses, own) == wanted


@pytest.mark.parametrize(
    ("arguments", "most"),
    [
        ([], 131_072),
        (["--conntrack-min=1"], 65_536),
        (["--conntrack-max-per-core=0"], None),
    ],
)
def test_sysctls(arguments: list[str], most: int | None) -> None:
    wanted = sysctls.wanted(parsed(*arguments).file, cores=2)
    assert wanted.get("nf_conntrack_max") == most
    assert wanted["nf_conntrack_tcp_timeout_established"] == 86_400
    assert "nf_conntrack_udp_timeout" not in wanted
