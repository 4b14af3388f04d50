"""Which dead containers and sandboxes to remove. Touches nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct

from kubepy.kubelet.runtime.model import Observed, RuntimeContainer, Sandbox

DEAD_PER_CONTAINER = 1  # kept for their logs and their last state


class Garbage(Struct, frozen=True):
    containers: tuple[RuntimeContainer, ...] = ()
    sandboxes: tuple[Sandbox, ...] = ()
    pods: tuple[str, ...] = ()  # uids of which nothing will be left


def garbage(
    pods: Iterable[tuple[str, Observed]],
    existing: Collection[str],
    *,
    dead_per_container: int = DEAD_PER_CONTAINER,
) -> Garbage:
    """What may go. `existing`: the uids of the pods that the node still has.

    Of an existing pod the latest container of each name stays, and `dead_per_container` dead ones
    before it; its newest sandbox stays. Of a pod that is gone nothing stays that does not run.
    """
    containers: list[RuntimeContainer] = []
    sandboxes: list[Sandbox] = []
    gone: list[str] = []
    for uid, observed in pods:
        if uid not in existing:
            if observed.alive():
                continue  # its containers are to be stopped first
            containers += observed.containers
            sandboxes += observed.sandboxes
            gone.append(uid)
            continue
        doomed = set()
        for record in _surplus(observed, dead_per_container):
            containers.append(record)
            doomed.add(record.id)
        used = {c.sandbox_id for c in observed.containers if c.id not in doomed}
        sandboxes += [s for s in observed.sandboxes[1:] if not s.ready and s.id not in used]
    return Garbage(tuple(containers), tuple(sandboxes), tuple(gone))


def _surplus(observed: Observed, keep: int) -> Iterable[RuntimeContainer]:
    seen: dict[str, int] = {}
    for record in observed.containers:  # the newest first
        count = seen.get(record.name, 0)
        if record.state == "running":
            seen[record.name] = max(count, 1)
            continue
        seen[record.name] = count + 1
        if count > keep and record.state in ("exited", "created"):
            yield record
