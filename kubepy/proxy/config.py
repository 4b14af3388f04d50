"""kube-proxy's configuration: KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1) and flags.

Zero and null mean "the default" in this kind, as kubeadm writes them. What the proxy runs on are
the `Options` that `options` makes of it.
"""

from __future__ import annotations

import os
from typing import Any, Literal

import msgspec
from msgspec import Struct

from kubepy.base.durations import Seconds
from kubepy.base.flags import Flag, Group, Program
from kubepy.base.logging import Format
from kubepy.base.version import KUBERNETES
from kubepy.proxy.services import Network, network

HEALTHZ_PORT, METRICS_PORT = 10256, 10249
SYNC_PERIOD = 30.0  # seconds between looks whether the tables are still there
OOM_SCORE = -999
CONNTRACK_PER_CORE, CONNTRACK_MIN = 32_768, 131_072
TCP_ESTABLISHED, TCP_CLOSE_WAIT = 86_400.0, 3_600.0  # seconds

Mode = Literal["", "nftables", "userspace", "iptables", "ipvs"]
LocalMode = Literal[
    "", "ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix"
]  # fmt: skip


class _Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the file. Fields bear the file's names."""


class ClientConnection(_Section, frozen=True):
    kubeconfig: str = ""
    acceptContentTypes: str = ""
    contentType: str = ""
    burst: int = 0
    qps: float = 0


class Logging(_Section, frozen=True):
    format: Format | Literal[""] = ""
    verbosity: int = 0
    flushFrequency: Any = None
    vmodule: Any = None
    options: Any = None


class NFTables(_Section, frozen=True):
    masqueradeBit: int | None = None
    masqueradeAll: bool = False
    syncPeriod: Seconds = Seconds(0)
    minSyncPeriod: Seconds = Seconds(0)


class IPTables(NFTables, frozen=True):
    localhostNodePorts: bool | None = None
    snatNodeInternalIP: bool | None = None


class Conntrack(_Section, frozen=True):
    maxPerCore: int | None = None
    min: int | None = None
    tcpEstablishedTimeout: Seconds | None = None
    tcpCloseWaitTimeout: Seconds | None = None
    tcpBeLiberal: bool = False
    udpTimeout: Seconds = Seconds(0)
    udpStreamTimeout: Seconds = Seconds(0)


class DetectLocal(_Section, frozen=True):
    bridgeInterface: str = ""
    interfaceNamePrefix: str = ""


class KubeProxyConfiguration(_Section, frozen=True):
    clientConnection: ClientConnection = ClientConnection()
    logging: Logging = Logging()
    hostnameOverride: str = ""
    bindAddress: str = ""
    healthzBindAddress: str = ""
    metricsBindAddress: str = ""
    bindAddressHardFail: bool = False
    enableProfiling: bool = False
    showHiddenMetricsForVersion: str = ""
    mode: Mode = ""
    iptables: IPTables = IPTables()
    nftables: NFTables = NFTables()
    detectLocalMode: LocalMode = ""
    detectLocal: DetectLocal = DetectLocal()
    clusterCIDR: str = ""
    nodePortAddresses: tuple[str, ...] | None = None
    oomScoreAdj: int | None = None
    conntrack: Conntrack = Conntrack()
    configSyncPeriod: Seconds = Seconds(0)
    portRange: str = ""
    featureGates: dict[str, bool] | None = None


class Config(Struct, frozen=True):
    """The command line: the file, and what only flags say."""

    file: KubeProxyConfiguration = KubeProxyConfiguration()
    cleanup: bool = False


class Options(Struct, frozen=True):
    """What the proxy runs on: every default filled in."""

    node_name: str
    cluster_cidrs: tuple[Network, ...] = ()
    local_mode: LocalMode = "ClusterCIDR"
    bridge_interface: str = ""
    interface_prefix: str = ""
    bind_address: str = ""
    nodeport_addresses: tuple[str, ...] = ("primary",)
    masquerade_all: bool = False
    masquerade_bit: int = 14
    sync_period: float = SYNC_PERIOD
    min_sync_period: float = 0.0
    healthz_address: tuple[str, int] = ("0.0.0.0", HEALTHZ_PORT)
    metrics_address: tuple[str, int] = ("127.0.0.1", METRICS_PORT)
    must_bind: bool = False


