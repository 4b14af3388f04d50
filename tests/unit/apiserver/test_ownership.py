"""metadata.managedFields and server-side apply, over the pipeline."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kubepy import testing
from kubepy.api import codec, scheme
from kubepy.api.apps.v1 import Deployment
from kubepy.api.coordination.v1 import Lease
from kubepy.api.core.v1 import ConfigMap, Event, Pod, Secret
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.api.events.v1 import Event as NewEvent
from kubepy.api.meta.v1 import CreateOptions, PatchOptions, UpdateOptions
from kubepy.apiserver.server import ADMIN
from kubepy.base.clock import LoopClock
from kubepy.meta import errors
from kubepy.meta.calls import (
    APPLY_PATCH,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_PATCH,
    YAML,
    Answer,
    Body,
    Call,
    Decision,
    User,
)
from kubepy.meta.managed.fieldset import dump, parse, paths

NS = "default"
MAPS, PODS, DEPLOYMENTS = (scheme.by_type(type_) for type_ in (ConfigMap, Pod, Deployment))


@pytest.fixture
async def api():
    async with testing.apiserver(clock=LoopClock(1.7e9)) as server:
        yield Api(server)


class Api:
    """Requests in few words."""

    def __init__(self, server: testing.TestServer) -> None:
        self.server = server

    async def ask(self, call: Call, user: Any = ADMIN) -> Answer:
        answer = await self.server.pipeline.handle(call, user)
        assert isinstance(answer, Answer)
        return answer

    async def create(self, resource, body, agent="maker/1", manager="", content_type=""):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        call = Call(
            "create", resource, NS, body=Body(raw, content_type or "application/json"),
            options=CreateOptions(fieldManager=manager), user_agent=agent,
        )  # fmt: skip
        return (await self.ask(call)).object

    async def update(self, resource, body, manager="", sub=""):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        name = json.loads(raw)["metadata"]["name"]
        call = Call(
            "update", resource, NS, name, sub, body=Body(raw),
            options=UpdateOptions(fieldManager=manager), user_agent="updater/1",
        )  # fmt: skip
        return (await self.ask(call)).object

    async def patch(self, resource, name, body, kind=MERGE_PATCH, manager="", sub=""):
        call = Call(
            "patch", resource, NS, name, sub, body=Body(json.dumps(body).encode(), kind),
            options=PatchOptions(fieldManager=manager), user_agent="patcher/1",
        )  # fmt: skip
        return (await self.ask(call)).object

    async def apply(self, resource, name, body, manager="m", sub="", user=ADMIN, **more):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        call = Call(
            "patch", resource, NS, name, sub, body=Body(raw, APPLY_PATCH),
            options=PatchOptions(fieldManager=manager, **more), user_agent="applier/1",
        )  # fmt: skip
        return await self.ask(call, user)

    async def get(self, resource, name):
        return (await self.ask(Call("get", resource, NS, name))).object


def config_map(name="a", **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def deployment(name="web", replicas=1, image="one:1"):
    pod = {"containers": [{"name": "one", "image": image}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": pod},
        },
    }


def owners(obj):
    """Who owns what; an owner through a subresource is named after it, too."""
    found = {}
    for entry in obj.metadata.managedFields:
        assert entry.fieldsType == "FieldsV1"
        who = f"{entry.manager} {entry.operation} {entry.subresource}".strip()
        found[who] = list(paths(parse(bytes(entry.fieldsV1))))
    return found


# ---- create, update, patch


@pytest.mark.parametrize(
    ("agent", "manager", "name"),
    [
        pytest.param("kubectl/v1.36.2 (linux/amd64)", "", "kubectl", id="the user agent's name"),
        pytest.param("kubectl/v1.36.2", "me", "me", id="the name that is given"),
        pytest.param("", "", "unknown", id="no name"),
        pytest.param("a\x07b/1", "", "ab", id="without what cannot be printed"),
        pytest.param("ü" * 70, "", "ü" * 64, id="as long as a name may be"),
    ],
)
async def test_a_new_object_belongs_to_who_made_it(api, agent, manager, name):
    made = await api.create(MAPS, config_map(x="1"), agent, manager)
    assert owners(made) == {f"{name} Update": [".data", ".data.x"]}
    (entry,) = made.metadata.managedFields
    assert (entry.apiVersion, entry.time) == ("v1", made.metadata.creationTimestamp)


async def test_defaults_belong_to_the_maker_and_status_to_nobody(api):
    made = await api.create(DEPLOYMENTS, {**deployment(), "status": {"replicas": 3}})
    (fields,) = owners(made).values()
    assert ".spec.revisionHistoryLimit" in fields
    assert '.spec.template.spec.containers[name="one"].imagePullPolicy' in fields
    assert ".spec.strategy" not in fields  # a struct that is always there
    assert ".spec.strategy.rollingUpdate" in fields
    assert not [path for path in fields if path.startswith((".status", ".kind", ".apiVersion"))]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (MERGE_PATCH, {"data": {"y": "2"}}),
        (STRATEGIC_PATCH, {"data": {"y": "2"}}),
        (JSON_PATCH, [{"op": "add", "path": "/data/y", "value": "2"}]),
    ],
)
async def test_a_patch_owns_what_it_changes(api, kind, body):
    await api.create(MAPS, config_map(x="1"))
    patched = await api.patch(MAPS, "a", body, kind)
    assert owners(patched) == {
        "maker Update": [".data", ".data.x"],
        "patcher Update": [".data.y"],
    }


async def test_an_update_owns_what_it_changes_and_takes_it_from_others(api):
    await api.create(MAPS, config_map(x="1", y="1"))
    updated = await api.update(MAPS, config_map(x="2", y="1"), "other")
    assert owners(updated) == {
        "maker Update": [".data", ".data.y"],
        "other Update": [".data.x"],
    }


async def test_an_update_without_a_change_writes_nothing(api):
    made = await api.create(MAPS, config_map(x="1"))
    again = await api.update(MAPS, config_map(x="1"))
    assert again.metadata == made.metadata


async def test_a_status_has_owners_of_its_own(api):
    await api.create(DEPLOYMENTS, deployment())
    body = {**deployment(replicas=5), "status": {"replicas": 2}}
    body["metadata"]["labels"] = {"a": "b"}
    updated = await api.update(DEPLOYMENTS, body, "ctl", "status")
    assert updated.spec.replicas == 1
    assert owners(updated)["ctl Update status"] == [".status.replicas"]


async def test_ephemeral_containers_own_only_themselves(api):
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    await api.create(PODS, pod)
    extra = {"spec": {"ephemeralContainers": [{"name": "e", "image": "i"}], "hostname": "h"}}
    patched = await api.patch(PODS, "p", extra, STRATEGIC_PATCH, "dbg", "ephemeralcontainers")
    fields = owners(patched)["dbg Update ephemeralcontainers"]
    assert '.spec.ephemeralContainers[name="e"].image' in fields
    assert all(path.startswith(".spec.ephemeralContainers") for path in fields)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b'"managedFields": [{}]', id="one empty entry"),
        pytest.param(b'"managedFields": []', id="an empty list"),
    ],
)
async def test_owners_can_be_reset(api, sent):
    await api.create(MAPS, config_map(x="1"))
    body = b'{"metadata": {"name": "a", %s}, "data": {"x": "2"}}' % sent
    assert owners(await api.update(MAPS, body)) == {}
    assert owners(await api.patch(MAPS, "a", {"data": {"y": "1"}})) == {}  # nobody is tracked


async def test_owners_can_be_reset_by_a_patch_and_in_yaml(api):
    await api.create(MAPS, config_map(x="1"))
    reset = [{"op": "replace", "path": "/metadata/managedFields", "value": []}]
    assert owners(await api.patch(MAPS, "a", reset, JSON_PATCH)) == {}
    raw = b"metadata: {name: b, managedFields: []}\ndata: {x: '1'}\n"
    made = await api.create(MAPS, raw, content_type=YAML)
    assert owners(made) == {"maker Update": [".data", ".data.x"]}


async def test_owners_that_a_client_names_are_taken_over(api):
    made = await api.create(MAPS, config_map(x="1"))
    (entry,) = made.metadata.managedFields
    named = json.loads(codec.encode(replace(entry, manager="renamed")))
    body = config_map(x="1")
    body["metadata"]["managedFields"] = [named]
    assert list(owners(await api.update(MAPS, body))) == ["renamed Update"]


@pytest.mark.parametrize(
    "changes",
    [{"operation": "Delete"}, {"fieldsType": "FieldsV2"}, {"apiVersion": ""}, {"fieldsV1": [1]}],
)
async def test_owners_that_nobody_understands_are_ignored(api, changes):
    made = await api.create(MAPS, config_map(x="1"))
    entry = json.loads(codec.encode(made.metadata.managedFields[0]))
    body = config_map(x="1")
    body["metadata"]["managedFields"] = [{**entry, **changes}]
    assert owners(await api.update(MAPS, body)) == owners(made)


async def test_an_owner_with_a_bad_name_is_refused(api):
    made = await api.create(MAPS, config_map(x="1"))
    entry = json.loads(codec.encode(made.metadata.managedFields[0]))
    body = config_map(x="1")
    body["metadata"]["managedFields"] = [{**entry, "manager": "a\nb"}]
    with pytest.raises(errors.Invalid) as caught:
        await api.update(MAPS, body)
    fields = {cause.field for cause in caught.value.causes}
    assert fields == {"metadata.managedFields[0].manager"}


async def test_text_of_a_secret_is_owned_as_data(api):
    secrets = scheme.by_type(Secret)
    made = await api.create(secrets, {"metadata": {"name": "s"}, "stringData": {"x": "y"}})
    assert (made.data, made.stringData) == ({"x": b"y"}, {})
    assert owners(made) == {"maker Update": [".data", ".type", ".data.x"]}


async def test_labels_of_an_endpoint_slice_count_as_desired(api):
    slices = scheme.by_type(EndpointSlice)
    body = {"metadata": {"name": "e"}, "addressType": "IPv4", "endpoints": [], "ports": []}
    made = await api.create(slices, body)
    noted = await api.patch(slices, "e", {"metadata": {"annotations": {"a": "b"}}})
    labelled = await api.patch(slices, "e", {"metadata": {"labels": {"a": "b"}}})
    generations = [obj.metadata.generation for obj in (made, noted, labelled)]
    assert generations == [1, 1, 2]


# ---- apply


async def test_an_apply_creates_and_then_changes(api):
    first = await api.apply(MAPS, "a", config_map(x="1", y="1"))
    assert (first.code, owners(first.object)) == (201, {"m Apply": [".data.x", ".data.y"]})
    second = await api.apply(MAPS, "a", config_map(x="2"))
    assert (second.code, second.object.data) == (200, {"x": "2"})
    assert owners(second.object) == {"m Apply": [".data.x"]}


async def test_an_apply_that_changes_nothing_writes_nothing(api):
    first = await api.apply(MAPS, "a", config_map(x="1"))
    again = await api.apply(MAPS, "a", config_map(x="1"))
    assert again.object.metadata == first.object.metadata


async def test_apply_as_yaml(api):
    raw = b"# mine\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: 'y'}\n"
    assert (await api.apply(MAPS, "a", raw)).object.data == {"x": "y"}


async def test_a_dry_run_stores_nothing(api):
    answer = await api.apply(MAPS, "a", config_map(x="1"), dryRun=("All",))
    assert (answer.code, answer.object.data) == (201, {"x": "1"})
    with pytest.raises(errors.NotFound):
        await api.get(MAPS, "a")


async def test_a_conflict_names_the_field_and_force_takes_it(api):
    await api.apply(MAPS, "a", config_map(x="1"))
    with pytest.raises(errors.Conflict) as caught:
        await api.apply(MAPS, "a", config_map(x="2"), "other")
    assert caught.value.message == 'Apply failed with 1 conflict: conflict with "m": .data.x'
    assert [cause.field for cause in caught.value.causes] == [".data.x"]
    taken = await api.apply(MAPS, "a", config_map(x="2"), "other", force=True)
    assert owners(taken.object) == {"other Apply": [".data.x"]}


async def test_items_of_lists_are_merged_by_their_keys(api):
    await api.apply(DEPLOYMENTS, "web", deployment())
    other = deployment()
    container = other["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "A", "value": "a"}]
    del other["spec"]["replicas"]
    found = (await api.apply(DEPLOYMENTS, "web", other, "other")).object
    (one,) = found.spec.template.spec.containers
    assert [(each.name, each.value) for each in one.env] == [("A", "a")]
    found = (await api.apply(DEPLOYMENTS, "web", deployment(image="one:1"))).object
    assert found.spec.template.spec.containers[0].env


OTHER = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}
MANAGED = {**config_map(), "metadata": {"name": "a", "managedFields": []}}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        pytest.param({}, 400, "invalid object type: /, Kind=", id="no kind"),
        pytest.param(OTHER, 400, "invalid object type: /v1, Kind=Secret", id="another kind"),
        pytest.param(
            {**config_map(), "apiVersion": "apps/v1"},
            400,
            "invalid object type: apps/v1, Kind=ConfigMap",
            id="another version",
        ),
        pytest.param(MANAGED, 400, "metadata.managedFields must be nil", id="with owners"),
        pytest.param(
            config_map("b"),
            400,
            "the name of the object (b) does not match the name on the URL (a)",
            id="another name",
        ),
        pytest.param(
            {**config_map(), "metadata": {}},
            400,
            "the name of the object (a based on URL) was undeterminable: name must be provided",
            id="no name",
        ),
        pytest.param(
            {**config_map(), "metadata": {"name": "a", "namespace": "n"}},
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
            id="another namespace",
        ),
        pytest.param(
            {**config_map(), "nope": 1},
            500,
            "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .nope: field not "
            "declared in schema",
            id="an unknown field",
        ),
        pytest.param(
            b"[1]",
            400,
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot "
            "unmarshal array into Go value of type map[string]interface {}",
            id="a list",
        ),
        pytest.param(
            b"a: [b\n",
            400,
            "error decoding YAML: error converting YAML to JSON: yaml: line 1: did not find "
            "expected ',' or ']'",
            id="broken YAML",
        ),
        pytest.param(b"", 400, "invalid object type: /, Kind=", id="nothing"),
    ],
)
async def test_what_cannot_be_applied(api, body, code, message):
    with pytest.raises(errors.ApiError) as caught:
        await api.apply(MAPS, "a", body)
    assert (caught.value.code, caught.value.message) == (code, message)


async def test_an_apply_nested_without_end_is_refused(api):
    deep = b'{"apiVersion":"v1","kind":"ConfigMap","data":' + b'{"a":' * 900 + b"1" + b"}" * 901
    with pytest.raises(errors.ApiError) as caught:
        await api.apply(MAPS, "a", deep)
    assert caught.value.code in (400, 500)


async def test_who_applies_must_have_a_name(api):
    with pytest.raises(errors.Invalid) as caught:
        await api.apply(MAPS, "a", config_map(), "")
    assert caught.value.message == (
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for '
        "apply patch"
    )


@pytest.mark.parametrize(
    ("mode", "warned"), [("Ignore", False), ("Warn", True), ("", True), ("Strict", None)]
)
async def test_keys_that_come_twice(api, mode, warned):
    raw = (
        b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},\n"data":{"x":"1",\n'
        b'"x":"2"}}'
    )
    listed = (
        "error converting YAML to JSON: yaml: unmarshal errors:\n"
        '  line 3: key "x" already set in map'
    )
    if warned is None:
        with pytest.raises(errors.BadRequest) as caught:
            await api.apply(MAPS, "a", raw, fieldValidation=mode)
        assert caught.value.message == f"error strict decoding YAML: {listed}"
        return
    answer = await api.apply(MAPS, "a", raw, fieldValidation=mode)
    assert answer.object.data == {"x": "2"}
    assert answer.warnings == ((listed,) if warned else ())


async def test_a_uid_without_its_object_is_a_conflict(api):
    body = config_map()
    body["metadata"]["uid"] = "u"
    with pytest.raises(errors.Conflict) as caught:
        await api.apply(MAPS, "a", body)
    assert caught.value.message == (
        'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object '
        "specified uid u, and no existing object was found"
    )


async def test_a_stale_version_is_a_conflict(api):
    await api.apply(MAPS, "a", config_map(x="1"))
    body = config_map(x="1", y="1")
    body["metadata"]["resourceVersion"] = "1"
    with pytest.raises(errors.Conflict):
        await api.apply(MAPS, "a", body)


async def test_a_subresource_is_not_created(api):
    with pytest.raises(errors.NotFound):
        await api.apply(DEPLOYMENTS, "web", {**deployment(), "status": {}}, sub="status")


async def test_who_may_not_create_may_not_apply_what_is_not_there():
    async def patches_only(asked):
        return Decision(asked.verb != "create" or asked.user.name != "u")

    async with testing.apiserver(authorize=patches_only) as server:
        api, user = Api(server), User(name="u")
        with pytest.raises(errors.Forbidden) as caught:
            await api.apply(MAPS, "a", config_map(x="1"), user=user)
        assert 'cannot create resource "configmaps"' in caught.value.message
        await api.apply(MAPS, "a", config_map(x="1"))
        await api.apply(MAPS, "a", config_map(y="1"), "u", user=user)


async def test_who_may_not_create_may_not_put_what_is_not_there():
    async def updates_only(asked):
        return Decision(asked.verb != "create" or asked.user.name != "u")

    leases = scheme.by_type(Lease)
    put = Call("update", leases, NS, "a", body=Body(b'{"metadata":{"name":"a"}}'))
    async with testing.apiserver(authorize=updates_only) as server:
        api = Api(server)
        with pytest.raises(errors.Forbidden) as caught:
            await api.ask(put, User(name="u"))
        assert 'cannot create resource "leases"' in caught.value.message
        made = (await api.ask(replace(put, user_agent="x/1"))).object
        assert [entry.manager for entry in made.metadata.managedFields] == []
        assert made.metadata.uid


async def test_an_apply_takes_what_nobody_has_tracked(api):
    body = config_map(x="1")
    await api.create(MAPS, body)
    body["metadata"]["managedFields"] = [{}]
    await api.update(MAPS, body)
    found = (await api.apply(MAPS, "a", config_map(y="1"))).object
    assert owners(found) == {
        "m Apply": [".data.y"],
        "before-first-apply Update": [".data", ".data.x"],
    }


# ---- kubectl, from client-side to server-side

NOTE = "kubectl.kubernetes.io/last-applied-configuration"


async def test_kubectl_takes_over_what_it_applied_client_side(api):
    body = config_map(x="1")
    last = json.dumps(body)
    body["metadata"]["annotations"] = {NOTE: last}
    await api.create(MAPS, body, manager="kubectl-client-side-apply")
    with pytest.raises(errors.Conflict):
        await api.apply(MAPS, "a", config_map(x="2"), "somebody")
    found = (await api.apply(MAPS, "a", config_map(x="2"), "kubectl")).object
    assert owners(found)["kubectl Apply"] == [".data.x"]
    noted = msgspec.json.decode(found.metadata.annotations[NOTE])
    assert noted == config_map(x="2")


async def test_kubectl_does_not_take_what_others_have_changed_since(api):
    body = config_map(x="1")
    body["metadata"]["annotations"] = {NOTE: json.dumps(config_map(x="1"))}
    await api.create(MAPS, body, manager="kubectl-client-side-apply")
    await api.patch(MAPS, "a", {"data": {"x": "5"}})
    with pytest.raises(errors.Conflict):
        await api.apply(MAPS, "a", config_map(x="2"), "kubectl")


# ---- scale, and kinds of two groups


async def test_the_scale_has_the_owners_of_the_replicas(api):
    await api.apply(DEPLOYMENTS, "web", deployment(replicas=1))
    scaled = await api.patch(
        DEPLOYMENTS, "web", {"spec": {"replicas": 3}}, manager="s", sub="scale"
    )
    assert scaled.metadata.managedFields == ()
    found = await api.get(DEPLOYMENTS, "web")
    assert owners(found)["s Update scale"] == [".spec.replicas"]
    assert ".spec.replicas" not in owners(found)["m Apply"]
    scale = {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {"name": "web"},
        "spec": {"replicas": 4},
    }
    with pytest.raises(errors.Conflict) as caught:
        await api.apply(DEPLOYMENTS, "web", scale, "hpa", "scale")
    assert caught.value.message == (
        'Apply failed with 1 conflict: conflict with "s" with subresource "scale" using '
        "autoscaling/v1: .spec.replicas"
    )
    await api.apply(DEPLOYMENTS, "web", scale, "hpa", "scale", force=True)
    found = await api.get(DEPLOYMENTS, "web")
    assert found.spec.replicas == 4
    assert owners(found)["hpa Apply scale"] == [".spec.replicas"]


async def test_owners_of_an_event_in_either_group(api):
    new, core = scheme.by_type(NewEvent), scheme.by_type(Event)
    made = {
        "metadata": {"name": "e"},
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingController": "k/c",
        "reportingInstance": "i",
        "action": "a",
        "reason": "r",
        "type": "Normal",
        "regarding": {"kind": "Pod", "namespace": NS, "name": "p"},
        "note": "before",
    }
    await api.create(new, made)
    patched = await api.patch(core, "e", {"message": "after"}, manager="old")
    fields = owners(patched)
    assert fields["old Update"] == [".message"]
    assert ".note" not in fields["maker Update"]
    assert ".reason" in fields["maker Update"]


# ---- whatever is sent

PIECES = (None, [], {}, -1, 1e300, "", "x", True, [[]], [{}], [None], {"a": None}, {"name": {}})


def spoiled(document: Any, random: Random) -> Any:
    """The document with one value, somewhere in it, replaced by a piece."""
    if not isinstance(document, dict | list) or not document or random.random() < 0.15:
        return random.choice(PIECES)
    found = document.copy()
    at = random.choice(list(document)) if isinstance(document, dict) else 0
    found[at] = spoiled(document[at], random)
    return found


@pytest.mark.parametrize("seed", range(5))
async def test_an_apply_of_anything_is_answered(api, seed):
    random = Random(seed)
    whole = deployment()
    whole["metadata"] |= {"labels": {"a": "b"}, "finalizers": ["x/y"], "ownerReferences": []}
    pod = whole["spec"]["template"]["spec"]
    pod["containers"][0] |= {"ports": [{"containerPort": 80}], "args": ["x"]}
    pod["tolerations"] = [{"key": "k", "operator": "Exists"}]
    await api.apply(DEPLOYMENTS, "web", whole)
    for _ in range(150):
        body, force = spoiled(whole, random), random.random() < 0.5
        try:
            await api.apply(DEPLOYMENTS, "web", body, random.choice("mn"), force=force)
        except errors.ApiError as problem:
            assert problem.code < 500 or problem.message.startswith("failed to ")
    found = await api.get(DEPLOYMENTS, "web")
    for entry in found.metadata.managedFields:
        assert bytes(entry.fieldsV1) == dump(parse(bytes(entry.fieldsV1)))
