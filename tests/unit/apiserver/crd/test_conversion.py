"""What a conversion webhook may answer, and what it is told when it answers otherwise."""

from __future__ import annotations

import json

import pytest

from kubepy.apiserver.crd import conversion
from kubepy.meta.errors import Unknown

UID = "705ab4f5-6393-11e8-b7cc-42010a800002"
META = {"name": "a", "namespace": "n", "uid": "u", "labels": {"x": "y"}, "generation": 3}
STORED = {"kind": "Widget", "apiVersion": "example.com/v1", "metadata": META, "spec": {"s": 1}}
GOOD = {**STORED, "apiVersion": "example.com/v2", "spec": {"t": 1}}
RAW = json.dumps(STORED, separators=(",", ":")).encode()
BEGIN = "conversion webhook for example.com/v1, Kind=Widget "


def reply(*objects, **changes):
    response = {"uid": UID, "result": {"status": "Success"}, "convertedObjects": objects}
    return {
        "kind": "ConversionReview",
        "apiVersion": "apiextensions.k8s.io/v1",
        "response": {**response, **changes},
    }


def read(document, version="v1"):
    content = json.dumps(document).encode()
    found = conversion.answer([RAW], "example.com/v2", UID, version, content)
    return [json.loads(each) for each in found]


def with_metadata(**changes):
    return {**GOOD, "metadata": {**META, **changes}}


def test_a_question_holds_the_objects_as_they_are():
    asked = json.loads(conversion.review([RAW], "example.com/v2", UID, "v1"))
    assert asked == {
        "kind": "ConversionReview",
        "apiVersion": "apiextensions.k8s.io/v1",
        "request": {"uid": UID, "desiredAPIVersion": "example.com/v2", "objects": [STORED]},
    }


def test_which_objects_are_of_another_version():
    other = json.dumps({**STORED, "apiVersion": "example.com/v2"}).encode()  # with blanks
    assert conversion.foreign([RAW, other], "Widget", "example.com/v2") == [0]
    assert conversion.foreign([RAW, other], "Widget", "example.com/v1") == [1]


def test_only_labels_and_annotations_are_taken_of_metadata():
    given = with_metadata(labels={"z": "1"}, annotations={"b": "c"}, generation=9)
    assert read(reply(given)) == [with_metadata(labels={"z": "1"}, annotations={"b": "c"})]
    assert "labels" not in read(reply(with_metadata(labels=None)))[0]["metadata"]


def test_the_older_review_is_not_asked_who_it_is():
    document = {**reply(GOOD, uid="other"), "apiVersion": ""}
    assert read(document, "v1beta1") == [GOOD]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({**reply(GOOD), "kind": ""}, "failed: expected webhook response of "
         "apiextensions.k8s.io/v1, Kind=ConversionReview, got apiextensions.k8s.io/v1, Kind="),
        ({**reply(GOOD), "response": None}, "failed: no response provided"),
        (reply(GOOD, uid="x"), f'failed: expected response.uid="{UID}", got "x"'),
        (reply(result={"status": "Failure", "message": "no"}), "failed: no"),
        (reply(result={}), "failed: response.result.status was '', not 'Success'"),
        (reply(), "returned 0 objects, expected 1"),
        (reply({**GOOD, "apiVersion": "example.com/v3"}), "returned invalid object at index 0: "
         "invalid groupVersion (expected example.com/v2, received example.com/v3)"),
        (reply({**GOOD, "kind": "Gadget"}), "returned invalid object at index 0: "
         "invalid kind (expected Widget, received Gadget)"),
        (reply(with_metadata(name="b")),
         "returned invalid object: must have the same name: a != b"),
        (reply(with_metadata(uid="v")),
         "returned invalid object: must have the same UID: u != v"),
        (reply(with_metadata(labels=[])), "returned invalid metadata: "
         "invalid metadata.labels of type []interface {} in converted object"),
        (reply(with_metadata(labels={"x": 1})), "returned invalid metadata: "
         "metadata.labels[x] must be a string, but is int64 in converted object"),
    ],
)  # fmt: skip
def test_the_words_of_an_answer_that_will_not_do(document, words):
    with pytest.raises(Unknown) as caught:
        read(document)
    assert caught.value.message == BEGIN + words
