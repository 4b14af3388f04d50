"""The node policy: what silence means, and which taints follow. Touches nothing.

A node is alive while its heartbeats change: the renewTime of its Lease, or the heartbeat in its
Ready condition. Only that they change counts, seen by the own clock; the node's may be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.coordination.v1 import Lease
from kubepy.api.core.v1 import Node, NodeCondition, Taint
from kubepy.api.types import Time
from kubepy.meta import conditions

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
REGION = "topology.kubernetes.io/region"
ZONE = "topology.kubernetes.io/zone"

KUBELET_CONDITIONS = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
# condition type → its status → the taint that keeps new pods away
CONDITION_TAINTS: Mapping[str, Mapping[str, str]] = {
    "Ready": {"False": NOT_READY, "Unknown": UNREACHABLE},
    "MemoryPressure": {"True": "node.kubernetes.io/memory-pressure"},
    "DiskPressure": {"True": "node.kubernetes.io/disk-pressure"},
    "NetworkUnavailable": {"True": "node.kubernetes.io/network-unavailable"},
    "PIDPressure": {"True": "node.kubernetes.io/pid-pressure"},
}
NO_SCHEDULE_KEYS = frozenset(
    {UNSCHEDULABLE, *(key for taints in CONDITION_TAINTS.values() for key in taints.values())}
)
NO_EXECUTE_KEYS = frozenset({NOT_READY, UNREACHABLE})


class Patience(Struct, frozen=True, kw_only=True):
    """Seconds and rates; the defaults are Kubernetes'."""

    monitor_period: float = 5.0
    grace: float = 50.0  # of silence, until a node counts as lost
    startup_grace: float = 60.0  # until a node that never reported counts as lost
    eviction_rate: float = 0.1  # nodes a second that are emptied, in each zone
    secondary_rate: float = 0.01  # the same in a large zone of which much is lost
    large_zone: int = 50  # nodes
    unhealthy_zone: float = 0.55  # of its nodes lost: the zone itself is in trouble


class Heartbeat(Struct, frozen=True):
    """The last sign of life: what it looked like, and when it was seen."""

    sign: tuple[str | None, str | None]
    seen: float
    reported: bool  # whether the node has ever told its Ready condition


def observe(known: Heartbeat | None, node: Node, lease: Lease | None, now: float) -> Heartbeat:
    """The heartbeat as it is known now; `now` is the wall clock of this process."""
    ready = conditions.find(node.status.conditions, "Ready")
    renewed = lease.spec.renewTime if lease is not None else None
    sign = (ready.lastHeartbeatTime if ready else None, renewed)
    if known is not None and known.sign == sign and known.reported == (ready is not None):
        return known
    if known is None and ready is None:  # counted from its birth, not from our own start
        created = node.metadata.creationTimestamp
        return Heartbeat(sign, created.unix() if created else now, False)
    if known is not None and _written_here(node) and known.sign[1] == sign[1]:
        return known  # what changed is what we wrote ourselves
    return Heartbeat(sign, now, ready is not None)


def _written_here(node: Node) -> bool:
    ready = conditions.find(node.status.conditions, "Ready")
    return ready is not None and ready.reason in ("NodeStatusUnknown", "NodeStatusNeverUpdated")


def is_lost(heartbeat: Heartbeat, patience: Patience, now: float) -> bool:
    grace = patience.grace if heartbeat.reported else patience.startup_grace
    return now > heartbeat.seen + grace


def lost_conditions(node: Node, now: float) -> tuple[NodeCondition, ...]:
    """The conditions of a node that has fallen silent: nobody knows."""
    time = Time.from_unix(now)
    result = node.status.conditions
    for type in KUBELET_CONDITIONS:
        known = conditions.find(result, type)
        if known is None:
            unknown = NodeCondition(
                type=type,
                status="Unknown",
                reason="NodeStatusNeverUpdated",
                message="Kubelet never posted node status.",
                lastHeartbeatTime=node.metadata.creationTimestamp,
                lastTransitionTime=time,
            )
            result = (*result, unknown)
        elif known.status != "Unknown":
            unknown = replace(
                known,
                status="Unknown",
                reason="NodeStatusUnknown",
                message="Kubelet stopped posting node status.",
                lastTransitionTime=time,
            )
            result = conditions.put(result, unknown)
    return result


