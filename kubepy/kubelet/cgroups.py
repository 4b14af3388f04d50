"""The cgroups around pods: made, bounded and removed by the kubelet; what is in them is runc's.

    /kubepods                       all pods: what the node can allocate
    /kubepods/pod<uid>              Guaranteed
    /kubepods/burstable/pod<uid>    shares the cpu by the requests of its pods
    /kubepods/besteffort/pod<uid>   gets what is left

On cgroup v1 each of them exists in every hierarchy, on v2 once. With the systemd driver the names
are slices; their directories are made all the same, and systemd adopts them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from kubepy.api.core.v1 import Pod
from kubepy.base.clock import Clock
from kubepy.kubelet.pod.qos import Qos, qos_class
from kubepy.kubelet.pod.resources import (
    LEAST_SHARES,
    PERIOD,
    Amounts,
    cpu_request,
    of_pod,
    shares,
    weight,
)

MOUNT = Path("/sys/fs/cgroup")
REMOVAL = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # seconds between tries to remove a busy cgroup
_BOUNDED = ("cpu", "memory", "pids")
_CONTROLLERS = "+cpu +cpuset +memory +pids"

_log = logging.getLogger(__name__)


class CgroupProblem(Exception):
    """A pod's cgroup could not be made; the pod waits."""


