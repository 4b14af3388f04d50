"""ClusterRole: what may be done everywhere; perhaps gathered from others by their labels."""

from __future__ import annotations

from kubepy.api.rbac.v1 import ClusterRole
from kubepy.apiserver.registry.rbac.rules import role_row, rules_errors
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, required
from kubepy.meta.labels import check_label_selector


def validate(role: ClusterRole) -> list[FieldError]:
    errors = rules_errors(role.rules, namespaced=False)
    if role.aggregationRule is None:
        return errors
    path = "aggregationRule.clusterRoleSelectors"
    selectors = role.aggregationRule.clusterRoleSelectors
    if not selectors:
        why = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        errors.append(required(path, why))
    for index, selector in enumerate(selectors):
        found = check_label_selector(selector, f"{path}[{index}]")
        errors += found
        if found:
            errors.append(invalid(f"{path}[{index}]", None, "invalid label selector."))
    return errors


def validate_update(new: ClusterRole, old: ClusterRole) -> list[FieldError]:
    return validate(new)


STRATEGY = Strategy(
    create_on_update=True,
    validate_create=validate,
    validate_update=validate_update,
    validate_name=names.path_segment,
    row=role_row,
)
