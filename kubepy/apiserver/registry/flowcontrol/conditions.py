"""The conditions of both kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubepy.meta.errors import FieldError, duplicate, required

PATH = "status.conditions"


def condition_errors(conditions: Sequence[Any]) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        where = f"{PATH}[{index}].type"
        if condition.type in seen:
            errors.append(duplicate(where, condition.type))
        seen.add(condition.type)
        if not condition.type:
            errors.append(required(where, "must not be empty"))
    return errors
