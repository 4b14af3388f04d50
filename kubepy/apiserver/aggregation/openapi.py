"""OpenAPI of all servers together: others' paths and definitions beside our own. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

Document = dict[str, Any]

PREFIX = "#/definitions/"


class Other(Struct, frozen=True):
    """What another server says of one group version: below which path, and in which words."""

    path: str
    v2: Mapping[str, Any]


def merged_v2(own: Document, others: Iterable[Other]) -> Document:
    """One document of OpenAPI 2.0.

    Of the others only what lies below their group version's path counts, and the definitions that
    it refers to. A definition whose name means something else here gets a number behind it.
    """
    paths, definitions = dict(own["paths"]), dict(own["definitions"])
    for other in others:
        theirs = {
            path: item
            for path, item in other.v2.get("paths", {}).items()
            if f"{path}/".startswith(f"{other.path}/") and path not in paths
        }
        found = _closure(theirs, other.v2.get("definitions", {}))
        names = _names(found, definitions)
        paths.update({path: _renamed(item, names) for path, item in theirs.items()})
        definitions.update({names[name]: _renamed(each, names) for name, each in found.items()})
    return {
        **own,
        "paths": dict(sorted(paths.items())),
        "definitions": dict(sorted(definitions.items())),
    }


def _closure(start: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The definitions that are referred to, however indirectly."""
    found: dict[str, Any] = {}
    open_ = [start]
    while open_:
        for name in _references(open_.pop()):
            if name in definitions and name not in found:
                found[name] = definitions[name]
                open_.append(definitions[name])
    return found


def _references(node: Any) -> Iterable[str]:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(PREFIX):
            yield reference.removeprefix(PREFIX)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _names(found: Mapping[str, Any], taken: Mapping[str, Any]) -> dict[str, str]:
    """What each of the definitions is called in the merged document."""
    names = {}
    for name, definition in found.items():
        chosen, number = name, 1
        while chosen in taken and taken[chosen] != definition:
            number += 1
            chosen = f"{name}_v{number}"
        names[name] = chosen
    return names


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_renamed(each, names) for each in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _renamed(value, names) for key, value in node.items()}
    reference = changed.get("$ref")
    if isinstance(reference, str) and reference.startswith(PREFIX):
        name = reference.removeprefix(PREFIX)
        changed["$ref"] = PREFIX + names.get(name, name)
    return changed