def ready_status(node: Node) -> str:
    ready = conditions.find(node.status.conditions, "Ready")
    return ready.status if ready is not None else "Unknown"


def no_schedule(node: Node, now: float) -> tuple[Taint, ...]:
    """The node's taints with those of effect NoSchedule as its conditions and spec ask."""
    wanted = [UNSCHEDULABLE] if node.spec.unschedulable else []
    for condition in node.status.conditions:
        key = CONDITION_TAINTS.get(condition.type, {}).get(condition.status)
        if key is not None:
            wanted.append(key)
    return _with(node.spec.taints, "NoSchedule", NO_SCHEDULE_KEYS, wanted, now)


def no_execute(node: Node, now: float, *, evict: bool = True) -> tuple[Taint, ...]:
    """The node's taints with the one of effect NoExecute that its Ready condition asks for.

    `evict` False: none is added, and one that stands there already only follows the condition.
    """
    key = CONDITION_TAINTS["Ready"].get(ready_status(node))
    tainted = any(t.effect == "NoExecute" and t.key in NO_EXECUTE_KEYS for t in node.spec.taints)
    wanted = [key] if key is not None and (evict or tainted) else []
    return _with(node.spec.taints, "NoExecute", NO_EXECUTE_KEYS, wanted, now)


def reachable(node: Node) -> tuple[Taint, ...]:
    """The node's taints without those that empty it."""
    return _with(node.spec.taints, "NoExecute", NO_EXECUTE_KEYS, (), 0.0)


def _with(
    taints: Sequence[Taint], effect: str, keys: frozenset[str], wanted: Sequence[str], now: float
) -> tuple[Taint, ...]:
    kept = [t for t in taints if t.effect != effect or t.key not in keys or t.key in wanted]
    present = {taint.key for taint in kept if taint.effect == effect}
    time = Time.from_unix(now)
    added = [Taint(key=key, effect=effect, timeAdded=time) for key in wanted if key not in present]
    return (*kept, *added)


class ZoneState(Enum):
    NORMAL = "normal"
    PARTIAL = "partially disrupted"
    FULL = "fully disrupted"


def zone_of(node: Node) -> str:
    labels = node.metadata.labels
    return f"{labels.get(REGION, '')}:{labels.get(ZONE, '')}"


def zone_states(nodes: Iterable[Node], patience: Patience) -> dict[str, ZoneState]:
    ready: dict[str, list[bool]] = {}
    for node in nodes:
        ready.setdefault(zone_of(node), []).append(ready_status(node) == "True")
    return {zone: _zone_state(members, patience) for zone, members in ready.items()}


def _zone_state(ready: Sequence[bool], patience: Patience) -> ZoneState:
    lost = len(ready) - sum(ready)
    if lost == len(ready) > 0:
        return ZoneState.FULL
    if lost > 2 and lost / len(ready) >= patience.unhealthy_zone:
        return ZoneState.PARTIAL
    return ZoneState.NORMAL


def is_blind(states: Mapping[str, ZoneState]) -> bool:
    """Every node is lost: more likely it is us who are cut off. Empty nothing."""
    return bool(states) and all(state is ZoneState.FULL for state in states.values())


def eviction_rate(state: ZoneState, size: int, patience: Patience) -> float:
    """Nodes a second that may be emptied in a zone."""
    if state is not ZoneState.PARTIAL:
        return patience.eviction_rate
    return patience.secondary_rate if size > patience.large_zone else 0.0
