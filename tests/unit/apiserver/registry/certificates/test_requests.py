"""Requests for certificates: what may be asked, and who may answer what."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec.structs import replace

from kubepy.api.certificates.v1 import (
    CertificateSigningRequest,
    CertificateSigningRequestCondition,
)
from kubepy.api.types import Time
from kubepy.apiserver.registry.certificates import certificatesigningrequest as requests
from kubepy.apiserver.registry.certificates import pem
from kubepy.base import tls
from tests.unit.apiserver.registry.rules import cells, made, refusals, texts

NOW = Time("2026-01-01T00:00:00Z")
EARLIER = Time("2025-01-01T00:00:00Z")


def request(organization: str = "testers") -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])
    signed = x509.CertificateSigningRequestBuilder(subject).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


PEM = request()


def body(text: bytes = PEM, **spec: Any) -> dict[str, Any]:
    return {
        "spec": {
            "request": base64.b64encode(text).decode(),
            "signerName": "example.com/signer",
            "usages": ["client auth"],
            **spec,
        }
    }


def decided(*conditions: tuple[str, str], certificate: bytes = b"") -> CertificateSigningRequest:
    found = made(CertificateSigningRequest, body())
    listed = tuple(
        CertificateSigningRequestCondition(type=type_, status=status)
        for type_, status in conditions
    )
    return replace(found, status=replace(found.status, conditions=listed, certificate=certificate))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(body(), [], id="fine"),
        pytest.param(
            body(usages=["client auth", "client auth"]),
            ['spec.usages[1]: Duplicate value: "client auth"'],
            id="a usage twice",
        ),
        pytest.param(
            body(signerName="kubernetes.io/legacy-unknown"),
            [
                'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy '
                "signerName is not allowed via this API version"
            ],
            id="the old signer",
        ),
    ],
)
def test_creates(asked: dict[str, Any], expected: list[str]) -> None:
    assert refusals(CertificateSigningRequest, asked) == expected


def test_a_request_must_be_signed_with_its_own_key() -> None:
    first = next(pem.blocks(PEM)).content
    broken = first[:-4] + bytes(4)
    lines = base64.encodebytes(broken)
    text = b"-----BEGIN CERTIFICATE REQUEST-----\n" + lines + b"-----END CERTIFICATE REQUEST-----\n"
    with pytest.raises(pem.BadPem, match="x509"):
        pem.check_request(text)
    pem.check_request(b"a comment\n" + PEM)


def certificate() -> bytes:
    return tls.self_signed("x", [], now=0.0).certificate


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(b"nonsense", "must contain at least one CERTIFICATE PEM block", id="none"),
        pytest.param(PEM, "only CERTIFICATE PEM blocks are allowed", id="another type"),
        pytest.param(
            b"-----BEGIN CERTIFICATE-----\na: b\n\nYWJj\n-----END CERTIFICATE-----\n",
            "no PEM block headers are permitted",
            id="headers",
        ),
        pytest.param(
            b"-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n",
            "malformed certificate",
            id="garbage inside",
        ),
    ],
)
def test_what_is_no_certificate(text: bytes, why: str) -> None:
    with pytest.raises(pem.BadPem, match=why):
        pem.check_certificates(text)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param([], [("Approved", "True")], [], id="approved"),
        pytest.param(
            [],
            [("Approved", "True"), ("Denied", "True")],
            [
                'status.conditions[1].type: Invalid value: "Denied": Approved and Denied '
                "conditions are mutually exclusive"
            ],
            id="both",
        ),
        pytest.param(
            [("Approved", "True")],
            [],
            ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"'],
            id="taken back",
        ),
        pytest.param(
            [],
            [("Approved", "False")],
            ['status.conditions[0].status: Unsupported value: "False": supported values: "True"'],
            id="not really",
        ),
        pytest.param(
            [], [("Other", "")], ["status.conditions[0].status: Required value"], id="no status"
        ),
    ],
)
def test_approvals(old: list[Any], new: list[Any], expected: list[str]) -> None:
    assert texts(requests.validate_approval(decided(*new), decided(*old))) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(decided(), decided(certificate=certificate()), [], id="signed"),
        pytest.param(
            decided(certificate=b"one"),
            decided(certificate=b"two"),
            ["status.certificate: Forbidden: updates may not modify existing certificate content"],
            id="signed again",
        ),
        pytest.param(
            decided(),
            decided(certificate=b"x"),
            [
                'status.certificate: Invalid value: "<certificate data>": must contain at least '
                "one CERTIFICATE PEM block"
            ],
            id="signed with nonsense",
        ),
        pytest.param(
            decided(),
            decided(("Approved", "True")),
            ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
            id="approved by the signer",
        ),
        pytest.param(decided(), decided(("Failed", "True")), [], id="given up"),
    ],
)
def test_signing(
    old: CertificateSigningRequest, new: CertificateSigningRequest, expected: list[str]
) -> None:
    assert texts(requests.validate_status(new, old)) == expected


def test_conditions_are_dated_and_keep_their_beginning() -> None:
    old = decided(("Approved", "True"))
    begun = replace(old.status.conditions[0], lastTransitionTime=EARLIER)
    old = replace(old, status=replace(old.status, conditions=(begun,)))
    approved, failed = requests.dated(
        decided(("Approved", "True"), ("Failed", "True")), old, NOW
    ).status.conditions
    assert (approved.lastUpdateTime, approved.lastTransitionTime) == (NOW, EARLIER)
    assert (failed.lastUpdateTime, failed.lastTransitionTime) == (NOW, NOW)


@pytest.mark.parametrize(
    ("conditions", "issued", "state"),
    [
        ([], False, "Pending"),
        ([("Approved", "True")], True, "Approved,Issued"),
        ([("Approved", "True"), ("Failed", "True")], False, "Approved,Failed"),
        ([("Denied", "True")], False, "Denied"),
    ],
)
def test_condition_column(conditions: list[tuple[str, str]], issued: bool, state: str) -> None:
    found = decided(*conditions, certificate=b"x" if issued else b"")
    assert requests.row(found, 0.0)[-1] == state
    assert cells(CertificateSigningRequest, body(expirationSeconds=3600))[3] == "60m"
