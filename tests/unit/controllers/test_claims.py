"""Which objects an owner has, takes and lets go."""

from __future__ import annotations

from kubepy.api.core.v1 import Pod
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.controllers.claims import Claims, decide
from tests.unit.controllers.build import LABELS, ago, pod

OWNER = ObjectMeta(name="web", namespace="shop", uid="web")
GOING = ObjectMeta(name="web", namespace="shop", uid="web", deletionTimestamp=ago(0))

MINE = pod("mine", owner="web")
STRAY = pod("stray", owner="web", labels={"app": "other"})
FREE = pod("free")
OTHERS = pod("others", owner="db")
UNLIKE = pod("unlike", labels={"app": "db"})
DYING = pod("dying", deleting=True)
ALL = [MINE, STRAY, FREE, OTHERS, UNLIKE, DYING]


def claims(owner: ObjectMeta) -> Claims[Pod]:
    return decide(owner, lambda labels: labels == LABELS, ALL)


def test_an_owner_takes_what_is_free_and_lets_go_what_no_longer_matches() -> None:
    assert claims(OWNER) == Claims(owned=(MINE,), adopt=(FREE,), release=(STRAY,))


def test_an_owner_that_is_going_only_has_what_it_had() -> None:
    assert claims(GOING) == Claims(owned=(MINE,))
