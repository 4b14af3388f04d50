"""Static pods and their mirrors."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from kubepy.api import codec
from kubepy.base.clock import SystemClock
from kubepy.kubelet.sources.manifests import HASH, MIRROR, Manifests, parse
from kubepy.kubelet.sources.mirrors import Create, Delete, decide, mirror_of

MANIFEST = b"""
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: busybox
    ports: [{containerPort: 80}]
    livenessProbe: {httpGet: {port: 80}}
"""


def static(raw=MANIFEST, node="n1"):
    return parse(raw, node, "/manifests/web.yaml", 0.0)


def test_a_manifest_becomes_a_pod_of_this_node():
    found = static()
    assert (found.metadata.name, found.metadata.namespace) == ("web-n1", "default")
    assert found.spec.nodeName == "n1"
    assert found.metadata.annotations[HASH] == found.metadata.uid
    assert found.spec.tolerations[0].operator == "Exists"
    [app] = found.spec.containers
    assert app.imagePullPolicy == "Always"
    assert app.terminationMessagePath == "/dev/termination-log"
    assert app.livenessProbe.periodSeconds == 10
    assert app.livenessProbe.httpGet.path == "/"
    assert found.spec.restartPolicy == "Always"


def test_the_uid_is_the_manifest_s():
    assert static().metadata.uid == static().metadata.uid
    assert static().metadata.uid != static(MANIFEST + b"# changed\n").metadata.uid
    assert static().metadata.uid != static(node="n2").metadata.uid


@pytest.mark.parametrize("raw", [b"", b"{", b"kind: Pod", b"[]"])
def test_what_is_no_pod(raw):
    with pytest.raises(codec.DecodeError):
        static(raw)


def test_a_directory_is_read(tmp_path):
    (tmp_path / "web.yaml").write_bytes(MANIFEST)
    (tmp_path / "bad.yaml").write_bytes(b"{")
    (tmp_path / "notes.txt").write_bytes(MANIFEST)
    (tmp_path / ".hidden.yaml").write_bytes(MANIFEST)
    manifests = Manifests(str(tmp_path), "n1", SystemClock(), lambda pods: None)
    assert [p.metadata.name for p in manifests.read().values()] == ["web-n1"]
    assert manifests.read() == manifests.read()


async def test_changes_are_noticed(tmp_path):
    seen = asyncio.Queue()
    manifests = Manifests(str(tmp_path), "n1", SystemClock(), seen.put_nowait)
    task = asyncio.create_task(manifests.run(3600))
    async with asyncio.timeout(10):
        assert await seen.get() == {}
        (tmp_path / "web.yaml").write_bytes(MANIFEST)
        while not (found := await seen.get()):
            pass
        assert [p.metadata.name for p in found.values()] == ["web-n1"]
    task.cancel()


def mirrored(pod, uid="m1", **changes):
    made = mirror_of(pod, None)
    return replace(made, metadata=replace(made.metadata, uid=uid, **changes))


def test_the_mirror():
    found = mirror_of(static(), None)
    assert found.metadata.uid == ""
    assert found.metadata.annotations[MIRROR] == static().metadata.uid


OTHER = static(MANIFEST + b"# changed\n")
GONE = Delete("default", "web-n1", "m1")


@pytest.mark.parametrize(
    ("statics", "mirrors", "actions"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([static()], [], [Create(static().metadata.uid)], id="missing"),
        pytest.param([static()], [mirrored(static())], [], id="there"),
        pytest.param([], [mirrored(static())], [GONE], id="of a manifest that is gone"),
        pytest.param([OTHER], [mirrored(static())], [GONE], id="of an older manifest"),
        pytest.param(
            [static()], [mirrored(static(), deletionTimestamp="2026-01-01T00:00:00Z")], [GONE],
            id="deleted by somebody",
        ),
    ],
)  # fmt: skip
def test_decide(statics, mirrors, actions):
    assert decide({p.metadata.uid: p for p in statics}, mirrors) == actions
