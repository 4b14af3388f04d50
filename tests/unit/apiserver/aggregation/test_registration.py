"""What the server writes about the group versions that it serves itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.aggregation import priorities
from kubepy.apiserver.aggregation.priorities import ALWAYS, AUTOMANAGED, ON_START
from kubepy.apiserver.aggregation.registration import Create, Delete, Update, decide


def service(managed="", priority=1000):
    found = priorities.local(("x.example.com", "v1"), (priority, 100), managed)
    labels = {AUTOMANAGED: managed} if managed else {}
    return replace(found, metadata=ObjectMeta(name=found.metadata.name, labels=labels))


ONCE, KEPT, OTHERS = service(ON_START), service(ALWAYS), service()
NAME = KEPT.metadata.name


@pytest.mark.parametrize(
    ("wanted", "current", "was_there", "done", "expected"),
    [
        pytest.param(None, None, False, False, None, id="nothing"),
        pytest.param(ONCE, None, False, False, Create(ONCE), id="built in: written once"),
        pytest.param(ONCE, None, False, True, None, id="built in: somebody took it away"),
        pytest.param(KEPT, None, False, True, Create(KEPT), id="custom: written again"),
        pytest.param(KEPT, OTHERS, True, False, None, id="somebody else's"),
        pytest.param(None, OTHERS, True, False, None, id="somebody else's, not wanted"),
        pytest.param(None, ONCE, True, False, Delete(NAME), id="built in once, no longer"),
        pytest.param(None, ONCE, False, False, None, id="of another, newer server"),
        pytest.param(None, ONCE, True, True, None, id="of another server that came later"),
        pytest.param(None, KEPT, False, True, Delete(NAME), id="custom: gone"),
        pytest.param(KEPT, KEPT, True, True, None, id="as it should be"),
        pytest.param(
            KEPT,
            service(ALWAYS, priority=5),
            True,
            True,
            Update(KEPT),
            id="custom: somebody changed it",
        ),
        pytest.param(
            ONCE, service(ON_START, priority=5), True, False, Update(ONCE), id="an older server's"
        ),
        pytest.param(
            ONCE, service(ON_START, priority=5), True, True, None, id="changed since the start"
        ),
    ],
)
def test_what_is_done(wanted, current, was_there, done, expected):
    assert decide(wanted, current, was_there=was_there, done=done) == expected


def test_what_is_built_in():
    found = {
        each.metadata.name: each
        for each in priorities.built_in(
            [("", "v1"), ("apps", "v1"), ("apps", "v1"), ("apiregistration.k8s.io", "v1")]
        )
    }
    assert sorted(found) == ["v1.", "v1.apps"]
    assert found["v1.apps"].metadata.labels == {AUTOMANAGED: ON_START}
    assert found["v1.apps"].spec.groupPriorityMinimum == 17800
