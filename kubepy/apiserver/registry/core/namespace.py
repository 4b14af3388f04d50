"""Namespace: active until it is deleted, then terminating until everything in it is gone."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import Namespace, NamespaceSpec, NamespaceStatus
from kubepy.api.meta.v1 import DeleteOptions
from kubepy.api.types import Time
from kubepy.apiserver.registry import deletion
from kubepy.apiserver.registry.deletion import Plan, Rules
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import Conflict, FieldError, invalid

KUBERNETES = "kubernetes"  # the finalizer that the namespace controller takes away
NAME_LABEL = "kubernetes.io/metadata.name"
ACTIVE, TERMINATING = "Active", "Terminating"


def default(namespace: Namespace) -> Namespace:
    """Every namespace bears its own name as a label."""
    meta = namespace.metadata
    if not meta.name or meta.labels.get(NAME_LABEL) == meta.name:
        return namespace
    labels = meta.labels | {NAME_LABEL: meta.name}
    return replace(namespace, metadata=replace(meta, labels=labels))


def prepare_create(namespace: Namespace) -> Namespace:
    namespace = default(namespace)  # again, for a name that the server has made
    finalizers = namespace.spec.finalizers
    if KUBERNETES not in finalizers:
        finalizers = (*finalizers, KUBERNETES)
    return replace(
        namespace,
        spec=NamespaceSpec(finalizers=finalizers),
        status=NamespaceStatus(phase=ACTIVE),
    )


def prepare_update(new: Namespace, old: Namespace) -> Namespace:
    """Finalizers go through the finalize subresource alone."""
    spec = replace(new.spec, finalizers=old.spec.finalizers)
    return replace(new, spec=spec, status=old.status)


def validate(namespace: Namespace) -> list[FieldError]:
    errors = []
    for name in namespace.spec.finalizers:
        errors += [invalid("spec.finalizers", name, m) for m in names.label_key(name)]
        if "/" not in name and name not in (KUBERNETES, "foregroundDeletion", "orphan"):
            why = "name is neither a standard finalizer name nor is it fully qualified"
            errors.append(invalid("spec.finalizers", name, why))
    return errors


def validate_update(new: Namespace, old: Namespace) -> list[FieldError]:
    return []


def validate_status(new: Namespace, old: Namespace) -> list[FieldError]:
    phase = new.status.phase
    path = "status.Phase"
    if new.metadata.deletionTimestamp is None:
        if phase != ACTIVE:
            why = "may only be 'Active' if `deletionTimestamp` is empty"
            return [invalid(path, phase, why)]
    elif phase != TERMINATING:
        why = "may only be 'Terminating' if `deletionTimestamp` is not empty"
        return [invalid(path, phase, why)]
    return []


def plan_delete(namespace: Namespace, wanted: DeleteOptions, rules: Rules, now: float) -> Plan:
    """The first delete marks it; the controller takes its spec.finalizers away when it is empty."""
    check_preconditions(namespace, wanted)
    meta = namespace.metadata
    if meta.deletionTimestamp is not None:
        if namespace.spec.finalizers:
            return deletion.PENDING
        return deletion.plan(namespace, wanted, rules, now)
    meta = replace(
        meta,
        deletionTimestamp=Time.from_unix(now),
        finalizers=deletion.finalizers_for(meta.finalizers, wanted, rules),
    )
    status = replace(namespace.status, phase=TERMINATING)
    return Plan(replace(namespace, metadata=meta, status=status))


def check_preconditions(namespace: Namespace, wanted: DeleteOptions) -> None:
    """Raises Conflict, in words that no other kind has."""
    conditions, meta = wanted.preconditions, namespace.metadata
    for name, asked, found in (
        ("UID", conditions and conditions.uid, meta.uid),
        ("ResourceVersion", conditions and conditions.resourceVersion, meta.resourceVersion),
    ):
        if asked is not None and asked != found:
            raise Conflict.of(
                "namespaces",
                meta.name,
                f"Precondition failed: {name} in precondition: {asked}, {name} in object meta: "
                f"{found}",
            )


def is_released(new: Namespace, old: Namespace) -> bool:
    """Whether nothing keeps a deleted namespace any more."""
    held = new.spec.finalizers or new.metadata.finalizers
    return old.metadata.deletionTimestamp is not None and not held


def name(text: str) -> list[str]:
    return ["must not contain dots"] if "." in text else names.dns1123_label(text)


def row(namespace: Namespace, now: float) -> tuple[Any, ...]:
    since = age(namespace.metadata.creationTimestamp, now)
    return namespace.metadata.name, namespace.status.phase, since


def fields(namespace: Namespace) -> dict[str, str]:
    return {"name": namespace.metadata.name, "status.phase": namespace.status.phase}


STRATEGY = Strategy(
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    validate_name=name,
    row=row,
    fields=fields,
    plan_delete=plan_delete,
    is_released=is_released,
)
