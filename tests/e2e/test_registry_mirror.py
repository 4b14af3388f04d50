"""An image from a registry on the machine's own loopback, pulled from inside a node."""

from __future__ import annotations

import io
import json
import os
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from kubectl import Kubectl
from local_cluster import Cluster
from msgspec.structs import replace

from kubepy.cluster import machine
from kubepy.cluster.images import busybox, oci
from kubepy.cluster.images.oci import Entry

pytestmark = pytest.mark.e2e

REPOSITORY, TAG = "shop/tool", "v1"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def blobs(archive: bytes) -> tuple[str, dict[str, bytes]]:
    """The digest of an archive's manifest, and everything in it by digest."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}  # type: ignore[union-attr]
    manifest = json.loads(files["index.json"])["manifests"][0]
    found = {f"sha256:{n.rpartition('/')[2]}": c for n, c in files.items() if "blobs/" in n}
    return manifest["digest"], found


@pytest.fixture
def registry() -> Iterator[tuple[str, list[str]]]:
    """A read-only registry with one image: its URL, and the paths it was asked for."""
    program = machine.which("busybox")
    known = busybox.image(busybox.find(Path(program)))
    image = replace(known, entries=(*known.entries, Entry("etc/motd", b"new\n")))
    digest, content = blobs(oci.archive(image, oci.architecture()))
    asked: list[str] = []

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            asked.append(self.path)
            name = path.rpartition("/")[2]
            body = content.get(digest if name == TAG else name)
            if path == "/v2/":
                body = b"{}"
            if body is None:
                self.send_error(404)
                return
            self.send_response(200)
            kind = MANIFEST if "/manifests/" in path else "application/octet-stream"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Docker-Content-Digest", digest if name == TAG else name)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # the name is http.server's

        def log_message(self, *_: object) -> None:
            """The tests say what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_mirror_on_loopback_is_asked(tmp_path: Path, registry: tuple[str, list[str]]) -> None:
    if os.geteuid() != 0:
        pytest.skip("a node needs root")
    url, asked = registry
    cluster = Cluster("e2e-mirror", tmp_path / "config")
    try:
        up = cluster.kubepy("up", "--registry-mirror", f"docker.io={url}")
        assert up.returncode == 0, up.stdout + up.stderr
        kubectl = Kubectl(cluster.kubeconfig)
        kubectl("run", "a", f"--image={REPOSITORY}:{TAG}", "--", "sleep", "1000")
        kubectl("wait", "--for=condition=Ready", "pod/a", "--timeout=60s")
    finally:
        cluster.kubepy("down")
    assert any(f"/v2/{REPOSITORY}/manifests/{TAG}" in path for path in asked)
    assert any("/blobs/" in path for path in asked)