def options(config: KubeProxyConfiguration) -> Options:
    """Raises ValueError for an address or range that is none."""
    v6 = ":" in config.bindAddress
    rules = config.nftables
    bit = config.iptables.masqueradeBit if rules.masqueradeBit is None else rules.masqueradeBit
    return Options(
        node_name=(config.hostnameOverride.strip() or os.uname().nodename).lower(),
        cluster_cidrs=_ranges(config.clusterCIDR),
        local_mode=config.detectLocalMode or "ClusterCIDR",
        bridge_interface=config.detectLocal.bridgeInterface,
        interface_prefix=config.detectLocal.interfaceNamePrefix,
        bind_address="" if config.bindAddress in ("0.0.0.0", "::") else config.bindAddress,
        nodeport_addresses=config.nodePortAddresses or ("primary",),
        masquerade_all=rules.masqueradeAll or config.iptables.masqueradeAll,
        masquerade_bit=14 if bit is None else bit,
        sync_period=rules.syncPeriod or config.iptables.syncPeriod or SYNC_PERIOD,
        min_sync_period=rules.minSyncPeriod,
        healthz_address=_endpoint(config.healthzBindAddress, v6, "0.0.0.0", HEALTHZ_PORT),
        metrics_address=_endpoint(config.metricsBindAddress, v6, "127.0.0.1", METRICS_PORT),
        must_bind=config.bindAddressHardFail,
    )


def nodeport_networks(
    addresses: tuple[str, ...], node_addresses: tuple[str, ...]
) -> tuple[Network, ...] | None:
    """Where node ports are served: None is everywhere.

    `primary` stands for the node's own addresses, the first of each family; `localhost` for
    nothing, since node ports are never served on loopback.
    """
    if "all" in addresses:
        return None
    found = []
    for text in addresses:
        if text == "primary":
            for v6 in (False, True):
                own = [one for one in node_addresses if (":" in one) == v6]
                found += [network(one) for one in own[:1]]
        elif text != "localhost":
            found.append(network(text))
    return tuple(found)


def _ranges(text: str) -> tuple[Network, ...]:
    try:
        return tuple(network(part) for part in _list(text))
    except ValueError as error:
        raise ValueError(f"--cluster-cidr: {error}") from error


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _endpoint(text: str, v6: bool, host: str, port: int) -> tuple[str, int]:
    """`host:port`, `[v6]:port`, a host alone, or nothing: the default."""
    if v6:
        host = {"0.0.0.0": "::", "127.0.0.1": "::1"}[host]
    if not text:
        return host, port
    before, colon, after = text.rpartition(":")
    if colon and after.isdigit() and (before.startswith("[") or ":" not in before):
        return before.strip("[]") or host, int(after)
    if colon and not text.startswith("[") and text.count(":") == 1:
        raise ValueError(f"{text!r} is not an address and a port")
    return text.strip("[]"), port


def check(config: Config) -> list[str]:
    """What is wrong with it, a line each."""
    problems = []
    try:
        made = options(config.file)
        nodeport_networks(made.nodeport_addresses, ())
    except ValueError as error:
        return [str(error)]
    if not 0 <= made.masquerade_bit <= 31:
        problems.append("masquerade bit must be within the range [0, 31]")
    families = [one.family for one in made.cluster_cidrs]
    if len(families) != len(set(families)):
        problems.append("--cluster-cidr takes at most one range of each IP family")
    if made.local_mode == "BridgeInterface" and not made.bridge_interface:
        problems.append("--detect-local-mode=BridgeInterface needs --pod-bridge-interface")
    if made.local_mode == "InterfaceNamePrefix" and not made.interface_prefix:
        problems.append("--detect-local-mode=InterfaceNamePrefix needs --pod-interface-name-prefix")
    return problems


def _flag(name: str, help: str, field: str) -> Flag:
    return Flag(name, help, f"file.{field}")


