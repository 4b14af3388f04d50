"""The verbs of the API, the same whatever carries the calls.

Over the pipeline itself now; a front end joins by one more fixture parameter.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from msgspec.structs import replace

from kubepy import testing
from kubepy.api import scheme
from kubepy.api.core.v1 import ConfigMap, Event, Namespace, ObjectReference, Pod, Service
from kubepy.api.events.v1 import Event as NewEvent
from kubepy.api.meta.v1 import (
    CreateOptions,
    DeleteOptions,
    GetOptions,
    ListOptions,
    ObjectMeta,
    PatchOptions,
    Preconditions,
    UpdateOptions,
)
from kubepy.apiserver.server import ADMIN
from kubepy.apiserver.settings import Settings
from kubepy.meta import errors
from kubepy.meta.calls import (
    BOOKMARK,
    ERROR,
    INITIAL_EVENTS_END,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_PATCH,
    Answer,
    Body,
    Call,
    Handler,
    Items,
)
from kubepy.testing import TestServer

NS = "default"
CONFIGMAPS = scheme.by_type(ConfigMap)
PODS = scheme.by_type(Pod)
SERVICES = scheme.by_type(Service)
NAMESPACES = scheme.by_type(Namespace)
EVENTS = scheme.by_type(Event)
NEW_EVENTS = scheme.by_type(NewEvent)
POD = b'{"spec":{"containers":[{"name":"c","image":"x:1"}]},"metadata":{"name":"%s"}}'


class Api:
    """Calls in short."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    async def call(
        self, verb: str, resource: Any, name: str = "", sub: str = "", **rest: Any
    ) -> Any:
        namespace = rest.pop("namespace", NS if resource.namespaced else "")
        reply = await self.handler.handle(Call(verb, resource, namespace, name, sub, **rest), ADMIN)
        return reply.object if isinstance(reply, Answer) else reply

    async def create(self, name: str, **fields: Any) -> ConfigMap:
        return await self.call("create", CONFIGMAPS, body=config_map(name, **fields))

    async def update(self, obj: ConfigMap, **rest: Any) -> ConfigMap:
        return await self.call("update", CONFIGMAPS, obj.metadata.name, body=obj, **rest)

    async def get(self, name: str, **rest: Any) -> ConfigMap:
        return await self.call("get", CONFIGMAPS, name, **rest)

    async def patch(self, name: str, patch: bytes, kind: str = MERGE_PATCH, **rest: Any) -> Any:
        return await self.call("patch", CONFIGMAPS, name, body=Body(patch, kind), **rest)

    async def delete(self, name: str, **options: Any) -> Any:
        return await self.call("delete", CONFIGMAPS, name, options=DeleteOptions(**options))

    async def list(self, **options: Any) -> Items:
        return await self.call("list", CONFIGMAPS, options=ListOptions(**options))

    async def names(self, **options: Any) -> list[str]:
        return [item.object.metadata.name for item in (await self.list(**options)).items]

    async def watch(self, **options: Any) -> Any:
        call = Call("watch", CONFIGMAPS, NS, options=ListOptions(**options))
        return await self.handler.watch(call, ADMIN)


def config_map(name: str, *, labels: dict[str, str] | None = None, **fields: Any) -> ConfigMap:
    meta = ObjectMeta(
        name=name, labels=labels or {}, finalizers=tuple(fields.pop("finalizers", ()))
    )
    return ConfigMap(metadata=meta, **fields)


async def seen(watch: Any, count: int) -> list[tuple[str, str]]:
    """The next events, as (type, name)."""
    found: list[Any] = []
    while len(found) < count:
        batch = await watch.batch()
        assert batch, "the watch ended early"
        found += batch
    return [(event.type, event.object.metadata.name) for event in found]


@pytest.fixture
def api(apiserver: TestServer) -> Api:
    return Api(apiserver.pipeline)


# ---- create


async def test_create_fills_in_what_the_server_owns(api: Api) -> None:
    made = (await api.create("a", data={"k": "v"})).metadata
    assert (made.name, made.namespace) == ("a", NS)
    assert made.uid and made.resourceVersion and made.creationTimestamp


