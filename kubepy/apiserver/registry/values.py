"""Rules of single values that many kinds share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate, invalid, not_supported, required, too_long
from kubepy.meta.gotext import quote

IMMUTABLE = "field is immutable"
DRIVER_LENGTH = 63  # bytes


def choice(value: str | None, choices: Sequence[str], path: str) -> list[FieldError]:
    """One of these. None is no value, and fine."""
    if value is None or value in choices:
        return []
    return [not_supported(path, value, choices)]


def named(value: str, rule: names.Rule, path: str) -> list[FieldError]:
    return [invalid(path, value, text) for text in rule(value)]


def needed(value: str, rule: names.Rule, path: str) -> list[FieldError]:
    """The same for a name that must be given."""
    return named(value, rule, path) if value else [required(path)]


def immutable(new: Any, old: Any, path: str) -> list[FieldError]:
    return [invalid(path, new, IMMUTABLE)] if new != old else []


def repeated(values: Iterable[str], path: str, part: str = "") -> list[FieldError]:
    """Each value that was there before, at its index; `part`: the field that holds it."""
    seen: set[str] = set()
    errors = []
    for index, value in enumerate(values):
        if value in seen:
            errors.append(duplicate(f"{path}[{index}]{part}", value))
        seen.add(value)
    return errors


def domain_path(value: str, path: str) -> list[FieldError]:
    """A domain and a path: `example.com/controller`."""
    if not value:
        return [required(path)]
    domain, _, rest = value.partition("/")
    if not domain or not rest:
        return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    return named(domain, names.dns1123_subdomain, path) + named(rest, names.http_path, path)


def driver_name(value: str, path: str) -> list[FieldError]:
    """A driver of volumes or devices: a domain, short and of any case."""
    if not value:
        return [required(path)]
    errors = [too_long(path, "", DRIVER_LENGTH)] if len(value.encode()) > DRIVER_LENGTH else []
    return errors + [invalid(path, value, text) for text in names.dns1123_subdomain(value.lower())]


def signer_name(value: str, path: str) -> list[FieldError]:
    """Who signs certificates: a domain and a name of its own, `example.com/signer`."""
    if not value:
        return [required(path)]
    domain, slash, rest = value.partition("/")
    if not slash or "/" in rest:
        why = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        return [invalid(path, value, why)]
    errors = at_most_bytes(domain, names.SUBDOMAIN_LENGTH, path)
    labels = domain.split(".")
    if wrong := _first_bad(labels, names.dns1123_label, domain, path):
        return errors + wrong
    if len(labels) < 2:
        why = "should be a domain with at least two segments separated by dots"
        errors.append(invalid(path, domain, why))
    return errors + _first_bad(rest.split("."), names.dns1123_subdomain, rest, path)


def _first_bad(labels: Iterable[str], rule: names.Rule, whole: str, path: str) -> list[FieldError]:
    """The complaints about the first label that breaks the rule."""
    for label in labels:
        if messages := rule(label):
            where = f"validating label {quote(label)}"
            return [invalid(path, whole, f"{where}: {text}") for text in messages]
    return []


def at_most_bytes(value: str, most: int, path: str) -> list[FieldError]:
    return [too_long(path, value, most)] if len(value.encode()) > most else []
