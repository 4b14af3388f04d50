"""APIService: which server answers for an API group version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from kubepy.api.apiregistration.v1 import APIService, APIServiceCondition, APIServiceStatus
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import conditions, names
from kubepy.meta.errors import FieldError, invalid, not_supported, required

AVAILABLE = "Available"
HTTPS_PORT = 443
MAX_GROUP_PRIORITY, MAX_VERSION_PRIORITY = 20_000, 1_000
STATUSES = (conditions.TRUE, conditions.FALSE, conditions.UNKNOWN)
LOCAL = APIServiceCondition(
    type=AVAILABLE,
    status=conditions.TRUE,
    reason="Local",
    message="Local APIServices are always available",
)


def default(service: APIService) -> APIService:
    reference = service.spec.service
    if reference is None or reference.port is not None:
        return service
    reference = replace(reference, port=HTTPS_PORT)
    return replace(service, spec=replace(service.spec, service=reference))


def prepare_create(service: APIService) -> APIService:
    """What this server itself serves is available from the start."""
    found: tuple[APIServiceCondition, ...] = ()
    if service.spec.service is None:
        found = (replace(LOCAL, lastTransitionTime=service.metadata.creationTimestamp),)
    return replace(service, status=APIServiceStatus(conditions=found))


def prepare_status(new: APIService, old: APIService) -> APIService:
    """An update of the status changes nothing that people write into metadata."""
    kept = old.metadata
    meta = replace(
        new.metadata,
        labels=kept.labels,
        annotations=kept.annotations,
        finalizers=kept.finalizers,
        ownerReferences=kept.ownerReferences,
    )
    return replace(new, metadata=meta, spec=old.spec)


def name_of(group: str, version: str) -> str:
    return f"{version}.{group}"


def name_rule(service: APIService) -> Callable[[str], list[str]]:
    """The only name that an APIService may have is that of its group version."""
    wanted = name_of(service.spec.group, service.spec.version)

    def check(name: str) -> list[str]:
        if problems := names.path_segment(name):
            return problems
        why = f'must be `spec.version+"."+spec.group`: "{wanted}"'
        return [why] if name != wanted else []

    return check


def validate(service: APIService) -> list[FieldError]:
    spec = service.spec
    errors = []
    if not spec.group and spec.version != "v1":
        why = "only v1 may have an empty group and it better be legacy kube"
        errors.append(required("spec.group", why))
    if spec.group:
        errors += [
            invalid("spec.group", spec.group, why) for why in names.dns1123_subdomain(spec.group)
        ]
    errors += [
        invalid("spec.version", spec.version, why) for why in names.dns1035_label(spec.version)
    ]
    for field, most in (
        ("groupPriorityMinimum", MAX_GROUP_PRIORITY),
        ("versionPriority", MAX_VERSION_PRIORITY),
    ):
        value = getattr(spec, field)
        if not 0 < value <= most:
            why = f"must be positive and less than {most}"
            errors.append(invalid(f"spec.{field}", value, why))
    return errors + _server_errors(service)


def _server_errors(service: APIService) -> list[FieldError]:
    """What is wrong with how the server is to be found and checked."""
    spec = service.spec
    bundle, skip = "spec.caBundle", "spec.insecureSkipTLSVerify"
    errors = []
    if spec.service is None:
        if spec.caBundle:
            size = f"{len(spec.caBundle)} bytes"
            errors.append(invalid(bundle, size, "local APIServices may not have a caBundle"))
        if spec.insecureSkipTLSVerify:
            why = "local APIServices may not have insecureSkipTLSVerify"
            errors.append(invalid(skip, True, why))
        return errors
    for field in ("namespace", "name"):
        if not getattr(spec.service, field):
            errors.append(required(f"spec.service.{field}"))
    if spec.insecureSkipTLSVerify and spec.caBundle:
        errors.append(invalid(skip, True, "may not be true if caBundle is present"))
    return errors


def validate_update(new: APIService, old: APIService) -> list[FieldError]:
    """An update repeats what a create asks of the name."""
    problems = [
        invalid("metadata.name", new.metadata.name, why)
        for why in name_rule(new)(new.metadata.name)
    ]
    return problems + validate(new)


def validate_status(new: APIService, old: APIService) -> list[FieldError]:
    return [
        not_supported(f"status.conditions[{index}].status", condition.status, STATUSES)
        for index, condition in enumerate(new.status.conditions)
        if condition.status not in STATUSES
    ]


def row(service: APIService, now: float) -> tuple[Any, ...]:
    reference = service.spec.service
    meta = service.metadata
    return (
        meta.name,
        f"{reference.namespace}/{reference.name}" if reference else "Local",
        availability(service),
        age(meta.creationTimestamp, now),
    )


def availability(service: APIService) -> str:
    """The column: `True`, `False (ServiceNotFound)`, `Unknown`."""
    condition = conditions.find(service.status.conditions, AVAILABLE)
    if condition is None:
        return conditions.UNKNOWN
    if condition.status == conditions.TRUE or not condition.reason:
        return condition.status
    return f"{condition.status} ({condition.reason})"


STRATEGY = Strategy(
    default=default,
    prepare_create=prepare_create,
    prepare_status=prepare_status,
    name_rule=name_rule,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    row=row,
    unconditional_update=False,
    repeats_create_checks=True,
)
