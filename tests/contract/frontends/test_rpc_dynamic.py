"""kubepy.v1.Dynamic over real sockets: custom resources and built-in ones, as over REST."""

from __future__ import annotations

import asyncio
import json

import grpc
import pytest
from google.protobuf import json_format

from kubepy import pb

from .test_conversion_webhooks import both_versions, webhook
from .test_conversion_webhooks import widget as versioned
from .test_custom_resources import DEFINITIONS, NAME, WIDGETS, Api, condition, definition, widget

KIND = {"group": "example.com", "version": "v1", "resource": "widgets"}
HERE = {**KIND, "namespace": "default"}
BIG = 2**53 + 1


@pytest.fixture
async def api(pki, apiserver, admin):
    return Api(apiserver, admin)


class Dynamic:
    """The service with documents in and out."""

    def __init__(self, channel):
        self.stub = pb.stub(channel, "kubepy.v1.Dynamic")

    def call(self, method, obj=None, *, metadata=(), timeout=10, **wanted):
        descriptor = pb.service("kubepy.v1.Dynamic").methods_by_name[method]
        request = pb.message(descriptor.input_type.full_name)(**wanted)
        if obj is not None:
            request.object.update(obj)
        return getattr(self.stub, method)(request, metadata=metadata, timeout=timeout)

    async def __call__(self, method, obj=None, **wanted):
        return json_format.MessageToDict(await self.call(method, obj, **wanted))

    async def refused(self, method, obj=None, **wanted):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await self.call(method, obj, **wanted)
        return caught.value.code().name, caught.value.details()


@pytest.fixture
def dynamic(mtls):
    return Dynamic(mtls)


async def next_of(watch):
    event = await watch.read()
    return event.type, json_format.MessageToDict(event.object)


async def test_life_of_an_object(api, dynamic):
    await api.define(definition())
    created = await dynamic("Create", widget("a", size=3), **HERE)
    assert created == (await api.send("GET", f"{WIDGETS}/a")).json
    assert created["spec"] == {"size": 3, "color": "red"}
    assert await dynamic("Get", name="a", **HERE) == created
    (entry,) = created["metadata"]["managedFields"]
    assert entry["fieldsV1"]["f:spec"] == {".": {}, "f:size": {}, "f:color": {}}
    updated = await dynamic("Update", {**created, "spec": {"size": 4}}, **KIND)
    assert updated["metadata"]["generation"] == 2
    listed = await dynamic("List", **KIND)
    assert [each["spec"] for each in listed["items"]] == [{"size": 4, "color": "red"}]
    assert listed["items"][0]["kind"] == "Widget"
    assert (await dynamic("Delete", name="a", **HERE))["status"]["status"] == "Success"
    assert await dynamic.refused("Get", name="a", **HERE) == (
        "NOT_FOUND",
        'widgets.example.com "a" not found',
    )


@pytest.mark.parametrize(
    ("content_type", "patch"),
    [
        ("application/merge-patch+json", b'{"spec":{"size":5}}'),
        ("application/json-patch+json", b'[{"op":"replace","path":"/spec/size","value":5}]'),
        (
            "application/apply-patch+yaml",
            b"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec: {size: 5}",
        ),
    ],
    ids=["merge", "json", "apply"],
)
async def test_patches(api, dynamic, content_type, patch):
    await api.define(definition())
    await dynamic("Create", widget("a", size=3), **HERE)
    options = {"fieldManager": "m", "force": True} if "apply" in content_type else {}
    wanted = {"name": "a", "content_type": content_type, "patch": patch, "options": options}
    patched = await dynamic("Patch", **HERE, **wanted)
    assert patched["spec"]["size"] == 5
    shown = (await api.send("GET", f"{WIDGETS}/a")).json
    assert json.dumps(shown["spec"]["size"]) == "5"
    if options:
        managers = {(m["manager"], m["operation"]) for m in patched["metadata"]["managedFields"]}
        assert ("m", "Apply") in managers


async def test_a_kind_of_patch_that_custom_kinds_do_not_take(api, dynamic):
    await api.define(definition())
    await dynamic("Create", widget("a"), **HERE)
    wanted = {"content_type": "application/strategic-merge-patch+json", "patch": b"{}"}
    code, details = await dynamic.refused("Patch", name="a", **HERE, **wanted)
    assert code == "INVALID_ARGUMENT"
    assert details.startswith("the body of the request was in an unknown format")


