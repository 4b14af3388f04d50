"""HorizontalPodAutoscalers: rules, columns, and the way between both versions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubepy.api import codec
from kubepy.api.autoscaling import v1, v2
from kubepy.apiserver.registry.autoscaling import conversion
from tests.unit.apiserver.registry.rules import cells, changes, made, refusals

REF = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
CPU = {
    "type": "Resource",
    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}},
}
RPS = {
    "type": "Pods",
    "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": "10"}},
}
HITS = {
    "type": "Object",
    "object": {
        "describedObject": REF,
        "metric": {"name": "hits"},
        "target": {"type": "Value", "value": "2k"},
    },
}
MEMORY = {
    "type": "ContainerResource",
    "containerResource": {
        "name": "memory",
        "container": "main",
        "target": {"type": "AverageValue", "averageValue": "1Gi"},
    },
}
QUEUE = {
    "type": "External",
    "external": {"metric": {"name": "q"}, "target": {"type": "Value", "value": "30"}},
}


def scaled(*metrics: Any, **spec: Any) -> dict[str, Any]:
    return {"spec": {"scaleTargetRef": REF, "maxReplicas": 5, "metrics": list(metrics), **spec}}


def test_defaults() -> None:
    spec = made(v2.HorizontalPodAutoscaler, scaled(behavior={"scaleUp": {}})).spec
    assert spec.minReplicas == 1
    assert spec.metrics[0].resource is not None
    assert spec.metrics[0].resource.target.averageUtilization == 80
    assert spec.behavior is not None
    up, down = spec.behavior.scaleUp, spec.behavior.scaleDown
    assert up is not None
    assert down is not None
    assert up.stabilizationWindowSeconds == 0
    assert [(p.type, p.value) for p in up.policies or ()] == [("Pods", 4), ("Percent", 100)]
    assert (down.stabilizationWindowSeconds, down.selectPolicy) == (None, "Max")


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        pytest.param(HITS, [], id="of an object"),
        pytest.param(MEMORY, [], id="of a container"),
        pytest.param(QUEUE, [], id="external"),
        pytest.param(
            {"type": "Pods"},
            ["pods: Required value: must populate information for the given metric source"],
            id="not described",
        ),
        pytest.param(
            {**RPS, **CPU, "type": "Pods"},
            ["resource: Forbidden: must populate the given metric source only"],
            id="two in one",
        ),
        pytest.param(
            {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Value"}}},
            [
                "resource.target.averageUtilization: Required value: must set either a target raw "
                "value or a target utilization"
            ],
            id="no target",
        ),
        pytest.param(
            {
                "type": "External",
                "external": {
                    "metric": {"name": "a/b"},
                    "target": {"type": "Some", "value": "1", "averageValue": "-1"},
                },
            },
            [
                "external.metric.name: Invalid value: \"a/b\": may not contain '/'",
                'external.target.type: Invalid value: "Some": must be either Utilization, Value, '
                "or AverageValue",
                'external.target.averageValue: Invalid value: "-1": must be positive',
                "external.target.value: Forbidden: may not set both a target value for metric and "
                "a per-pod target",
            ],
            id="a bad target",
        ),
    ],
)
def test_metrics(metric: dict[str, Any], expected: list[str]) -> None:
    found = refusals(v2.HorizontalPodAutoscaler, scaled(metric))
    assert found == [f"spec.metrics[0].{text}" for text in expected]


def test_a_reference_without_a_group_stays_if_it_was_there() -> None:
    old = scaled(CPU, scaleTargetRef={"kind": "Deployment", "name": "web"})
    assert refusals(v2.HorizontalPodAutoscaler, old) == [
        'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'
    ]
    assert changes(v2.HorizontalPodAutoscaler, old, old) == []
    core = scaled(CPU, scaleTargetRef={"kind": "ReplicationController", "name": "web"})
    assert refusals(v2.HorizontalPodAutoscaler, core) == []


@pytest.mark.parametrize(
    ("metrics", "current", "shown"),
    [
        pytest.param([CPU], [], "cpu: <unknown>/60%", id="not measured yet"),
        pytest.param(
            [RPS, HITS, QUEUE],
            [
                {
                    "type": "Pods",
                    "pods": {"metric": {"name": "rps"}, "current": {"averageValue": "3"}},
                }
            ],
            "3/10, <unknown>/2k + 1 more...",
            id="three",
        ),
        pytest.param([MEMORY], [], "memory: <unknown>/1Gi", id="of a container"),
    ],
)
def test_targets_column(metrics: list[Any], current: list[Any], shown: str) -> None:
    body = {**scaled(*metrics), "status": {"currentMetrics": current}}
    assert cells(v2.HorizontalPodAutoscaler, body)[:4] == ("Deployment/web", shown, "1", 5)


def test_v1_shows_the_share_of_the_cpu_and_keeps_the_rest_in_annotations() -> None:
    body = scaled(RPS, CPU, behavior={"scaleDown": {"selectPolicy": "Disabled"}})
    body["metadata"] = {"annotations": {"mine": "stays"}}
    found = conversion.to_v1(made(v2.HorizontalPodAutoscaler, body))

    assert found.spec.targetCPUUtilizationPercentage == 60
    notes = found.metadata.annotations
    assert notes["mine"] == "stays"
    assert json.loads(notes[conversion.METRICS]) == [
        {"type": "Pods", "pods": {"metricName": "rps", "targetAverageValue": "10"}}
    ]
    assert json.loads(notes[conversion.BEHAVIOR])["ScaleDown"]["SelectPolicy"] == "Disabled"


CURRENT = [
    {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 7}}},
    {
        "type": "Object",
        "object": {"describedObject": REF, "metric": {"name": "h"}, "current": {"value": "3"}},
    },
    {"type": "Pods", "pods": {"metric": {"name": "p"}, "current": {"averageValue": "3"}}},
    {
        "type": "External",
        "external": {"metric": {"name": "q"}, "current": {"value": "1", "averageValue": "2"}},
    },
    {
        "type": "ContainerResource",
        "containerResource": {
            "name": "memory",
            "container": "main",
            "current": {"averageValue": "1Gi"},
        },
    },
]


def test_nothing_is_lost_on_the_way_to_v1_and_back() -> None:
    body = scaled(HITS, RPS, MEMORY, QUEUE, CPU, behavior={"scaleUp": {"tolerance": "100m"}})
    body["metadata"] = {"annotations": {"mine": "stays"}}
    condition = {
        "type": "AbleToScale", "status": "True", "lastTransitionTime": "2020-01-01T00:00:00Z",
    }  # fmt: skip
    # An amount that was not measured comes back as 0: in v1 it cannot be absent.
    body["status"] = {
        "currentReplicas": 2,
        "currentMetrics": CURRENT[1:],
        "conditions": [condition],
    }
    old = made(v2.HorizontalPodAutoscaler, body)
    assert codec.encode(conversion.to_v2(conversion.to_v1(old))) == codec.encode(old)


def test_what_v1_measured_is_a_metric_of_v2() -> None:
    body = {
        "spec": {"scaleTargetRef": REF, "maxReplicas": 5, "targetCPUUtilizationPercentage": 60},
        "status": {"currentCPUUtilizationPercentage": 70},
    }
    new = made(v1.HorizontalPodAutoscaler, body)
    assert cells(v1.HorizontalPodAutoscaler, body)[1] == "cpu: 70%/60%"
    assert new.spec.minReplicas == 1


@pytest.mark.parametrize("text", ["[", "{}", '[{"type": 1}]', "7"])
def test_unreadable_annotations_are_dropped(text: str) -> None:
    notes = dict.fromkeys(conversion.ANNOTATIONS, text)
    body = {
        "metadata": {"annotations": notes},
        "spec": {"scaleTargetRef": REF, "targetCPUUtilizationPercentage": 60},
    }
    found = conversion.to_v2(codec.from_builtins(v1.HorizontalPodAutoscaler, body))
    assert found.metadata.annotations == {}
    assert [metric.type for metric in found.spec.metrics] == ["Resource"]
