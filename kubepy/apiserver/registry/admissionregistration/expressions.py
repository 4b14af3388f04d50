"""Whether CEL expressions of policies and webhooks compile, and to what their place wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubepy.meta.errors import FieldError, invalid

if TYPE_CHECKING:
    from kubepy.apiserver.cel.admission import Compiler

BOOL = ("bool",)
STRING = ("string",)
TEXT_OR_NULL = ("string", "null_type")
PATCHES = ("list(JSONPatch)",)
OBJECT = ("Object",)


def compiler(*, params: bool) -> Compiler:
    """For one policy or webhook. `params`: whether its expressions may name them."""
    from kubepy.apiserver.cel.admission import Compiler  # late: few clusters have expressions

    return Compiler(params=params)


def complaints(path: str, expression: str, why: str | None) -> list[FieldError]:
    return [] if why is None else [invalid(path, expression, why)]
