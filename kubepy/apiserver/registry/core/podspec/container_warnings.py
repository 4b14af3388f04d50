"""What is allowed in containers, but hardly meant: names and ports that are there twice."""

from __future__ import annotations

from collections.abc import Sequence

from kubepy.api.core.v1 import ContainerPort, EnvVar, PodSpec
from kubepy.apiserver.registry.core.podspec.security import containers_of
from kubepy.meta.gotext import quote


def env_warnings(env: Sequence[EnvVar], path: str) -> list[str]:
    """A variable may be defined twice where the second one builds on the first."""
    found = []
    seen = set()
    for index, variable in enumerate(env):
        name, value = variable.name, variable.value
        if name not in seen:
            seen.add(name)
            continue
        earlier = f"$({name})"
        if variable.valueFrom is not None or value == earlier or earlier not in value:
            found.append(
                f"{path}[{index}]: hides previous definition of {quote(name)}, which may be "
                "dropped when using apply"
            )
    return found


def port_warnings(spec: PodSpec, path: str) -> list[str]:
    """Ports of all containers together: they share the pod's address."""
    ports = [
        (port, f"{where}.ports[{index}]")
        for container, where in containers_of(spec, path)
        for index, port in enumerate(container.ports)
    ]
    found = []
    numbers: dict[tuple[int, str], list[tuple[ContainerPort, str]]] = {}
    for port, where in ports:
        if port.hostIP and not port.hostPort:
            found.append(f"{where}: hostIP set without hostPort: {_shown(port)}")
        others = numbers.setdefault((port.containerPort, port.protocol), [])
        for other, there in others:
            if problem := _collision(port, other):
                found.append(f"{where}: {problem} port definition with {there}")
        others.append((port, where))
    names: dict[str, str] = {}
    for port, where in ports:
        if port.name and (there := names.setdefault(port.name, where)) != where:
            found.append(
                f"{where}: duplicate port name {quote(port.name)} with {there}, services and "
                f"probes that select ports by name will use {there}"
            )
    return found


def _collision(port: ContainerPort, other: ContainerPort) -> str:
    """How two definitions of one port are in each other's way, if they are."""
    if port.hostIP == other.hostIP and port.hostPort == other.hostPort:
        return "duplicate"
    if not port.hostPort or not other.hostPort:
        return "overlapping"
    if port.hostPort == other.hostPort and (not port.hostIP or not other.hostIP):
        return "dangerously ambiguous"
    return ""


def _shown(port: ContainerPort) -> str:
    """As Go prints the struct."""
    return (
        f"{{Name:{port.name} HostPort:{port.hostPort} ContainerPort:{port.containerPort} "
        f"Protocol:{port.protocol} HostIP:{port.hostIP}}}"
    )
