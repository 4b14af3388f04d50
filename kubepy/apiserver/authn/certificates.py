"""Who a client certificate says is calling. The TLS layer has already checked its signature."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from cryptography import x509
from cryptography.x509.oid import NameOID

from kubepy.meta.calls import User

KNOWN_CERTIFICATES = 4096  # parsed ones kept: a connection shows the same one with each request
CREDENTIAL = "authentication.kubernetes.io/credential-id"


@lru_cache(maxsize=KNOWN_CERTIFICATES)
def user_of(der: bytes) -> User | None:
    """The user of a DER certificate: CN is the name, each O a group; None without a CN."""
    subject = x509.load_der_x509_certificate(der).subject
    names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if not names or not names[0].value:
        return None
    groups = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return User(
        name=str(names[0].value),
        groups=tuple(str(group.value) for group in groups),
        extra={CREDENTIAL: (f"X509SHA256={sha256(der).hexdigest()}",)},
    )
