"""Requests for resources of all kinds, and why some lead nowhere."""

from __future__ import annotations

import pytest

from kubepy.api import scheme
from kubepy.api.custom import CustomKind
from kubepy.api.scheme import Subresource
from kubepy.apiserver.rpc import dynamic, messages
from kubepy.apiserver.rpc.methods import dynamic_methods, methods
from kubepy.meta.calls import Call, Item
from kubepy.meta.errors import ApiError, BadRequest, NotAcceptable, RequestEntityTooLarge

WIDGETS = CustomKind(
    group="example.com",
    version="v1",
    kind="Widget",
    list_kind="WidgetList",
    plural="widgets",
    singular="widget",
    module="",
    namespaced=True,
    verbs=("get", "list", "create", "update"),
    subresources=(Subresource(name="status", kind="Widget", verbs=("get", "update")),),
)
ADDRESS = {"group": "example.com", "version": "v1", "resource": "widgets"}


def known(group, version, plural):
    if (group, version, plural) == ("example.com", "v1", "widgets"):
        return WIDGETS
    return scheme.by_plural(group, version, plural)


def call_of(method, **wanted):
    method = dynamic_methods()[f"/kubepy.v1.Dynamic/{method}"]
    sent = wanted.pop("object", None)
    message = method.request(**{**ADDRESS, **wanted})
    if sent is not None:
        message.object.update(sent)
    message = messages.parse(method, message.SerializeToString())
    address = messages.address_of(method, message, known)
    dynamic.check(address, elsewhere=False)
    return messages.call_of(method, address, message, "me/1 grpc-python/2")


NAMED = {"namespace": "n", "name": "a"}
OBJECT = {"metadata": {"name": "a", "namespace": "n"}, "spec": {"size": 3}}


@pytest.mark.parametrize(
    ("method", "wanted", "meaning"),
    [
        ("Get", NAMED, ("get", "n", "a", "")),
        ("Get", {**NAMED, "subresource": "status"}, ("get", "n", "a", "status")),
        ("List", {}, ("list", "", "", "")),
        ("Create", {"namespace": "n", "object": OBJECT}, ("create", "n", "", "")),
        ("Create", {"object": OBJECT}, ("create", "n", "", "")),
        ("Update", {"object": OBJECT}, ("update", "n", "a", "")),
        ("Update", {"namespace": "m", "name": "b", "object": OBJECT}, ("update", "m", "b", "")),
        ("Update", {"object": OBJECT, "subresource": "status"}, ("update", "n", "a", "status")),
        (
            "Get",
            {"group": "", "resource": "nodes", "namespace": "n", "name": "a"},
            ("get", "", "a", ""),
        ),
    ],
    ids=[
        "an object", "a subresource", "all namespaces", "a namespace of the request",
        "a namespace of the object", "an object that says who it is", "the request says more",
        "a subresource of an object that says who it is", "a cluster-wide resource",
    ],
)  # fmt: skip
def test_calls(method, wanted, meaning):
    call = call_of(method, **wanted)
    assert (call.verb, call.namespace, call.name, call.subresource) == meaning
    assert call.user_agent == "me/1"


def test_the_object_is_a_body_of_json():
    assert call_of("Create", object=OBJECT).body.raw == (
        b'{"metadata":{"name":"a","namespace":"n"},"spec":{"size":3}}'
    )