class Cgroups:
    """`root` is the parent of /kubepods (cgroupRoot); `driver` is the runtime's."""

    def __init__(self, clock: Clock, *, root: str = "/", driver: str = "cgroupfs") -> None:
        self._clock = clock
        self._root = root.strip("/")
        self._slices = driver == "systemd"
        self.unified = (MOUNT / "cgroup.controllers").exists()
        self._burstable: dict[str, int] = {}  # pod uid → cpu request, thousandths

    def parent_of(self, pod: Pod) -> str:
        """What CRI calls the cgroup parent."""
        parts = self._parts(qos_class(pod), pod.metadata.uid)
        if self._slices:
            return parts[-1]
        return "/" + "/".join(filter(None, [self._root, *parts]))

    async def start(self, allocatable: Amounts) -> None:
        """Make the cgroups above all pods."""
        await asyncio.to_thread(self._start, allocatable)

    async def ensure(self, pod: Pod) -> None:
        """Make the pod's cgroup with its bounds; fine if it is there."""
        try:
            await asyncio.to_thread(self._ensure, pod)
        except OSError as error:
            raise CgroupProblem(f"failed to create the pod's cgroup: {error}") from error

    async def remove(self, uid: str) -> None:
        """Remove the cgroups of a pod that has no containers left; kills what hangs on."""
        for pause in REMOVAL:
            if pause:
                await self._clock.sleep(pause)
            if not await asyncio.to_thread(self._remove, uid, pause > 0):
                return
        _log.warning("cgroups of pod %s are still busy", uid)

    def left_over(self, uids: set[str]) -> set[str]:
        """The uids of pods that have cgroups and are not among `uids`."""
        found = set()
        for path in self._pod_directories("pod*"):
            uid = path.name.removesuffix(".slice").rpartition("pod")[2]
            found.add(uid.replace("_", "-") if self._slices else uid)
        return found - uids

    def _start(self, allocatable: Amounts) -> None:
        for parts, amounts in (
            ([self._name("kubepods")], allocatable),
            (self._parents("Burstable"), Amounts(LEAST_SHARES)),
            (self._parents("BestEffort"), Amounts(LEAST_SHARES)),
        ):
            try:
                self._make(parts, amounts)
            except OSError as error:
                _log.warning("cgroup %s: %s", "/".join(parts), error)

    def _ensure(self, pod: Pod) -> None:
        qos = qos_class(pod)
        self._make(self._parts(qos, pod.metadata.uid), of_pod(pod))
        if qos == "Burstable":
            self._burstable[pod.metadata.uid] = cpu_request(pod)
            self._share_burstable()

    def _share_burstable(self) -> None:
        milli = sum(self._burstable.values())
        for directory in self._directories(self._parents("Burstable")):
            self._bound(directory, Amounts(shares(milli)), cpu_only=True)

    def _remove(self, uid: str, kill: bool) -> bool:
        """Whether something is left."""
        if self._burstable.pop(uid, None) is not None:
            with suppress(OSError):
                self._share_burstable()
        left = False
        for path in self._pod_directories(f"pod{uid}"):
            for directory, _, _ in os.walk(path, topdown=False):
                if kill:
                    _kill_all(Path(directory))
                try:
                    os.rmdir(directory)
                except FileNotFoundError:
                    continue
                except OSError:
                    left = True
        return left

    def _make(self, parts: list[str], amounts: Amounts) -> None:
        for directory in self._directories(parts):
            if not directory.is_dir():
                directory.mkdir(parents=True, exist_ok=True)
                if self.unified:
                    self._delegate(directory)
                elif directory.is_relative_to(MOUNT / "cpuset"):
                    _inherit_cpuset(directory)
            self._bound(directory, amounts)

    def _delegate(self, directory: Path) -> None:
        """Let the controllers reach the new directory (v2)."""
        for above in reversed([*directory.relative_to(MOUNT).parents]):
            with suppress(OSError):
                (MOUNT / above / "cgroup.subtree_control").write_text(_CONTROLLERS)

    def _bound(self, directory: Path, amounts: Amounts, *, cpu_only: bool = False) -> None:
        files: dict[str, str]
        if self.unified:
            quota = "max" if amounts.cpu_quota is None else str(amounts.cpu_quota)
            files = {
                "cpu.weight": str(weight(amounts.cpu_shares)),
                "cpu.max": f"{quota} {PERIOD}",
                "memory.max": "max" if amounts.memory is None else str(amounts.memory),
            }
        else:
            quota = "-1" if amounts.cpu_quota is None else str(amounts.cpu_quota)
            files = {
                "cpu.shares": str(amounts.cpu_shares),
                "cpu.cfs_quota_us": quota,
                "memory.limit_in_bytes": "-1" if amounts.memory is None else str(amounts.memory),
            }
        for name, value in files.items():
            path = directory / name
            if path.exists() and not (cpu_only and not name.startswith("cpu.")):
                path.write_text(value)

    def _directories(self, parts: list[str]) -> list[Path]:
        below = Path(self._root, *parts)
        if self.unified:
            return [MOUNT / below]
        return [MOUNT / name / below for name in (*_BOUNDED, "cpuset") if (MOUNT / name).is_dir()]

    def _pod_directories(self, pattern: str) -> list[Path]:
        """Existing directories of pods, in every hierarchy."""
        tops = [MOUNT] if self.unified else [p for p in MOUNT.iterdir() if p.is_dir()]
        if self._slices:
            pattern = f"*-{pattern.replace('-', '_')}.slice"
        found: list[Path] = []
        qos: Iterable[Qos] = ("Guaranteed", "Burstable", "BestEffort")
        for top in tops:
            for parents in map(self._parents, qos):
                found += Path(top, self._root, *parents).glob(pattern)
        return [path for path in found if path.is_dir()]

    def _parts(self, qos: Qos, uid: str) -> list[str]:
        parents = self._parents(qos)
        if not self._slices:
            return [*parents, f"pod{uid}"]
        stem = parents[-1].removesuffix(".slice")
        return [*parents, f"{stem}-pod{uid.replace('-', '_')}.slice"]

    def _parents(self, qos: Qos) -> list[str]:
        top = self._name("kubepods")
        if qos == "Guaranteed":
            return [top]
        name = qos.lower()
        return [top, f"kubepods-{name}.slice" if self._slices else name]

    def _name(self, name: str) -> str:
        return f"{name}.slice" if self._slices else name


def _inherit_cpuset(directory: Path) -> None:
    """A new cpuset (v1) is empty, and nothing can run in it: give it what its parent has."""
    if directory == MOUNT / "cpuset":
        return
    _inherit_cpuset(directory.parent)
    for name in ("cpuset.cpus", "cpuset.mems"):
        own = directory / name
        if own.exists() and not own.read_text().strip():
            own.write_text((directory.parent / name).read_text())


def _kill_all(directory: Path) -> None:
    with suppress(OSError):
        for line in (directory / "cgroup.procs").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(line), signal.SIGKILL)
