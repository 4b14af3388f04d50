"""certificatesigningrequests/approval and /status: who approves does not sign, and vice versa."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.certificates.v1 import CertificateSigningRequest
from kubepy.api.types import Time
from kubepy.apiserver.registry.certificates.certificatesigningrequest import (
    APPROVED,
    DENIED,
    dated,
    validate_approval,
    validate_status,
)
from kubepy.apiserver.subresources.door import Door
from kubepy.base.clock import Clock

REQUESTS = "certificatesigningrequests.certificates.k8s.io"


def doors(clock: Clock) -> dict[tuple[str, str], Door]:
    """Conditions get the time of their change, so these doors know the time."""

    def approve(
        sent: CertificateSigningRequest, old: CertificateSigningRequest
    ) -> CertificateSigningRequest:
        status = replace(old.status, conditions=sent.status.conditions)
        return dated(replace(sent, spec=old.spec, status=status), old, Time.from_unix(clock.now()))

    def sign(
        sent: CertificateSigningRequest, old: CertificateSigningRequest
    ) -> CertificateSigningRequest:
        new = with_decisions(replace(sent, spec=old.spec), old)
        return dated(new, old, Time.from_unix(clock.now()))

    return {
        (REQUESTS, "approval"): Door(
            type=CertificateSigningRequest, merge=approve, validate=validate_approval
        ),
        (REQUESTS, "status"): Door(
            type=CertificateSigningRequest, merge=sign, validate=validate_status
        ),
    }


def with_decisions(
    new: CertificateSigningRequest, old: CertificateSigningRequest
) -> CertificateSigningRequest:
    """With each approval and denial as it was, unless it is missing now."""
    before = {c.type: c for c in old.status.conditions if c.type in (APPROVED, DENIED)}
    conditions = tuple(before.get(c.type, c) for c in new.status.conditions)
    return replace(new, status=replace(new.status, conditions=conditions))
