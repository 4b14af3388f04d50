"""The rules of a job's spec, in a Job and in the template of a CronJob."""

from __future__ import annotations

from collections.abc import Sequence

from kubepy.api.batch.v1 import (
    JobSpec,
    PodFailurePolicyOnExitCodesRequirement,
    PodFailurePolicyOnPodConditionsPattern,
    PodFailurePolicyRule,
    SuccessPolicyRule,
)
from kubepy.apiserver.registry.batch.indexes import IndexesError, count_indexes
from kubepy.apiserver.registry.core.podspec.template import template_errors
from kubepy.apiserver.registry.core.podspec.warnings import template_warnings
from kubepy.apiserver.registry.numbers import nonnegative
from kubepy.apiserver.registry.values import at_most_bytes, domain_path
from kubepy.meta import names
from kubepy.meta.errors import (
    OMITTED,
    FieldError,
    duplicate,
    invalid,
    not_supported,
    required,
    too_long,
    too_many,
)
from kubepy.meta.gotext import quote

NON_INDEXED, INDEXED = "NonIndexed", "Indexed"
INDEXES_LIMIT = 100_000  # of parallelism and failed indexes, so that the status stays small
MANY_COMPLETIONS = 100_000  # above it, with a backoff limit per index, stricter limits hold
MANY_COMPLETIONS_LIMIT = 10_000
MANY_AT_ONCE = 10_000
RULES_LIMIT = 20
EXIT_CODES_LIMIT = 255
CONDITIONS_LIMIT = 20
MANAGED_BY_LENGTH = 63
SUCCEEDED_INDEXES_LENGTH = 64 << 10

ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
EXIT_OPERATORS = ("In", "NotIn")
CONDITION_STATUSES = ("False", "True", "Unknown")
REPLACEMENTS = ("Failed", "TerminatingOrFailed")
NEEDS_INDEXES = "requires indexed completion mode"


