"""Each FlowSchema says whether the priority level exists that it sends its requests to."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from msgspec.structs import replace

from kubepy.api.flowcontrol.v1 import FlowSchema, FlowSchemaCondition
from kubepy.api.types import Time
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.registry.flowcontrol.flowschema import DANGLING
from kubepy.apiserver.watchcache import Change
from kubepy.base.clock import Clock
from kubepy.meta import conditions
from kubepy.meta.gotext import quote
from kubepy.storage.store import Conflict

GROUP = "flowcontrol.apiserver.k8s.io"


async def run(pipeline: Pipeline, clock: Clock) -> None:
    """Whenever a flow or a level changes, for ever."""
    flows = pipeline.store("flowschemas", GROUP)
    levels = pipeline.store("prioritylevelconfigurations", GROUP)
    changed = asyncio.Event()

    def notice(_: Change) -> None:
        changed.set()

    for store in (flows, levels):
        store.cache.subscribe(notice)
    changed.set()
    while True:
        await changed.wait()
        changed.clear()
        known = set(levels.cache.records)
        for record in flows.cache.select():
            flow = settled(record.peek(), known, Time.from_unix(clock.now()))
            if flow is not None:
                with suppress(Conflict):  # it has changed again, so there is another turn
                    await flows.replace(flow, record)


def settled(flow: FlowSchema, levels: set[str], now: Time) -> FlowSchema | None:
    """The flow with its condition; None if it says so already."""
    name = flow.spec.priorityLevelConfiguration.name
    exists = name in levels
    found = conditions.find(flow.status.conditions, DANGLING)
    what = f"This FlowSchema references the PriorityLevelConfiguration object named {quote(name)}"
    wanted = FlowSchemaCondition(
        type=DANGLING,
        status="False" if exists else "True",
        lastTransitionTime=now,
        reason="Found" if exists else "NotFound",
        message=f"{what} and it exists" if exists else f"{what} but there is no such object",
    )
    if found is not None and found.status == wanted.status:
        wanted = replace(wanted, lastTransitionTime=found.lastTransitionTime)
        if found == wanted:
            return None
    kept = tuple(c for c in flow.status.conditions if c.type != DANGLING)
    return replace(flow, status=replace(flow.status, conditions=(*kept, wanted)))
