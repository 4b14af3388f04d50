"""What the job controller may report: a finished job stays finished, and its numbers agree."""

from __future__ import annotations

from kubepy.api.batch.v1 import Job, JobStatus, UncountedTerminatedPods
from kubepy.apiserver.registry.batch.indexes import IndexesError, count_indexes, overlap
from kubepy.apiserver.registry.batch.jobspec import INDEXED
from kubepy.apiserver.registry.numbers import nonnegative
from kubepy.meta.conditions import is_true
from kubepy.meta.errors import OMITTED, FieldError, duplicate, invalid, required

COMPLETE, FAILED = "Complete", "Failed"
FAILURE_TARGET, SUCCESS_CRITERIA = "FailureTarget", "SuccessCriteriaMet"

CONDITIONS = "status.conditions"

# Two conditions of which the first excludes the second.
_EXCLUSIVE = (
    (COMPLETE, FAILED, "cannot set Complete=True and Failed=true conditions"),
    (COMPLETE, FAILURE_TARGET, "cannot set Complete=True and FailureTarget=true conditions"),
)
# Two conditions of which the first needs the second.
_CONSEQUENT = (
    (
        FAILED,
        FAILURE_TARGET,
        "cannot set Failed=True condition without the FailureTarget=true condition",
    ),
    (
        COMPLETE,
        SUCCESS_CRITERIA,
        "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
    ),
)


def job_status_errors(new: Job, old: Job) -> list[FieldError]:
    status, before = new.status, old.status
    errors: list[FieldError] = []
    for field in ("active", "succeeded", "failed", "ready", "terminating"):
        errors += nonnegative(getattr(status, field), f"status.{field}")
    if status.uncountedTerminatedPods is not None:
        errors += _uncounted_errors(status.uncountedTerminatedPods)
    if _agreement_changed(new, old):
        errors += _condition_errors(status)
        errors += _time_errors(status)
        errors += _finished_errors(status)
        errors += _index_errors(new)
        if status.ready is not None and status.ready > status.active:
            why = "cannot set more ready pods than active"
            errors.append(invalid("status.ready", status.ready, why))
    for first, second in ((SUCCESS_CRITERIA, FAILED), (SUCCESS_CRITERIA, FAILURE_TARGET)):
        if _has(status, first) and _has(status, second):
            shown = f"{second}=true"
            why = f"cannot set {first}=True and {shown} conditions"
            errors.append(invalid(CONDITIONS, OMITTED, why))
    return errors + _regress_errors(new, before)


def _has(status: JobStatus, condition: str) -> bool:
    return is_true(status.conditions, condition)


def _agreement_changed(new: Job, old: Job) -> bool:
    """What was stored before the rules existed may be reported again."""
    return new.status != old.status


def _uncounted_errors(pods: UncountedTerminatedPods) -> list[FieldError]:
    errors = []
    seen = set()
    for field in ("succeeded", "failed"):
        for index, uid in enumerate(getattr(pods, field)):
            where = f"status.uncountedTerminatedPods.{field}[{index}]"
            if not uid:
                errors.append(invalid(where, uid, "must not be empty"))
            elif uid in seen:
                errors.append(duplicate(where, uid))
            seen.add(uid)
    return errors


def _condition_errors(status: JobStatus) -> list[FieldError]:
    errors = [
        invalid(CONDITIONS, OMITTED, why)
        for one, other, why in _EXCLUSIVE
        if _has(status, one) and _has(status, other)
    ]
    return errors + [
        invalid(CONDITIONS, OMITTED, why)
        for one, other, why in _CONSEQUENT
        if _has(status, one) and not _has(status, other)
    ]


def _time_errors(status: JobStatus) -> list[FieldError]:
    path, complete = "status.completionTime", _has(status, COMPLETE)
    ended = status.completionTime
    if ended is None:
        why = "completionTime is required for Complete jobs"
        return [required(path, why)] if complete else []
    errors = []
    if not complete:
        why = "cannot set completionTime when there is no Complete=True condition"
        errors.append(invalid(path, ended, why))
    if status.startTime is not None and ended < status.startTime:
        errors.append(invalid(path, ended, "completionTime cannot be set before startTime"))
    return errors


def _finished_errors(status: JobStatus) -> list[FieldError]:
    if not (_has(status, COMPLETE) or _has(status, FAILED)):
        return []
    errors = []
    if status.active > 0:
        why = "active>0 is invalid for finished job"
        errors.append(invalid("status.active", status.active, why))
    if status.startTime is None:
        errors.append(required("status.startTime", "startTime is required for finished job"))
    pods = status.uncountedTerminatedPods
    if pods is not None and (pods.succeeded or pods.failed):
        why = "uncountedTerminatedPods needs to be empty for finished job"
        errors.append(invalid("status.uncountedTerminatedPods", pods, why))
    if status.terminating:
        why = "terminating>0 is invalid for finished job"
        errors.append(invalid("status.terminating", status.terminating, why))
    return errors


def _index_errors(job: Job) -> list[FieldError]:
    spec, status = job.spec, job.status
    completed, failed = status.completedIndexes, status.failedIndexes
    completions = spec.completions
    errors = []
    if completions is not None:
        for field, text in (("completedIndexes", completed), ("failedIndexes", failed)):
            try:
                count_indexes(text or "", completions)
            except IndexesError as error:
                why = f"error parsing {field}: {error}"
                errors.append(invalid(f"status.{field}", text, why))
    if completed and spec.completionMode != INDEXED:
        why = "cannot set non-empty completedIndexes when non-indexed completion mode"
        errors.append(invalid("status.completedIndexes", completed, why))
    if failed is not None and spec.backoffLimitPerIndex is None:
        why = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        errors.append(invalid("status.failedIndexes", failed, why))
    if not errors and completions is not None and failed:
        both = overlap(completed, failed, completions)
        if both is not None:
            why = f"failedIndexes and completedIndexes overlap at index: {both}"
            errors.append(invalid("status.failedIndexes", failed, why))
    return errors


def _regress_errors(new: Job, before: JobStatus) -> list[FieldError]:
    status = new.status
    errors = []
    for condition in (FAILED, COMPLETE, FAILURE_TARGET):
        if _has(before, condition) and not _has(status, condition):
            why = f"cannot disable the terminal {condition}=True condition"
            errors.append(invalid(CONDITIONS, OMITTED, why))
    for field in ("failed", "succeeded"):
        value = getattr(status, field)
        if value < getattr(before, field):
            why = f"cannot decrease the {field} counter"
            errors.append(invalid(f"status.{field}", value, why))
    ended, had_ended = status.completionTime, before.completionTime
    if ended is not None and had_ended is not None and ended != had_ended:
        errors.append(invalid("status.completionTime", ended, "completionTime cannot be mutated"))
    if (
        before.startTime is not None
        and before.startTime != status.startTime
        and not new.spec.suspend
    ):
        why = "startTime cannot be removed for unsuspended job"
        errors.append(required("status.startTime", why))
    if _has(before, SUCCESS_CRITERIA) and not _has(status, SUCCESS_CRITERIA):
        why = "cannot disable the SuccessCriteriaMet=True condition"
        errors.append(invalid(CONDITIONS, OMITTED, why))
    return errors
