"""TLS contexts from files, and what certificates and keys are made with.

Making them (a small certificate authority, in `certificates`) needs the cryptography library: 10 MB
and 45 ms that most processes never need, so the names below that do it are found late.
"""

from __future__ import annotations

import os
import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kubepy.base.files import write_file, write_secret

if TYPE_CHECKING:
    from kubepy.base.certificates import (
        CLIENT,
        SERVER,
        expires,
        is_issued_by,
        issue,
        new_authority,
        new_signing_key,
        self_signed,
        server_names,
    )

__all__ = [
    "CLIENT",
    "SERVER",
    "Pair",
    "TLSError",
    "expires",
    "is_issued_by",
    "issue",
    "new_authority",
    "new_signing_key",
    "read_pair",
    "self_signed",
    "server_context",
    "server_names",
    "write_pair",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kubepy.base import certificates

    return getattr(certificates, name)


class TLSError(ValueError):
    """A certificate or key file cannot be used; the message names it and says why."""


class Pair(Struct, frozen=True):
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes


def server_context(
    certificate_file: str | Path,
    key_file: str | Path,
    *,
    client_ca_file: str | Path = "",
    require_client: bool = False,
) -> ssl.SSLContext:
    """TLS for a server. With a client CA, clients may (or must) show a certificate of it.

    Raises TLSError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with naming(certificate_file, key_file):
        context.load_cert_chain(certificate_file, key_file)
    if client_ca_file:
        with naming(client_ca_file):
            context.load_verify_locations(client_ca_file)
        context.verify_mode = ssl.CERT_REQUIRED if require_client else ssl.CERT_OPTIONAL
    return context


def unverified_context() -> ssl.SSLContext:
    """TLS for a client that takes any certificate, and shows none."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def component_context(
    name: str,
    certificate_file: str | Path,
    key_file: str | Path,
    *,
    client_ca_file: str | Path = "",
    now: float,
) -> ssl.SSLContext:
    """TLS for a component's own small server: its certificate, or one made for this run.

    Raises TLSError.
    """
    if certificate_file:
        return server_context(certificate_file, key_file, client_ca_file=client_ca_file)
    from kubepy.base.certificates import self_signed  # late: it imports cryptography

    pair = self_signed(name, ("localhost", "127.0.0.1", socket.gethostname()), now=now)
    with tempfile.TemporaryDirectory() as folder:  # the ssl module reads files only
        certificate, key = Path(folder, "tls.crt"), Path(folder, "tls.key")
        write_pair(pair, certificate, key)
        return server_context(certificate, key, client_ca_file=client_ca_file)


@contextmanager
def naming(*files: str | Path) -> Iterator[None]:
    """What the ssl module says of files that do not load, as a TLSError that names them."""
    try:
        yield
    except FileNotFoundError as error:
        missing = next((file for file in files if not os.path.exists(file)), files[0])
        raise TLSError(f"{missing}: no such file") from error
    except OSError as error:  # ssl.SSLError is one
        verb = "does" if len(files) == 1 else "do"
        raise TLSError(f"{', '.join(map(str, files))}: {verb} not load: {error}") from error


def read_pair(certificate_file: Path, key_file: Path) -> Pair:
    """Raises TLSError."""
    try:
        return Pair(certificate_file.read_bytes(), key_file.read_bytes())
    except OSError as error:
        raise TLSError(f"{error.filename}: {error.strerror}") from error


def write_pair(pair: Pair, certificate_file: Path, key_file: Path) -> None:
    write_secret(key_file, pair.key)
    write_file(certificate_file, pair.certificate)