def job_spec_errors(spec: JobSpec, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for field in (
        "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
        "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes",
    ):  # fmt: skip
        errors += nonnegative(getattr(spec, field), f"{path}.{field}")
    if spec.maxFailedIndexes is not None and spec.backoffLimitPerIndex is None:
        why = "when maxFailedIndexes is specified"
        errors.append(required(f"{path}.backoffLimitPerIndex", why))
    if spec.managedBy is not None:
        errors += _managed_by_errors(spec.managedBy, f"{path}.managedBy")
    errors += _mode_errors(spec, path)
    errors += _failure_errors(spec, f"{path}.podFailurePolicy")
    errors += _success_errors(spec, f"{path}.successPolicy")
    errors += _replacement_errors(spec, f"{path}.podReplacementPolicy")
    errors += template_errors(spec.template, f"{path}.template")
    return errors + _restart_errors(spec, f"{path}.template.spec.restartPolicy")


def _managed_by_errors(value: str, path: str) -> list[FieldError]:
    errors = domain_path(value, path)
    return errors + at_most_bytes(value, MANAGED_BY_LENGTH, path)


def _mode_errors(spec: JobSpec, path: str) -> list[FieldError]:
    mode = spec.completionMode
    if mode == INDEXED:
        return _indexed_errors(spec, path)
    errors = []
    if mode not in (None, NON_INDEXED):
        errors.append(not_supported(f"{path}.completionMode", mode, (NON_INDEXED, INDEXED)))
        return errors
    for field in ("backoffLimitPerIndex", "maxFailedIndexes"):
        value = getattr(spec, field)
        if value is not None:
            errors.append(invalid(f"{path}.{field}", value, NEEDS_INDEXES))
    return errors


def _indexed_errors(spec: JobSpec, path: str) -> list[FieldError]:
    completions, parallelism = spec.completions, spec.parallelism
    failed = spec.maxFailedIndexes
    errors = []
    if completions is None:
        why = f"when completion mode is {INDEXED}"
        errors.append(required(f"{path}.completions", why))
    if parallelism is not None and parallelism > INDEXES_LIMIT:
        why = f"must be less than or equal to {INDEXES_LIMIT} when completion mode is {INDEXED}"
        errors.append(invalid(f"{path}.parallelism", parallelism, why))
    if failed is not None:
        where = f"{path}.maxFailedIndexes"
        if completions is not None and failed > completions:
            errors.append(invalid(where, failed, "must be less than or equal to completions"))
        if failed > INDEXES_LIMIT:
            why = f"must be less than or equal to {INDEXES_LIMIT}"
            errors.append(invalid(where, failed, why))
    if (completions or 0) > MANY_COMPLETIONS and spec.backoffLimitPerIndex is not None:
        if failed is None:
            why = f"must be specified when completions is above {MANY_COMPLETIONS}"
            errors.append(required(f"{path}.maxFailedIndexes", why))
        why = (
            f"must be less than or equal to {MANY_COMPLETIONS_LIMIT} when completions are above "
            f"{MANY_COMPLETIONS} and used with backoff limit per index"
        )
        for field, value in (("parallelism", parallelism), ("maxFailedIndexes", failed)):
            if value is not None and value > MANY_COMPLETIONS_LIMIT:
                errors.append(invalid(f"{path}.{field}", value, why))
    return errors


# ---- what a failed pod means


def _failure_errors(spec: JobSpec, path: str) -> list[FieldError]:
    policy = spec.podFailurePolicy
    if policy is None:
        return []
    where = f"{path}.rules"
    errors = []
    if len(policy.rules) > RULES_LIMIT:
        errors.append(too_many(where, len(policy.rules), RULES_LIMIT))
    for index, rule in enumerate(policy.rules):
        errors += _failure_rule_errors(rule, spec, f"{where}[{index}]")
    return errors


def _failure_rule_errors(rule: PodFailurePolicyRule, spec: JobSpec, path: str) -> list[FieldError]:
    where = f"{path}.action"
    errors = []
    if rule.action == "FailIndex":
        if spec.backoffLimitPerIndex is None:
            why = "requires the backoffLimitPerIndex to be set"
            errors.append(invalid(where, rule.action, why))
    else:
        errors += _choice(rule.action, ACTIONS, where)
    codes, conditions = rule.onExitCodes, rule.onPodConditions
    if codes is not None:
        errors += _exit_code_errors(codes, spec, f"{path}.onExitCodes")
    errors += _condition_errors(conditions, f"{path}.onPodConditions")
    if codes is not None and conditions:
        why = "specifying both OnExitCodes and OnPodConditions is not supported"
        errors.append(invalid(path, OMITTED, why))
    if codes is None and not conditions:
        why = "specifying one of OnExitCodes and OnPodConditions is required"
        errors.append(invalid(path, OMITTED, why))
    return errors


def _choice(value: str, choices: Sequence[str], path: str) -> list[FieldError]:
    if not value:
        return [required(path, f"valid values: [{' '.join(map(quote, choices))}]")]
    return [] if value in choices else [not_supported(path, value, choices)]


def _exit_code_errors(
    codes: PodFailurePolicyOnExitCodesRequirement, spec: JobSpec, path: str
) -> list[FieldError]:
    errors = _choice(codes.operator, EXIT_OPERATORS, f"{path}.operator")
    pod = spec.template.spec
    known = {container.name for container in (*pod.containers, *pod.initContainers)}
    if codes.containerName is not None and codes.containerName not in known:
        why = "must be one of the container or initContainer names in the pod template"
        errors.append(invalid(f"{path}.containerName", codes.containerName, why))
    where, values = f"{path}.values", codes.values
    if not values:
        errors.append(invalid(where, values, "at least one value is required"))
    elif len(values) > EXIT_CODES_LIMIT:
        errors.append(too_many(where, len(values), EXIT_CODES_LIMIT))
    seen = set()
    for index, value in enumerate(values):
        if codes.operator == "In" and value == 0:
            why = "must not be 0 for the In operator"
            errors.append(invalid(f"{where}[{index}]", value, why))
        if value in seen:
            errors.append(duplicate(f"{where}[{index}]", value))
        seen.add(value)
    if list(values) != sorted(values):
        errors.append(invalid(where, values, "must be ordered"))
    return errors


def _condition_errors(
    patterns: Sequence[PodFailurePolicyOnPodConditionsPattern], path: str
) -> list[FieldError]:
    errors = []
    if len(patterns) > CONDITIONS_LIMIT:
        errors.append(too_many(path, len(patterns), CONDITIONS_LIMIT))
    for index, pattern in enumerate(patterns):
        where = f"{path}[{index}]"
        messages = names.qualified_name(pattern.type)
        errors += [invalid(f"{where}.type", pattern.type, text) for text in messages]
        errors += _choice(pattern.status, CONDITION_STATUSES, f"{where}.status")
    return errors


# ---- what succeeds


def _success_errors(spec: JobSpec, path: str) -> list[FieldError]:
    policy = spec.successPolicy
    if policy is None:
        return []
    if spec.completionMode != INDEXED:
        return [invalid(path, policy, NEEDS_INDEXES)]
    where = f"{path}.rules"
    errors = []
    if not policy.rules:
        why = "at least one rules must be specified when the successPolicy is specified"
        errors.append(required(where, why))
    if len(policy.rules) > RULES_LIMIT:
        errors.append(too_many(where, len(policy.rules), RULES_LIMIT))
    for index, rule in enumerate(policy.rules):
        errors += _success_rule_errors(rule, spec.completions or 0, f"{where}[{index}]")
    return errors


def _success_rule_errors(rule: SuccessPolicyRule, completions: int, path: str) -> list[FieldError]:
    count, indexes = rule.succeededCount, rule.succeededIndexes
    errors = []
    if count is None and indexes is None:
        why = "at least one of succeededCount or succeededIndexes must be specified"
        errors.append(required(path, why))
    total = 0
    if indexes is not None:
        where = f"{path}.succeededIndexes"
        if len(indexes) > SUCCEEDED_INDEXES_LENGTH:
            errors.append(too_long(where, indexes, SUCCEEDED_INDEXES_LENGTH))
        try:
            total = count_indexes(indexes, completions)
        except IndexesError as error:
            errors.append(invalid(where, indexes, f"error parsing succeededIndexes: {error}"))
    if count is not None:
        where = f"{path}.succeededCount"
        errors += nonnegative(count, where)
        limits = [(completions, "the number of specified completions")]
        if indexes is not None:
            noun = "the number of indexes in the specified succeededIndexes field"
            limits.append((total, noun))
        errors += [
            invalid(where, count, f"must be less than or equal to {most} ({noun})")
            for most, noun in limits
            if count > most
        ]
    return errors


def _replacement_errors(spec: JobSpec, path: str) -> list[FieldError]:
    policy = spec.podReplacementPolicy
    choices = REPLACEMENTS if spec.podFailurePolicy is None else ("Failed",)
    if policy is None or policy in choices:
        return []
    return [not_supported(path, policy, choices)]


def _restart_errors(spec: JobSpec, path: str) -> list[FieldError]:
    """A job's pods must be able to end."""
    policy = spec.template.spec.restartPolicy
    match policy:
        case "" | "Always":
            return [required(path, 'valid values: "OnFailure", "Never"')]
        case "OnFailure" | "Never":
            if spec.podFailurePolicy is None or policy == "Never":
                return []
            why = 'only "Never" is supported when podFailurePolicy is specified'
            return [invalid(path, policy, why)]
    return [not_supported(path, policy, ("OnFailure", "Never"))]


# ---- what is allowed, and may not end well

UNTRACKED = (
    "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than "
    "10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail"
)


def job_spec_warnings(spec: JobSpec, path: str) -> list[str]:
    found = template_warnings(spec.template, f"{path}.template")
    many = (spec.completions or 0) > MANY_COMPLETIONS
    if spec.completionMode == INDEXED and many and (spec.parallelism or 0) > MANY_AT_ONCE:
        return [f"{path}: {UNTRACKED}", *found]
    return found
