"""The status of a pod, computed from what the runtime holds: pure, and in Kubernetes' words.

Where runtime and API disagree the runtime wins, but what the runtime has forgotten (a container
that was removed, a phase that was final) is taken from the status before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.core.v1 import (
    ContainerState,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStateWaiting,
    ContainerStatus,
    ContainerUser,
    HostIP,
    LinuxContainerUser,
    Pod,
    PodIP,
    PodStatus,
    ResourceRequirements,
    VolumeMountStatus,
)
from kubepy.api.types import Time
from kubepy.kubelet.pod.conditions import conditions, foreign, stamp
from kubepy.kubelet.pod.containers import AnyContainer, Kind, is_sidecar
from kubepy.kubelet.pod.final import UNKNOWN, UNKNOWN_EXIT_CODE, UNKNOWN_REASON, finalize
from kubepy.kubelet.pod.phase import TERMINAL, phase
from kubepy.kubelet.pod.plan import Probes, Waiting, needs_sandbox, to_be_started
from kubepy.kubelet.pod.qos import qos_class
from kubepy.kubelet.runtime.model import Observed, RuntimeContainer

_REPORTED_RESOURCES = ("cpu", "memory", "ephemeral-storage")


class Verdict(Struct, frozen=True):
    """A phase that somebody decided on, not the containers: an eviction, a deadline."""

    phase: str
    reason: str
    message: str


class Scene(Struct, frozen=True):
    """What a status depends on beside the pod and the runtime.

    waiting: why containers that should run do not, by name.
    probes: by container id.
    ended: no container will be started again.
    """

    now: Time
    runtime: str = "containerd"
    host_ips: tuple[str, ...] = ()
    waiting: Mapping[str, Waiting] = {}
    probes: Mapping[str, Probes] = {}
    ended: bool = False
    verdict: Verdict | None = None


def compute(pod: Pod, observed: Observed, previous: PodStatus, scene: Scene) -> PodStatus:
    """The pod's whole status. `previous`: the last one computed, or the API's."""
    init = _statuses(pod, "init", pod.spec.initContainers, observed, previous, scene)
    regular = _statuses(pod, "regular", pod.spec.containers, observed, previous, scene)
    ephemeral = _statuses(pod, "ephemeral", pod.spec.ephemeralContainers, observed, previous, scene)
    by_name = {status.name: status for status in (*init, *regular)}
    reached, reason, message = _phase(pod, by_name, previous, scene)
    ips = _pod_ips(pod, observed, previous, scene)
    sandbox_ready = not needs_sandbox(pod, observed)
    before = previous.conditions or pod.status.conditions
    owned = stamp(conditions(pod, by_name, reached, sandbox_ready=sandbox_ready), before, scene.now)
    made = replace(
        pod.status,
        observedGeneration=pod.metadata.generation,
        phase=reached,
        reason=reason,
        message=message,
        conditions=foreign(pod) + owned,
        hostIP=scene.host_ips[0] if scene.host_ips else pod.status.hostIP,
        hostIPs=tuple(HostIP(ip=ip) for ip in scene.host_ips) or pod.status.hostIPs,
        podIP=ips[0] if ips else "",
        podIPs=tuple(PodIP(ip=ip) for ip in ips),
        startTime=previous.startTime or pod.status.startTime or scene.now,
        initContainerStatuses=init,
        containerStatuses=regular,
        ephemeralContainerStatuses=ephemeral,
        qosClass=qos_class(pod),
    )
    return finalize(pod, made) if scene.ended else made


def rejected(pod: Pod, verdict: Verdict, now: Time) -> PodStatus:
    """The status of a pod that the node does not take in: no container of it ever starts."""
    return replace(
        pod.status,
        observedGeneration=pod.metadata.generation,
        phase=verdict.phase,
        reason=verdict.reason,
        message=verdict.message,
        startTime=pod.status.startTime or now,
        qosClass=qos_class(pod),
    )


def _phase(
    pod: Pod, statuses: Mapping[str, ContainerStatus], previous: PodStatus, scene: Scene
) -> tuple[str, str, str]:
    """Phase, reason, message. A final phase is never left."""
    for settled in (pod.status.phase, previous.phase):
        if settled in TERMINAL:
            holder = pod.status if pod.status.phase in TERMINAL else previous
            return settled, holder.reason, holder.message
    if scene.verdict is not None:
        return scene.verdict.phase, scene.verdict.reason, scene.verdict.message
    reached = phase(pod, statuses, ended=scene.ended)
    if reached == previous.phase:
        return (
            reached,
            previous.reason or pod.status.reason,
            previous.message or pod.status.message,
        )
    return reached, "", ""


def _pod_ips(pod: Pod, observed: Observed, previous: PodStatus, scene: Scene) -> tuple[str, ...]:
    """At most one address a family, the node's own family first. Kept once the pod has ended."""
    if pod.spec.hostNetwork:
        return scene.host_ips
    sandbox = observed.sandbox()
    ips = sandbox.ips if sandbox is not None and sandbox.ready else ()
    if not ips and scene.ended:
        return tuple(entry.ip for entry in previous.podIPs)
    six_first = bool(scene.host_ips) and ":" in scene.host_ips[0]
    four = [ip for ip in ips if ":" not in ip][:1]
    six = [ip for ip in ips if ":" in ip][:1]
    return tuple(six + four if six_first else four + six)


