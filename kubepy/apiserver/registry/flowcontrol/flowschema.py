"""FlowSchema: which requests belong together, and at which priority level they wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from kubepy.api.flowcontrol.v1 import (
    FlowSchema,
    FlowSchemaSpec,
    NonResourcePolicyRule,
    PolicyRulesWithSubjects,
    ResourcePolicyRule,
    Subject,
)
from kubepy.apiserver.registry.core.podspec.cells import NONE
from kubepy.apiserver.registry.flowcontrol.conditions import condition_errors
from kubepy.apiserver.registry.flowcontrol.suggested import EXEMPT, MANDATORY_FLOWS
from kubepy.apiserver.registry.strategy import Strategy, age, keep_all_but_status
from kubepy.apiserver.registry.values import choice, named, needed
from kubepy.meta import conditions, names
from kubepy.meta.errors import FieldError, forbidden, invalid, not_supported, required
from kubepy.meta.managed.fieldset import of

DANGLING = "Dangling"
DEFAULT_PRECEDENCE = 1000
MAX_PRECEDENCE = 10000
METHODS = ("ByNamespace", "ByUser")
VERBS = (
    "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch",
)  # fmt: skip
# The kinds of subjects with the field of each.
SUBJECTS = {"Group": "group", "ServiceAccount": "serviceAccount", "User": "user"}
NAMESPACE_WORDS = "each member of this list must be '*' or a DNS-1123 label; "


def default(flow: FlowSchema) -> FlowSchema:
    precedence = flow.spec.matchingPrecedence or DEFAULT_PRECEDENCE
    return replace(flow, spec=replace(flow.spec, matchingPrecedence=precedence))


def validate(flow: FlowSchema) -> list[FieldError]:
    name, spec = flow.metadata.name, flow.spec
    errors = _spec_errors(name, spec)
    if name in MANDATORY_FLOWS and spec != MANDATORY_FLOWS[name]:
        errors.append(invalid("spec", spec, f"spec of '{name}' must equal the fixed value"))
    return errors


def validate_update(new: FlowSchema, old: FlowSchema) -> list[FieldError]:
    return validate(new) + validate_status(new, old)


def validate_status(new: FlowSchema, old: FlowSchema) -> list[FieldError]:
    return condition_errors(new.status.conditions)


def _spec_errors(name: str, spec: FlowSchemaSpec) -> list[FieldError]:
    precedence, where = spec.matchingPrecedence, "spec.matchingPrecedence"
    errors = []
    if precedence <= 0:
        errors.append(invalid(where, precedence, "must be a positive value"))
    if precedence > MAX_PRECEDENCE:
        errors.append(invalid(where, precedence, f"must not be greater than {MAX_PRECEDENCE}"))
    if precedence == 1 and name != EXEMPT:
        why = "only the schema named 'exempt' may have matchingPrecedence 1"
        errors.append(invalid(where, precedence, why))
    method = spec.distinguisherMethod
    if method is not None and method.type not in METHODS:
        errors.append(not_supported("spec.distinguisherMethod.type", method, METHODS))
    level, where = spec.priorityLevelConfiguration.name, "spec.priorityLevelConfiguration.name"
    if level:
        errors += named(level, names.dns1123_subdomain, where)
    else:
        errors.append(required(where, "must reference a priority level"))
    for index, rule in enumerate(spec.rules):
        errors += _rule_errors(rule, f"spec.rules[{index}]")
    return errors


def _rule_errors(rule: PolicyRulesWithSubjects, path: str) -> list[FieldError]:
    errors = []
    for index, subject in enumerate(rule.subjects):
        errors += _subject_errors(subject, f"{path}.subjects[{index}]")
    if not rule.subjects:
        errors.append(required(f"{path}.subjects", "subjects must contain at least one value"))
    if not rule.resourceRules and not rule.nonResourceRules:
        why = "at least one of resourceRules and nonResourceRules has to be non-empty"
        errors.append(required(path, why))
    for index, resource_rule in enumerate(rule.resourceRules):
        errors += _resource_errors(resource_rule, f"{path}.resourceRules[{index}]")
    for index, other_rule in enumerate(rule.nonResourceRules):
        errors += _non_resource_errors(other_rule, f"{path}.nonResourceRules[{index}]")
    return errors


def _subject_errors(subject: Subject, path: str) -> list[FieldError]:
    kind = subject.kind
    if kind not in SUBJECTS:
        return choice(kind, tuple(SUBJECTS), f"{path}.kind")
    field = SUBJECTS[kind]
    content, where = getattr(subject, field), f"{path}.{field}"
    errors = []
    if content is None:
        errors.append(required(where, f"{field} is required when subject kind is '{kind}'"))
    elif kind == "ServiceAccount":
        if content.name != "*":
            errors += needed(content.name, names.dns1123_subdomain, f"{where}.name")
        if content.namespace:
            errors += named(content.namespace, names.dns1123_label, f"{where}.namespace")
        else:
            why = "must specify namespace for service account"
            errors.append(required(f"{where}.namespace", why))
    elif not content.name:
        errors.append(required(f"{where}.name"))
    for other in ("ServiceAccount", "User", "Group"):
        if other != kind and getattr(subject, SUBJECTS[other]) is not None:
            other_field = SUBJECTS[other]
            why = f"{other_field} is forbidden when subject kind is not '{other}'"
            errors.append(forbidden(f"{path}.{other_field}", why))
    return errors


def _verb_errors(verbs: Sequence[str], path: str) -> list[FieldError]:
    if "*" not in verbs and verbs and not set(verbs) <= set(VERBS):
        return [not_supported(path, verbs, VERBS)]
    return _list_errors(verbs, "verbs must contain at least one value", "verbs", path)


def _list_errors(values: Sequence[str], empty: str, noun: str, path: str) -> list[FieldError]:
    """`*` stands alone."""
    if not values:
        return [required(path, empty)]
    if "*" in values and len(values) > 1:
        return [invalid(path, values, f"if '*' is present, must not specify other {noun}")]
    return []


def _resource_errors(rule: ResourcePolicyRule, path: str) -> list[FieldError]:
    errors = _verb_errors(rule.verbs, f"{path}.verbs")
    empty = "resource rules must supply at least one api group"
    errors += _list_errors(rule.apiGroups, empty, "api groups", f"{path}.apiGroups")
    empty = "resource rules must supply at least one resource"
    errors += _list_errors(rule.resources, empty, "resources", f"{path}.resources")
    where = f"{path}.namespaces"
    if rule.namespaces or not rule.clusterScope:
        empty = "resource rules that are not cluster scoped must supply at least one namespace"
        errors += _list_errors(rule.namespaces, empty, "namespaces", where)
    if "*" in rule.namespaces:
        return errors
    return errors + [
        invalid(f"{where}[{index}]", namespace, NAMESPACE_WORDS + text)
        for index, namespace in enumerate(rule.namespaces)
        for text in names.dns1123_label(namespace)
    ]


def _non_resource_errors(rule: NonResourcePolicyRule, path: str) -> list[FieldError]:
    errors = _verb_errors(rule.verbs, f"{path}.verbs")
    urls, where = rule.nonResourceURLs, f"{path}.nonResourceURLs"
    empty = "nonResourceURLs must contain at least one value"
    errors += _list_errors(urls, empty, "non-resource URLs", where)
    if "*" in urls:
        return errors
    return errors + [
        invalid(f"{where}[{index}]", url, problem)
        for index, url in enumerate(urls)
        if (problem := _url_problem(url))
    ]


def _url_problem(url: str) -> str:
    if not url:
        return "must not be empty"
    if not url.startswith("/"):
        return "must start with slash"
    if " " in url:
        return "must not contain white-space"
    if "//" in url:
        return "must not contain double slash"
    if "*" in url.removesuffix("/*"):
        return "wildcard can only do suffix matching"
    return ""


def row(flow: FlowSchema, now: float) -> tuple[Any, ...]:
    meta, spec = flow.metadata, flow.spec
    dangling = conditions.find(flow.status.conditions, DANGLING)
    return (
        meta.name,
        spec.priorityLevelConfiguration.name,
        spec.matchingPrecedence,
        spec.distinguisherMethod.type if spec.distinguisherMethod else NONE,
        age(meta.creationTimestamp, now),
        dangling.status if dangling else "?",
    )


STRATEGY = Strategy(
    repeats_create_checks=True,
    generation=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    prepare_status=keep_all_but_status,
    status_resets=of("f:spec") | of("f:metadata"),
    validate_status=validate_status,
    row=row,
)
