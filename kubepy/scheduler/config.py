"""kube-scheduler's configuration: its file (KubeSchedulerConfiguration) and its flags."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct

from kubepy.base.durations import Seconds
from kubepy.base.flags import Flag, Group, Port, Program
from kubepy.base.version import KUBERNETES

API_VERSION = "kubescheduler.config.k8s.io/v1"
DEFAULT_SCHEDULER = "default-scheduler"


class PluginRef(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    weight: int = 0


class PluginSet(Struct, frozen=True, forbid_unknown_fields=True):
    enabled: tuple[PluginRef, ...] = ()
    disabled: tuple[PluginRef, ...] = ()


class Plugins(Struct, frozen=True, forbid_unknown_fields=True):
    """By extension point; multiPoint means every point that a plugin has an opinion at."""

    preEnqueue: PluginSet = PluginSet()
    queueSort: PluginSet = PluginSet()
    preFilter: PluginSet = PluginSet()
    filter: PluginSet = PluginSet()
    postFilter: PluginSet = PluginSet()
    preScore: PluginSet = PluginSet()
    score: PluginSet = PluginSet()
    reserve: PluginSet = PluginSet()
    permit: PluginSet = PluginSet()
    preBind: PluginSet = PluginSet()
    bind: PluginSet = PluginSet()
    postBind: PluginSet = PluginSet()
    multiPoint: PluginSet = PluginSet()


class PluginConfig(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    args: dict[str, Any] = {}


class SchedulerProfile(Struct, frozen=True, forbid_unknown_fields=True):
    schedulerName: str = DEFAULT_SCHEDULER
    percentageOfNodesToScore: int = 0
    plugins: Plugins = Plugins()
    pluginConfig: tuple[PluginConfig, ...] = ()


class LeaderElection(Struct, frozen=True, forbid_unknown_fields=True):
    leaderElect: bool = True
    leaseDuration: Seconds = Seconds(15)
    renewDeadline: Seconds = Seconds(10)
    retryPeriod: Seconds = Seconds(2)
    resourceLock: Literal["leases"] = "leases"
    resourceName: str = "kube-scheduler"
    resourceNamespace: str = "kube-system"


class ClientConnection(Struct, frozen=True, forbid_unknown_fields=True):
    kubeconfig: str = ""
    acceptContentTypes: str = ""
    contentType: str = ""
    qps: float = 50
    burst: int = 100


class KubeSchedulerConfiguration(Struct, frozen=True, forbid_unknown_fields=True):
    leaderElection: LeaderElection = LeaderElection()
    clientConnection: ClientConnection = ClientConnection()
    enableProfiling: bool = True
    enableContentionProfiling: bool = True
    percentageOfNodesToScore: int = 0
    podInitialBackoffSeconds: int = 1
    podMaxBackoffSeconds: int = 10
    profiles: tuple[SchedulerProfile, ...] = (SchedulerProfile(),)
    delayCacheUntilActive: bool = False


class Config(Struct, frozen=True):
    """The command line: the file, and what only flags say."""

    file: KubeSchedulerConfiguration = KubeSchedulerConfiguration()
    bind_address: str = "0.0.0.0"
    secure_port: Port = 10259
    tls_cert_file: str = ""
    tls_private_key_file: str = ""
    client_ca_file: str = ""


def check(config: Config) -> list[str]:
    """What is wrong with it, a line each."""
    file, found = config.file, []
    names = [profile.schedulerName for profile in file.profiles]
    if not names:
        found.append("profiles: Required value")
    if len(set(names)) < len(names):
        found.append("profiles: Duplicate value: each needs a schedulerName of its own")
    if file.podInitialBackoffSeconds <= 0:
        found.append("podInitialBackoffSeconds: must be greater than 0")
    if file.podMaxBackoffSeconds < file.podInitialBackoffSeconds:
        found.append("podMaxBackoffSeconds: must not be less than podInitialBackoffSeconds")
    if not 0 <= file.percentageOfNodesToScore <= 100:
        found.append("percentageOfNodesToScore: not in valid range [0-100]")
    election = file.leaderElection
    if election.leaseDuration <= election.renewDeadline:
        found.append("--leader-elect-lease-duration must exceed --leader-elect-renew-deadline")
    if election.renewDeadline <= election.retryPeriod:
        found.append("--leader-elect-renew-deadline must exceed --leader-elect-retry-period")
    if bool(config.tls_cert_file) != bool(config.tls_private_key_file):
        found.append("--tls-cert-file and --tls-private-key-file go together")
    return found


def _flag(name: str, help: str, field: str) -> Flag:
    return Flag(name, help, f"file.{field}")


PROGRAM = Program(
    name="kube-scheduler",
    summary="Chooses the node that each pod runs on.",
    config=Config,
    kind=(API_VERSION, "KubeSchedulerConfiguration"),
    file_field="file",
    version=f"Kubernetes {KUBERNETES}",
    check=check,
    groups=(
        Group("Apiserver", (
            _flag("kubeconfig", "The kubeconfig of the apiserver.", "clientConnection.kubeconfig"),
        )),
        Group("Leader election", (
            _flag("leader-elect", "Schedule only while holding the lease.",
                  "leaderElection.leaderElect"),
            _flag("leader-elect-lease-duration", "When others may take an unrenewed lease.",
                  "leaderElection.leaseDuration"),
            _flag("leader-elect-renew-deadline", "When the leader itself gives up.",
                  "leaderElection.renewDeadline"),
            _flag("leader-elect-retry-period", "How often to try.", "leaderElection.retryPeriod"),
            _flag("leader-elect-resource-lock", "The kind of lock.",
                  "leaderElection.resourceLock"),
            _flag("leader-elect-resource-name", "The lease's name.",
                  "leaderElection.resourceName"),
            _flag("leader-elect-resource-namespace", "The lease's namespace.",
                  "leaderElection.resourceNamespace"),
        )),
        Group("Serving", (
            Flag("bind-address", "The address to serve health and metrics on."),
            Flag("secure-port", "The port to serve them on with HTTPS; 0: nowhere."),
            Flag("tls-cert-file", "The serving certificate; without one it is made up."),
            Flag("tls-private-key-file", "Its key."),
            Flag("client-ca-file", "Whose certificates may read more than health."),
        )),
    ),
    unsupported=(
        "allow-metric-labels allow-metric-labels-manifest authentication-kubeconfig "
        "authentication-skip-lookup? authentication-token-webhook-cache-ttl "
        "authentication-tolerate-lookup-failure? authorization-always-allow-paths "
        "authorization-kubeconfig authorization-webhook-cache-authorized-ttl "
        "authorization-webhook-cache-unauthorized-ttl cert-dir contention-profiling? "
        "debug-socket-path "
        "disable-http2-serving? disabled-metrics emulated-version emulation-forward-compatible? "
        "feature-gates http2-max-streams-per-connection kube-api-burst kube-api-content-type "
        "kube-api-qps master min-compatibility-version permit-address-sharing? "
        "permit-port-sharing? pod-max-in-unschedulable-pods-duration profiling? "
        "requestheader-allowed-names requestheader-client-ca-file "
        "requestheader-extra-headers-prefix requestheader-group-headers "
        "requestheader-uid-headers requestheader-username-headers "
        "show-hidden-metrics-for-version tls-cipher-suites tls-curve-preferences "
        "tls-min-version tls-sni-cert-key write-config-to"
    ),
    unsupported_fields="extenders parallelism",
)  # fmt: skip


def configz(config: KubeSchedulerConfiguration) -> bytes:
    """What /configz shows."""
    return msgspec.json.encode({"kubescheduler.config.k8s.io": config}, enc_hook=str)
