"""Options that do not make sense."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api.meta.v1 import CreateOptions, DeleteOptions, ListOptions, PatchOptions
from kubepy.apiserver import options
from kubepy.meta.errors import ApiError, BadRequest, Invalid, Unknown


@pytest.mark.parametrize(
    ("check", "given", "fields"),
    [
        pytest.param(
            options.check_write, CreateOptions(dryRun=("Some",)), ["dryRun"], id="half dry"
        ),
        pytest.param(
            options.check_write,
            CreateOptions(fieldValidation="Maybe", fieldManager="m" * 129),
            ["fieldManager", "fieldValidation"],
            id="manager and mode",
        ),
        pytest.param(
            options.check_delete,
            DeleteOptions(propagationPolicy="Sideways"),
            ["propagationPolicy"],
            id="unknown policy",
        ),
        pytest.param(
            options.check_delete,
            DeleteOptions(propagationPolicy="Orphan", orphanDependents=True),
            ["propagationPolicy"],
            id="policy twice",
        ),
        pytest.param(
            options.check_list,
            ListOptions(resourceVersionMatch="Exact"),
            ["resourceVersionMatch"],
            id="match without a version",
        ),
        pytest.param(
            options.check_list,
            ListOptions(sendInitialEvents=True),
            ["sendInitialEvents"],
            id="events of a list",
        ),
        pytest.param(
            options.check_watch,
            ListOptions(sendInitialEvents=True),
            ["resourceVersionMatch"],
            id="events without a match",
        ),
        pytest.param(
            options.check_watch,
            ListOptions(resourceVersionMatch="NotOlderThan", resourceVersion="1"),
            ["resourceVersionMatch"],
            id="match without events",
        ),
    ],
)
def test_refused(check: Any, given: Any, fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        check(given)
    assert [cause.field for cause in refused.value.causes] == fields


def test_force_belongs_to_apply() -> None:
    with pytest.raises(Invalid, match="may not be specified for non-apply patch"):
        options.check_patch(PatchOptions(force=True), apply=False)


@pytest.mark.parametrize(
    ("read", "text", "error", "message"),
    [
        (options.version_of_list, "abc", BadRequest, "invalid resource version: resourceVersion"),
        (options.version_of_list, "-1", BadRequest, "strconv.ParseUint"),
        (options.version_of_read, "x", Unknown, 'resourceVersion: Invalid value: "x"'),
        (options.version_of_read, "9" * 30, Unknown, "value out of range"),
    ],
)
def test_versions_that_are_none(read: Any, text: str, error: type[ApiError], message: str) -> None:
    with pytest.raises(error, match=message):
        read(text)


def test_versions() -> None:
    assert [options.version_of_list(text) for text in ("", "0", "42")] == [0, 0, 42]
