"""Acting as somebody else."""

from __future__ import annotations

import pytest

from kubepy.apiserver.authn.impersonation import Wish, attributes, becomes, impersonate, wish_of
from kubepy.meta.calls import Attributes, Decision, User
from kubepy.meta.errors import BadRequest, Forbidden

ADMIN = User(name="admin", groups=("system:masters",))


def test_headers():
    assert wish_of([("Accept", "x")]) is None
    assert wish_of(
        [
            ("Impersonate-User", "jane"),
            ("impersonate-group", "a"),
            ("Impersonate-Group", "b"),
            ("Impersonate-Uid", "u"),
            ("Impersonate-Extra-acme.com%2Fproject", "p"),
        ]
    ) == Wish("jane", "u", ("a", "b"), {"acme.com/project": ("p",)})


def test_a_group_alone_is_nobody():
    with pytest.raises(BadRequest):
        wish_of([("Impersonate-Group", "a")])


@pytest.mark.parametrize(
    ("wish", "groups"),
    [
        pytest.param(Wish("jane"), ("system:authenticated",), id="a user"),
        pytest.param(Wish("jane", groups=("a",)), ("a", "system:authenticated"), id="with groups"),
        pytest.param(Wish("system:anonymous"), ("system:unauthenticated",), id="nobody"),
        pytest.param(
            Wish("system:serviceaccount:ns:sa"),
            ("system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"),
            id="a service account",
        ),
        pytest.param(
            Wish("jane", groups=("system:unauthenticated",)),
            ("system:unauthenticated",),
            id="explicitly unauthenticated",
        ),
    ],
)
def test_becomes(wish, groups):
    assert becomes(wish).groups == groups


def test_what_has_to_be_allowed():
    wish = Wish("system:serviceaccount:ns:sa", "u", ("g",), {"k": ("v",)})
    asked = [(a.resource, a.subresource, a.namespace, a.name) for a in attributes(ADMIN, wish)]
    assert asked == [
        ("serviceaccounts", "", "ns", "sa"),
        ("groups", "", "", "g"),
        ("userextras", "k", "", "v"),
        ("uids", "", "", "u"),
    ]


async def test_refused_in_the_words_of_the_request():
    async def nothing(asked):
        return Decision(False)

    def request(mode):
        verb = f"impersonate-on:{mode}:list"
        return Attributes(user=ADMIN, verb=verb, resource="configmaps", namespace="ns")

    with pytest.raises(Forbidden) as raised:
        await impersonate(ADMIN, Wish("jane"), nothing, request)
    assert raised.value.message == (
        'configmaps is forbidden: User "admin" cannot impersonate-on:user-info:list resource '
        '"configmaps" in API group "" in the namespace "ns"'
    )
