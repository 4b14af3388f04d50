"""Short ways to write down pods and what a runtime holds of them."""

from __future__ import annotations

from typing import Any

from kubepy.api import codec
from kubepy.api.core.v1 import Pod
from kubepy.kubelet.pod.containers import definition_hash
from kubepy.kubelet.runtime.model import Observed, RuntimeContainer, Sandbox

SECOND = 1_000_000_000


def pod(*containers: Any, init: tuple[Any, ...] = (), uid: str = "u1", **spec: Any) -> Pod:
    """A pod; containers are names or mappings. `meta` and `status` go to their places."""
    metadata = {"name": "web", "namespace": "default", "uid": uid, "generation": 1}
    metadata |= spec.pop("meta", {})
    status = spec.pop("status", {})
    body = {
        "metadata": metadata,
        "spec": {
            "containers": [_container(c) for c in containers or ("app",)],
            "initContainers": [_container(c) for c in init],
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            **spec,
        },
        "status": status,
    }
    return codec.from_builtins(Pod, body)


def _container(value: Any) -> dict[str, Any]:
    given = {"name": value} if isinstance(value, str) else value
    return {"image": "busybox", **given}


def sidecar(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "restartPolicy": "Always", **more}


def sandbox(attempt: int = 0, *, ready: bool = True, ips: tuple[str, ...] = ("10.244.0.5",)):
    return Sandbox(
        id=f"s{attempt}", name="web", namespace="default", uid="u1", attempt=attempt,
        ready=ready, ips=ips, created_at=(attempt + 1) * SECOND,
    )  # fmt: skip


def record(name: str, state: str = "running", **more: Any) -> RuntimeContainer:
    """A container of `web` in sandbox s0; exited ones died at second 100."""
    restarts = more.get("restart_count", 0)
    values: dict[str, Any] = {
        "id": f"{name}-{restarts}",
        "sandbox_id": "s0",
        "created_at": (10 + restarts) * SECOND,
        "started_at": (10 + restarts) * SECOND,
    }
    if state == "exited":
        values["finished_at"] = 100 * SECOND
    return RuntimeContainer(name=name, state=state, **{**values, **more})  # type: ignore[arg-type]


def hashed(item: RuntimeContainer, owner: Pod) -> RuntimeContainer:
    from msgspec.structs import replace

    container = next(c for c in owner.spec.containers if c.name == item.name)
    return replace(item, hash=definition_hash(container))


def holds(*items: Sandbox | RuntimeContainer) -> Observed:
    """What the runtime holds; a ready sandbox s0 if none is given."""
    sandboxes = [i for i in items if isinstance(i, Sandbox)] or [sandbox()]
    return Observed.of(sandboxes, [i for i in items if isinstance(i, RuntimeContainer)])


NOTHING = Observed()
