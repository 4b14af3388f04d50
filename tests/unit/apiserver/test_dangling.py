"""FlowSchemas say whether their priority level exists."""

from __future__ import annotations

import asyncio

import pytest

from kubepy.api.flowcontrol.v1 import (
    FlowSchema,
    FlowSchemaCondition,
    FlowSchemaSpec,
    FlowSchemaStatus,
    PriorityLevelConfiguration,
    PriorityLevelConfigurationReference,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import Time
from kubepy.apiserver.dangling import settled
from kubepy.apiserver.registry.flowcontrol.suggested import FLOWS, LEVELS
from kubepy.client.client import Client

NOW, EARLIER = Time("2026-01-01T00:00:00Z"), Time("2025-01-01T00:00:00Z")
WHAT = 'This FlowSchema references the PriorityLevelConfiguration object named "low"'


def flow(*conditions: FlowSchemaCondition) -> FlowSchema:
    level = PriorityLevelConfigurationReference(name="low")
    return FlowSchema(
        metadata=ObjectMeta(name="f"),
        spec=FlowSchemaSpec(priorityLevelConfiguration=level),
        status=FlowSchemaStatus(conditions=conditions),
    )


def dangling(status: str, since: Time, message: str) -> FlowSchemaCondition:
    reason = "Found" if status == "False" else "NotFound"
    return FlowSchemaCondition(
        type="Dangling", status=status, lastTransitionTime=since, reason=reason, message=message
    )


FOUND = dangling("False", EARLIER, f"{WHAT} and it exists")
MISSING = dangling("True", EARLIER, f"{WHAT} but there is no such object")
OTHER = FlowSchemaCondition(type="Other", status="True")


@pytest.mark.parametrize(
    ("before", "levels", "after"),
    [
        pytest.param((), {"low"}, ("False", NOW), id="new, and found"),
        pytest.param((), set(), ("True", NOW), id="new, and not found"),
        pytest.param((FOUND,), {"low"}, None, id="still there"),
        pytest.param((FOUND,), set(), ("True", NOW), id="gone"),
        pytest.param((OTHER, MISSING), {"low"}, ("False", NOW), id="it has come"),
    ],
)
def test_settled(
    before: tuple[FlowSchemaCondition, ...], levels: set[str], after: tuple[str, Time] | None
) -> None:
    found = settled(flow(*before), levels, NOW)
    if after is None:
        assert found is None
        return
    assert found is not None
    *others, condition = found.status.conditions
    assert (condition.status, condition.lastTransitionTime) == after
    assert others == [c for c in before if c.type == "Other"]


async def test_every_cluster_has_its_flows_and_they_lead_somewhere(client: Client) -> None:
    levels = (await client.list(PriorityLevelConfiguration)).items
    assert {level.metadata.name for level in levels} == {each.metadata.name for each in LEVELS}
    while True:
        flows = (await client.list(FlowSchema)).items
        states = [c.status for flow in flows for c in flow.status.conditions]
        if len(states) == len(FLOWS):
            break
        await asyncio.sleep(0)
    assert set(states) == {"False"}
