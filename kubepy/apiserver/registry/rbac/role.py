"""Role: what may be done within a namespace."""

from __future__ import annotations

from kubepy.api.rbac.v1 import Role
from kubepy.apiserver.registry.rbac.rules import role_row, rules_errors
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.meta import names
from kubepy.meta.errors import FieldError


def validate(role: Role) -> list[FieldError]:
    return rules_errors(role.rules, namespaced=True)


def validate_update(new: Role, old: Role) -> list[FieldError]:
    return validate(new)


STRATEGY = Strategy(
    create_on_update=True,
    validate_create=validate,
    validate_update=validate_update,
    validate_name=names.path_segment,
    row=role_row,
)
