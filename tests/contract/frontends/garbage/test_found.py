"""What the properties have found, one example each: named, so that it stays mended."""

from __future__ import annotations

import base64

import pytest

from kubepy.api import protobuf

from .bench import JSON_PATCH, MERGE, PROTOBUF, STRATEGIC, Bench, as_json

PODS = "/api/v1/namespaces/default/pods"
MAPS = "/api/v1/namespaces/default/configmaps"
SECRETS = "/api/v1/namespaces/default/secrets"
REVISIONS = "/apis/apps/v1/namespaces/default/controllerrevisions"
SCALERS = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
HEAD = b'"metadata":{"name":"a"}'
DEEP = "[" * 100_000
NO_TIME = b"9999-12-31T23:59:59-23:59"


def revision(raw: bytes) -> bytes:
    """A ControllerRevision as a message, whose data is these bytes."""
    size = bytes((len(raw),))
    data = b"\x0a" + size + raw
    inner = b"\x0a\x03\x0a\x01a" + b"\x12" + bytes((len(data),)) + data + b"\x18\x01"
    return protobuf.wrap("apps/v1", "ControllerRevision", inner)


@pytest.mark.parametrize(
    ("path", "body", "media_type", "message"),
    [
        pytest.param(
            MAPS, b'{%b,"binaryData":{"k":"\xc2\x80"}}' % HEAD, "application/json",
            "illegal base64 data at input byte 0", id="base64 that is no ASCII",
        ),
        pytest.param(
            REVISIONS, b'{%b,"revision":NaN,"data":{}}' % HEAD, "application/json",
            "invalid character 'N' looking for beginning of value", id="a number that is none",
        ),
        pytest.param(
            REVISIONS, b'{%b,"revision":-Infinity,"data":{}}' % HEAD, "application/json",
            "invalid character 'I' in numeric literal", id="a number without end",
        ),
        pytest.param(
            REVISIONS, b'{%b,"revision":1e999,"data":{}}' % HEAD, "application/json",
            "cannot unmarshal number 1e999 into Go value of type float64", id="a number too large",
        ),
        pytest.param(
            REVISIONS, b'{%b,"revision":1,"data":{"a":1e999}}' % HEAD, "application/json",
            "cannot unmarshal number 1e999 into Go value of type float64",
            id="a number too large within any JSON",
        ),
        pytest.param(
            MAPS, b'{"metadata":{"name":"a","creationTimestamp":"%b"}}' % NO_TIME,
            "application/json", "year outside of range [0,9999]", id="a time after all years",
        ),
        pytest.param(
            REVISIONS, b'{%b,"revision":1,"data":%b}' % (HEAD, b"[" * 250 + b"]" * 250),
            "application/json", "exceeded max depth", id="deeper than YAML can be written",
        ),
        pytest.param(
            MAPS, b"data: {a: !!int ''}", "application/yaml",
            "cannot decode !!str `` as a !!int", id="an empty integer of YAML",
        ),
        pytest.param(
            MAPS, b"data: {a: !!bool x}", "application/yaml",
            "cannot decode !!str `x` as a !!bool", id="a boolean of YAML that is none",
        ),
        pytest.param(
            REVISIONS, revision(b"\xff"), PROTOBUF, "a JSON field contains no JSON",
            id="a message whose JSON is none",
        ),
        pytest.param(
            REVISIONS, revision(b"[1e999]"), PROTOBUF, "a JSON field contains no JSON",
            id="a message whose JSON has a number too large",
        ),
    ],
)  # fmt: skip
def test_refused(bench: Bench, path: str, body: bytes, media_type: str, message: str) -> None:
    answer = bench.ask("POST", path, body, media_type)
    assert (answer.status, message in answer.json["message"]) == (400, True), answer.raw


def test_json_in_a_message_is_kept_on_one_line(bench: Bench) -> None:
    """Watches end an event with a line break."""
    assert bench.ask("POST", REVISIONS, revision(b'{"a":\n1}'), PROTOBUF).status == 201
    assert b'"data":{"a":1}' in bench.ask("GET", f"{REVISIONS}/a").raw
    bench.remove(f"{REVISIONS}/a")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(DEEP, id="deep"),
        pytest.param('{"v":"meta.k8s.io/v1","rv":true,"start":"a"}', id="a boolean revision"),
        pytest.param(f'{{"v":"meta.k8s.io/v1","rv":{2**70},"start":"a"}}', id="a long revision"),
    ],
)
def test_continue(bench: Bench, token: str) -> None:
    text = base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")
    answer = bench.ask("GET", f"{MAPS}?continue={text}")
    assert answer.status == 400
    assert answer.json["message"].startswith("invalid continue token: ")


