"""Classes that pods name: of priorities, and of runtimes."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api.node.v1 import RuntimeClass
from kubepy.api.scheduling.v1 import PriorityClass
from kubepy.apiserver.registry.scheduling.priorityclass import SYSTEM
from tests.unit.apiserver.registry.rules import changes, refusals, rules_of, texts

NODE = "system-node-critical"
RESERVED = (
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system "
    "use only. error: "
)


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        pytest.param("mine", {"value": 1_000_000_000}, [], id="the highest"),
        pytest.param(NODE, {"value": 2_000_001_000}, [], id="the system's"),
        pytest.param(
            NODE,
            {"value": 1},
            [f"{RESERVED}value of {NODE} PriorityClass must be 2000001000"],
            id="the system's name",
        ),
        pytest.param(
            NODE,
            {"value": 2_000_001_000, "globalDefault": True},
            [f"{RESERVED}globalDefault of {NODE} PriorityClass must be false"],
            id="the system's as default",
        ),
    ],
)
def test_priority_classes(name: str, body: dict[str, Any], expected: list[str]) -> None:
    assert refusals(PriorityClass, body, name) == expected


def test_the_systems_classes_pass_their_own_rules() -> None:
    assert [texts(rules_of(PriorityClass).validate_create(each)) for each in SYSTEM] == [[], []]


def test_a_priority_never_changes() -> None:
    assert changes(PriorityClass, {"value": 1}, {"value": 2, "preemptionPolicy": "Never"}) == [
        "value: Forbidden: may not be changed in an update.",
        'preemptionPolicy: Invalid value: "Never": field is immutable',
    ]


def test_runtime_classes() -> None:
    toleration = {"key": "k", "operator": "Exists"}
    body = {"handler": "runc", "scheduling": {"tolerations": [toleration, toleration]}}
    (text,) = refusals(RuntimeClass, body)
    assert text.startswith("scheduling.tolerations[1]: Duplicate value: ")
    assert changes(RuntimeClass, {"handler": "a"}, {"handler": "b"}) == [
        'handler: Invalid value: "b": field is immutable'
    ]
