"""What may change in a pod once it exists."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kubepy.api.core.v1 import (
    Affinity,
    Container,
    NodeAffinity,
    Pod,
    PodSchedulingGate,
    PodSpec,
    Toleration,
)
from kubepy.apiserver.registry.core.podspec.containers import image_errors
from kubepy.apiserver.registry.core.podspec.placement import toleration_errors
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, required
from kubepy.meta.gotext import difference

INT32 = 2**31 - 1
MUTABLE = (
    "`spec.containers[*].image`",
    "`spec.initContainers[*].image`",
    "`spec.activeDeadlineSeconds`",
    "`spec.tolerations` (only additions to existing tolerations)",
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
)


def spec_update_errors(new: PodSpec, old: PodSpec, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for field in ("containers", "initContainers"):
        where = f"{path}.{field}"
        now, before = getattr(new, field), getattr(old, field)
        if len(now) != len(before):
            return [*errors, forbidden(where, "pod updates may not add or remove containers")]
        errors += _image_errors(now, where)
    found, stop = _deadline_errors(new, old, f"{path}.activeDeadlineSeconds")
    errors += found
    if stop:
        return errors
    errors += _toleration_errors(new.tolerations, old.tolerations, f"{path}.tolerations")
    errors += _gate_errors(new.schedulingGates, old.schedulingGates, f"{path}.schedulingGates")
    if new == old:
        return errors
    rest = _with_mutable_of(new, old)
    if old.schedulingGates:
        found, rest = _gated_changes(rest, old, path)
        errors += found
    if rest != old:
        why = f"pod updates may not change fields other than {','.join(MUTABLE)}"
        errors.append(forbidden(path, f"{why}\n{difference(old, rest)}"))
    return errors


def _image_errors(containers: Sequence[Container], path: str) -> list[FieldError]:
    errors = []
    for index, container in enumerate(containers):
        if not container.image:
            errors.append(required(f"{path}[{index}].image"))
        errors += image_errors(container, f"{path}[{index}]")
    return errors


def _deadline_errors(new: PodSpec, old: PodSpec, path: str) -> tuple[list[FieldError], bool]:
    """A deadline may be set, and be brought forward. True: this is grave enough to stop."""
    now, before = new.activeDeadlineSeconds, old.activeDeadlineSeconds
    if now is None:
        if before is None:
            return [], False
        return [invalid(path, None, "must not update from a positive integer to nil value")], False
    if not 0 <= now <= INT32:
        return [invalid(path, now, names.range_message(0, INT32))], True
    if before is not None and before < now:
        return [invalid(path, now, "must be less than or equal to previous value")], True
    return [], False


def _toleration_errors(
    new: Sequence[Toleration], old: Sequence[Toleration], path: str
) -> list[FieldError]:
    """Tolerations may be added, and their seconds changed."""
    kept = {replace(toleration, tolerationSeconds=None) for toleration in new}
    if any(replace(toleration, tolerationSeconds=None) not in kept for toleration in old):
        why = "existing toleration can not be modified except its tolerationSeconds"
        return [forbidden(path, why)]
    return toleration_errors(new, path)


def _gate_errors(
    new: Sequence[PodSchedulingGate], old: Sequence[PodSchedulingGate], path: str
) -> list[FieldError]:
    had = {gate.name for gate in old}
    return [
        forbidden(
            f"{path}[{index}].name",
            f"only deletion is allowed, but found new scheduling gate '{gate.name}'",
        )
        for index, gate in enumerate(new)
        if gate.name not in had
    ]


def _with_mutable_of(new: PodSpec, old: PodSpec) -> PodSpec:
    """The new spec with whatever may change as it was."""
    grace = new.terminationGracePeriodSeconds
    before = old.terminationGracePeriodSeconds
    return replace(
        new,
        containers=_with_images(new.containers, old.containers),
        initContainers=_with_images(new.initContainers, old.initContainers),
        activeDeadlineSeconds=old.activeDeadlineSeconds,
        schedulingGates=old.schedulingGates,
        tolerations=old.tolerations,
        terminationGracePeriodSeconds=(
            before if grace == 1 and before is not None and before < 0 else grace
        ),
    )


def _with_images(new: Sequence[Container], old: Sequence[Container]) -> tuple[Container, ...]:
    return tuple(
        replace(container, image=before.image) for container, before in zip(new, old, strict=True)
    )


# ---- pods that wait at a scheduling gate


def _gated_changes(new: PodSpec, old: PodSpec, path: str) -> tuple[list[FieldError], PodSpec]:
    """Their place may be narrowed down. The second value is the spec without such changes."""
    errors: list[FieldError] = []
    if new.nodeSelector != old.nodeSelector:
        for key, value in sorted(old.nodeSelector.items()):
            if new.nodeSelector.get(key) != value:
                why = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
                errors.append(invalid(f"{path}.nodeSelector", new.nodeSelector, why))
                break
        new = replace(new, nodeSelector=old.nodeSelector)
    after, before = _node_affinity(new), _node_affinity(old)
    if after != before:
        errors += _affinity_changes(after, before, f"{path}.affinity.nodeAffinity")
        affinity = replace(new.affinity or Affinity(), nodeAffinity=before)
        same = None if affinity == Affinity() and old.affinity is None else affinity
        new = replace(new, affinity=same)
    return errors, new


def _node_affinity(spec: PodSpec) -> NodeAffinity | None:
    return spec.affinity.nodeAffinity if spec.affinity is not None else None


def _affinity_changes(
    new: NodeAffinity | None, old: NodeAffinity | None, path: str
) -> list[FieldError]:
    """Terms may demand more, and none may come or go."""
    if old is None or old.requiredDuringSchedulingIgnoredDuringExecution is None:
        return []
    where = f"{path}.requiredDuringSchedulingIgnoredDuringExecution"
    hard = new.requiredDuringSchedulingIgnoredDuringExecution if new is not None else None
    before = old.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms
    if hard is None or len(hard.nodeSelectorTerms) != len(before):
        terms = hard.nodeSelectorTerms if hard is not None else None
        why = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        return [invalid(f"{where}.nodeSelectorTerms", terms, why)]
    errors = []
    for index, (term, was) in enumerate(zip(hard.nodeSelectorTerms, before, strict=True)):
        if not was.matchExpressions and not was.matchFields:
            if term.matchExpressions or term.matchFields:
                why = "empty NodeSelectorTerms cannot be mutated"
                errors.append(invalid(f"{where}[{index}]", term, why))
            continue
        for field in ("matchExpressions", "matchFields"):
            had, has = getattr(was, field), getattr(term, field)
            if has[: len(had)] != had:
                why = "only additions are allowed (no mutations or deletions)"
                errors.append(invalid(f"{where}[{index}].{field}[0]", had[0], why))
    return errors


# ---- ephemeral containers


def ephemeral_update_errors(new: Pod, old: Pod, path: str) -> list[FieldError]:
    """They may be added, and stay for ever."""
    now = {container.name: container for container in new.spec.ephemeralContainers}
    errors = []
    for container in old.spec.ephemeralContainers:
        said = f'existing ephemeral containers "{container.name}"'
        if container.name not in now:
            errors.append(forbidden(path, f"{said} may not be removed\n"))
        elif now[container.name] != container:
            change = difference(container, now[container.name])
            errors.append(forbidden(path, f"{said} may not be changed\n{change}"))
    return errors