async def test_dry_runs_and_validation_of_fields(api, dynamic):
    await api.define(definition())
    call = dynamic.call("Create", widget("a", nope=1), options={"dryRun": ["All"]}, **HERE)
    assert json_format.MessageToDict(await call)["spec"] == {"color": "red"}
    assert ("warning", 'unknown field "spec.nope"') in list(await call.trailing_metadata())
    assert await dynamic("List", **HERE) == {"metadata": await revision(dynamic)}
    strict = {"fieldValidation": "Strict"}
    code, details = await dynamic.refused("Create", widget("a", nope=1), options=strict, **HERE)
    assert code == "INVALID_ARGUMENT"
    assert 'strict decoding error: unknown field "spec.nope"' in details
    code, details = await dynamic.refused("Create", widget("a", size=30), **HERE)
    assert code == "INVALID_ARGUMENT"
    assert details.startswith('Widget.example.com "a" is invalid: spec.size: Invalid value')


async def revision(dynamic):
    return (await dynamic("List", **HERE))["metadata"]


async def test_subresources(api, dynamic):
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    paths = {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n"}
    await api.define(
        definition(schema=schema, version={"subresources": {"status": {}, "scale": paths}})
    )
    created = await dynamic("Create", widget("a", n=1), **HERE)
    changed = {**created, "status": {"n": 1}, "spec": {"n": 9}}
    shown = await dynamic("Update", changed, subresource="status", **KIND)
    assert (shown["status"], shown["spec"]) == ({"n": 1}, {"n": 1})
    scale = await dynamic("Get", name="a", subresource="scale", **HERE)
    assert (scale["kind"], scale["spec"], scale["status"]) == (
        "Scale",
        {"replicas": 1},
        {"replicas": 1},
    )
    scale["spec"]["replicas"] = 3
    scaled = await dynamic("Update", scale, name="a", subresource="scale", **HERE)
    assert scaled["spec"] == {"replicas": 3}
    assert (await dynamic("Get", name="a", **HERE))["spec"] == {"n": 3}
    merge = {"content_type": "application/merge-patch+json", "patch": b'{"spec":{"replicas":4}}'}
    scaled = await dynamic("Patch", name="a", subresource="scale", **HERE, **merge)
    assert scaled["spec"] == {"replicas": 4}


async def test_a_watch_until_the_definition_goes(api, dynamic):
    await api.define(definition())
    begin = (await dynamic("List", **HERE))["metadata"]["resourceVersion"]
    watch = dynamic.call("Watch", options={"resourceVersion": begin}, timeout=20, **HERE)
    created = await dynamic("Create", widget("a", size=3), **HERE)
    assert await next_of(watch) == ("ADDED", created)
    assert (await api.send("DELETE", f"{DEFINITIONS}/{NAME}")).status == 200
    type_, shown = await next_of(watch)
    assert (type_, shown["metadata"]["name"]) == ("DELETED", "a")
    assert await watch.read() == grpc.aio.EOF
    assert await watch.code() == grpc.StatusCode.OK
    async with asyncio.timeout(10):
        while (await api.send("GET", f"{DEFINITIONS}/{NAME}")).status != 404:
            pass
    code, details = await dynamic.refused("List", **HERE)
    assert (code, details) == ("NOT_FOUND", "the server could not find the requested resource")


async def test_a_watch_with_selectors_and_a_beginning(api, dynamic):
    await api.define(definition())
    for name in ("a", "b"):
        made = widget(name)
        made["metadata"]["labels"] = {"name": name}
        await dynamic("Create", made, **HERE)
    options = {
        "labelSelector": "name=b",
        "sendInitialEvents": True,
        "resourceVersionMatch": "NotOlderThan",
        "allowWatchBookmarks": True,
    }
    watch = dynamic.call("Watch", options=options, **KIND)
    type_, shown = await next_of(watch)
    assert (type_, shown["metadata"]["name"]) == ("ADDED", "b")
    type_, shown = await next_of(watch)
    assert (type_, shown["kind"]) == ("BOOKMARK", "Widget")
    assert shown["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    watch.cancel()


async def test_a_collection_is_deleted(api, dynamic):
    await api.define(definition())
    for name in ("a", "b"):
        await dynamic("Create", widget(name), **HERE)
    await dynamic("DeleteCollection", list={"fieldSelector": "metadata.name=b"}, **HERE)
    listed = await dynamic("List", **HERE)
    assert [each["metadata"]["name"] for each in listed["items"]] == ["a"]


async def test_numbers_beyond_doubles(api, dynamic):
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    await api.define(definition(schema=schema))
    code, details = await dynamic.refused("Create", widget("a", n=BIG), **HERE)
    assert code == "INVALID_ARGUMENT"
    assert details.startswith("object.spec.n: 9007199254740992 is a whole number beyond")
    await dynamic("Create", widget("a", n=2.5), **HERE)
    watch = dynamic.call("Watch", **HERE)
    assert (await next_of(watch))[0] == "ADDED"
    wanted = {"content_type": "application/merge-patch+json", "patch": b'{"spec":{"n":%d}}' % BIG}
    told = f'Widget "a" is not for google.protobuf.Struct: spec.n: {BIG} is a whole number'
    for method, more in (("Patch", {"name": "a", **wanted}), ("Get", {"name": "a"}), ("List", {})):
        code, details = await dynamic.refused(method, **HERE, **more)
        details = details.removeprefix("the patch was done, but ")
        assert (code, details[: len(told)]) == ("FAILED_PRECONDITION", told)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await watch.read()
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    shown = await api.send("GET", f"{WIDGETS}/a")
    assert shown.json["spec"] == {"n": BIG}


async def test_who_may_not_ask_learns_nothing(api, tokens):
    await api.define(definition())
    dynamic = Dynamic(tokens)
    bob = {"metadata": [("authorization", "Bearer bob-token")]}
    for kind, group in ((KIND, "example.com"), ({**KIND, "group": "no.such"}, "no.such")):
        code, details = await dynamic.refused("Get", **kind, **bob)
        assert code == "PERMISSION_DENIED"
        assert details == (
            f'widgets.{group} is forbidden: User "bob" cannot get resource "widgets" in API group '
            f'"{group}" at the cluster scope'
        )
    code, _ = await dynamic.refused("Get", metadata=[("authorization", "Bearer no")], **KIND)
    assert code == "UNAUTHENTICATED"


async def test_built_in_kinds(dynamic):
    maps = {"version": "v1", "resource": "configmaps", "namespace": "default"}
    created = await dynamic("Create", {"metadata": {"name": "a"}, "data": {"x": "y"}}, **maps)
    assert (created["kind"], created["apiVersion"], created["data"]) == (
        "ConfigMap",
        "v1",
        {"x": "y"},
    )
    listed = await dynamic("List", **maps)
    assert [each["kind"] for each in listed["items"]] == ["ConfigMap"]
    reviews = {"group": "authorization.k8s.io", "version": "v1"}
    wanted = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}
    review = await dynamic("Create", wanted, resource="selfsubjectaccessreviews", **reviews)
    assert review["status"]["allowed"] is True
    pods = {"version": "v1", "resource": "pods", "namespace": "default", "name": "p"}
    code, details = await dynamic.refused("Get", subresource="log", **pods)
    assert code == "UNIMPLEMENTED"
    assert details.startswith("pods/log is no object but a stream")


async def test_warnings_of_a_deprecated_version(api, dynamic):
    await api.define(definition(version={"deprecated": True}))
    call = dynamic.call("List", **HERE)
    await call
    assert ("warning", "example.com/v1 Widget is deprecated") in list(
        await call.trailing_metadata()
    )


async def test_a_deadline_ends_the_work(api, dynamic, pki, no_errors):
    """A converting webhook that does not answer: it is left as soon as the time is over."""
    async with webhook(pki) as converter:
        await api.define(both_versions(pki, converter.port))
        converter.hangs = True
        code, _ = await dynamic.refused(
            "Create", versioned("v1", "a", size="3Gi"), timeout=1, **HERE
        )
        assert code == "DEADLINE_EXCEEDED"
        async with asyncio.timeout(10):
            await converter.left.wait()
        converter.hangs = False
        listed = await dynamic("List", **{**HERE, "version": "v2"})
        assert "items" not in listed


async def test_a_cancelled_watch_frees_what_it_held(api, dynamic, admin, no_errors):
    await api.define(definition())
    await dynamic("Create", widget("a"), **HERE)
    watch = dynamic.call("Watch", **HERE)
    await watch.read()
    assert await watching(admin) == 1
    watch.cancel()
    async with asyncio.timeout(10):
        while await watching(admin):
            pass


async def watching(admin):
    """How many watch widgets, as the server counts them."""
    figures = (await admin("GET", "/metrics")).raw.decode()
    (line,) = [
        line
        for line in figures.splitlines()
        if line.startswith("apiserver_longrunning_requests{") and 'resource="widgets"' in line
    ]
    return int(float(line.rpartition(" ")[2]))


async def test_a_definition_can_itself_be_made_here(api, dynamic):
    definitions = {
        "group": "apiextensions.k8s.io",
        "version": "v1",
        "resource": "customresourcedefinitions",
    }
    await dynamic("Create", definition(), **definitions)
    await api.until(NAME, lambda found: condition(found, "Established") == "True")
    assert (await dynamic("Create", widget("a"), **HERE))["spec"] == {"color": "red"}
