"""Patching some fields alone gives what patching the whole document gives."""

from __future__ import annotations

import msgspec
import pytest

from kubepy.api.core.v1 import Container, Pod, PodCondition, PodSpec, PodStatus
from kubepy.api.custom import define
from kubepy.api.meta.v1 import ManagedFieldsEntry, ObjectMeta
from kubepy.apiserver import bodies
from kubepy.apiserver.crd.form import Form
from kubepy.apiserver.crd.structural import compile_schema
from kubepy.apiserver.verbs import patch
from kubepy.meta.calls import MERGE_PATCH, STRATEGIC_PATCH, Body
from kubepy.meta.errors import ApiError

POD = Pod(
    metadata=ObjectMeta(
        name="a",
        labels={"app": "x", "tier": "y"},
        managedFields=(ManagedFieldsEntry(manager="m", operation="Update"),),
    ),
    spec=PodSpec(containers=(Container(name="web", image="i"), Container(name="log", image="j"))),
    status=PodStatus(phase="Pending", conditions=(PodCondition(type="Ready", status="False"),)),
)


@pytest.mark.parametrize("content_type", [MERGE_PATCH, STRATEGIC_PATCH])
@pytest.mark.parametrize("mode", [bodies.STRICT, bodies.WARN, bodies.IGNORE])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"status": {"phase": "Running"}}, id="a field of the status"),
        pytest.param(
            {"status": {"conditions": [{"type": "Ready", "status": "True"}]}},
            id="an item of a list",
        ),
        pytest.param({"status": None}, id="the status taken away"),
        pytest.param(
            {"metadata": {"labels": {"app": None, "new": "z"}}, "spec": {"nodeName": "n"}},
            id="two fields",
        ),
        pytest.param({"spec": {"$retainKeys": ["nodeName"], "nodeName": "n"}}, id="directive"),
        pytest.param({"$patch": "replace", "metadata": {"name": "a"}}, id="directive at the top"),
        pytest.param({"metadata": {"managedFields": []}}, id="owners reset"),
        pytest.param({"status": {"phase": 7}}, id="a wrong type"),
        pytest.param({"status": {"strange": 7}}, id="an unknown field"),
        pytest.param({"strange": 7}, id="an unknown field at the top"),
        pytest.param({"kind": "Node", "status": {}}, id="another kind"),
        pytest.param({"kind": "Pod", "apiVersion": "v1", "status": {}}, id="the same kind"),
    ],
)
def test_a_part_or_the_whole(change, mode, content_type):
    found = patch.decode(Body(msgspec.json.encode(change), content_type), Pod)
    assert outcome(found, POD, mode) == outcome(found._replace(touched=None), POD, mode)


def test_what_a_patch_does_not_name_stays_the_same_object():
    found = patch.decode(Body(b'{"status":{"phase":"Running"}}', MERGE_PATCH), Pod)
    obj, _ = patch.patched(found, POD, Pod, bodies.WARN)
    assert obj.spec is POD.spec
    assert obj.status.phase == "Running"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(
            {"metadata": {"labels": {"a": 1}}}, "cannot convert int64 to string", id="int"
        ),
        pytest.param({"status": {"phase": True}}, "unrecognized type: string", id="bool"),
        pytest.param({"spec": {"priority": "x"}}, "unrecognized type: int32", id="no number"),
        pytest.param(
            {"spec": {"priority": 1.5}}, "cannot convert float64 to int32", id="no whole number"
        ),
        pytest.param({"spec": {"hostNetwork": 1}}, "unrecognized type: bool", id="no bool"),
        pytest.param({"spec": {"tolerations": "x"}}, "cannot restore slice from string", id="list"),
        pytest.param({"spec": {"nodeSelector": ["x"]}}, "cannot restore map from slice", id="map"),
        pytest.param({"spec": "x"}, "cannot restore struct from: string", id="struct"),
    ],
)
def test_a_strategic_patch_that_does_not_fit_says_why_in_the_converters_words(change, why):
    found = patch.decode(Body(msgspec.json.encode(change), STRATEGIC_PATCH), Pod)
    assert outcome(found, POD, bodies.STRICT).message.endswith(f": {why}")


SCHEMA = compile_schema(
    {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"size": {"type": "integer"}, "text": {}}},
            "status": {"type": "object", "properties": {"seen": {"type": "integer"}}},
        },
    }
)
FORM = Form("Widget", "example.com/v1", SCHEMA, keep_all=False)
WIDGET = define("Widget", "example.com/v1", form=FORM)
OBJECT = WIDGET(
    metadata=ObjectMeta(name="a", labels={"app": "x"}),
    content={"spec": {"size": 1, "text": "t"}, "status": {"seen": 1}},
)


@pytest.mark.parametrize("mode", [bodies.STRICT, bodies.WARN, bodies.IGNORE])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"spec": {"size": 2}}, id="a field"),
        pytest.param({"spec": {"size": 2.0}}, id="a number to be brought into form"),
        pytest.param({"spec": None}, id="a part taken away"),
        pytest.param(
            {"metadata": {"labels": {"app": None}}, "status": {"seen": 2}}, id="two parts"
        ),
        pytest.param({"metadata": {"managedFields": []}}, id="owners reset"),
        pytest.param({"metadata": {"labels": 7}}, id="metadata of a wrong type"),
        pytest.param({"spec": {"strange": 7}}, id="an unknown field"),
        pytest.param({"strange": 7}, id="an unknown field at the top"),
        pytest.param({"kind": "Other"}, id="another kind"),
        pytest.param({"kind": "Widget", "spec": {"size": 2}}, id="the same kind"),
    ],
)
def test_a_part_or_the_whole_of_a_custom_object(change, mode):
    found = patch.decode(Body(msgspec.json.encode(change), MERGE_PATCH), WIDGET)
    assert outcome(found, OBJECT, mode) == outcome(found._replace(touched=None), OBJECT, mode)


def outcome(change, shown, mode):
    try:
        return patch.patched(change, shown, type(shown), mode)
    except ApiError as error:
        return error.status
