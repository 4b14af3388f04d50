"""RuntimeClass: which of a node's runtimes runs a pod, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubepy.api.core.v1 import Toleration
from kubepy.api.node.v1 import RuntimeClass, Scheduling
from kubepy.apiserver.registry.core.podspec.placement import toleration_errors
from kubepy.apiserver.registry.core.podspec.resources import limits_errors
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import immutable, needed
from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate
from kubepy.meta.labels import check_labels


def validate(runtime: RuntimeClass) -> list[FieldError]:
    errors = needed(runtime.handler, names.dns1123_label, "handler")
    if runtime.overhead is not None:
        errors += limits_errors(runtime.overhead.podFixed, "overhead.limits")
    if runtime.scheduling is not None:
        errors += _scheduling_errors(runtime.scheduling, "scheduling")
    return errors


def _scheduling_errors(scheduling: Scheduling, path: str) -> list[FieldError]:
    errors = check_labels(scheduling.nodeSelector, f"{path}.nodeSelector")
    errors += toleration_errors(scheduling.tolerations, f"{path}.tolerations")
    return errors + _repeated(scheduling.tolerations, f"{path}.tolerations")


def _repeated(tolerations: Sequence[Toleration], path: str) -> list[FieldError]:
    return [
        duplicate(f"{path}[{index}]", toleration)
        for index, toleration in enumerate(tolerations)
        if toleration in tolerations[:index]
    ]


def validate_update(new: RuntimeClass, old: RuntimeClass) -> list[FieldError]:
    return immutable(new.handler, old.handler, "handler")


def row(runtime: RuntimeClass, now: float) -> tuple[Any, ...]:
    meta = runtime.metadata
    return meta.name, runtime.handler, age(meta.creationTimestamp, now)


STRATEGY = Strategy(
    unconditional_update=False, validate_create=validate, validate_update=validate_update, row=row
)
