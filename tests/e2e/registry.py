"""A real registry on loopback, and images pushed into it over its own API."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from by_hand import free_port
from kubectl import wait_for

FETCHED = Path(sys.prefix) / "registry" / "usr" / "bin"  # unpacked by `make`, never started by it


def program() -> str | None:
    """Debian's docker-registry, installed or only unpacked."""
    return shutil.which("docker-registry", path=f"{os.environ['PATH']}:{FETCHED}")


class Registry:
    """A running registry; `url` is plain HTTP on loopback."""

    def __init__(self, url: str) -> None:
        self.url = url

    def push(self, archive: bytes, repository: str, tag: str) -> str:
        """Push the first image of an OCI archive; its manifest's digest."""
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            files = {m.name: tar.extractfile(m) for m in tar.getmembers() if m.isfile()}
            content = {name: file.read() for name, file in files.items() if file is not None}
        described = json.loads(content["index.json"])["manifests"][0]
        blob = lambda digest: content["blobs/" + digest.replace(":", "/")]  # noqa: E731
        raw = blob(described["digest"])
        manifest = json.loads(raw)
        for part in (manifest["config"], *manifest["layers"]):
            self._upload(repository, part["digest"], blob(part["digest"]))
        url = f"{self.url}/v2/{repository}/manifests/{tag}"
        self._send("PUT", url, raw, described["mediaType"])
        digest: str = described["digest"]
        return digest

    def answers(self) -> bool:
        try:
            return self._send("GET", f"{self.url}/v2/")[0] == 200
        except urllib.error.URLError:
            return False

    def _upload(self, repository: str, digest: str, content: bytes) -> None:
        _, location = self._send("POST", f"{self.url}/v2/{repository}/blobs/uploads/", b"")
        joined = "&" if "?" in location else "?"
        self._send("PUT", f"{location}{joined}digest={digest}", content)

    def _send(
        self, method: str, url: str, body: bytes | None = None,
        kind: str = "application/octet-stream",
    ) -> tuple[int, str]:  # fmt: skip
        asked = urllib.request.Request(url, body, {"Content-Type": kind}, method=method)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, answer.headers.get("Location", "")


@contextmanager
def registry(folder: Path) -> Iterator[Registry]:
    """A registry that keeps everything in `folder`."""
    command, port = program(), free_port()
    assert command is not None
    config = folder / "registry.yml"
    config.write_text(
        "version: 0.1\nlog: {level: warn}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder / 'data'}}}}}\n"
        f"http: {{addr: 127.0.0.1:{port}}}\n"
    )
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen([command, "serve", str(config)], stdout=log, stderr=log)
    found = Registry(f"http://127.0.0.1:{port}")
    try:
        wait_for(found.answers, "the registry", 20)
        yield found
    finally:
        process.kill()
        process.wait()
