"""scale: how many replicas a workload wants and has, and nothing else of it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api import scheme
from kubepy.api.autoscaling.v1 import Scale, ScaleSpec, ScaleStatus
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.apiserver.subresources.door import Door, with_metadata
from kubepy.meta import selectors
from kubepy.meta.errors import FieldError, invalid
from kubepy.meta.managed import entries
from kubepy.meta.managed import scale as managed
from kubepy.meta.managed.entries import Owners
from kubepy.meta.managed.structs import shape_of


def scale_of(obj: Any) -> Scale:
    return Scale(
        metadata=metadata_of(obj),
        spec=ScaleSpec(replicas=obj.spec.replicas or 0),
        status=ScaleStatus(replicas=obj.status.replicas, selector=_selector(obj)),
    )


def metadata_of(obj: Any) -> ObjectMeta:
    """What a Scale says of the object that it belongs to."""
    meta = obj.metadata
    return ObjectMeta(
        name=meta.name,
        namespace=meta.namespace,
        uid=meta.uid,
        resourceVersion=meta.resourceVersion,
        creationTimestamp=meta.creationTimestamp,
    )


def _selector(obj: Any) -> str:
    """The pods that count, as a selector of the query string."""
    wanted = obj.spec.selector
    if isinstance(wanted, dict):  # a ReplicationController's
        return str(selectors.from_set(wanted))
    return str(selectors.of(wanted)) if wanted is not None else ""


def check(sent: Scale, _: Any) -> list[FieldError]:
    replicas = sent.spec.replicas
    if replicas >= 0:
        return []
    return [invalid("spec.replicas", replicas, "must be greater than or equal to 0")]


def merge(sent: Scale, old: Any) -> Any:
    spec = replace(old.spec, replicas=sent.spec.replicas)
    new = with_metadata(old, sent, spec=spec)
    before = _owners(old)
    of_scale = _owners(sent)
    owners = managed.given_back(before, of_scale, scheme.api_version(type(old)))
    return replace(new, metadata=replace(new.metadata, managedFields=entries.encode(owners)))


def _owners(obj: Any) -> Owners:
    type_ = type(obj)
    found = obj.metadata.managedFields
    return entries.known(found, shape_of(type_), scheme.api_version(type_))


def with_owners(obj: Any) -> Scale:
    """The scale as a change finds it: with the owners of the replicas."""
    scale = scale_of(obj)
    shown = entries.encode(managed.shown(_owners(obj), scheme.api_version(type(obj))))
    return replace(scale, metadata=replace(scale.metadata, managedFields=shown))


def door(strategy: Strategy) -> Door:
    return Door(
        type=Scale,
        show=scale_of,
        base=with_owners,
        check=check,
        merge=merge,
        validate=strategy.validate_update,
        counts=strategy.generation,
    )
