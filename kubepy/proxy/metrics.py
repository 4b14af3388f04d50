"""What kube-proxy counts, under Kubernetes' names."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SYNC_BUCKETS = tuple(0.001 * 2**power for power in range(15))
_NETWORK_BUCKETS = (
    0.25, 0.5, *range(1, 60), *range(60, 120, 5), *range(120, 301, 30)
)  # fmt: skip


class Metrics:
    """One proxy's; each has a registry of its own, so that several fit into a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def histogram(name: str, words: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(name, words, buckets=buckets, registry=self.registry)

        def gauge(name: str, words: str) -> Gauge:
            return Gauge(name, words, registry=self.registry)

        def counter(name: str, words: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(name, words, labels, registry=self.registry)

        sync = "kubeproxy_sync_proxy_rules"
        self.sync = histogram(f"{sync}_duration_seconds", "One round of syncing", _SYNC_BUCKETS)
        self.full_sync = histogram(
            "kubeproxy_sync_full_proxy_rules_duration_seconds", "A full round", _SYNC_BUCKETS
        )
        self.partial_sync = histogram(
            "kubeproxy_sync_partial_proxy_rules_duration_seconds", "A partial round", _SYNC_BUCKETS
        )
        self.network_programming = histogram(
            "kubeproxy_network_programming_duration_seconds",
            "From the change of a Service or pod to the rules in the kernel",
            _NETWORK_BUCKETS,
        )
        self.last_sync = gauge(f"{sync}_last_timestamp_seconds", "When rules were last synced")
        self.last_queued = gauge(
            f"{sync}_last_queued_timestamp_seconds", "When a sync was last asked for"
        )
        self.service_changes = counter(f"{sync}_service_changes_total", "Service changes seen")
        self.endpoint_changes = counter(f"{sync}_endpoint_changes_total", "Slice changes seen")
        self.services_pending = gauge(f"{sync}_service_changes_pending", "Not yet synced")
        self.endpoints_pending = gauge(f"{sync}_endpoint_changes_pending", "Not yet synced")
        self.failures = counter(
            f"{sync}_nftables_sync_failures_total", "Transactions that the kernel refused"
        )
        self.flows_deleted = counter(
            "kubeproxy_conntrack_reconciler_deleted_entries_total", "Stale flows deleted"
        )
        self.healthz = counter("kubeproxy_proxy_healthz_total", "Answers of healthz", ("code",))
        self.livez = counter("kubeproxy_proxy_livez_total", "Answers of livez", ("code",))