PROGRAM = Program(
    name="kube-proxy",
    summary="Forwards the traffic of Services on a node, by nf_tables rules in the kernel.",
    config=Config,
    kind=("kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration"),
    file_field="file",
    version=f"Kubernetes {KUBERNETES}",
    check=check,
    groups=(
        Group("Apiserver", (
            _flag("kubeconfig", "The kubeconfig of the apiserver.", "clientConnection.kubeconfig"),
            _flag("hostname-override", "This node's name, instead of the host name.",
                  "hostnameOverride"),
        )),
        Group("Forwarding", (
            _flag("proxy-mode", "nftables, or userspace: by this process. Others mean nftables.",
                  "mode"),
            _flag("cluster-cidr", "The pods' addresses, one range of each family.", "clusterCIDR"),
            _flag("detect-local-mode", "How pods of this node are recognised.", "detectLocalMode"),
            _flag("pod-bridge-interface", "The bridge that pods are on.",
                  "detectLocal.bridgeInterface"),
            _flag("pod-interface-name-prefix", "What the pods' interfaces are called.",
                  "detectLocal.interfaceNamePrefix"),
            _flag("masquerade-all", "Masquerade everything that goes to a cluster IP.",
                  "nftables.masqueradeAll"),
            _flag("iptables-masquerade-bit", "The bit of the packet mark to masquerade by.",
                  "nftables.masqueradeBit"),
            _flag("nodeport-addresses", "Where node ports are served: ranges, primary or all.",
                  "nodePortAddresses"),
            _flag("bind-address", "This node's address, instead of the Node object's.",
                  "bindAddress"),
            _flag("iptables-sync-period", "How often to look after the rules.",
                  "nftables.syncPeriod"),
            _flag("iptables-min-sync-period", "The shortest time between two changes.",
                  "nftables.minSyncPeriod"),
        )),
        Group("Connection tracking", (
            _flag("conntrack-max-per-core", "Connections tracked for each core; 0 leaves it.",
                  "conntrack.maxPerCore"),
            _flag("conntrack-min", "Connections tracked at least.", "conntrack.min"),
            _flag("conntrack-tcp-timeout-established", "Idle TCP connections; 0 leaves it.",
                  "conntrack.tcpEstablishedTimeout"),
            _flag("conntrack-tcp-timeout-close-wait", "TCP connections half closed.",
                  "conntrack.tcpCloseWaitTimeout"),
            _flag("conntrack-tcp-be-liberal", "Do not mark packets out of window as invalid.",
                  "conntrack.tcpBeLiberal"),
            _flag("conntrack-udp-timeout", "UDP flows without answer; 0 leaves it.",
                  "conntrack.udpTimeout"),
            _flag("conntrack-udp-timeout-stream", "UDP flows with answers; 0 leaves it.",
                  "conntrack.udpStreamTimeout"),
        )),
        Group("Health and metrics", (
            _flag("healthz-bind-address", "Where /healthz and /livez are served.",
                  "healthzBindAddress"),
            _flag("metrics-bind-address", "Where /metrics is served.", "metricsBindAddress"),
            _flag("bind-address-hard-fail", "Exit if one of these cannot be served.",
                  "bindAddressHardFail"),
        )),
        Group("Process", (
            Flag("cleanup", "Remove every rule of this proxy and exit."),
            _flag("oom-score-adj", "How readily the kernel kills this process (-1000 to 1000).",
                  "oomScoreAdj"),
        )),
    ),
    unsupported=(
        "config-sync-period feature-gates healthz-port init-only? iptables-localhost-nodeports? "
        "ipvs-exclude-cidrs ipvs-min-sync-period ipvs-scheduler ipvs-strict-arp? ipvs-sync-period "
        "ipvs-tcp-timeout ipvs-tcpfin-timeout ipvs-udp-timeout kube-api-burst "
        "kube-api-content-type kube-api-qps master metrics-port profiling? "
        "proxy-port-range "
        "show-hidden-metrics-for-version write-config-to"
    ),
    unsupported_fields="ipvs winkernel windowsRunAsService",
)  # fmt: skip


def configz(config: KubeProxyConfiguration) -> bytes:
    """What /configz shows."""
    return msgspec.json.encode({"kubeproxy.config.k8s.io": config}, enc_hook=str)
