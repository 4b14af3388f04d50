"""The last status of a pod: what nobody knows the end of counts as failed.

The runtime may have lost a container, or was never asked for one because the pod's end came first.
Neither may look like success (KEP-2400's terminal phases; the same rules as Kubernetes' kubelet).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kubepy.api.core.v1 import (
    ContainerState,
    ContainerStateTerminated,
    ContainerStatus,
    Pod,
    PodStatus,
)
from kubepy.kubelet.pod.containers import is_sidecar, is_static
from kubepy.kubelet.pod.phase import TERMINAL

UNKNOWN_REASON = "ContainerStatusUnknown"
UNKNOWN_EXIT_CODE = 137  # of a container that vanished while nobody looked
UNKNOWN = ContainerState(
    terminated=ContainerStateTerminated(
        reason=UNKNOWN_REASON,
        message="The container could not be located when the pod was terminated",
        exitCode=UNKNOWN_EXIT_CODE,
    )
)


def finalize(pod: Pod, status: PodStatus) -> PodStatus:
    """`status`, once no container of the pod will ever run again."""
    reached = status.phase if status.phase in TERMINAL or is_static(pod) else "Failed"
    regular, init = status.containerStatuses, status.initContainerStatuses
    tried = max(1, _tried(init))  # the first one is, whatever came of it
    return replace(
        status,
        phase=reached,
        containerStatuses=tuple(map(_ended, regular)) if _initialized(pod, status) else regular,
        initContainerStatuses=tuple(
            _ended(one) if position < tried else one for position, one in enumerate(init)
        ),
    )


def _ended(status: ContainerStatus) -> ContainerStatus:
    return status if status.state.terminated is not None else replace(status, state=UNKNOWN)


def _initialized(pod: Pod, status: PodStatus) -> bool:
    """Whether regular containers could have been started."""
    if not pod.spec.initContainers or _tried(status.containerStatuses):
        return True
    if not status.initContainerStatuses:
        return False
    last = status.initContainerStatuses[-1]
    if is_sidecar(pod.spec.initContainers[-1]):
        return last.state.running is not None and last.started is True
    ends = (last.state.terminated, last.lastState.terminated)
    return any(end is not None and end.exitCode == 0 for end in ends)


def _tried(statuses: Sequence[ContainerStatus]) -> int:
    """How many containers, from the first one on, there were attempts to start."""
    for count in range(len(statuses), 0, -1):
        status = statuses[count - 1]
        if status.state.waiting is None or status.lastState.terminated is not None:
            return count
    return 0
