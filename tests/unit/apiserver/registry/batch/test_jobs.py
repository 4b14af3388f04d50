"""Jobs and their schedules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.api import codec
from kubepy.api.batch.v1 import CronJob, Job
from kubepy.apiserver.registry.batch import cronjob, job, schedule
from kubepy.apiserver.registry.batch.indexes import IndexesError, count_indexes, overlap

POD = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "app:1"}]}
DISORDER = {"operator": "In", "values": [2, 0, 2]}
NOW = 1_000_000.0  # 1970-01-12T13:46:40Z


def made(**spec: Any) -> Job:
    """A job as creation leaves it."""
    body = {
        "metadata": {"name": "j", "uid": "u", "creationTimestamp": "1970-01-12T13:41:40Z"},
        "spec": {"template": {"spec": POD}, **spec},
    }
    return job.STRATEGY.prepare_create(job.STRATEGY.default(codec.from_builtins(Job, body)))


def test_defaults_and_what_is_generated() -> None:
    spec = made().spec
    assert (spec.parallelism, spec.completions, spec.backoffLimit) == (1, 1, 6)
    assert (spec.completionMode, spec.suspend, spec.manualSelector) == ("NonIndexed", False, False)
    assert spec.podReplacementPolicy == "TerminatingOrFailed"
    assert spec.selector is not None
    assert spec.selector.matchLabels == {"batch.kubernetes.io/controller-uid": "u"}
    assert spec.template.metadata.labels == {
        "batch.kubernetes.io/controller-uid": "u",
        "batch.kubernetes.io/job-name": "j",
        "controller-uid": "u",
        "job-name": "j",
    }
    assert made().metadata.labels == spec.template.metadata.labels
    assert job.STRATEGY.validate_create(made()) == []


def test_completions_stay_open_beside_parallelism() -> None:
    assert made(parallelism=3).spec.completions is None


def test_a_selector_of_ones_own() -> None:
    own = made(manualSelector=True, selector={"matchLabels": {"a": "b"}})
    assert own.spec.template.metadata.labels == {}
    assert [error.field for error in job.STRATEGY.validate_create(own)] == [
        "spec.template.metadata.labels"
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"completionMode": "Indexed"}, []),
        (
            {"completionMode": "Indexed", "parallelism": 2},
            ["completions: Required value: when completion mode is Indexed"],
        ),
        (
            {"backoffLimitPerIndex": 1},
            ["backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"],
        ),
        (
            {
                "completionMode": "Indexed",
                "completions": 3,
                "successPolicy": {"rules": [{"succeededIndexes": "0-1", "succeededCount": 3}]},
            },
            [
                "successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or "
                "equal to 2 (the number of indexes in the specified succeededIndexes field)"
            ],
        ),
        (
            {"podFailurePolicy": {"rules": [{"action": "Ignore", "onExitCodes": DISORDER}]}},
            [
                f"podFailurePolicy.rules[0].onExitCodes.values{why}"
                for why in (
                    "[1]: Invalid value: 0: must not be 0 for the In operator",
                    "[2]: Duplicate value: 2",
                    ": Invalid value: [2,0,2]: must be ordered",
                )
            ],
        ),
    ],
    ids=str,
)
def test_rules(spec: dict[str, Any], expected: list[str]) -> None:
    found = [str(error) for error in job.STRATEGY.validate_create(made(**spec))]
    assert found == [f"spec.{text}" for text in expected]


def test_a_suspended_job_may_still_choose_its_nodes() -> None:
    waiting, other = made(suspend=True), made(suspend=True)
    elsewhere = codec.from_builtins(
        Job,
        codec.to_builtins(other)
        | {"spec": codec.to_builtins(other)["spec"] | {"template": _with_nodes(other)}},
    )
    assert job.STRATEGY.validate_update(elsewhere, waiting) == []
    running = made()
    fields = [error.field for error in job.STRATEGY.validate_update(elsewhere, running)]
    assert fields == ["spec.template"]


def _with_nodes(given: Job) -> dict[str, Any]:
    template = codec.to_builtins(given)["spec"]["template"]
    return {**template, "spec": {**template["spec"], "nodeSelector": {"disk": "ssd"}}}


@pytest.mark.parametrize(
    ("status", "cells"),
    [
        ({}, ("Running", "0/1", "")),
        ({"startTime": "1970-01-12T13:44:40Z", "succeeded": 1}, ("Running", "1/1", "2m")),
        (
            {
                "startTime": "1970-01-12T13:00:00Z",
                "completionTime": "1970-01-12T13:00:07Z",
                "conditions": [{"type": "Complete", "status": "True"}],
            },
            ("Complete", "0/1", "7s"),
        ),
        ({"conditions": [{"type": "Suspended", "status": "True"}]}, ("Suspended", "0/1", "")),
    ],
)
def test_row(status: dict[str, Any], cells: tuple[str, ...]) -> None:
    given = codec.from_builtins(Job, codec.to_builtins(made()) | {"status": status})
    assert job.row(given, NOW)[1:4] == cells


# ---- indexes


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("0", 1), ("0-2", 3), ("0,2-3,9", 4)], ids=repr
)
def test_indexes(text: str, count: int) -> None:
    assert count_indexes(text, 10) == count


@pytest.mark.parametrize("text", ["x", "1,1", "2,1", "3-2", "1-2-3", "10", "0-10", "1,,2", "-"])
def test_no_indexes(text: str) -> None:
    with pytest.raises(IndexesError):
        count_indexes(text, 10)


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_overlap_is_the_first_common_index(one: set[int], other: set[int]) -> None:
    texts = [",".join(map(str, sorted(indexes))) for indexes in (one, other)]
    assert count_indexes(texts[0], 31) == len(one)
    assert overlap(texts[0], texts[1], 31) == min(one & other, default=None)


# ---- cron jobs


@pytest.mark.parametrize(
    "text",
    [
        "* * * * *",
        "*/5 0-23/2 1,15 jan-MAR sun",
        "@daily",
        "@every 1h30m",
        "0 0 ? * 6",
        "5/10 * * * *",
    ],
)
def test_schedules(text: str) -> None:
    assert schedule.check(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("@often", "unrecognized descriptor: @often"),
    ],
)
def test_no_schedules(text: str, message: str) -> None:
    with pytest.raises(schedule.ScheduleError) as caught:
        schedule.check(text)
    assert str(caught.value) == message


def scheduled(**spec: Any) -> CronJob:
    body = {
        "metadata": {"name": "c", "creationTimestamp": "1970-01-12T13:41:40Z"},
        "spec": {
            "schedule": "@daily",
            "jobTemplate": {"spec": {"template": {"spec": POD}}},
            **spec,
        },
    }
    return cronjob.STRATEGY.default(codec.from_builtins(CronJob, body))


def test_cron_job() -> None:
    plain = scheduled()
    assert cronjob.STRATEGY.validate_create(plain) == []
    assert cronjob.row(plain, NOW) == (
        "c", "@daily", "<none>", "False", 0, "<none>", "5m", "main", "app:1", "<none>",
    )  # fmt: skip
    zones = {"Etc/UTC": [], "Mars/Base": ["unknown time zone Mars/Base"]}
    for zone, expected in zones.items():
        found = cronjob.STRATEGY.validate_create(scheduled(timeZone=zone))
        assert [error.detail for error in found] == expected


def test_a_zone_in_the_schedule_may_stay_where_it_was() -> None:
    old = scheduled(schedule="CRON_TZ=UTC 0 0 * * *")
    assert [error.field for error in cronjob.STRATEGY.validate_create(old)] == ["spec.schedule"]
    assert cronjob.STRATEGY.validate_update(old, old) == []
