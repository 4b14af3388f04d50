"""The Node object's status, computed from what the machine and the runtime say. Touches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.core.v1 import (
    ContainerImage,
    DaemonEndpoint,
    NodeAddress,
    NodeCondition,
    NodeDaemonEndpoints,
    NodeFeatures,
    NodeRuntimeHandler,
    NodeRuntimeHandlerFeatures,
    NodeStatus,
    NodeSwapStatus,
    NodeSystemInfo,
)
from kubepy.api.types import Quantity, Time
from kubepy.base.version import KUBERNETES
from kubepy.kubelet.config import KubeletConfiguration
from kubepy.kubelet.node.machine import Machine, Pressure
from kubepy.kubelet.runtime.model import Image, RuntimeInfo, RuntimeStatus

NAMES_AN_IMAGE = 5  # that a node's status tells
KIB = 1024


class Reading(Struct, frozen=True):
    """Everything that was read for one status."""

    machine: Machine
    pressure: Pressure
    addresses: tuple[str, ...]
    runtime: RuntimeInfo | None
    runtime_status: RuntimeStatus | None
    images: Sequence[Image]
    port: int
    problems: tuple[str, ...] = ()  # what else keeps pods from running


def capacity(machine: Machine, disk: int, config: KubeletConfiguration) -> dict[str, Quantity]:
    return {
        "cpu": Quantity.of(machine.cpus),
        "memory": Quantity.of(f"{machine.memory // KIB}Ki"),
        "ephemeral-storage": Quantity.of(f"{disk // KIB}Ki"),
        "hugepages-1Gi": Quantity("0"),
        "hugepages-2Mi": Quantity("0"),
        "pods": Quantity.of(config.maxPods),
    }


def allocatable(whole: Mapping[str, Quantity], config: KubeletConfiguration) -> dict[str, Quantity]:
    """The capacity without what is reserved and what eviction keeps free."""
    found = dict(whole)
    for name in ("cpu", "memory", "ephemeral-storage"):
        kept = Fraction(0)
        for reserved in (config.systemReserved, config.kubeReserved):
            if name in reserved:
                kept += Quantity.of(reserved[name]).exact()
        signal = {"memory": "memory.available", "ephemeral-storage": "nodefs.available"}.get(name)
        limit = config.evictionHard.get(signal, "") if signal else ""
        kept += threshold(limit, whole[name].value())
        if kept:
            left = max(whole[name].exact() - kept, Fraction(0))
            if name == "memory" and left % KIB == 0:
                found[name] = Quantity.of(f"{int(left) // KIB}Ki")
            else:
                found[name] = Quantity.of(left)
    return found


def threshold(text: str, whole: int) -> int:
    """`100Mi` or `10%` of the whole, in units."""
    if not text:
        return 0
    if text.endswith("%"):
        return int(whole * float(text[:-1]) / 100)
    return Quantity.of(text).value()


def status(
    old: NodeStatus, reading: Reading, config: KubeletConfiguration, now: Time
) -> NodeStatus:
    """The node's status; what others put into it stays."""
    machine = reading.machine
    whole = capacity(machine, reading.pressure.node_disk[1], config)
    foreign = {k: v for k, v in old.capacity.items() if k not in whole}
    offered = {k: v for k, v in old.allocatable.items() if k in foreign}
    runtime_status = reading.runtime_status or RuntimeStatus()
    own = conditions(old.conditions, reading, config, now)
    kinds = {c.type for c in own}
    return replace(
        old,
        capacity={**whole, **foreign},
        allocatable={**allocatable(whole, config), **offered},
        conditions=(*(c for c in old.conditions if c.type not in kinds), *own),
        addresses=addresses(old.addresses, reading.addresses, machine.hostname),
        daemonEndpoints=NodeDaemonEndpoints(kubeletEndpoint=DaemonEndpoint(Port=reading.port)),
        nodeInfo=_info(machine, reading.runtime),
        images=images(reading.images, config.nodeStatusMaxImages),
        runtimeHandlers=tuple(
            NodeRuntimeHandler(
                name=handler.name,
                features=NodeRuntimeHandlerFeatures(
                    recursiveReadOnlyMounts=handler.recursive_read_only_mounts,
                    userNamespaces=handler.user_namespaces,
                ),
            )
            for handler in runtime_status.handlers
        ),
        features=NodeFeatures(supplementalGroupsPolicy=runtime_status.supplemental_groups_policy),
    )


def addresses(
    old: Iterable[NodeAddress], ips: Sequence[str], hostname: str
) -> tuple[NodeAddress, ...]:
    """The node's own addresses; those that a cloud adds stay."""
    own = [NodeAddress(type="InternalIP", address=ip) for ip in ips]
    own.append(NodeAddress(type="Hostname", address=hostname))
    kinds = {"InternalIP", "Hostname"}
    return (*own, *(a for a in old if a.type not in kinds))


