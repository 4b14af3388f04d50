"""kube-controller-manager's command line. It has no config file, in Kubernetes neither."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from kubepy.base.durations import Seconds
from kubepy.base.flags import Flag, Group, Port, Program
from kubepy.base.version import KUBERNETES
from kubepy.controllers.nodeipam.plan import Pool, RangeError, pools
from kubepy.controllers.registry import CONTROLLERS, check_selection


class Config(Struct, frozen=True, kw_only=True):
    """A field a flag; see `PROGRAM` for what they mean."""

    kubeconfig: str = ""
    controllers: tuple[str, ...] = ("*",)

    bind_address: str = "0.0.0.0"
    secure_port: Port = 10257
    tls_cert_file: str = ""
    tls_private_key_file: str = ""
    client_ca_file: str = ""

    leader_elect: bool = True
    leader_elect_lease_duration: Seconds = Seconds(15)
    leader_elect_renew_deadline: Seconds = Seconds(10)
    leader_elect_retry_period: Seconds = Seconds(2)
    leader_elect_resource_name: str = "kube-controller-manager"
    leader_elect_resource_namespace: str = "kube-system"

    allocate_node_cidrs: bool = False
    cluster_cidr: str = ""
    service_cluster_ip_range: str = ""
    node_cidr_mask_size: int = 0
    node_cidr_mask_size_ipv4: int = 0
    node_cidr_mask_size_ipv6: int = 0

    node_monitor_period: Seconds = Seconds(5)
    node_monitor_grace_period: Seconds = Seconds(50)
    node_startup_grace_period: Seconds = Seconds(60)
    node_eviction_rate: float = 0.1
    secondary_node_eviction_rate: float = 0.01
    large_cluster_size_threshold: int = 50
    unhealthy_zone_threshold: float = 0.55

    root_ca_file: str = ""
    enable_garbage_collector: bool = True
    max_endpoints_per_slice: int = 100
    terminated_pod_gc_threshold: int = 12_500

    def pools(self) -> tuple[Pool, ...]:
        """The ranges of pod addresses to hand out. Raises RangeError."""
        if not self.allocate_node_cidrs or not self.cluster_cidr:
            return ()
        v4 = self.node_cidr_mask_size_ipv4 or self.node_cidr_mask_size
        v6 = self.node_cidr_mask_size_ipv6 or self.node_cidr_mask_size
        return pools(self.cluster_cidr, v4, v6)


def check(config: Config) -> Sequence[str]:
    """What is wrong with a config as a whole."""
    problems = list(check_selection(config.controllers))
    if config.allocate_node_cidrs and not config.cluster_cidr:
        problems.append("--allocate-node-cidrs needs --cluster-cidr")
    try:
        config.pools()
    except RangeError as error:
        problems.append(f"--cluster-cidr: {error}")
    if config.leader_elect_lease_duration <= config.leader_elect_renew_deadline:
        problems.append("--leader-elect-lease-duration must exceed --leader-elect-renew-deadline")
    if config.leader_elect_renew_deadline <= config.leader_elect_retry_period:
        problems.append("--leader-elect-renew-deadline must exceed --leader-elect-retry-period")
    if bool(config.tls_cert_file) != bool(config.tls_private_key_file):
        problems.append("--tls-cert-file and --tls-private-key-file go together")
    return problems


PROGRAM: Program[Config] = Program(
    name="kube-controller-manager",
    summary=(
        "Runs the controllers: loops that watch the state of the cluster through the apiserver "
        "and make it what the objects say."
    ),
    config=Config,
    version=f"Kubernetes {KUBERNETES}",
    check=check,
    groups=(
        Group(
            "Cluster",
            (
                Flag("kubeconfig", "How to reach the apiserver; empty: as a pod in the cluster."),
                Flag(
                    "controllers",
                    "Which controllers run: `*` all that are on by default, `foo` this one, "
                    f"`-foo` not this one. There are: {', '.join(sorted(CONTROLLERS))}.",
                ),
            ),
        ),
        Group(
            "Serving",
            (
                Flag("bind-address", "The address to serve health and metrics on."),
                Flag("secure-port", "The port for it (HTTPS); 0: do not serve."),
                Flag("tls-cert-file", "The certificate; empty: one made at each start."),
                Flag("tls-private-key-file", "Its private key."),
                Flag("client-ca-file", "Whose certificates let clients see more than health."),
            ),
        ),
        Group(
            "Leader election",
            (
                Flag("leader-elect", "Work only while holding a Lease, so that one of many does."),
                Flag("leader-elect-lease-duration", "How long others wait for a silent leader."),
                Flag("leader-elect-renew-deadline", "How long a leader tries to renew."),
                Flag("leader-elect-retry-period", "The time between attempts."),
                Flag("leader-elect-resource-name", "The Lease's name."),
                Flag("leader-elect-resource-namespace", "The Lease's namespace."),
            ),
        ),
        Group(
            "Node addresses",
            (
                Flag("allocate-node-cidrs", "Give each node a range of pod addresses."),
                Flag("cluster-cidr", "All pod addresses; one range, or one of each family."),
                Flag("service-cluster-ip-range", "The Services' addresses: no node gets them."),
                Flag("node-cidr-mask-size", "Prefix length of a node's range (default 24, 64)."),
                Flag("node-cidr-mask-size-ipv4", "The same for IPv4 of two families."),
                Flag("node-cidr-mask-size-ipv6", "The same for IPv6 of two families."),
            ),
        ),
        Group(
            "Node lifecycle",
            (
                Flag("node-monitor-period", "The time between looks at the nodes' heartbeats."),
                Flag("node-monitor-grace-period", "Silence after which a node counts as lost."),
                Flag("node-startup-grace-period", "The same for one that never reported."),
                Flag("node-eviction-rate", "Lost nodes emptied per second in a healthy zone."),
                Flag("secondary-node-eviction-rate", "The same in a large unhealthy zone."),
                Flag("large-cluster-size-threshold", "Nodes from which a zone is large."),
                Flag("unhealthy-zone-threshold", "Share of lost nodes: the zone is unhealthy."),
            ),
        ),
        Group(
            "Other controllers",
            (
                Flag("root-ca-file", "The CA that is published to every namespace."),
                Flag("enable-garbage-collector", "Run the garbage collector."),
                Flag("max-endpoints-per-slice", "Endpoints in one EndpointSlice at most."),
                Flag("terminated-pod-gc-threshold", "Finished pods that are kept; 0: all."),
            ),
        ),
    ),
    unsupported=(
        "allow-metric-labels allow-metric-labels-manifest attach-detach-reconcile-sync-period "
        "authentication-kubeconfig authentication-skip-lookup? authentication-token-webhook-cache-"
        "ttl authentication-tolerate-lookup-failure? authorization-always-allow-paths "
        "authorization-kubeconfig authorization-webhook-cache-authorized-ttl "
        "authorization-webhook-cache-unauthorized-ttl cert-dir cidr-allocator-type cloud-config "
        "cloud-provider cluster-name cluster-signing-cert-file cluster-signing-duration "
        "cluster-signing-key-file cluster-signing-kube-apiserver-client-cert-file "
        "cluster-signing-kube-apiserver-client-key-file cluster-signing-kubelet-client-cert-file "
        "cluster-signing-kubelet-client-key-file cluster-signing-kubelet-serving-cert-file "
        "cluster-signing-kubelet-serving-key-file cluster-signing-legacy-unknown-cert-file "
        "cluster-signing-legacy-unknown-key-file concurrent-cron-job-syncs "
        "concurrent-daemonset-syncs concurrent-deployment-syncs concurrent-endpoint-syncs "
        "concurrent-ephemeralvolume-syncs concurrent-gc-syncs concurrent-horizontal-pod-autoscaler-"
        "syncs concurrent-job-syncs concurrent-namespace-syncs concurrent-rc-syncs "
        "concurrent-replicaset-syncs concurrent-resource-quota-syncs concurrent-service-endpoint-"
        "syncs concurrent-service-syncs concurrent-serviceaccount-token-syncs "
        "concurrent-statefulset-syncs concurrent-ttl-after-finished-syncs "
        "concurrent-validating-admission-policy-status-syncs configure-cloud-routes? "
        "contention-profiling? controller-shutdown-timeout controller-start-interval "
        "disable-attach-detach-reconcile-sync? disable-http2-serving? disabled-metrics "
        "emulated-version emulation-forward-compatible? enable-dynamic-provisioning? "
        "enable-hostpath-provisioner? enable-leader-migration? endpoint-updates-batch-period "
        "endpointslice-updates-batch-period external-cloud-volume-plugin feature-gates "
        "flex-volume-plugin-dir horizontal-pod-autoscaler-cpu-initialization-period "
        "horizontal-pod-autoscaler-downscale-stabilization horizontal-pod-autoscaler-initial-"
        "readiness-delay horizontal-pod-autoscaler-sync-period horizontal-pod-autoscaler-tolerance "
        "http2-max-streams-per-connection kube-api-burst kube-api-content-type kube-api-qps "
        "leader-elect-resource-lock leader-migration-config legacy-service-account-token-clean-up-"
        "period master min-compatibility-version min-resync-period mirroring-concurrent-service-"
        "endpoint-syncs mirroring-endpointslice-updates-batch-period mirroring-max-endpoints-per-"
        "subset namespace-sync-period permit-address-sharing? permit-port-sharing? profiling? "
        "pv-recycler-increment-timeout-nfs pv-recycler-minimum-timeout-hostpath "
        "pv-recycler-minimum-timeout-nfs pv-recycler-pod-template-filepath-hostpath "
        "pv-recycler-pod-template-filepath-nfs pv-recycler-timeout-increment-hostpath "
        "pvclaimbinder-sync-period requestheader-allowed-names requestheader-client-ca-file "
        "requestheader-extra-headers-prefix requestheader-group-headers requestheader-uid-headers "
        "requestheader-username-headers resource-quota-sync-period route-reconciliation-period "
        "service-account-private-key-file show-hidden-metrics-for-version tls-cipher-suites "
        "tls-curve-preferences tls-min-version tls-sni-cert-key use-service-account-credentials? "
        "concurrent-device-taint-eviction-syncs concurrent-resource-claim-syncs "
        "debug-socket-path disable-force-detach-on-timeout? volume-host-allow-local-loopback? "
        "volume-host-cidr-denylist"
    ),
)
