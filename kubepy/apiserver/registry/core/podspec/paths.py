"""Rules of file paths."""

from __future__ import annotations

from kubepy.meta.errors import FieldError, invalid


def no_backsteps(value: str, path: str) -> list[FieldError]:
    return [invalid(path, value, "must not contain '..'")] if ".." in value.split("/") else []


def relative(value: str, path: str) -> list[FieldError]:
    """A path that stays below where it starts."""
    errors = [invalid(path, value, "must be a relative path")] if value.startswith("/") else []
    return errors + no_backsteps(value, path)


def unreserved(value: str, path: str) -> list[FieldError]:
    """A relative path of a file that is written atomically: `..data` is the writer's own."""
    errors = relative(value, path)
    if value.startswith("..") and not value.startswith("../"):
        errors.append(invalid(path, value, "must not start with '..'"))
    return errors


def mode(value: int | None, path: str) -> list[FieldError]:
    """The bits of a file's mode."""
    if value is None or 0 <= value <= 0o777:
        return []
    why = "must be a number between 0 and 0777 (octal), both inclusive"
    return [invalid(path, value, why)]
