"""CertificateSigningRequest: somebody asks for a certificate; others approve it and sign it.

Who may change what of it:

    main path      metadata
    /approval      the conditions
    /status        the certificate, and conditions other than Approved and Denied
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.certificates.v1 import (
    CertificateSigningRequest,
    CertificateSigningRequestCondition,
)
from kubepy.api.types import Time
from kubepy.apiserver.registry.core.podspec.cells import NONE
from kubepy.apiserver.registry.strategy import Strategy, age, duration
from kubepy.apiserver.registry.values import choice, repeated, signer_name
from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate, forbidden, invalid, required

APPROVED, DENIED, FAILED = "Approved", "Denied", "Failed"
FOR_EVER = (APPROVED, DENIED, FAILED)
LEGACY_SIGNER = "kubernetes.io/legacy-unknown"
SHORTEST_SECONDS = 600
STATUSES = ("False", "True", "Unknown")
USAGES = (
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign",
    "data encipherment", "decipher only", "digital signature", "email protection",
    "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement",
    "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth",
    "signing", "timestamping",
)  # fmt: skip
CONDITIONS, CERTIFICATE = "status.conditions", "status.certificate"


def prepare_update(
    new: CertificateSigningRequest, old: CertificateSigningRequest
) -> CertificateSigningRequest:
    return replace(new, spec=old.spec, status=old.status)


def validate(request: CertificateSigningRequest) -> list[FieldError]:
    from kubepy.apiserver.registry.certificates import pem  # late: few servers get any

    spec = request.spec
    errors = []
    try:
        pem.check_request(spec.request)
    except pem.BadPem as problem:
        errors.append(invalid("spec.request", spec.request, str(problem)))
    if not spec.usages:
        errors.append(required("spec.usages"))
    for index, usage in enumerate(spec.usages):
        errors += choice(usage, USAGES, f"spec.usages[{index}]")
    errors += repeated(spec.usages, "spec.usages")
    if spec.signerName == LEGACY_SIGNER:
        why = "the legacy signerName is not allowed via this API version"
        errors.append(invalid("spec.signerName", spec.signerName, why))
    else:
        errors += signer_name(spec.signerName, "spec.signerName")
    seconds = spec.expirationSeconds
    if seconds is not None and seconds < SHORTEST_SECONDS:
        why = "may not specify a duration less than 600 seconds (10 minutes)"
        errors.append(invalid("spec.expirationSeconds", seconds, why))
    return errors


def validate_update(
    new: CertificateSigningRequest, old: CertificateSigningRequest
) -> list[FieldError]:
    """Nothing that has rules can be changed here."""
    return []


def validate_approval(
    new: CertificateSigningRequest, old: CertificateSigningRequest
) -> list[FieldError]:
    return _condition_errors(new) + _history_errors(new, old)


def validate_status(
    new: CertificateSigningRequest, old: CertificateSigningRequest
) -> list[FieldError]:
    errors = _condition_errors(new) + _certificate_errors(new, old)
    return errors + _history_errors(new, old, settled=(APPROVED, DENIED))


def _condition_errors(request: CertificateSigningRequest) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, condition in enumerate(request.status.conditions):
        path, kind = f"{CONDITIONS}[{index}]", condition.type
        if not kind:
            errors.append(required(f"{path}.type"))
        if {APPROVED, DENIED} <= seen | {kind} and kind in (APPROVED, DENIED):
            why = "Approved and Denied conditions are mutually exclusive"
            errors.append(invalid(f"{path}.type", kind, why))
        if not condition.status:
            errors.append(required(f"{path}.status"))
        else:
            choices = ("True",) if kind in FOR_EVER else STATUSES
            errors += choice(condition.status, choices, f"{path}.status")
        if kind in seen:
            errors.append(duplicate(f"{path}.type", kind))
        seen.add(kind)
    return errors


def _history_errors(
    new: CertificateSigningRequest, old: CertificateSigningRequest, settled: tuple[str, ...] = ()
) -> list[FieldError]:
    """What was decided stays. `settled`: the types that cannot be decided here."""
    errors = []
    for kind in FOR_EVER:
        before = [c for c in old.status.conditions if c.type == kind]
        after = [c for c in new.status.conditions if c.type == kind]
        verb = "remove" if len(after) < len(before) else ""
        if kind in settled and len(after) > len(before):
            verb = "add"
        elif kind in settled and not verb and after != before:
            verb = "modify"
        if verb:
            why = f'updates may not {verb} a condition of type "{kind}"'
            errors.append(forbidden(CONDITIONS, why))
    return errors


def _certificate_errors(
    new: CertificateSigningRequest, old: CertificateSigningRequest
) -> list[FieldError]:
    from kubepy.apiserver.registry.certificates import pem

    if new.status.certificate == old.status.certificate:
        return []
    if old.status.certificate:
        return [forbidden(CERTIFICATE, "updates may not modify existing certificate content")]
    try:
        pem.check_certificates(new.status.certificate)
    except pem.BadPem as problem:
        return [invalid(CERTIFICATE, "<certificate data>", str(problem))]
    return []


def dated(
    new: CertificateSigningRequest, old: CertificateSigningRequest, now: Time
) -> CertificateSigningRequest:
    """With the times that the conditions lack; a state that goes on keeps its beginning."""
    beginnings = {
        (condition.type, condition.status): condition.lastTransitionTime
        for condition in old.status.conditions
    }

    def complete(
        condition: CertificateSigningRequestCondition,
    ) -> CertificateSigningRequestCondition:
        since = condition.lastTransitionTime or beginnings.get((condition.type, condition.status))
        return replace(
            condition,
            lastUpdateTime=condition.lastUpdateTime or now,
            lastTransitionTime=since or now,
        )

    conditions = tuple(complete(condition) for condition in new.status.conditions)
    return replace(new, status=replace(new.status, conditions=conditions))


def fields(request: CertificateSigningRequest) -> dict[str, str]:
    return {"spec.signerName": request.spec.signerName}


def row(request: CertificateSigningRequest, now: float) -> tuple[Any, ...]:
    meta, spec = request.metadata, request.spec
    seconds = spec.expirationSeconds
    return (
        meta.name,
        age(meta.creationTimestamp, now),
        spec.signerName or NONE,
        spec.username,
        NONE if seconds is None else duration(seconds),
        _state(request),
    )


def _state(request: CertificateSigningRequest) -> str:
    """`Approved,Issued`"""
    types = {condition.type for condition in request.status.conditions}
    state = DENIED if DENIED in types else APPROVED if APPROVED in types else "Pending"
    if FAILED in types:
        state += f",{FAILED}"
    return f"{state},Issued" if request.status.certificate else state


STRATEGY = Strategy(
    validate_name=names.path_segment,
    prepare_update=prepare_update,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    fields=fields,
    row=row,
)