async def test_create_makes_names(api: Api) -> None:
    body = ConfigMap(metadata=ObjectMeta(generateName="web-"))
    names = [(await api.call("create", CONFIGMAPS, body=body)).metadata.name for _ in range(3)]
    assert len(set(names)) == 3
    assert all(name.startswith("web-") and len(name) == len("web-") + 5 for name in names)


async def test_create_twice_is_refused(api: Api) -> None:
    await api.create("a")
    with pytest.raises(errors.AlreadyExists, match='configmaps "a" already exists'):
        await api.create("a")


async def test_create_needs_its_namespace(api: Api) -> None:
    with pytest.raises(errors.NotFound, match='namespaces "absent" not found'):
        await api.call("create", CONFIGMAPS, namespace="absent", body=config_map("a"))


async def test_create_in_another_namespace_than_the_objects_is_refused(api: Api) -> None:
    body = ConfigMap(metadata=ObjectMeta(name="a", namespace="elsewhere"))
    with pytest.raises(errors.BadRequest, match="does not match the namespace sent"):
        await api.call("create", CONFIGMAPS, body=body)


async def test_create_with_a_bad_name_says_what_is_wrong(api: Api) -> None:
    with pytest.raises(errors.Invalid) as refused:
        await api.create("Not Valid")
    assert [cause.field for cause in refused.value.causes] == ["metadata.name"]


async def test_unknown_fields_warn_or_are_refused_or_ignored(api: Api) -> None:
    raw = b'{"metadata":{"name":"%s"},"nonsense":1}'

    def call(name: bytes, mode: str) -> Call:
        options = CreateOptions(fieldValidation=mode)
        return Call("create", CONFIGMAPS, NS, body=Body(raw % name), options=options)

    warned = await api.handler.handle(call(b"a", ""), ADMIN)
    assert warned.warnings == ('unknown field "nonsense"',)
    ignored = await api.handler.handle(call(b"b", "Ignore"), ADMIN)
    assert ignored.warnings == ()
    with pytest.raises(errors.BadRequest, match='strict decoding error: unknown field "nonsense"'):
        await api.handler.handle(call(b"c", "Strict"), ADMIN)


# ---- update and patch


async def test_update_replaces_the_version_that_it_names(api: Api) -> None:
    first = await api.create("a", data={"k": "1"})
    second = await api.update(with_data(first, k="2"))
    assert int(second.metadata.resourceVersion) > int(first.metadata.resourceVersion)
    with pytest.raises(errors.Conflict, match="the object has been modified"):
        await api.update(with_data(first, k="3"))
    assert (await api.get("a")).data == {"k": "2"}


async def test_update_without_a_version_wins_over_whatever_there_is(api: Api) -> None:
    await api.create("a", data={"k": "1"})
    assert (await api.update(config_map("a", data={"k": "2"}))).data == {"k": "2"}


async def test_update_that_changes_nothing_writes_nothing(api: Api) -> None:
    first = await api.create("a", data={"k": "1"})
    again = await api.update(config_map("a", data={"k": "1"}))
    assert again.metadata.resourceVersion == first.metadata.resourceVersion


async def test_update_of_another_life_of_the_name_is_refused(api: Api) -> None:
    await api.create("a")
    stranger = ConfigMap(metadata=ObjectMeta(name="a", uid="another"))
    with pytest.raises(errors.Conflict, match="Precondition failed: UID in precondition: another"):
        await api.update(stranger)


async def test_concurrent_patches_all_take_effect(api: Api) -> None:
    await api.create("a")
    async with asyncio.TaskGroup() as group:
        for number in range(12):
            patch = b'{"data":{"k%d":"v"}}' % number
            group.create_task(api.patch("a", patch))
    assert len((await api.get("a")).data) == 12


@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        pytest.param(MERGE_PATCH, b'{"data":{"a":null,"c":"3"}}', id="merge"),
        pytest.param(STRATEGIC_PATCH, b'{"data":{"a":null,"c":"3"}}', id="strategic"),
        pytest.param(
            JSON_PATCH,
            b'[{"op":"remove","path":"/data/a"},{"op":"add","path":"/data/c","value":"3"}]',
            id="json",
        ),
    ],
)
async def test_patches(api: Api, kind: str, patch: bytes) -> None:
    await api.create("a", data={"a": "1", "b": "2"})
    assert (await api.patch("a", patch, kind)).data == {"b": "2", "c": "3"}


