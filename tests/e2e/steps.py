"""A tour: commands in a row, and what a client of Kubernetes sees of each.

Step("get cm app", out="NAME DATA AGE\napp 2 …")

In `out` and `err`, `…` stands for anything, and runs of blanks count as one. In commands and
patterns, `@` is the tour's own name: its namespace, and the stem of what no namespace holds.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from kubectl import Kubectl
from msgspec import Struct

ANYTHING = "…"
VERSION_SKEW = re.compile(r"WARNING: version difference between client .*\n?")


class Step(Struct, frozen=True):
    """A command, as one types it after `kubectl`, and what must come of it."""

    command: str
    out: str = ""
    err: str = ""
    code: int = 0
    stdin: str = ""
    editor: str = ""  # what KUBE_EDITOR is
    since: int = 0  # kubectl's minor version that has it
    before: int = 100  # and the one that has it no more


def walk(kubectl: Kubectl, steps: Iterable[Step]) -> None:
    """Take the steps that this kubectl knows. Fails at the first that is not as it should be."""
    minor = kubectl.minor_version()
    for step in steps:
        if step.since <= minor < step.before:
            take(kubectl, step)


def take(kubectl: Kubectl, step: Step) -> None:
    def named(text: str) -> str:
        return text.replace("@", kubectl.namespace)

    words = shlex.split(named(step.command))
    result = kubectl.run(*words, stdin=named(step.stdin), editor=step.editor)
    told = f"kubectl {shlex.join(words)}\nstdout: {result.stdout}\nstderr: {result.stderr}"
    assert result.returncode == step.code, told
    assert fits(named(step.out), result.stdout), f"stdout is not {step.out!r}\n{told}"
    assert fits(named(step.err), VERSION_SKEW.sub("", result.stderr)), (
        f"stderr is not {step.err!r}\n{told}"
    )


def fits(pattern: str, text: str) -> bool:
    parts = [re.escape(part) for part in plain(pattern).split(ANYTHING)]
    return re.fullmatch(".*".join(parts), plain(text), re.DOTALL) is not None


def plain(text: str) -> str:
    """Without what only lines columns up."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
