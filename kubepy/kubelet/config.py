"""The kubelet's configuration: its file (KubeletConfiguration) and its flags.

Differs from Kubernetes' defaults nowhere but in `failCgroupV1` (false: cgroup v1 is fine here) and
`authorization.webhook`, which costs nothing when nobody asks.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.core.v1 import Taint
from kubepy.base.durations import Seconds
from kubepy.base.flags import Flag, Group, Port, Program
from kubepy.base.version import KUBERNETES

API_VERSION = "kubelet.config.k8s.io/v1beta1"


class Webhook(Struct, frozen=True, forbid_unknown_fields=True):
    enabled: bool = True
    cacheTTL: Seconds = Seconds(120)


class X509(Struct, frozen=True, forbid_unknown_fields=True):
    clientCAFile: str = ""


class Anonymous(Struct, frozen=True, forbid_unknown_fields=True):
    enabled: bool = False


class Authentication(Struct, frozen=True, forbid_unknown_fields=True):
    x509: X509 = X509()
    webhook: Webhook = Webhook()
    anonymous: Anonymous = Anonymous()


class AuthorizationWebhook(Struct, frozen=True, forbid_unknown_fields=True):
    cacheAuthorizedTTL: Seconds = Seconds(300)
    cacheUnauthorizedTTL: Seconds = Seconds(30)


class Authorization(Struct, frozen=True, forbid_unknown_fields=True):
    mode: Literal["Webhook", "AlwaysAllow"] = "Webhook"
    webhook: AuthorizationWebhook = AuthorizationWebhook()


class CrashLoopBackOff(Struct, frozen=True, forbid_unknown_fields=True):
    maxContainerRestartPeriod: Seconds = Seconds(300)


class Logging(Struct, frozen=True, forbid_unknown_fields=True):
    format: str = ""
    verbosity: int = 0
    flushFrequency: int | str = 0
    options: dict[str, Any] = {}


def eviction_hard() -> dict[str, str]:
    """The thresholds below which the node is under pressure."""
    return {
        "memory.available": "100Mi",
        "nodefs.available": "10%",
        "nodefs.inodesFree": "5%",
        "imagefs.available": "15%",
        "imagefs.inodesFree": "5%",
    }


class KubeletConfiguration(Struct, frozen=True, forbid_unknown_fields=True):
    """The fields that are built; `UNSUPPORTED_FIELDS` are taken with a warning."""

    staticPodPath: str = ""
    fileCheckFrequency: Seconds = Seconds(20)
    address: str = "0.0.0.0"
    port: Port = 10250
    tlsCertFile: str = ""
    tlsPrivateKeyFile: str = ""
    authentication: Authentication = Authentication()
    authorization: Authorization = Authorization()
    clusterDomain: str = ""
    clusterDNS: tuple[str, ...] = ()
    nodeStatusUpdateFrequency: Seconds = Seconds(10)
    nodeStatusReportFrequency: Seconds = Seconds(300)
    nodeLeaseDurationSeconds: int = 40
    imageMinimumGCAge: Seconds = Seconds(120)
    imageMaximumGCAge: Seconds = Seconds(0)
    imageGCHighThresholdPercent: int = 85
    imageGCLowThresholdPercent: int = 80
    cgroupRoot: str = "/"
    cgroupDriver: Literal["cgroupfs", "systemd"] = "cgroupfs"
    maxPods: int = 110
    resolvConf: str = "/etc/resolv.conf"
    nodeStatusMaxImages: int = 50
    serializeImagePulls: bool = True
    maxParallelImagePulls: int | None = None
    evictionHard: dict[str, str] = msgspec.field(default_factory=eviction_hard)
    systemReserved: dict[str, str] = {}
    kubeReserved: dict[str, str] = {}
    containerLogMaxSize: str = "10Mi"
    containerLogMaxFiles: int = 5
    containerLogMonitorInterval: Seconds = Seconds(10)
    podLogsDir: str = "/var/log/pods"
    seccompDefault: bool = False
    registerWithTaints: tuple[Taint, ...] = ()
    registerNode: bool = True
    containerRuntimeEndpoint: str = "unix:///run/containerd/containerd.sock"
    imageServiceEndpoint: str = ""
    crashLoopBackOff: CrashLoopBackOff = CrashLoopBackOff()
    failCgroupV1: bool = False
    logging: Logging = Logging()
    nodeIP: str = ""
    providerID: str = ""


UNSUPPORTED_FIELDS = (
    "syncFrequency httpCheckFrequency staticPodURL staticPodURLHeader readOnlyPort "
    "tlsCipherSuites tlsMinVersion tlsCurvePreferences rotateCertificates serverTLSBootstrap "
    "registryPullQPS registryBurst imagePullCredentialsVerificationPolicy "
    "preloadedImagesVerificationAllowlist eventRecordQPS eventBurst enableDebuggingHandlers "
    "enableContentionProfiling healthzPort healthzBindAddress oomScoreAdj "
    "streamingConnectionIdleTimeout volumeStatsAggPeriod kubeletCgroups systemCgroups "
    "cgroupsPerQOS cpuManagerPolicy singleProcessOOMKill cpuManagerPolicyOptions "
    "cpuManagerReconcilePeriod memoryManagerPolicy topologyManagerPolicy topologyManagerScope "
    "topologyManagerPolicyOptions qosReserved runtimeRequestTimeout hairpinMode podCIDR "
    "podPidsLimit runOnce cpuCFSQuota cpuCFSQuotaPeriod maxOpenFiles contentType kubeAPIQPS "
    "kubeAPIBurst evictionSoft evictionSoftGracePeriod evictionPressureTransitionPeriod "
    "evictionMaxPodGracePeriod evictionMinimumReclaim mergeDefaultEvictionSettings podsPerCore "
    "enableControllerAttachDetach protectKernelDefaults makeIPTablesUtilChains "
    "iptablesMasqueradeBit iptablesDropBit featureGates failSwapOn memorySwap "
    "containerLogMaxWorkers configMapAndSecretChangeDetectionStrategy systemReservedCgroup "
    "kubeReservedCgroup enforceNodeAllocatable allowedUnsafeSysctls volumePluginDir "
    "kernelMemcgNotification enableSystemLogHandler enableSystemLogQuery shutdownGracePeriod "
    "shutdownGracePeriodCriticalPods shutdownGracePeriodByPodPriority reservedMemory "
    "enableProfilingHandler enableDebugFlagsHandler memoryThrottlingFactor tracing "
    "localStorageCapacityIsolation userNamespaces reservedSystemCPUs showHiddenMetricsForVersion"
)


class Config(Struct, frozen=True):
    """The command line: the file, and what only flags say."""

    file: KubeletConfiguration = KubeletConfiguration()
    kubeconfig: str = ""
    hostname_override: str = ""
    node_ip: str = ""
    node_labels: dict[str, str] = {}
    register_with_taints: tuple[Taint, ...] = ()
    cloud_provider: Literal["", "external"] = ""
    root_dir: str = "/var/lib/kubelet"
    cert_dir: str = ""


def check(config: Config) -> list[str]:
    """What is wrong with it, a line each."""
    file, found = config.file, []
    if not 0 <= file.imageGCHighThresholdPercent <= 100:
        found.append("imageGCHighThresholdPercent: must be between 0 and 100, inclusive")
    if not 0 <= file.imageGCLowThresholdPercent <= file.imageGCHighThresholdPercent:
        found.append("imageGCLowThresholdPercent: must not be over imageGCHighThresholdPercent")
    for address in filter(None, (config.node_ip or file.nodeIP).split(",")):
        try:
            ipaddress.ip_address(address)
        except ValueError as error:
            found.append(f"--node-ip: {error}")
    if bool(file.tlsCertFile) != bool(file.tlsPrivateKeyFile):
        found.append("tlsCertFile and tlsPrivateKeyFile go together")
    if file.maxPods < 0:
        found.append("maxPods: must be a non-negative integer")
    if file.containerLogMaxFiles <= 1:
        found.append("containerLogMaxFiles: must be greater than 1")
    return found


ZERO_IS_DEFAULT = (
    "fileCheckFrequency",
    "nodeStatusUpdateFrequency",
    "nodeStatusReportFrequency",
    "nodeLeaseDurationSeconds",
    "imageMinimumGCAge",
    "containerLogMonitorInterval",
    "maxPods",
    "containerRuntimeEndpoint",
    "containerLogMaxSize",
    "podLogsDir",
    "cgroupRoot",
)


def completed(config: Config) -> Config:
    """The config with defaults for what the file leaves at zero, as kubeadm's files do."""
    file, default = config.file, KubeletConfiguration()
    zeros = [name for name in ZERO_IS_DEFAULT if not getattr(file, name)]
    chosen = {name: getattr(default, name) for name in zeros}
    if not file.crashLoopBackOff.maxContainerRestartPeriod:
        chosen["crashLoopBackOff"] = default.crashLoopBackOff
    return replace(config, file=replace(file, **chosen))


