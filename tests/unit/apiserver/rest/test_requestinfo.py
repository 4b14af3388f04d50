"""Request lines, taken apart as Kubernetes does."""

from __future__ import annotations

import pytest

from kubepy.apiserver.rest.requestinfo import Unintelligible, parse, split_target


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        pytest.param("GET", "/api/v1/pods", ("list", "", "v1", "", "pods", "", ""), id="list"),
        pytest.param(
            "GET", "/api/v1/pods?watch=1", ("watch", "", "v1", "", "pods", "", ""), id="watch"
        ),
        pytest.param(
            "GET", "/api/v1/pods?watch=0", ("list", "", "v1", "", "pods", "", ""), id="no watch"
        ),
        pytest.param(
            "GET",
            "/api/v1/pods?watch=maybe",
            ("watch", "", "v1", "", "pods", "", ""),
            id="whatever is not false is true",
        ),
        pytest.param(
            "GET",
            "/api/v1/watch/namespaces/a/pods/b",
            ("watch", "", "v1", "a", "pods", "", "b"),
            id="watch by prefix",
        ),
        pytest.param(
            "PUT",
            "/apis/apps/v1/namespaces/a/deployments/b/scale",
            ("update", "apps", "v1", "a", "deployments", "scale", "b"),
            id="subresource",
        ),
        pytest.param(
            "GET",
            "/api/v1/namespaces/a",
            ("get", "", "v1", "a", "namespaces", "", "a"),
            id="a namespace is in itself",
        ),
        pytest.param(
            "PUT",
            "/api/v1/namespaces/a/finalize",
            ("update", "", "v1", "a", "namespaces", "finalize", "a"),
            id="a namespace's own subresource",
        ),
        pytest.param(
            "DELETE",
            "/api/v1/namespaces/a/pods",
            ("deletecollection", "", "v1", "a", "pods", "", ""),
            id="collection",
        ),
        pytest.param(
            "GET",
            "/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Db",
            ("list", "", "v1", "a", "pods", "", "b"),
            id="a list of one name",
        ),
        pytest.param(
            "GET",
            "/api/v1/namespaces/a%2Fb/pods",
            ("get", "", "v1", "a", "b", "", "pods"),
            id="decoding comes first",
        ),
    ],
)
def test_resources(method, target, expected):
    path, query = split_target(target)
    info = parse(method, path, query)
    assert info.is_resource
    assert expected == (
        info.verb, info.group, info.version, info.namespace, info.resource, info.subresource,
        info.name,
    )  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/api", "/api/v1", "/apis/apps", "/apis/apps/v1", "/API/v1/x"]
)
def test_other_paths(path):
    info = parse("GET", path)
    assert not info.is_resource
    assert (info.verb, info.path) == ("get", path)


def test_a_watch_of_nothing():
    with pytest.raises(Unintelligible):
        parse("GET", "/api/v1/watch")
