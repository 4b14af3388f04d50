import json

import msgspec
import pytest

from kubepy.api import codec
from kubepy.api.core.v1 import Pod, Secret
from kubepy.api.discovery.v1 import EndpointSlice


def test_zero_values_follow_kubernetes_tags() -> None:
    pod, _ = codec.decode_lenient(
        Pod, b'{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c"}]}}'
    )

    assert codec.encode_typed(pod) == (
        b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},'
        b'"spec":{"containers":[{"name":"c","resources":{}}]},"status":{}}'
    )


def test_nulls_are_absent() -> None:
    pod, problems = codec.decode_lenient(
        Pod, b'{"metadata":{"name":null,"creationTimestamp":null},"spec":{"volumes":null}}'
    )

    assert (pod, problems) == (Pod(), [])


def test_an_empty_list_that_kubernetes_writes_as_null() -> None:
    raw = codec.encode(EndpointSlice(addressType="IPv4"))

    assert b'"endpoints":null,"ports":null' in raw
    assert codec.decode(EndpointSlice, raw) == EndpointSlice(addressType="IPv4")


@pytest.mark.parametrize(
    ("raw", "problems"),
    [
        (b'{"spec":{"foo":1}}', ['unknown field "spec.foo"']),
        (
            b'{"spec":{"containers":[{"name":"a","name":"b","image2":""}]}}',
            [
                'duplicate field "spec.containers[0].name"',
                'unknown field "spec.containers[0].image2"',
            ],
        ),
        (b'{"metadata":{"labels":{"a":"1","a":"2"}}}', ['duplicate field "metadata.labels.a"']),
    ],
)
def test_unknown_and_duplicate_fields_are_named(raw: bytes, problems: list[str]) -> None:
    assert codec.decode_lenient(Pod, raw).problems == problems


@pytest.mark.parametrize(
    ("type_", "raw", "message"),
    [
        (Pod, b'{"spec":{"containers":[{"ports":[{"containerPort":"x"}]}]}}',
         "json: cannot unmarshal string into Go struct field "
         "ContainerPort.spec.containers.ports.containerPort of type int32"),
        (Pod, b"[]", "json: cannot unmarshal array into Go value of type v1.Pod"),
        (Pod, b'{"a', "unexpected end of JSON input"),
        (Pod, b"", "unexpected end of JSON input"),
        (Secret, b'{"data":{"a":"!"}}', "illegal base64 data at input byte 0"),
        (Pod, b"[" * 100_000, "exceeded max depth"),
    ],
)  # fmt: skip
def test_what_is_no_object_says_why(type_: type, raw: bytes, message: str) -> None:
    with pytest.raises(codec.DecodeError) as caught:
        codec.decode_lenient(type_, raw)

    assert str(caught.value) == message


def test_yaml() -> None:
    raw = b"spec:\n  containers:\n  - name: c\n    resources: {limits: {cpu: 0.5}}\n"
    pod, problems = codec.decode_lenient(Pod, raw, fmt="yaml")

    assert problems == []
    assert pod.spec.containers[0].resources.limits == {"cpu": "500m"}


def test_half_a_surrogate_pair_is_the_replacement_character() -> None:
    raw = b'{"metadata":{"name":"\\ud800","labels":{"\\udc00":"a"}},"x\\ud800":1}'
    pod, problems = codec.decode_lenient(Pod, raw)

    assert (pod.metadata.name, pod.metadata.labels) == ("\ufffd", {"\ufffd": "a"})
    assert problems == ['unknown field "x\ufffd"']


@pytest.mark.parametrize(
    ("raw", "twice"),
    [
        pytest.param(b'{"a": 1, "b": [{"a": 1}]}', False, id="unique"),
        pytest.param(b'{"a":{"b":1,\n"b":1}}', True, id="deep"),
        pytest.param(b'{"a":1.0,"b":"\\u003c"}', False, id="what is written otherwise"),
        pytest.param(b'{"a":1.0,"\\u0061":2}', True, id="the same key written otherwise"),
    ],
)
def test_keys_that_come_twice(raw: bytes, twice: bool) -> None:
    assert codec.has_duplicates(raw, msgspec.json.decode(raw)) is twice


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [b\n", "line 1: did not find expected ',' or ']'"),
        ("a: b\n c: d\n", "line 2: mapping values are not allowed in this context"),
        ("a: 'b\n", "line 2: found unexpected end of stream"),
    ],
)
def test_broken_yaml_is_named_by_its_line(text: str, message: str) -> None:
    with pytest.raises(codec.DecodeError) as caught:
        codec.load_yaml(text.encode())
    assert str(caught.value) == f"error converting YAML to JSON: yaml: {message}"


@pytest.mark.parametrize(
    ("raw", "deep"),
    [
        pytest.param(b"[" * 200 + b"]" * 200, False, id="as deep as may be"),
        pytest.param(b"[" * 201 + b"]" * 201, True, id="one too deep"),
        pytest.param(b"[" + b"[]," * 300 + b"[]]", False, id="wide"),
        pytest.param(b'["' + b"[" * 300 + b'"]', False, id="in a string"),
        pytest.param(b'["\\"' + b"[" * 300 + b'"]', False, id="after an escaped quote"),
    ],
)
def test_depth(raw: bytes, deep: bool) -> None:
    assert codec.is_too_deep(json.loads(raw)) == deep
    if not deep:
        codec.check_depth(raw)
    else:
        with pytest.raises(codec.DecodeError, match="exceeded max depth"):
            codec.check_depth(raw)
