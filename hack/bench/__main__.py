"""`make bench`: what the budgets of the design look like on this machine. Asserts nothing.

Each part runs in a process, and in a network namespace, of its own: `--only proxy` runs one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import apiserver
import controlplane
import custom
import load
import pods
import proxy
import scheduler
import table

Part = Callable[[], Awaitable[dict[str, float]]]

PARTS: dict[str, Part] = {
    "apiserver": apiserver.measure,
    "custom": custom.measure,
    "load": load.measure,
    "controlplane": controlplane.measure,
    "scheduler": scheduler.measure,
    "proxy": proxy.measure,
    "pods": pods.measure,
}
# `kubepy up` makes its own namespaces, beside the machine's own network.
OUTSIDE = ("pods",)
DEADLINE = 900  # seconds for one part


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="run this part only")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.part:
        print(json.dumps(asyncio.run(PARTS[chosen.part]())))
        return
    measured: dict[str, float] = {}
    notes: list[str] = []
    for name in chosen.only or PARTS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        found, note = run(name)
        measured |= found
        if note:
            notes.append(f"{name}: {note}")
    table.show(measured, notes)


def run(name: str) -> tuple[dict[str, float], str]:
    """What a part measured, or why it could not."""
    command = [sys.executable, str(Path(__file__).parent), f"--part={name}"]
    if name not in OUTSIDE:
        if os.geteuid() != 0:
            return {}, "needs root, for a network namespace of its own"
        inside = 'ip link set lo up && exec "$@"'
        command = ["unshare", "--net", "sh", "-c", inside, "sh", *command]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=DEADLINE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return {}, str(error)
    if done.returncode:
        return {}, f"ended with status {done.returncode}"
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found, ""


if __name__ == "__main__":
    main()
