"""OpenAPI of all servers together."""

from __future__ import annotations

from kubepy.apiserver.aggregation.openapi import PREFIX, Other, merged_v2


def reference(name):
    return {"$ref": PREFIX + name}


OWN = {
    "swagger": "2.0",
    "paths": {"/api/v1/pods": {"get": reference("Pod")}},
    "definitions": {"Pod": {"type": "object"}, "Meta": {"type": "object", "properties": {}}},
}


def test_paths_and_what_they_refer_to():
    theirs = {
        "paths": {
            "/apis/x/v1/things": {"get": [{"schema": reference("Thing")}]},
            "/apis/x/v10/things": {},
            "/apis/x/v1": {},
            "/version": {},
        },
        "definitions": {
            "Thing": {"properties": {"meta": reference("Meta"), "next": reference("Thing")}},
            "Meta": {"type": "object", "properties": {"name": {"type": "string"}}},
            "Unused": {},
        },
    }
    found = merged_v2(OWN, [Other("/apis/x/v1", theirs)])
    assert list(found["paths"]) == ["/api/v1/pods", "/apis/x/v1", "/apis/x/v1/things"]
    assert sorted(found["definitions"]) == ["Meta", "Meta_v2", "Pod", "Thing"]
    assert found["definitions"]["Meta"] == OWN["definitions"]["Meta"]
    assert found["definitions"]["Thing"]["properties"] == {
        "meta": reference("Meta_v2"),
        "next": reference("Thing"),
    }


def test_the_same_definition_is_shared():
    theirs = {
        "paths": {"/apis/x/v1/pods": {"get": reference("Pod")}},
        "definitions": {"Pod": {"type": "object"}},
    }
    found = merged_v2(OWN, [Other("/apis/x/v1", theirs), Other("/apis/y/v1", {})])
    assert sorted(found["definitions"]) == ["Meta", "Pod"]
    assert found["paths"]["/apis/x/v1/pods"] == {"get": reference("Pod")}


def test_our_own_paths_stay_ours():
    theirs = {"paths": {"/api/v1/pods": {"get": {}}}}
    assert merged_v2(OWN, [Other("/api/v1", theirs)])["paths"] == OWN["paths"]
