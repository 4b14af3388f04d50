"""Rules of numbers that many kinds share."""

from __future__ import annotations

from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid

NEGATIVE = "must be greater than or equal to 0"
NOT_POSITIVE = "must be greater than zero"


def nonnegative(value: int | None, path: str) -> list[FieldError]:
    """None is no number, and fine."""
    return [invalid(path, value, NEGATIVE)] if value is not None and value < 0 else []


def count_or_percent(value: int | str | None, path: str) -> list[FieldError]:
    """An IntOrString: a count, or a text like `25%`."""
    if isinstance(value, str):
        return [invalid(path, value, text) for text in names.percent(value)]
    return nonnegative(value, path)


def at_most_all(value: int | str | None, path: str) -> list[FieldError]:
    """No more than 100%."""
    if _percentage(value) > 100:
        return [invalid(path, value, "must not be greater than 100%")]
    return []


def is_zero(value: int | str | None) -> bool:
    return _percentage(value) == 0 if isinstance(value, str) else not value


def _percentage(value: int | str | None) -> int:
    """The number before the percent sign; 0 for everything else."""
    if not isinstance(value, str) or names.percent(value):
        return 0
    return int(value[:-1])
