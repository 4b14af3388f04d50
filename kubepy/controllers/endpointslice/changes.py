"""Which Services a change of a pod concerns."""

from __future__ import annotations

from kubepy.api.core.v1 import Pod, Service
from kubepy.client.informer import NAMESPACE, Informer, key_of
from kubepy.controllers import pods as ask
from kubepy.controllers.endpointslice import backends


def services_of_change(services: Informer[Service], old: Pod | None, new: Pod | None) -> set[str]:
    """The keys of the Services whose endpoints may look different now."""
    pod = new or old
    assert pod is not None
    if old is not None and new is not None and _face(old) == _face(new):
        return set()
    return {
        key_of(service)
        for service in services.by(NAMESPACE, pod.metadata.namespace)
        for seen in (old, new)
        if seen is not None and backends.selects(service, seen.metadata.labels)
    }


def _face(pod: Pod) -> tuple[object, ...]:
    """What endpoints show of a pod."""
    return (
        pod.metadata.labels,
        pod.metadata.deletionTimestamp is None,
        pod.status.podIPs or pod.status.podIP,
        pod.spec.nodeName,
        ask.is_ready(pod),
        ask.is_finished(pod),
        pod.metadata.uid,
    )
