"""Static pods: manifests in a directory, read when they change.

A static pod is called <name>-<node>, and its uid is a hash of the manifest: another manifest is
another pod.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.core.v1 import Pod, Toleration
from kubepy.api.types import Time
from kubepy.base.clock import Clock
from kubepy.kubelet.sources.defaults import with_defaults
from kubepy.kubelet.sources.inotify import Inotify

HASH = "kubernetes.io/config.hash"
MIRROR = "kubernetes.io/config.mirror"
SOURCE = "kubernetes.io/config.source"
SEEN = "kubernetes.io/config.seen"
SUFFIXES = (".yaml", ".yml", ".json", ".manifest")
SETTLE = 0.1  # seconds between a change and reading it: editors write in pieces
MANIFEST_LIMIT = 1 << 20  # bytes

_log = logging.getLogger(__name__)


def parse(raw: bytes, node: str, source: str, now: float) -> Pod:
    """The static pod that a manifest describes. codec.DecodeError if it is none."""
    pod, problems = codec.decode_lenient(Pod, raw, fmt="yaml")
    if not pod.metadata.name or not pod.spec.containers:
        raise codec.DecodeError("a pod needs a name and a container")
    for problem in problems:
        _log.warning("%s: %s", source, problem)
    meta = pod.metadata
    uid = meta.uid or hashlib.md5(
        b"\0".join((node.encode(), source.encode(), raw)), usedforsecurity=False
    ).hexdigest()  # fmt: skip
    annotations = meta.annotations | {
        HASH: uid,
        SOURCE: "file",
        SEEN: Time.from_unix(now),
    }
    metadata = replace(
        meta,
        name=f"{meta.name}-{node.lower()}",
        namespace=meta.namespace or "default",
        uid=uid,
        generation=1,
        annotations=annotations,
    )
    everything = Toleration(operator="Exists", effect="NoExecute")
    spec = replace(pod.spec, nodeName=node, tolerations=(*pod.spec.tolerations, everything))
    return with_defaults(replace(pod, metadata=metadata, spec=spec))


class Manifests:
    """A directory of manifests, or one of them; `on_change` hears of all pods in it by uid."""

    def __init__(
        self, path: str, node: str, clock: Clock, on_change: Callable[[Mapping[str, Pod]], None]
    ) -> None:
        self._path = Path(path)
        self._node = node
        self._clock = clock
        self._on_change = on_change
        self._read: dict[Path, tuple[bytes, Pod | None]] = {}

    async def run(self, period: float) -> None:
        """Read at once, on each change, and every `period` seconds; until cancelled."""
        with Inotify(str(self._path)) as changes:
            while True:
                self._on_change(await asyncio.to_thread(self.read))
                await changes.wait(period)
                await self._clock.sleep(SETTLE)

    def read(self) -> dict[str, Pod]:
        """The pods by uid. A file that is no manifest is reported once and left out."""
        known, self._read = self._read, {}
        for path in self._files():
            try:
                if path.stat().st_size > MANIFEST_LIMIT:
                    raise codec.DecodeError("larger than a manifest may be")
                raw = path.read_bytes()
            except (OSError, codec.DecodeError) as error:
                _log.error("manifest %s: %s", path, error)
                continue
            before = known.get(path)
            if before is not None and before[0] == raw:
                self._read[path] = before
                continue
            self._read[path] = (raw, self._parse(path, raw))
        return {pod.metadata.uid: pod for _, pod in self._read.values() if pod is not None}

    def _parse(self, path: Path, raw: bytes) -> Pod | None:
        try:
            return parse(raw, self._node, str(path), self._clock.now())
        except codec.DecodeError as error:
            _log.error("manifest %s: %s", path, error)
            return None

    def _files(self) -> list[Path]:
        if self._path.is_file():
            return [self._path]
        if not self._path.is_dir():
            return []
        return sorted(
            path
            for path in self._path.iterdir()
            if path.is_file() and not path.name.startswith(".") and path.suffix in SUFFIXES
        )
