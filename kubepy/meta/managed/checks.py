"""Whether a value is of its shape, in the words of Kubernetes' structured-merge-diff."""

from __future__ import annotations

from typing import Any

from kubepy.meta.gotext import quote, verbatim
from kubepy.meta.managed import fieldset, typed
from kubepy.meta.managed.shapes import (
    BOOLEAN,
    NUMERIC,
    STRING,
    ListShape,
    MapShape,
    Shape,
)


def complaint(shape: Shape, value: Any) -> str:
    """Everything that is wrong with an applied configuration, as one text; empty if nothing is."""
    problems = [f"{path}: {text}" if path else text for path, text in _check(shape, value)]
    if len(problems) < 2:
        return "".join(problems)
    return "\n".join(["errors:", *(f"  {problem}" for problem in problems)])


Problems = list[tuple[str, str]]  # path, text


def _check(shape: Shape, value: Any) -> Problems:
    if isinstance(value, dict) and shape.map is not None:
        return _check_map(shape.map, value)
    if isinstance(value, list) and shape.list is not None:
        return _check_list(shape.list, value)
    if value is None:
        return []
    is_scalar = not isinstance(value, dict | list)
    if shape.map is not None and not (is_scalar and shape.scalar):
        return [("", f"expected map, got &{{{verbatim(value)}}}")]
    if shape.scalar:
        return _check_scalar(shape.scalar, value)
    return [("", f"expected list, got &{{{verbatim(value)}}}")]


def _check_map(rules: MapShape, value: dict[str, Any]) -> Problems:
    found: Problems = []
    for name, item in value.items():
        inner = rules.fields.get(name) or rules.element
        if inner is None:
            return [*found, (f".{name}", "field not declared in schema")]
        found += _within(f".{name}", _check(inner, item))
    return found


def _check_list(rules: ListShape, value: list[Any]) -> Problems:
    found: Problems = []
    seen: set[str] = set()
    for index, item in enumerate(value):
        if rules.atomic:
            where = f"[{index}]"
        else:
            try:
                element = typed.element_of(rules, item)
            except typed.Unfit as problem:
                return [*found, ("", f"element {index}: {problem}")]
            where = fieldset.shown(element)
            if element in seen:
                found.append(("", f"duplicate entries for key {where}"))
            seen.add(element)
        found += _within(where, _check(rules.element, item))
    return found


def _within(where: str, problems: Problems) -> Problems:
    return [(where + path, text) for path, text in problems] if problems else problems


def _check_scalar(scalar: str, value: Any) -> Problems:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match scalar:
        case "string" if not isinstance(value, str):
            return [("", f"expected {STRING}, got &value.valueUnstructured{{Value:{_go(value)}}}")]
        case "numeric" if not is_number:
            return [("", f"expected {NUMERIC} (int or float), got {_go_type(value)}")]
        case "boolean" if not isinstance(value, bool):
            return [("", f"expected {BOOLEAN}, got &{{{verbatim(value)}}}")]
        case "untyped" if isinstance(value, dict | list):
            return [("", f"expected any scalar, got &{{{verbatim(value)}}}")]
    return []


def _go_type(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case dict():
            return "map[string]interface {}"
        case list():
            return "[]interface {}"
        case float():
            return "float64"
    return "int64"


def _go(value: Any) -> str:
    """Go's %#v of decoded JSON."""
    match value:
        case None:
            return "interface {}(nil)"
        case bool():
            return "true" if value else "false"
        case str():
            return quote(value)
        case dict():
            inner = ", ".join(f"{quote(name)}:{_go(value[name])}" for name in sorted(value))
            return f"map[string]interface {{}}{{{inner}}}"
        case list():
            return f"[]interface {{}}{{{', '.join(map(_go, value))}}}"
    return str(value)
