"""The real kubectl, and what tests wait for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

WAIT_SECONDS = 90.0
LOOK_SECONDS = 0.25  # between two looks
OLDEST_TOURED = 27  # minor version; an older client's words are no longer checked


class Kubectl:
    """kubectl with one kubeconfig and namespace; fails the test where the command fails."""

    def __init__(
        self, kubeconfig: Path, namespace: str = "default", program: str = "kubectl"
    ) -> None:
        self.kubeconfig = kubeconfig
        self.namespace = namespace
        self.program = program

    def command(self, *arguments: str) -> list[str]:
        verb, *others = arguments  # a flag before the verb would end completion
        return [self.program, verb, f"--namespace={self.namespace}", *others]

    def environment(self) -> dict[str, str]:
        """With a memory of its own: discovery that others remember may be of a while ago."""
        memory = self.kubeconfig.parent / "cache" / self.namespace
        return os.environ | {"KUBECONFIG": str(self.kubeconfig), "KUBECACHEDIR": str(memory)}

    def run(
        self, *arguments: str, stdin: str | None = None, timeout: float = 60.0, editor: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """`editor` is what `kubectl edit` starts."""
        return subprocess.run(
            self.command(*arguments), input=stdin, capture_output=True, text=True,
            timeout=timeout, env=self.environment() | {"KUBE_EDITOR": editor},
        )  # fmt: skip

    def __call__(self, *arguments: str, stdin: str | None = None, timeout: float = 60.0) -> str:
        result = self.run(*arguments, stdin=stdin, timeout=timeout)
        assert result.returncode == 0, f"kubectl {' '.join(arguments)}: {result.stderr}"
        return result.stdout

    def minor_version(self) -> int:
        return minor_version(self.program)

    def get(self, *arguments: str) -> Any:
        return json.loads(self("get", *arguments, "-o", "json"))

    def apply(self, *objects: dict[str, Any]) -> str:
        body = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        return self("apply", "-f", "-", stdin=json.dumps(body))

    def pods(self, selector: str) -> list[dict[str, Any]]:
        """The pods of a selector that are not going away."""
        items = self.get("pods", "-l", selector)["items"]
        return [pod for pod in items if "deletionTimestamp" not in pod["metadata"]]

    def ready(self, selector: str, count: int) -> list[dict[str, Any]]:
        """Wait until exactly `count` pods of the selector are ready."""

        def settled() -> list[dict[str, Any]]:
            pods = self.pods(selector)
            return pods if len(pods) == count and all(map(is_ready, pods)) else []

        return wait_for(settled, f"{count} ready pods of {selector}")


@cache
def minor_version(program: str) -> int:
    command = [program, "version", "--client", "-o", "json"]
    told = json.loads(subprocess.check_output(command, timeout=60))["clientVersion"]["minor"]
    return int("".join(takewhile(str.isdigit, told)))


def is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def wait_for(look: Callable[[], T], what: str, seconds: float = WAIT_SECONDS) -> T:
    """What `look` answers, once it is something."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}"
        time.sleep(LOOK_SECONDS)


def toured() -> list[str]:
    """The programs that take the tours: those that `KUBECTLS` names, as PATH would.

    Without it the oldest and the newest of the versioned ones, or else the one on the PATH; none of
    before v1.27.
    """
    installed = versions()
    beside = sorted(installed[1:], key=minor_version)
    found = [beside[0], beside[-1]] if len(beside) > 1 else installed[:1]
    if named := os.environ.get("KUBECTLS"):
        found = named.split(os.pathsep)
    return [program for program in found if minor_version(program) >= OLDEST_TOURED]


def versions() -> list[str]:
    """Every kubectl of this machine: the one on the PATH, and versioned ones beside it."""
    first = shutil.which("kubectl")
    if first is None:
        return []
    beside = Path(first).resolve().parent
    return [first, *map(str, sorted(beside.glob("kubectl.1.*")))]
