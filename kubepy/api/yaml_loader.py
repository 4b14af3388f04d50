"""YAML as Kubernetes reads it: what JSON can say, and duplicate keys reported, not fatal."""

from __future__ import annotations

import re
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as _Base  # type: ignore[assignment]


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


def _text(loader: Loader, node: Any) -> str:
    return str(node.value)


Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)
Loader.add_constructor("tag:yaml.org,2002:binary", _text)
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"[yYnN]\Z"), list("yYnN"))
