"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read; whole or not at all."""
    write_file(path, content, mode=0o600)


def write_file(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Replace a file in one step, never leaving half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(fd, "wb") as file:
            os.fchmod(fd, mode)
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def replace_link(path: Path, target: str) -> None:
    """Lead a symbolic link elsewhere in one step. For one writer at a time."""
    temporary = path.with_name(f".{path.name}.new")
    with contextlib.suppress(FileNotFoundError):  # of a writer that died
        temporary.unlink()
    temporary.symlink_to(target)
    os.replace(temporary, path)
