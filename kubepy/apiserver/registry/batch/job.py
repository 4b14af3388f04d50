"""Job: pods that shall end, a number of times."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.batch.v1 import Job, JobSpec, JobStatus, PodFailurePolicy
from kubepy.api.meta.v1 import LabelSelector
from kubepy.apiserver.registry.core.podspec.cells import selector_cell, template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.strategy import Strategy, age, duration
from kubepy.meta.conditions import is_true

NON_INDEXED, INDEXED = "NonIndexed", "Indexed"
BACKOFF_LIMIT = 6
NO_LIMIT = 2**31 - 1

UID_LABEL = "batch.kubernetes.io/controller-uid"
NAME_LABEL = "batch.kubernetes.io/job-name"
OLD_UID_LABEL, OLD_NAME_LABEL = "controller-uid", "job-name"


def default(job: Job) -> Job:
    spec, metadata = job.spec, job.metadata
    labels = metadata.labels or spec.template.metadata.labels
    return replace(
        job,
        metadata=replace(metadata, labels=labels),
        spec=_default_spec(spec),
    )


def _default_spec(spec: JobSpec) -> JobSpec:
    completions, parallelism = spec.completions, spec.parallelism
    if completions is None and parallelism is None:
        completions = 1
    backoff = spec.backoffLimit
    if backoff is None:
        backoff = BACKOFF_LIMIT if spec.backoffLimitPerIndex is None else NO_LIMIT
    replacement = "TerminatingOrFailed" if spec.podFailurePolicy is None else "Failed"
    return replace(
        spec,
        completions=completions,
        parallelism=1 if parallelism is None else parallelism,
        backoffLimit=backoff,
        completionMode=NON_INDEXED if spec.completionMode is None else spec.completionMode,
        suspend=bool(spec.suspend),
        manualSelector=bool(spec.manualSelector),
        podFailurePolicy=_default_policy(spec.podFailurePolicy),
        podReplacementPolicy=(
            replacement if spec.podReplacementPolicy is None else spec.podReplacementPolicy
        ),
        template=default_template(spec.template),
    )


def _default_policy(policy: PodFailurePolicy | None) -> PodFailurePolicy | None:
    if policy is None:
        return None
    rules = []
    for rule in policy.rules:
        patterns = tuple(
            pattern if pattern.status else replace(pattern, status="True")
            for pattern in rule.onPodConditions
        )
        rules.append(replace(rule, onPodConditions=patterns))
    return PodFailurePolicy(rules=tuple(rules))


def prepare_create(job: Job) -> Job:
    return generate_selector(replace(job, status=JobStatus()))


def generate_selector(job: Job) -> Job:
    """Unless the client manages labels itself, a job's pods are told by the job's uid."""
    spec = job.spec
    if spec.manualSelector:
        return job
    uid, name = job.metadata.uid, job.metadata.name
    own = {UID_LABEL: uid, NAME_LABEL: name, OLD_UID_LABEL: uid, OLD_NAME_LABEL: name}
    template = spec.template
    labels = {**own, **template.metadata.labels}
    selector = spec.selector or LabelSelector()
    return replace(
        job,
        spec=replace(
            spec,
            template=replace(template, metadata=replace(template.metadata, labels=labels)),
            selector=replace(selector, matchLabels={**selector.matchLabels, UID_LABEL: uid}),
        ),
    )


def fields(job: Job) -> dict[str, str]:
    return {"status.successful": str(job.status.succeeded)}


def row(job: Job, now: float) -> tuple[Any, ...]:
    spec = job.spec
    return (
        job.metadata.name,
        _status_cell(job),
        _completions_cell(job),
        _duration_cell(job.status, now),
        age(job.metadata.creationTimestamp, now),
        *template_cells(spec.template),
        selector_cell(spec.selector),
    )


def _status_cell(job: Job) -> str:
    conditions = job.status.conditions
    if is_true(conditions, "Complete"):
        return "Complete"
    if is_true(conditions, "Failed"):
        return "Failed"
    if job.metadata.deletionTimestamp is not None:
        return "Terminating"
    for type_ in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if is_true(conditions, type_):
            return type_
    return "Running"


def _completions_cell(job: Job) -> str:
    spec, succeeded = job.spec, job.status.succeeded
    if spec.completions is not None:
        return f"{succeeded}/{spec.completions}"
    parallelism = spec.parallelism or 0
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration_cell(status: JobStatus, now: float) -> str:
    if status.startTime is None:
        return ""
    end = now if status.completionTime is None else status.completionTime.unix()
    return duration(end - status.startTime.unix())


STRATEGY = Strategy(
    default=default,
    prepare_create=prepare_create,
    fields=fields,
    row=row,
    generation=True,
    orphan_by_default=True,
)
