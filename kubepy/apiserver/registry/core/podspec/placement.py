"""Where a pod may run: tolerations, affinity, spreading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubepy.api.core.v1 import (
    Affinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    PodAffinityTerm,
    Toleration,
    TopologySpreadConstraint,
)
from kubepy.api.meta.v1 import LabelSelector
from kubepy.apiserver.registry.numbers import NOT_POSITIVE
from kubepy.meta import names
from kubepy.meta.errors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
)
from kubepy.meta.labels import check_label_selector

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
UNSATISFIABLE = ("DoNotSchedule", "ScheduleAnyway")
NODE_POLICIES = ("Honor", "Ignore")
HARD, SOFT = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)
UNKNOWN_OPERATOR = "not a valid selector operator"


def _label_key_errors(key: str, path: str) -> list[FieldError]:
    return [invalid(path, key, text) for text in names.label_key(key)]


# ---- tolerations


def toleration_errors(tolerations: Sequence[Toleration], path: str) -> list[FieldError]:
    errors = []
    for index, toleration in enumerate(tolerations):
        where = f"{path}[{index}]"
        if toleration.key:
            errors += _label_key_errors(toleration.key, f"{where}.key")
        elif toleration.operator != "Exists":
            why = (
                "operator must be Exists when `key` is empty, which means "
                '"match all values and all keys"'
            )
            errors.append(invalid(f"{where}.operator", toleration.operator, why))
        if toleration.tolerationSeconds is not None and toleration.effect != "NoExecute":
            why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            errors.append(invalid(f"{where}.effect", toleration.effect, why))
        errors += _operator_errors(toleration, f"{where}.operator")
        if toleration.effect and toleration.effect not in EFFECTS:
            errors.append(not_supported(f"{where}.effect", toleration.effect, EFFECTS))
    return errors


def _operator_errors(toleration: Toleration, path: str) -> list[FieldError]:
    match toleration.operator:
        case "" | "Equal":
            problems = names.label_value(toleration.value)
            return [invalid(path, toleration.value, ";".join(problems))] if problems else []
        case "Exists":
            why = "value must be empty when `operator` is 'Exists'"
            return [invalid(path, toleration.value, why)] if toleration.value else []
    return [not_supported(path, toleration.operator, ("Equal", "Exists"))]


# ---- affinity


def affinity_errors(affinity: Affinity | None, path: str) -> list[FieldError]:
    if affinity is None:
        return []
    errors: list[FieldError] = []
    node = affinity.nodeAffinity
    if node is not None:
        where = f"{path}.nodeAffinity"
        hard = node.requiredDuringSchedulingIgnoredDuringExecution
        if hard is not None:
            errors += node_selector_errors(hard, f"{where}.{HARD}")
        for index, term in enumerate(node.preferredDuringSchedulingIgnoredDuringExecution):
            errors += _weight_errors(term, f"{where}.{SOFT}[{index}]")
            preference = f"{where}.{SOFT}[{index}].preference"
            errors += _node_term_errors(term.preference, preference, lax=True)
    errors += _pod_affinity_errors(affinity.podAffinity, f"{path}.podAffinity")
    return errors + _pod_affinity_errors(affinity.podAntiAffinity, f"{path}.podAntiAffinity")


def _weight_errors(term: Any, path: str) -> list[FieldError]:
    if 1 <= term.weight <= 100:
        return []
    return [invalid(f"{path}.weight", term.weight, "must be in the range 1-100")]


def node_selector_errors(selector: NodeSelector, path: str) -> list[FieldError]:
    where = f"{path}.nodeSelectorTerms"
    if not selector.nodeSelectorTerms:
        return [required(where, "must have at least one node selector term")]
    errors = []
    for index, term in enumerate(selector.nodeSelectorTerms):
        errors += _node_term_errors(term, f"{where}[{index}]", lax=False)
    return errors


def _node_term_errors(term: NodeSelectorTerm, path: str, *, lax: bool) -> list[FieldError]:
    """`lax`: values may be no labels, as in a preference, which then helps nobody."""
    errors = []
    for index, requirement in enumerate(term.matchExpressions):
        errors += _expression_errors(requirement, f"{path}.matchExpressions[{index}]", lax=lax)
    for index, requirement in enumerate(term.matchFields):
        errors += _match_field_errors(requirement, f"{path}.matchFields[{index}]")
    return errors


def _expression_errors(
    requirement: NodeSelectorRequirement, path: str, *, lax: bool
) -> list[FieldError]:
    errors = []
    values = requirement.values
    match requirement.operator:
        case "In" | "NotIn":
            if not values:
                why = "must be specified when `operator` is 'In' or 'NotIn'"
                errors.append(required(f"{path}.values", why))
        case "Exists" | "DoesNotExist":
            if values:
                why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                errors.append(forbidden(f"{path}.values", why))
        case "Gt" | "Lt":
            if len(values) != 1:
                why = "must be specified single value when `operator` is 'Lt' or 'Gt'"
                errors.append(required(f"{path}.values", why))
        case operator:
            errors.append(invalid(f"{path}.operator", operator, UNKNOWN_OPERATOR))
    errors += _label_key_errors(requirement.key, f"{path}.key")
    if not lax:
        for index, value in enumerate(values):
            messages = names.label_value(value)
            errors += [invalid(f"{path}.values[{index}]", value, text) for text in messages]
    return errors


def _match_field_errors(requirement: NodeSelectorRequirement, path: str) -> list[FieldError]:
    errors = []
    if requirement.operator not in ("In", "NotIn"):
        errors.append(invalid(f"{path}.operator", requirement.operator, UNKNOWN_OPERATOR))
    elif len(requirement.values) != 1:
        why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        errors.append(required(f"{path}.values", why))
    if requirement.key != "metadata.name":
        why = "not a valid field selector key"
        return [*errors, invalid(f"{path}.key", requirement.key, why)]
    for index, value in enumerate(requirement.values):
        messages = names.dns1123_subdomain(value)
        errors += [invalid(f"{path}.values[{index}]", value, text) for text in messages]
    return errors


def _pod_affinity_errors(affinity: Any, path: str) -> list[FieldError]:
    """Affinity and anti-affinity alike."""
    if affinity is None:
        return []
    errors = []
    for index, term in enumerate(affinity.requiredDuringSchedulingIgnoredDuringExecution):
        errors += _pod_term_errors(term, f"{path}.{HARD}[{index}]")
    for index, weighted in enumerate(affinity.preferredDuringSchedulingIgnoredDuringExecution):
        where = f"{path}.{SOFT}[{index}]"
        errors += _weight_errors(weighted, where)
        errors += _pod_term_errors(weighted.podAffinityTerm, f"{where}.podAffinityTerm")
    return errors


def _pod_term_errors(term: PodAffinityTerm, path: str) -> list[FieldError]:
    errors = check_label_selector(term.labelSelector, f"{path}.labelSelector")
    errors += check_label_selector(term.namespaceSelector, f"{path}.namespaceSelector")
    for name in term.namespaces:
        errors += [invalid(f"{path}.namespace", name, text) for text in names.dns1123_label(name)]
    errors += _selecting_key_errors(
        term.matchLabelKeys, term.mismatchLabelKeys, term.labelSelector, path
    )
    if not term.topologyKey:
        errors.append(required(f"{path}.topologyKey", "can not be empty"))
    return errors + _label_key_errors(term.topologyKey, f"{path}.topologyKey")


def _selecting_key_errors(
    matching: Sequence[str], mismatching: Sequence[str], selector: LabelSelector | None, path: str
) -> list[FieldError]:
    """matchLabelKeys and mismatchLabelKeys, which creation has added to the label selector."""
    errors = []
    for field, keys in (("matchLabelKeys", matching), ("mismatchLabelKeys", mismatching)):
        if keys and selector is None:
            why = "must not be specified when labelSelector is not set"
            errors.append(forbidden(f"{path}.{field}", why))
            continue
        for index, key in enumerate(keys):
            errors += _label_key_errors(key, f"{path}.{field}[{index}]")
    if selector is not None:
        seen = set(selector.matchLabels)
        for expression in selector.matchExpressions:
            if expression.key in seen and expression.key in matching:
                where = f"{path}[{matching.index(expression.key)}]"
                why = "exists in both matchLabelKeys and labelSelector"
                errors.append(invalid(where, expression.key, why))
            seen.add(expression.key)
    for index, key in enumerate(matching):
        if key in mismatching:
            why = "exists in both matchLabelKeys and mismatchLabelKeys"
            errors.append(invalid(f"{path}.matchLabelKeys[{index}]", key, why))
    return errors


# ---- spreading


def spread_errors(constraints: Sequence[TopologySpreadConstraint], path: str) -> list[FieldError]:
    errors = []
    for index, constraint in enumerate(constraints):
        where = f"{path}[{index}]"
        if constraint.maxSkew <= 0:
            errors.append(invalid(f"{where}.maxSkew", constraint.maxSkew, NOT_POSITIVE))
        if not constraint.topologyKey:
            errors.append(required(f"{where}.topologyKey", "can not be empty"))
        action = constraint.whenUnsatisfiable
        if action not in UNSATISFIABLE:
            errors.append(not_supported(f"{where}.whenUnsatisfiable", action, UNSATISFIABLE))
        pair = (constraint.topologyKey, action)
        if any(pair == (c.topologyKey, c.whenUnsatisfiable) for c in constraints[index + 1 :]):
            both = f"{where}.{{topologyKey, whenUnsatisfiable}}"
            errors.append(duplicate(both, f"{{{constraint.topologyKey}, {action}}}"))
        errors += _min_domains_errors(constraint, f"{where}.minDomains")
        for field in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            policy = getattr(constraint, field)
            if policy is not None and policy not in NODE_POLICIES:
                errors.append(not_supported(f"{where}.{field}", policy, NODE_POLICIES))
        selector = constraint.labelSelector
        errors += _selecting_key_errors(constraint.matchLabelKeys, (), selector, where)
        errors += check_label_selector(selector, f"{where}.labelSelector")
    return errors


def _min_domains_errors(constraint: TopologySpreadConstraint, path: str) -> list[FieldError]:
    least, action = constraint.minDomains, constraint.whenUnsatisfiable
    if least is None:
        return []
    errors = [invalid(path, least, NOT_POSITIVE)] if least <= 0 else []
    if action != "DoNotSchedule":
        why = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        errors.append(invalid(path, least, why))
    return errors
