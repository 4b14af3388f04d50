"""Job: pods that shall end, a number of times."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from kubepy.api.batch.v1 import Job, JobSpec, JobStatus, PodFailurePolicy
from kubepy.api.core.v1 import Affinity
from kubepy.api.meta.v1 import DeleteOptions, LabelSelector
from kubepy.apiserver.registry.batch.jobspec import (
    INDEXED,
    NON_INDEXED,
    job_spec_errors,
    job_spec_warnings,
)
from kubepy.apiserver.registry.batch.jobstatus import job_status_errors
from kubepy.apiserver.registry.core.podspec.cells import selector_cell, template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.core.podspec.template import selection_errors
from kubepy.apiserver.registry.core.podspec.warnings import name_warnings, respecified
from kubepy.apiserver.registry.finalizers import finalizer_errors
from kubepy.apiserver.registry.strategy import Strategy, age, duration
from kubepy.meta import names, selectors
from kubepy.meta.conditions import is_true
from kubepy.meta.errors import FieldError, invalid, required
from kubepy.meta.labels import check_label_selector

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
    job = generate_selector(replace(job, status=JobStatus()))
    if job.metadata.labels:
        return job
    labels = job.spec.template.metadata.labels  # now with the generated ones
    return replace(job, metadata=replace(job.metadata, labels=labels))


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


def validate(job: Job) -> list[FieldError]:
    errors = finalizer_errors(job.metadata) + _generated_errors(job) + _spec_errors(job)
    spec, name = job.spec, job.metadata.name
    if spec.completionMode == INDEXED and (spec.completions or 0) > 0:
        hostname = f"{name}-{(spec.completions or 0) - 1}"
        if names.dns1123_label(hostname):
            why = f"will not able to create pod with invalid DNS label: {hostname}"
            errors.append(invalid("metadata.name", name, why))
    return errors


def _generated_errors(job: Job) -> list[FieldError]:
    """That a client has not spoilt what creation generates."""
    spec, labels = job.spec, job.spec.template.metadata.labels
    if spec.manualSelector or spec.selector is None:
        return []
    uid, name = job.metadata.uid, job.metadata.name
    wanted = {OLD_UID_LABEL: uid, OLD_NAME_LABEL: name, UID_LABEL: uid, NAME_LABEL: name}
    path = "spec.template.metadata.labels"
    errors = []
    for key, value in wanted.items():
        if key not in labels:
            errors.append(required(path, f"must be '{value}'"))
        elif labels[key] != value:
            errors.append(invalid(path, labels, f"must be '{value}'"))
    with suppress(selectors.SelectorError):
        if not selectors.of(spec.selector).matches(wanted):
            errors.append(invalid("spec.selector", spec.selector, "`selector` not auto-generated"))
    return errors


def _spec_errors(job: Job) -> list[FieldError]:
    spec = job.spec
    errors = job_spec_errors(spec, "spec")
    if spec.selector is None:
        errors.append(required("spec.selector"))
    errors += check_label_selector(spec.selector, "spec.selector")
    with suppress(selectors.SelectorError):  # told already
        errors += selection_errors(selectors.of(spec.selector), spec.template, "spec.template")
    return errors


IMMUTABLE = (
    "selector", "template", "completionMode", "podFailurePolicy", "backoffLimitPerIndex",
    "managedBy", "successPolicy",
)  # fmt: skip


def validate_update(new: Job, old: Job) -> list[FieldError]:
    spec, before = new.spec, _with_scheduling_of(new, old)
    errors = validate(new) + _spec_errors(new)  # twice, as Kubernetes
    errors += _completions_errors(spec, before)
    return errors + [
        invalid(f"spec.{field}", getattr(spec, field), "field is immutable")
        for field in IMMUTABLE
        if getattr(spec, field) != getattr(before, field)
    ]


def _completions_errors(spec: JobSpec, before: JobSpec) -> list[FieldError]:
    """An indexed job can be scaled, together with its parallelism."""
    completions = spec.completions
    if completions == before.completions:
        return []
    if spec.completionMode != INDEXED:
        return [invalid("spec.completions", completions, "field is immutable")]
    if completions is None or completions == spec.parallelism:
        return []
    why = "can only be modified in tandem with spec.parallelism"
    return [invalid("spec.completions", completions, why)]


def _with_scheduling_of(new: Job, old: Job) -> JobSpec:
    """The old spec; while the job waits suspended, with the new one's say on where pods may run."""
    waits = old.spec.suspend and old.status.startTime is None
    if not waits:
        return old.spec
    template, now = old.spec.template, new.spec.template
    affinity = template.spec.affinity
    node = now.spec.affinity.nodeAffinity if now.spec.affinity is not None else None
    affinity = replace(affinity or Affinity(), nodeAffinity=node)
    spec = replace(
        template.spec,
        affinity=None if affinity == Affinity() and now.spec.affinity is None else affinity,
        nodeSelector=now.spec.nodeSelector,
        tolerations=now.spec.tolerations,
        schedulingGates=now.spec.schedulingGates,
    )
    metadata = replace(
        template.metadata, labels=now.metadata.labels, annotations=now.metadata.annotations
    )
    return replace(old.spec, template=replace(template, metadata=metadata, spec=spec))


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


def warnings(job: Job) -> list[str]:
    return name_warnings(job.metadata.name) + job_spec_warnings(job.spec, "spec")


def update_warnings(new: Job, old: Job) -> list[str]:
    return job_spec_warnings(new.spec, "spec") if respecified(new, old) else []


ORPHANING = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background "
    "to remove them or set propagationPolicy=Orphan to suppress this warning"
)


def delete_warnings(wanted: DeleteOptions) -> list[str]:
    """Nobody expects that the pods stay."""
    chosen = wanted.propagationPolicy is not None or wanted.orphanDependents is not None
    return [] if chosen else [ORPHANING]


STRATEGY = Strategy(
    warnings=warnings,
    update_warnings=update_warnings,
    delete_warnings=delete_warnings,
    default=default,
    prepare_create=prepare_create,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=job_status_errors,
    fields=fields,
    row=row,
    generation=True,
    repeats_create_checks=True,
    orphan_by_default=True,
)
