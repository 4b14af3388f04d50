"""A custom kind in the OpenAPI documents: its schema, with what every object has. Pure.

Names are the group's parts in reverse order, the version and the kind: com.example.v1.Widget.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kubepy.api import descriptions
from kubepy.apiserver.crd.resource import CustomResource
from kubepy.apiserver.crd.structural import EMBEDDED, INT_OR_STRING, PRESERVE, Props

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
GVK = "x-kubernetes-group-version-kind"
TYPE_META: Props = {
    name: {"type": "string", "description": words} for name, words in descriptions.TYPE_META.items()
}
KEYWORDS_V2 = ("oneOf", "anyOf", "allOf", "not", "nullable", "default")


def name_of(group_version: str, kind: str) -> str:
    group, _, version = group_version.partition("/")
    return ".".join([*reversed(group.split(".")), version, kind])


def definitions(resource: CustomResource, reference: str) -> dict[str, Props]:
    """The schemas of the kind and of its list; `reference` begins each pointer to another one."""
    name = name_of(resource.group_version, resource.kind)
    return {
        name: {
            **_object(msgspec.json.decode(resource.schema), reference),
            GVK: _marks(resource, resource.kind),
        },
        name_of(resource.group_version, resource.list_kind): {
            "type": "object",
            "description": f"{resource.list_kind} is a list of {resource.kind}",
            "required": ["items"],
            "properties": {
                **TYPE_META,
                "items": {"type": "array", "items": {"$ref": reference + name}},
                "metadata": {"allOf": [{"$ref": f"{reference}{META}.ListMeta"}]},
            },
            GVK: _marks(resource, resource.list_kind),
        },
    }


def _marks(resource: CustomResource, kind: str) -> list[dict[str, str]]:
    return [{"group": resource.group, "kind": kind, "version": resource.version}]


def _object(schema: Props, reference: str) -> Props:
    """An object's schema with apiVersion, kind and metadata."""
    if schema.get(PRESERVE) and not schema.get("properties"):
        return {"type": "object", PRESERVE: True, "properties": _meta(reference)}
    published = _published(schema, reference)
    properties = {**published.get("properties", {}), **_meta(reference)}
    return {**published, "properties": properties}


def _meta(reference: str) -> Props:
    return {**TYPE_META, "metadata": {"allOf": [{"$ref": f"{reference}{META}.ObjectMeta"}]}}


def _published(schema: Any, reference: str) -> Any:
    """A node and everything below it; embedded objects get what every object has."""
    if not isinstance(schema, dict):
        return schema
    found = dict(schema)
    for key in ("properties",):
        if key in found:
            found[key] = {k: _published(v, reference) for k, v in found[key].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = _published(found[key], reference)
    if found.get(EMBEDDED):
        found["properties"] = {**found.get("properties", {}), **_meta(reference)}
    return found


def for_v2(schema: Any) -> Any:
    """A node in the older dialect: without what that cannot say."""
    if not isinstance(schema, dict):
        return schema
    if schema.get("nullable") or schema.get(INT_OR_STRING):
        # Clients of the old dialect would refuse what is allowed here, so it says nothing.
        kept = ("description", PRESERVE, EMBEDDED, INT_OR_STRING)
        return {key: schema[key] for key in kept if key in schema}
    found = {key: value for key, value in schema.items() if key not in KEYWORDS_V2}
    reference = _reference(schema)
    if reference is not None:
        found["allOf"] = reference
    if "properties" in found:
        found["properties"] = {k: for_v2(v) for k, v in found["properties"].items()}
        if schema.get(PRESERVE):
            del found["properties"]
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = for_v2(found[key])
    return found


def _reference(schema: Props) -> list[Props] | None:
    given = schema.get("allOf", [])
    return given if len(given) == 1 and "$ref" in given[0] else None
