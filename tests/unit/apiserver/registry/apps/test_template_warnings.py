"""The kinds with a template say what is odd about it: when it comes, and when it changes."""

from typing import Any

import pytest
from msgspec.structs import replace

from kubepy.api import codec, scheme
from kubepy.apiserver.registry.strategy import strategy_of

TEMPLATE = {"spec": {"containers": [{"name": "c", "image": "x"}], "imagePullSecrets": [{}]}}
EMPTY = 'spec.imagePullSecrets[0].name: invalid empty name ""'
NAME = (
    "metadata.name: this is used in Pod names and hostnames, which can result in surprising "
    "behavior; a DNS label is recommended: [must not contain dots]"
)


def made(group: str, kind: str, spec: dict[str, Any]) -> tuple[Any, Any]:
    """The kind's strategy and an object of its, as somebody sent it."""
    resource = scheme.by_kind(group, "v1", kind)
    strategy = strategy_of(resource)
    whole = {"metadata": {"name": "a.b", "generation": 1}, **spec}
    return strategy, strategy.default(codec.from_builtins(resource.type, whole))


def next_generation(obj: Any) -> Any:
    return replace(obj, metadata=replace(obj.metadata, generation=2))


WITH_TEMPLATE = {"spec": {"template": TEMPLATE}}
CASES = [
    pytest.param("apps", "Deployment", WITH_TEMPLATE, [NAME, f"spec.template.{EMPTY}"]),
    pytest.param("apps", "ReplicaSet", WITH_TEMPLATE, [NAME, f"spec.template.{EMPTY}"]),
    pytest.param("", "ReplicationController", WITH_TEMPLATE, [NAME, f"spec.template.{EMPTY}"]),
    pytest.param("", "PodTemplate", {"template": TEMPLATE}, [f"template.{EMPTY}"]),
    pytest.param("apps", "DaemonSet", WITH_TEMPLATE, [f"spec.template.{EMPTY}"]),
    pytest.param("apps", "StatefulSet", WITH_TEMPLATE, [f"spec.template.{EMPTY}"]),
    pytest.param("batch", "Job", WITH_TEMPLATE, [NAME, f"spec.template.{EMPTY}"]),
    pytest.param(
        "batch",
        "CronJob",
        {"spec": {"jobTemplate": WITH_TEMPLATE}},
        [NAME, f"spec.jobTemplate.spec.template.{EMPTY}"],
    ),
]


@pytest.mark.parametrize(("group", "kind", "spec", "expected"), CASES)
def test_templates_are_told_about(
    group: str, kind: str, spec: dict[str, Any], expected: list[str]
) -> None:
    strategy, obj = made(group, kind, spec)
    assert strategy.warnings(obj) == expected
    assert strategy.update_warnings(obj, obj) == []
    # An update cannot change the name.
    assert strategy.update_warnings(next_generation(obj), obj) == expected[-1:]


def test_a_controller_without_template() -> None:
    strategy, obj = made("", "ReplicationController", {})
    assert strategy.warnings(obj) == [NAME]


def test_endless_history_and_claims_of_fractions() -> None:
    claim = {"metadata": {"name": "d"}, "spec": {"resources": {"requests": {"storage": "1m"}}}}
    spec = {"template": {"spec": {}}, "revisionHistoryLimit": -1, "volumeClaimTemplates": [claim]}
    strategy, obj = made("apps", "StatefulSet", {"spec": spec})
    fraction = (
        'resources.requests[storage]: fractional byte value "1m" is invalid, must be an integer'
    )
    endless = (
        "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value "
        ">= 0 is recommended"
    )
    assert strategy.warnings(obj) == [f"spec.volumeClaimTemplates[0].{fraction}", endless]
    assert strategy.update_warnings(obj, obj) == [
        f"spec.volumeClaimTemplates[0].Spec.{fraction}",
        endless,
    ]


def test_more_indexes_than_can_be_told() -> None:
    spec = {
        "template": {"spec": {}},
        "completionMode": "Indexed",
        "completions": 100_001,
        "parallelism": 10_001,
    }
    strategy, obj = made("batch", "Job", {"spec": spec})
    assert strategy.warnings(obj)[-1].startswith("spec: In Indexed Jobs with a number of ")
    _, few = made("batch", "Job", {"spec": {**spec, "parallelism": 10_000}})
    assert strategy.warnings(few) == [NAME]


def test_a_zone_in_an_old_schedule() -> None:
    spec = {"schedule": "TZ=UTC * * * * *", "jobTemplate": {"spec": {"template": {"spec": {}}}}}
    strategy, obj = made("batch", "CronJob", {"spec": spec})
    [warning] = strategy.update_warnings(obj, obj)
    assert warning.startswith("cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone")
