"""Media types: both of Kubernetes' looks at them."""

from __future__ import annotations

import pytest

from kubepy.apiserver.rest.negotiation import (
    JSON,
    PROTOBUF,
    WATCH_OFFERED,
    YAML,
    Accepted,
    accept,
    body_type,
    patch_type,
)
from kubepy.meta.errors import NotAcceptable, UnsupportedMediaType

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("", Accepted(JSON), id="says nothing"),
        pytest.param("*/*", Accepted(JSON), id="anything"),
        pytest.param("application/yaml", Accepted(YAML), id="yaml"),
        pytest.param(f"{PROTOBUF},{JSON}", Accepted(PROTOBUF), id="client-go"),
        pytest.param(f"{PROTOBUF};q=0.1,{JSON}", Accepted(JSON), id="quality decides"),
        pytest.param("text/html, application/json;q=0.5", Accepted(JSON), id="second best"),
        pytest.param(f"{TABLE},application/json", Accepted(JSON, "Table"), id="kubectl get"),
        pytest.param(
            "application/json;as=Table;v=v9;g=meta.k8s.io,application/json",
            Accepted(JSON),
            id="an unknown version is passed over",
        ),
        pytest.param(
            f"{PROTOBUF};as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
            Accepted(PROTOBUF, "PartialObjectMetadata"),
            id="metadata in protobuf",
        ),
        pytest.param("application/json;pretty=1", Accepted(JSON, pretty=True), id="pretty"),
    ],
)
def test_accept(header, expected):
    assert accept(header) == expected


@pytest.mark.parametrize(
    ("header", "by_router"),
    [
        pytest.param("text/html", True, id="nothing we have"),
        pytest.param("application/*", True, id="the router takes no wildcards of subtypes"),
        pytest.param("application/json;as=Table;v=v9;g=meta.k8s.io", False, id="unknown version"),
        pytest.param(f"{PROTOBUF};as=Table;v=v1;g=meta.k8s.io", False, id="no tables in protobuf"),
    ],
)
def test_not_acceptable(header, by_router):
    with pytest.raises(NotAcceptable) as raised:
        accept(header)
    assert (raised.value.status.details is not None) == by_router


def test_watches_have_no_yaml():
    with pytest.raises(NotAcceptable):
        accept("application/yaml", watch=True, offered=WATCH_OFFERED)


def test_bodies():
    assert body_type("") == JSON
    assert body_type("application/yaml; charset=utf-8") == YAML
    with pytest.raises(UnsupportedMediaType):
        body_type("application/x-www-form-urlencoded")


def test_patches():
    assert (
        patch_type("application/merge-patch+json; charset=utf-8") == "application/merge-patch+json"
    )
    with pytest.raises(UnsupportedMediaType):
        patch_type("application/json")
