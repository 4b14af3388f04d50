"""Every filled object of the facts reads alike from JSON and protobuf, and is written the same."""

import json
from pathlib import Path

import pytest

from kubepy.api import codec, protobuf, scheme
from kubepy.api.core.v1 import Pod
from kubepy.api.meta.v1 import ObjectMeta

FIXTURES = Path(__file__).resolve().parents[4] / "shared" / "facts" / "roundtrip"


def _served() -> list[Path]:
    found = []
    for path in sorted(FIXTURES.glob("*.json")):
        body = json.loads(path.read_bytes())
        if scheme.type_of(body.get("apiVersion", ""), body.get("kind", "")):
            found.append(path)
    return found


@pytest.mark.parametrize("path", _served(), ids=lambda path: path.stem)
def test_json_and_protobuf_agree(path: Path) -> None:
    raw = path.read_bytes()
    body = json.loads(raw)
    type_ = scheme.type_of(body["apiVersion"], body["kind"])
    from_json, problems = codec.decode_lenient(type_, raw)
    stored = path.with_suffix(".pb").read_bytes()
    api_version, kind, message = protobuf.unwrap(stored)
    from_protobuf = protobuf.decode(type_, message)

    assert problems == []
    assert codec.untyped(from_json) == from_protobuf
    assert json.loads(codec.encode_typed(from_protobuf)) == body
    assert protobuf.wrap(api_version, kind, protobuf.encode(from_json)) == stored


UNRECORDED = {"APIService"}  # of a server within the server, whose kinds the facts leave out


@pytest.mark.skipif(not FIXTURES.exists(), reason="the facts do not lie beside this checkout")
def test_every_group_of_the_scheme_has_fixtures() -> None:
    kinds = {path.stem.rsplit(".", 1)[1] for path in _served()}
    resources = {resource.kind for resource in scheme.resources()} - UNRECORDED

    # The facts have no filled definition: tests/unit/api/test_apiextensions.py has one.
    assert resources - {"CustomResourceDefinition"} <= kinds


@pytest.mark.parametrize("field", [b"name-of-pod", b"key-of-label", b"some-finalizer"])
def test_a_string_that_is_no_utf8_is_refused(field: bytes) -> None:
    meta = ObjectMeta(
        name="name-of-pod", labels={"key-of-label": "v"}, finalizers=("some-finalizer",)
    )
    raw = protobuf.encode(Pod(metadata=meta))

    with pytest.raises(ValueError, match="(?i)utf-8"):
        protobuf.decode(Pod, raw.replace(field, b"\xff" * len(field)))
