"""Which Services a change of a pod concerns, and how soon it is acted on."""

from __future__ import annotations

from kubepy.api.core.v1 import Pod, Service
from kubepy.base.clock import Clock
from kubepy.client.informer import NAMESPACE, Informer, key_of
from kubepy.client.workqueue import WorkQueue
from kubepy.controllers import pods as ask
from kubepy.controllers.endpointslice import backends

PERIOD = 0.1  # seconds between two passes over one Service, however fast its pods change


class Pace:
    """The first change is acted on at once, those in quick succession together."""

    def __init__(self, queue: WorkQueue[str], clock: Clock) -> None:
        self._queue = queue
        self._clock = clock
        self._passed: dict[str, float] = {}

    def add(self, key: str) -> None:
        """Queue a Service when its turn has come."""
        last = self._passed.get(key)
        wait = 0.0 if last is None else last + PERIOD - self._clock.monotonic()
        self._queue.add_after(key, wait)

    def passes(self, key: str) -> None:
        """A pass over a Service begins."""
        self._passed[key] = self._clock.monotonic()

    def forget(self, key: str) -> None:
        """The Service is gone."""
        self._passed.pop(key, None)


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
