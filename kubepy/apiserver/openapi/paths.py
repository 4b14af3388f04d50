"""The paths of a group version and what may be done there. Pure; follows from the scheme."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kubepy.api import scheme
from kubepy.api.scheme import Resource, Subresource
from kubepy.apiserver.catalog import Known
from kubepy.apiserver.crd.resource import CustomResource
from kubepy.apiserver.openapi import schemas
from kubepy.apiserver.openapi.schemas import Schema
from kubepy.apiserver.rest.negotiation import (
    CUSTOM_PATCH_TYPES,
    OBJECT_TYPES,
    PATCH_TYPES,
    WATCH_TYPES,
)
from kubepy.apiserver.rest.routes import METHODS, STREAMING

GVK = "x-kubernetes-group-version-kind"
ACTION = "x-kubernetes-action"

TEXT, FLAG, NUMBER = "string", "boolean", "integer"
PRETTY = (("pretty", TEXT),)
LISTING = (
    ("allowWatchBookmarks", FLAG),
    ("continue", TEXT),
    ("fieldSelector", TEXT),
    ("labelSelector", TEXT),
    ("limit", NUMBER),
    ("resourceVersion", TEXT),
    ("resourceVersionMatch", TEXT),
    ("sendInitialEvents", FLAG),
    ("timeoutSeconds", NUMBER),
    ("watch", FLAG),
)
WRITING = (("dryRun", TEXT), ("fieldManager", TEXT), ("fieldValidation", TEXT))
DELETING = (
    ("dryRun", TEXT),
    ("gracePeriodSeconds", NUMBER),
    ("orphanDependents", FLAG),
    ("propagationPolicy", TEXT),
)
QUERIES: dict[str, Sequence[tuple[str, str]]] = {
    "get": (),
    "list": LISTING,
    "watch": LISTING,
    "create": WRITING,
    "update": WRITING,
    "patch": (*WRITING, ("force", FLAG)),
    "delete": DELETING,
    "deletecollection": (*LISTING, *DELETING),
}
METHOD_OF = {verb: method.lower() for method, verbs in METHODS.items() for verb in verbs}
ACTIONS = {"create": "post", "update": "put"}  # Kubernetes' names; other verbs are their own
IN_NAMESPACE = "namespaces/{namespace}/"


def of_version(own: Known, group: str, version: str) -> dict[str, Schema]:
    """Every path of a group version with these resources, by path."""
    root = f"/apis/{group}/{version}/" if group else f"/api/{version}/"
    found: dict[str, Schema] = {root: {"get": _discovery(group)}}
    for resource in own:
        found.update(_of_resource(root, resource))
    return dict(sorted(found.items()))


def plain(path: str, tag: str, answer: str | None = None) -> dict[str, Schema]:
    """A path that is no resource and can only be read; `answer`: the name of its definition."""
    return {path: {"get": {"tags": [tag], "responses": _responses(answer)}}}


def _discovery(group: str) -> Schema:
    return {"tags": [group or "core"], "responses": _responses("APIResourceList")}


def _of_resource(root: str, resource: Resource) -> Iterator[tuple[str, Schema]]:
    across = root + resource.plural
    if resource.namespaced:
        base = f"{root}{IN_NAMESPACE}{resource.plural}"
        if "list" in resource.verbs:
            yield across, _item(across, resource, ("list",))
    else:
        base = across
    collection = [v for v in ("list", "create", "deletecollection") if v in resource.verbs]
    yield base, _item(base, resource, collection)
    one = f"{base}/{{name}}"
    single = [v for v in ("get", "update", "patch", "delete") if v in resource.verbs]
    if single:
        yield one, _item(one, resource, single)
    for sub in resource.subresources:
        place = f"{one}/{sub.name}"
        yield place, _item(place, resource, sub.verbs, sub)
        if sub.name == "proxy":
            yield f"{place}/{{path}}", _item(f"{place}/{{path}}", resource, sub.verbs, sub)
    if "watch" in resource.verbs:
        for place in (across, base, one):
            if place != across or "list" in resource.verbs:
                watched = place.replace(root, f"{root}watch/", 1)
                yield watched, _item(watched, resource, ("watch",))


def _item(
    path: str, resource: Resource, verbs: Sequence[str], sub: Subresource | None = None
) -> Schema:
    """A path's operations."""
    variables = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    item: Schema = {METHOD_OF[verb]: _operation(resource, verb, sub) for verb in verbs}
    common = [_parameter(name, "path", TEXT, required=True) for name in variables]
    common += [_parameter(name, "query", kind) for name, kind in PRETTY]
    item["parameters"] = common
    return item


