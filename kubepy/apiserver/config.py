"""kube-apiserver's command line: Kubernetes' flags, and a few of ours, into one frozen Config."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from kubepy.apiserver.admission import selection
from kubepy.base import version
from kubepy.base.durations import Seconds
from kubepy.base.flags import Flag, Group, Port, Program

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]  # what an object's field can hold
AuthorizationMode = Literal["AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook", "ABAC"]


class PortRange(Struct, frozen=True):
    """Ports from `first` to `last`, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def port_range(text: str) -> PortRange:
    """`30000-32767`. Raises ValueError."""
    first, dash, last = text.partition("-")
    if not (dash and first.isdigit() and last.isdigit()):
        raise ValueError("must be two ports joined by -, such as 30000-32767")
    found = PortRange(int(first), int(last))
    if not 0 < found.first <= found.last <= 65535:
        raise ValueError("must be an ascending range within 1-65535")
    return found


class Config(Struct, frozen=True):
    """Everything that a kube-apiserver is told. Empty paths: not given."""

    bind_address: str = "0.0.0.0"
    secure_port: Port = 6443
    advertise_address: str = ""
    external_hostname: str = ""
    tls_cert_file: str = ""
    tls_private_key_file: str = ""
    cert_dir: str = "/var/run/kubernetes"
    grpc_port: Port = 6444
    grpc_token_port: Port = 6445

    client_ca_file: str = ""
    token_auth_file: str = ""
    anonymous_auth: bool = True
    authorization_mode: tuple[AuthorizationMode, ...] = ("Node", "RBAC")
    api_audiences: tuple[str, ...] = ()
    service_account_issuer: tuple[str, ...] = ()
    service_account_jwks_uri: str = ""
    service_account_key_file: tuple[str, ...] = ()
    service_account_signing_key_file: str = ""
    service_account_max_token_expiration: Seconds = Seconds(0)
    service_account_extend_token_expiration: bool = True

    store_file: str = "/var/lib/kubepy/store.db"
    storage_backend: Literal["", "etcd3"] = ""
    storage_media_type: Literal["application/json"] = "application/json"
    etcd_servers: tuple[str, ...] = ()
    etcd_prefix: str = "/registry"
    etcd_cafile: str = ""
    etcd_certfile: str = ""
    etcd_keyfile: str = ""
    etcd_compaction_interval: Seconds = Seconds(300)
    etcd_healthcheck_timeout: Seconds = Seconds(2)
    etcd_readycheck_timeout: Seconds = Seconds(2)
    event_ttl: Seconds = Seconds(3600)
    max_requests_inflight: int = 400
    max_mutating_requests_inflight: int = 200
    request_timeout: Seconds = Seconds(60)
    shutdown_delay_duration: Seconds = Seconds(0)
    endpoint_reconciler_type: Literal["lease", "none", "master-count"] = "lease"

    service_cluster_ip_range: str = "10.0.0.0/24"
    service_node_port_range: PortRange = PortRange(30000, 32767)
    allow_privileged: bool = False
    enable_admission_plugins: tuple[str, ...] = ()
    disable_admission_plugins: tuple[str, ...] = ()
    default_not_ready_toleration_seconds: Int64 = 300
    default_unreachable_toleration_seconds: Int64 = 300

    requestheader_client_ca_file: str = ""
    requestheader_allowed_names: tuple[str, ...] = ()
    requestheader_username_headers: tuple[str, ...] = ()
    requestheader_uid_headers: tuple[str, ...] = ()
    requestheader_group_headers: tuple[str, ...] = ()
    requestheader_extra_headers_prefix: tuple[str, ...] = ()
    proxy_client_cert_file: str = ""
    proxy_client_key_file: str = ""
    enable_aggregator_routing: bool = False
    aggregator_reject_forwarding_redirect: bool = True

    backend_network_namespace: str = ""
    kubelet_client_certificate: str = ""
    kubelet_client_key: str = ""
    kubelet_certificate_authority: str = ""
    kubelet_preferred_address_types: tuple[str, ...] = (
        "InternalIP",
        "ExternalIP",
        "InternalDNS",
        "ExternalDNS",
        "Hostname",
    )

    @property
    def bind_addresses(self) -> tuple[str, ...]:
        """Kubernetes takes one; several let a local cluster listen on loopback and to its nodes."""
        return tuple(self.bind_address.split(","))