async def test_a_patch_that_names_a_version_is_conditional(api: Api) -> None:
    await api.create("a")
    with pytest.raises(errors.Conflict):
        await api.patch("a", b'{"metadata":{"resourceVersion":"1"},"data":{"k":"v"}}')


async def test_a_patch_of_a_strange_type_is_refused(api: Api) -> None:
    await api.create("a")
    with pytest.raises(errors.UnsupportedMediaType):
        await api.patch("a", b"{}", "application/json")


async def test_status_and_spec_are_written_through_their_own_doors(api: Api) -> None:
    made = await api.call("create", PODS, body=Body(POD % b"p"))
    assert made.metadata.generation == 1
    body = Body(b'{"status":{"phase":"Running"},"spec":{"nodeName":"n1"}}', MERGE_PATCH)
    by_status = await api.call("patch", PODS, "p", "status", body=body)
    assert (by_status.status.phase, by_status.spec.nodeName) == ("Running", "")
    body = Body(b'{"status":{"phase":"Failed"},"metadata":{"labels":{"a":"b"}}}', MERGE_PATCH)
    by_main = await api.call("patch", PODS, "p", body=body)
    assert (by_main.status.phase, by_main.metadata.labels) == ("Running", {"a": "b"})
    assert by_main.metadata.generation == 1


# ---- dry run


async def test_dry_runs_answer_and_leave_nothing(api: Api) -> None:
    dry = CreateOptions(dryRun=("All",))
    made = await api.call("create", CONFIGMAPS, body=config_map("a"), options=dry)
    assert made.metadata.uid and not made.metadata.resourceVersion
    with pytest.raises(errors.NotFound):
        await api.get("a")
    real = await api.create("a", data={"k": "1"})
    changed = await api.update(with_data(real, k="2"), options=UpdateOptions(dryRun=("All",)))
    patched = await api.patch("a", b'{"data":{"k":"3"}}', options=PatchOptions(dryRun=("All",)))
    await api.delete("a", dryRun=("All",))
    assert (changed.data, patched.data) == ({"k": "2"}, {"k": "3"})
    assert await api.get("a") == real


# ---- delete


async def test_delete_answers_with_a_status(api: Api) -> None:
    made = await api.create("a")
    answer = await api.delete("a")
    assert answer.status == "Success"
    assert (answer.details.kind, answer.details.uid) == ("configmaps", made.metadata.uid)
    with pytest.raises(errors.NotFound):
        await api.delete("a")


async def test_delete_spares_what_its_preconditions_do_not_mean(api: Api) -> None:
    made = await api.create("a")
    with pytest.raises(errors.Conflict, match="the UID in the precondition"):
        await api.delete("a", preconditions=Preconditions(uid="another"))
    with pytest.raises(errors.Conflict, match="the ResourceVersion in the precondition"):
        await api.delete("a", preconditions=Preconditions(resourceVersion="1"))
    version = made.metadata.resourceVersion
    await api.delete("a", preconditions=Preconditions(resourceVersion=version))


async def test_the_last_finalizer_lets_go(api: Api) -> None:
    await api.create("a", finalizers=("example.com/x",))
    waiting = await api.delete("a")
    assert waiting.metadata.deletionTimestamp is not None
    assert waiting.metadata.deletionGracePeriodSeconds == 0
    with pytest.raises(errors.Invalid, match="no new finalizers can be added"):
        await api.patch("a", b'{"metadata":{"finalizers":["example.com/x","example.com/y"]}}')
    await api.patch("a", b'{"metadata":{"finalizers":null}}')
    with pytest.raises(errors.NotFound):
        await api.get("a")


@pytest.mark.parametrize(
    ("policy", "finalizers"),
    [
        pytest.param("Foreground", ("foregroundDeletion",), id="foreground"),
        pytest.param("Orphan", ("orphan",), id="orphan"),
    ],
)
async def test_propagation_policies_are_finalizers(
    api: Api, policy: str, finalizers: tuple[str, ...]
) -> None:
    await api.create("a")
    waiting = await api.delete("a", propagationPolicy=policy)
    assert waiting.metadata.finalizers == finalizers


