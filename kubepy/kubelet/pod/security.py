"""Security contexts as CRI wants them. Touches nothing."""

from __future__ import annotations

from typing import Any

from kubepy.api.core.v1 import (
    AppArmorProfile,
    Pod,
    PodSecurityContext,
    SeccompProfile,
    SecurityContext,
    SELinuxOptions,
)
from kubepy.kubelet.pod.containers import AnyContainer, each
from kubepy.kubelet.runtime.model import Image

POD, CONTAINER, NODE, TARGET = 0, 1, 2, 3  # runtime.v1.NamespaceMode
RUNTIME_DEFAULT, UNCONFINED, LOCALHOST = 0, 1, 2  # SecurityProfile.ProfileType

MASKED = (
    "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys",
    "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
    "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
)  # fmt: skip
READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")

_PROFILES = {
    "RuntimeDefault": RUNTIME_DEFAULT, "Unconfined": UNCONFINED, "Localhost": LOCALHOST,
}  # fmt: skip

NO_POD_CONTEXT = PodSecurityContext()
NO_CONTEXT = SecurityContext()


class SecurityProblem(Exception):
    """The container must not be started so; it waits in CreateContainerConfigError."""


def namespaces(pod: Pod, target: str = "") -> dict[str, Any]:
    """NamespaceOption; `target`: the id of the container whose processes are to be seen."""
    spec = pod.spec
    pid = NODE if spec.hostPID else POD if spec.shareProcessNamespace else CONTAINER
    found: dict[str, Any] = {
        "network": NODE if spec.hostNetwork else POD,
        "ipc": NODE if spec.hostIPC else POD,
        "pid": pid,
    }
    if target and pid == CONTAINER:
        found |= {"pid": TARGET, "target_id": target}
    return found


def of_sandbox(pod: Pod) -> dict[str, Any]:
    """LinuxSandboxSecurityContext."""
    context = pod.spec.securityContext or NO_POD_CONTEXT
    found: dict[str, Any] = {
        "namespace_options": namespaces(pod),
        "privileged": any((c.securityContext or NO_CONTEXT).privileged for _, c in each(pod)),
        "seccomp": {"profile_type": RUNTIME_DEFAULT},
        "supplemental_groups": _groups(context),
    }
    if context.runAsUser is not None:
        found["run_as_user"] = {"value": context.runAsUser}
        if context.runAsGroup is not None:
            found["run_as_group"] = {"value": context.runAsGroup}
    if context.seLinuxOptions is not None:
        found["selinux_options"] = _selinux(context.seLinuxOptions)
    return found


def of_container(
    pod: Pod,
    container: AnyContainer,
    image: Image,
    *,
    target: str = "",
    seccomp_default: bool = False,
) -> dict[str, Any]:
    """LinuxContainerSecurityContext. SecurityProblem if runAsNonRoot would be broken."""
    outer = pod.spec.securityContext or NO_POD_CONTEXT
    inner = container.securityContext or NO_CONTEXT
    privileged = bool(inner.privileged)
    user = outer.runAsUser if inner.runAsUser is None else inner.runAsUser
    group = outer.runAsGroup if inner.runAsGroup is None else inner.runAsGroup
    _check_user(pod, container, image, user)
    found: dict[str, Any] = {
        "privileged": privileged,
        "namespace_options": namespaces(pod, target),
        "readonly_rootfs": bool(inner.readOnlyRootFilesystem),
        "no_new_privs": inner.allowPrivilegeEscalation is False,
        "supplemental_groups": _groups(outer),
        "seccomp": _seccomp(inner.seccompProfile or outer.seccompProfile, seccomp_default),
    }
    if outer.supplementalGroupsPolicy == "Strict":
        found["supplemental_groups_policy"] = 1
    if inner.capabilities is not None:
        found["capabilities"] = {
            "add_capabilities": list(inner.capabilities.add),
            "drop_capabilities": list(inner.capabilities.drop),
        }
    if user is not None:
        found["run_as_user"] = {"value": user}
    elif image.uid is not None:
        found["run_as_user"] = {"value": image.uid}
    elif image.username:
        found["run_as_username"] = image.username
    if group is not None:
        found["run_as_group"] = {"value": group}
    apparmor = inner.appArmorProfile or outer.appArmorProfile
    if apparmor is not None:
        found["apparmor"] = _apparmor(apparmor)
    selinux = inner.seLinuxOptions or outer.seLinuxOptions
    if selinux is not None:
        found["selinux_options"] = _selinux(selinux)
    if inner.procMount != "Unmasked" and not privileged:
        found |= {"masked_paths": list(MASKED), "readonly_paths": list(READ_ONLY)}
    return found


def _check_user(pod: Pod, container: AnyContainer, image: Image, user: int | None) -> None:
    outer = pod.spec.securityContext or NO_POD_CONTEXT
    inner = container.securityContext or NO_CONTEXT
    wanted = outer.runAsNonRoot if inner.runAsNonRoot is None else inner.runAsNonRoot
    if not wanted:
        return
    meta = pod.metadata
    where = f'(pod: "{meta.name}_{meta.namespace}({meta.uid})", container: {container.name})'
    if user is not None:
        if user == 0:
            raise SecurityProblem("container's runAsUser breaks non-root policy " + where)
        return
    if image.uid is None and image.username:
        raise SecurityProblem(
            f"container has runAsNonRoot and image has non-numeric user ({image.username}), "
            f"cannot verify user is non-root {where}"
        )
    if not image.uid:
        raise SecurityProblem(f"container has runAsNonRoot and image will run as root {where}")


def _groups(context: PodSecurityContext) -> list[int]:
    groups = list(context.supplementalGroups)
    return groups if context.fsGroup is None else [context.fsGroup, *groups]


def _seccomp(profile: SeccompProfile | None, by_default: bool) -> dict[str, Any]:
    if profile is None:
        return {"profile_type": RUNTIME_DEFAULT if by_default else UNCONFINED}
    found: dict[str, Any] = {"profile_type": _PROFILES.get(profile.type, UNCONFINED)}
    if profile.type == "Localhost":
        found["localhost_ref"] = profile.localhostProfile or ""
    return found


def _apparmor(profile: AppArmorProfile) -> dict[str, Any]:
    found: dict[str, Any] = {"profile_type": _PROFILES.get(profile.type, UNCONFINED)}
    if profile.type == "Localhost":
        found["localhost_ref"] = profile.localhostProfile or ""
    return found


def _selinux(options: SELinuxOptions) -> dict[str, Any]:
    return {
        "user": options.user, "role": options.role, "type": options.type, "level": options.level,
    }  # fmt: skip
