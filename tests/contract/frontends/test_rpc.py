"""gRPC over real sockets: every resource's service, errors with their Status."""

from __future__ import annotations

import asyncio

import grpc
import pytest

from kubepy import pb
from kubepy.apiserver.rpc.methods import methods

from .conftest import credentials

LIST = pb.message("kubepy.v1.ListRequest")
GET = pb.message("kubepy.v1.GetRequest")
PATCH = pb.message("kubepy.v1.PatchRequest")
DELETE = pb.message("kubepy.v1.DeleteRequest")
COLLECTION = pb.message("kubepy.v1.DeleteCollectionRequest")
CREATE = pb.message("kubepy.core.v1.CreateConfigMapRequest")
UPDATE = pb.message("kubepy.core.v1.UpdateConfigMapRequest")
STATUS = pb.message("k8s.io.apimachinery.pkg.apis.meta.v1.Status")


@pytest.fixture
def maps(mtls):
    return pb.stub(mtls, "kubepy.core.v1.ConfigMaps")


def new(name, **data):
    request = CREATE(namespace="default")
    request.object.metadata.name = name
    request.object.data.update(data)
    return request


async def test_life_of_an_object(maps):
    created = await maps.Create(new("a", x="y"))
    assert created.metadata.uid
    assert (await maps.Get(GET(namespace="default", name="a"))).data == {"x": "y"}
    created.data["z"] = "1"
    updated = await maps.Update(UPDATE(namespace="default", object=created))
    assert updated.data == {"x": "y", "z": "1"}
    patch = PATCH(
        namespace="default",
        name="a",
        content_type="application/merge-patch+json",
        patch=b'{"data":{"x":null}}',
    )
    assert (await maps.Patch(patch)).data == {"z": "1"}
    listed = await maps.List(LIST(namespace="default"))
    assert [item.metadata.name for item in listed.items] == ["a"]
    assert listed.metadata.resourceVersion == updated.metadata.resourceVersion or listed.items
    deleted = await maps.Delete(DELETE(namespace="default", name="a"))
    assert deleted.status.status == "Success"


async def test_server_side_apply(maps):
    def apply(manager, value, *, force=False):
        body = f'{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"s"}},"data":{value}}}'
        request = PATCH(
            namespace="default",
            name="s",
            content_type="application/apply-patch+yaml",
            patch=body.encode(),
        )
        request.options.fieldManager = manager
        if force:
            request.options.force = True
        return maps.Patch(request)

    applied = await apply("m", '{"x":"1"}')
    (entry,) = applied.metadata.managedFields
    assert (entry.manager, entry.operation, entry.fieldsV1.Raw) == (
        "m",
        "Apply",
        b'{"f:data":{"f:x":{}}}',
    )
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await apply("other", '{"x":"2"}')
    assert caught.value.code() == grpc.StatusCode.ABORTED
    assert 'conflict with "m": .data.x' in caught.value.details()
    assert (await apply("other", '{"x":"2"}', force=True)).data == {"x": "2"}


async def test_a_client_is_known_by_its_own_name(pki, apiserver):
    target = f"127.0.0.1:{apiserver.ports.grpc}"
    named = [("grpc.primary_user_agent", "kubelet")]
    async with grpc.aio.secure_channel(target, credentials(pki), options=named) as channel:
        created = await pb.stub(channel, "kubepy.core.v1.ConfigMaps").Create(new("n", x="y"))
    assert [entry.manager for entry in created.metadata.managedFields] == ["kubelet"]


async def test_selectors_and_collections(maps):
    for name in ("a", "b"):
        request = new(name)
        request.object.metadata.labels["name"] = name
        await maps.Create(request)
    request = LIST(namespace="default")
    request.options.labelSelector = "name=b"
    assert [item.metadata.name for item in (await maps.List(request)).items] == ["b"]
    collection = COLLECTION(namespace="default")
    collection.list.labelSelector = "name=b"
    assert (await maps.DeleteCollection(collection)).status.status == "Success"
    left = await maps.List(LIST(namespace="default"))
    assert [item.metadata.name for item in left.items] == ["a"]


async def test_watch(maps):
    listed = await maps.List(LIST(namespace="default"))
    request = LIST(namespace="default")
    request.options.resourceVersion = listed.metadata.resourceVersion
    watch = maps.Watch(request)
    await maps.Create(new("a"))
    await maps.Delete(DELETE(namespace="default", name="a"))
    found = [
        (event.type, event.object.metadata.name)
        for event in [await watch.read(), await watch.read()]
    ]
    watch.cancel()
    assert found == [("ADDED", "a"), ("DELETED", "a")]


async def test_a_watch_ends_when_its_time_is_over(maps):
    request = LIST(namespace="default")
    request.options.timeoutSeconds = 1
    assert [event async for event in maps.Watch(request)] == []


async def test_errors_bear_the_status(maps):
    await maps.Create(new("a"))
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await maps.Create(new("a"))
    problem = raised.value
    assert problem.code() == grpc.StatusCode.ALREADY_EXISTS
    assert problem.details() == 'configmaps "a" already exists'
    details = dict(problem.trailing_metadata())["grpc-status-details-bin"]
    rich = pb_status(details)
    assert (rich.reason, rich.code, rich.details.name) == ("AlreadyExists", 409, "a")


