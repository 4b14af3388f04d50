"""Evictions: with and without a disruption budget."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from kubepy.api import scheme
from kubepy.api.core.v1 import Container, Pod, PodCondition, PodSpec, PodStatus
from kubepy.api.meta.v1 import LabelSelector, ObjectMeta
from kubepy.api.policy.v1 import (
    Eviction,
    PodDisruptionBudget,
    PodDisruptionBudgetSpec,
    PodDisruptionBudgetStatus,
)
from kubepy.api.types import Time
from kubepy.apiserver.server import ADMIN
from kubepy.apiserver.subresources import evictions
from kubepy.meta import errors
from kubepy.meta.calls import STRATEGIC_PATCH, Body, Call
from kubepy.testing import TestServer

NOW = Time("2026-01-02T03:04:05Z")
PODS = scheme.by_type(Pod)
LABELS = {"app": "web"}


def budget(**status: Any) -> PodDisruptionBudget:
    return PodDisruptionBudget(
        metadata=ObjectMeta(name="b", namespace="default", generation=1),
        spec=PodDisruptionBudgetSpec(minAvailable=1, selector=LabelSelector(matchLabels=LABELS)),
        status=PodDisruptionBudgetStatus(**{"observedGeneration": 1, **status}),
    )


def pod(*, ready: bool) -> Pod:
    condition = PodCondition(type="Ready", status="True" if ready else "False")
    return Pod(status=PodStatus(phase="Running", conditions=(condition,)))


def test_an_eviction_is_counted() -> None:
    after = evictions.counted(budget(disruptionsAllowed=2), "p", NOW).status
    assert after.disruptionsAllowed == 1
    assert after.disruptedPods == {"p": NOW}
    assert after.conditions == ()


def test_the_last_one_is_said_in_a_condition() -> None:
    after = evictions.counted(budget(disruptionsAllowed=1), "p", NOW).status
    assert [(c.type, c.status, c.reason) for c in after.conditions] == [
        ("DisruptionAllowed", "False", "InsufficientPods")
    ]


@pytest.mark.parametrize(
    ("status", "error", "why"),
    [
        pytest.param(
            {"observedGeneration": 0, "disruptionsAllowed": 1},
            errors.TooManyRequests,
            "b is still being processed by the server.",
            id="not seen by its controller",
        ),
        pytest.param(
            {"currentHealthy": 1, "desiredHealthy": 1},
            errors.TooManyRequests,
            "b needs 1 healthy pods and has 1 currently",
            id="nothing to spare",
        ),
        pytest.param(
            {"disruptionsAllowed": -1},
            errors.Forbidden,
            "pdb disruptions allowed is negative",
            id="nonsense",
        ),
    ],
)
def test_refusals(status: dict[str, int], error: type[errors.ApiError], why: str) -> None:
    with pytest.raises(error) as refused:
        evictions.counted(budget(**status), "p", NOW)
    told = [refused.value.message, *(cause.message for cause in refused.value.causes)]
    assert any(why in text for text in told)


@pytest.mark.parametrize(
    ("ready", "current", "desired", "spared"),
    [(True, 2, 1, False), (False, 2, 1, True), (False, 1, 2, False), (False, 0, 0, False)],
)
def test_an_unready_pod_costs_nothing_where_enough_are_healthy(
    ready: bool, current: int, desired: int, spared: bool
) -> None:
    found = budget(currentHealthy=current, desiredHealthy=desired)
    assert evictions.spares_budget(pod(ready=ready), found) is spared


async def evict(server: TestServer, name: str) -> None:
    body = Eviction(metadata=ObjectMeta(name=name, namespace="default"))
    call = Call("create", PODS, "default", name, "eviction", body=body)
    await server.pipeline.handle(call, ADMIN)


async def running_pod(server: TestServer, name: str) -> None:
    meta = ObjectMeta(name=name, namespace="default", labels=LABELS)
    spec = PodSpec(containers=(Container(name="c", image="x:1"),), nodeName="n1")
    await server.client.create(Pod(metadata=meta, spec=spec))
    status = (
        b'{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True",'
        b'"lastTransitionTime":"2026-01-02T03:04:05Z"}]}}'
    )
    call = Call("patch", PODS, "default", name, "status", body=Body(status, STRATEGIC_PATCH))
    await server.pipeline.handle(call, ADMIN)


async def test_an_evicted_pod_says_why_it_goes(apiserver: TestServer) -> None:
    await running_pod(apiserver, "p")
    await evict(apiserver, "p")
    found = await apiserver.client.get(Pod, "p", "default")
    assert found.metadata.deletionTimestamp is not None
    reasons = {c.type: c.reason for c in found.status.conditions}
    assert reasons["DisruptionTarget"] == "EvictionByEvictionAPI"


@pytest.mark.parametrize(
    ("selector", "covered"),
    [
        pytest.param(None, False, id="none covers nothing"),
        pytest.param(LabelSelector(), True, id="an empty one covers everything"),
        pytest.param(LabelSelector(matchLabels={"app": "other"}), False, id="others"),
    ],
)
async def test_what_a_budget_covers(
    apiserver: TestServer, selector: LabelSelector | None, covered: bool
) -> None:
    await running_pod(apiserver, "a")
    made = budget()
    spec = PodDisruptionBudgetSpec(minAvailable=1, selector=selector)
    await apiserver.client.create(PodDisruptionBudget(metadata=made.metadata, spec=spec))
    with pytest.raises(errors.TooManyRequests) if covered else nullcontext():
        await evict(apiserver, "a")


async def test_a_budget_is_spent_once(apiserver: TestServer) -> None:
    await running_pod(apiserver, "a")
    await running_pod(apiserver, "b")
    made = await apiserver.client.create(budget())
    status = (
        b'{"status":{"observedGeneration":%d,"disruptionsAllowed":1,"currentHealthy":2,'
        b'"desiredHealthy":1,"expectedPods":2}}' % made.metadata.generation
    )
    resource = scheme.by_type(PodDisruptionBudget)
    body = Body(status, "application/merge-patch+json")
    await apiserver.pipeline.handle(
        Call("patch", resource, "default", "b", "status", body=body), ADMIN
    )
    await evict(apiserver, "a")
    with pytest.raises(errors.TooManyRequests):
        await evict(apiserver, "b")