def test_deep_text(bench: Bench) -> None:
    """JSON in strings is read, too."""
    secret = {
        "metadata": {"name": "a"},
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": base64.b64encode(DEEP.encode()).decode()},
    }
    assert bench.ask("POST", SECRETS, secret).status == 422
    notes = {f"autoscaling.alpha.kubernetes.io/{name}": DEEP for name in ("metrics", "behavior")}
    target = {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"}
    scaler = {
        "metadata": {"name": "a", "annotations": notes},
        "spec": {"scaleTargetRef": target, "maxReplicas": 1},
    }
    bench.create(SCALERS, as_json(scaler))


def test_a_new_autoscaler_has_no_status(bench: Bench) -> None:
    """Neither in annotations."""
    target = {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"}
    scaler = {
        "metadata": {"name": "a"},
        "spec": {"scaleTargetRef": target, "maxReplicas": 1},
        "status": {"currentCPUUtilizationPercentage": 40},
    }
    created = bench.ask("POST", SCALERS, scaler)
    assert "annotations" not in created.json["metadata"]
    bench.remove(f"{SCALERS}/a")


@pytest.fixture
def kept(bench: Bench):
    bench.ask("POST", MAPS, {"metadata": {"name": "p"}, "data": {"k": "v"}})
    yield f"{MAPS}/p"
    bench.remove(f"{MAPS}/p")


def test_copies_of_copies(bench: Bench, kept: str) -> None:
    """Each step doubles the document."""
    steps = [{"op": "add", "path": "/x", "value": {"a": "b"}}]
    steps += [{"op": "copy", "from": "/x", "path": f"/x/c{n}"} for n in range(100)]
    assert bench.ask("PATCH", kept, as_json(steps), JSON_PATCH).status == 422


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(
            [{"op": "add", "path": f"/data/k{n}", "value": ""} for n in range(9_000)],
            id="many keys of one object",
        ),
        pytest.param(
            [{"op": "add", "path": "/data/x", "value": "x" * 10}]
            + [{"op": "move", "from": f"/{a}", "path": f"/{b}"} for a,
            b in (("data", "m"), ("m", "data"))]
            * 4_000,
            id="moves to and fro",
        ),
    ],
)  # fmt: skip
def test_long_patches(bench: Bench, kept: str, steps: list) -> None:
    assert bench.ask("PATCH", kept, as_json(steps), JSON_PATCH).status == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"containers": [{"name": []}]}, 422, id="a list as a merge key"),
        pytest.param({"volumes": [{"name": {"a": "b"}}]}, 422, id="a map as a merge key"),
        pytest.param(
            {"$setElementOrder/containers": [{"name": {}}], "containers": None}, 422,
            id="a map as a merge key in an order",
        ),
        pytest.param(
            {"$setElementOrder/containers": [1], "containers": []}, 500,
            id="an order of numbers for maps",
        ),
    ],
)  # fmt: skip
def test_strategic_patches(bench: Bench, change: dict, status: int) -> None:
    """500 is Kubernetes' own."""
    pod = {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    bench.ask("POST", PODS, pod)
    answer = bench.ask("PATCH", f"{PODS}/a", as_json({"spec": change}), STRATEGIC)
    assert answer.status == status, answer.raw
    bench.remove(f"{PODS}/a")


def test_an_order_of_maps_for_text(bench: Bench, kept: str) -> None:
    bench.ask("PATCH", kept, b'{"metadata":{"finalizers":["x/y"]}}', MERGE)
    patch = {"metadata": {"$setElementOrder/finalizers": [{"a": "b"}], "finalizers": []}}
    assert bench.ask("PATCH", kept, as_json(patch), STRATEGIC).status == 422


def test_keys_of_owners(bench: Bench, kept: str) -> None:
    """A key of a field set is JSON, and may be deep."""
    owner = {
        "manager": "m", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
        "fieldsV1": {"f:data": {"v:" + DEEP: {}}},
    }  # fmt: skip
    patch = {"metadata": {"managedFields": [owner]}}
    assert bench.ask("PATCH", kept, as_json(patch), MERGE).status < 300


def test_another_kind_with_odd_metadata(bench: Bench) -> None:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema},
    }  # fmt: skip
    names = {"plural": "fs", "singular": "f", "kind": "F", "listKind": "FList"}
    definition = {
        "metadata": {"name": "fs.f.example.com"},
        "spec": {
            "group": "f.example.com", "scope": "Namespaced", "names": names, "versions": [version],
        },
    }  # fmt: skip
    path = "/apis/f.example.com/v1/namespaces/default/fs"
    assert bench.ask("POST", DEFINITIONS, definition).status == 201
    bench.until(lambda: bench.ask("GET", path).status == 200)
    body = {"kind": "Odd", "apiVersion": "f.example.com/v1", "metadata": "a"}
    assert bench.ask("POST", path, body).status == 422
    bench.remove(f"{DEFINITIONS}/fs.f.example.com")
