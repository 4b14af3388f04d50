"""Service-account tokens: JWTs that the apiserver signs and recognises. Pure; time comes in.

The claims are Kubernetes' own, so that tokens may move between the two:

    {"iss": "https://kubernetes.default.svc", "sub": "system:serviceaccount:shop:default",
     "aud": ["https://kubernetes.default.svc"], "exp": 1700003607, "iat": 1700000000,
     "nbf": 1700000000, "jti": "0b5…", "kubernetes.io": {"namespace": "shop",
     "serviceaccount": {"name": "default", "uid": "…"}, "pod": {"name": "web-1", "uid": "…"},
     "node": {"name": "n1", "uid": "…"}}}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import jwt
import msgspec
from msgspec import Struct

from kubepy.apiserver.authn.keys import SigningKey, VerifyingKey

NAME_PREFIX = "system:serviceaccount:"
ALL_GROUP = "system:serviceaccounts"
LEEWAY_SECONDS = 60  # a clock may be this far behind the issuer's
POD_REQUEST_SECONDS = 3607  # what the kubelet asks for in a pod's token volume
EXTENDED_SECONDS = (
    365 * 24 * 3600
)  # what such a token really lives, for clients that never reload it


class Reference(Struct, frozen=True, gc=False):
    """An object that a token is bound to."""

    name: str
    uid: str = ""


class Binding(Struct, frozen=True, gc=False, omit_defaults=True):
    """The claim `kubernetes.io`: whom the token is for, and what it must not outlive."""

    namespace: str
    serviceaccount: Reference
    pod: Reference | None = None
    secret: Reference | None = None
    node: Reference | None = None
    warnafter: int | None = None


class Claims(Struct, frozen=True, gc=False):
    """A token whose signature and times are good."""

    issuer: str
    subject: str
    audiences: tuple[str, ...]
    expires: int
    id: str
    binding: Binding


class Issued(Struct, frozen=True):
    token: str
    expires: int


class NotOurs(Exception):
    """No JWT, or of another issuer: somebody else may recognise it."""


class Rejected(Exception):
    """One of ours that is no longer, or not here, any good; the message may be shown."""


class Signer(Struct, frozen=True):
    """Makes tokens. `extend` gives pods' tokens a year, as Kubernetes does by default."""

    issuer: str
    key: SigningKey
    extend: bool = True
    longest_seconds: int = 0  # 0: no bound

    def issue(
        self, binding: Binding, audiences: Sequence[str], seconds: int, *, now: float, token_id: str
    ) -> Issued:
        """Sign a token. The expiry that the client is told is the one it asked for."""
        issued = int(now)
        told = lifetime = min(seconds, self.longest_seconds) if self.longest_seconds else seconds
        if self.extend and binding.pod and lifetime == POD_REQUEST_SECONDS:
            lifetime = EXTENDED_SECONDS
            binding = msgspec.structs.replace(binding, warnafter=issued + told)
        claims = {
            "aud": list(audiences),
            "exp": issued + lifetime,
            "iat": issued,
            "iss": self.issuer,
            "jti": token_id,
            "kubernetes.io": msgspec.to_builtins(binding),
            "nbf": issued,
            "sub": subject(binding.namespace, binding.serviceaccount.name),
        }
        token = jwt.encode(
            claims,
            self.key.key,
            algorithm=self.key.algorithm,
            headers={"kid": self.key.id, "typ": None},
        )
        return Issued(token, issued + told)


class Verifier(Struct, frozen=True, dict=True):
    """Checks a token's signature and form; not whether its objects still exist."""

    issuers: tuple[str, ...]
    keys: tuple[VerifyingKey, ...]

    @cached_property
    def by_id(self) -> Mapping[str, VerifyingKey]:
        return {key.id: key for key in self.keys}

    def read(self, token: str, *, now: float) -> Claims:
        """The claims of a token signed with one of the keys. Raises NotOurs, Rejected."""
        try:
            header = jwt.get_unverified_header(token)
            unverified = jwt.decode(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise NotOurs from None
        if unverified.get("iss") not in self.issuers:
            raise NotOurs
        named = self.by_id.get(str(header.get("kid", "")))
        for key in [named] if named else self.keys:
            try:
                payload = jwt.decode(
                    token, key.key, algorithms=[key.algorithm], options=SIGNATURE_ONLY
                )
            except (jwt.PyJWTError, ValueError):
                continue
            claims = _claims(payload)
            check_times(payload, now)
            return claims
        raise Rejected("invalid signature")


SIGNATURE_ONLY: Any = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def _claims(payload: Mapping[str, Any]) -> Claims:
    audience = payload.get("aud", [])
    try:
        binding = msgspec.convert(payload.get("kubernetes.io"), Binding)
        claims = msgspec.convert(
            {
                "issuer": payload.get("iss"),
                "subject": payload.get("sub"),
                "audiences": [audience] if isinstance(audience, str) else audience,
                "expires": payload.get("exp"),
                "id": payload.get("jti", ""),
                "binding": binding,
            },
            Claims,
        )
    except msgspec.ValidationError:
        raise Rejected("service account token is malformed") from None
    if claims.subject != subject(binding.namespace, binding.serviceaccount.name):
        raise Rejected("service account token claims do not match its subject")
    return claims


def check_times(payload: Mapping[str, Any], now: float) -> None:
    """Raises Rejected for a token out of its time."""
    expires, begins = payload.get("exp", 0), payload.get("nbf", 0)
    if not isinstance(expires, int | float) or now > expires + LEEWAY_SECONDS:
        raise Rejected("service account token has expired")
    if not isinstance(begins, int | float) or now < begins - LEEWAY_SECONDS:
        raise Rejected("service account token is not valid yet")


def subject(namespace: str, name: str) -> str:
    return f"{NAME_PREFIX}{namespace}:{name}"


def groups(namespace: str) -> tuple[str, str]:
    return ALL_GROUP, f"{ALL_GROUP}:{namespace}"