def _operation(resource: Resource, verb: str, sub: Subresource | None) -> Schema:
    kind = sub.kind if sub else resource.kind
    group = sub.group if sub and sub.group else resource.group
    version = sub.version if sub and sub.version else resource.version
    streaming = sub is not None and (resource.plural, sub.name) in STREAMING
    operation: Schema = {
        "tags": [f"{resource.group.split('.')[0] or 'core'}_{resource.version}"],
        "responses": _responses(None if streaming else _answer(resource, verb, sub)),
        ACTION: "connect" if streaming else ACTIONS.get(verb, verb),
        GVK: {"group": group, "kind": kind, "version": version},
    }
    queries = () if streaming else QUERIES[verb]
    if queries:
        operation["parameters"] = [_parameter(name, "query", kind) for name, kind in queries]
    body = None if streaming else _body(resource, verb, sub)
    if body:
        operation["requestBody"] = body
    return operation


def _parameter(name: str, where: str, kind: str, *, required: bool = False) -> Schema:
    found: Schema = {"name": name, "in": where, "schema": {"type": kind, "uniqueItems": True}}
    if required:
        found["required"] = True
    return found


def _answer(resource: Resource, verb: str, sub: Subresource | None) -> str | None:
    """The definition of what comes back."""
    if sub is not None:
        return kind_of(resource, sub)
    match verb:
        case "list":
            return schemas.name_of(resource.list_type) if resource.list_type else None
        case "watch":
            return f"{schemas.META}.WatchEvent"
        case "delete" | "deletecollection":
            return f"{schemas.META}.Status"
    return schemas.name_of(resource.type)


def kind_of(resource: Resource, sub: Subresource) -> str | None:
    """The definition of a subresource's kind; None if it has none here."""
    if sub.kind == resource.kind and not sub.group:
        return schemas.name_of(resource.type)
    group = sub.group or resource.group
    version = sub.version or resource.version
    type_ = scheme.type_of(f"{group}/{version}" if group else version, sub.kind)
    return schemas.name_of(type_) if type_ is not None else None


def _responses(name: str | None) -> Schema:
    if name is None:
        return {"200": {"description": "OK"}, "401": {"description": "Unauthorized"}}
    full = name if "." in name else f"{schemas.META}.{name}"
    types = WATCH_TYPES if name.endswith("List") else OBJECT_TYPES
    content = {media_type: {"schema": schemas.reference(full)} for media_type in types}
    return {
        "200": {"description": "OK", "content": content},
        "401": {"description": "Unauthorized"},
    }


def _body(resource: Resource, verb: str, sub: Subresource | None) -> Schema | None:
    match verb:
        case "create" | "update":
            name: str | None = kind_of(resource, sub) if sub else schemas.name_of(resource.type)
            types: Sequence[str] = ("*/*",)
        case "patch":
            # What is listed here decides which patches clients make.
            custom = isinstance(resource, CustomResource)
            name, types = f"{schemas.META}.Patch", CUSTOM_PATCH_TYPES if custom else PATCH_TYPES
        case "delete" | "deletecollection":
            name, types = f"{schemas.META}.DeleteOptions", ("*/*",)
        case _:
            return None
    if name is None:
        return None
    found: dict[str, Any] = {media: {"schema": schemas.reference(name)} for media in types}
    body: Schema = {"content": found}
    if verb in ("create", "update", "patch"):
        body["required"] = True
    return body
