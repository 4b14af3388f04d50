"""What is done to pods beside changing them: binding to a node, ephemeral containers, streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import Binding, Pod, PodCondition
from kubepy.api.meta.v1 import CreateOptions, Status
from kubepy.api.types import Time
from kubepy.apiserver import bodies, options
from kubepy.apiserver.admission.chain import CREATE
from kubepy.apiserver.pipeline import Action, Connector, Pipeline
from kubepy.apiserver.registry.core.pod import validate_ephemeral, validate_resize
from kubepy.apiserver.registry.core.podspec.resize import merge_resize
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.apiserver.streaming import locations
from kubepy.apiserver.subresources.door import Door, with_metadata
from kubepy.apiserver.subresources.evictions import evict
from kubepy.apiserver.verbs import reads
from kubepy.apiserver.verbs.request import Request
from kubepy.meta import conditions, errors
from kubepy.meta.calls import Answer, Call, Connection, Item
from kubepy.meta.errors import FieldError
from kubepy.meta.managed.fieldset import ANY, Pattern, matching
from kubepy.storage.store import Conflict

TRIES = 20  # against other writers
CREATED = Status(status="Success", code=201)
# What a write through these subresources can own.
EPHEMERAL: Pattern = {"f:spec": {"f:ephemeralContainers": {}}}
RESIZED: Pattern = {
    "f:spec": {
        name: {ANY: {"f:resources": {}, "f:resizePolicy": {}}}
        for name in ("f:containers", "f:initContainers")
    }
}


async def bind(pipeline: Pipeline, request: Request) -> Answer:
    """pods/binding, and the resource bindings: send a pod to a node.

    Raises BadRequest, NotFound, Conflict.
    """
    call = request.call
    given = call.options if isinstance(call.options, CreateOptions) else None
    options.check_write(given)
    mode = (given.fieldValidation if given else "") or bodies.WARN
    binding, problems = bodies.decode(call.body, Binding, mode)
    request.warn(problems)
    name = call.name or binding.metadata.name
    if binding.metadata.name != name:
        raise errors.BadRequest.of("name in URL does not match name in Binding object")
    await request.admit(CREATE, binding)
    if wrong := validate_binding(binding):
        raise errors.Unknown.of(errors.aggregate(wrong))
    await request.check(CREATE, binding)
    now = Time.from_unix(request.means.clock.now())
    target = pipeline.store("pods")
    key = target.key(call.namespace, name)
    await modify(
        target, call.namespace, name, lambda pod: bound(pod, binding, now, key), request.dry_run
    )
    return Answer(item=Item(Status, obj=CREATED), code=201, warnings=tuple(request.warnings))


def validate_binding(binding: Binding) -> list[FieldError]:
    target = binding.target
    found = []
    if target.kind not in ("", "Node"):
        found.append(errors.not_supported("target.kind", target.kind, ("Node", "<empty>")))
    if not target.name:
        found.append(errors.required("target.name"))
    return found


def bound(pod: Pod, binding: Binding, now: Time, key: str) -> Pod:
    """The pod, which stands at `key`, on its node. Raises Conflict if it may not go there."""
    meta, wanted = pod.metadata, binding.metadata
    if wanted.uid and wanted.uid != meta.uid:
        raise errors.Conflict.of(
            "pods",
            meta.name,
            f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, "
            "AdditionalErrorMsg: Precondition failed: UID in "
            f"precondition: {wanted.uid}, UID in object meta: {meta.uid}",
        )
    why = ""
    if meta.deletionTimestamp is not None:
        why = f"pod {meta.name} is being deleted, cannot be assigned to a host"
    elif pod.spec.nodeName:
        why = f'pod {meta.name} is already assigned to node "{pod.spec.nodeName}"'
    elif pod.spec.schedulingGates:
        why = f"pod {meta.name} has non-empty .spec.schedulingGates"
    if why:
        raise errors.Conflict.of("pods/binding", meta.name, why)
    scheduled = PodCondition(type="PodScheduled", status="True", lastTransitionTime=now)
    status = replace(
        pod.status,
        conditions=conditions.put(pod.status.conditions, scheduled),
        nominatedNodeName="",
    )
    meta = replace(
        meta,
        annotations=meta.annotations | wanted.annotations,
        labels=wanted.labels | meta.labels,
    )
    spec = replace(pod.spec, nodeName=binding.target.name)
    return replace(pod, metadata=meta, spec=spec, status=status)


async def modify(
    target: ResourceStore,
    namespace: str,
    name: str,
    change: Callable[[Any], Any],
    dry_run: bool,
) -> Any:
    """Write `change` of the object, again on the newest state if it moved. Raises NotFound."""
    record = await target.current(namespace, name)
    for _ in range(TRIES):
        if record is None:
            raise errors.NotFound.of(target.resource, name)
        new = change(record.peek())
        if dry_run:
            return new
        try:
            return (await target.replace(new, record)).object
        except Conflict as conflict:
            found = conflict.current
            record = target.encoding.readable(found) if found else None
    raise errors.Conflict.of(target.resource, name)


# ---- ephemeral containers and resizing


def ephemeral_containers_door(strategy: Strategy) -> Door:
    return Door(
        type=Pod,
        default=strategy.default,
        merge=merge_ephemeral,
        validate=validate_ephemeral,
        counts=strategy.generation,
        kept=lambda fields: matching(fields, EPHEMERAL),
    )


def merge_ephemeral(sent: Pod, old: Pod) -> Pod:
    spec = replace(old.spec, ephemeralContainers=sent.spec.ephemeralContainers)
    new: Pod = with_metadata(old, sent, spec=spec)
    return new


def resize_door(strategy: Strategy) -> Door:
    return Door(
        type=Pod,
        default=strategy.default,
        merge=merge_resized,
        validate=validate_resize,
        counts=strategy.generation,
        kept=lambda fields: matching(fields, RESIZED),
    )


def merge_resized(sent: Pod, old: Pod) -> Pod:
    new: Pod = with_metadata(old, sent, spec=merge_resize(sent, old).spec)
    return new


# ---- streams


async def connect_pod(pipeline: Pipeline, request: Request) -> Connection:
    """The pod and its node, as far as there is one. Raises NotFound."""
    record = await reads.find(request.target, request.call.namespace, addressed(request.call))
    pod: Pod = record.object
    nodes = pipeline.store("nodes")
    node = await nodes.recent("", pod.spec.nodeName) if pod.spec.nodeName else None
    return Connection(object=pod, node=node.object if node is not None else None)


async def connect_object(pipeline: Pipeline, request: Request) -> Connection:
    """A Service, or a Node, which is its own node. Raises NotFound."""
    call = request.call
    found = (await reads.find(request.target, call.namespace, addressed(call))).object
    return Connection(object=found, node=found if call.resource.kind == "Node" else None)


def addressed(call: Call) -> str:
    """The object's name; a proxied one may stand between a scheme and a port. Raises BadRequest."""
    if call.subresource != "proxy":
        return call.name
    return locations.endpoint_of(call.name, call.resource.singular).name


ACTIONS: Mapping[tuple[str, str], Action] = {
    ("pods", "binding"): bind,
    ("bindings", ""): bind,
    ("pods", "eviction"): evict,
}

CONNECTORS: Mapping[tuple[str, str], Connector] = {
    **{("pods", name): connect_pod for name in ("log", "exec", "attach", "portforward", "proxy")},
    ("services", "proxy"): connect_object,
    ("nodes", "proxy"): connect_object,
}
