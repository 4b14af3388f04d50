"""Which verb on which resource each gRPC method is. Pure: read from the compiled services.

/kubepy.core.v1.Pods/UpdateStatus    update pods/status
/kubepy.core.v1.Pods/Bind            create pods/binding
/kubepy.apps.v1.Deployments/Watch    watch deployments.apps
/kubepy.v1.Dynamic/Watch             watch whatever the request names
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from google.protobuf.descriptor import MethodDescriptor
from msgspec import Struct

from kubepy import pb
from kubepy.api import scheme
from kubepy.api.scheme import Resource

VERBS = {
    "Get": "get",
    "List": "list",
    "Watch": "watch",
    "Create": "create",
    "Update": "update",
    "Patch": "patch",
    "Delete": "delete",
    "DeleteCollection": "deletecollection",
}
NAMED = {  # methods whose names are verbs of their own
    "Bind": ("create", "binding"),
    "Evict": ("create", "eviction"),
    "CreateToken": ("create", "token"),
    "Finalize": ("update", "finalize"),
    "Log": ("get", "log"),
    "Exec": ("create", "exec"),
    "Attach": ("create", "attach"),
    "PortForward": ("create", "portforward"),
}
OF_SUBRESOURCES = ("Get", "Update", "Patch")
DYNAMIC = "kubepy.v1.Dynamic"
ANY = Resource(group="", version="", kind="", plural="", singular="", module="")
"""Stands for the resource that each request names itself."""


class Method(Struct, frozen=True, eq=False):
    """One gRPC method, and what it asks of the pipeline."""

    path: str  # `/kubepy.core.v1.Pods/Get`
    resource: Resource
    verb: str
    subresource: str
    request: type[Any]  # the message class
    answer: str  # the full name of the message that comes back
    streams_in: bool = False
    streams_out: bool = False


@cache
def methods() -> dict[str, Method]:
    """Every method of a resource's own service, by its path."""
    return {method.path: method for resource in scheme.resources() for method in _of(resource)}


@cache
def dynamic_methods() -> dict[str, Method]:
    """Those of the service for resources of all kinds, by their paths."""
    descriptors = pb.service(DYNAMIC).methods
    found = [_method(ANY, descriptor, VERBS[descriptor.name], "") for descriptor in descriptors]
    return {method.path: method for method in found}


@cache
def service_names() -> tuple[str, ...]:
    return tuple(sorted({DYNAMIC, *(path[1:].partition("/")[0] for path in methods())}))


def service_name(resource: Resource) -> str:
    """`kubepy.core.v1.Pods`."""
    *_, folder, version = resource.module.split(".")
    return f"kubepy.{folder}.{version}.{plural_of(resource)}"


def plural_of(resource: Resource) -> str:
    """The resource's plural with the kind's capitals: `ConfigMaps`, `ComponentStatuses`."""
    kind, plural = resource.kind, resource.plural
    if plural == kind.lower():
        return kind
    for ending, replacement in (("y", "ies"), ("", "es"), ("", "s")):
        name = kind.removesuffix(ending) + replacement
        if name.lower() == plural:
            return name
    raise ValueError(f"{kind}: no plural gives {plural}")


def _of(resource: Resource) -> Iterator[Method]:
    for descriptor in pb.service(service_name(resource)).methods:
        verb, subresource = _meaning(resource, descriptor.name)
        yield _method(resource, descriptor, verb, subresource)


def _meaning(resource: Resource, name: str) -> tuple[str, str]:
    """A method's verb and subresource, by its name."""
    if name in NAMED:
        return NAMED[name]
    if name in VERBS:
        return VERBS[name], ""
    for prefix in OF_SUBRESOURCES:
        subresource = name.removeprefix(prefix).lower()
        if name.startswith(prefix) and resource.subresource(subresource):
            return VERBS[prefix], subresource
    raise ValueError(f"{resource.kind}: what is {name}?")


def _method(
    resource: Resource, descriptor: MethodDescriptor, verb: str, subresource: str
) -> Method:
    service = descriptor.containing_service.full_name
    return Method(
        path=f"/{service}/{descriptor.name}",
        resource=resource,
        verb=verb,
        subresource=subresource,
        request=pb.message(descriptor.input_type.full_name),
        answer=descriptor.output_type.full_name,
        streams_in=descriptor.client_streaming,
        streams_out=descriptor.server_streaming,
    )
