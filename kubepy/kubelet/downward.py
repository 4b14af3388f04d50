"""What a pod may learn of itself: fields and resources, for environment variables and volumes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from kubepy.api.core.v1 import Container, Pod, ResourceFieldSelector
from kubepy.api.types import Quantity

_KEYED = re.compile(r"metadata\.(labels|annotations)\['(.+)'\]")
_DEFAULT_DIVISOR = Fraction(1)


class UnknownField(ValueError):
    """The path names nothing that the downward API offers."""


def field(pod: Pod, path: str, node: Mapping[str, str] | None = None) -> str:
    """The value of `fieldRef`; `node` has hostIP(s) and podIP(s) that the status lacks as yet."""
    if keyed := _KEYED.fullmatch(path):
        values = pod.metadata.labels if keyed[1] == "labels" else pod.metadata.annotations
        return values.get(keyed[2], "")
    known = {**(node or {}), **{k: v for k, v in _status_fields(pod).items() if v}}
    match path:
        case "metadata.name":
            return pod.metadata.name
        case "metadata.namespace":
            return pod.metadata.namespace
        case "metadata.uid":
            return pod.metadata.uid
        case "metadata.labels":
            return _listing(pod.metadata.labels)
        case "metadata.annotations":
            return _listing(pod.metadata.annotations)
        case "spec.nodeName":
            return pod.spec.nodeName
        case "spec.serviceAccountName":
            return pod.spec.serviceAccountName
        case "status.hostIP" | "status.hostIPs" | "status.podIP" | "status.podIPs":
            return known.get(path, "")
    raise UnknownField(f"unsupported fieldPath: {path}")


def _status_fields(pod: Pod) -> dict[str, str]:
    return {
        "status.hostIP": pod.status.hostIP,
        "status.hostIPs": ",".join(ip.ip for ip in pod.status.hostIPs),
        "status.podIP": pod.status.podIP,
        "status.podIPs": ",".join(ip.ip for ip in pod.status.podIPs),
    }


def _listing(values: Mapping[str, str]) -> str:
    """A line a key, the value quoted as Go's %q does."""
    return "\n".join(f"{key}={_quoted(value)}" for key, value in sorted(values.items()))


def _quoted(text: str) -> str:
    plain = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(plain.get(char, char) for char in text) + '"'


def resource(
    pod: Pod, selector: ResourceFieldSelector, allocatable: Mapping[str, Quantity], container: str
) -> str:
    """The value of `resourceFieldRef`: a whole number of divisors, rounded up.

    A limit that is not set is what the node can give; a request that is not set is the limit.
    `container` is asked when the selector names none.
    """
    owner = _container(pod, selector.containerName or container)
    kind, _, name = selector.resource.partition(".")
    if kind not in ("limits", "requests") or not name:
        raise UnknownField(f"unsupported container resource: {selector.resource}")
    limits, requests = owner.resources.limits, owner.resources.requests
    if kind == "limits":
        amount = limits.get(name) or allocatable.get(name)
    else:
        amount = requests.get(name) or limits.get(name)
    divisor = Quantity(selector.divisor).exact() or _DEFAULT_DIVISOR
    share = Quantity(amount or "0").exact() / divisor
    return str(-((-share.numerator) // share.denominator))


def _container(pod: Pod, name: str) -> Container:
    for container in (*pod.spec.containers, *pod.spec.initContainers):
        if container.name == name:
            return container
    raise UnknownField(f"container {name} not found")
