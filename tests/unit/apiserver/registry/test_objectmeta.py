"""The rules of ObjectMeta."""

from __future__ import annotations

from random import Random

import pytest

from kubepy.api.meta.v1 import ObjectMeta, OwnerReference
from kubepy.api.types import Time
from kubepy.apiserver.registry import objectmeta
from kubepy.meta import names

OWNER = OwnerReference(apiVersion="v1", kind="Node", name="n", uid="u", controller=True)
OTHER = OwnerReference(apiVersion="v1", kind="Node", name="m", uid="v", controller=True)
THEN = Time("2026-01-02T03:04:05Z")


@pytest.mark.parametrize(
    ("meta", "fields"),
    [
        pytest.param(ObjectMeta(name="a", namespace="n"), [], id="good"),
        pytest.param(ObjectMeta(namespace="n"), ["metadata.name"], id="no name"),
        pytest.param(ObjectMeta(name="A", namespace="n"), ["metadata.name"], id="bad name"),
        pytest.param(ObjectMeta(name="a"), ["metadata.namespace"], id="no namespace"),
        pytest.param(
            ObjectMeta(name="a-x", generateName="a-", namespace="n"), [], id="prefix with a dash"
        ),
        pytest.param(
            ObjectMeta(name="a", namespace="n", labels={"b c": "d e"}),
            ["metadata.labels", "metadata.labels"],
            id="bad label",
        ),
        pytest.param(
            ObjectMeta(name="a", namespace="n", annotations={"k": "v" * (256 << 10)}),
            ["metadata.annotations"],
            id="too much annotated",
        ),
        pytest.param(
            ObjectMeta(name="a", namespace="n", ownerReferences=(OWNER, OTHER)),
            ["metadata.ownerReferences"],
            id="two controllers",
        ),
        pytest.param(
            ObjectMeta(name="a", namespace="n", finalizers=("orphan", "foregroundDeletion")),
            ["metadata.finalizers"],
            id="two policies",
        ),
    ],
)
def test_validate(meta: ObjectMeta, fields: list[str]) -> None:
    found = objectmeta.validate(meta, namespaced=True, validate_name=names.dns1123_subdomain)
    assert [problem.field for problem in found] == fields


def test_a_cluster_wide_object_is_in_no_namespace() -> None:
    meta = ObjectMeta(name="a", namespace="n")
    found = objectmeta.validate(meta, namespaced=False, validate_name=names.dns1123_subdomain)
    assert [str(problem) for problem in found] == [
        "metadata.namespace: Forbidden: not allowed on this type"
    ]


def test_the_server_owns_identity_and_times() -> None:
    claimed = ObjectMeta(name="a", uid="mine", generation=7, deletionTimestamp=THEN)
    made = objectmeta.for_create(claimed, uid="u", now=0.0)
    assert made == ObjectMeta(name="a", uid="u", creationTimestamp=Time.from_unix(0))


def test_an_update_keeps_what_it_leaves_out() -> None:
    old = ObjectMeta(
        name="a",
        uid="u",
        creationTimestamp=THEN,
        deletionTimestamp=THEN,
        deletionGracePeriodSeconds=0,
        generation=2,
    )
    new = objectmeta.for_update(ObjectMeta(name="a", labels={"k": "v"}), old)
    assert new.labels == {"k": "v"}
    assert objectmeta.validate_update(new, old, []) == []
    assert (new.uid, new.generation, new.deletionTimestamp) == ("u", 2, THEN)


def test_an_update_cannot_begin_a_deletion() -> None:
    old = ObjectMeta(name="a", uid="u")
    new = objectmeta.for_update(ObjectMeta(name="a", deletionTimestamp=THEN), old)
    (problem,) = objectmeta.validate_update(new, old, [])
    assert problem.field == "metadata.deletionTimestamp"


def test_generated_names_fit() -> None:
    name = objectmeta.generated_name("a" * 100, Random(1).choice)
    assert len(name) == 63
    assert set(name[-5:]) <= set(objectmeta.SUFFIX_ALPHABET)
