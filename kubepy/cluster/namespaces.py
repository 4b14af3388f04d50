"""A node as a set of namespaces: start the holder, and run programs inside."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

import kubepy
from kubepy.cluster import cgroups, holder, processes
from kubepy.cluster.machine import Machine
from kubepy.cluster.processes import Process

NAMESPACES = ("--mount", "--net", "--uts", "--ipc", "--pid", "--cgroup")
SOURCE = Path(kubepy.__file__).parent.parent  # where our own processes import kubepy from


class NodeError(Exception):
    """The node's namespaces cannot be made."""


def environment() -> dict[str, str]:
    """What a process of ours needs to find this very kubepy."""
    return {"PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}


def start(plan: holder.Plan, machine: Machine, cgroup: str, log: Path) -> Process:
    """Make the namespaces; the process that holds them. Raises NodeError.

    The holder is the child of an `unshare` that waits for it, and dies with it.
    """
    every = cgroups.here()
    cgroups.make(cgroup, every)
    Path("/var/lib/cni").mkdir(parents=True, exist_ok=True)  # to mount on, inside
    reading, writing = os.pipe()
    plan = msgspec.structs.replace(plan, report=writing)
    command = [
        machine.unshare, *NAMESPACES, "--fork", "--kill-child", "--propagation", "private",
        sys.executable, "-m", "kubepy.cluster.holder", msgspec.json.encode(plan).decode(),
    ]  # fmt: skip
    join = cgroups.joining(cgroup, every, founding=True)
    outer = processes.spawn([*join, *command], log, environment=environment(), keep=(writing,))
    os.close(writing)
    report = os.read(reading, 4096)  # empty if the holder died: `unshare` goes with it
    os.close(reading)
    inner = processes.children(outer.pid)
    found = processes.identify(inner[0]) if report == holder.OK and inner else None
    if found is None:
        outer.kill()
        reason = report.decode(errors="replace") or processes.last_words(log)
        raise NodeError(f"the node's namespaces cannot be made: {reason}")
    cgroups.settle(cgroup, every)
    return found


class Inside(Struct, frozen=True):
    """A running node's namespaces and cgroup, to run programs in."""

    holder: Process
    machine: Machine
    cgroup: str

    @property
    def root(self) -> Path:
        """The node's file system, seen from outside."""
        return Path(f"/proc/{self.holder.pid}/root")

    def command(self, words: Sequence[str | Path]) -> list[str]:
        target = str(self.holder.pid)
        return [self.machine.nsenter, "--target", target, *NAMESPACES, "--", *map(str, words)]

    def run(self, words: Sequence[str | Path], text: str = "") -> str:
        """Run a program to its end; what it printed. Raises NodeError."""
        done = subprocess.run(
            self.command(words), input=text, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise NodeError(f"{words[0]}: {' '.join(done.stderr.split())}")
        return done.stdout

    def spawn(
        self, words: Sequence[str | Path], log: Path, environment: dict[str, str] | None = None
    ) -> Process:
        """Start a program that goes on; the program itself, not the `nsenter` before it.

        Raises NodeError if it does not even start.
        """
        since = log.stat().st_size if log.exists() else 0
        # entering a cgroup namespace does not move a process into the cgroup: it joins by itself
        join = cgroups.joining(self.cgroup, cgroups.here())
        command = [*join, *self.command(words)]
        outer = processes.spawn(command, log, environment=environment)
        processes.wait_until(
            lambda: outer.poll() is not None or bool(processes.children(outer.pid)),
            10,
            f"starting {words[0]}",
        )
        inner = processes.children(outer.pid)
        found = processes.identify(inner[0]) if inner else None
        if found is None:
            raise NodeError(f"{words[0]}: {processes.last_words(log, since=since)}")
        return found