def pb_status(details):
    """The Kubernetes Status inside of google.rpc.Status."""
    marker = b"k8s.io.apimachinery.pkg.apis.meta.v1.Status"
    rest = details[details.index(marker) + len(marker) :]
    assert rest[0] == 0x12
    length, position = rest[1], 2
    if length & 0x80:
        length, position = length & 0x7F | rest[2] << 7, 3
    return STATUS.FromString(rest[position : position + length])


@pytest.mark.parametrize(
    ("request_", "method", "code"),
    [
        pytest.param(GET(namespace="default", name="no"), "Get", "NOT_FOUND", id="not found"),
        pytest.param(GET(namespace="default"), "Get", "INVALID_ARGUMENT", id="no name"),
        pytest.param(GET(name="a"), "Get", "INVALID_ARGUMENT", id="no namespace"),
        pytest.param(CREATE(namespace="default"), "Create", "INVALID_ARGUMENT", id="no object"),
        pytest.param(new("Not Valid"), "Create", "INVALID_ARGUMENT", id="invalid"),
        pytest.param(
            PATCH(namespace="default", name="a", patch=b"{}"),
            "Patch",
            "INVALID_ARGUMENT",
            id="no kind of patch",
        ),
    ],
)
async def test_refusals(maps, request_, method, code):
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await getattr(maps, method)(request_)
    assert raised.value.code().name == code


async def test_long_refusals_arrive(maps, no_errors):
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await maps.Create(new("ü" * 5000, **{f"key {n}": "x" for n in range(200)}))
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert raised.value.details().startswith('ConfigMap "üüü')
    rich = pb_status(dict(raised.value.trailing_metadata())["grpc-status-details-bin"])
    assert (rich.reason, rich.code) == ("Invalid", 422)


async def test_warnings(mtls):
    endpoints = pb.stub(mtls, "kubepy.core.v1.Endpoints")
    warning = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
    call = endpoints.List(LIST(namespace="default"))
    await call
    assert ("warning", warning) in list(await call.trailing_metadata())
    call = endpoints.Get(GET(namespace="default", name="no"))
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    assert ("warning", warning) in list(raised.value.trailing_metadata())


async def test_every_list_answers(mtls):
    for path, method in methods().items():
        if method.verb == "list" and method.resource.plural != "componentstatuses":
            raw = await mtls.unary_unary(path)(b"")
            assert pb.message(method.answer).FromString(raw) is not None


async def test_status_and_bind(mtls):
    pods = pb.stub(mtls, "kubepy.core.v1.Pods")
    accounts = pb.stub(mtls, "kubepy.core.v1.ServiceAccounts")
    request = pb.message("kubepy.core.v1.CreateServiceAccountRequest")(namespace="default")
    request.object.metadata.name = "default"
    await accounts.Create(request)
    request = pb.message("kubepy.core.v1.CreatePodRequest")(namespace="default")
    request.object.metadata.name = "p"
    container = request.object.spec.containers.add()
    container.name, container.image = "c", "x"
    pod = await pods.Create(request)
    pod.status.phase = "Running"
    update = pb.message("kubepy.core.v1.UpdateStatusPodRequest")(namespace="default", object=pod)
    assert (await pods.UpdateStatus(update)).status.phase == "Running"
    bind = pb.message("kubepy.core.v1.BindPodRequest")(namespace="default", name="p")
    bind.object.target.name, bind.object.target.kind = "n1", "Node"
    assert (await pods.Bind(bind)).status.status == "Success"
    assert (await pods.Get(GET(namespace="default", name="p"))).spec.nodeName == "n1"
    token = pb.message("kubepy.core.v1.CreateTokenServiceAccountRequest")
    issued = await accounts.CreateToken(token(namespace="default", name="default", object={}))
    assert issued.status.token.count(".") == 2


async def test_tokens(tokens):
    maps = pb.stub(tokens, "kubepy.core.v1.ConfigMaps")
    request = LIST(namespace="default")
    admin = [("authorization", "Bearer admin-token")]
    assert (await maps.List(request, metadata=admin)).metadata.resourceVersion
    for metadata, code in (
        ([("authorization", "Bearer nonsense")], "UNAUTHENTICATED"),
        ([("authorization", "Bearer bob-token")], "PERMISSION_DENIED"),
        ([], "PERMISSION_DENIED"),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await maps.List(request, metadata=metadata)
        assert raised.value.code().name == code


async def test_impersonation(tokens):
    reviews = pb.stub(tokens, "kubepy.authentication.v1.SelfSubjectReviews")
    request = pb.message("kubepy.authentication.v1.CreateSelfSubjectReviewRequest")(object={})
    metadata = [("authorization", "Bearer admin-token"), ("impersonate-user", "jane")]
    assert (await reviews.Create(request, metadata=metadata)).status.userInfo.username == "jane"


async def test_the_certificate_port_demands_one(pki, apiserver):
    trusted = grpc.ssl_channel_credentials((pki / "ca.crt").read_bytes())
    target = f"127.0.0.1:{apiserver.ports.grpc}"
    async with grpc.aio.secure_channel(target, trusted) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await pb.stub(channel, "kubepy.core.v1.Namespaces").List(LIST(), timeout=5)
    assert raised.value.code() in (
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    )


async def test_many_watchers_see_the_same(maps):
    watches = [maps.Watch(LIST(namespace="default")) for _ in range(20)]
    readers = [asyncio.create_task(watch.read()) for watch in watches]
    await maps.Create(new("a"))
    events = await asyncio.gather(*readers)
    for watch in watches:
        watch.cancel()
    assert {event.object.metadata.name for event in events} == {"a"}
