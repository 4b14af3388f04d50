"""Tables and metadata: JSON made of what the cache holds."""

from __future__ import annotations

import json

import pytest

from kubepy.api import scheme
from kubepy.api.authentication.v1 import TokenRequest
from kubepy.api.autoscaling.v1 import Scale
from kubepy.api.core.v1 import ConfigMap
from kubepy.api.meta.v1 import ListMeta, ObjectMeta, Status
from kubepy.api.types import Time
from kubepy.apiserver.rest import shapes
from kubepy.apiserver.rest.shapes import Shape
from kubepy.meta.calls import Answer, Item, Items
from kubepy.meta.errors import NotAcceptable

NOW = 1_700_000_000.0
MAPS = scheme.by_plural("", "v1", "configmaps")
ROLES = scheme.by_plural("rbac.authorization.k8s.io", "v1", "roles")
DEPLOYMENTS = scheme.by_plural("apps", "v1", "deployments")
TABLE = Shape("Table", "v1", now=NOW)
META = ObjectMeta(name="a", resourceVersion="7", creationTimestamp=Time.from_unix(NOW - 90))
ITEM = Item(ConfigMap, obj=ConfigMap(metadata=META, data={"x": "y"}))


def listed(resource, *items):
    return Items(resource=resource, items=items, metadata=ListMeta(resourceVersion="9"))


def whole(reply, shape):
    return json.loads(b"".join(shapes.pieces(reply, shape)))


def test_a_list_as_a_table():
    table = whole(listed(MAPS, ITEM, ITEM), TABLE)
    assert table["kind"] == "Table"
    assert table["apiVersion"] == "meta.k8s.io/v1"
    assert table["metadata"] == {"resourceVersion": "9"}
    assert [row["cells"] for row in table["rows"]] == [["a", 1, "90s"]] * 2
    assert set(table["rows"][0]["object"]) == {"kind", "apiVersion", "metadata"}


def test_a_long_list_comes_in_pieces():
    reply = listed(MAPS, *[ITEM] * 1000)
    assert len(list(shapes.pieces(reply, TABLE))) > 3
    assert len(whole(reply, TABLE)["rows"]) == 1000


def test_empty_lists():
    assert whole(listed(MAPS), TABLE)["rows"] == []
    assert whole(listed(ROLES), TABLE)["rows"] is None


@pytest.mark.parametrize(
    ("include", "expected"),
    [("None", None), ("Metadata", "PartialObjectMetadata"), ("Object", "ConfigMap")],
)
def test_what_rows_carry(include, expected):
    table = whole(listed(MAPS, ITEM), Shape("Table", "v1", include, NOW))
    carried = table["rows"][0]["object"]
    assert (carried and carried["kind"]) == expected


def test_one_object():
    table = json.loads(shapes.answer(Answer(item=ITEM), MAPS, TABLE))
    assert table["metadata"] == {"resourceVersion": "7"}
    assert len(table["rows"]) == 1
    shown = json.loads(shapes.answer(Answer(item=ITEM), MAPS, Shape("PartialObjectMetadata", "v1")))
    assert shown["metadata"]["name"] == "a"


def test_a_subresources_kind_has_its_own_columns():
    scale = Item(Scale, obj=Scale(metadata=META))
    table = json.loads(shapes.answer(Answer(item=scale), DEPLOYMENTS, TABLE))
    names = [column["name"] for column in table["columnDefinitions"]]
    assert names == ["Name", "Desired", "Available", "Age"]
    token = Item(TokenRequest, obj=TokenRequest(metadata=META))
    table = json.loads(shapes.answer(Answer(item=token), DEPLOYMENTS, TABLE))
    assert table["rows"][0]["cells"] == ["a", META.creationTimestamp]


def test_a_status_keeps_its_shape():
    answer = Answer(item=Item(Status, obj=Status(status="Success")))
    assert json.loads(shapes.answer(answer, MAPS, TABLE))["kind"] == "Status"


def test_shapes_of_the_wrong_number():
    with pytest.raises(NotAcceptable):
        shapes.answer(Answer(item=ITEM), MAPS, Shape("PartialObjectMetadataList", "v1"))
    with pytest.raises(NotAcceptable):
        shapes.pieces(listed(MAPS), Shape("PartialObjectMetadata", "v1"))
