"""certificates.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int32, Rules, Time, Wire, empty_string, no_bytes, no_items, null

PACKAGE = "k8s.io.api.certificates.v1"
API_VERSION = "certificates.k8s.io/v1"


class CertificateSigningRequestSpec(Wire, frozen=True, kw_only=True):
    """What is asked for, and by whom: the server fills in the latter."""

    request: bytes = _field(default_factory=no_bytes)
    signerName: str = _field(default_factory=empty_string)
    expirationSeconds: Int32 | None = None
    usages: tuple[str, ...] = ()
    username: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, tuple[str, ...]] = _field(default_factory=dict)

    __rules__: ClassVar[dict[str, Rules]] = {
        "request": Rules(required=True),
        "signerName": Rules(required=True),
        "usages": Rules(
            list_type="atomic",
            values=(
                "signing",
                "digital signature",
                "content commitment",
                "key encipherment",
                "key agreement",
                "data encipherment",
                "cert sign",
                "crl sign",
                "encipher only",
                "decipher only",
                "any",
                "server auth",
                "client auth",
                "code signing",
                "email protection",
                "s/mime",
                "ipsec end system",
                "ipsec tunnel",
                "ipsec user",
                "timestamping",
                "ocsp signing",
                "microsoft sgc",
                "netscape sgc",
            ),
        ),
        "groups": Rules(list_type="atomic"),
    }


class CertificateSigningRequestStatus(Wire, frozen=True, kw_only=True):
    """What became of a request."""

    conditions: tuple[CertificateSigningRequestCondition, ...] = ()
    certificate: bytes = b""

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(list_type="map", list_map_keys=("type",)),
    }


class CertificateSigningRequest(Wire, frozen=True, kw_only=True):
    """A request for a certificate: who asks and for what never changes; it is approved or
    denied, then signed.
    """

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: CertificateSigningRequestSpec = _field(default_factory=CertificateSigningRequestSpec)
    status: CertificateSigningRequestStatus = _field(
        default_factory=CertificateSigningRequestStatus
    )

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class CertificateSigningRequestCondition(Wire, frozen=True, kw_only=True):
    """What became of a request: one decision about it, or one thing that happened to it."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    reason: str = ""
    message: str = ""
    lastUpdateTime: Time | None = _field(default_factory=null)
    lastTransitionTime: Time | None = _field(default_factory=null)

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True),
        "status": Rules(required=True),
    }


class CertificateSigningRequestList(Wire, frozen=True, kw_only=True):
    """A list of CertificateSigningRequests."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[CertificateSigningRequest, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }
