"""What the client promises, over every transport to the real apiserver."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from msgspec.structs import replace

from kubepy.api.authentication.v1 import TokenRequest
from kubepy.api.coordination.v1 import Lease, LeaseSpec
from kubepy.api.core.v1 import (
    ConfigMap,
    Container,
    Namespace,
    Pod,
    PodSpec,
    Secret,
    ServiceAccount,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import MicroTime
from kubepy.apiserver import run as apiserver
from kubepy.apiserver.config import Config
from kubepy.apiserver.server import ADMIN
from kubepy.base import tls
from kubepy.base.clock import SystemClock
from kubepy.client import Client, Event, connect, direct
from kubepy.client.informer import Informer
from kubepy.meta import errors
from kubepy.storage import sqlite


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def configure(folder: Path) -> Config:
    """A PKI, an apiserver's configuration that uses it."""
    now = SystemClock().now()
    authority = tls.new_authority("kubernetes", now=now)
    (folder / "ca.crt").write_bytes(authority.certificate)
    server = tls.issue(
        authority, "kube-apiserver", now=now, names=["127.0.0.1"], usages=[tls.SERVER]
    )
    admin = tls.issue(
        authority, "kubernetes-admin", now=now, organizations=["system:masters"],
        usages=[tls.CLIENT],
    )  # fmt: skip
    tls.write_pair(server, folder / "server.crt", folder / "server.key")
    tls.write_pair(admin, folder / "admin.crt", folder / "admin.key")
    private, public = tls.new_signing_key()
    (folder / "sa.key").write_bytes(private)
    (folder / "sa.pub").write_bytes(public)
    return Config(
        bind_address="127.0.0.1",
        secure_port=free_port(),
        grpc_port=free_port(),
        grpc_token_port=free_port(),
        tls_cert_file=str(folder / "server.crt"),
        tls_private_key_file=str(folder / "server.key"),
        client_ca_file=str(folder / "ca.crt"),
        service_account_issuer=("https://kubernetes.default.svc",),
        service_account_key_file=(str(folder / "sa.pub"),),
        service_account_signing_key_file=str(folder / "sa.key"),
        service_cluster_ip_range="10.96.0.0/16",
    )


def kubeconfig(folder: Path, port: int, user: dict[str, Any]) -> Path:
    file = folder / "kubeconfig"
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority": "ca.crt"}
    file.write_text(
        yaml.safe_dump(
            {
                "current-context": "c",
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": cluster}],
                "users": [{"name": "u", "user": user}],
            }
        )
    )
    return file


class Served:
    """A served apiserver, and the folder with its keys."""

    def __init__(self, server: apiserver.Apiserver, folder: Path) -> None:
        self.server = server
        self.folder = folder

    def client(self, transport: str, **user: Any) -> Client:
        if transport == "direct":
            return direct(self.server.handler, ADMIN)
        user = user or {"client-certificate": "admin.crt", "client-key": "admin.key"}
        ports = self.server.ports
        file = kubeconfig(self.folder, ports.https, user)
        if transport == "rest":
            return connect(file, "rest")
        return connect(
            file, "grpc", grpc_port=ports.grpc_token if "token" in str(user) else ports.grpc
        )


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    clock, store = SystemClock(), await sqlite.open()
    for number in range(3):  # a past that nobody can watch any more
        await store.write(f"/registry/past/{number}", b"{}", expect=0)
    await store.compact(await store.revision())
    async with apiserver.serving(
        configure(tmp_path), clock=clock, random=random.Random(1), store=store
    ) as server:
        made = Served(server, tmp_path)
        admin = made.client("direct")
        await admin.create(Namespace(metadata=ObjectMeta(name="shop")))
        await admin.create(ServiceAccount(metadata=ObjectMeta(name="default", namespace="shop")))
        yield made