async def test_a_pod_on_a_node_has_its_grace_period(api: Api) -> None:
    await api.call("create", PODS, body=Body(POD % b"p"))
    binding = Body(b'{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n1"}}')
    await api.call("create", PODS, "p", "binding", body=binding)
    waiting = await api.call("delete", PODS, "p")
    assert waiting.metadata.deletionGracePeriodSeconds == 30
    shorter = DeleteOptions(gracePeriodSeconds=5)
    waiting = await api.call("delete", PODS, "p", options=shorter)
    assert waiting.metadata.deletionGracePeriodSeconds == 5
    await api.call("delete", PODS, "p", options=DeleteOptions(gracePeriodSeconds=0))
    with pytest.raises(errors.NotFound):
        await api.call("get", PODS, "p")


async def test_a_pod_that_no_node_runs_goes_at_once(api: Api) -> None:
    await api.call("create", PODS, body=Body(POD % b"p"))
    await api.call("delete", PODS, "p")
    with pytest.raises(errors.NotFound):
        await api.call("get", PODS, "p")


async def test_delete_collection_takes_what_is_selected(api: Api) -> None:
    await api.create("a", labels={"x": "1"})
    await api.create("b", labels={"x": "2"})
    selection = ListOptions(labelSelector="x=1")
    deleted = await api.call("deletecollection", CONFIGMAPS, selection=selection)
    assert [item.object.metadata.name for item in deleted.items] == ["a"]
    assert await api.names(labelSelector="x") == ["b"]


async def test_a_namespace_ends_when_it_is_finalized(api: Api) -> None:
    body = Namespace(metadata=ObjectMeta(name="n"))
    await api.call("create", NAMESPACES, body=body)
    dying = await api.call("delete", NAMESPACES, "n")
    assert dying.status.phase == "Terminating"
    with pytest.raises(errors.Forbidden, match="because it is being terminated"):
        await api.call("create", CONFIGMAPS, namespace="n", body=config_map("a"))
    finalized = Body(b'{"metadata":{"name":"n"},"spec":{"finalizers":[]}}')
    await api.call("update", NAMESPACES, "n", "finalize", body=finalized)
    with pytest.raises(errors.NotFound):
        await api.call("get", NAMESPACES, "n")


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
async def test_some_namespaces_stay(api: Api, name: str) -> None:
    with pytest.raises(errors.Forbidden, match="this namespace may not be deleted"):
        await api.call("delete", NAMESPACES, name)


# ---- lists


async def test_lists_are_in_the_order_of_names(api: Api) -> None:
    for name in ("b", "a", "a-b", "c"):
        await api.create(name)
    assert await api.names() == ["a", "a-b", "b", "c"]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        pytest.param({"labelSelector": "app=web"}, ["a", "b"], id="equal"),
        pytest.param({"labelSelector": "app!=web"}, ["c"], id="not equal"),
        pytest.param({"labelSelector": "app in (db,web),tier"}, ["b"], id="set and existence"),
        pytest.param({"fieldSelector": "metadata.name=c"}, ["c"], id="field"),
        pytest.param({"fieldSelector": "metadata.name!=c"}, ["a", "b"], id="not this field"),
        pytest.param({"labelSelector": "app=none"}, [], id="nothing"),
    ],
)
async def test_selectors(api: Api, options: dict[str, str], names: list[str]) -> None:
    await api.create("a", labels={"app": "web"})
    await api.create("b", labels={"app": "web", "tier": "1"})
    await api.create("c", labels={"app": "cache"})
    assert await api.names(**options) == names


async def test_pages_show_one_moment(api: Api) -> None:
    for name in "abcde":
        await api.create(name)
    first = await api.list(limit=2)
    assert first.metadata.remainingItemCount == 3
    await api.delete("d")
    await api.create("cc")
    second = await api.list(limit=2, continue_=first.metadata.continue_)
    third = await api.list(limit=2, continue_=second.metadata.continue_)
    pages = [[item.object.metadata.name for item in page.items] for page in (first, second, third)]
    assert pages == [["a", "b"], ["c", "d"], ["e"]]
    assert third.metadata.continue_ == ""
    versions = {page.metadata.resourceVersion for page in (first, second, third)}
    assert len(versions) == 1