def taint(text: str) -> Taint:
    """`key=value:Effect`, `key:Effect`. ValueError if it is neither."""
    head, colon, effect = text.rpartition(":")
    if not colon or effect not in ("NoSchedule", "PreferNoSchedule", "NoExecute"):
        raise ValueError(f"{text!r} is not key=value:NoSchedule, PreferNoSchedule or NoExecute")
    key, _, value = head.partition("=")
    return Taint(key=key, value=value, effect=effect)


def _taints(text: str) -> tuple[Taint, ...]:
    return tuple(taint(part) for part in text.split(",") if part)


def _flag(name: str, help: str, field: str) -> Flag:
    return Flag(name, help, f"file.{field}")


PROGRAM = Program(
    name="kubelet",
    summary="The node agent: runs the pods that are bound to this node in a CRI runtime.",
    config=Config,
    kind=(API_VERSION, "KubeletConfiguration"),
    file_field="file",
    version=f"Kubernetes {KUBERNETES}",
    check=check,
    groups=(
        Group(
            "Cluster",
            (
                Flag("kubeconfig", "How to reach the apiserver; without it only static pods run."),
                Flag("hostname-override", "The node's name, instead of the machine's."),
                Flag("node-ip", "The node's addresses: one, or one of each family."),
                Flag("node-labels", "Labels to register the node with."),
                Flag("register-with-taints", "Taints to register the node with.", read=_taints),
                _flag("register-node", "Whether to register the node.", "registerNode"),
                _flag("cluster-dns", "Addresses of the cluster's DNS.", "clusterDNS"),
                _flag("cluster-domain", "The cluster's domain.", "clusterDomain"),
                _flag("provider-id", "How a cloud knows this machine.", "providerID"),
                Flag("cloud-provider", "external: no pods before a cloud-controller-manager has "
                     "said what this node is."),
            ),
        ),
        Group(
            "Runtime",
            (
                _flag(
                    "container-runtime-endpoint", "The CRI socket.", "containerRuntimeEndpoint"
                ),
                _flag(
                    "image-service-endpoint", "The image service's socket, if it is another.",
                    "imageServiceEndpoint",
                ),
                _flag("cgroup-driver", "cgroupfs or systemd.", "cgroupDriver"),
                _flag("cgroup-root", "The cgroup that pods live below.", "cgroupRoot"),
                _flag("max-pods", "How many pods may run here.", "maxPods"),
                _flag("resolv-conf", "The resolver that pods get.", "resolvConf"),
                _flag("pod-manifest-path", "Static pods: a directory or file.", "staticPodPath"),
                _flag("serialize-image-pulls", "One pull at a time.", "serializeImagePulls"),
                _flag("seccomp-default", "RuntimeDefault for whoever asks nothing.",
                      "seccompDefault"),
            ),
        ),
        Group(
            "Reservations and garbage",
            (
                _flag("eviction-hard", "When the node is under pressure.", "evictionHard"),
                _flag("system-reserved", "Kept from pods for the system.", "systemReserved"),
                _flag("kube-reserved", "Kept from pods for Kubernetes.", "kubeReserved"),
                _flag("image-gc-high-threshold", "Percent of the disk at which images go.",
                      "imageGCHighThresholdPercent"),
                _flag("image-gc-low-threshold", "Percent of the disk to get down to.",
                      "imageGCLowThresholdPercent"),
                _flag("container-log-max-size", "When a log is rotated.", "containerLogMaxSize"),
                _flag("container-log-max-files", "Files kept of a log.", "containerLogMaxFiles"),
                _flag("node-status-update-frequency", "How often the node looks at itself.",
                      "nodeStatusUpdateFrequency"),
            ),
        ),
        Group(
            "Serving and files",
            (
                _flag("address", "The address to serve at.", "address"),
                _flag("port", "The port to serve HTTPS on.", "port"),
                _flag("tls-cert-file", "The serving certificate.", "tlsCertFile"),
                _flag("tls-private-key-file", "Its key.", "tlsPrivateKeyFile"),
                _flag("client-ca-file", "Who may sign client certificates.",
                      "authentication.x509.clientCAFile"),
                _flag("anonymous-auth", "Whether to talk to strangers.",
                      "authentication.anonymous.enabled"),
                _flag("authentication-token-webhook", "Ask the apiserver about bearer tokens.",
                      "authentication.webhook.enabled"),
                _flag("authorization-mode", "Webhook: the apiserver decides.",
                      "authorization.mode"),
                Flag("root-dir", "Where volumes and pods' files are."),
                Flag("cert-dir", "Where a serving certificate is made if none is given."),
            ),
        ),
    ),
    unsupported_fields=UNSUPPORTED_FIELDS,
    unsupported=(
        "application-metrics-count-limit container-hints containerd containerd-namespace "
        "cpu-manager-policy-options cpu-manager-reconcile-period docker "
        "docker-env-metadata-whitelist docker-only? docker-root docker-tls? docker-tls-ca "
        "docker-tls-cert docker-tls-key dynamic-config-dir enable-load-reader? "
        "event-storage-age-limit event-storage-event-limit global-housekeeping-interval "
        "housekeeping-interval keep-terminated-pod-volumes? kube-api-content-type "
        "log-cadvisor-usage? machine-id-file master-service-namespace network-plugin "
        "reserved-memory storage-driver-buffer-duration storage-driver-db storage-driver-host "
        "storage-driver-password storage-driver-secure? storage-driver-table storage-driver-user "
        "tls-curve-preferences topology-manager-policy-options topology-manager-scope "
        "volume-stats-agg-period bootstrap-kubeconfig rotate-certificates? "
        "rotate-server-certificates? feature-gates "
        "fail-swap-on? cgroups-per-qos? enforce-node-allocatable cloud-config "
        "config-dir container-runtime exit-on-lock-contention? healthz-bind-address healthz-port "
        "image-credential-provider-bin-dir image-credential-provider-config kernel-memcg-"
        "notification? kube-api-burst kube-api-qps local-storage-capacity-isolation? lock-file "
        "manifest-url manifest-url-header node-status-max-images oom-score-adj pod-cidr "
        "pod-infra-container-image pod-max-pids pods-per-core protect-kernel-defaults? "
        "read-only-port reserved-cpus runtime-cgroups runtime-request-timeout "
        "streaming-connection-idle-timeout sync-frequency system-cgroups tls-cipher-suites "
        "tls-min-version topology-manager-policy volume-plugin-dir event-qps event-burst "
        "eviction-soft eviction-soft-grace-period eviction-pressure-transition-period "
        "eviction-max-pod-grace-period eviction-minimum-reclaim experimental-allocatable-ignore-"
        "eviction? file-check-frequency http-check-frequency kubelet-cgroups kube-reserved-cgroup "
        "system-reserved-cgroup maximum-dead-containers maximum-dead-containers-per-container "
        "minimum-container-ttl-duration minimum-image-ttl-duration max-open-files memory-manager-"
        "policy cpu-manager-policy cpu-cfs-quota? cpu-cfs-quota-period registry-burst registry-qps "
        "root-cert-dir register-schedulable? runonce? seccomp-profile-root hairpin-mode "
        "node-lease-duration-seconds contention-profiling? allowed-unsafe-sysctls qos-reserved "
        "enable-debugging-handlers? enable-server? enable-controller-attach-detach? "
        "iptables-drop-bit iptables-masquerade-bit make-iptables-util-chains? "
        "authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl "
        "authentication-token-webhook-cache-ttl show-hidden-metrics-for-version"
    ),
)  # fmt: skip
