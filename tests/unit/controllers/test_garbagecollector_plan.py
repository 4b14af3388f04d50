"""What becomes of an object, given its owners and dependents."""

from __future__ import annotations

import pytest

from kubepy.api.meta.v1 import ObjectMeta, OwnerReference
from kubepy.controllers.garbagecollector.plan import (
    Decision,
    Delete,
    DeleteDependents,
    DropOwners,
    Keep,
    OrphanDependents,
    Owner,
    RemoveFinalizer,
    Unblock,
    decide,
    unblocked,
)
from tests.unit.controllers.build import ago

OWNERS = {"solid": Owner.SOLID, "waiting": Owner.WAITING, "absent": Owner.ABSENT}


def meta(
    *owners: str, finalizers: tuple[str, ...] = (), deleting: bool = False, blocks: bool = True
) -> ObjectMeta:
    return ObjectMeta(
        name="x",
        uid="x",
        finalizers=finalizers,
        deletionTimestamp=ago(0) if deleting else None,
        ownerReferences=tuple(
            OwnerReference(name=owner, uid=owner, blockOwnerDeletion=blocks) for owner in owners
        ),
    )


FOREGROUND, ORPHAN = ("foregroundDeletion",), ("orphan",)


@pytest.mark.parametrize(
    ("obj", "dependents", "decision"),
    [
        pytest.param(meta(), [], Keep(), id="nobody's"),
        pytest.param(meta("solid"), [], Keep(), id="owned"),
        pytest.param(meta("absent"), [], Delete("Background"), id="the owner is gone"),
        pytest.param(
            meta("solid", "absent", "waiting"),
            [],
            DropOwners(frozenset({"absent", "waiting"})),
            id="another owner keeps it",
        ),
        pytest.param(meta("waiting"), [], Delete("Background"), id="the owner waits for it"),
        pytest.param(
            meta("waiting"), [meta("x")], Delete("Foreground"), id="which has dependents itself"
        ),
        pytest.param(
            meta("waiting"),
            [meta("x", deleting=True, finalizers=FOREGROUND)],
            Unblock("Foreground"),
            id="which wait themselves: perhaps for us",
        ),
        pytest.param(meta("absent", finalizers=ORPHAN), [], Delete("Orphan"), id="its own wish"),
        pytest.param(
            meta("absent", finalizers=FOREGROUND), [], Delete("Foreground"), id="its other wish"
        ),
        pytest.param(meta("absent", deleting=True), [], Keep(), id="being deleted already"),
        pytest.param(
            meta(deleting=True, finalizers=FOREGROUND),
            [meta("x"), meta("x", blocks=False)],
            DeleteDependents(("x",)),
            id="waits for those that block it",
        ),
        pytest.param(
            meta(deleting=True, finalizers=FOREGROUND),
            [meta("x", blocks=False)],
            RemoveFinalizer("foregroundDeletion"),
            id="and for no others",
        ),
        pytest.param(
            meta(deleting=True, finalizers=ORPHAN),
            [meta("x")],
            OrphanDependents(("x",)),
            id="orphans them",
        ),
    ],
)
def test_decide(obj: ObjectMeta, dependents: list[ObjectMeta], decision: Decision) -> None:
    assert decide(obj, OWNERS, dependents) == decision


def test_unblocked_references_stay_but_block_nobody() -> None:
    references = unblocked(meta("waiting"))
    assert [(r.uid, r.blockOwnerDeletion) for r in references] == [("waiting", False)]
