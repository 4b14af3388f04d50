"""Rules of the conditions in an object's status."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api import codec
from kubepy.api.admissionregistration.v1 import ValidatingAdmissionPolicy
from kubepy.api.meta.v1 import Condition
from kubepy.api.policy.v1 import PodDisruptionBudget
from kubepy.apiserver.registry.conditions import condition_errors
from tests.unit.apiserver.registry.rules import CREATED, made, rules_of, texts

GOOD = {"type": "Ready", "status": "True", "lastTransitionTime": CREATED, "reason": "AllWell"}
REASON = (
    "a condition reason must start with alphabetic character, optionally followed by a string of "
    "alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. "
    "'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex "
    "used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')"
)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, [], id="good"),
        pytest.param({"type": "example.com/Ready"}, [], id="a type of somebody's"),
        pytest.param(
            {"status": "Maybe"},
            ['.status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"'],
            id="neither true nor false",
        ),
        pytest.param(
            {"observedGeneration": -1},
            [".observedGeneration: Invalid value: -1: must be greater than or equal to zero"],
            id="before the first generation",
        ),
        pytest.param(
            {"lastTransitionTime": None},
            [".lastTransitionTime: Required value: must be set"],
            id="since when",
        ),
        pytest.param({"reason": ""}, [".reason: Required value: must be set"], id="no reason"),
        pytest.param(
            {"reason": "all well"},
            [f'.reason: Invalid value: "all well": {REASON}'],
            id="a reason in words",
        ),
        pytest.param(
            {"reason": "a" * 1025, "message": "m" * 32769},
            [
                ".reason: Too long: may not be more than 1024 bytes",
                ".message: Too long: may not be more than 32768 bytes",
            ],
            id="a long story",
        ),
    ],
)
def test_a_condition(changed: dict[str, Any], expected: list[str]) -> None:
    condition = codec.from_builtins(Condition, {**GOOD, **changed})
    assert texts(condition_errors([condition], "c")) == [f"c[0]{text}" for text in expected]


def test_each_type_is_there_once() -> None:
    condition = codec.from_builtins(Condition, GOOD)
    expected = ['c[1].type: Duplicate value: "Ready"']
    assert texts(condition_errors([condition, condition], "c")) == expected


def test_a_budgets_status() -> None:
    budget = made(
        PodDisruptionBudget,
        {"status": {"disruptionsAllowed": -1, "conditions": [{**GOOD, "reason": ""}]}},
    )
    assert texts(rules_of(PodDisruptionBudget).validate_status(budget, budget)) == [
        "status.conditions[0].reason: Required value: must be set",
        "status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0",
    ]


def test_a_policys_status() -> None:
    warnings = [{"fieldRef": "spec.validations[0]", "warning": "odd"}, {"fieldRef": " "}]
    policy = made(
        ValidatingAdmissionPolicy, {"status": {"typeChecking": {"expressionWarnings": warnings}}}
    )
    where = "status.typeChecking.expressionWarnings[1]"
    assert texts(rules_of(ValidatingAdmissionPolicy).validate_status(policy, policy)) == [
        f"{where}.warning: Required value",
        f"{where}.fieldRef: Required value",
    ]