async def test_a_list_at_a_version_shows_the_past(api: Api) -> None:
    await api.create("a", data={"k": "1"})
    then = (await api.list()).metadata.resourceVersion
    await api.patch("a", b'{"data":{"k":"2"}}')
    await api.create("b")
    past = await api.list(resourceVersion=then, resourceVersionMatch="Exact")
    assert [(i.object.metadata.name, i.object.data) for i in past.items] == [("a", {"k": "1"})]


async def test_a_page_of_a_forgotten_moment_is_refused_with_a_way_on(
    api: Api, apiserver: TestServer
) -> None:
    for name in "abc":
        await api.create(name)
    first = await api.list(limit=1)
    await api.delete("b")
    await api.create("d")
    await apiserver.store.compact(await apiserver.store.revision())
    with pytest.raises(errors.Expired) as refused:
        await api.list(limit=1, continue_=first.metadata.continue_)
    onward = refused.value.status.metadata.continue_
    assert await api.names(continue_=onward) == ["c", "d"]


async def test_a_version_from_the_future_is_waited_for_in_vain(api: Api) -> None:
    with pytest.raises(errors.Timeout, match="Too large resource version: 999999") as refused:
        await api.get("a", options=GetOptions(resourceVersion="999999"))
    assert [cause.reason for cause in refused.value.causes] == ["ResourceVersionTooLarge"]


# ---- watches


async def test_a_watch_begins_with_what_there_is(api: Api) -> None:
    await api.create("a")
    watch = await api.watch(resourceVersion="0")
    assert await seen(watch, 1) == [("ADDED", "a")]
    await api.create("b")
    await api.patch("b", b'{"data":{"k":"v"}}')
    await api.delete("b")
    assert await seen(watch, 3) == [("ADDED", "b"), ("MODIFIED", "b"), ("DELETED", "b")]


async def test_a_watch_from_a_version_replays_what_happened_since(api: Api) -> None:
    await api.create("a")
    then = (await api.list()).metadata.resourceVersion
    await api.delete("a")
    await api.create("b")
    watch = await api.watch(resourceVersion=then)
    assert await seen(watch, 2) == [("DELETED", "a"), ("ADDED", "b")]


async def test_entering_and_leaving_a_selection(api: Api) -> None:
    watch = await api.watch(labelSelector="x=1", resourceVersion="0")
    await api.create("a")
    await api.patch("a", b'{"metadata":{"labels":{"x":"1"}}}')
    await api.patch("a", b'{"data":{"k":"v"}}')
    await api.patch("a", b'{"metadata":{"labels":{"x":"2"}}}')
    await api.delete("a")
    await api.create("b", labels={"x": "1"})
    assert await seen(watch, 4) == [
        ("ADDED", "a"),
        ("MODIFIED", "a"),
        ("DELETED", "a"),
        ("ADDED", "b"),
    ]


async def test_initial_events_end_with_a_bookmark(api: Api) -> None:
    await api.create("a")
    watch = await api.watch(
        sendInitialEvents=True, resourceVersionMatch="NotOlderThan", allowWatchBookmarks=True
    )
    events = await watch.batch()
    assert [event.type for event in events] == ["ADDED", BOOKMARK]
    meta = events[1].object.metadata
    assert meta.annotations == {INITIAL_EVENTS_END: "true"}
    assert meta.resourceVersion == (await api.list()).metadata.resourceVersion


async def test_a_deleted_object_is_seen_at_the_version_of_its_end(api: Api) -> None:
    made = await api.create("a")
    watch = await api.watch(resourceVersion=made.metadata.resourceVersion)
    await api.delete("a")
    (event,) = await watch.batch()
    ended = event.object.metadata.resourceVersion
    assert int(ended) > int(made.metadata.resourceVersion)


async def test_watchers_share_one_encoding(api: Api) -> None:
    watches = [await api.watch(resourceVersion="0") for _ in range(3)]
    await api.create("a")
    events = [(await watch.batch())[0] for watch in watches]
    assert len({id(event.json()) for event in events}) == 1


async def test_a_watch_from_what_the_store_has_forgotten_ends_with_410(
    api: Api, apiserver: TestServer
) -> None:
    first = await api.create("a")
    for number in range(3000):  # more than the cache keeps
        await api.patch("a", b'{"data":{"k":"%d"}}' % number)
    await apiserver.store.compact(await apiserver.store.revision())
    watch = await api.watch(resourceVersion=first.metadata.resourceVersion)
    (event,) = await watch.batch()
    assert (event.type, event.object.code, event.object.reason) == (ERROR, 410, "Expired")
    assert await watch.batch() == ()


