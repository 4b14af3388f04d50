"""The scale subresource of a custom kind: replicas where the definition says they are. Pure."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.autoscaling.v1 import Scale, ScaleSpec, ScaleStatus
from kubepy.api.custom import Custom
from kubepy.apiserver.crd.replicas import Misfit, lookup, parts_of
from kubepy.apiserver.crd.strategy import Version
from kubepy.apiserver.subresources import scale
from kubepy.apiserver.subresources.door import Door
from kubepy.meta.errors import InternalError


def door(rules: Version) -> Door:
    """How an object is seen and changed as a Scale."""
    wanted = rules.scale
    assert wanted is not None

    def show(obj: Custom) -> Scale:
        """Raises InternalError."""
        try:
            replicas = lookup(obj.content, wanted.specReplicasPath, int)
            current = lookup(obj.content, wanted.statusReplicasPath, int)
            selector = ""
            if wanted.labelSelectorPath:
                selector = lookup(obj.content, wanted.labelSelectorPath, str) or ""
        except Misfit as misfit:
            raise InternalError.of(str(misfit)) from None
        if replicas is None:
            path = wanted.specReplicasPath
            raise InternalError.of(f'the spec replicas field "{path}" does not exist')
        return Scale(
            metadata=scale.metadata_of(obj),
            spec=ScaleSpec(replicas=replicas),
            status=ScaleStatus(replicas=current or 0, selector=selector),
        )

    def merge(sent: Scale, old: Custom) -> Custom:
        meta = replace(old.metadata, resourceVersion=sent.metadata.resourceVersion)
        parts = parts_of(wanted.specReplicasPath)
        content = _put(old.content, parts, sent.spec.replicas)
        return replace(old, metadata=meta, content=content)

    return Door(
        type=Scale,
        show=show,
        check=scale.check,
        merge=merge,
        validate=rules.validate_update,
        counts=True,
    )


def _put(value: dict[str, Any], parts: list[str], leaf: Any) -> dict[str, Any]:
    """A copy with one value changed."""
    first, *rest = parts
    if not rest:
        return {**value, first: leaf}
    inner = value.get(first)
    return {**value, first: _put(inner if isinstance(inner, dict) else {}, rest, leaf)}