@pytest.fixture(params=["direct", "rest", "grpc"])
async def client(served: Served, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    made = served.client(request.param)
    yield made
    await made.close()


def config(name: str, labels: dict[str, str] | None = None, **data: str) -> ConfigMap:
    meta = ObjectMeta(name=name, namespace="shop", labels=labels or {})
    return ConfigMap(metadata=meta, data=data)


async def names(client: Client, **selection: Any) -> list[str]:
    listing = await client.list(ConfigMap, "shop", **selection)
    return [found.metadata.name for found in listing.items]


async def test_what_is_created_is_read_and_listed_without_kind(client: Client) -> None:
    made = await client.create(config("a", key="value"))
    assert (made.kind, made.apiVersion, made.metadata.uid != "") == ("", "", True)
    assert await client.get(ConfigMap, "a", "shop") == made
    listing = await client.list(ConfigMap, "shop")
    assert listing.items == (made,)
    assert int(listing.resource_version) >= int(made.metadata.resourceVersion)


async def test_objects_in_a_list_are_complete(client: Client) -> None:
    spec = PodSpec(containers=(Container(name="c", image="i"),))
    pod = await client.create(Pod(metadata=ObjectMeta(name="p", namespace="shop"), spec=spec))
    (listed,) = (await client.list(Pod)).items
    assert listed == pod
    assert listed.spec.containers[0].terminationMessagePath == "/dev/termination-log"


async def test_a_stale_update_is_a_conflict(client: Client) -> None:
    first = await client.create(config("a"))
    await client.update(replace(first, data={"by": "one"}))
    with pytest.raises(errors.Conflict) as caught:
        await client.update(replace(first, data={"by": "two"}))
    assert "the object has been modified" in str(caught.value)


async def test_errors_are_the_servers(client: Client) -> None:
    with pytest.raises(errors.NotFound, match='configmaps "none" not found'):
        await client.get(ConfigMap, "none", "shop")
    await client.create(config("a"))
    with pytest.raises(errors.AlreadyExists):
        await client.create(config("a"))
    with pytest.raises(errors.Invalid) as caught:
        await client.create(config("Not A Name"))
    assert caught.value.causes[0].field == "metadata.name"


async def test_patches_of_three_styles(client: Client) -> None:
    await client.create(config("a", x="1"))
    merged = await client.patch(ConfigMap, "a", "shop", patch={"data": {"y": "2"}})
    assert merged.data == {"x": "1", "y": "2"}
    steps = [{"op": "remove", "path": "/data/x"}]
    patched = await client.patch(ConfigMap, "a", "shop", patch=steps, style="json")
    assert patched.data == {"y": "2"}
    merged = await client.patch(
        ConfigMap, "a", "shop", patch={"data": {"y": None}}, style="strategic"
    )
    assert merged.data == {}


async def test_status_is_a_door_of_its_own(client: Client) -> None:
    spec = PodSpec(containers=(Container(name="c", image="i"),))
    pod = await client.create(Pod(metadata=ObjectMeta(name="p", namespace="shop"), spec=spec))
    status = replace(pod.status, phase="Running")
    written = await client.update(replace(pod, status=status), subresource="status")
    assert written.status.phase == "Running"


async def test_selectors_and_pages(client: Client) -> None:
    for number in range(5):
        await client.create(config(f"c{number}", {"even": str(number % 2 == 0).lower()}))
    assert await names(client, label_selector="even=true") == ["c0", "c2", "c4"]
    assert await names(client, field_selector="metadata.name=c3") == ["c3"]
    first = await client.list(ConfigMap, "shop", limit=2)
    rest = await client.list(ConfigMap, "shop", limit=9, continue_=first.continue_)
    pages = [found.metadata.name for found in (*first.items, *rest.items)]
    assert pages == ["c0", "c1", "c2", "c3", "c4"]
    assert (bool(first.continue_), rest.continue_) == (True, "")


async def test_deletes_spare_what_they_do_not_mean(client: Client) -> None:
    made = await client.create(config("a"))
    with pytest.raises(errors.Conflict, match="does not match the UID"):
        await client.delete(ConfigMap, "a", "shop", uid="another")
    with pytest.raises(errors.Conflict, match="ResourceVersion"):
        await client.delete(ConfigMap, "a", "shop", resource_version="1")
    await client.delete(ConfigMap, "a", "shop", uid=made.metadata.uid)
    assert await names(client) == []


async def test_collections_are_deleted_by_selection(client: Client) -> None:
    await client.create(config("a", {"x": "1"}))
    await client.create(config("b"))
    await client.delete_collection(ConfigMap, "shop", label_selector="x=1")
    assert await names(client) == ["b"]


async def test_the_owner_waits_as_propagation_says(client: Client) -> None:
    await client.create(config("a"))
    await client.delete(ConfigMap, "a", "shop", propagation="Foreground")
    found = await client.get(ConfigMap, "a", "shop")
    assert found.metadata.finalizers == ("foregroundDeletion",)


async def test_a_subresource_answers_with_its_own_kind(client: Client) -> None:
    answer = await client.create_subresource(
        ServiceAccount, "default", "shop", "token", TokenRequest(), TokenRequest
    )
    assert answer.status.token.count(".") == 2


async def test_a_watch_tells_every_change_in_order(client: Client) -> None:
    listing = await client.list(ConfigMap, "shop")
    seen: list[tuple[str, str]] = []
    stream = client.watch(ConfigMap, "shop", resource_version=listing.resource_version)
    async with aclosing(stream) as events:
        made = await client.create(config("a"))
        await client.update(replace(made, data={"k": "v" * 200_000}))
        await client.create(config("b"))
        await client.delete(ConfigMap, "a", "shop")
        async for event in events:
            assert event.object.kind == ""
            seen.append((event.type, event.object.metadata.name))
            if event.type == "DELETED":
                break
    assert seen == [("ADDED", "a"), ("MODIFIED", "a"), ("ADDED", "b"), ("DELETED", "a")]


async def test_a_watch_by_selector_tells_who_comes_and_goes(client: Client) -> None:
    listing = await client.list(ConfigMap, "shop")
    stream: Any = client.watch(
        ConfigMap, "shop", label_selector="x=1", resource_version=listing.resource_version
    )
    async with aclosing(stream) as events:
        made = await client.create(config("a", {"x": "1"}))
        await client.update(replace(made, metadata=replace(made.metadata, labels={})))
        got: list[Event[ConfigMap]] = [await anext(events), await anext(events)]
    assert [event.type for event in got] == ["ADDED", "DELETED"]


async def test_a_watch_ends_when_asked(client: Client) -> None:
    listing = await client.list(Secret, "shop")
    stream = client.watch(Secret, "shop", resource_version=listing.resource_version, timeout=1)
    async with aclosing(stream) as events:
        kinds = [event.type async for event in events]
    assert set(kinds) <= {"BOOKMARK"}


async def test_a_watch_from_too_long_ago_is_gone(client: Client) -> None:
    with pytest.raises(errors.Gone):
        async with aclosing(client.watch(ConfigMap, "shop", resource_version="1")) as events:
            await anext(events)


async def test_times_keep_their_precision(client: Client) -> None:
    time = MicroTime("2026-01-02T03:04:05.000006Z")
    lease = Lease(metadata=ObjectMeta(name="l", namespace="shop"), spec=LeaseSpec(renewTime=time))
    assert (await client.create(lease)).spec.renewTime == time


async def test_an_informer_follows(client: Client) -> None:
    await client.create(config("before"))
    informer = Informer(client, ConfigMap, "shop")
    told: asyncio.Queue[tuple[str | None, str | None]] = asyncio.Queue()
    informer.subscribe(
        lambda old, new: told.put_nowait((old and old.metadata.name, new and new.metadata.name))
    )
    async with asyncio.TaskGroup() as group:
        run = group.create_task(informer.run())
        assert await told.get() == (None, "before")
        await informer.synced()
        await client.create(config("after"))
        assert await told.get() == (None, "after")
        await client.delete(ConfigMap, "before", "shop")
        assert await told.get() == ("before", None)
        assert [found.metadata.name for found in informer.all()] == ["after"]
        run.cancel()


@pytest.mark.parametrize("transport", ["rest", "grpc"])
async def test_a_token_file_is_read(served: Served, transport: str) -> None:
    admin = served.client("direct")
    answer = await admin.create_subresource(
        ServiceAccount, "default", "shop", "token", TokenRequest(), TokenRequest
    )
    (served.folder / "token").write_text(answer.status.token + "\n")
    client = served.client(transport, tokenFile="token")
    with pytest.raises(errors.Forbidden, match="system:serviceaccount:shop:default"):
        await client.list(Secret, "kube-system")
    await client.close()


@pytest.mark.parametrize("transport", ["rest", "grpc"])
async def test_a_server_that_is_not_there_is_a_connection_error(
    tmp_path: Path, transport: Literal["rest", "grpc"]
) -> None:
    configure(tmp_path)
    client = connect(kubeconfig(tmp_path, 1, {"token": "x"}), transport)
    with pytest.raises(ConnectionError, match="127.0.0.1:"):
        await client.get(ConfigMap, "a", "shop")
    with pytest.raises(ConnectionError):
        async with aclosing(client.watch(ConfigMap)) as events:
            await anext(events)
    await client.close()


@pytest.mark.parametrize("transport", ["rest", "grpc"])
async def test_a_server_of_another_authority_is_refused(served: Served, transport: str) -> None:
    other = tls.new_authority("other", now=SystemClock().now())
    (served.folder / "ca.crt").write_bytes(other.certificate)
    client = served.client(transport)
    with pytest.raises(ConnectionError, match="(?i)certificate"):
        await client.get(ConfigMap, "a", "shop")
    await client.close()