def _statuses(
    pod: Pod,
    kind: Kind,
    containers: Sequence[AnyContainer],
    observed: Observed,
    previous: PodStatus,
    scene: Scene,
) -> tuple[ContainerStatus, ...]:
    before = {
        "init": previous.initContainerStatuses,
        "regular": previous.containerStatuses,
        "ephemeral": previous.ephemeralContainerStatuses,
    }[kind]
    old = {status.name: status for status in before}
    made = [
        _container_status(pod, kind, container, observed, old.get(container.name), scene)
        for container in containers
    ]
    if kind != "init":
        made.sort(key=lambda status: status.name)
    return tuple(made)


def _container_status(
    pod: Pod,
    kind: Kind,
    container: AnyContainer,
    observed: Observed,
    old: ContainerStatus | None,
    scene: Scene,
) -> ContainerStatus:
    records = [c for c in observed.containers if c.name == container.name][:2]
    record = records[0] if records else None
    if record is None:
        status = _unseen(pod, container, old)
    else:
        status = _seen(container, record, old, scene)
        if len(records) > 1:
            status = replace(status, lastState=_state(records[1], old, scene))
        elif old is not None and old.containerID != status.containerID:
            status = replace(status, lastState=_last_of(old))
        elif old is not None:
            status = replace(status, lastState=old.lastState)
    status = _held_back(pod, kind, container, record, status, scene)
    probes = scene.probes.get(record.id, Probes()) if record is not None else Probes()
    return _probed(kind, container, status, probes)


def _unseen(pod: Pod, container: AnyContainer, old: ContainerStatus | None) -> ContainerStatus:
    """The status of a container that the runtime knows nothing of."""
    reason = "PodInitializing" if pod.spec.initContainers else "ContainerCreating"
    waiting = ContainerState(waiting=ContainerStateWaiting(reason=reason))
    fresh = ContainerStatus(
        name=container.name,
        image=container.image,
        state=waiting,
        volumeMounts=_volume_mounts(container),
    )
    if old is None:
        return fresh
    if old.state.terminated is not None:
        return old
    status = replace(fresh, restartCount=old.restartCount, lastState=old.lastState)
    if old.state.running is None or old.lastState.terminated is not None:
        return status
    lost = ContainerStateTerminated(
        reason=UNKNOWN_REASON,
        message=(
            "The container could not be located when the pod was deleted."
            "  The container used to be Running"
        ),
        exitCode=UNKNOWN_EXIT_CODE,
    )
    restarts = old.restartCount + (pod.metadata.deletionTimestamp is None)
    return replace(status, lastState=ContainerState(terminated=lost), restartCount=restarts)


