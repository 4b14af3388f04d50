"""Kubeconfig files: written for components, and merged into the user's own as kubectl expects it.

Merging touches our entries only: whatever else the file holds, also what nobody here knows, stays.
"""

from __future__ import annotations

import base64
import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from kubepy.base.files import write_file

LOCK_PATIENCE = 10.0  # seconds to wait for somebody else's lock
SECTIONS = {"clusters": "cluster", "contexts": "context", "users": "user"}


class KubeconfigError(Exception):
    """The user's kubeconfig cannot be read, or is locked."""


class Entry(Struct, frozen=True):
    """A cluster, a user and the context that joins them. Certificates and keys are PEM."""

    cluster: str
    server: str
    authority: bytes
    user: str
    certificate: bytes
    key: bytes
    context: str = ""  # empty: as kubeadm calls it, user@cluster

    @property
    def context_name(self) -> str:
        return self.context or f"{self.user}@{self.cluster}"


def document(entry: Entry) -> dict[str, Any]:
    """A kubeconfig that holds `entry` alone."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": entry.cluster,
                "cluster": {
                    "certificate-authority-data": _base64(entry.authority),
                    "server": entry.server,
                },
            }
        ],
        "users": [
            {
                "name": entry.user,
                "user": {
                    "client-certificate-data": _base64(entry.certificate),
                    "client-key-data": _base64(entry.key),
                },
            }
        ],
        "contexts": [
            {
                "name": entry.context_name,
                "context": {"cluster": entry.cluster, "user": entry.user},
            }
        ],
        "current-context": entry.context_name,
        "preferences": {},
    }


def renamed(content: bytes, name: str) -> dict[str, Any]:
    """A kubeconfig of one context, with its cluster, user and context called `name`."""
    data = yaml.safe_load(content)
    for section in SECTIONS:
        data[section][0]["name"] = name
    data["contexts"][0]["context"] |= {"cluster": name, "user": name}
    return {**data, "current-context": name}


def merged(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """`theirs` with the entries of `mine` put in, in place of any of the same name."""
    result: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", **theirs}
    for section in SECTIONS:
        names = {entry["name"] for entry in mine[section]}
        kept = [e for e in theirs.get(section) or () if e.get("name") not in names]
        result[section] = [*kept, *mine[section]]
    return {**result, "current-context": mine["current-context"]}


def without(name: str, theirs: Mapping[str, Any]) -> dict[str, Any]:
    """`theirs` without the cluster, user and context called `name`."""
    result = dict(theirs)
    for section in SECTIONS:
        entries = theirs.get(section) or ()
        if any(entry.get("name") == name for entry in entries):
            result[section] = [entry for entry in entries if entry.get("name") != name]
    if theirs.get("current-context") == name:
        result["current-context"] = ""
    return result


def files(environment: Mapping[str, str]) -> list[Path]:
    """The user's kubeconfig files: those of $KUBECONFIG, or the one in their home."""
    listed = [part for part in environment.get("KUBECONFIG", "").split(os.pathsep) if part]
    return [Path(part).absolute() for part in listed] or [Path.home() / ".kube" / "config"]


def file_to_write(candidates: list[Path]) -> Path:
    """Where a new entry goes: the first file that exists, or else the last of the list."""
    return next((path for path in candidates if path.exists()), candidates[-1])


def has_context(path: Path, name: str) -> bool:
    """Raises KubeconfigError."""
    return any(entry.get("name") == name for entry in _read(path).get("contexts") or ())


def merge_into(path: Path, mine: Mapping[str, Any]) -> None:
    """Raises KubeconfigError."""
    with _locked(path):
        _write(path, merged(mine, _read(path)))


def remove_from(path: Path, name: str) -> bool:
    """Take our entries out of a file; whether there were any. Raises KubeconfigError."""
    if not path.exists():
        return False
    with _locked(path):
        theirs = _read(path)
        result = without(name, theirs)
        if result == theirs:
            return False
        if any(result.get(section) for section in SECTIONS):
            _write(path, result)
        else:
            path.unlink()  # it was ours alone
        return True


def dump(data: Mapping[str, Any]) -> bytes:
    return yaml.safe_dump(dict(data), sort_keys=False, width=10**6).encode()


def _read(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_bytes()) or {}
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError) as error:
        raise KubeconfigError(f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise KubeconfigError(f"{path}: is not a kubeconfig")
    return data


def _write(path: Path, data: Mapping[str, Any]) -> None:
    real = path.resolve()  # a link to the real file stays a link
    mode = real.stat().st_mode & 0o777 if real.exists() else 0o600
    write_file(real, dump(data), mode=mode)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """kubectl's own lock: a file beside it that only one can make."""
    lock = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0))
                break
            except FileExistsError:
                if time.monotonic() > deadline:
                    raise KubeconfigError(
                        f"{path}: locked; if nobody uses it, remove {lock}"
                    ) from None
                time.sleep(0.05)
    except OSError as error:
        raise KubeconfigError(f"{path}: {error.strerror}") from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _base64(pem: bytes) -> str:
    return base64.b64encode(pem).decode()
