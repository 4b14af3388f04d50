"""Rules of devices that several kinds share: names, selectors, configuration, tolerations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Raw

from kubepy.api import codec
from kubepy.api.resource.v1 import (
    DeviceSelector,
    DeviceTaint,
    DeviceToleration,
    OpaqueDeviceConfiguration,
)
from kubepy.api.types import ABSENT
from kubepy.apiserver.registry.values import choice, driver_name, named, needed
from kubepy.meta import names
from kubepy.meta.errors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    required,
    too_long,
    too_many,
)

MAX_SELECTORS = 32
MAX_CONFIGURATIONS = 32
MAX_BINDING_CONDITIONS = 4
EXPRESSION_LENGTH = 10 << 10  # bytes
PARAMETERS_LENGTH = 10 << 10  # bytes
ID_LENGTH = 32  # bytes of a name's last part
POOL_LENGTH = 253  # bytes
EFFECTS = ("NoExecute", "NoSchedule", "None")
OPERATORS = ("Equal", "Exists")
OMITTED = "<value omitted>"
BAD_UID = (
    "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with "
    "lowercase hexadecimal characters"
)

Check = Callable[[Any, str], list[FieldError]]


# ---- lists and maps


def each(items: Sequence[Any], most: int, check: Check, path: str) -> list[FieldError]:
    """The items' errors; too many are not looked at."""
    if len(items) > most:
        return [too_many(path, len(items), most)]
    return [error for index, item in enumerate(items) for error in check(item, f"{path}[{index}]")]


def unique(
    items: Sequence[Any], most: int, check: Check, path: str, key: Callable[[Any], Any]
) -> list[FieldError]:
    """The same for items of which none may come twice."""
    errors = each(items, most, check, path)
    if len(items) > most:
        return errors
    seen = set()
    for index, item in enumerate(items):
        name = key(item)
        if name in seen:
            errors.append(duplicate(f"{path}[{index}]", name))
        seen.add(name)
    return errors


def entries(
    values: Mapping[str, Any], check_key: Check, check: Check, path: str
) -> list[FieldError]:
    """Keys are complained about at the map, values at their keys."""
    errors = []
    for key in sorted(values):
        errors += check_key(key, path) + check(values[key], f"{path}[{key}]")
    return errors


# ---- names


def label(value: str, path: str) -> list[FieldError]:
    return needed(value, names.dns1123_label, path)


def pool_name(value: str, path: str) -> list[FieldError]:
    """Subdomains with slashes between them."""
    if not value:
        return [required(path)]
    errors = [too_long(path, "", POOL_LENGTH)] if len(value.encode()) > POOL_LENGTH else []
    for part in value.split("/"):
        errors += named(part, names.dns1123_subdomain, path)
    return errors


def qualified_name(value: str, path: str) -> list[FieldError]:
    """An identifier, perhaps behind the domain of who defines it."""
    match value.split("/"):
        case [name]:
            return _identifier(name, path)
        case [domain, name]:
            errors = driver_name(domain, path) if domain else []
            if not domain:
                errors.append(invalid(path, "", "the domain must not be empty"))
            if name:
                return errors + _identifier(name, path)
            return [*errors, invalid(path, "", "the name must not be empty")]
    return []  # Kubernetes lets more slashes pass


def full_name(value: str, path: str) -> list[FieldError]:
    """The same with a domain."""
    errors = qualified_name(value, path)
    if "/" not in value:
        why = "a fully qualified name must be a domain and a name separated by a slash"
        errors.append(invalid(path, value, why))
    return errors


def _identifier(value: str, path: str) -> list[FieldError]:
    errors = [too_long(path, "", ID_LENGTH)] if len(value.encode()) > ID_LENGTH else []
    return errors + named(value, names.c_identifier, path)


def uid_errors(value: str, path: str) -> list[FieldError]:
    try:
        normal = str(UUID(value))
    except ValueError:
        length = f"invalid UUID length: {len(value)}"
        return [invalid(path, value, f"error validating uid: {length}")]
    return [] if normal == value else [invalid(path, value, BAD_UID)]


# ---- selectors, configuration


def selector_errors(selectors: Sequence[DeviceSelector], path: str) -> list[FieldError]:
    return each(selectors, MAX_SELECTORS, _selector_errors, path)


def _selector_errors(selector: DeviceSelector, path: str) -> list[FieldError]:
    if selector.cel is None:
        return [required(f"{path}.cel")]
    expression, where = selector.cel.expression, f"{path}.cel.expression"
    if len(expression.encode()) > EXPRESSION_LENGTH:
        return [too_long(where, "", EXPRESSION_LENGTH)]
    from kubepy.apiserver.cel import devices  # late: few clusters have selectors

    if why := devices.complaint(expression):
        return [invalid(where, expression, why)]
    return [forbidden(where, devices.TOO_EXPENSIVE)] if devices.is_too_expensive(expression) else []


def configuration_errors(opaque: OpaqueDeviceConfiguration | None, path: str) -> list[FieldError]:
    if opaque is None:
        return [required(f"{path}.opaque")]
    errors = driver_name(opaque.driver, f"{path}.opaque.driver")
    return errors + raw_errors(opaque.parameters, f"{path}.opaque.parameters")


def raw_errors(raw: Raw, path: str) -> list[FieldError]:
    """A JSON object that the driver understands."""
    text = bytes(raw)
    if raw == ABSENT or not text or text == b"null":
        return [required(path)]
    if len(text) > PARAMETERS_LENGTH:
        return [too_long(path, "", PARAMETERS_LENGTH)]
    if not isinstance(codec.load_json(text), dict):
        return [invalid(path, OMITTED, "must be a valid JSON object")]
    return []


# ---- taints


def toleration_errors(toleration: DeviceToleration, path: str) -> list[FieldError]:
    errors = named(toleration.key, names.label_key, f"{path}.key") if toleration.key else []
    value, where = toleration.value, f"{path}.value"
    match toleration.operator:
        case "Exists":
            if value:
                errors.append(invalid(where, value, "must be empty for operator `Exists`"))
        case "Equal":
            errors += named(value, names.label_value, where)
        case "":
            errors.append(required(f"{path}.operator"))
        case operator:
            errors += choice(operator, OPERATORS, f"{path}.operator")
    return errors + choice(toleration.effect or None, EFFECTS, f"{path}.effect")


def taint_errors(taint: DeviceTaint, path: str) -> list[FieldError]:
    errors = named(taint.key, names.label_key, f"{path}.key")
    errors += named(taint.value, names.label_value, f"{path}.value")
    if not taint.effect:
        return [*errors, required(f"{path}.effect")]
    return errors + choice(taint.effect, EFFECTS, f"{path}.effect")


def binding_errors(
    conditions: Sequence[str], failures: Sequence[str], path: str
) -> list[FieldError]:
    """What must have happened before a pod is bound to a node; and what must not."""

    def check(name: str, where: str) -> list[FieldError]:
        return named(name, names.label_key, where)

    errors = each(conditions, MAX_BINDING_CONDITIONS, check, f"{path}.bindingConditions")
    where = f"{path}.bindingFailureConditions"
    errors += each(failures, MAX_BINDING_CONDITIONS, check, where)
    if conditions and not failures:
        why = "bindingFailureConditions are required to use bindingConditions"
        errors.append(invalid(where, failures, why))
    if failures and not conditions:
        why = "bindingConditions are required to use bindingFailureConditions"
        errors.append(invalid(f"{path}.bindingConditions", conditions, why))
    return errors
