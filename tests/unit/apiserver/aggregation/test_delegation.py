"""Which requests another server answers, and who is said to ask."""

from __future__ import annotations

import pytest

from kubepy.api.apiregistration.v1 import APIService, APIServiceSpec
from kubepy.apiserver.aggregation import delegation
from kubepy.meta.calls import User

METRICS = APIService(spec=APIServiceSpec(group="metrics.k8s.io", version="v1beta1"))
CORE = APIService(spec=APIServiceSpec(group="", version="v1"))
REMOTE = {("metrics.k8s.io", "v1beta1"): METRICS}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/apis/metrics.k8s.io/v1beta1", METRICS, id="the group version"),
        pytest.param("/apis/metrics.k8s.io/v1beta1/nodes/a", METRICS, id="below it"),
        pytest.param("/apis/metrics.k8s.io/v1beta1/", METRICS, id="a slash"),
        pytest.param("/openapi/v3/apis/metrics.k8s.io/v1beta1", METRICS, id="its schema"),
        pytest.param("/apis/metrics.k8s.io", None, id="the group is ours to tell"),
        pytest.param("/apis/metrics.k8s.io/v1", None, id="another version"),
        pytest.param("/apis/metrics.k8s.io.example.com/v1beta1", None, id="another group"),
        pytest.param("/api/v1/pods", None, id="the core group"),
        pytest.param("/", None, id="the root"),
    ],
)
def test_routes(path, expected):
    assert delegation.route(path, REMOTE) is expected


def test_the_core_group_can_be_elsewhere_too():
    assert delegation.route("/api/v1/pods", {("", "v1"): CORE}) is CORE
    assert delegation.path_of(CORE) == "/api/v1"


def test_who_asks():
    user = User(
        name="ann",
        uid="u1",
        groups=("dev", "ops"),
        extra={"acme.org/team": ("a", "b"), "plain": ("c",)},
    )
    assert delegation.identity(user) == [
        ("X-Remote-User", "ann"),
        ("X-Remote-Uid", "u1"),
        ("X-Remote-Group", "dev"),
        ("X-Remote-Group", "ops"),
        ("X-Remote-Extra-acme.org%2Fteam", "a"),
        ("X-Remote-Extra-acme.org%2Fteam", "b"),
        ("X-Remote-Extra-plain", "c"),
    ]
    assert delegation.identity(User(name="bob")) == [("X-Remote-User", "bob")]
