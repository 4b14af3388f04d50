"""cloud-controller-manager's command line. It has no config file, in Kubernetes neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from kubepy.base.durations import Seconds
from kubepy.base.flags import Flag, Group, Port, Program
from kubepy.base.version import KUBERNETES
from kubepy.cloud import local
from kubepy.cloud.provider import Factory

PROVIDERS: Mapping[str, Factory] = {local.NAME: local.provider}

NODE, LIFECYCLE = "cloud-node-controller", "cloud-node-lifecycle-controller"
SERVICE, ROUTE = "service-lb-controller", "node-route-controller"
CONTROLLERS = (NODE, LIFECYCLE, SERVICE, ROUTE)
ALIASES = {"cloud-node": NODE, "cloud-node-lifecycle": LIFECYCLE, "service": SERVICE,
           "route": ROUTE}  # fmt: skip


class Config(Struct, frozen=True, kw_only=True):
    """A field a flag; see `PROGRAM` for what they mean."""

    kubeconfig: str = ""
    cloud_provider: str = ""
    cloud_config: str = ""
    controllers: tuple[str, ...] = ("*",)
    node_status_update_frequency: Seconds = Seconds(300)
    node_monitor_period: Seconds = Seconds(5)
    concurrent_node_syncs: int = 1

    bind_address: str = "0.0.0.0"
    secure_port: Port = 10258
    tls_cert_file: str = ""
    tls_private_key_file: str = ""
    client_ca_file: str = ""

    leader_elect: bool = True
    leader_elect_lease_duration: Seconds = Seconds(15)
    leader_elect_renew_deadline: Seconds = Seconds(10)
    leader_elect_retry_period: Seconds = Seconds(2)
    leader_elect_resource_name: str = "cloud-controller-manager"
    leader_elect_resource_namespace: str = "kube-system"


def selected(chosen: Sequence[str]) -> tuple[str, ...]:
    """The controllers that a `--controllers` like `*,-route` turns on."""
    on = {ALIASES.get(name, name) for name in chosen if not name.startswith("-")}
    off = {ALIASES.get(name[1:], name[1:]) for name in chosen if name.startswith("-")}
    return tuple(name for name in CONTROLLERS if name not in off and (name in on or "*" in on))


def check(config: Config) -> Sequence[str]:
    """What is wrong with a config as a whole."""
    problems = []
    known = ", ".join(PROVIDERS)
    if not config.cloud_provider:
        problems.append(f"--cloud-provider cannot be empty; there is: {known}")
    elif config.cloud_provider not in PROVIDERS:
        problems.append(
            f"--cloud-provider: unknown provider {config.cloud_provider!r}; there is: {known}"
        )
    for chosen in config.controllers:
        bare = chosen.removeprefix("-")
        if bare != "*" and ALIASES.get(bare, bare) not in CONTROLLERS:
            problems.append(f'"{bare}" is not in the list of known controllers')
    if config.leader_elect_lease_duration <= config.leader_elect_renew_deadline:
        problems.append("--leader-elect-lease-duration must exceed --leader-elect-renew-deadline")
    if config.leader_elect_renew_deadline <= config.leader_elect_retry_period:
        problems.append("--leader-elect-renew-deadline must exceed --leader-elect-retry-period")
    if bool(config.tls_cert_file) != bool(config.tls_private_key_file):
        problems.append("--tls-cert-file and --tls-private-key-file go together")
    if config.concurrent_node_syncs < 1:
        problems.append("--concurrent-node-syncs must be at least 1")
    return problems


PROGRAM: Program[Config] = Program(
    name="cloud-controller-manager",
    summary=(
        "Runs the controllers that ask the cloud: which machines there are, where they stand and "
        "which addresses they have."
    ),
    config=Config,
    version=f"Kubernetes {KUBERNETES}",
    check=check,
    groups=(
        Group("Cloud", (
            Flag("cloud-provider", f"The cloud: {', '.join(PROVIDERS)}."),
            Flag("cloud-config", "The provider's own configuration file, if it needs one."),
        )),
        Group("Cluster", (
            Flag("kubeconfig", "How to reach the apiserver; empty: as a pod in the cluster."),
            Flag("controllers", "Which controllers run: `*` all, `foo` this one, `-foo` not this "
                 f"one. There are: {', '.join(CONTROLLERS)}."),
            Flag("node-status-update-frequency", "How often to ask for addresses."),
            Flag("node-monitor-period", "How often to look whether machines are gone."),
            Flag("concurrent-node-syncs", "Nodes initialised at the same time."),
        )),
        Group("Serving", (
            Flag("bind-address", "The address to serve health and metrics on."),
            Flag("secure-port", "The port for it (HTTPS); 0: do not serve."),
            Flag("tls-cert-file", "The certificate; empty: one made at each start."),
            Flag("tls-private-key-file", "Its private key."),
            Flag("client-ca-file", "Whose certificates let clients see more than health."),
        )),
        Group("Leader election", (
            Flag("leader-elect", "Work only while holding a Lease, so that one of many does."),
            Flag("leader-elect-lease-duration", "How long others wait for a silent leader."),
            Flag("leader-elect-renew-deadline", "How long a leader tries to renew."),
            Flag("leader-elect-retry-period", "The time between attempts."),
            Flag("leader-elect-resource-name", "The Lease's name."),
            Flag("leader-elect-resource-namespace", "The Lease's namespace."),
        )),
    ),
    unsupported=(
        "allow-metric-labels allow-metric-labels-manifest debug-socket-path disabled-metrics "
        "emulation-forward-compatible? min-compatibility-version node-sync-period "
        "show-hidden-metrics-for-version allocate-node-cidrs? allow-untagged-cloud? "
        "authentication-kubeconfig "
        "authentication-skip-lookup? authentication-token-webhook-cache-ttl "
        "authentication-tolerate-lookup-failure? authorization-always-allow-paths "
        "authorization-kubeconfig authorization-webhook-cache-authorized-ttl "
        "authorization-webhook-cache-unauthorized-ttl cert-dir cidr-allocator-type cluster-cidr "
        "cluster-name concurrent-service-syncs configure-cloud-routes? contention-profiling? "
        "controller-start-interval disable-http2-serving? emulated-version "
        "enable-leader-migration? external-cloud-volume-plugin feature-gates "
        "http2-max-streams-per-connection kube-api-burst kube-api-content-type kube-api-qps "
        "leader-elect-resource-lock "
        "leader-migration-config master min-resync-period permit-address-sharing? "
        "permit-port-sharing? profiling? requestheader-allowed-names "
        "requestheader-client-ca-file requestheader-extra-headers-prefix "
        "requestheader-group-headers requestheader-uid-headers requestheader-username-headers "
        "route-reconciliation-period tls-cipher-suites tls-curve-preferences tls-min-version "
        "tls-sni-cert-key use-service-account-credentials? webhooks webhook-bind-address "
        "webhook-cert-dir webhook-secure-port"
    ),
)  # fmt: skip
