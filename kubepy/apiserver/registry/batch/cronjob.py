"""CronJob: a job again and again."""

from __future__ import annotations

import re
import zoneinfo
from typing import Any

from msgspec.structs import replace

from kubepy.api.batch.v1 import CronJob, JobTemplateSpec
from kubepy.apiserver.registry.batch import schedule
from kubepy.apiserver.registry.batch.jobspec import job_spec_errors, job_spec_warnings
from kubepy.apiserver.registry.core.podspec.cells import NONE, selector_cell, template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.core.podspec.warnings import name_warnings, respecified
from kubepy.apiserver.registry.finalizers import finalizer_errors
from kubepy.apiserver.registry.numbers import nonnegative
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta.errors import FieldError, invalid, not_supported, required

SUCCESSFUL_HISTORY, FAILED_HISTORY = 3, 1  # finished jobs that are kept


def default(cronjob: CronJob) -> CronJob:
    spec = cronjob.spec
    job = spec.jobTemplate.spec
    successful, failed = spec.successfulJobsHistoryLimit, spec.failedJobsHistoryLimit
    return replace(
        cronjob,
        spec=replace(
            spec,
            concurrencyPolicy=spec.concurrencyPolicy or "Allow",
            suspend=bool(spec.suspend),
            successfulJobsHistoryLimit=SUCCESSFUL_HISTORY if successful is None else successful,
            failedJobsHistoryLimit=FAILED_HISTORY if failed is None else failed,
            jobTemplate=replace(
                spec.jobTemplate, spec=replace(job, template=default_template(job.template))
            ),
        ),
    )


CONCURRENCY = ("Allow", "Forbid", "Replace")
NAME_LENGTH = 52  # bytes; its jobs append 11 more
_ZONE_PART = re.compile(r"[A-Za-z._0-9+-]{1,14}", re.ASCII)


def validate(cronjob: CronJob) -> list[FieldError]:
    errors = _errors(cronjob, None)
    name = cronjob.metadata.name
    if len(name) > NAME_LENGTH:
        why = f"must be no more than {NAME_LENGTH} characters"
        errors.append(invalid("metadata.name", name, why))
    return errors


def validate_update(new: CronJob, old: CronJob) -> list[FieldError]:
    return _errors(new, old)


def _errors(cronjob: CronJob, old: CronJob | None) -> list[FieldError]:
    spec = cronjob.spec
    errors = finalizer_errors(cronjob.metadata)
    errors += _schedule_errors(cronjob, old, "spec.schedule")
    errors += nonnegative(spec.startingDeadlineSeconds, "spec.startingDeadlineSeconds")
    if spec.timeZone is not None and (old is None or old.spec.timeZone != spec.timeZone):
        errors += _zone_errors(spec.timeZone, "spec.timeZone")
    if spec.concurrencyPolicy not in CONCURRENCY:
        where = "spec.concurrencyPolicy"
        errors.append(not_supported(where, spec.concurrencyPolicy, CONCURRENCY))
    errors += _template_errors(spec.jobTemplate, "spec.jobTemplate.spec")
    errors += nonnegative(spec.successfulJobsHistoryLimit, "spec.successfulJobsHistoryLimit")
    return errors + nonnegative(spec.failedJobsHistoryLimit, "spec.failedJobsHistoryLimit")


def _schedule_errors(cronjob: CronJob, old: CronJob | None, path: str) -> list[FieldError]:
    """A time zone in the schedule stays allowed where it was before."""
    text, zone = cronjob.spec.schedule, cronjob.spec.timeZone
    if not text:
        return [required(path)]
    errors = []
    try:
        schedule.check(text)
    except schedule.ScheduleError as error:
        errors.append(invalid(path, text, str(error)))
    if "TZ" in text:
        if old is None or "TZ" not in old.spec.schedule:
            why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            errors.append(invalid(path, text, why))
        elif zone is not None:
            why = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
            errors.append(invalid(path, text, why))
    return errors


def _zone_errors(zone: str, path: str) -> list[FieldError]:
    if not zone:
        return [invalid(path, zone, "timeZone must be nil or non-empty string")]
    unknown = invalid(path, zone, f"unknown time zone {zone}")
    for part in zone.split("/"):
        if part in (".", "..") or part.startswith("-") or not _ZONE_PART.fullmatch(part):
            return [unknown]
    if zone.lower() == "local":
        why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        return [invalid(path, zone, why)]
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError):
        return [unknown]
    return []


def _template_errors(template: JobTemplateSpec, path: str) -> list[FieldError]:
    spec = template.spec
    errors = job_spec_errors(spec, path)
    if spec.selector is not None:
        why = "`selector` will be auto-generated"
        errors.append(invalid(f"{path}.selector", spec.selector, why))
    if spec.manualSelector:
        errors.append(not_supported(f"{path}.manualSelector", True, ("nil", "false")))
    return errors


JOB = "spec.jobTemplate.spec"
ZONE_IN_SCHEDULE = (
    "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see "
    "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
)


def warnings(cronjob: CronJob) -> list[str]:
    found = name_warnings(cronjob.metadata.name)
    return found + job_spec_warnings(cronjob.spec.jobTemplate.spec, JOB)


def update_warnings(new: CronJob, old: CronJob) -> list[str]:
    found = job_spec_warnings(new.spec.jobTemplate.spec, JOB) if respecified(new, old) else []
    return [*found, ZONE_IN_SCHEDULE] if "TZ" in new.spec.schedule else found


def row(cronjob: CronJob, now: float) -> tuple[Any, ...]:
    spec, status = cronjob.spec, cronjob.status
    last = NONE if status.lastScheduleTime is None else age(status.lastScheduleTime, now)
    return (
        cronjob.metadata.name,
        spec.schedule,
        NONE if spec.timeZone is None else spec.timeZone,
        "True" if spec.suspend else "False",
        len(status.active),
        last,
        age(cronjob.metadata.creationTimestamp, now),
        *template_cells(spec.jobTemplate.spec.template),
        selector_cell(spec.jobTemplate.spec.selector),
    )


STRATEGY = Strategy(
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    warnings=warnings,
    update_warnings=update_warnings,
    row=row,
    generation=True,
)
