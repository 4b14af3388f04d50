"""Done now and then: orphans ended, dead containers and old images removed, logs rotated."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kubepy.api.types import Quantity
from kubepy.base.clock import Clock
from kubepy.kubelet import logs
from kubepy.kubelet.cgroups import Cgroups
from kubepy.kubelet.config import KubeletConfiguration
from kubepy.kubelet.images import collect
from kubepy.kubelet.images.collect import Seen, Thresholds
from kubepy.kubelet.pod.plan import SHORTEST_GRACE
from kubepy.kubelet.pods import Pods
from kubepy.kubelet.runtime.cache import Cache
from kubepy.kubelet.runtime.cri import Runtime, RuntimeFault
from kubepy.kubelet.runtime.garbage import garbage
from kubepy.kubelet.runtime.model import Observed
from kubepy.kubelet.volumes.volumes import Volumes

CONTAINERS_EVERY = 60.0  # seconds
IMAGES_EVERY = 300.0

_log = logging.getLogger(__name__)


class Housekeeping:
    """`run` owns the tasks; to be started once all sources of pods have spoken."""

    def __init__(
        self,
        pods: Pods,
        runtime: Runtime,
        cache: Cache,
        volumes: Volumes,
        cgroups: Cgroups,
        clock: Clock,
        config: KubeletConfiguration,
        images_changed: Callable[[], None],
    ) -> None:
        self._pods = pods
        self._runtime = runtime
        self._cache = cache
        self._volumes = volumes
        self._cgroups = cgroups
        self._clock = clock
        self._config = config
        self._images_changed = images_changed
        self._seen: dict[str, Seen] = {}  # image id → when it was found and last needed

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every(CONTAINERS_EVERY, self.containers, "containers"))
            group.create_task(self._every(IMAGES_EVERY, self.images, "images"))
            interval = float(self._config.containerLogMonitorInterval)
            group.create_task(self._every(interval, self.logs, "logs"))

    async def _every(self, period: float, work: Callable, what: str) -> None:  # type: ignore[type-arg]
        while True:
            try:
                await work()
            except (RuntimeFault, OSError) as error:
                _log.warning("housekeeping of %s: %s", what, error)
            await self._clock.sleep(period)

    async def containers(self) -> None:
        """End what no pod owns, remove what is dead, and what pods left on disk."""
        existing = self._pods.uids()
        for uid, observed in self._cache.pods():
            if uid not in existing and observed.alive():
                with _no_hindrance(f"ending pod {uid}"):
                    await self._end_orphan(uid, observed)
        found = garbage(self._cache.pods(), self._pods.uids())
        for record in found.containers:
            with _no_hindrance(f"removing container {record.id}"):
                await self._runtime.remove_container(record.id)
                logs.remove_log(record.log_path)
        for sandbox in found.sandboxes:
            with _no_hindrance(f"removing sandbox {sandbox.id}"):
                await self._runtime.stop_sandbox(sandbox.id)
                await self._runtime.remove_sandbox(sandbox.id)
        gone = [c.id for c in found.containers] + [s.id for s in found.sandboxes]
        for uid in {self._cache.owner(id) for id in gone}:
            await self._cache.look(uid)
        await self._leftovers()

    async def _end_orphan(self, uid: str, observed: Observed) -> None:
        _log.info("pod %s runs and is nobody's: ending it", uid)
        for record in observed.running():
            await self._runtime.stop_container(record.id, SHORTEST_GRACE)
        for sandbox in observed.sandboxes:
            await self._runtime.stop_sandbox(sandbox.id)
        await self._cache.look(uid)

    async def _leftovers(self) -> None:
        """Directories and cgroups of pods that are gone."""
        kept = self._pods.uids() | {uid for uid, seen in self._cache.pods() if seen.alive()}
        for uid in self._volumes.left_over(kept):
            await self._volumes.teardown(uid)
        for uid in await asyncio.to_thread(self._cgroups.left_over, kept):
            await self._cgroups.remove(uid)
        await asyncio.to_thread(self._old_logs, kept)

    def _old_logs(self, kept: set[str]) -> None:
        root = Path(self._config.podLogsDir)
        uids = kept | {uid for uid, _ in self._cache.pods()}
        for directory in root.iterdir() if root.is_dir() else ():
            if directory.is_dir() and directory.name.rpartition("_")[2] not in uids:
                logs.remove_pod_directory(str(directory))
        logs.unlink_dangling(self._config.podLogsDir)

    async def images(self) -> None:
        """Remove images that nobody uses when the disk fills up, or when they are too old."""
        limits = Thresholds(
            high=self._config.imageGCHighThresholdPercent,
            low=self._config.imageGCLowThresholdPercent,
            min_age=float(self._config.imageMinimumGCAge),
            max_age=float(self._config.imageMaximumGCAge),
        )
        now = self._clock.now()
        found = await self._runtime.images()
        refs = {c.image_ref for _, o in self._cache.pods() for c in o.containers}
        refs |= {c.image for _, o in self._cache.pods() for c in o.containers}
        refs.add(await self._runtime.sandbox_image())
        used = collect.needed(found, refs)
        self._seen = {
            image.id: Seen(
                self._seen[image.id].first if image.id in self._seen else now,
                now
                if image.id in used or image.id not in self._seen
                else self._seen[image.id].used,
            )
            for image in found
        }
        doomed = collect.too_old(found, used, self._seen, now, limits)
        want = await self._bytes_to_free(limits)
        left = [image for image in found if image not in doomed]
        doomed += collect.choose(left, used, self._seen, now, limits, want)
        for image in doomed:
            _log.info("removing image %s (%d bytes)", (*image.tags, image.id)[0], image.size)
            with _no_hindrance(f"removing image {image.id}"):
                await self._runtime.remove_image(image.id)
        if doomed:
            self._images_changed()

    async def _bytes_to_free(self, limits: Thresholds) -> int:
        filesystem = await self._runtime.image_filesystem()
        if filesystem is None:
            return 0
        try:
            stat = os.statvfs(filesystem.mountpoint)
        except OSError:
            return 0
        size = stat.f_frsize
        return collect.bytes_to_free(stat.f_blocks * size, stat.f_bavail * size, limits)

    async def logs(self) -> None:
        """Rotate the logs that have grown too large."""
        limits = logs.Limits(
            Quantity.of(self._config.containerLogMaxSize).value(),
            self._config.containerLogMaxFiles,
        )
        for _, observed in self._cache.pods():
            for record in observed.running():
                if record.log_path and logs.is_due(record.log_path, limits):
                    now = self._clock.now()
                    moved = await asyncio.to_thread(logs.rotate, record.log_path, limits, now)
                    try:
                        await self._runtime.reopen_log(record.id)
                    except RuntimeFault:
                        os.rename(moved, record.log_path)
                        raise


@contextmanager
def _no_hindrance(what: str) -> Iterator[None]:
    """What the runtime refuses is told and holds nothing else up; the next pass tries again."""
    try:
        yield
    except RuntimeFault as error:
        _log.warning("%s: %s", what, error)