async def test_a_watch_further_back_than_the_cache_reads_the_store(api: Api) -> None:
    first = await api.create("a")
    for number in range(3000):
        await api.patch("a", b'{"data":{"k":"%d"}}' % number)
    watch = await api.watch(resourceVersion=first.metadata.resourceVersion)
    values: list[str] = []
    while len(values) < 3000:
        values += [event.object.data["k"] for event in await watch.batch()]
    assert values == [str(number) for number in range(3000)]


async def test_a_watch_of_one_object_misses_nothing_among_many_others(api: Api) -> None:
    watch = await api.watch(fieldSelector="metadata.name=mine", resourceVersion="0")
    waiting = asyncio.create_task(seen(watch, 3))
    await api.create("other")
    await api.create("mine")
    for number in range(3000):  # more than the cache keeps
        await api.patch("other", b'{"data":{"k":"%d"}}' % number)
    await api.patch("mine", b'{"data":{"k":"v"}}')
    await api.delete("mine")
    assert await waiting == [("ADDED", "mine"), ("MODIFIED", "mine"), ("DELETED", "mine")]


async def test_a_closed_watch_ends(api: Api) -> None:
    watch = await api.watch(resourceVersion="0")
    waiting = asyncio.create_task(watch.batch())
    await asyncio.sleep(0)
    watch.close()
    assert await waiting == ()


# ---- Events


@pytest.mark.looptime
async def test_events_are_one_thing_under_two_names_and_do_not_last() -> None:
    async with testing.apiserver(settings=Settings(event_seconds=60)) as server:
        api = Api(server.pipeline)
        body = Event(
            metadata=ObjectMeta(name="e", namespace=NS),
            involvedObject=ObjectReference(kind="Pod", name="p", namespace=NS),
            message="Hello",
        )
        await api.call("create", EVENTS, body=body)
        assert (await api.call("get", NEW_EVENTS, "e")).note == "Hello"
        await asyncio.sleep(3600)
        with pytest.raises(errors.NotFound):
            await api.call("get", EVENTS, "e")
        assert (await api.call("list", NEW_EVENTS)).items == []


@pytest.mark.looptime
async def test_what_was_overwritten_long_ago_is_forgotten() -> None:
    async with testing.apiserver(settings=Settings(history_seconds=300)) as server:
        api = Api(server.pipeline)
        first = await api.create("a", data={"k": "1"})
        await api.patch("a", b'{"data":{"k":"2"}}')
        past = {
            "resourceVersion": first.metadata.resourceVersion,
            "resourceVersionMatch": "Exact",
        }
        assert len((await api.list(**past)).items) == 1
        await asyncio.sleep(700)
        with pytest.raises(errors.Expired, match="too old"):
            await api.list(**past)
        assert await api.names() == ["a"]


# ---- Services


async def test_services_get_addresses_and_ports_and_give_them_back(api: Api) -> None:
    def service(name: str, **spec: Any) -> Body:
        ports = [{"port": 80, **({"nodePort": spec.pop("nodePort")} if "nodePort" in spec else {})}]
        return Body(
            json.dumps({"metadata": {"name": name}, "spec": {"ports": ports, **spec}}).encode()
        )

    made = await api.call("create", SERVICES, body=service("a", type="NodePort"))
    address, port = made.spec.clusterIP, made.spec.ports[0].nodePort
    assert address.startswith("10.96.") and 30000 <= port <= 32767
    with pytest.raises(errors.Invalid, match="provided IP is already allocated"):
        await api.call("create", SERVICES, body=service("b", clusterIP=address))
    with pytest.raises(errors.Invalid, match="provided port is already allocated"):
        await api.call("create", SERVICES, body=service("b", type="NodePort", nodePort=port))
    await api.call("delete", SERVICES, "a")
    again = await api.call(
        "create", SERVICES, body=service("b", type="NodePort", nodePort=port, clusterIP=address)
    )
    assert (again.spec.clusterIP, again.spec.ports[0].nodePort) == (address, port)


def with_data(obj: ConfigMap, **data: str) -> ConfigMap:
    return replace(obj, data=data)
