"""RoleBinding: who has a role in a namespace."""

from __future__ import annotations

from kubepy.api.rbac.v1 import RoleBinding
from kubepy.apiserver.registry.rbac.rules import (
    binding_errors,
    binding_row,
    default_binding,
    ref_change_errors,
)
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.meta import names
from kubepy.meta.errors import FieldError


def validate(binding: RoleBinding) -> list[FieldError]:
    return binding_errors(binding.roleRef, binding.subjects, namespaced=True)


def validate_update(new: RoleBinding, old: RoleBinding) -> list[FieldError]:
    return validate(new) + ref_change_errors(new.roleRef, old.roleRef)


STRATEGY = Strategy(
    create_on_update=True,
    default=default_binding,
    validate_create=validate,
    validate_update=validate_update,
    validate_name=names.path_segment,
    row=binding_row,
)
