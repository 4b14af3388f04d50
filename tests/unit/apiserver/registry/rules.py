"""Asking a kind's rules about objects that are written down as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from kubepy.api import codec, scheme
from kubepy.apiserver.registry.strategy import Strategy, strategy_of
from kubepy.meta.errors import FieldError

T = TypeVar("T")
CREATED = "1970-01-12T13:41:40Z"
NOW = 1_000_000.0  # five minutes later


def rules_of(type_: type[Any]) -> Strategy:
    return strategy_of(scheme.by_type(type_))


def made(type_: type[T], body: dict[str, Any], name: str = "x") -> T:
    """An object as a client sends it, with its defaults."""
    meta = {"name": name, "creationTimestamp": CREATED, **body.get("metadata", {})}
    obj = codec.from_builtins(type_, {**body, "metadata": meta})
    complete: T = rules_of(type_).default(obj)
    return complete


def texts(errors: Sequence[FieldError]) -> list[str]:
    return [str(error) for error in errors]


def refusals(type_: type[Any], body: dict[str, Any], name: str = "x") -> list[str]:
    """What is wrong with a new object."""
    return texts(rules_of(type_).validate_create(made(type_, body, name)))


def changes(type_: type[Any], old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What is wrong with the change from one to the other."""
    before, after = made(type_, old), made(type_, new)
    rules = rules_of(type_)
    return texts(rules.validate_update(rules.prepare_update(after, before), before))


def cells(type_: type[Any], body: dict[str, Any]) -> tuple[Any, ...]:
    """The cells of a Table, without the name."""
    row = rules_of(type_).row
    assert row is not None
    return row(made(type_, body), NOW)[1:]
