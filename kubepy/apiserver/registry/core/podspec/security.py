"""Security contexts of pods and containers, and what an operating system forbids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kubepy.api.core.v1 import (
    AppArmorProfile,
    Container,
    EphemeralContainer,
    PodSecurityContext,
    PodSpec,
    SeccompProfile,
    SecurityContext,
)
from kubepy.apiserver.registry.core.podspec.paths import relative
from kubepy.apiserver.registry.core.podspec.windows import options_errors
from kubepy.apiserver.registry.permits import PRIVILEGED
from kubepy.meta import names
from kubepy.meta.errors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
)

PROFILE_TYPES = ("Localhost", "RuntimeDefault", "Unconfined")
PROC_MOUNTS = ("Default", "Unmasked")
FS_GROUP_POLICIES = ("Always", "OnRootMismatch")
GROUPS_POLICIES = ("Merge", "Strict")
SELINUX_POLICIES = ("MountOption", "Recursive")
OPERATING_SYSTEMS = ("linux", "windows")

PROFILE_LENGTH = 4095  # bytes of an AppArmor profile's name
SYSCTL_LENGTH = 253
_SYSCTL_PART = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SYSCTL = rf"({_SYSCTL_PART}[\./])*{_SYSCTL_PART}"
_IPC_SYSCTLS = ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")


def containers_of(spec: PodSpec, path: str) -> Iterator[tuple[Container | EphemeralContainer, str]]:
    """All containers of the spec with their paths, in the order in which they are checked."""
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(getattr(spec, field)):
            yield container, f"{path}.{field}[{index}]"


def context_errors(
    context: SecurityContext | None, path: str, *, host_users: bool
) -> list[FieldError]:
    """Of one container."""
    if context is None:
        return []
    errors = []
    if context.privileged:
        why = "disallowed by cluster policy"
        errors.append(forbidden(f"{path}.privileged", why, unless=PRIVILEGED))
    errors += _id_errors(context, path)
    if context.procMount is not None:
        where = f"{path}.procMount"
        if context.procMount not in PROC_MOUNTS:
            errors.append(not_supported(where, context.procMount, PROC_MOUNTS))
        if host_users and context.procMount == "Unmasked":
            why = "`hostUsers` must be false to use `Unmasked`"
            errors.append(invalid(where, context.procMount, why))
    errors += seccomp_errors(context.seccompProfile, f"{path}.seccompProfile")
    if context.allowPrivilegeEscalation is False:
        why = "cannot set `allowPrivilegeEscalation` to false and "
        if context.privileged:
            errors.append(invalid(path, context, f"{why}`privileged` to true"))
        if context.capabilities and "CAP_SYS_ADMIN" in context.capabilities.add:
            errors.append(invalid(path, context, f"{why}`capabilities.Add` CAP_SYS_ADMIN"))
    errors += options_errors(context.windowsOptions, f"{path}.windowsOptions")
    return errors + app_armor_errors(context.appArmorProfile, f"{path}.appArmorProfile")


def _id_errors(context: Any, path: str) -> list[FieldError]:
    errors = []
    for field in ("fsGroup", "runAsUser", "runAsGroup"):
        value = getattr(context, field, None)
        if value is not None:
            errors += [invalid(f"{path}.{field}", value, text) for text in names.user_id(value)]
    return errors


def pod_context_errors(
    context: PodSecurityContext | None, spec: PodSpec, path: str
) -> list[FieldError]:
    """Of the whole pod. `path` is the security context's own."""
    if context is None:
        return []
    errors = _id_errors(context, path)
    for index, group in enumerate(context.supplementalGroups):
        where = f"{path}.supplementalGroups[{index}]"
        errors += [invalid(where, group, text) for text in names.user_id(group)]
    if spec.shareProcessNamespace and spec.hostPID:
        why = "ShareProcessNamespace and HostPID cannot both be enabled"
        errors.append(invalid(f"{path}.shareProcessNamespace", True, why))
    errors += _sysctl_errors(context, spec, f"{path}.sysctls")
    errors += _choice(context.fsGroupChangePolicy, FS_GROUP_POLICIES, f"{path}.fsGroupChangePolicy")
    errors += seccomp_errors(context.seccompProfile, f"{path}.seccompProfile")
    errors += options_errors(context.windowsOptions, f"{path}.windowsOptions")
    errors += app_armor_errors(context.appArmorProfile, f"{path}.appArmorProfile")
    where = f"{path}.supplementalGroupsPolicy"
    errors += _choice(context.supplementalGroupsPolicy, GROUPS_POLICIES, where)
    where = f"{path}.seLinuxChangePolicy"
    return errors + _choice(context.seLinuxChangePolicy, SELINUX_POLICIES, where)


def _choice(value: str | None, choices: tuple[str, ...], path: str) -> list[FieldError]:
    return [] if value is None or value in choices else [not_supported(path, value, choices)]


