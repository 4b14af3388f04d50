"""What the runtime holds, pod by pod: read once, refreshed by events and by what we do ourselves.

Nothing in here is the truth; the truth is the runtime's, and a relist brings it back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from kubepy.base.clock import Clock
from kubepy.kubelet.runtime.cri import NoSuchThing, Runtime
from kubepy.kubelet.runtime.messages import with_message
from kubepy.kubelet.runtime.model import Observed, RuntimeContainer, Sandbox

PARALLEL = 16  # status calls at a time while everything is listed

NOTHING = Observed()


class Cache:
    """Observed sandboxes and containers of every pod. `on_change(uid)` hears of each difference."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self._runtime = runtime
        self._clock = clock
        self._listed_at = clock.monotonic()
        self._sandboxes: dict[str, Sandbox] = {}
        self._containers: dict[str, RuntimeContainer] = {}
        self._pods: dict[str, Observed] = {}  # by uid
        self._owner: dict[str, str] = {}  # container or sandbox id → pod uid
        self._noted: dict[str, int] = {}  # id → when it was looked at, as counted by _looks
        self._looks = 0
        self._changed: Callable[[str], None] = lambda uid: None
        self._listing = asyncio.Lock()

    def subscribe(self, on_change: Callable[[str], None]) -> None:
        self._changed = on_change

    def observed(self, uid: str) -> Observed:
        return self._pods.get(uid, NOTHING)

    def pods(self) -> Iterator[tuple[str, Observed]]:
        """(uid, what is there) of every pod that has anything."""
        return iter(list(self._pods.items()))

    def container(self, id: str) -> RuntimeContainer | None:
        return self._containers.get(id)

    def owner(self, id: str) -> str:
        """The uid of the pod that a container or sandbox belongs to; empty if unknown."""
        return self._owner.get(id, "")

    async def note_sandbox(self, id: str) -> Sandbox:
        """Take in a sandbox that was just made or changed."""
        sandbox = await self._runtime.sandbox(id)
        self._put_sandbox(sandbox)
        return sandbox

    async def note_container(self, id: str, sandbox_id: str, uid: str) -> RuntimeContainer:
        """Take in a container that was just made or changed."""
        found = replace(await self._runtime.container(id), sandbox_id=sandbox_id)
        container = with_message(found)
        self._put_container(container, uid)
        return container

    async def refresh(self, id: str, uid: str = "") -> bool | None:
        """Look at one container or sandbox again; whether it runs, None if it is not known."""
        known = self._containers.get(id)
        if known is not None:
            try:
                found = await self.note_container(id, known.sandbox_id, self._owner[id])
            except NoSuchThing:
                self._drop(id)
                return False
            return found.state == "running"
        if id in self._sandboxes:
            try:
                return (await self.note_sandbox(id)).ready
            except NoSuchThing:
                self._drop(id)
                return False
        if uid:
            await self.look(uid)
        return None

    async def look(self, uid: str) -> Observed:
        """Read one pod anew."""
        began = self._looks
        sandboxes, containers = await asyncio.gather(
            self._runtime.sandboxes(uid), self._runtime.containers(uid)
        )
        await self._take(sandboxes, containers)
        there = {s.id for s in sandboxes} | {c.id for c in containers}
        self._drop_gone({id for id, owner in self._owner.items() if owner == uid} - there, began)
        return self.observed(uid)

    async def relist(self) -> None:
        """Read everything anew."""
        async with self._listing:
            began = self._looks
            sandboxes, containers = await asyncio.gather(
                self._runtime.sandboxes(), self._runtime.containers()
            )
            there = {s.id for s in sandboxes} | {c.id for c in containers}
            await self._take(sandboxes, containers)
            self._drop_gone(self._owner.keys() - there, began)
            self._listed_at = self._clock.monotonic()

    def age(self) -> float:
        """Seconds since everything was read from the runtime for the last time."""
        return self._clock.monotonic() - self._listed_at

    async def _take(
        self, sandboxes: Iterable[Sandbox], containers: Iterable[RuntimeContainer]
    ) -> None:
        """Fetch the details of whatever is new or in another state than we know."""
        limit = asyncio.Semaphore(PARALLEL)
        owners = {s.id: s.uid for s in sandboxes} | {s.id: s.uid for s in self._sandboxes.values()}

        async def detail_sandbox(id: str) -> None:
            async with limit:
                try:
                    await self.note_sandbox(id)
                except NoSuchThing:
                    self._drop(id)

        async def detail_container(listed: RuntimeContainer) -> None:
            async with limit:
                try:
                    uid = owners.get(listed.sandbox_id) or self._owner.get(listed.id, "")
                    await self.note_container(listed.id, listed.sandbox_id, uid)
                except NoSuchThing:
                    self._drop(listed.id)

        stale_sandboxes = [
            s.id
            for s in sandboxes
            if (known := self._sandboxes.get(s.id)) is None or known.ready != s.ready
        ]
        stale = [
            c
            for c in containers
            if (held := self._containers.get(c.id)) is None or held.state != c.state
        ]
        await asyncio.gather(*map(detail_sandbox, stale_sandboxes))
        await asyncio.gather(*map(detail_container, stale))

    def _put_sandbox(self, sandbox: Sandbox) -> None:
        self._note(sandbox.id)
        if self._sandboxes.get(sandbox.id) != sandbox:
            self._sandboxes[sandbox.id] = sandbox
            self._owner[sandbox.id] = sandbox.uid
            self._rebuild(sandbox.uid)

    def _put_container(self, container: RuntimeContainer, uid: str) -> None:
        self._note(container.id)
        if self._containers.get(container.id) != container:
            self._containers[container.id] = container
            self._owner[container.id] = uid
            self._rebuild(uid)

    def _note(self, id: str) -> None:
        self._looks += 1
        self._noted[id] = self._looks

    def _drop_gone(self, ids: set[str], began: int) -> None:
        """Forget what a list did not have, unless it came in after the list was asked for."""
        for id in ids:
            if self._noted.get(id, 0) <= began:
                self._drop(id)

    def _drop(self, id: str) -> None:
        self._noted.pop(id, None)
        uid = self._owner.pop(id, None)
        self._sandboxes.pop(id, None)
        self._containers.pop(id, None)
        if uid is not None:
            self._rebuild(uid)

    def _rebuild(self, uid: str) -> None:
        before = self._pods.get(uid, NOTHING)
        ids = [id for id, owner in self._owner.items() if owner == uid]
        after = Observed.of(
            [self._sandboxes[id] for id in ids if id in self._sandboxes],
            [self._containers[id] for id in ids if id in self._containers],
        )
        if after.sandboxes or after.containers:
            self._pods[uid] = after
        else:
            self._pods.pop(uid, None)
        if after != before:
            self._changed(uid)
