"""FlowSchemas and priority levels."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api import codec
from kubepy.api.flowcontrol.v1 import FlowSchema, PriorityLevelConfiguration
from kubepy.apiserver.registry.flowcontrol.prioritylevelconfiguration import entropy_bits
from kubepy.apiserver.registry.flowcontrol.suggested import FLOWS, LEVELS
from tests.unit.apiserver.registry.rules import cells, made, refusals, rules_of, texts

ANY = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}
USER = {"kind": "User", "user": {"name": "u"}}


def flow(rule: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    whole = {"subjects": [USER], "resourceRules": [ANY], **(rule or {})}
    level = {"name": "low"}
    return {
        "spec": {
            "priorityLevelConfiguration": level,
            "matchingPrecedence": 5,
            "rules": [whole],
            **spec,
        }
    }


@pytest.mark.parametrize("each", [*FLOWS, *LEVELS], ids=lambda each: each.metadata.name)
def test_what_every_cluster_has_passes_its_own_rules(each: Any) -> None:
    rules = rules_of(type(each))
    assert rules.default(each) == each
    assert texts(rules.validate_create(each)) == []


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"matchingPrecedence": 0}, [], id="the default precedence"),
        pytest.param(
            {"matchingPrecedence": 1},
            [
                "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may "
                "have matchingPrecedence 1"
            ],
            id="first of all",
        ),
        pytest.param(
            {"matchingPrecedence": 10001},
            ["spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000"],
            id="behind all",
        ),
        pytest.param(
            {"priorityLevelConfiguration": {}},
            [
                "spec.priorityLevelConfiguration.name: Required value: must reference a priority "
                "level"
            ],
            id="no level",
        ),
        pytest.param(
            {"distinguisherMethod": {"type": "ByName"}},
            [
                'spec.distinguisherMethod.type: Unsupported value: {"Type":"ByName"}: supported '
                'values: "ByNamespace", "ByUser"'
            ],
            id="an unknown method",
        ),
    ],
)
def test_flows(spec: dict[str, Any], expected: list[str]) -> None:
    assert refusals(FlowSchema, flow(**spec)) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param(
            {"subjects": []},
            ["subjects: Required value: subjects must contain at least one value"],
            id="nobody",
        ),
        pytest.param(
            {"subjects": [{"kind": "Group", "user": {"name": "u"}}]},
            [
                "subjects[0].group: Required value: group is required when subject kind is 'Group'",
                "subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'",
            ],
            id="a group that is a user",
        ),
        pytest.param(
            {"subjects": [{"kind": "ServiceAccount", "serviceAccount": {"name": "*"}}]},
            [
                "subjects[0].serviceAccount.namespace: Required value: must specify namespace for "
                "service account"
            ],
            id="accounts of nowhere",
        ),
        pytest.param(
            {"resourceRules": [{**ANY, "verbs": ["*", "get"]}]},
            [
                'resourceRules[0].verbs: Invalid value: ["*","get"]: if \'*\' is present, must not '
                "specify other verbs"
            ],
            id="all verbs and one",
        ),
        pytest.param(
            {"resourceRules": [{**ANY, "namespaces": ["a b"]}]},
            1,
            id="a bad namespace",
        ),
        pytest.param(
            {"nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["x", "/a*b", "/a/*"]}]},
            [
                'nonResourceRules[0].nonResourceURLs[0]: Invalid value: "x": must start with slash',
                'nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a*b": wildcard can only '
                "do suffix matching",
            ],
            id="bad paths",
        ),
    ],
)
def test_rules(rule: dict[str, Any], expected: list[str] | int) -> None:
    found = refusals(FlowSchema, flow(rule))
    if isinstance(expected, int):
        assert len(found) == expected
    else:
        assert found == [f"spec.rules[0].{text}" for text in expected]


def test_mandatory_objects_are_as_they_are() -> None:
    (catch_all,) = (each for each in FLOWS if each.metadata.name == "catch-all")
    body = codec.to_builtins(catch_all)
    body["spec"]["matchingPrecedence"] = 9999
    (text,) = refusals(FlowSchema, body, "catch-all")
    assert text.endswith("spec of 'catch-all' must equal the fixed value")


def level(**limited: Any) -> dict[str, Any]:
    return {"spec": {"type": "Limited", "limited": limited}}


def test_level_defaults() -> None:
    body = level(limitResponse={"type": "Queue", "queuing": {}})
    limited = made(PriorityLevelConfiguration, body).spec.limited
    assert limited is not None
    queuing = limited.limitResponse.queuing
    assert queuing is not None
    assert (limited.nominalConcurrencyShares, limited.lendablePercent) == (30, 0)
    assert (queuing.queues, queuing.handSize, queuing.queueLengthLimit) == (64, 8, 50)
    assert cells(PriorityLevelConfiguration, body) == ("Limited", 30, 64, 8, 50, "5m")


def test_the_exempt_level_may_lend_what_it_wants() -> None:
    body = {"spec": {"type": "Exempt", "exempt": {"lendablePercent": 10}}}
    assert refusals(PriorityLevelConfiguration, body, "exempt") == []
    body["spec"]["exempt"] = {"lendablePercent": 101}
    assert len(refusals(PriorityLevelConfiguration, body, "exempt")) == 1


@pytest.mark.parametrize(
    ("deck", "hand", "bits"), [(64, 6, 36), (128, 6, 42), (1, 1, 0), (1024, 7, 70)]
)
def test_entropy(deck: int, hand: int, bits: int) -> None:
    assert entropy_bits(deck, hand) == bits
