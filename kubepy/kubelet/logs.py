"""Container logs on disk: rotated when they grow, removed with their containers.

<root>/<namespace>_<pod>_<uid>/<container>/0.log                    written by the runtime
                                          /0.log.20260102-030405    rotated, the newest
                                          /0.log.20260102-020405.gz rotated before it
"""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

DIRECTORY_MODE = 0o755
_STAMP = "%Y%m%d-%H%M%S"


class Limits(Struct, frozen=True):
    """Bytes of a log before it is rotated; files kept of it, the current one included."""

    size: int = 10 << 20
    files: int = 5


def is_due(path: str, limits: Limits) -> bool:
    """Whether the log has grown past its size."""
    try:
        return os.stat(path).st_size >= limits.size
    except OSError:
        return False


def rotate(path: str, limits: Limits, now: float) -> str:
    """Move the log aside and compress what was moved before; the runtime must reopen it then.

    Returns the new name, to which the runtime writes until it has reopened the log.
    """
    for old in surplus(_rotated(path), limits.files - 2):
        with suppress(OSError):
            os.unlink(old)
    for old in _rotated(path):
        if not old.endswith(".gz"):
            _compress(old)
    moved = f"{path}.{datetime.fromtimestamp(now, UTC).strftime(_STAMP)}"
    os.rename(path, moved)
    return moved


def surplus(rotated: Sequence[str], keep: int) -> list[str]:
    """The oldest files beyond those to keep."""
    return list(rotated[: max(0, len(rotated) - max(0, keep))])


def _rotated(path: str) -> list[str]:
    """Rotated files of one log, the oldest first."""
    file = Path(path)
    return sorted(str(p) for p in file.parent.glob(f"{file.name}.*") if not p.name.endswith(".tmp"))


def _compress(path: str) -> None:
    target = f"{path}.gz"
    with open(path, "rb") as source, gzip.open(f"{target}.tmp", "wb") as packed:
        shutil.copyfileobj(source, packed)
    os.rename(f"{target}.tmp", target)
    os.unlink(path)


def next_number(directory: str) -> int:
    """One more than the highest number of a log in a container's directory; 0 if there is none.

    It is how often the container was started, when the runtime has forgotten.
    """
    highest = -1
    with suppress(OSError):
        for name in os.listdir(directory):
            number = name.partition(".log")[0]
            if number.isdecimal():
                highest = max(highest, int(number))
    return highest + 1


def make_directory(path: str) -> None:
    os.makedirs(path, mode=DIRECTORY_MODE, exist_ok=True)


def remove_log(path: str) -> None:
    """Remove a container's log with all that was rotated of it."""
    if not path:
        return
    for name in (path, *_rotated(path)):
        with suppress(OSError):
            os.unlink(name)


def remove_pod_directory(path: str) -> None:
    shutil.rmtree(path, ignore_errors=True)


def link(root: str, pod: str, namespace: str, container: str, id: str, log: str) -> None:
    """The flat name under <root>/../containers that log collectors follow."""
    directory = Path(root).parent / "containers"
    with suppress(OSError):
        directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        (directory / f"{pod}_{namespace}_{container}-{id}.log").symlink_to(log)


def unlink_dangling(root: str) -> None:
    """Remove the flat names whose logs are gone."""
    directory = Path(root).parent / "containers"
    if not directory.is_dir():
        return
    for entry in directory.iterdir():
        if entry.is_symlink() and not entry.exists():
            with suppress(OSError):
                entry.unlink()
