"""kubectl's JSONPath, as far as columns of custom resources use it. Pure.

    .spec.size                                          fields, also ['a.b'] and a\\.b
    .status.conditions[?(@.type=="Ready")].status       filters: ==, !=, <, <=, >, >=, or presence
    .spec.ports[0].name   .spec.ports[-1]   [0:2]       elements, slices; [*] and .* for all
    ..name                                              any depth

An expression is compiled to steps; a step takes values and gives values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET

Step = Callable[[list[Any]], list[Any]]

_TOKEN = re.compile(
    r"(?P<deep>\.\.)|\.?(?P<all>\*)|\.?\[(?P<bracket>(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|"
    r"[^\]\"'])*)\]|\.?(?P<field>(?:\\.|[^.\[\]\\*])+)|(?P<root>\.$)"
)
_FILTER = re.compile(
    r"\?\(\s*@(?P<left>[^=!<>]*?)\s*(?:(?P<op>==|!=|<=|>=|<|>)\s*(?P<right>.+?))?\s*\)"
)
_SLICE = re.compile(r"(-?\d*):(-?\d*)(?::(-?\d+))?", re.ASCII)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class BadPath(ValueError):
    """It is no JSONPath."""


class Path:
    """A compiled expression. `first` is the name of the field that it begins with."""

    def __init__(self, steps: list[Step], first: str) -> None:
        self._steps = steps
        self.first = first

    def find(self, value: Any) -> list[Any]:
        """Everything that it leads to."""
        found = [value]
        for step in self._steps:
            found = step(found)
        return found


@lru_cache(maxsize=1024)
def compile_path(text: str) -> Path:
    """Raises BadPath."""
    steps: list[Step] = []
    first = ""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.end() == position:
            raise BadPath(f"unrecognized character in action: {text[position:]}")
        position = match.end()
        if match["field"] is not None:
            name = re.sub(r"\\(.)", r"\1", match["field"])
            first = first or name
            steps.append(_field(name))
        elif match["bracket"] is not None:
            steps.append(_bracket(match["bracket"].strip()))
        elif match["all"]:
            steps.append(_all)
        elif match["deep"]:
            steps.append(_deep)
    return Path(steps, first)


def _field(name: str) -> Step:
    def step(values: list[Any]) -> list[Any]:
        return [v[name] for v in values if isinstance(v, dict) and name in v]

    return step


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _all(values: list[Any]) -> list[Any]:
    return [child for value in values for child in _children(value)]


def _deep(values: list[Any]) -> list[Any]:
    def below(value: Any) -> Iterator[Any]:
        yield value
        for child in _children(value):
            yield from below(child)

    return [each for value in values for each in below(value)]


def _bracket(inside: str) -> Step:
    if inside == "*":
        return _all
    if inside[:1] in ("'", '"') and inside[-1:] == inside[:1]:
        return _field(re.sub(r"\\(.)", r"\1", inside[1:-1]))
    if match := _FILTER.fullmatch(inside):
        return _filter(match)
    if re.fullmatch(r"-?\d+", inside, re.ASCII):
        return _element(int(inside))
    if match := _SLICE.fullmatch(inside):
        start, stop, stride = (int(each) if each else None for each in match.groups())
        return lambda values: [
            each for v in values if isinstance(v, list) for each in v[start:stop:stride]
        ]
    raise BadPath(f"invalid array index {inside}")


def _element(index: int) -> Step:
    def step(values: list[Any]) -> list[Any]:
        return [v[index] for v in values if isinstance(v, list) and -len(v) <= index < len(v)]

    return step


def _filter(match: re.Match[str]) -> Step:
    left = compile_path(match["left"])
    if match["op"] is None:
        return lambda values: [each for each in _all(values) if left.find(each)]
    compare = _COMPARE[match["op"]]
    right = match["right"].strip()
    constant = _constant(right)

    def holds(each: Any) -> bool:
        found = left.find(each)
        other = constant
        if constant is UNSET:
            others = compile_path(right.removeprefix("@")).find(each)
            other = others[0] if others else UNSET
        if not found or other is UNSET:
            return False
        try:
            return compare(found[0], other)
        except TypeError:
            return False

    return lambda values: [each for each in _all(values) if holds(each)]


def _constant(text: str) -> Any:
    if text.startswith("@"):
        return UNSET
    if text[:1] == "'" == text[-1:]:
        return text[1:-1]
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise BadPath(f"unrecognized operand {text}") from None
