"""ControllerRevision: a state of a StatefulSet or DaemonSet that can be returned to."""

from __future__ import annotations

from typing import Any

from kubepy.api.apps.v1 import ControllerRevision
from kubepy.api.types import ABSENT
from kubepy.apiserver.registry.core.podspec.cells import NONE
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta.errors import FieldError, invalid, required
from kubepy.meta.owners import controller_of


def validate(revision: ControllerRevision) -> list[FieldError]:
    errors = []
    if bytes(revision.data) in (bytes(ABSENT), b"null"):
        errors.append(required("data", "data is mandatory"))
    if revision.revision < 0:
        why = "must be greater than or equal to 0"
        errors.append(invalid("revision", revision.revision, why))
    return errors


def validate_update(new: ControllerRevision, old: ControllerRevision) -> list[FieldError]:
    errors = validate(new)
    if bytes(new.data) != bytes(old.data):
        errors.append(invalid("data", new.data, "field is immutable"))
    return errors


def row(revision: ControllerRevision, now: float) -> tuple[Any, ...]:
    owner = controller_of(revision)
    controller = NONE
    if owner is not None:
        group = owner.apiVersion.rpartition("/")[0]
        kind = f"{owner.kind.lower()}.{group}" if group else owner.kind.lower()
        controller = f"{kind}/{owner.name}"
    return (
        revision.metadata.name,
        controller,
        revision.revision,
        age(revision.metadata.creationTimestamp, now),
    )


STRATEGY = Strategy(validate_create=validate, validate_update=validate_update, row=row)
