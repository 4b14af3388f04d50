"""CRI's messages as values."""

from __future__ import annotations

from typing import Any

import msgspec

from kubepy.kubelet.runtime.model import (
    CONTAINER_HASH,
    CONTAINER_NAME,
    MESSAGE_PATH,
    POD_NAME,
    POD_NAMESPACE,
    POD_UID,
    RESTART_COUNT,
    ContainerPhase,
    Handler,
    Image,
    RuntimeContainer,
    RuntimeStatus,
    RuntimeUser,
    Sandbox,
)

_STATES: tuple[ContainerPhase, ...] = ("created", "running", "exited", "unknown")
_SANDBOX_READY = 0
_NETWORK_OF_NODE = 2


def sandbox(message: Any) -> Sandbox:
    """From a PodSandboxStatus: all of it."""
    first = message.network.ip
    more = (entry.ip for entry in message.network.additional_ips)
    return Sandbox(
        id=message.id,
        name=message.metadata.name,
        namespace=message.metadata.namespace,
        uid=message.metadata.uid,
        attempt=message.metadata.attempt,
        ready=message.state == _SANDBOX_READY,
        created_at=message.created_at,
        host_network=message.linux.namespaces.options.network == _NETWORK_OF_NODE,
        ips=(first, *more) if first else (),
    )


def listed_sandbox(message: Any) -> Sandbox:
    """From a PodSandbox of a list: enough to know which it is and whether it changed."""
    labels = message.labels
    return Sandbox(
        id=message.id,
        name=labels.get(POD_NAME, message.metadata.name),
        namespace=labels.get(POD_NAMESPACE, message.metadata.namespace),
        uid=labels.get(POD_UID, message.metadata.uid),
        attempt=message.metadata.attempt,
        ready=message.state == _SANDBOX_READY,
        created_at=message.created_at,
    )


def container(message: Any) -> RuntimeContainer:
    """From a ContainerStatus: all but the sandbox, which CRI does not tell here."""
    annotations = dict(message.annotations)
    user = None
    if message.HasField("user") and message.user.HasField("linux"):
        linux = message.user.linux
        user = RuntimeUser(linux.uid, linux.gid, tuple(linux.supplemental_groups))
    return RuntimeContainer(
        id=message.id,
        name=message.labels.get(CONTAINER_NAME, message.metadata.name),
        sandbox_id="",
        state=_STATES[message.state],
        restart_count=_restarts(annotations, message.metadata.attempt),
        hash=annotations.get(CONTAINER_HASH, ""),
        image=message.image.image,
        image_ref=message.image_ref,
        created_at=message.created_at,
        started_at=message.started_at,
        finished_at=message.finished_at,
        exit_code=message.exit_code,
        reason=message.reason,
        message=message.message,
        log_path=message.log_path,
        message_file=_message_file(message, annotations),
        user=user,
        annotations=annotations,
    )


def _message_file(message: Any, annotations: dict[str, str]) -> str:
    """Where the file that is mounted at the termination message path lies on the node."""
    path = annotations.get(MESSAGE_PATH)
    if not path:
        return ""
    return next((m.host_path for m in message.mounts if m.container_path == path), "")


def listed_container(message: Any) -> RuntimeContainer:
    """From a Container of a list: which it is and its state."""
    annotations = dict(message.annotations)
    return RuntimeContainer(
        id=message.id,
        name=message.labels.get(CONTAINER_NAME, message.metadata.name),
        sandbox_id=message.pod_sandbox_id,
        state=_STATES[message.state],
        restart_count=_restarts(annotations, message.metadata.attempt),
        hash=annotations.get(CONTAINER_HASH, ""),
        image=message.image.image,
        image_ref=message.image_ref,
        created_at=message.created_at,
        annotations=annotations,
    )


def _restarts(annotations: dict[str, str], attempt: int) -> int:
    count = annotations.get(RESTART_COUNT, "")
    return int(count) if count.isdecimal() else int(attempt)


def status(answer: Any) -> RuntimeStatus:
    """From a StatusResponse."""
    problems = {}
    seen = set()
    for condition in answer.status.conditions:
        seen.add(condition.type)
        if not condition.status:
            problems[condition.type] = (
                f"{condition.type}={str(condition.status).lower()} "
                f"reason:{condition.reason} message:{condition.message}"
            )
    missing = {kind: f"{kind} condition is not set" for kind in ("RuntimeReady", "NetworkReady")}
    problems |= {kind: text for kind, text in missing.items() if kind not in seen}
    return RuntimeStatus(
        runtime_problem=problems.get("RuntimeReady", ""),
        network_problem=problems.get("NetworkReady", ""),
        handlers=tuple(
            Handler(h.name, h.features.recursive_read_only_mounts, h.features.user_namespaces)
            for h in answer.runtime_handlers
        ),
        supplemental_groups_policy=answer.features.supplemental_groups_policy,
    )


def sandbox_image(answer: Any) -> str:
    """From a verbose StatusResponse: containerd's CRI adds its configuration, as JSON."""
    try:
        return str(msgspec.json.decode(answer.info["config"]).get("sandboxImage") or "")
    except (msgspec.DecodeError, AttributeError):
        return ""


def image(message: Any) -> Image:
    return Image(
        id=message.id,
        tags=tuple(message.repo_tags),
        digests=tuple(message.repo_digests),
        size=message.size,
        uid=message.uid.value if message.HasField("uid") else None,
        username=message.username,
        pinned=message.pinned,
    )
