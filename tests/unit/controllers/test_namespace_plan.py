"""What is told while a namespace is emptied."""

from __future__ import annotations

from kubepy.api import scheme
from kubepy.api.core.v1 import Namespace, NamespaceStatus
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.controllers.namespace.plan import Findings, Remains, next_look, report, waves
from tests.unit.controllers.build import NOW, ago


def told(found: Findings) -> dict[str, tuple[str, str, str]]:
    return {c.type: (c.status, c.reason, c.message) for c in report(Namespace(), found, NOW)}


def test_pods_go_before_everything_else_and_events_once() -> None:
    pods, rest = waves(scheme.resources())
    assert [resource.plural for resource in pods] == ["pods"]
    names = [resource.group_resource for resource in rest]
    assert {"configmaps", "secrets", "deployments.apps", "events"} <= set(names)
    assert not {"pods", "nodes", "events.events.k8s.io", "bindings"} & set(names)


def test_what_remains_is_told_with_its_finalizers() -> None:
    remaining = {"pods.": Remains(0), "configmaps": Remains(2, {"example.com/keep": 2})}
    conditions = told(Findings(remaining=remaining))
    assert conditions["NamespaceContentRemaining"] == (
        "True",
        "SomeResourcesRemain",
        "Some resources are remaining: configmaps has 2 resource instances",
    )
    assert conditions["NamespaceFinalizersRemaining"] == (
        "True",
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: "
        "example.com/keep in 2 resource instances",
    )


def test_an_empty_namespace_has_nothing_to_tell_that_is_true() -> None:
    found = Findings(remaining={"pods": Remains(0)})
    assert found.done
    assert {status for status, _, _ in told(found).values()} == {"False"}


def test_failures_keep_it() -> None:
    found = Findings(errors=("the server is on fire",))
    assert not found.done
    assert "the server is on fire" in told(found)["NamespaceDeletionContentFailure"][2]


def test_conditions_that_stay_the_same_keep_their_time() -> None:
    found = Findings(remaining={"pods": Remains(1)})
    first = report(Namespace(), found, NOW)
    before = Namespace(status=NamespaceStatus(conditions=first))
    assert report(before, found, NOW + 60) == first
    changed = report(before, Findings(), NOW + 60)
    assert {c.lastTransitionTime for c in changed} == {ago(0), ago(-60)}


def test_the_longer_it_takes_the_less_often_it_is_looked_at() -> None:
    def waited(seconds: float) -> float:
        meta = ObjectMeta(deletionTimestamp=ago(seconds))
        return next_look(Namespace(metadata=meta), NOW)

    assert [waited(0), waited(8), waited(600)] == [0.2, 2.0, 10.0]
