"""OpenAPI documents hold together, and say what clients look for."""

from __future__ import annotations

import json

import pytest

from kubepy.api import scheme
from kubepy.apiserver.discovery import documents as discovery
from kubepy.apiserver.openapi import documents, schemas
from kubepy.apiserver.openapi.documents import DEFINITION_PREFIX, SCHEMA_PREFIX

KNOWN = scheme.resources()


def references(value):
    """Every $ref inside of a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref" and isinstance(inner, str):  # a schema's schema has such a property
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.mark.parametrize("name", documents.names(KNOWN))
def test_no_reference_leads_nowhere(name):
    document = json.loads(documents.v3(KNOWN, name))
    defined = document["components"]["schemas"]
    for reference in references(document):
        assert reference.removeprefix(SCHEMA_PREFIX) in defined


def test_what_server_side_apply_owns_whole_says_so():
    document = json.loads(documents.v3(KNOWN, "api/v1"))
    defined = document["components"]["schemas"]
    atomic = {
        name.rpartition(".")[2]
        for name, schema in defined.items()
        if schema.get("x-kubernetes-map-type") == "atomic"
    }
    assert {"LabelSelector", "ObjectReference", "OwnerReference"} <= atomic
    assert "ContainerPort" not in atomic


def test_nor_in_v2():
    document = documents.v2(KNOWN)
    for reference in references(document):
        assert reference.removeprefix(DEFINITION_PREFIX) in document["definitions"]


def test_the_index_names_every_document_by_its_hash():
    index = json.loads(documents.index(KNOWN))["paths"]
    assert set(index) == set(documents.names(KNOWN))
    assert index["api/v1"]["serverRelativeURL"].endswith(documents.etag(KNOWN, "api/v1"))


def test_unknown():
    assert documents.v3(KNOWN, "apis/absent/v1") is None
    assert documents.v3(KNOWN, "") is None


def properties(name):
    document = json.loads(documents.v3(KNOWN, "apis/apps/v1"))
    return document["components"]["schemas"][name]


def test_types_and_merge_keys():
    containers = properties("io.k8s.api.core.v1.PodSpec")["properties"]["containers"]
    assert containers["type"] == "array"
    assert containers["items"] == schemas.reference("io.k8s.api.core.v1.Container")
    assert containers["x-kubernetes-patch-merge-key"] == "name"
    assert containers["x-kubernetes-list-map-keys"] == ["name"]
    spec = properties("io.k8s.api.apps.v1.DeploymentSpec")
    assert spec["required"] == ["selector", "template"]
    assert spec["properties"]["replicas"]["type"] == "integer"
    assert spec["properties"]["replicas"]["format"] == "int32"
    assert spec["properties"]["strategy"]["x-kubernetes-patch-strategy"] == "retainKeys"
    meta = properties("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")["properties"]
    assert meta["creationTimestamp"]["allOf"][0]["$ref"].endswith("meta.v1.Time")
    assert meta["labels"]["additionalProperties"] == {"type": "string"}


def test_optional_maps_and_lists_are_not_required():
    config_map = documents.definitions_of(tuple(discovery.resources_of(KNOWN, "", "v1")))[
        "io.k8s.api.core.v1.ConfigMap"
    ]
    assert "required" not in config_map


def test_kinds_are_marked():
    marks = properties("io.k8s.api.apps.v1.Deployment")["x-kubernetes-group-version-kind"]
    assert marks == [{"group": "apps", "kind": "Deployment", "version": "v1"}]


def test_operations():
    paths = json.loads(documents.v3(KNOWN, "api/v1"))["paths"]
    one = paths["/api/v1/namespaces/{namespace}/pods/{name}"]
    assert set(one) == {"get", "put", "patch", "delete", "parameters"}
    names = {parameter["name"] for parameter in one["patch"]["parameters"]}
    assert {"fieldValidation", "fieldManager", "force", "dryRun"} == names
    assert one["get"]["x-kubernetes-group-version-kind"]["kind"] == "Pod"
    eviction = paths["/api/v1/namespaces/{namespace}/pods/{name}/eviction"]["post"]
    assert eviction["x-kubernetes-group-version-kind"]["group"] == "policy"


def test_v2_has_no_alternatives():
    definitions = documents.v2(KNOWN)["definitions"]
    assert definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] == {
        "type": "string",
        "format": "int-or-string",
    }
    assert '"oneOf": [' not in json.dumps(definitions)


def fields(raw):
    """The length-delimited fields of a message, by number."""
    position = 0

    def number():
        nonlocal position
        value = shift = 0
        while True:
            byte = raw[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    found = []
    while position < len(raw):
        tag = number()
        assert tag & 7 == 2
        length = number()
        found.append((tag >> 3, raw[position : position + length]))
        position += length
    return found


def test_v2_in_protobuf_holds_the_same():
    document = dict(fields(documents.v2_protobuf(KNOWN)))
    assert document[1] == b"2.0"
    named = [dict(fields(pair)) for _, pair in fields(document[9])]
    assert [each[1].decode() for each in named] == list(documents.v2(KNOWN)["definitions"])
    paths = [dict(fields(pair))[1].decode() for _, pair in fields(document[8])]
    assert paths == list(documents.v2(KNOWN)["paths"])


@pytest.mark.parametrize("name", documents.names(KNOWN))
def test_every_field_is_described(name):
    """For `kubectl explain`; what is in line in another message stands in its parent."""
    document = json.loads(documents.v3(KNOWN, name))
    silent = [
        f"{kind}.{field}"
        for kind, schema in document["components"]["schemas"].items()
        for field, found in schema.get("properties", {}).items()
        if kind != schemas.VERSION and not found.get("description")
    ]
    assert silent == []
