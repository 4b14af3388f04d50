"""YAML as Kubernetes reads it: what JSON can say, and duplicate keys reported, not fatal."""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from kubepy.api.codec import MAX_DEPTH, TOO_DEEP

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as _Base  # type: ignore[assignment]


_TOO_DEEP_TOO = "exceeded maximum nesting depth"  # what libyaml says since 0.2.6, from 1,000 on
MAX_NODES = 1_000_000  # with every alias counted as what it stands for
_OPENERS = (b"[", b"{", b"- ", b"? ")
_INDENTS = re.compile(rb"^ +", re.MULTILINE)


def guard(raw: bytes) -> None:
    """Refuse what would cost more than its size. Raises ValueError, YAMLError.

    Only a document that might be too deep, or has aliases, is looked at closely.
    """
    openers = sum(map(raw.count, _OPENERS))
    aliased = b"&" in raw and b"*" in raw
    if not aliased and openers < MAX_DEPTH:
        indent = max((len(match) for match in _INDENTS.findall(raw)), default=0)
        if openers + indent < MAX_DEPTH:
            return
    try:
        _measure(raw)
    except yaml.YAMLError as error:
        if _TOO_DEEP_TOO in str(error):
            raise ValueError(TOO_DEEP) from error
        raise


def _measure(raw: bytes) -> None:
    """Follow the parser's events, which nest nothing."""
    open_: list[tuple[str | None, int]] = [(None, 0)]  # anchor and nodes of each open collection
    sizes: dict[str, int] = {}

    def count(nodes: int) -> None:
        anchor, before = open_[-1]
        open_[-1] = (anchor, before + nodes)
        if before + nodes > MAX_NODES:
            raise ValueError("document contains excessive aliasing")

    for event in yaml.parse(raw, Loader=_Base):
        match event:
            case yaml.AliasEvent():
                if any(anchor == event.anchor for anchor, _ in open_):
                    raise ValueError(f"anchor '{event.anchor}' value contains itself")
                count(sizes.get(event.anchor or "", 1))
            case yaml.ScalarEvent():
                if event.anchor:
                    sizes[event.anchor] = 1
                count(1)
            case yaml.CollectionStartEvent():
                open_.append((event.anchor, 1))
                if len(open_) > MAX_DEPTH:
                    raise ValueError(TOO_DEEP)
            case yaml.CollectionEndEvent():
                anchor, nodes = open_.pop()
                if anchor:
                    sizes[anchor] = nodes
                count(nodes)


class Loader(_Base):
    """Timestamps stay text; keys are strings, as JSON's are; a bare y or n is a boolean."""

    bool_values = _Base.bool_values | {"y": True, "n": False}

    def __init__(self, stream: bytes) -> None:
        super().__init__(stream)
        self.problems: list[str] = []

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        if not isinstance(node, yaml.MappingNode):
            raise ValueError("a mapping was expected")
        self.flatten_mapping(node)
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, dict | list):
                raise ValueError(f"line {key_node.start_mark.line + 1}: a key must be a scalar")
            name = key if isinstance(key, str) else _key(key)
            if name in found:
                line = key_node.start_mark.line + 1
                self.problems.append(f'line {line}: key "{name}" already set in map')
            found[name] = self.construct_object(value_node, deep=True)
        return found


def _key(value: Any) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _mapping(loader: Loader, node: Any) -> dict[str, Any]:
    return loader.construct_mapping(node, deep=True)


def _scalar(tag: str) -> Any:
    """The base's constructor of a tag, which anybody may write before anything."""
    construct = _Base.yaml_constructors[f"tag:yaml.org,2002:{tag}"]

    def checked(loader: Loader, node: Any) -> Any:
        try:
            value = construct(loader, node)
        except (ValueError, LookupError):
            raise ValueError(f"cannot decode !!str `{node.value}` as a !!{tag}") from None
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"json: unsupported value: {value}")
        return value

    return checked


def _text(loader: Loader, node: Any) -> str:
    return str(node.value)


for _tag in ("bool", "float", "int"):
    Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _scalar(_tag))
Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)
Loader.add_constructor("tag:yaml.org,2002:binary", _text)
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"[yYnN]\Z"), list("yYnN"))