def images(found: Sequence[Image], most: int) -> tuple[ContainerImage, ...]:
    """The largest images, with digests before tags."""
    largest = sorted(found, key=lambda image: -image.size)
    if most >= 0:
        largest = largest[:most]
    return tuple(
        ContainerImage(
            names=tuple((*image.digests, *image.tags)[:NAMES_AN_IMAGE]), sizeBytes=image.size
        )
        for image in largest
    )


_PRESSURES = (
    (
        "MemoryPressure",
        ("KubeletHasInsufficientMemory", "kubelet has insufficient memory available"),
        ("KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        {"memory.available": "memory"},
    ),
    (
        "DiskPressure",
        ("KubeletHasDiskPressure", "kubelet has disk pressure"),
        ("KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        {
            "nodefs.available": "node_disk",
            "nodefs.inodesFree": "node_inodes",
            "imagefs.available": "image_disk",
            "imagefs.inodesFree": "image_inodes",
        },
    ),
    (
        "PIDPressure",
        ("KubeletHasInsufficientPID", "kubelet has insufficient PID available"),
        ("KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        {"pid.available": "pids"},
    ),
)


def conditions(
    old: Iterable[NodeCondition], reading: Reading, config: KubeletConfiguration, now: Time
) -> tuple[NodeCondition, ...]:
    """MemoryPressure, DiskPressure, PIDPressure, Ready."""
    before = {c.type: c for c in old}
    found = []
    for kind, bad, good, signals in _PRESSURES:
        pressed = any(
            _is_short(getattr(reading.pressure, field), config.evictionHard.get(signal, ""))
            for signal, field in signals.items()
        )
        reason, message = bad if pressed else good
        found.append(_condition(before, kind, pressed, reason, message, now))
    problems = not_ready(reading)
    if problems:
        message = ", ".join(problems)
        message = f"[{message}]" if len(problems) > 1 else message
        found.append(_condition(before, "Ready", False, "KubeletNotReady", message, now))
    else:
        text = "kubelet is posting ready status"
        found.append(_condition(before, "Ready", True, "KubeletReady", text, now))
    return tuple(found)


def not_ready(reading: Reading) -> list[str]:
    """What keeps the node from running pods."""
    problems = list(reading.problems)
    if reading.runtime_status is None:
        problems.append("container runtime is down")
        return problems
    if reading.runtime_status.runtime_problem:
        problems.append(f"container runtime not ready: {reading.runtime_status.runtime_problem}")
    if reading.runtime_status.network_problem:
        problems.append(
            f"container runtime network not ready: {reading.runtime_status.network_problem}"
        )
    return problems


def _is_short(amounts: tuple[int, int], limit: str) -> bool:
    available, whole = amounts
    return bool(limit) and whole > 0 and available < threshold(limit, whole)


def _condition(
    before: Mapping[str, NodeCondition],
    kind: str,
    true: bool,
    reason: str,
    message: str,
    now: Time,
) -> NodeCondition:
    value = "True" if true else "False"
    old = before.get(kind)
    since = old.lastTransitionTime if old is not None and old.status == value else now
    return NodeCondition(
        type=kind,
        status=value,
        lastHeartbeatTime=now,
        lastTransitionTime=since,
        reason=reason,
        message=message,
    )


def _info(machine: Machine, runtime: RuntimeInfo | None) -> NodeSystemInfo:
    return NodeSystemInfo(
        machineID=machine.machine_id,
        systemUUID=machine.system_uuid,
        bootID=machine.boot_id,
        kernelVersion=machine.kernel,
        osImage=machine.os_image,
        containerRuntimeVersion=f"{runtime.name}://{runtime.version}" if runtime else "",
        kubeletVersion=KUBERNETES,
        kubeProxyVersion="",
        operatingSystem="linux",
        architecture=machine.architecture,
        swap=NodeSwapStatus(capacity=machine.swap) if machine.swap else None,
    )


def turns(old: NodeStatus, new: NodeStatus) -> list[str]:
    """The reasons of the events that tell of changed conditions, in Kubernetes' words.

    A new node's pressures are told, its readiness is not: it has yet to become ready.
    """
    before = {c.type: c.status for c in old.conditions}
    now = {c.type: c for c in new.conditions}
    changed = [now[t] for t in _ORDER if t in now and before.get(t) != now[t].status]
    told = [c for c in changed if c.type != "Ready" or c.type in before]
    return [c.reason.replace("Kubelet", "Node", 1) for c in told]


_ORDER = (*(kind for kind, *_ in _PRESSURES), "Ready")


def is_news(old: NodeStatus, new: NodeStatus) -> bool:
    """Whether the status says anything new but that time has passed."""

    def bare(status: NodeStatus) -> NodeStatus:
        plain = tuple(replace(c, lastHeartbeatTime=None) for c in status.conditions)
        return replace(status, conditions=tuple(sorted(plain, key=lambda c: c.type)))

    return bare(old) != bare(new)


def labels(machine: Machine, name: str) -> dict[str, str]:
    """The labels that a node gives itself."""
    return {
        "beta.kubernetes.io/arch": machine.architecture,
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": machine.architecture,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
    }
