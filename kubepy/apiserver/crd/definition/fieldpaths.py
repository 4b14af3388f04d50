"""Paths of fields that a schema must know: `.spec.name`, `.metadata['a.b']`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubepy.apiserver.crd.structural import Props

_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
            "'": "'", "\\": "\\"}  # fmt: skip


class BadPath(ValueError):
    """What is wrong with it."""


def tokens(path: str) -> Iterator[str]:
    """The delimiters `.`, `[`, `]`, quoted strings, and what stands between."""
    position = 0
    while position < len(path):
        char = path[position]
        if char in ".[]":
            yield char
            position += 1
            continue
        pattern = r"'(?:[^'\\]|\\.)*'|'.*" if char == "'" else r"[^.\[\]]+"
        match = re.compile(pattern, re.DOTALL).match(path, position)
        assert match is not None
        yield match[0]
        position = match.end()


def resolve(path: str, schema: Props, *, brackets: bool = True) -> tuple[str, Props]:
    """The path as field errors write it, without the leading dot, and the schema that it leads to.

    Raises BadPath.
    """
    found = ""
    stream = tokens(path)
    for token in stream:
        if token == "[":
            if not brackets:
                raise BadPath("array notation is not allowed")
            name = _quoted(_next(stream))
            found, schema = _step(found, name, schema)
            end = _next(stream)
            if end != "]":
                raise BadPath(f"expected ] but got {end}")
        elif token == ".":
            found, schema = _step(found, _next(stream), schema)
        else:
            raise BadPath(f"expected [ or . but got: {token}")
    return found, schema


def _next(stream: Iterator[str]) -> str:
    token = next(stream, None)
    if token is None:
        raise BadPath("unexpected end of JSON path")
    return token


def _quoted(token: str) -> str:
    if len(token) < 2 or token[0] != "'" or token[-1] != "'":
        raise BadPath(f"expected single quoted string but got {token}")

    def plain(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPES:
            raise BadPath(f"invalid string literal: invalid escape char {match[0]}")
        return _ESCAPES[match[1]]

    return re.sub(r"\\(.)", plain, token[1:-1])


def _step(found: str, name: str, schema: Props) -> tuple[str, Props]:
    properties, additional = schema.get("properties"), schema.get("additionalProperties")
    if properties:
        if name not in properties:
            raise BadPath("does not refer to a valid field")
        return (f"{found}.{name}" if found else name), properties[name]
    if isinstance(additional, dict):
        return f"{found}[{name}]", additional
    raise BadPath("does not refer to a valid field")