def problems(config: Config) -> Sequence[str]:
    """What is wrong with a config as a whole."""
    found = []
    for flag, path in _files(config):
        if path and not Path(path).is_file():
            found.append(f"--{flag}: {path}: no such file")
    if bool(config.tls_cert_file) != bool(config.tls_private_key_file):
        found.append("--tls-cert-file and --tls-private-key-file go together")
    if bool(config.kubelet_client_certificate) != bool(config.kubelet_client_key):
        found.append("--kubelet-client-certificate and --kubelet-client-key go together")
    if bool(config.proxy_client_cert_file) != bool(config.proxy_client_key_file):
        found.append("--proxy-client-cert-file and --proxy-client-key-file go together")
    if config.service_account_signing_key_file and not config.service_account_issuer:
        found.append("--service-account-signing-key-file needs --service-account-issuer")
    if bool(config.etcd_certfile) != bool(config.etcd_keyfile):
        found.append("--etcd-certfile and --etcd-keyfile go together")
    if config.storage_backend and not config.etcd_servers:
        found.append("--etcd-servers must be specified")
    if unbuilt := [mode for mode in config.authorization_mode if mode in ("Webhook", "ABAC")]:
        found.append(f"--authorization-mode: {unbuilt[0]} is not supported yet")
    if config.endpoint_reconciler_type == "master-count":
        found.append("--endpoint-reconciler-type: master-count is not supported: use lease")
    found += _address_problems(config)
    found += selection.mistakes(config.enable_admission_plugins, config.disable_admission_plugins)
    return found


def _files(config: Config) -> list[tuple[str, str]]:
    return [
        ("tls-cert-file", config.tls_cert_file),
        ("tls-private-key-file", config.tls_private_key_file),
        ("client-ca-file", config.client_ca_file),
        ("token-auth-file", config.token_auth_file),
        *(("service-account-key-file", path) for path in config.service_account_key_file),
        ("service-account-signing-key-file", config.service_account_signing_key_file),
        ("requestheader-client-ca-file", config.requestheader_client_ca_file),
        ("proxy-client-cert-file", config.proxy_client_cert_file),
        ("proxy-client-key-file", config.proxy_client_key_file),
        ("kubelet-client-certificate", config.kubelet_client_certificate),
        ("kubelet-client-key", config.kubelet_client_key),
        ("kubelet-certificate-authority", config.kubelet_certificate_authority),
    ]


def _address_problems(config: Config) -> list[str]:
    found = []
    for text in config.service_cluster_ip_range.split(","):
        try:
            ipaddress.ip_network(text)
        except ValueError as problem:
            found.append(f"--service-cluster-ip-range: {problem}")
    for flag, text in (
        *(("bind-address", address) for address in config.bind_addresses),
        ("advertise-address", config.advertise_address),
    ):
        try:
            if text:
                ipaddress.ip_address(text)
        except ValueError as problem:
            found.append(f"--{flag}: {problem}")
    return found


