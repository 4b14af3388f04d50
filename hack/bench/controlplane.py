"""The control plane as `kubepy up` runs it: how soon it is ready, and what it holds at rest."""

from __future__ import annotations

import asyncio
import statistics

from rig import rig, stopping

STARTS = 3
REST = 5.0  # seconds after which it has done what it does at start


async def measure() -> dict[str, float]:
    ready, held = [], []
    for _ in range(STARTS):
        with rig() as made, stopping(made.control_plane()) as running:
            ready.append(await made.ready(running))
            await asyncio.sleep(REST)
            held.append(running.resident())
    return {"ready": statistics.median(ready), "resident": statistics.median(held)}
