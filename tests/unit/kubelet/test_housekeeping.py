"""What is removed when a runtime refuses to remove some of it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kubepy.base.clock import SystemClock
from kubepy.kubelet.config import KubeletConfiguration
from kubepy.kubelet.housekeeping import Housekeeping
from kubepy.kubelet.runtime.cache import Cache
from kubepy.kubelet.runtime.cri import RuntimeFault
from kubepy.kubelet.runtime.model import RuntimeContainer, Sandbox


class Stubborn:
    """A runtime with two pods that nobody wants; one container it does not let go."""

    def __init__(self) -> None:
        self._sandboxes = {
            f"s{n}": Sandbox(f"s{n}", "web", "x", f"u{n}", ready=False) for n in (1, 2)
        }
        self._containers = {
            f"c{n}": RuntimeContainer(f"c{n}", "app", f"s{n}", "exited") for n in (1, 2)
        }

    async def sandboxes(self, uid: str = "") -> list[Sandbox]:
        return [s for s in self._sandboxes.values() if uid in ("", s.uid)]

    async def containers(self, uid: str = "") -> list[RuntimeContainer]:
        mine = {s.id for s in await self.sandboxes(uid)}
        return [c for c in self._containers.values() if c.sandbox_id in mine]

    async def sandbox(self, id: str) -> Sandbox:
        return self._sandboxes[id]

    async def container(self, id: str) -> RuntimeContainer:
        return self._containers[id]

    async def stop_sandbox(self, id: str) -> None:
        return None

    async def remove_sandbox(self, id: str) -> None:
        if id in {c.sandbox_id for c in self._containers.values()}:
            raise RuntimeFault("it has containers")
        del self._sandboxes[id]

    async def remove_container(self, id: str) -> None:
        if id == "c1":
            raise RuntimeFault("cannot delete running task")
        del self._containers[id]


async def test_what_cannot_be_removed_keeps_nothing_else(tmp_path: Path) -> None:
    runtime: Any = Stubborn()
    cache = Cache(runtime, SystemClock())
    await cache.relist()
    nobody: Any = SimpleNamespace(uids=set)
    nothing: Any = SimpleNamespace(left_over=lambda kept: [])
    config = KubeletConfiguration(podLogsDir=str(tmp_path))
    keeper = Housekeeping(
        nobody, runtime, cache, nothing, nothing, SystemClock(), config, lambda: None
    )

    await keeper.containers()

    assert [c.id for c in await runtime.containers()] == ["c1"]
    assert [s.id for s in await runtime.sandboxes()] == ["s1"]
    assert {uid for uid, _ in cache.pods()} == {"u1"}
