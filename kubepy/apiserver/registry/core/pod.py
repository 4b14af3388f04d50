"""Pod: containers that live on one node together."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.core.v1 import Pod, PodCondition, PodIP, PodSpec, PodStatus
from kubepy.api.types import Time
from kubepy.apiserver.registry.core.podspec.annotations import (
    MIRROR,
    annotation_errors,
    annotation_update_errors,
    profile_mismatches,
)
from kubepy.apiserver.registry.core.podspec.containers import image_errors
from kubepy.apiserver.registry.core.podspec.creation import complete
from kubepy.apiserver.registry.core.podspec.defaults import (
    default_requests,
    default_spec,
    host_ports,
)
from kubepy.apiserver.registry.core.podspec.qos import qos_class
from kubepy.apiserver.registry.core.podspec.resize import resize_errors
from kubepy.apiserver.registry.core.podspec.spec import spec_errors
from kubepy.apiserver.registry.core.podspec.status import status_update_errors
from kubepy.apiserver.registry.core.podspec.table import row
from kubepy.apiserver.registry.core.podspec.update import (
    ephemeral_update_errors,
    spec_update_errors,
)
from kubepy.apiserver.registry.core.podspec.warnings import pod_warnings
from kubepy.apiserver.registry.finalizers import finalizer_errors
from kubepy.apiserver.registry.remembered import remembered
from kubepy.apiserver.registry.strategy import Strategy, nothing
from kubepy.meta.errors import FieldError, forbidden
from kubepy.meta.managed.fieldset import Fields

GATED = "SchedulingGated"
FINISHED = ("Succeeded", "Failed")
STATUS_RESETS: Fields = {
    "f:metadata": {"f:deletionTimestamp": {}, "f:ownerReferences": {}},
    "f:spec": {},
}


def default(pod: Pod) -> Pod:
    spec = default_spec(pod.spec)
    containers = tuple(
        replace(container, resources=default_requests(container.resources))
        for container in spec.containers
    )
    init = tuple(
        replace(container, resources=default_requests(container.resources))
        for container in spec.initContainers
    )
    if spec.hostNetwork:
        containers = tuple(map(host_ports, containers))
        init = tuple(map(host_ports, init))
    seconds = spec.terminationGracePeriodSeconds
    spec = replace(
        spec,
        containers=containers,
        initContainers=init,
        enableServiceLinks=True if spec.enableServiceLinks is None else spec.enableServiceLinks,
        terminationGracePeriodSeconds=1 if seconds is not None and seconds < 0 else seconds,
    )
    return default_status(replace(pod, spec=spec))


def default_status(pod: Pod) -> Pod:
    """A spec that is sent with a status is not taken over, so it needs no defaults."""
    status = _same_address(pod.status)
    return pod if status is pod.status else replace(pod, status=status)


def _same_address(status: PodStatus) -> PodStatus:
    """podIP is the first of podIPs; where a client knows only podIP, that decides."""
    address, addresses = status.podIP, status.podIPs
    if not address:
        return replace(status, podIP=addresses[0].ip) if addresses else status
    if addresses and addresses[0].ip == address:
        return status
    return replace(status, podIPs=(PodIP(ip=address),))


def prepare_create(pod: Pod) -> Pod:
    status = PodStatus(
        phase="Pending",
        qosClass=qos_class(pod.spec),
        conditions=_gated(pod.spec, pod.metadata.creationTimestamp),
    )
    return complete(replace(pod, status=status))


def _gated(spec: PodSpec, since: Time | None) -> tuple[PodCondition, ...]:
    if not spec.schedulingGates:
        return ()
    gated = PodCondition(
        type="PodScheduled",
        status="False",
        reason=GATED,
        message="Scheduling is blocked due to non-empty scheduling gates",
        lastTransitionTime=since,
    )
    return (gated,)


def prepare_status(new: Pod, old: Pod) -> Pod:
    """Owners, the quality of service and what was seen of the spec stay if a node forgets them."""
    status, before = new.status, old.status
    kept = replace(
        status,
        qosClass=status.qosClass or before.qosClass,
        observedGeneration=status.observedGeneration or before.observedGeneration,
        conditions=_observed(status.conditions, before.conditions),
    )
    metadata = replace(new.metadata, ownerReferences=old.metadata.ownerReferences)
    return replace(old, metadata=metadata, status=kept)


def _observed(
    conditions: tuple[PodCondition, ...], before: tuple[PodCondition, ...]
) -> tuple[PodCondition, ...]:
    """Each condition with the generation that the last of its type had, where it names none."""
    if not any(condition.observedGeneration for condition in before):
        return conditions
    earlier: dict[str, list[int]] = {}
    for condition in before:
        earlier.setdefault(condition.type, []).append(condition.observedGeneration)
    kept = []
    for condition in conditions:
        generations = earlier.get(condition.type) or [0]
        generation = generations.pop(0)
        if not condition.observedGeneration and generation:
            condition = replace(condition, observedGeneration=generation)
        kept.append(condition)
    return tuple(kept)


ANNOTATIONS, SPEC = "metadata.annotations", "spec"


def validate(pod: Pod) -> list[FieldError]:
    spec = pod.spec
    errors = _errors(pod)
    if spec.ephemeralContainers:
        errors.append(forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if spec.nodeName and spec.schedulingGates:
        why = "cannot be set until all schedulingGates have been cleared"
        errors.append(forbidden("spec.nodeName", why))
    return errors + profile_mismatches(pod.metadata.annotations, spec, SPEC)


def _errors(pod: Pod) -> list[FieldError]:
    """What holds for a pod at any time."""
    spec = pod.spec
    errors = finalizer_errors(pod.metadata)
    errors += annotation_errors(pod.metadata.annotations, spec, ANNOTATIONS)
    owns_claims = any(volume.ephemeral is not None for volume in spec.volumes)
    errors += _spec_errors(spec, pod.metadata.name if owns_claims else "")
    if not spec.serviceAccountName:
        why = "must not be specified when serviceAccountName is not set"
        errors += [
            forbidden(f"spec.volumes[{i}].projected.sources[{j}].serviceAccountToken", why)
            for i, volume in enumerate(spec.volumes)
            if volume.projected is not None
            for j, source in enumerate(volume.projected.sources)
            if source.serviceAccountToken is not None
        ]
    for field in ("containers", "initContainers"):
        for index, container in enumerate(getattr(spec, field)):
            errors += image_errors(container, f"spec.{field}[{index}]")
    return errors


@remembered
def _spec_errors(spec: PodSpec, name: str) -> list[FieldError]:
    """`name`: the pod's, if rules of its spec ask for it."""
    return spec_errors(spec, SPEC, pod=True, name=name)


