"""Access reviews: what they answer and what they refuse."""

from __future__ import annotations

import pytest

from kubepy.api import codec
from kubepy.api.authorization.v1 import (
    LocalSubjectAccessReview,
    SelfSubjectAccessReview,
    SelfSubjectRulesReview,
    SubjectAccessReview,
)
from kubepy.apiserver.authz import reviews
from kubepy.apiserver.authz.components import authorize, rules_of
from kubepy.meta.calls import User
from kubepy.meta.errors import BadRequest, Invalid

ADMIN = User(name="admin", groups=("system:masters",))
BOB = User(name="bob", groups=("system:authenticated",))
PODS = {"verb": "get", "resource": "pods"}


def review(type_, metadata=None, **spec):
    return codec.from_builtins(type_, {"metadata": metadata or {}, "spec": spec})


async def test_somebody_else():
    asked = review(
        SubjectAccessReview, user="x", groups=["system:masters"], resourceAttributes=PODS
    )
    assert (await reviews.subject(asked, authorize)).status.allowed
    asked = review(SubjectAccessReview, user="x", resourceAttributes=PODS)
    assert not (await reviews.subject(asked, authorize)).status.allowed
    path = {"verb": "get", "path": "/healthz"}
    asked = review(SubjectAccessReview, user="x", nonResourceAttributes=path)
    assert (await reviews.subject(asked, authorize)).status.allowed


async def test_oneself():
    asked = review(SelfSubjectAccessReview, resourceAttributes=PODS)
    assert (await reviews.own(asked, ADMIN, authorize)).status.allowed
    assert not (await reviews.own(asked, BOB, authorize)).status.allowed


async def test_within_a_namespace():
    asked = review(
        LocalSubjectAccessReview,
        user="x",
        groups=["system:masters"],
        resourceAttributes={**PODS, "namespace": "a"},
    )
    answered = await reviews.local_subject(asked, "a", authorize)
    assert answered.status.allowed
    assert answered.metadata.namespace == "a"
    with pytest.raises(Invalid, match=r"must match metadata\.namespace"):
        await reviews.local_subject(asked, "b", authorize)


@pytest.mark.parametrize(
    ("spec", "metadata", "message"),
    [
        pytest.param({}, {}, "exactly one of nonResourceAttributes", id="nothing"),
        pytest.param(
            {"user": "x", "resourceAttributes": PODS, "nonResourceAttributes": {"path": "/"}},
            {},
            "cannot be specified in combination with resourceAttributes",
            id="both",
        ),
        pytest.param(
            {"resourceAttributes": PODS}, {}, "at least one of user or group", id="nobody"
        ),
        pytest.param(
            {"user": "x", "resourceAttributes": PODS}, {"name": "n"}, "must be empty", id="named"
        ),
        pytest.param(
            {
                "user": "x",
                "resourceAttributes": {
                    **PODS,
                    "labelSelector": {
                        "rawSelector": "a=b",
                        "requirements": [{"key": "a", "operator": "Exists"}],
                    },
                },
            },
            {},
            "may not specified at the same time as requirements",
            id="two selectors",
        ),
    ],
)
async def test_refusals(spec, metadata, message):
    with pytest.raises(Invalid, match=message):
        await reviews.subject(review(SubjectAccessReview, metadata, **spec), authorize)


def test_rules():
    asked = review(SelfSubjectRulesReview, namespace="a")
    status = reviews.rules(asked, rules_of(ADMIN)).status
    assert status.resourceRules[0].verbs == ("*",)
    assert status.nonResourceRules[0].nonResourceURLs == ("*",)
    status = reviews.rules(asked, rules_of(BOB)).status
    assert ("selfsubjectreviews",) in [rule.resources for rule in status.resourceRules]
    with pytest.raises(BadRequest, match="no namespace on request"):
        reviews.rules(review(SelfSubjectRulesReview), ())
