"""Annotations that mean something on a pod or its template."""

from __future__ import annotations

from collections.abc import Mapping

from kubepy.api.core.v1 import AppArmorProfile, PodSpec, SeccompProfile
from kubepy.apiserver.registry.core.podspec.paths import relative
from kubepy.apiserver.registry.core.podspec.security import containers_of
from kubepy.meta.errors import FieldError, forbidden, invalid
from kubepy.meta.gotext import quote

MIRROR = "kubernetes.io/config.mirror"
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
LOCALHOST = "localhost/"


def annotation_errors(annotations: Mapping[str, str], spec: PodSpec, path: str) -> list[FieldError]:
    errors = []
    mirror = annotations.get(MIRROR)
    if mirror is not None and not spec.nodeName:
        why = "must set spec.nodeName if mirror pod annotation is set"
        errors.append(invalid(f"{path}[{MIRROR}]", mirror, why))
    for key in sorted(annotations):
        value = annotations[key]
        if key == SECCOMP_POD or key.startswith(SECCOMP_CONTAINER):
            errors += _seccomp_errors(value, f"{path}.{key}")
        elif key.startswith(APP_ARMOR):
            errors += _app_armor_errors(key, value, spec, f"{path}[{key}]")
    cost = annotations.get(DELETION_COST)
    if cost is not None and not _is_cost(cost):
        errors.append(invalid(f"{path}[{DELETION_COST}]", cost, "must be a 32bit integer"))
    return errors


def _is_cost(text: str) -> bool:
    """A canonical 32-bit number: no plus sign, no leading zeros."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return False
    return str(int(text)) == text and -(2**31) <= int(text) < 2**31


def _seccomp_errors(profile: str, path: str) -> list[FieldError]:
    if profile in ("runtime/default", "docker/default", "unconfined"):
        return []
    if profile.startswith(LOCALHOST):
        return relative(profile[len(LOCALHOST) :], path)
    return [invalid(path, profile, "must be a valid seccomp profile")]


def _app_armor_errors(key: str, profile: str, spec: PodSpec, path: str) -> list[FieldError]:
    errors = []
    name = key[len(APP_ARMOR) :]
    if all(container.name != name for container, _ in containers_of(spec, "")):
        errors.append(invalid(path, name, "container not found"))
    if profile not in ("", "runtime/default", "unconfined") and not profile.startswith(LOCALHOST):
        why = f"invalid AppArmor profile name: {quote(profile)}"
        errors.append(invalid(path, profile, why))
    return errors


def annotation_update_errors(
    new: Mapping[str, str], old: Mapping[str, str], spec: PodSpec, path: str
) -> list[FieldError]:
    errors = []
    for key in sorted({*new, *old}):
        if new.get(key) == old.get(key):
            continue
        did = "remove or update" if key in old else "add"
        if key.startswith(APP_ARMOR):
            errors.append(forbidden(f"{path}[{key}]", f"may not {did} AppArmor annotations"))
        if key == MIRROR:
            errors.append(forbidden(f"{path}[{key}]", f"may not {did} mirror pod annotation"))
    return errors + annotation_errors(new, spec, path)


def profile_mismatches(
    annotations: Mapping[str, str], spec: PodSpec, path: str
) -> list[FieldError]:
    """Where a profile is said twice, in an annotation and in a field, both must say the same."""
    context = spec.securityContext
    pod_profile = context.seccompProfile if context is not None else None
    errors = _mismatch(
        annotations.get(SECCOMP_POD), pod_profile, f"{path}.securityContext.seccompProfile",
        "seccomp",
    )  # fmt: skip
    for container, where in containers_of(spec, path):
        own = container.securityContext
        errors += _mismatch(
            annotations.get(SECCOMP_CONTAINER + container.name),
            own.seccompProfile if own is not None else None,
            f"{where}.securityContext.seccompProfile",
            "seccomp",
        )
    if spec.os is not None and spec.os.name == "windows":
        return errors
    for container, where in containers_of(spec, path):
        profile = context.appArmorProfile if context is not None else None
        if container.securityContext is not None:
            profile = container.securityContext.appArmorProfile or profile
        errors += _mismatch(
            annotations.get(APP_ARMOR + container.name),
            profile,
            f"{where}.securityContext.appArmorProfile",
            "apparmor",
        )
    return errors


def _mismatch(
    annotation: str | None,
    profile: SeccompProfile | AppArmorProfile | None,
    path: str,
    noun: str,
) -> list[FieldError]:
    if annotation is None or profile is None:
        return []
    kinds: dict[str, tuple[str, ...]] = {
        "Unconfined": ("unconfined",),
        "RuntimeDefault": ("runtime/default",),
    }
    if noun == "seccomp":
        kinds["RuntimeDefault"] = ("runtime/default", "docker/default")
    local = annotation.startswith(LOCALHOST)
    fits = local if profile.type == "Localhost" else annotation in kinds.get(profile.type, ())
    if not fits:
        why = f"{noun} type in annotation and field must match"
        return [forbidden(f"{path}.type", why)]
    if profile.type == "Localhost" and annotation[len(LOCALHOST) :] != profile.localhostProfile:
        why = f"{noun} profile in annotation and field must match"
        return [forbidden(f"{path}.localhostProfile", why)]
    return []
