"""Wire types as OpenAPI schemas. Pure: everything follows from the Structs and their rules.

    DeploymentSpec.strategy: DeploymentStrategy, patch strategy retainKeys
        {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy"}],
         "default": {}, "x-kubernetes-patch-strategy": "retainKeys"}

Definitions bear Kubernetes' names, since clients look them up by these.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec
from msgspec import Raw

from kubepy.api import descriptions, schema, scheme
from kubepy.api.apiextensions.v1 import JSONSchemaProps
from kubepy.api.custom import Custom, CustomList
from kubepy.api.schema import Field
from kubepy.api.types import Duration, MicroTime, Quantity, Rules, Time
from kubepy.apiserver.crd import published
from kubepy.base import version
from kubepy.base.memo import cache

Schema = dict[str, Any]

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"
RUNTIME = "io.k8s.apimachinery.pkg.runtime"
REFERENCE = "#/components/schemas/"
SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    float: {"type": "number", "format": "double"},
    bytes: {"type": "string", "format": "byte"},
}
SPECIAL: dict[str, Schema] = {  # types that are no objects in JSON
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {
        "oneOf": [{"type": "string"}, {"type": "number"}]
    },
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
        "format": "int-or-string",
        "oneOf": [{"type": "integer"}, {"type": "string"}],
    },
    f"{META}.Time": {"format": "date-time", "type": "string"},
    f"{META}.MicroTime": {"format": "date-time", "type": "string"},
    f"{META}.Duration": {"type": "string"},
    f"{META}.FieldsV1": {"type": "object"},
    f"{META}.Patch": {"type": "object"},
    f"{RUNTIME}.RawExtension": {"type": "object"},
    f"{EXTENSIONS}.JSON": {},
    f"{EXTENSIONS}.JSONSchemaPropsOrArray": {},
    f"{EXTENSIONS}.JSONSchemaPropsOrBool": {},
    f"{EXTENSIONS}.JSONSchemaPropsOrStringArray": {},
}
QUANTITY, INT_OR_STRING, *_ = SPECIAL
VERSION = "io.k8s.apimachinery.pkg.version.Info"
_ALTERNATIVES = {  # what may stand in a schema's place, as the names of definitions say it
    bool: "OrBool",
    tuple[JSONSchemaProps, ...]: "OrArray",
    tuple[str, ...]: "OrStringArray",
}
ZEROES: dict[Any, Any] = {str: "", bool: False, int: 0}


def name_of(type_: type[Any]) -> str:
    """`io.k8s.api.apps.v1.Deployment`."""
    if issubclass(type_, Custom | CustomList):
        return published.name_of(type_.API_VERSION, type_.__name__)
    package: str = sys.modules[type_.__module__].PACKAGE
    path = package.removeprefix("k8s.io.").replace("_", "-")
    return f"io.k8s.{path}.{type_.__name__}"


def reference(name: str) -> Schema:
    return {"$ref": REFERENCE + name}


@cache
def definition(type_: type[Any]) -> Schema:
    """The schema of a Struct type."""
    fields = schema.fields(type_)
    infos = {info.encode_name: info for info in msgspec.structs.fields(type_)}
    found: Schema = {"type": "object"}
    words = type_.__dict__.get("__doc__")
    if words:
        found["description"] = " ".join(words.split())
    if fields:
        said = descriptions.of(type_)
        found["properties"] = {
            name: _described(_property(field, infos[name]), said.get(name))
            for name, field in sorted(fields.items())
        }
    required = [name for name, field in fields.items() if field.rules.required]
    if required:
        found["required"] = required
    if schema.is_atomic(type_):
        found["x-kubernetes-map-type"] = "atomic"
    return found


def _described(found: Schema, words: str | None) -> Schema:
    return {"description": words, **found} if words else found


def _always(field: Field, info: Any) -> bool:
    """Whether a field is written even when it is zero."""
    return info.default_factory is not msgspec.NODEFAULT and not field.optional


def _property(field: Field, info: Any) -> Schema:
    found: Schema
    match field.shape:
        case "list":
            found = {"type": "array", "items": _element(field)}
        case "map":
            found = {"type": "object", "additionalProperties": _element(field)}
        case _:
            found = _single(field, info)
    _annotate(found, field.rules)
    return found


def _single(field: Field, info: Any) -> Schema:
    element = _element(field)
    if "$ref" in element:
        found: Schema = {"allOf": [element]}
        if schema.is_struct(field.type) and not field.optional:
            found["default"] = {}
        return found
    found = dict(element)
    if _always(field, info) and field.type in ZEROES:
        found["default"] = ZEROES[field.type]
    return found


def _element(field: Field) -> Schema:
    """The schema of one value of a field."""
    type_ = field.type
    special = special_name(field)
    if schema.is_struct(type_) and not special:
        return reference(name_of(type_))
    if special:
        return reference(special)
    if type_ is int:
        return {"type": "integer", "format": f"int{field.width or 64}"}
    if getattr(type_, "__origin__", None) is tuple:  # a map of lists
        return {"type": "array", "items": {"type": "string"}}
    return dict(SCALARS.get(type_, SCALARS[str]))


def special_name(field: Field) -> str:
    """The definition of a value that is neither a Struct nor a plain scalar."""
    type_ = field.type
    if field.alternative is not None:
        return f"{EXTENSIONS}.{type_.__name__}{_ALTERNATIVES[field.alternative]}"
    if type_ is Raw and field.name in ("default", "enum", "example"):
        return f"{EXTENSIONS}.JSON"
    if type_ is Raw:
        return f"{META}.FieldsV1" if field.name == "fieldsV1" else f"{RUNTIME}.RawExtension"
    if type_ is object:
        return INT_OR_STRING
    if isinstance(type_, type):
        for kind, name in (
            (Quantity, QUANTITY),
            (MicroTime, f"{META}.MicroTime"),
            (Time, f"{META}.Time"),
            (Duration, f"{META}.Duration"),
        ):
            if issubclass(type_, kind):
                return name
    return ""


def _annotate(found: Schema, rules: Rules) -> None:
    """What merging and applying need to know about a field."""
    extensions = {
        "x-kubernetes-list-type": rules.list_type,
        "x-kubernetes-list-map-keys": list(rules.list_map_keys),
        "x-kubernetes-map-type": rules.map_type,
        "x-kubernetes-patch-merge-key": rules.patch_merge_key,
        "x-kubernetes-patch-strategy": rules.patch_strategy,
    }
    found.update({key: value for key, value in extensions.items() if value})
    if rules.default and not rules.default.startswith("ref("):  # a constant's name
        found["default"] = json.loads(rules.default)
    if rules.values:
        values = [value for value in rules.values if value]
        target = found["items"] if found.get("type") == "array" else found
        if target.get("type") == "string":
            target["enum"] = sorted(values)


def closure(types: list[type[Any]]) -> dict[str, Schema]:
    """The definitions of some types and of everything that they contain, by name."""
    found: dict[str, Schema] = {}
    open_: list[type[Any]] = list(types)
    while open_:
        type_ = open_.pop()
        name = name_of(type_)
        if name in found:
            continue
        found[name] = dict(definition(type_))
        for field in schema.fields(type_).values():
            special = special_name(field)
            if special:
                found[special] = SPECIAL[special]
            if schema.is_struct(field.type):
                open_.append(field.type)
    return dict(sorted(found.items()))


def kind_marks(type_: type[Any]) -> list[dict[str, str]]:
    """`x-kubernetes-group-version-kind` of a type that bears kind and apiVersion."""
    group, _, number = scheme.api_version(type_).rpartition("/")
    return [{"group": group, "kind": type_.__name__, "version": number}]


def version_info() -> dict[str, Schema]:
    """The definition of what GET /version answers."""
    names = list(version.info())
    described = {name: dict(SCALARS[str]) for name in names}
    required = [name for name in names if not name.startswith(("emulation", "minCompatibility"))]
    return {VERSION: {"type": "object", "properties": described, "required": required}}
