"""The OpenAPI documents: v3, one a group version with an index; v2, one of everything. Pure.

They are made when first asked for and kept as bytes: a document of core/v1 takes tens of
milliseconds, so callers make them on another thread. What is made of a group version's resources is
kept by these, so that a new custom kind makes no other document anew.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha512
from typing import Any

import msgspec

from kubepy.api import scheme
from kubepy.api.autoscaling.v1 import Scale
from kubepy.api.meta.v1 import (
    APIGroup,
    APIGroupList,
    APIResourceList,
    APIVersions,
    DeleteOptions,
    ListMeta,
    ObjectMeta,
    Status,
    WatchEvent,
)
from kubepy.apiserver.catalog import Known
from kubepy.apiserver.crd import published
from kubepy.apiserver.crd.resource import CustomResource
from kubepy.apiserver.discovery import documents as discovery
from kubepy.apiserver.openapi import paths, protobuf, schemas
from kubepy.apiserver.openapi.schemas import Schema
from kubepy.apiserver.rest.routes import STREAMING
from kubepy.base import version

SHARED = (DeleteOptions, Status, WatchEvent, APIResourceList)
SCHEMA_PREFIX = "#/components/schemas/"
DEFINITION_PREFIX = "#/definitions/"
KEPT = 128  # documents of group versions
recent = lru_cache(maxsize=4)  # what is about all of them


@recent
def names(known: Known) -> tuple[str, ...]:
    """The documents of v3, by what follows /openapi/v3/."""
    found = [".well-known/openid-configuration", "api", "apis", "openid/v1/jwks", "version"]
    for served in discovery.served(known):
        prefix = "apis" if served.group else "api"
        if served.group:
            found.append(f"apis/{served.group}")
        found += [f"{prefix}/{served.group_version(number)}" for number in served.versions]
    return tuple(sorted(found))


@recent
def index(known: Known) -> bytes:
    """GET /openapi/v3."""
    entries = {
        name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={etag(known, name)}"}
        for name in names(known)
    }
    return msgspec.json.encode({"paths": entries})


def etag(known: Known, name: str) -> str:
    found = v3(known, name)
    assert found is not None
    return _digest(found)


@lru_cache(maxsize=KEPT)
def _digest(document: bytes) -> str:
    return sha512(document).hexdigest().upper()


def v3(known: Known, name: str) -> bytes | None:
    """One document as JSON; None if there is none of this name."""
    if name not in names(known):
        return None
    match name.split("/"):
        case ["api", number]:
            own = tuple(discovery.resources_of(known, "", number))
        case ["apis", group, number]:
            own = tuple(discovery.resources_of(known, group, number))
        case _:
            own = ()
    return _v3(name, own)


@lru_cache(maxsize=KEPT)
def _v3(name: str, own: Known) -> bytes:
    """The document of a name; `own`: the resources of its group version."""
    match name.split("/"):
        case ["api", number]:
            places, definitions = paths.of_version(own, "", number), definitions_of(own)
        case ["apis", group, number]:
            places, definitions = paths.of_version(own, group, number), definitions_of(own)
        case ["apis", group]:
            places = paths.plain(f"/apis/{group}/", group)
            definitions = schemas.closure([APIGroup])
        case ["api"]:
            places, definitions = paths.plain("/api/", "core"), schemas.closure([APIVersions])
        case ["apis"]:
            places, definitions = paths.plain("/apis/", "apis"), schemas.closure([APIGroupList])
        case ["version"]:
            places = paths.plain("/version/", "version", schemas.VERSION)
            definitions = schemas.version_info()
        case _:
            places, definitions = paths.plain(f"/{name}/", name.partition("/")[0]), {}
    return msgspec.json.encode(
        {
            "openapi": "3.0.0",
            "info": _info(),
            "paths": places,
            "components": {"schemas": definitions},
        }
    )


def _info() -> Schema:
    return {"title": "Kubernetes", "version": version.KUBERNETES}


def definitions_of(resources: Known) -> dict[str, Schema]:
    """Every definition that the paths of a group version refer to."""
    own: list[type[Any]] = []
    foreign: list[type[Any]] = []
    custom: dict[str, Schema] = {}
    for resource in resources:
        if isinstance(resource, CustomResource):
            custom.update(published.definitions(resource, SCHEMA_PREFIX))
            own += (ObjectMeta, ListMeta)
            foreign += [Scale] if resource.subresource("scale") else []
            continue
        group, number = resource.group, resource.version
        own += filter(None, (resource.type, resource.list_type))
        for sub in resource.subresources:
            if (resource.plural, sub.name) in STREAMING:
                continue  # their kinds are only ever written as a query
            home = sub.group or group
            kept = scheme.type_of(f"{home}/{sub.version or number}" if home else number, sub.kind)
            if kept is not None:
                foreign.append(kept)
    found = schemas.closure([*own, *foreign, *SHARED])
    found[f"{schemas.META}.Patch"] = schemas.SPECIAL[f"{schemas.META}.Patch"]
    for type_ in (*own, *foreign):
        if "apiVersion" in type_.__struct_fields__:
            name = schemas.name_of(type_)
            found[name] = {**found[name], paths.GVK: schemas.kind_marks(type_)}
    return dict(sorted((found | custom).items()))


@recent
def v2(known: Known) -> Schema:
    """Everything in one document of OpenAPI 2.0, as a value."""
    definitions: dict[str, Schema] = {}
    places: dict[str, Schema] = {}
    for served in discovery.served(known):
        for number in served.versions:
            own = tuple(discovery.resources_of(known, served.group, number))
            definitions.update(definitions_of(own))
            places.update(paths.of_version(own, served.group, number))
    places.update(paths.plain("/version/", "version", schemas.VERSION))
    definitions.update(schemas.version_info())
    for name in names(known):
        path = f"/{name}/"
        if not any(place == path for place in places):
            places.update(paths.plain(path, name.partition("/")[0]))
    definitions.update(schemas.closure([APIGroup, APIGroupList, APIVersions]))
    for resource in known:
        if isinstance(resource, CustomResource):
            for name in published.definitions(resource, SCHEMA_PREFIX):
                definitions[name] = published.for_v2(definitions[name])
    return {
        "swagger": "2.0",
        "info": _info(),
        "paths": {path: _path_v2(item) for path, item in sorted(places.items())},
        "definitions": {name: schema_v2(found) for name, found in sorted(definitions.items())},
    }


@recent
def v2_json(known: Known) -> bytes:
    return msgspec.json.encode(v2(known))


@recent
def v2_protobuf(known: Known) -> bytes:
    return protobuf.document(v2(known))


def schema_v2(found: Any) -> Any:
    """A schema in the older dialect: other references, no alternatives."""
    if isinstance(found, list):
        return [schema_v2(each) for each in found]
    if not isinstance(found, dict):
        return found
    if "oneOf" in found:  # IntOrString, Quantity
        kept = {key: value for key, value in found.items() if key != "oneOf"}
        return {**kept, "type": "string"}
    changed: Schema = {}
    for key, value in found.items():
        if key == "properties":  # names, and no keywords
            changed[key] = {name: schema_v2(each) for name, each in value.items()}
        elif key == "allOf":
            changed.update(schema_v2(value[0]))
        elif key == "$ref":
            changed[key] = value.replace(SCHEMA_PREFIX, DEFINITION_PREFIX)
        else:
            changed[key] = schema_v2(value)
    return changed


def _path_v2(item: Schema) -> Schema:
    changed: Schema = {}
    for method, value in item.items():
        if method == "parameters":
            changed[method] = [_parameter_v2(each) for each in value]
        else:
            changed[method] = _operation_v2(value)
    return changed


def _operation_v2(operation: Schema) -> Schema:
    changed = {k: v for k, v in operation.items() if k not in ("requestBody", "responses")}
    parameters = [_parameter_v2(each) for each in operation.get("parameters", ())]
    body = operation.get("requestBody")
    if body:
        media_types = list(body["content"])
        found = schema_v2(body["content"][media_types[0]]["schema"])
        required = body.get("required", False)
        parameters.insert(0, {"name": "body", "in": "body", "required": required, "schema": found})
        changed["consumes"] = media_types
    if parameters:
        changed["parameters"] = parameters
    responses: Schema = {}
    for code, answer in operation["responses"].items():
        responses[code] = {"description": answer["description"]}
        content = answer.get("content")
        if content:
            changed["produces"] = list(content)
            first = next(iter(content.values()))
            responses[code]["schema"] = schema_v2(first["schema"])
    changed["responses"] = responses
    return changed


def _parameter_v2(parameter: Schema) -> Schema:
    kept = {key: value for key, value in parameter.items() if key != "schema"}
    return {**kept, **parameter["schema"]}
