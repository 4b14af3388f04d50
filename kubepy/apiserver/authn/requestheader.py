"""Users whom an authenticating proxy in front of this server names in headers. Pure.

Whoever shows a certificate of the proxies' own authority is believed. That authority says nothing
else: its certificates make nobody a user by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID
from msgspec import Struct

from kubepy.meta.calls import User

KNOWN_CERTIFICATES = 4096  # whose issuer is remembered


class FrontProxies(Struct, frozen=True):
    """Which proxies are believed, and in which headers they name users."""

    authority: bytes  # PEM, of the proxies' certificates
    client_authority: bytes = b""  # PEM, of users' own; empty: they have none
    names: tuple[str, ...] = ()  # common names of proxies; empty: any
    username_headers: tuple[str, ...] = ()
    uid_headers: tuple[str, ...] = ()
    group_headers: tuple[str, ...] = ()
    extra_prefixes: tuple[str, ...] = ()

    def user_of(self, certificate: bytes, headers: Iterable[tuple[str, str]]) -> User | None:
        """The user that a believed proxy names; None: it is none, or names nobody."""
        if not (is_issued_by(certificate, self.authority) and self._is_allowed(certificate)):
            return None
        given: dict[str, list[str]] = {}
        for name, value in headers:
            given.setdefault(name.lower(), []).append(value)
        name = _first(given, self.username_headers)
        if not name:
            return None
        groups = (v for header in self.group_headers for v in given.get(header.lower(), ()) if v)
        return User(
            name=name,
            uid=_first(given, self.uid_headers),
            groups=tuple(groups),
            extra=self._extra(given),
        )

    def is_client(self, certificate: bytes) -> bool:
        """Whether a certificate is a user's own, and no proxy's."""
        return is_issued_by(certificate, self.client_authority)

    def _is_allowed(self, certificate: bytes) -> bool:
        return not self.names or common_name(certificate) in self.names

    def _extra(self, given: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for prefix in map(str.lower, self.extra_prefixes):
            for header, values in given.items():
                if header.startswith(prefix):
                    key = unquote(header.removeprefix(prefix))
                    found[key] = (*found.get(key, ()), *values)
        return found


def _first(given: dict[str, list[str]], names: Iterable[str]) -> str:
    """The first value that one of these headers has."""
    return next((given[name.lower()][0] for name in names if given.get(name.lower())), "")


@lru_cache(maxsize=KNOWN_CERTIFICATES)
def is_issued_by(certificate: bytes, authority: bytes) -> bool:
    """Whether one of the authority's certificates (PEM) has signed this one (DER) itself."""
    found = x509.load_der_x509_certificate(certificate)
    for issuer in x509.load_pem_x509_certificates(authority) if authority else ():
        try:
            found.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False


@lru_cache(maxsize=KNOWN_CERTIFICATES)
def common_name(certificate: bytes) -> str:
    subject = x509.load_der_x509_certificate(certificate).subject
    names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""
