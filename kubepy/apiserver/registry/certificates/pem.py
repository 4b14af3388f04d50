"""What is inside of a request for a certificate, and of the certificate that answers it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID
from msgspec import Struct

from kubepy.meta.gotext import quote

REQUEST, CERTIFICATE = "CERTIFICATE REQUEST", "CERTIFICATE"
_BLOCK = re.compile(rb"-----BEGIN ([^\n]+?)-----\r?\n(.*?)-----END \1-----", re.DOTALL)


class BadPem(ValueError):
    """The text is not what it should be; the message says why."""


class Block(Struct, frozen=True):
    type: str
    headers: bool
    content: bytes


def blocks(text: bytes) -> Iterator[Block]:
    """The well-formed PEM blocks; whatever stands between them is a comment."""
    for match in _BLOCK.finditer(text):
        headers, separator, body = match[2].rpartition(b"\n\n")
        try:
            content = base64.b64decode(b"".join(body.split()), validate=True)
        except binascii.Error:
            continue
        yield Block(match[1].decode(errors="replace"), bool(separator and headers), content)


def parse_request(text: bytes) -> x509.CertificateSigningRequest:
    """The request. Raises BadPem."""
    first = next(blocks(text), None)
    if first is None or first.type != REQUEST:
        raise BadPem(f"PEM block type must be {REQUEST}")
    try:
        return x509.load_der_x509_csr(first.content)
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise BadPem(f"x509: malformed certificate request: {problem}") from problem


def check_request(text: bytes) -> None:
    """Raises BadPem if the request cannot be read, or somebody else's key has signed it."""
    request = parse_request(text)
    try:
        valid = request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise BadPem(f"x509: cannot verify signature: {problem}") from problem
    if not valid:
        raise BadPem("x509: the signature does not match the request's public key")


def organizations(request: x509.CertificateSigningRequest) -> list[str]:
    """The groups that the certificate's owner would be in."""
    found = request.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return [str(attribute.value) for attribute in found]


def check_certificates(text: bytes) -> None:
    """Raises BadPem unless the text is one certificate or a chain of them."""
    found = list(blocks(text))
    if not found:
        raise BadPem(f"must contain at least one {CERTIFICATE} PEM block")
    for block in found:
        if block.type != CERTIFICATE:
            why = f"only {CERTIFICATE} PEM blocks are allowed, found {quote(block.type)}"
            raise BadPem(why)
        if block.headers:
            raise BadPem("no PEM block headers are permitted")
        try:
            x509.load_der_x509_certificate(block.content)
        except (ValueError, UnsupportedAlgorithm) as problem:
            raise BadPem(f"x509: malformed certificate: {problem}") from problem
