"""CronJob: a job again and again."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.batch.v1 import CronJob
from kubepy.apiserver.registry.core.podspec.cells import NONE, selector_cell, template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.strategy import Strategy, age

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


STRATEGY = Strategy(default=default, row=row, generation=True)