@pytest.mark.parametrize(
    ("method", "wanted", "code", "message"),
    [
        ("Get", {"version": "v9"}, 404, "the server could not find the requested resource"),
        ("Get", {"namespace": "n"}, 400, "name is required"),
        ("Get", {"name": "a"}, 400, "namespace is required"),
        ("Create", {"object": {"spec": {}}}, 400, "namespace is required"),
        ("Create", {"namespace": "n"}, 400, "the request bears no object"),
        ("Watch", {}, 405, 'watch is not supported on resources of kind "widgets.example.com"'),
        (
            "Get",
            {**NAMED, "subresource": "scale"},
            404,
            'widgets.example.com "a" not found',
        ),
        (
            "Get",
            {"group": "", "resource": "pods", "subresource": "nope"},
            404,
            "the server could not find the requested resource",
        ),
        (
            "Get",
            {"group": "", "resource": "pods", "subresource": "log"},
            405,
            "pods/log is no object but a stream: ask the resource's own service, or REST",
        ),
        (
            "List",
            {"group": "authorization.k8s.io", "resource": "subjectaccessreviews"},
            405,
            "the server does not allow this method on the requested resource",
        ),
        (
            "Create",
            {"namespace": "n", "object": {"spec": {"size": 2.0**60}}},
            400,
            "object.spec.size: 1152921504606846976 is a whole number beyond 9007199254740991, "
            "and a double may have made it of another: send it in a patch",
        ),
        (
            "Patch",
            {"group": "", "resource": "configmaps", "namespace": "n", "name": "a"},
            400,
            "content_type must be one of application/json-patch+json, "
            "application/merge-patch+json, application/strategic-merge-patch+json, "
            "application/apply-patch+yaml",
        ),
    ],
    ids=[
        "unknown version", "no name", "no namespace", "no namespace anywhere", "no object",
        "no such verb", "no such subresource", "no such subresource of a built-in kind", "a stream",
        "no such verb of a built-in kind", "a number that may not be meant", "no kind of patch",
    ],
)  # fmt: skip
def test_refusals(method, wanted, code, message):
    with pytest.raises(ApiError) as caught:
        call_of(method, **wanted)
    assert (caught.value.code, caught.value.message) == (code, message)


def test_a_group_that_another_server_answers_for():
    with pytest.raises(ApiError) as caught:
        dynamic.check(Call("get", WIDGETS), elsewhere=True)
    assert caught.value.code == 405
    assert caught.value.message == "another server answers for example.com/v1, and only over REST"


def test_a_number_that_cannot_be_shown():
    raw = b'{"metadata":{"name":"a"},"spec":{"size":9007199254740993}}'
    with pytest.raises(NotAcceptable, match=r'^Widget "a" is not for google.protobuf.Struct: spec'):
        dynamic.encoded(Item(WIDGETS.type, raw))
    with pytest.raises(NotAcceptable, match='^the patch was done, but Widget "a" is not for'):
        dynamic.answer(Item(WIDGETS.type, raw), "patch")


def test_what_is_larger_than_a_body_may_be():
    with pytest.raises(RequestEntityTooLarge, match="limit is 3145728"):
        call_of("Create", namespace="n", object={"data": "x" * messages.MAX_REQUEST_BYTES})


KEY = b"\x3a\x08\x0a\x06\x0a\x02\xff\xfe\x12\x00"  # an object with a field whose name is no text


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        pytest.param("/kubepy.core.v1.Pods/Get", b"\x0a\x02\xff\xfe", id="namespace"),
        pytest.param("/kubepy.core.v1.Pods/Get", b"\x1a\x04\x0a\x02\xff\xfe", id="option"),
        pytest.param("/kubepy.core.v1.Pods/Create", b"\x12\x04\x0a\x02\x0a\xff", id="cut off"),
        pytest.param("/kubepy.core.v1.Pods/Create", b"\x12\x06\x0a\x04\x0a\x02\xff\xfe", id="name"),
        pytest.param("/kubepy.v1.Dynamic/Get", b"\x0a\x02\xff\xfe", id="group"),
        pytest.param("/kubepy.v1.Dynamic/Get", b"\x32\x02\xff\xfe", id="subresource"),
        pytest.param("/kubepy.v1.Dynamic/Create", KEY, id="key"),
    ],
)  # fmt: skip
def test_text_that_is_none(path, raw):
    method = {**methods(), **dynamic_methods()}[path]
    with pytest.raises(BadRequest):
        message = messages.parse(method, raw)
        address = messages.address_of(method, message, known)
        messages.call_of(method, address, message, "")
