"""Changing the CPU and memory of a pod while it runs: the subresource resize."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.core.v1 import Container, Pod, ResourceRequirements
from kubepy.api.types import Quantity
from kubepy.apiserver.registry.core.podspec.annotations import MIRROR
from kubepy.apiserver.registry.core.podspec.qos import qos_class
from kubepy.meta.errors import FieldError, forbidden, invalid

RESIZABLE = ("cpu", "memory")
SPEC = "spec"

Amounts = dict[str, Quantity]


def merge_resize(sent: Pod, old: Pod) -> Pod:
    """The pod with the resources and resize policies that were sent, and nothing else of it."""
    return replace(
        old,
        spec=replace(
            old.spec,
            containers=_merged(sent.spec.containers, old.spec.containers),
            initContainers=_merged(sent.spec.initContainers, old.spec.initContainers),
            resources=sent.spec.resources,
        ),
    )


def _merged(sent: tuple[Container, ...], old: tuple[Container, ...]) -> tuple[Container, ...]:
    wanted = {container.name: container for container in sent}
    return tuple(
        replace(
            container,
            resources=wanted[container.name].resources,
            resizePolicy=wanted[container.name].resizePolicy,
        )
        if container.name in wanted
        else container
        for container in old
    )


def resize_errors(new: Pod, old: Pod) -> list[FieldError]:
    """What is wrong with the change; the rules of the spec itself are checked elsewhere."""
    if MIRROR in old.metadata.annotations:
        return [forbidden("", "static pods cannot be resized")]
    if old.spec.os is not None and old.spec.os.name == "windows":
        return [forbidden("", "windows pods cannot be resized")]
    errors = []
    if (old.status.qosClass or qos_class(old.spec)) != qos_class(new.spec):
        why = "Pod QOS Class may not change as a result of resizing"
        errors.append(invalid(SPEC, new.status.qosClass, why))
    if not _node_can(old):
        errors.append(forbidden(SPEC, "Pod running on node without support for resize"))
    pairs = list(zip(new.spec.containers, old.spec.containers, strict=True))
    sidecars = list(zip(new.spec.initContainers, old.spec.initContainers, strict=True))
    for field, changes in (("initContainers", sidecars), ("containers", pairs)):
        for index, (container, before) in enumerate(changes):
            if field == "containers" or before.restartPolicy == "Always":
                where = f"{SPEC}.{field}[{index}].resources"
                errors += _removal_errors(container.resources, before.resources, where)
    errors += _other_changes(pairs, "only cpu and memory resources are mutable")
    for container, before in sidecars:
        if before.restartPolicy == "Always":
            why = "only cpu and memory resources for sidecar containers are mutable"
            errors += _other_changes([(container, before)], why)
        elif container != before:
            why = "resources for non-sidecar init containers are immutable"
            errors.append(forbidden(SPEC, why))
    return errors


def _node_can(pod: Pod) -> bool:
    """A node that can resize reports the resources of what it runs."""
    for status in pod.status.containerStatuses:
        if status.state.running is not None:
            return status.resources is not None
    return True


def _removal_errors(
    new: ResourceRequirements, old: ResourceRequirements, path: str
) -> list[FieldError]:
    return [
        forbidden(f"{path}.{field}", f"resource {field} cannot be removed")
        for field in ("requests", "limits")
        if not getattr(old, field).keys() <= getattr(new, field).keys()
    ]


def _other_changes(pairs: list[tuple[Container, Container]], why: str) -> list[FieldError]:
    return [
        forbidden(SPEC, why)
        for container, before in pairs
        if replace(container, resources=_rest(container.resources, before.resources)) != before
    ]


def _rest(new: ResourceRequirements, old: ResourceRequirements) -> ResourceRequirements:
    """The new resources with CPU and memory as they were."""
    return replace(
        new, limits=_unsized(new.limits, old.limits), requests=_unsized(new.requests, old.requests)
    )


def _unsized(new: Amounts, old: Amounts) -> Amounts:
    kept = {name: amount for name, amount in new.items() if name not in RESIZABLE}
    return kept | {name: old[name] for name in RESIZABLE if name in old}
