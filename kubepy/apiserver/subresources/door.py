"""How one object is shown and written through its main path and through its subresources.

`pods/x`, `pods/x/status` and `pods/x/ephemeralcontainers` all show the Pod and let a client change
different parts of it; `deployments/x/scale` shows a Scale. A get, an update and a patch are the
same for all; a `Door` says what differs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.scheme import Resource
from kubepy.apiserver.registry.strategy import Strategy, nothing, unchanged
from kubepy.meta.errors import FieldError
from kubepy.meta.managed.fieldset import Fields, without
from kubepy.meta.managed.manager import everything


class Door(Struct, frozen=True, kw_only=True):
    type: type[Any]
    """What clients see and send."""

    show: Callable[[Any], Any] = unchanged
    """The object as it is seen here."""

    default: Callable[[Any], Any] = unchanged
    """What is sent, with what was left out."""

    check: Callable[[Any, Any], list[FieldError]] = nothing  # (sent, object)
    """What is wrong with what was sent, under its own kind's name."""

    base: Callable[[Any], Any] | None = None
    """What a change starts from, if it is not what is shown."""

    merge: Callable[[Any, Any], Any]  # (sent, object)
    """The object with the change that was sent."""

    validate: Callable[[Any, Any], list[FieldError]] = nothing  # (new, old)
    warnings: Callable[[Any, Any], list[str]] = nothing  # (new, old)

    counts: bool = False
    """Whether a change of what is desired is counted in metadata.generation."""

    allocates: bool = False
    """Whether a change may need addresses or ports."""

    kept: Callable[[Fields], Fields] = everything
    """Of some fields those that clients can own by a write through here."""


def main_door(resource: Resource, strategy: Strategy) -> Door:
    def warnings(new: Any, old: Any) -> list[str]:
        return strategy.warnings(new)

    return Door(
        type=resource.type,
        default=strategy.default,
        merge=strategy.prepare_update,
        validate=strategy.validate_update,
        warnings=strategy.update_warnings or warnings,
        counts=strategy.generation,
        allocates=True,
        kept=lambda fields: without(fields, strategy.resets),
    )


def status_door(resource: Resource, strategy: Strategy) -> Door:
    return Door(
        type=resource.type,
        default=strategy.default_status or strategy.default,
        merge=strategy.prepare_status,
        validate=strategy.validate_status,
        kept=lambda fields: without(fields, strategy.status_resets),
    )


def with_metadata(old: Any, sent: Any, **changes: Any) -> Any:
    """The object with some fields changed, conditional on the version that was sent."""
    meta = replace(
        old.metadata,
        resourceVersion=sent.metadata.resourceVersion,
        managedFields=sent.metadata.managedFields,
    )
    return replace(old, metadata=meta, **changes)
