"""Whether the node can take a pod in. The scheduler has asked already, but not always rightly.

A pod that is refused fails at once, with the reason that Kubernetes gives: OutOfcpu, NodePorts …
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from kubepy.api.core.v1 import Node, Pod
from kubepy.api.types import Quantity
from kubepy.kubelet.pod.containers import each, is_sidecar, is_static
from kubepy.kubelet.pod.status import Verdict

_COUNTED = ("cpu", "memory", "ephemeral-storage")


def admit(
    pod: Pod, others: Sequence[Pod], allocatable: Mapping[str, Quantity], node: Node | None
) -> Verdict | None:
    """None if the pod may run beside `others`; otherwise how it fails. Static pods always may."""
    if is_static(pod):
        return None
    most = allocatable.get("pods")
    if most is not None and len(others) + 1 > most.value():
        return _lacking("pods", Fraction(1), Fraction(len(others)), most.exact())
    for name in _COUNTED:
        wanted = requests(pod, name)
        if not wanted or name not in allocatable:
            continue
        used = sum((requests(other, name) for other in others), Fraction(0))
        if wanted + used > allocatable[name].exact():
            return _lacking(name, wanted, used, allocatable[name].exact())
    if _ports(pod) & {port for other in others for port in _ports(other)}:
        return _verdict("NodePorts", "Predicate NodePorts failed")
    if node is not None and not _selected(pod, node):
        return _verdict("NodeAffinity", "Predicate NodeAffinity failed")
    return None


def requests(pod: Pod, name: str) -> Fraction:
    """How much of a resource the pod is counted with."""

    def amount(container) -> Fraction:  # type: ignore[no-untyped-def]
        quantity = container.resources.requests.get(name)
        return quantity.exact() if quantity else Fraction(0)

    most = sidecars = Fraction(0)
    for container in pod.spec.initContainers:
        if is_sidecar(container):
            sidecars += amount(container)
            most = max(most, sidecars)
        else:
            most = max(most, sidecars + amount(container))
    together = sidecars + sum((amount(c) for c in pod.spec.containers), Fraction(0))
    overhead = pod.spec.overhead.get(name)
    return max(most, together) + (overhead.exact() if overhead else 0)


def _lacking(name: str, wanted: Fraction, used: Fraction, capacity: Fraction) -> Verdict:
    factor = 1000 if name == "cpu" else 1
    numbers = [int(value * factor) for value in (wanted, used, capacity)]
    return _verdict(
        f"OutOf{name}",
        f"Node didn't have enough resource: {name}, "
        f"requested: {numbers[0]}, used: {numbers[1]}, capacity: {numbers[2]}",
    )


def _verdict(reason: str, message: str) -> Verdict:
    return Verdict("Failed", reason, f"Pod was rejected: {message}")


def _ports(pod: Pod) -> set[tuple[str, str, int]]:
    return {
        (port.hostIP or "0.0.0.0", port.protocol or "TCP", port.hostPort)
        for _, container in each(pod)
        for port in container.ports
        if port.hostPort
    }


def _selected(pod: Pod, node: Node) -> bool:
    labels = node.metadata.labels
    return all(labels.get(key) == value for key, value in pod.spec.nodeSelector.items())


def running(pods: Iterable[Pod]) -> list[Pod]:
    """The pods that hold resources: all but those that have ended."""
    return [pod for pod in pods if pod.status.phase not in ("Succeeded", "Failed")]
