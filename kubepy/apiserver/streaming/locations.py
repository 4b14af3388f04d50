"""Where on a node a pod's streams are: pod, node and query to a path of the kubelet. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlencode

from msgspec import Struct

from kubepy.api.core.v1 import Node, Pod
from kubepy.api.types import Time
from kubepy.apiserver.query import Query, flag, number, text
from kubepy.meta import errors

KUBELET_PORT = 10250
LOG_STREAMS = ("All", "Stdout", "Stderr")
DEFAULT_PORTS = {"http": 80, "https": 443}
STREAM_FLAGS = {"stdin": "input", "stdout": "output", "stderr": "error", "tty": "tty"}


class Address(Struct, frozen=True):
    """A kubelet's server."""

    host: str
    port: int


def address_of(node: Node, preferred: Sequence[str]) -> Address:
    """A node's address, of the most preferred type it has. Raises InternalError."""
    port = node.status.daemonEndpoints.kubeletEndpoint.Port or KUBELET_PORT
    for type_ in preferred:
        for address in node.status.addresses:
            if address.type == type_ and address.address:
                return Address(address.address, port)
    raise errors.InternalError.of(
        f"no preferred addresses found; known addresses: {node.metadata.name}"
    )


def container_of(pod: Pod, wanted: str) -> str:
    """The container that is meant. Raises BadRequest."""
    name = pod.metadata.name
    containers = [container.name for container in pod.spec.containers]
    init = [container.name for container in pod.spec.initContainers]
    ephemeral = [container.name for container in pod.spec.ephemeralContainers]
    if wanted:
        if wanted not in (*containers, *init, *ephemeral):
            raise errors.BadRequest.of(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(containers) == 1:
        return containers[0]
    problem = f"a container name must be specified for pod {name}"
    if containers:
        problem += f", choose one of: [{' '.join(containers)}]"
    if init:
        problem += f" or one of the init containers: [{' '.join(init)}]"
    if ephemeral:
        problem += f" or one of the ephemeral containers: [{' '.join(ephemeral)}]"
    raise errors.BadRequest.of(problem)


def assigned(pod: Pod) -> None:
    """Raises BadRequest."""
    if not pod.spec.nodeName:
        raise errors.BadRequest.of(f"pod {pod.metadata.name} does not have a host assigned")


def log_path(pod: Pod, query: Query) -> str:
    """The kubelet's path of a container's log. Raises Invalid, BadRequest."""
    given = log_options(pod.metadata.name, query)
    container = container_of(pod, text(query, "container"))
    path = "/".join(("/containerLogs", pod.metadata.namespace, pod.metadata.name, container))
    return f"{path}?{urlencode(given)}" if given else path


def log_options(name: str, query: Query) -> list[tuple[str, str]]:
    """What the kubelet should know of the log's options. Raises Invalid, BadRequest."""
    tail = number(query, "tailLines")
    limit = number(query, "limitBytes")
    seconds = number(query, "sinceSeconds")
    since = text(query, "sinceTime")
    stream = text(query, "stream")
    problems = []
    if tail is not None and tail < 0:
        problems.append(errors.invalid("tailLines", tail, "must be greater than or equal to 0"))
    if limit is not None and limit < 1:
        problems.append(errors.invalid("limitBytes", limit, "must be greater than 0"))
    if seconds is not None and since:
        problems.append(
            errors.forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified")
        )
    elif seconds is not None and seconds < 1:
        problems.append(errors.invalid("sinceSeconds", seconds, "must be greater than 0"))
    if stream and stream not in LOG_STREAMS:
        problems.append(errors.not_supported("stream", stream, LOG_STREAMS))
    elif stream and stream != "All" and tail is not None:
        problems.append(
            errors.forbidden(
                "tailLines", "`tailLines` and specific `stream` are mutually exclusive for now"
            )
        )
    if problems:
        raise errors.Invalid.of("", "PodLogOptions", name, problems)
    if since:
        _check_time(since)
    numbers = {"tailLines": tail, "limitBytes": limit, "sinceSeconds": seconds}
    given = [(key, str(value)) for key, value in numbers.items() if value is not None]
    if since:
        given.append(("sinceTime", since))
    if stream and stream != "All":
        given.append(("stream", stream))
    flags = ("follow", "previous", "timestamps")
    return given + [(name, "true") for name in flags if flag(query, name)]


def _check_time(value: str) -> None:
    try:
        Time.from_wire(value)
    except ValueError as problem:
        raise errors.BadRequest.of(str(problem)) from None


def exec_path(pod: Pod, query: Query) -> str:
    path = _stream_path("exec", pod, query)
    commands = urlencode([("command", word) for word in query.get("command", ())])
    return "&".join(filter(None, (path, commands)))


def attach_path(pod: Pod, query: Query) -> str:
    return _stream_path("attach", pod, query)


def _stream_path(verb: str, pod: Pod, query: Query) -> str:
    container = container_of(pod, text(query, "container"))
    assigned(pod)
    flags = [(name, "1") for key, name in STREAM_FLAGS.items() if flag(query, key)]
    path = "/".join((f"/{verb}", pod.metadata.namespace, pod.metadata.name, container))
    return f"{path}?{urlencode(flags)}"


def port_forward_path(pod: Pod, query: Query) -> str:
    assigned(pod)
    ports = urlencode([("port", port) for port in query.get("ports", ())])
    path = f"/portForward/{pod.metadata.namespace}/{pod.metadata.name}"
    return f"{path}?{ports}" if ports else path


class Endpoint(Struct, frozen=True):
    """What a proxied name says: `https:web:8443` is scheme, name and port, or its name."""

    scheme: str
    name: str
    port: str


def endpoint_of(name: str, kind: str) -> Endpoint:
    """Raises BadRequest. `kind` is what the message calls it: pod, service, node."""
    match name.split(":"):
        case [only] if only:
            return Endpoint("http", only, "")
        case [first, port] if first:
            return Endpoint("http", first, port)
        case [("http" | "https" | "") as scheme, middle, port] if middle:
            return Endpoint(scheme or "http", middle, port)
    raise errors.BadRequest.of(f'invalid {kind} request "{name}"')


def pod_backend(wanted: Endpoint, pod: Pod) -> Address:
    """Where a proxied pod listens: the port asked for, or its first. Raises BadRequest."""
    declared = [port.containerPort for c in pod.spec.containers for port in c.ports]
    address = pod.status.podIPs[0].ip if pod.status.podIPs else pod.status.podIP
    if not is_proxyable(address):
        raise errors.BadRequest.of("address not allowed")
    port = port_number(wanted.port) if wanted.port else 0
    return Address(address, port or (declared[0] if declared else DEFAULT_PORTS[wanted.scheme]))


def node_backend(wanted: Endpoint, kubelet: Address) -> Address | None:
    """Another server on a node than its kubelet; None: the kubelet. Raises BadRequest."""
    if wanted.port in ("", str(kubelet.port)):
        return None
    if not is_proxyable(kubelet.host):
        raise errors.BadRequest.of("address not allowed")
    return Address(kubelet.host, port_number(wanted.port))


def port_number(text: str) -> int:
    """Raises ServiceUnavailable: it shows when one tries to get there."""
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise errors.ServiceUnavailable.of(
        f"error trying to reach service: dial tcp: lookup tcp/{text}: unknown port"
    )


def is_proxyable(host: str) -> bool:
    """Whether an address is one that the outside world may be led to; names are, as they are."""
    try:
        address = ip_address(host)
    except ValueError:
        return bool(host)
    return not (
        address.is_unspecified
        or address.is_loopback
        or address.is_multicast
        or address.is_link_local
        or host == "255.255.255.255"
    )


def below_proxy(rest: str, *, ends_with_slash: bool) -> str:
    """The backend's path: what follows `/proxy`; empty, if nothing does."""
    path = f"/{rest}" if rest else ""
    return path + "/" if ends_with_slash and not path.endswith("/") else path
