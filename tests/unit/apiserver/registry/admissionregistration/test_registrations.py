"""Webhooks and policies of admission, and where they are in force."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api.admissionregistration.v1 import (
    MutatingAdmissionPolicy,
    MutatingAdmissionPolicyBinding,
    MutatingWebhookConfiguration,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    ValidatingWebhookConfiguration,
)
from tests.unit.apiserver.registry.rules import cells, changes, made, refusals

RULE = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
HOOK = {
    "name": "hook.example.com",
    "admissionReviewVersions": ["v1"],
    "sideEffects": "None",
    "clientConfig": {"url": "https://example.com/x"},
    "rules": [RULE],
}


def test_hook_defaults() -> None:
    service = {"service": {"namespace": "n", "name": "s"}}
    (hook,) = made(
        MutatingWebhookConfiguration, {"webhooks": [{**HOOK, "clientConfig": service}]}
    ).webhooks
    assert (hook.failurePolicy, hook.matchPolicy) == ("Fail", "Equivalent")
    assert (hook.timeoutSeconds, hook.reinvocationPolicy) == (10, "Never")
    assert hook.rules[0].scope == "*"
    assert hook.namespaceSelector is not None
    assert hook.clientConfig.service is not None
    assert hook.clientConfig.service.port == 443


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param(
            {"admissionReviewVersions": []},
            ["admissionReviewVersions: Required value: must specify one of v1, v1beta1"],
            id="no versions",
        ),
        pytest.param(
            {"admissionReviewVersions": ["v2", "v2"]},
            [
                'admissionReviewVersions[1]: Invalid value: "v2": duplicate version',
                'admissionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of '
                "v1, v1beta1",
            ],
            id="unknown versions",
        ),
        pytest.param(
            {"clientConfig": {"url": "https://user@example.com/x?q=1#f"}},
            [
                'clientConfig.url: Invalid value: "user": user information is not permitted in '
                "the URL",
                'clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
                'clientConfig.url: Invalid value: "q=1": query parameters are not permitted in '
                "the URL",
            ],
            id="too much in a URL",
        ),
        pytest.param(
            {"clientConfig": {"service": {"namespace": "", "name": "s", "path": "/a//b"}}},
            [
                "clientConfig.service.namespace: Required value: service namespace is required",
                'clientConfig.service.path: Invalid value: "/a//b": segment[1] may not be empty',
            ],
            id="a bad service",
        ),
        pytest.param(
            {
                "matchConditions": [
                    {"name": "a", "expression": " "},
                    {"name": "a", "expression": " params.a == 1"},
                ]
            },
            [
                "matchConditions[0].expression: Required value",
                'matchConditions[1].expression: Invalid value: "params.a == 1": compilation '
                "failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n"
                " | params.a == 1\n | ^",
                'matchConditions[1].name: Duplicate value: "a"',
            ],
            id="bad conditions",
        ),
    ],
)
def test_hooks(change: dict[str, Any], expected: list[str]) -> None:
    body = {"webhooks": [{**HOOK, **change}]}
    found = refusals(ValidatingWebhookConfiguration, body)
    assert found == [f"webhooks[0].{text}" for text in expected]
    assert refusals(MutatingWebhookConfiguration, body) == found


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param({"resources": ["pods", "pods/status"]}, [], id="a part, too"),
        pytest.param({"operations": []}, ["operations: Required value"], id="no operation"),
        pytest.param(
            {"operations": ["*", "CREATE"]},
            [
                'operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify '
                "other operations"
            ],
            id="all operations and one",
        ),
        pytest.param(
            {"resources": ["pods/*", "pods/status"]},
            [
                "resources[1]: Invalid value: \"pods/status\": if 'pods/*' is present, must not "
                "specify pods/status"
            ],
            id="all parts and one",
        ),
        pytest.param(
            {"resources": ["*/scale", "pods/scale"]},
            [
                "resources[1]: Invalid value: \"pods/scale\": if '*/scale' is present, must not "
                "specify pods/scale"
            ],
            id="everybody's part and one",
        ),
        pytest.param(
            {"resources": ["*", "pods"]},
            [
                'resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify '
                "other resources without subresources"
            ],
            id="all resources and one",
        ),
        pytest.param(
            {"scope": "Here"},
            ['scope: Unsupported value: "Here": supported values: "*", "Cluster", "Namespaced"'],
            id="an unknown scope",
        ),
    ],
)
def test_rules(rule: dict[str, Any], expected: list[str]) -> None:
    body = {"webhooks": [{**HOOK, "rules": [{**RULE, **rule}]}]}
    found = refusals(ValidatingWebhookConfiguration, body)
    assert found == [f"webhooks[0].rules[0].{text}" for text in expected]


MATCH = {"resourceRules": [RULE]}


def policy(**spec: Any) -> dict[str, Any]:
    return {"spec": {"matchConstraints": MATCH, "validations": [{"expression": "true"}], **spec}}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param(
            {"matchConstraints": {}},
            ["matchConstraints.resourceRules: Required value"],
            id="of nothing",
        ),
        pytest.param(
            {"paramKind": {"apiVersion": "a/b/c", "kind": "Bad Kind"}},
            2,
            id="bad parameters",
        ),
        pytest.param(
            {"variables": [{"name": "if", "expression": ""}]},
            [
                'variables[0].name: Invalid value: "if": name is not a valid CEL identifier',
                "variables[0].expression: Required value: expression is not specified",
            ],
            id="a bad variable",
        ),
        pytest.param({"validations": [{"expression": "true ||\nfalse"}]}, [], id="several lines"),
        pytest.param(
            {"validations": [{"expression": "true", "message": "a\nb", "messageExpression": " "}]},
            [
                'validations[0].messageExpression: Invalid value: " ": must be non-empty if '
                "specified",
                'validations[0].message: Invalid value: "a\\nb": message must not contain line '
                "breaks",
            ],
            id="bad messages",
        ),
        pytest.param(
            {"auditAnnotations": [{"key": "k", "valueExpression": ""}] * 2},
            [
                "auditAnnotations[0].valueExpression: Required value: valueExpression is not "
                "specified",
                "auditAnnotations[1].valueExpression: Required value: valueExpression is not "
                "specified",
                'auditAnnotations[1].key: Duplicate value: "k"',
            ],
            id="bad annotations",
        ),
    ],
)
def test_policies(spec: dict[str, Any], expected: list[str] | int) -> None:
    found = refusals(ValidatingAdmissionPolicy, policy(**spec))
    if isinstance(expected, int):
        assert len(found) == expected
    else:
        assert found == [f"spec.{text}" for text in expected]


def test_a_mutation_is_of_one_kind() -> None:
    mutation = {
        "patchType": "JSONPatch", "jsonPatch": {"expression": ""},
        "applyConfiguration": {"expression": "x"},
    }  # fmt: skip
    spec = {"matchConstraints": MATCH, "mutations": [mutation]}
    assert refusals(MutatingAdmissionPolicy, {"spec": spec}) == [
        "spec.mutations[0].jsonPatch.expression: Required value",
        'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be '
        "specified when patchType is JSONPatch",
        "spec.reinvocationPolicy: Required value",
    ]


def test_each_expression_of_a_policy_is_checked() -> None:
    bad = policy(
        variables=[{"name": "a", "expression": "x"}],
        validations=[{"expression": "1", "messageExpression": "1"}],
        auditAnnotations=[
            {"key": "k", "valueExpression": " 1"}, {"key": "l", "valueExpression": "variables.a"},
        ],
        matchConditions=[{"name": "c", "expression": "variables.a == 1"}],
    )  # fmt: skip
    undeclared = "compilation failed: ERROR: <input>:1:1: undeclared reference to"
    assert refusals(ValidatingAdmissionPolicy, bad) == [
        f'spec.matchConditions[0].expression: Invalid value: "variables.a == 1": {undeclared} '
        "'variables' (in container '')\n | variables.a == 1\n | ^",
        f"spec.variables[0].expression: Invalid value: \"x\": {undeclared} 'x' (in container '')\n"
        " | x\n | ^",
        'spec.validations[0].expression: Invalid value: "1": must evaluate to bool but got int',
        'spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string but '
        "got int",
        'spec.auditAnnotations[0].valueExpression: Invalid value: " 1": must evaluate to one of '
        "[string null_type] but got int",
        'spec.auditAnnotations[1].valueExpression: Invalid value: "variables.a": must evaluate to '
        "one of [string null_type] but got dyn",
    ]


@pytest.mark.parametrize("type_", [ValidatingAdmissionPolicy, MutatingAdmissionPolicy])
def test_conditions_that_stay_are_not_questioned(type_: type[Any]) -> None:
    conditions = [{"name": "a", "expression": "params.a"}]
    mutation = {"patchType": "JSONPatch", "jsonPatch": {"expression": "[JSONPatch{}]"}}
    more = {"mutations": [mutation], "reinvocationPolicy": "Never"}
    old = policy(matchConditions=conditions, **more)
    assert (
        changes(type_, old, policy(matchConditions=conditions, **more, failurePolicy="Ignore"))
        == []
    )
    kind = {"apiVersion": "v1", "kind": "ConfigMap"}
    (error,) = changes(type_, old, policy(matchConditions=conditions, paramKind=kind, **more))
    assert error.endswith("must evaluate to bool but got dyn")


@pytest.mark.parametrize("type_", [ValidatingWebhookConfiguration, MutatingWebhookConfiguration])
def test_hooks_conditions_that_stay_are_not_questioned(type_: type[Any]) -> None:
    hook = {**HOOK, "matchConditions": [{"name": "a", "expression": "1"}]}
    other = {**HOOK, "name": "other.example.com"}
    assert changes(type_, {"webhooks": [hook]}, {"webhooks": [{**hook, "rules": []}]}) == []
    assert changes(type_, {"webhooks": [hook]}, {"webhooks": [hook, other]}) == [
        'webhooks[0].matchConditions[0].expression: Invalid value: "1": must evaluate to bool but '
        "got int"
    ]


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        pytest.param({"name": "a", "parameterNotFoundAction": "Deny"}, [], id="fine"),
        pytest.param(
            {"parameterNotFoundAction": "Shrug"},
            [
                "spec.paramRef: Required value: one of name or selector must be specified",
                'spec.paramRef.parameterNotFoundAction: Unsupported value: "Shrug": supported '
                'values: "Deny", "Allow"',
            ],
            id="nothing in it",
        ),
    ],
)
def test_bindings(ref: dict[str, Any], expected: list[str]) -> None:
    body = {"spec": {"policyName": "p", "paramRef": ref}}
    assert refusals(MutatingAdmissionPolicyBinding, body) == expected
    body["spec"]["validationActions"] = ["Warn"]
    assert refusals(ValidatingAdmissionPolicyBinding, body) == expected


def test_columns() -> None:
    kind = {"apiVersion": "example.com/v1", "kind": "Limit"}
    assert cells(ValidatingAdmissionPolicy, policy(paramKind=kind)) == (
        1, "example.com/v1/Limit", "5m",
    )  # fmt: skip
    ref = {"name": "a", "namespace": "n"}
    body = {"spec": {"policyName": "p", "paramRef": ref}}
    assert cells(ValidatingAdmissionPolicyBinding, body) == ("p", "n/a", "5m")
