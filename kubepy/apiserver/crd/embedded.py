"""Objects inside of custom objects: they bear an apiVersion, a kind and sound metadata. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.crd.structural import Schema
from kubepy.apiserver.registry import objectmeta
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, required

NAMELESS = "fakename"  # stands in where an embedded object has no name yet


def validate(value: Any, schema: Schema, path: str = "") -> list[FieldError]:
    """What is wrong with the embedded objects of a value."""
    return list(_below(value, schema, path)) if schema.has_embedded else []


def _below(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    if not schema.has_embedded:
        return
    if isinstance(value, dict):
        if schema.embedded:
            yield from _object(value, path)
        for key in sorted(value):
            known = schema.properties.get(key)
            if known is not None:
                yield from _below(value[key], known, f"{path}.{key}" if path else key)
            elif isinstance(schema.additional, Schema):
                yield from _below(value[key], schema.additional, f"{path}[{key}]")
    elif isinstance(value, list) and schema.items is not None:
        for index, each in enumerate(value):
            yield from _below(each, schema.items, f"{path}[{index}]")


def _object(value: dict[str, Any], path: str) -> Iterator[FieldError]:
    for name, check in (("apiVersion", _api_version), ("kind", _kind)):
        where = f"{path}.{name}"
        if name not in value:
            yield required(where)
        elif not isinstance(value[name], str):
            yield invalid(where, value[name], "must be a string")
        elif not value[name]:
            yield invalid(where, value[name], "must not be empty")
        else:
            yield from check(value[name], where)
    if "metadata" in value:
        yield from _metadata(value["metadata"], f"{path}.metadata")


def _api_version(text: str, path: str) -> Iterator[FieldError]:
    if text.count("/") > 1:
        yield invalid(path, text, f"unexpected GroupVersion string: {text}")


def _kind(text: str, path: str) -> Iterator[FieldError]:
    problems = names.dns1035_label(text.lower())
    if problems:
        why = "may have mixed case, but should otherwise match: " + ",".join(problems)
        yield invalid(path, text, why)


def _metadata(value: Any, path: str) -> Iterator[FieldError]:
    try:
        meta: ObjectMeta = codec.convert_lenient(ObjectMeta, value).object
    except codec.DecodeError as error:
        yield invalid(path, value, str(error))
        return
    found = objectmeta.validate(
        meta if meta.name else replace(meta, name=NAMELESS),
        namespaced=bool(meta.namespace),
        validate_name=names.path_segment,
    )
    for problem in found:
        yield replace(problem, field=problem.field.replace("metadata", path, 1))
