"""The keys of service-account tokens: read from PEM, named, and published as a JWKS."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509 import load_pem_x509_certificate
from msgspec import Struct

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

CURVES = {
    "secp256r1": ("ES256", "P-256"),
    "secp384r1": ("ES384", "P-384"),
    "secp521r1": ("ES512", "P-521"),
}


class BadKey(ValueError):
    """A PEM file holds no key that can sign or verify tokens."""


class VerifyingKey(Struct, frozen=True):
    """`id` is what a token's header calls it: the public key's digest, as Kubernetes has it."""

    id: str
    algorithm: str
    key: PublicKey


class SigningKey(Struct, frozen=True):
    id: str
    algorithm: str
    key: PrivateKey


def key_id(key: PublicKey) -> str:
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return _base64url(sha256(der).digest())


def algorithm(key: PublicKey) -> str:
    if isinstance(key, rsa.RSAPublicKey):
        return "RS256"
    if key.curve.name not in CURVES:
        raise BadKey(f"the curve {key.curve.name} cannot sign tokens")
    return CURVES[key.curve.name][0]


def signing_key(pem: bytes) -> SigningKey:
    """The one private key of a PEM file. Raises BadKey."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey("no private key in PEM form") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise BadKey("only RSA and ECDSA keys can sign tokens")
    public = key.public_key()
    return SigningKey(key_id(public), algorithm(public), key)


def verifying_keys(pem: bytes) -> Sequence[VerifyingKey]:
    """Every public key of a PEM file; a private key or certificate stands for its public one."""
    found = [
        VerifyingKey(key_id(key), algorithm(key), key) for key in map(_public_key, _blocks(pem))
    ]
    if not found:
        raise BadKey("no key in PEM form")
    return found


def _blocks(pem: bytes) -> list[bytes]:
    pieces = pem.split(b"-----BEGIN ")[1:]
    blocks = [b"-----BEGIN " + piece for piece in pieces]
    return [block for block in blocks if not block.startswith(b"-----BEGIN EC PARAMETERS")]


def _public_key(block: bytes) -> PublicKey:
    try:
        if b"PRIVATE KEY" in block.splitlines()[0]:
            key: Any = signing_key(block).key.public_key()
        elif b"CERTIFICATE" in block.splitlines()[0]:
            key = load_pem_x509_certificate(block).public_key()
        else:
            key = load_pem_public_key(block)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey("no public key in PEM form") from error
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise BadKey("only RSA and ECDSA keys can verify tokens")
    return key


def jwks(keys: Iterable[VerifyingKey]) -> dict[str, Any]:
    """The keys as a JSON Web Key Set."""
    return {"keys": [_jwk(key) for key in keys]}


def _jwk(key: VerifyingKey) -> dict[str, str]:
    common = {"use": "sig", "kid": key.id, "alg": key.algorithm}
    numbers = key.key.public_numbers()
    if isinstance(numbers, rsa.RSAPublicNumbers):
        size = (key.key.key_size + 7) // 8
        return {**common, "kty": "RSA", "n": _integer(numbers.n, size), "e": _integer(numbers.e, 0)}
    size = (key.key.key_size + 7) // 8
    curve = CURVES[numbers.curve.name][1]
    return {
        **common,
        "kty": "EC",
        "crv": curve,
        "x": _integer(numbers.x, size),
        "y": _integer(numbers.y, size),
    }


def _integer(value: int, size: int) -> str:
    return _base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