def _sysctl_errors(context: PodSecurityContext, spec: PodSpec, path: str) -> list[FieldError]:
    errors = []
    seen = set()
    for index, sysctl in enumerate(context.sysctls):
        where, name = f"{path}[{index}].name", sysctl.name
        if not name:
            errors.append(required(where))
        elif len(name) > SYSCTL_LENGTH or not re.fullmatch(_SYSCTL, name):
            why = f"must have at most {SYSCTL_LENGTH} characters and match regex ^{_SYSCTL}$"
            errors.append(invalid(where, name, why))
        elif name in seen:
            errors.append(duplicate(where, name))
        seen.add(name)
        dotted = name.replace("/", ".")
        if spec.hostNetwork and dotted.startswith("net."):
            why = "may not be specified when 'hostNetwork' is true"
            errors.append(invalid(where, name, why))
        elif spec.hostIPC and dotted.startswith(_IPC_SYSCTLS):
            errors.append(invalid(where, name, "may not be specified when 'hostIPC' is true"))
    return errors


def seccomp_errors(profile: SeccompProfile | None, path: str) -> list[FieldError]:
    if profile is None:
        return []
    errors = []
    if not profile.type:
        errors.append(required(f"{path}.type", "type is required when seccompProfile is set"))
    elif profile.type not in PROFILE_TYPES:
        errors.append(not_supported(f"{path}.type", profile.type, PROFILE_TYPES))
    where = f"{path}.localhostProfile"
    if profile.type != "Localhost":
        if profile.localhostProfile is not None:
            why = "can only be set when seccomp type is Localhost"
            errors.append(invalid(where, profile, why))
    elif profile.localhostProfile is None:
        errors.append(required(where, "must be set when seccomp type is Localhost"))
    else:
        errors += relative(profile.localhostProfile, where)
    return errors


def app_armor_errors(profile: AppArmorProfile | None, path: str) -> list[FieldError]:
    if profile is None:
        return []
    where, name = f"{path}.localhostProfile", profile.localhostProfile
    match profile.type:
        case "Localhost":
            if not name:
                return [required(where, "must be set when AppArmor type is Localhost")]
            errors = []
            if name != name.strip():
                errors.append(invalid(where, name, "must not be padded with whitespace"))
            if len(name.encode()) > PROFILE_LENGTH:
                errors.append(too_long(where, "", PROFILE_LENGTH))
            return errors
        case "RuntimeDefault" | "Unconfined":
            why = "can only be set when AppArmor type is Localhost"
            return [] if name is None else [invalid(where, name, why)]
        case "":
            why = "type is required when appArmorProfile is set"
            return [required(f"{path}.type", why)]
    return [not_supported(f"{path}.type", profile.type, PROFILE_TYPES)]


def host_users_errors(spec: PodSpec, path: str) -> list[FieldError]:
    """A user namespace of its own goes with no namespace of the host."""
    if spec.hostUsers is not False:
        return []
    why = "when `hostUsers` is false"
    shared = (("hostNetwork", spec.hostNetwork), ("hostPID", spec.hostPID),
              ("hostIPC", spec.hostIPC))  # fmt: skip
    return [forbidden(f"{path}.{field}", why) for field, is_shared in shared if is_shared]


# ---- operating systems


def os_errors(spec: PodSpec, path: str) -> list[FieldError]:
    if spec.os is None:
        return []
    name = spec.os.name
    if not name:
        return [required(f"{path}.os.name", "cannot be empty")]
    if name not in OPERATING_SYSTEMS:
        return [not_supported(f"{path}.os", name, OPERATING_SYSTEMS)]
    return _linux_errors(spec, path) if name == "linux" else _windows_errors(spec, path)


def _linux_errors(spec: PodSpec, path: str) -> list[FieldError]:
    why = "windows options cannot be set for a linux pod"
    errors = []
    contexts = [(spec.securityContext, path)]
    contexts += [(c.securityContext, where) for c, where in containers_of(spec, path)]  # type: ignore[misc]
    for context, where in contexts:
        if context is not None and context.windowsOptions is not None:
            errors.append(forbidden(f"{where}.securityContext.windowsOptions", why))
    return errors


_NOT_ON_WINDOWS_POD = (
    "securityContext.appArmorProfile", "securityContext.seLinuxOptions", "hostUsers", "hostPID",
    "hostIPC", "securityContext.seccompProfile", "securityContext.fsGroup",
    "securityContext.fsGroupChangePolicy", "securityContext.sysctls", "shareProcessNamespace",
    "securityContext.runAsUser", "securityContext.runAsGroup",
    "securityContext.supplementalGroups", "securityContext.supplementalGroupsPolicy",
    "securityContext.seLinuxChangePolicy",
)  # fmt: skip
_NOT_ON_WINDOWS_CONTAINER = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities",
    "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation", "procMount", "runAsUser",
    "runAsGroup",
)  # fmt: skip


def _windows_errors(spec: PodSpec, path: str) -> list[FieldError]:
    why = "cannot be set for a windows pod"
    context = spec.securityContext or PodSecurityContext()
    errors = []
    for field in _NOT_ON_WINDOWS_POD:
        start, _, name = field.partition(".")
        value = getattr(context, name) if name else getattr(spec, start)
        if value not in (None, (), False) or (value is False and start == "hostUsers"):
            errors.append(forbidden(f"{path}.{field}", why))
    for container, where in containers_of(spec, path):
        if container.securityContext is None:
            continue
        errors += [
            forbidden(f"{where}.securityContext.{field}", why)
            for field in _NOT_ON_WINDOWS_CONTAINER
            if getattr(container.securityContext, field) is not None
        ]
    return errors
