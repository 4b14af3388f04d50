"""functools.cache that keeps the function's type: typing's own says Hashable, and a type is not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def cache(function: F) -> F:
    """Remember every answer for as long as the process lives."""
    return functools.cache(function)  # type: ignore[return-value]
