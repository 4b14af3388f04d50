"""OpenAPI 2.0 as protobuf: the form in which older kubectls read it. Pure.

The messages are those of gnostic's openapi.v2 (OpenAPIv2.proto). They are written by hand here,
for what our documents hold: a dozen messages, and nothing ever reads them back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from kubepy.apiserver.openapi.schemas import Schema
from kubepy.base.varint import varint

LENGTH_DELIMITED = 2
METHODS = {"get": 2, "put": 3, "post": 4, "delete": 5, "options": 6, "head": 7, "patch": 8}


def document(spec: Schema) -> bytes:
    """Document of a whole specification."""
    info = text(1, spec["info"]["title"]) + text(2, spec["info"]["version"])
    return b"".join(
        (
            text(1, spec["swagger"]),
            field(2, info),
            field(8, b"".join(_named(2, spec["paths"], _path_item))),
            field(9, b"".join(_named(1, spec["definitions"], schema))),
        )
    )


def _named(number: int, items: Mapping[str, Any], write: Any) -> Iterable[bytes]:
    """A map, as gnostic has it: repeated pairs of name and value."""
    for name, value in items.items():
        yield field(number, text(1, name) + field(2, write(value)))


def schema(found: Schema) -> bytes:
    """Schema."""
    parts = [text(1, found.get("$ref", "")), text(2, found.get("format", ""))]
    parts.append(text(4, found.get("description", "")))
    if "default" in found:
        parts.append(field(5, _any(found["default"])))
    parts += [text(19, name) for name in found.get("required", ())]
    parts += [field(20, _any(value)) for value in found.get("enum", ())]
    if "additionalProperties" in found:
        parts.append(field(21, field(1, schema(found["additionalProperties"]))))
    if "type" in found:
        parts.append(field(22, text(1, found["type"])))
    if "items" in found:
        parts.append(field(23, field(1, schema(found["items"]))))
    if "properties" in found:
        parts.append(field(25, b"".join(_named(1, found["properties"], schema))))
    return b"".join(parts + _extensions(31, found))


def _path_item(item: Schema) -> bytes:
    """PathItem."""
    parts = [
        field(METHODS[method], _operation(item[method])) for method in METHODS if method in item
    ]
    parts += [field(9, _parameter(each)) for each in item.get("parameters", ())]
    return b"".join(parts)


def _operation(operation: Schema) -> bytes:
    """Operation."""
    parts = [text(1, tag) for tag in operation.get("tags", ())]
    parts += [text(6, media) for media in operation.get("consumes", ())]
    parts += [text(7, media) for media in operation.get("produces", ())]
    parts += [field(8, _parameter(each)) for each in operation.get("parameters", ())]
    parts.append(field(9, b"".join(_named(1, operation["responses"], _response))))
    return b"".join(parts + _extensions(13, operation))


def _parameter(parameter: Schema) -> bytes:
    """ParametersItem of a body, query or path parameter."""
    name, required = parameter["name"], parameter.get("required", False)
    match parameter["in"]:
        case "body":
            body = text(2, name) + text(3, "body") + flag(4, required)
            body += field(5, field(1, schema(parameter["schema"])))
            return field(1, field(1, body))
        case "query":
            query = flag(1, required) + text(2, "query") + text(4, name)
            query += text(6, parameter["type"])
            return field(1, field(2, field(3, query)))
        case _:
            path = flag(1, required) + text(2, "path") + text(4, name) + text(5, parameter["type"])
            return field(1, field(2, field(4, path)))


def _response(response: Schema) -> bytes:
    """ResponseValue."""
    inner = text(1, response["description"])
    if "schema" in response:
        inner += field(2, field(1, schema(response["schema"])))
    return field(1, inner)


def _extensions(number: int, found: Schema) -> list[bytes]:
    """What begins with x-, as NamedAny."""
    return [
        field(number, text(1, key) + field(2, _any(value)))
        for key, value in found.items()
        if key.startswith("x-")
    ]


def _any(value: Any) -> bytes:
    """Any: gnostic keeps such values as YAML, of which JSON is a part."""
    return text(2, json.dumps(value) + "\n")


def field(number: int, value: bytes) -> bytes:
    return varint(number << 3 | LENGTH_DELIMITED) + varint(len(value)) + value


def text(number: int, value: str) -> bytes:
    return field(number, value.encode()) if value else b""


def flag(number: int, value: bool) -> bytes:
    return varint(number << 3) + b"\x01" if value else b""
