"""What both kinds of classes say about volumes: whose they are, and with which parameters."""

from __future__ import annotations

from collections.abc import Mapping

from kubepy.apiserver.registry.values import named
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, required, too_long

MAX_PARAMETERS = 512
MAX_BYTES = 256 << 10  # keys and values together


def provisioner_errors(name: str, path: str) -> list[FieldError]:
    """A qualified name, of any case."""
    if not name:
        return [required(path)]
    return named(name.lower(), names.qualified_name, path)


def parameter_errors(parameters: Mapping[str, str], path: str) -> list[FieldError]:
    if len(parameters) > MAX_PARAMETERS:
        return [too_long(path, "", MAX_PARAMETERS)]
    errors = [invalid(path, key, "field can not be empty.") for key in parameters if not key]
    if size_of(parameters) > MAX_BYTES:
        errors.append(too_long(path, "", MAX_BYTES))
    return errors


def size_of(texts: Mapping[str, str]) -> int:
    """Bytes of all keys and values."""
    return sum(len(key.encode()) + len(value.encode()) for key, value in texts.items())