PROGRAM = Program(
    name="kube-apiserver",
    summary=(
        "Serves the Kubernetes API over REST and gRPC, checks and stores its objects, and tells "
        "everybody about their changes. All other components of a cluster talk to each other "
        "through it."
    ),
    version=f"Kubernetes {version.KUBERNETES} (kubepy {version.KUBEPY})",
    config=Config,
    groups=(
        Group(
            "Serving",
            (
                Flag("bind-address", "The address to listen on, or several: a,b."),
                Flag("secure-port", "The port of REST over HTTPS."),
                Flag("grpc-port", "The port of gRPC with client certificates; 0: none."),
                Flag("grpc-token-port", "The port of gRPC with bearer tokens; 0: none."),
                Flag("advertise-address", "The address that others reach this server at."),
                Flag("external-hostname", "The name that the server calls itself in URLs."),
                Flag("tls-cert-file", "The serving certificate, with its chain."),
                Flag("tls-private-key-file", "Its private key."),
                Flag("cert-dir", "Where a self-signed certificate goes if none is given."),
            ),
        ),
        Group(
            "Who calls, and what they may",
            (
                Flag("client-ca-file", "The CA whose certificates identify clients."),
                Flag("token-auth-file", "A CSV of static tokens: token,user,uid,groups."),
                Flag("anonymous-auth", "Whether requests without credentials are considered."),
                Flag("authorization-mode", "Who decides what callers may do."),
                Flag("api-audiences", "Whom tokens must be meant for; the issuer if not given."),
                Flag("service-account-issuer", "Who signs service-account tokens; the first does."),
                Flag("service-account-jwks-uri", "Where others find the keys of tokens."),
                Flag("service-account-key-file", "Public keys that tokens may be signed with."),
                Flag("service-account-signing-key-file", "The private key to sign tokens with."),
                Flag("service-account-max-token-expiration", "The longest life of a token."),
                Flag(
                    "service-account-extend-token-expiration",
                    "Whether tokens mounted into pods live a year.",
                ),
            ),
        ),
        Group(
            "Other servers",
            (
                Flag("requestheader-client-ca-file", "The CA of proxies that name users."),
                Flag("requestheader-allowed-names", "Common names of such proxies; none: any."),
                Flag("requestheader-username-headers", "Where they name the user."),
                Flag("requestheader-uid-headers", "Where they name the user's UID."),
                Flag("requestheader-group-headers", "Where they name the user's groups."),
                Flag("requestheader-extra-headers-prefix", "How their other headers begin."),
                Flag("proxy-client-cert-file", "Our certificate towards extension servers."),
                Flag("proxy-client-key-file", "Its private key."),
                Flag("enable-aggregator-routing", "Whether to go to endpoints, not cluster IPs."),
                Flag(
                    "aggregator-reject-forwarding-redirect",
                    "Whether extension servers may not redirect clients.",
                ),
            ),
        ),
        Group(
            "Storage and load",
            (
                Flag("store-file", "The SQLite file with everything in it, if no etcd is named."),
                Flag("etcd-servers", "The etcd to use instead: http://ip:port, or several."),
                Flag("etcd-prefix", "What the keys of all objects begin with."),
                Flag("etcd-cafile", "The CA of the etcd servers' certificates."),
                Flag("etcd-certfile", "Our certificate towards them."),
                Flag("etcd-keyfile", "Its private key."),
                Flag("etcd-compaction-interval", "How long history is kept at least; 0: for ever."),
                Flag("etcd-healthcheck-timeout", "How long the health check waits for the store."),
                Flag("etcd-readycheck-timeout", "How long the readiness check does."),
                Flag("storage-backend", "etcd3, the only one that has a name."),
                Flag("storage-media-type", "How objects are written; any kind is read."),
                Flag("event-ttl", "How long events are kept."),
                Flag("max-requests-inflight", "Reading requests at once; 0: any number."),
                Flag("max-mutating-requests-inflight", "Changing requests at once; 0: any number."),
                Flag("request-timeout", "The longest a request may take."),
                Flag("shutdown-delay-duration", "How long to go on serving while not ready."),
                Flag(
                    "endpoint-reconciler-type",
                    "Whether servers are endpoints of the Service kubernetes: lease or none.",
                ),
            ),
        ),
        Group(
            "Services, pods and nodes",
            (
                Flag("service-cluster-ip-range", "The addresses of Services, as a CIDR."),
                Flag("service-node-port-range", "The ports of NodePorts.", read=port_range),
                Flag("allow-privileged", "Whether containers may be privileged."),
                Flag("enable-admission-plugins", "Admission plugins beside the default ones."),
                Flag("disable-admission-plugins", "Default admission plugins to leave out."),
                Flag(
                    "default-not-ready-toleration-seconds",
                    "How long pods that do not say so stay on a node that is not ready.",
                ),
                Flag(
                    "default-unreachable-toleration-seconds",
                    "How long pods that do not say so stay on a node that is unreachable.",
                ),
                Flag(
                    "backend-network-namespace",
                    "The network namespace, such as /proc/1/ns/net, from which to reach nodes, "
                    "pods and Services; our own if it is not given.",
                ),
                Flag("kubelet-client-certificate", "Our certificate towards kubelets."),
                Flag("kubelet-client-key", "Its private key."),
                Flag("kubelet-certificate-authority", "The CA of kubelets' own certificates."),
                Flag("kubelet-preferred-address-types", "Which node addresses to use, by type."),
            ),
        ),
    ),
    unsupported=(
        "admission-control admission-control-config-file "
        "allow-metric-labels allow-metric-labels-manifest apiserver-count "
        "audit-log-batch-buffer-size audit-log-batch-max-size audit-log-batch-max-wait "
        "audit-log-batch-throttle-burst audit-log-batch-throttle-enable? "
        "audit-log-batch-throttle-qps audit-log-compress? audit-log-truncate-enabled? "
        "audit-log-truncate-max-batch-size audit-log-truncate-max-event-size audit-log-version "
        "audit-webhook-batch-buffer-size audit-webhook-batch-max-size "
        "audit-webhook-batch-max-wait audit-webhook-batch-throttle-burst "
        "audit-webhook-batch-throttle-enable? audit-webhook-batch-throttle-qps "
        "audit-webhook-initial-backoff audit-webhook-truncate-enabled? "
        "audit-webhook-truncate-max-batch-size audit-webhook-truncate-max-event-size "
        "audit-webhook-version coordinated-leadership-lease-duration "
        "coordinated-leadership-renew-deadline coordinated-leadership-retry-period "
        "debug-socket-path disable-http2-serving? disabled-metrics emulation-forward-compatible? "
        "runtime-config-emulation-forward-compatible? storage-initialization-timeout "
        "tls-curve-preferences audit-log-format audit-log-maxage audit-log-maxbackup "
        "audit-log-maxsize audit-log-mode audit-log-path audit-policy-file "
        "audit-webhook-config-file audit-webhook-mode authentication-config "
        "authentication-token-webhook-cache-ttl authentication-token-webhook-config-file "
        "authentication-token-webhook-version authorization-config authorization-policy-file "
        "authorization-webhook-cache-authorized-ttl "
        "authorization-webhook-cache-unauthorized-ttl authorization-webhook-config-file "
        "authorization-webhook-version contention-profiling? cors-allowed-origins "
        "default-watch-cache-size delete-collection-workers egress-selector-config-file "
        "emulated-version enable-bootstrap-token-auth? "
        "enable-garbage-collector? enable-logs-handler? enable-priority-and-fairness? "
        "encryption-provider-config encryption-provider-config-automatic-reload? "
        "etcd-count-metric-poll-period etcd-db-metric-poll-interval etcd-servers-overrides "
        "feature-gates "
        "goaway-chance http2-max-streams-per-connection identity-lease-duration-seconds "
        "identity-lease-renew-interval-seconds kubelet-port kubelet-timeout "
        "kubernetes-service-node-port lease-reuse-duration-seconds livez-grace-period "
        "max-connection-bytes-per-sec min-compatibility-version min-request-timeout "
        "oidc-ca-file oidc-client-id oidc-groups-claim oidc-groups-prefix oidc-issuer-url "
        "oidc-required-claim oidc-signing-algs oidc-username-claim oidc-username-prefix "
        "peer-advertise-ip peer-advertise-port peer-ca-file permit-address-sharing? "
        "permit-port-sharing? profiling?  "
        "runtime-config "
        "service-account-api-audiences service-account-lookup? service-account-signing-endpoint "
        "show-hidden-metrics-for-version shutdown-send-retry-after? "
        "shutdown-watch-termination-grace-period "
        "strict-transport-security-directives tls-cipher-suites tls-min-version "
        "tls-sni-cert-key tracing-config-file watch-cache-sizes watch-cache?"
    ),
    check=problems,
    instead=(("etcd-servers-overrides", "ignored, all data goes to the etcd of --etcd-servers"),),
)
