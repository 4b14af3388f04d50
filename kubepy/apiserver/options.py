"""Whether the options of a request make sense together. Pure.

The order of the complaints, and what they say, is Kubernetes' validation of metav1 options.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from kubepy.api.meta.v1 import DeleteOptions, ListOptions
from kubepy.meta.errors import (
    BadRequest,
    FieldError,
    Invalid,
    Unknown,
    forbidden,
    invalid,
    not_supported,
)
from kubepy.meta.gotext import parse_uint
from kubepy.meta.managed.entries import name_problems

GROUP = "meta.k8s.io"
ALL = "All"
MODES = ("", "Ignore", "Strict", "Warn")
ORPHAN, BACKGROUND, FOREGROUND = "Orphan", "Background", "Foreground"
_POLICIES = (FOREGROUND, BACKGROUND, ORPHAN, "nil")
EXACT, NOT_OLDER_THAN = "Exact", "NotOlderThan"
_MATCHES = (EXACT, NOT_OLDER_THAN, "")


def _refuse(kind: str, problems: list[FieldError]) -> None:
    if problems:
        raise Invalid.of(GROUP, kind, "", problems)


def dry_run(options: Any) -> bool:
    return bool(options is not None and options.dryRun)


def _dry_run_problems(values: tuple[str, ...]) -> list[FieldError]:
    if set(values) <= {ALL}:
        return []
    return [not_supported("dryRun", values, (ALL,))]


def check_write(options: Any) -> None:
    """Create, update and patch options. Raises Invalid."""
    if options is None:
        return
    problems = name_problems("fieldManager", options.fieldManager)
    problems += _dry_run_problems(options.dryRun)
    if options.fieldValidation not in MODES:
        problems.append(not_supported("fieldValidation", options.fieldValidation, MODES))
    _refuse(type(options).__name__, problems)


def check_patch(options: Any, *, apply: bool) -> None:
    """`force` and an owner belong to server-side apply."""
    check_write(options)
    if apply:
        if not options or not options.fieldManager:
            problem = FieldError(
                "FieldValueRequired", "fieldManager", "", "is required for apply patch"
            )
            _refuse("PatchOptions", [problem])
    elif options is not None and options.force is not None:
        _refuse("PatchOptions", [forbidden("force", "may not be specified for non-apply patch")])


def check_delete(options: DeleteOptions) -> None:
    problems = []
    policy = options.propagationPolicy
    if policy is not None and options.orphanDependents is not None:
        why = "orphanDependents and deletionPropagation cannot be both set"
        problems.append(invalid("propagationPolicy", policy, why))
    if policy is not None and policy not in _POLICIES[:3]:
        problems.append(not_supported("propagationPolicy", policy, _POLICIES))
    problems += _dry_run_problems(options.dryRun)
    _refuse("DeleteOptions", problems)


def check_list(options: ListOptions) -> None:
    match, version = options.resourceVersionMatch, options.resourceVersion
    problems = []
    if match:
        if not version:
            why = "resourceVersionMatch is forbidden unless resourceVersion is provided"
            problems.append(forbidden("resourceVersionMatch", why))
        if options.continue_:
            why = "resourceVersionMatch is forbidden when continue is provided"
            problems.append(forbidden("resourceVersionMatch", why))
        if match not in _MATCHES:
            problems.append(not_supported("resourceVersionMatch", match, _MATCHES))
        if match == EXACT and version == "0":
            why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
            problems.append(forbidden("resourceVersionMatch", why))
    if options.sendInitialEvents is not None:
        why = "sendInitialEvents is forbidden for list"
        problems.append(forbidden("sendInitialEvents", why))
    _refuse("ListOptions", problems)


def check_watch(options: ListOptions) -> None:
    match, initial = options.resourceVersionMatch, options.sendInitialEvents
    problems = []
    if match and initial is None:
        why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        problems.append(forbidden("resourceVersionMatch", why))
    if initial is not None:
        if match != NOT_OLDER_THAN:
            why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            problems.append(forbidden("resourceVersionMatch", why))
        if match and match != NOT_OLDER_THAN:
            problems.append(not_supported("resourceVersionMatch", match, (NOT_OLDER_THAN,)))
        if options.continue_:
            why = "sendInitialEvents is forbidden when continue is provided"
            problems.append(forbidden("continue", why))
    _refuse("ListOptions", problems)


class BadVersion(Struct, frozen=True):
    """Why a resourceVersion is none."""

    message: str


def version_of(text: str) -> int | BadVersion:
    """A resourceVersion as a number; 0 for none."""
    if not text:
        return 0
    try:
        return parse_uint(text)
    except ValueError as problem:
        return BadVersion(f'resourceVersion: Invalid value: "{text}": {problem}')


def version_of_list(text: str) -> int:
    """Raises BadRequest, as a list does."""
    found = version_of(text)
    if isinstance(found, BadVersion):
        raise BadRequest.of(f"invalid resource version: {found.message}")
    return found


def version_of_read(text: str) -> int:
    """Raises a 500 without a reason, as a get or a watch does."""
    found = version_of(text)
    if isinstance(found, BadVersion):
        raise Unknown.of(found.message)
    return found