def validate_update(new: Pod, old: Pod) -> list[FieldError]:
    errors = finalizer_errors(new.metadata)  # twice, as Kubernetes
    errors += _errors(new) + _annotation_changes(new, old)
    return errors + spec_update_errors(new.spec, old.spec, SPEC)


def _annotation_changes(new: Pod, old: Pod) -> list[FieldError]:
    return annotation_update_errors(
        new.metadata.annotations, old.metadata.annotations, new.spec, ANNOTATIONS
    )


def validate_status(new: Pod, old: Pod) -> list[FieldError]:
    return _annotation_changes(new, old) + status_update_errors(new, old, "status")


def validate_ephemeral(new: Pod, old: Pod) -> list[FieldError]:
    """A change through the subresource ephemeralcontainers."""
    if MIRROR in old.metadata.annotations:
        return [forbidden("", "static pods do not support ephemeral containers")]
    errors = _errors(new) + _annotation_changes(new, old)
    return errors + ephemeral_update_errors(new, old, "spec.ephemeralContainers")


def validate_resize(new: Pod, old: Pod) -> list[FieldError]:
    """A change through the subresource resize."""
    return _errors(new) + resize_errors(new, old)


def fields(pod: Pod) -> dict[str, str]:
    spec, status = pod.spec, pod.status
    return {
        "spec.nodeName": spec.nodeName,
        "spec.restartPolicy": spec.restartPolicy,
        "spec.schedulerName": spec.schedulerName,
        "spec.serviceAccountName": spec.serviceAccountName,
        "spec.hostNetwork": "true" if spec.hostNetwork else "false",
        "status.phase": status.phase,
        "status.podIP": status.podIPs[0].ip if status.podIPs else "",
        "status.nominatedNodeName": status.nominatedNodeName,
    }


def grace(pod: Pod, asked: int | None) -> int | None:
    """The seconds that a pod has to end; none if no node runs it."""
    if not pod.spec.nodeName or pod.status.phase in FINISHED:
        return 0
    seconds = pod.spec.terminationGracePeriodSeconds if asked is None else asked
    return 1 if seconds is not None and seconds < 0 else seconds or 0


STRATEGY = Strategy(
    repeats_create_checks=True,
    default=default,
    default_status=default_status,
    prepare_create=prepare_create,
    validate_create=validate,
    validate_update=validate_update,
    prepare_status=prepare_status,
    validate_status=validate_status,
    status_resets=STATUS_RESETS,
    warnings=pod_warnings,
    update_warnings=nothing,  # controllers update pods, and people seldom
    fields=fields,
    row=row,
    generation=True,
    returns_deleted=True,
    grace=grace,
)
