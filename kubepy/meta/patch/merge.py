"""JSON merge patch, RFC 7386.

apply({"a": 1, "b": {"c": 2}}, {"a": None, "b": {"d": 3}})    {"b": {"c": 2, "d": 3}}
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kubepy.api import codec
from kubepy.meta.errors import BadRequest
from kubepy.meta.gotext import json_kind

JSON = dict[str, Any]


class Decoded(NamedTuple):
    """A patch, and which of its fields came twice: `duplicate field "spec.paused"`."""

    patch: JSON
    problems: list[str]


def decode(raw: bytes) -> Decoded:
    """The patch in a request's body, also of the strategic kind."""
    try:
        value, problems = codec.load(raw)
    except codec.DecodeError as error:
        raise BadRequest.of(f"error decoding patch: {error}") from None
    if value is None:
        return Decoded({}, [])
    if not isinstance(value, dict):
        raise BadRequest.of(
            f"error decoding patch: json: cannot unmarshal {json_kind(value)} into Go value of "
            "type map[string]interface {}"
        )
    return Decoded(value, problems)


def apply(document: JSON, patch: JSON) -> JSON:
    """The document with the patch merged in."""
    merged = dict(document)
    for key, change in patch.items():
        if change is None:
            merged.pop(key, None)
        elif isinstance(change, dict):
            current = merged.get(key)
            merged[key] = apply(current if isinstance(current, dict) else {}, change)
        else:
            merged[key] = change if isinstance(merged.get(key), dict) else _plain(change)
    return {key: merged[key] for key in sorted(merged)}


def _plain(value: Any) -> Any:
    """A value that meets no map; the library that Kubernetes uses takes nulls out of its own."""
    match value:
        case dict():
            return apply({}, value)
        case list():
            return [_plain(item) for item in value]
        case _:
            return value
