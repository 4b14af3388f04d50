"""CertificateApproval, CertificateSigning, CertificateSubjectRestriction; and who is asking.

Approving and signing need rights to the signer beside those to the request.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.certificates.v1 import CertificateSigningRequest
from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, UPDATE, Refusing, Review
from kubepy.apiserver.registry.certificates.certificatesigningrequest import FAILED
from kubepy.meta.calls import Attributes, Authorizer
from kubepy.meta.gotext import quote

REQUESTS = "certificatesigningrequests.certificates.k8s.io"
CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client"
MASTERS = "system:masters"


class CertificateRequester:
    """A request says who made it, whatever its author wrote there."""

    NAME = "CertificateRequester"

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return operation == CREATE and resource.group_resource == REQUESTS and not subresource

    async def admit(self, review: Review) -> Any:
        request: CertificateSigningRequest = review.object
        user = review.user
        spec = replace(
            request.spec, username=user.name, uid=user.uid, groups=user.groups, extra=user.extra
        )
        return replace(request, spec=spec)

    async def validate(self, review: Review) -> None:
        """Refuses nothing."""


class CertificateSubjectRestriction(Refusing):
    """No certificate makes its owner an administrator past all authorization."""

    NAME = "CertificateSubjectRestriction"

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return operation == CREATE and resource.group_resource == REQUESTS and not subresource

    async def validate(self, review: Review) -> None:
        from kubepy.apiserver.registry.certificates import pem  # late: few servers get any

        spec = review.object.spec
        if spec.signerName != CLIENT_SIGNER:
            return
        try:
            request = pem.parse_request(spec.request)
        except pem.BadPem as problem:
            raise review.forbid(f"failed to parse CSR: {problem}") from problem
        if MASTERS in pem.organizations(request):
            raise review.forbid(
                f"use of {CLIENT_SIGNER} signer with {MASTERS} group is not allowed"
            )


class _OfSigner(Refusing):
    """A right to the signer that the request names."""

    VERB = ""
    SUBRESOURCE = ""

    def __init__(self, authorize: Authorizer) -> None:
        self._authorize = authorize

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return (
            operation == UPDATE
            and resource.group_resource == REQUESTS
            and subresource == self.SUBRESOURCE
        )

    async def validate(self, review: Review) -> None:
        signer = review.old.spec.signerName
        if not self.concerns(review) or await self._may(review, signer):
            return
        raise review.forbid(
            f"user not permitted to {self.VERB} requests with signerName {quote(signer)}"
        )

    def concerns(self, review: Review) -> bool:
        return True

    async def _may(self, review: Review, signer: str) -> bool:
        """For this signer, or for all of its domain."""
        domain = signer.partition("/")[0]
        for name in (signer, f"{domain}/*"):
            asked = Attributes(
                user=review.user,
                verb=self.VERB,
                group="certificates.k8s.io",
                version="v1",
                resource="signers",
                name=name,
            )
            if (await self._authorize(asked)).allowed:
                return True
        return False


class CertificateApproval(_OfSigner):
    NAME = "CertificateApproval"
    VERB, SUBRESOURCE = "approve", "approval"


class CertificateSigning(_OfSigner):
    """Who only corrects other parts of the status signs nothing."""

    NAME = "CertificateSigning"
    VERB, SUBRESOURCE = "sign", "status"

    def concerns(self, review: Review) -> bool:
        new, old = review.object.status, review.old.status

        def failures(status: Any) -> list[Any]:
            return [c for c in status.conditions if c.type == FAILED]

        return new.certificate != old.certificate or failures(new) != failures(old)
