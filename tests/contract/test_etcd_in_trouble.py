"""An etcd that is killed, held, cut off and compacted under load: nothing acknowledged is lost, no
watch misses or repeats an event, and two servers never disagree.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from kubepy import testing
from kubepy.api.core.v1 import ConfigMap, Service, ServicePort, ServiceSpec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver import server as servers
from kubepy.apiserver.checks import State, checks
from kubepy.apiserver.config import Config
from kubepy.base import tls
from kubepy.base.durations import Seconds
from kubepy.base.watermark import Watermark
from kubepy.meta import errors
from kubepy.storage.etcd import store as etcd
from kubepy.storage.etcd.connection import Access, Connection, Timing
from kubepy.storage.etcd.messages import message
from kubepy.storage.store import (
    Compacted,
    Conflict,
    Entry,
    Progress,
    StorageError,
    Store,
)
from tests.etcd_server import EtcdServer, etcd_cluster, etcd_server, free_port, needs_etcd

pytestmark = needs_etcd

PODS = "/registry/pods/"
A, B = f"{PODS}default/a", f"{PODS}default/b"
HASTY = Timing(call=1.0, attempt=0.5, retry=0.02, reconnect=0.1, start=20.0)
AT_ONCE = replace(HASTY, start=0.0)
PATIENCE = 60.0  # seconds until a test gives up


@pytest.fixture
def server(tmp_path: Path) -> Any:
    with etcd_server(tmp_path) as found:
        yield found


@asynccontextmanager
async def opened(access: Access) -> AsyncIterator[Store]:
    store = await etcd.open(access, timing=HASTY)
    try:
        yield store
    finally:
        await store.close()


class Cable:
    """The way to a server, on a port of its own, that can be cut and mended."""

    def __init__(self, server: EtcdServer) -> None:
        self._target = int(server.url.rpartition(":")[2])
        self._port = free_port()
        self._writers: set[asyncio.StreamWriter] = set()
        self._listener: asyncio.Server | None = None

    @property
    def access(self) -> Access:
        return Access(servers=(f"http://127.0.0.1:{self._port}",))

    async def mend(self) -> None:
        self._listener = await asyncio.start_server(self._join, "127.0.0.1", self._port)

    async def cut(self) -> None:
        assert self._listener is not None
        self._listener.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._listener.wait_closed()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, other_writer}
        await asyncio.gather(_pump(reader, other_writer), _pump(other_reader, writer))
        self._writers -= {writer, other_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


class Load:
    """Writers that count on keys of their own, over every store, and what they were told."""

    def __init__(self, *stores: Store) -> None:
        self.stores = stores
        self.acknowledged: dict[int, tuple[str, bytes]] = {}
        self.failures = 0
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Load:
        self._tasks = [
            asyncio.create_task(self._write(store, f"{PODS}load/{place}-{number}"))
            for place, store in enumerate(self.stores)
            for number in range(4)
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _write(self, store: Store, key: str) -> None:
        while True:
            try:
                there = await store.get(key)
                value = b"%d" % (int(there.value) + 1 if there else 1)
                revision = await store.write(key, value, expect=there.revision if there else 0)
                self.acknowledged[revision] = (key, value)
            except StorageError:
                self.failures += 1
            except Conflict:
                pass  # a write that failed before has happened after all
            self._changed.set()

    async def more(self, count: int) -> None:
        """Until so many more writes have been acknowledged."""
        wanted = len(self.acknowledged) + count
        while len(self.acknowledged) < wanted:
            self._changed.clear()
            await self._changed.wait()

    async def failing(self) -> None:
        wanted = self.failures + len(self._tasks)
        while self.failures < wanted:
            self._changed.clear()
            await self._changed.wait()


class Listener:
    """A watch of everything from `after` on, and what it was told."""

    def __init__(self, store: Store, after: int) -> None:
        self.told: list[Entry] = []
        self.mark = Watermark()
        self.task = asyncio.create_task(self._listen(store.watch("/registry/", after=after)))

    async def _listen(self, watch: AsyncIterator[Entry | Progress]) -> None:
        async for item in watch:
            if isinstance(item, Entry):
                self.told.append(item)
            self.mark.raise_to(item.revision)


async def kill_and_start(server: EtcdServer, load: Load) -> None:
    server.kill()
    server.start()


async def hold_and_let_go(server: EtcdServer, load: Load) -> None:
    server.hold()
    await load.failing()
    server.let_go()


async def compact(server: EtcdServer, load: Load) -> None:
    await load.stores[0].compact(await load.stores[0].revision())


@pytest.mark.parametrize("trouble", [kill_and_start, hold_and_let_go, compact])
async def test_nothing_is_lost_or_told_twice(server: EtcdServer, trouble: Any) -> None:
    async with (
        asyncio.timeout(PATIENCE),
        opened(server.access) as one,
        opened(server.access) as two,
    ):
        start = await one.revision()
        listeners = [Listener(store, start) for store in (one, two)]
        async with Load(one, two) as load:
            for _ in range(2):
                await load.more(200)
                await trouble(server, load)
            await load.more(200)
        end = await newest(one)
        for listener in listeners:
            await listener.mark.reached(end)
            listener.task.cancel()
            revisions = [entry.revision for entry in listener.told if entry.revision <= end]
            assert revisions == [*range(start + 1, end + 1)]
            by_revision = {each.revision: (each.key, each.value) for each in listener.told}
            assert by_revision.items() >= load.acknowledged.items()
        for key, value in dict(load.acknowledged.values()).items():
            there = await one.get(key)
            assert there is not None and int(there.value) >= int(value)


@pytest.mark.parametrize("trouble", [EtcdServer.kill, EtcdServer.hold])
async def test_a_cluster_goes_on_without_one_of_its_members(tmp_path: Path, trouble: Any) -> None:
    with etcd_cluster(tmp_path) as members:
        access = Access(tuple(member.url for member in members))
        async with asyncio.timeout(PATIENCE), opened(access) as store:
            start = await store.revision()
            listener = Listener(store, start)
            async with Load(store) as load:
                await load.more(100)
                trouble(members[0])
                await load.more(100)
            end = await newest(store)
            await listener.mark.reached(end)
            listener.task.cancel()
            revisions = [entry.revision for entry in listener.told if entry.revision <= end]
            assert revisions == [*range(start + 1, end + 1)]
            by_revision = {each.revision: (each.key, each.value) for each in listener.told}
            assert by_revision.items() >= load.acknowledged.items()


async def newest(store: Store) -> int:
    """Also while the way to the etcd is being found again."""
    while True:
        try:
            return await store.revision()
        except StorageError:
            continue


async def test_a_watch_that_compaction_overtakes_says_so(server: EtcdServer) -> None:
    cable = Cable(server)
    await cable.mend()
    async with (
        asyncio.timeout(PATIENCE),
        opened(cable.access) as far,
        opened(server.access) as near,
    ):
        first = await near.write(A, b"1", expect=0)
        watch = far.watch(PODS, after=first)
        assert await anext(watch) == Progress(first)
        waiting = asyncio.ensure_future(anext(watch))
        await cable.cut()
        second = await near.write(A, b"2", expect=first)
        third = await near.write(A, None, expect=second)
        await near.compact(third)
        await cable.mend()
        with pytest.raises(Compacted):
            await waiting
        assert (await newest(far)) == third
        await near.write(B, b"1", expect=0)
        assert await anext(far.watch(PODS, after=third)) == Entry(B, b"1", third + 1, third + 1)
    await cable.cut()


async def test_a_last_delete_that_was_compacted_is_not_waited_for(server: EtcdServer) -> None:
    cable = Cable(server)
    await cable.mend()
    async with (
        asyncio.timeout(PATIENCE),
        opened(cable.access) as far,
        opened(server.access) as near,
    ):
        first = await near.write(A, b"1", expect=0)
        watch = far.watch(PODS, after=first)
        assert await anext(watch) == Progress(first)
        await cable.cut()
        second = await near.write(A, None, expect=first)
        await near.compact(second)
        await cable.mend()
        await newest(far)
        await far.request_progress(second)
        with pytest.raises(Compacted):
            await anext(watch)
        assert await anext(far.watch(PODS, after=second)) == Progress(second)
    await cable.cut()


def config_map(name: str, **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"), data=data)


@asynccontextmanager
async def apiserver(store: Store) -> AsyncIterator[testing.TestServer]:
    """One of several over the same etcd: what they all make at start may be there."""
    built = servers.build(store, random=Random(0))
    await built.start()
    try:
        yield testing.TestServer(built)
    finally:
        await built.stop()


async def test_two_servers_never_disagree_about_what_was_answered(server: EtcdServer) -> None:
    async with (
        asyncio.timeout(PATIENCE),
        opened(server.access) as first, opened(server.access) as second,
        apiserver(first) as one, apiserver(second) as two,
    ):  # fmt: skip
        await one.client.create(config_map("a", n="0"))

        async def write(client: Any, name: str) -> None:
            for number in range(60):
                found = await client.get(ConfigMap, name, "default")
                with suppress(errors.Conflict):
                    await client.update(replace(found, data={"n": str(number)}))

        async def read(chance: Random) -> None:
            seen = 0
            while not all(task.done() for task in writers):
                client = chance.choice((one.client, two.client))
                if chance.random() < 0.5:
                    found = await client.get(ConfigMap, "a", "default")
                else:
                    listed = await client.list(ConfigMap, "default")
                    (found,) = [each for each in listed.items if each.metadata.name == "a"]
                revision = int(found.metadata.resourceVersion)
                assert revision >= seen
                seen = revision

        writers = [asyncio.create_task(write(client, "a")) for client in (one.client, two.client)]
        await asyncio.gather(*(read(Random(seed)) for seed in range(4)), *writers)


async def test_an_address_that_one_server_gave_away_is_taken_for_the_other(
    server: EtcdServer,
) -> None:
    async with (
        asyncio.timeout(PATIENCE),
        opened(server.access) as first, opened(server.access) as second,
        apiserver(first) as one, apiserver(second) as two,
    ):  # fmt: skip
        made = await one.client.create(service("a"))
        with pytest.raises(errors.Invalid, match="provided IP is already allocated"):
            await two.client.create(service("b", made.spec.clusterIP))
        await one.client.delete(Service, "a", "default")
        again = await two.client.create(service("b", made.spec.clusterIP))
        assert again.spec.clusterIP == made.spec.clusterIP


def service(name: str, address: str = "") -> Service:
    spec = ServiceSpec(clusterIP=address, ports=(ServicePort(port=80),))
    return Service(metadata=ObjectMeta(name=name, namespace="default"), spec=spec)


async def test_a_server_that_history_has_left_behind_catches_up(server: EtcdServer) -> None:
    cable = Cable(server)
    await cable.mend()
    async with (
        asyncio.timeout(PATIENCE),
        opened(cable.access) as far, opened(server.access) as near,
        apiserver(near) as one, apiserver(far) as two,
    ):  # fmt: skip
        await one.client.create(config_map("a"))
        assert await two.client.get(ConfigMap, "a", "default")
        await cable.cut()
        with pytest.raises(errors.ApiError) as refused:
            await two.client.get(ConfigMap, "a", "default")
        assert (refused.value.code, refused.value.reason) == (500, "")
        await one.client.delete(ConfigMap, "a", "default")
        await one.client.create(config_map("b"))
        await near.compact(await near.revision())
        await cable.mend()
        await newest(far)
        with pytest.raises(errors.NotFound):
            await two.client.get(ConfigMap, "a", "default")
        assert await two.client.get(ConfigMap, "b", "default")
    await cable.cut()


async def test_of_two_servers_one_compacts_and_the_other_follows_when_it_stops(
    server: EtcdServer,
) -> None:
    async with (
        asyncio.timeout(PATIENCE),
        opened(server.access) as one,
        opened(server.access) as two,
    ):
        turns = [await store.take_turn(1) for store in (one, two, one, two, one, two)]
        assert turns == [True, False] * 3
        assert [await two.take_turn(1) for _ in range(2)] == [True, True]
        assert not await one.take_turn(1)
        key = await two.get("compact_rev_key")
        assert key is not None and key.value == b"1"


async def test_a_lease_that_is_over_takes_its_keys_at_one_revision(server: EtcdServer) -> None:
    async with asyncio.timeout(PATIENCE), opened(server.access) as store:
        await store.write(A, b"x", expect=0, lease=20)
        await store.write(B, b"x", expect=0, lease=20)
        watch = store.watch(PODS, after=3)
        assert await anext(watch) == Progress(3)
        await _revoke_all(server.access)
        assert {(await anext(watch)).key for _ in range(2)} == {A, B}  # type: ignore[union-attr]
        assert await store.revision() == 4


async def test_a_lease_is_over_by_itself(server: EtcdServer) -> None:
    async with asyncio.timeout(PATIENCE), opened(server.access) as store:
        revision = await store.write(A, b"x", expect=0, lease=1)
        async for item in store.watch(PODS, after=revision):
            if isinstance(item, Entry):
                assert item == Entry(A, None, revision + 1, revision, b"x")
                break


async def test_a_lease_that_etcd_has_lost_is_granted_anew(server: EtcdServer) -> None:
    async with asyncio.timeout(PATIENCE), opened(server.access) as store:
        await store.write(A, b"x", expect=0, lease=3600)
        await _revoke_all(server.access)
        assert await store.write(B, b"x", expect=0, lease=3600) == 4


async def _revoke_all(access: Access) -> None:
    connection = Connection(access, Timing())
    leases = await connection.ask("Lease/LeaseLeases", message("LeaseLeasesRequest"), again=True)
    for lease in leases.leases:
        over = message("LeaseRevokeRequest", ID=lease.ID)
        await connection.ask("Lease/LeaseRevoke", over, again=False)
    await connection.close()


async def test_the_next_server_is_asked_when_one_does_not_answer(server: EtcdServer) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    async with asyncio.timeout(PATIENCE), opened(Access((nobody, server.url))) as store:
        assert await store.write(A, b"x", expect=0) == 2
        assert await anext(store.watch(PODS, after=1)) == Entry(A, b"x", 2, 2)


async def test_an_etcd_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    late = EtcdServer(tmp_path)
    opening = asyncio.create_task(etcd.open(late.access, timing=Timing(call=0.2, start=30.0)))
    await asyncio.sleep(0)
    late.start()
    try:
        async with asyncio.timeout(PATIENCE):
            store = await opening
        assert await store.revision() == 1
        await store.close()
    finally:
        late.kill()


async def test_an_etcd_that_never_comes_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(StorageError, match=f"no etcd can be reached at {url}"):
        await etcd.open(Access((url,)), timing=AT_ONCE)


async def test_an_etcd_that_does_not_answer_keeps_nobody_for_long(server: EtcdServer) -> None:
    async with asyncio.timeout(PATIENCE), opened(server.access) as store:
        server.hold()
        for asked in (store.get(A), store.revision(), store.write(A, b"x", expect=0)):
            with pytest.raises(StorageError, match="etcdserver: request timed out"):
                await asked
        server.let_go()


async def test_health_checks_ask_the_etcd(server: EtcdServer) -> None:
    config = Config(etcd_healthcheck_timeout=Seconds(0.2), etcd_readycheck_timeout=Seconds(0.2))
    async with asyncio.timeout(PATIENCE), opened(server.access) as store:
        looked_at = checks(State(), servers.build(store), config)
        for place, name in (("livez", "etcd"), ("healthz", "etcd"), ("readyz", "etcd-readiness")):
            assert await looked_at[place][name]() == ""
        server.hold()
        for place, name in (("livez", "etcd"), ("readyz", "etcd-readiness")):
            assert "error getting data from etcd" in await looked_at[place][name]()
        server.let_go()


async def test_what_etcd_refuses_is_said_in_its_words(server: EtcdServer) -> None:
    async with asyncio.timeout(PATIENCE), opened(server.access) as store:
        with pytest.raises(StorageError, match="etcdserver: request is too large"):
            await store.write(A, bytes(1_600_000), expect=0)
        assert await store.get(A) is None


async def test_both_sides_show_certificates(tmp_path: Path) -> None:
    now = time.time()
    authority = tls.new_authority("etcd-ca", now=now)
    ca, ours, theirs = (str(tmp_path / name) for name in ("ca", "ours", "theirs"))
    tls.write_pair(authority, Path(f"{ca}.crt"), Path(f"{ca}.key"))
    member = tls.issue(authority, "etcd", now=now, names=["127.0.0.1"], usages=[tls.SERVER])
    tls.write_pair(member, Path(f"{theirs}.crt"), Path(f"{theirs}.key"))
    client = tls.issue(authority, "kube-apiserver", now=now)
    tls.write_pair(client, Path(f"{ours}.crt"), Path(f"{ours}.key"))
    flags = (
        f"--cert-file={theirs}.crt", f"--key-file={theirs}.key", "--client-cert-auth",
        f"--trusted-ca-file={ca}.crt",
    )  # fmt: skip
    with etcd_server(tmp_path, *flags, scheme="https") as server:
        access = Access((server.url,), f"{ca}.crt", f"{ours}.crt", f"{ours}.key")
        async with asyncio.timeout(PATIENCE), opened(access) as store:
            assert await store.write(A, b"x", expect=0) == 2
        with pytest.raises(StorageError):
            await etcd.open(Access((server.url,), f"{ca}.crt"), timing=AT_ONCE)