def _seen(
    container: AnyContainer, record: RuntimeContainer, old: ContainerStatus | None, scene: Scene
) -> ContainerStatus:
    state = _state(record, old, scene)
    restarts = record.restart_count
    if record.state == "unknown" and state.terminated is not None and old is not None:
        restarts = old.restartCount + 1
    status = ContainerStatus(
        name=container.name,
        state=state,
        restartCount=restarts,
        image=record.image or container.image,
        imageID=record.image_ref,
        containerID=f"{scene.runtime}://{record.id}",
        volumeMounts=_volume_mounts(container),
        user=_user(record),
    )
    if state.running is None:
        return status
    resources = ResourceRequirements(
        limits=_reported(container.resources.limits),
        requests=_reported(container.resources.requests),
    )
    return replace(status, resources=resources, allocatedResources=resources.requests)


def _state(record: RuntimeContainer, old: ContainerStatus | None, scene: Scene) -> ContainerState:
    match record.state:
        case "running":
            return ContainerState(running=ContainerStateRunning(startedAt=_time(record.started_at)))
        case "exited":
            return ContainerState(
                terminated=ContainerStateTerminated(
                    exitCode=record.exit_code,
                    reason=record.reason,
                    message=record.message,
                    startedAt=Time.from_unix(record.started_at // 1_000_000_000),
                    finishedAt=_time(record.finished_at),
                    containerID=f"{scene.runtime}://{record.id}",
                )
            )
        case "unknown" if old is not None and old.state.running is not None:
            return UNKNOWN
    return ContainerState(waiting=ContainerStateWaiting())


def _last_of(old: ContainerStatus) -> ContainerState:
    """How the container before this one ended, once only the old status remembers it."""
    if old.state.terminated is not None:
        return ContainerState(terminated=old.state.terminated)
    return old.lastState


def _held_back(
    pod: Pod,
    kind: Kind,
    container: AnyContainer,
    record: RuntimeContainer | None,
    status: ContainerStatus,
    scene: Scene,
) -> ContainerStatus:
    """Waiting with the reason, if the container should run and something keeps it from it."""
    waiting = scene.waiting.get(container.name)
    if waiting is None or scene.ended or not to_be_started(pod, kind, container, record):
        return status
    last = status.lastState
    if status.state.terminated is not None:
        last = ContainerState(terminated=status.state.terminated)
    state = ContainerState(
        waiting=ContainerStateWaiting(reason=waiting.reason, message=waiting.message)
    )
    return replace(status, state=state, lastState=last)


def _probed(
    kind: Kind, container: AnyContainer, status: ContainerStatus, probes: Probes
) -> ContainerStatus:
    """`started` and `ready`, from the probes."""
    if kind == "ephemeral":
        return status
    running = status.state.running is not None
    started = running and (container.startupProbe is None or probes.startup is True)
    if kind == "init" and not is_sidecar(container):
        ended = status.state.terminated
        return replace(status, ready=ended is not None and ended.exitCode == 0, started=started)
    ready = started and (container.readinessProbe is None or probes.readiness is True)
    return replace(status, started=started, ready=ready)


def _volume_mounts(container: AnyContainer) -> tuple[VolumeMountStatus, ...]:
    return tuple(
        VolumeMountStatus(
            name=mount.name,
            mountPath=mount.mountPath,
            readOnly=mount.readOnly,
            recursiveReadOnly="Disabled" if mount.readOnly else None,
        )
        for mount in container.volumeMounts
    )


def _reported(quantities: Mapping[str, object]) -> dict:  # type: ignore[type-arg]
    return {name: quantities[name] for name in _REPORTED_RESOURCES if name in quantities}


def _user(record: RuntimeContainer) -> ContainerUser | None:
    if record.user is None:
        return None
    linux = LinuxContainerUser(
        uid=record.user.uid, gid=record.user.gid, supplementalGroups=record.user.groups
    )
    return ContainerUser(linux=linux)


def _time(nanoseconds: int) -> Time | None:
    return Time.from_unix(nanoseconds // 1_000_000_000) if nanoseconds else None
