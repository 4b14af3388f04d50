"""What the runtime was seen to hold for a pod, as values that plans and statuses are made from.

Everything the kubelet creates carries Kubernetes' own CRI labels and annotations, so a restarted
kubelet (or Kubernetes' own) finds all of it again without a file of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

POD_NAME = "io.kubernetes.pod.name"
POD_NAMESPACE = "io.kubernetes.pod.namespace"
POD_UID = "io.kubernetes.pod.uid"
CONTAINER_NAME = "io.kubernetes.container.name"

CONTAINER_HASH = "io.kubernetes.container.hash"
RESTART_COUNT = "io.kubernetes.container.restartCount"
MESSAGE_PATH = "io.kubernetes.container.terminationMessagePath"
MESSAGE_POLICY = "io.kubernetes.container.terminationMessagePolicy"
PRE_STOP = "io.kubernetes.container.preStopHandler"
CONTAINER_GRACE = "io.kubernetes.pod.terminationGracePeriod"
POD_DELETION_GRACE = "io.kubernetes.pod.deletionGracePeriod"
CONTAINER_PORTS = "io.kubernetes.container.ports"


def pod_labels(name: str, namespace: str, uid: str) -> dict[str, str]:
    """The CRI labels by which a sandbox or container is found again."""
    return {POD_NAME: name, POD_NAMESPACE: namespace, POD_UID: uid}


ContainerPhase = Literal["created", "running", "exited", "unknown"]


class Sandbox(Struct, frozen=True):
    """A pod sandbox. `ips` is empty for host network, and until the network is set up."""

    id: str
    name: str
    namespace: str
    uid: str
    attempt: int = 0
    ready: bool = True
    created_at: int = 0  # nanoseconds since 1970, like every time that CRI tells
    host_network: bool = False
    ips: tuple[str, ...] = ()


class RuntimeUser(Struct, frozen=True):
    """Whom a container's first process runs as; only newer runtimes tell."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()


class RuntimeContainer(Struct, frozen=True):
    """A container in the runtime. Times are nanoseconds since 1970, 0 for not yet."""

    id: str
    name: str
    sandbox_id: str
    state: ContainerPhase = "running"
    restart_count: int = 0
    hash: str = ""
    image: str = ""
    image_ref: str = ""
    created_at: int = 0
    started_at: int = 0
    finished_at: int = 0
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    log_path: str = ""
    message_file: str = ""  # on the node: where the container leaves its last words
    user: RuntimeUser | None = None
    annotations: dict[str, str] = {}


class Observed(Struct, frozen=True):
    """All sandboxes and containers of one pod, the newest first."""

    sandboxes: tuple[Sandbox, ...] = ()
    containers: tuple[RuntimeContainer, ...] = ()

    @staticmethod
    def of(sandboxes: Iterable[Sandbox], containers: Iterable[RuntimeContainer]) -> Observed:
        return Observed(
            tuple(sorted(sandboxes, key=lambda s: (s.created_at, s.attempt), reverse=True)),
            tuple(sorted(containers, key=lambda c: (c.created_at, c.restart_count), reverse=True)),
        )

    def sandbox(self) -> Sandbox | None:
        """The newest sandbox, ready or not."""
        return self.sandboxes[0] if self.sandboxes else None

    def latest(self, name: str) -> RuntimeContainer | None:
        """The newest container of that name, in whichever sandbox."""
        return next((c for c in self.containers if c.name == name), None)

    def latest_in(self, sandbox_id: str, name: str) -> RuntimeContainer | None:
        """The newest container of that name within one sandbox."""
        return next(
            (c for c in self.containers if c.name == name and c.sandbox_id == sandbox_id), None
        )

    def running(self) -> tuple[RuntimeContainer, ...]:
        return tuple(c for c in self.containers if c.state == "running")

    def alive(self) -> bool:
        """Whether anything still runs or may run: a container or a ready sandbox."""
        return any(c.state in ("running", "unknown") for c in self.containers) or any(
            s.ready for s in self.sandboxes
        )


class RuntimeInfo(Struct, frozen=True):
    """Which runtime it is: containerd 1.6.20~ds1."""

    name: str
    version: str


class Handler(Struct, frozen=True):
    """A runtime handler (runc, kata ...) with what it can; only newer runtimes tell."""

    name: str
    recursive_read_only_mounts: bool = False
    user_namespaces: bool = False


class RuntimeStatus(Struct, frozen=True):
    """What keeps the runtime from running pods; empty texts for nothing."""

    runtime_problem: str = ""
    network_problem: str = ""
    handlers: tuple[Handler, ...] = ()
    supplemental_groups_policy: bool = False


class Image(Struct, frozen=True):
    """An image on the node. `uid` and `username`: what the image wants to run as."""

    id: str
    tags: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    size: int = 0
    uid: int | None = None
    username: str = ""
    pinned: bool = False


class ImageFilesystem(Struct, frozen=True):
    mountpoint: str
    used_bytes: int
