"""Others on the same etcd: python-etcd3 reads what kubepy wrote, kubepy what Kubernetes would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubepy import testing
from kubepy.api import protobuf
from kubepy.api.coordination.v1 import Lease
from kubepy.api.core.v1 import ConfigMap, Node, Service, ServicePort, ServiceSpec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.meta import errors
from kubepy.storage.etcd import store as etcd
from tests.etcd_server import EtcdServer, etcd_server, needs_etcd

pytestmark = needs_etcd
CHILD = Path(__file__).with_name("etcd3_child.py")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EtcdServer]:
    with etcd_server(tmp_path) as found:
        yield found


def neighbour(server: EtcdServer, **puts: bytes) -> dict[str, bytes]:
    """Everything in the etcd, after `puts` of ConfigMaps in the namespace default."""
    given = {f"/registry/configmaps/default/{name}": _text(v) for name, v in puts.items()}
    run = subprocess.run(
        [sys.executable, str(CHILD), server.url.rpartition(":")[2]],
        input=json.dumps(given), capture_output=True, text=True, check=True, timeout=60,
        env=os.environ | {"PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"},
    )  # fmt: skip
    return {key: b64decode(value) for key, value in json.loads(run.stdout).items()}


def _text(value: bytes) -> str:
    return b64encode(value).decode()


def named(name: str, namespace: str = "default") -> ObjectMeta:
    return ObjectMeta(name=name, namespace=namespace)


async def test_kubernetes_keys_and_values(server: EtcdServer) -> None:
    store = await etcd.open(server.access)
    async with testing.apiserver(store=store) as apiserver:
        create = apiserver.client.create
        await create(ConfigMap(metadata=named("a"), data={"k": "v"}))
        await create(Service(metadata=named("s"), spec=ServiceSpec(ports=(ServicePort(port=80),))))
        await create(Node(metadata=named("n1", "")))
        await create(Lease(metadata=named("l")))
        found = neighbour(server)
    assert found.keys() >= {
        "/registry/configmaps/default/a",
        "/registry/services/specs/default/s",
        "/registry/minions/n1",
        "/registry/leases/default/l",
        "/registry/namespaces/kube-system",
        "/registry/serviceaccounts/default/default",
    }
    stored = json.loads(found["/registry/configmaps/default/a"])
    assert (stored["kind"], stored["apiVersion"], stored["data"]) == ("ConfigMap", "v1", {"k": "v"})
    assert stored["metadata"].keys() >= {"name", "namespace", "uid", "creationTimestamp"}
    assert "resourceVersion" not in stored["metadata"]


async def test_what_kubernetes_has_stored_is_read_and_written_anew(server: EtcdServer) -> None:
    obj = ConfigMap(metadata=named("p"), data={"k": "protobuf"})
    envelope = protobuf.wrap("v1", "ConfigMap", protobuf.encode(obj))
    before = neighbour(
        server,
        p=envelope,
        j=b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"j","namespace":"default",'
        b'"creationTimestamp":null},"data":{"k":"json"}}\n',
        broken=b"k8s\0\xff",
    )
    assert before["/registry/configmaps/default/p"].startswith(b"k8s\0")
    store = await etcd.open(server.access)
    async with testing.apiserver(store=store) as apiserver:
        client = apiserver.client
        listed = await client.list(ConfigMap, "default")
        seen = {each.metadata.name: each for each in listed.items}
        assert {name: each.data["k"] for name, each in seen.items()} == {
            "p": "protobuf",
            "j": "json",
        }
        assert seen["p"].metadata.resourceVersion
        await client.patch(ConfigMap, "p", "default", patch={"data": {"k": "changed"}})
        neighbour(server, q=envelope.replace(b"\x01p", b"\x01q"))
        assert (await client.get(ConfigMap, "q", "default")).data == {"k": "protobuf"}
        with pytest.raises(errors.NotFound):
            await client.get(ConfigMap, "broken", "default")
        after = neighbour(server)
    assert json.loads(after["/registry/configmaps/default/p"])["data"] == {"k": "changed"}
