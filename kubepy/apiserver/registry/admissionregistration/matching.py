"""What webhooks and policies are asked about: rules, selectors, conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from kubepy.api.admissionregistration.v1 import (
    MatchCondition,
    MatchResources,
    NamedRuleWithOperations,
    RuleWithOperations,
)
from kubepy.api.meta.v1 import LabelSelector
from kubepy.apiserver.registry.admissionregistration.expressions import (
    BOOL,
    compiler,
    complaints,
)
from kubepy.apiserver.registry.values import choice, named, needed
from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate, invalid, required, too_many
from kubepy.meta.labels import check_label_selector

OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
SCOPES = ("*", "Cluster", "Namespaced")
FAILURE_POLICIES = ("Fail", "Ignore")
MATCH_POLICIES = ("Equivalent", "Exact")
REINVOCATION_POLICIES = ("IfNeeded", "Never")
MAX_CONDITIONS = 64


# ---- defaults


def with_scopes(rules: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(replace(rule, scope="*" if rule.scope is None else rule.scope) for rule in rules)


def default_resources(match: MatchResources | None) -> MatchResources | None:
    if match is None:
        return None
    policy = match.matchPolicy
    return replace(
        match,
        matchPolicy="Equivalent" if policy is None else policy,
        namespaceSelector=match.namespaceSelector or LabelSelector(),
        objectSelector=match.objectSelector or LabelSelector(),
        resourceRules=with_scopes(match.resourceRules),
        excludeResourceRules=with_scopes(match.excludeResourceRules),
    )


# ---- rules


def resources_errors(match: MatchResources, path: str) -> list[FieldError]:
    errors = check_label_selector(match.namespaceSelector, f"{path}.namespaceSelector")
    errors += check_label_selector(match.objectSelector, f"{path}.objectSelector")
    for field in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(getattr(match, field)):
            errors += _named_rule_errors(rule, f"{path}.{field}[{index}]")
    return errors + choice(match.matchPolicy, MATCH_POLICIES, f"{path}.matchPolicy")


def _named_rule_errors(rule: NamedRuleWithOperations, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, name in enumerate(rule.resourceNames):
        where = f"{path}.resourceNames[{index}]"
        errors += named(name, names.path_segment, where)
        if name in seen:
            errors.append(duplicate(where, name))
        seen.add(name)
    return errors + rule_errors(rule, path)


def rule_errors(rule: RuleWithOperations | NamedRuleWithOperations, path: str) -> list[FieldError]:
    errors = _alone(rule.operations, "operations", f"{path}.operations")
    for index, operation in enumerate(rule.operations):
        errors += choice(operation, OPERATIONS, f"{path}.operations[{index}]")
    errors += _alone(rule.apiGroups, "API groups", f"{path}.apiGroups")
    errors += _alone(rule.apiVersions, "API versions", f"{path}.apiVersions")
    errors += [
        required(f"{path}.apiVersions[{index}]")
        for index, version in enumerate(rule.apiVersions)
        if not version
    ]
    errors += _resource_errors(rule.resources, f"{path}.resources")
    return errors + choice(rule.scope, SCOPES, f"{path}.scope")


def _alone(values: Sequence[str], noun: str, path: str) -> list[FieldError]:
    """There is one, and `*` stands alone."""
    if not values:
        return [required(path)]
    if len(values) > 1 and "*" in values:
        return [invalid(path, values, f"if '*' is present, must not specify other {noun}")]
    return []


def _resource_errors(resources: Sequence[str], path: str) -> list[FieldError]:
    """What covers others, `*`, `pods/*`, `*/scale`, stands behind nothing that it covers."""
    errors = [] if resources else [required(path)]
    all_parts: set[str] = set()  # resources that were named with /*
    everywhere: set[str] = set()  # subresources that were named with */
    for index, text in enumerate(resources):
        where = f"{path}[{index}]"
        resource, slash, part = text.partition("/")
        if not text:
            errors.append(required(where))
        if not slash:
            continue
        if resource in all_parts:
            why = f"if '{resource}/*' is present, must not specify {text}"
            errors.append(invalid(where, text, why))
        if part in everywhere:
            why = f"if '*/{part}' is present, must not specify {text}"
            errors.append(invalid(where, text, why))
        if part == "*":
            all_parts.add(resource)
        if resource == "*":
            everywhere.add(part)
    if len(resources) > 1 and "*/*" in resources:
        why = "if '*/*' is present, must not specify other resources"
        errors.append(invalid(path, resources, why))
    if "*" in resources and any("/" not in text and text not in ("", "*") for text in resources):
        why = "if '*' is present, must not specify other resources without subresources"
        errors.append(invalid(path, resources, why))
    return errors


def condition_errors(
    conditions: Sequence[MatchCondition], path: str, *, params: bool = False
) -> list[FieldError]:
    """`params`: whether the expressions may name a policy's parameters."""
    errors: list[FieldError] = []
    if len(conditions) > MAX_CONDITIONS:
        errors.append(too_many(path, len(conditions), MAX_CONDITIONS))
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        where = f"{path}[{index}]"
        if expression := condition.expression.strip():
            why = compiler(params=params).complaint(expression, BOOL)
            errors += complaints(f"{where}.expression", expression, why)
        else:
            errors.append(required(f"{where}.expression"))
        errors += needed(condition.name, names.qualified_name, f"{where}.name")
        if condition.name and condition.name in seen:
            errors.append(duplicate(f"{where}.name", condition.name))
        seen.add(condition.name)
    return errors
