"""authentication.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int64, Rules, Time, Wire, empty_string, no_items, null

PACKAGE = "k8s.io.api.authentication.v1"
API_VERSION = "authentication.k8s.io/v1"


class BoundObjectReference(Wire, frozen=True, kw_only=True):
    """The object that a token is bound to: once it is gone, the token is no longer good."""

    kind: str = ""
    apiVersion: str = ""
    name: str = ""
    uid: str = ""


class UserInfo(Wire, frozen=True, kw_only=True):
    """A user, as authentication found out."""

    username: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, tuple[str, ...]] = _field(default_factory=dict)

    __rules__: ClassVar[dict[str, Rules]] = {
        "groups": Rules(list_type="atomic"),
    }


class SelfSubjectReviewStatus(Wire, frozen=True, kw_only=True):
    """The answer to a SelfSubjectReview."""

    userInfo: UserInfo = _field(default_factory=UserInfo)


class SelfSubjectReview(Wire, frozen=True, kw_only=True):
    """Who the server takes the caller for."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    status: SelfSubjectReviewStatus = _field(default_factory=SelfSubjectReviewStatus)


class TokenRequestSpec(Wire, frozen=True, kw_only=True):
    """What kind of token is wanted."""

    audiences: tuple[str, ...] = _field(default_factory=no_items)
    expirationSeconds: Int64 | None = _field(default_factory=null)
    boundObjectRef: BoundObjectReference | None = _field(default_factory=null)

    __rules__: ClassVar[dict[str, Rules]] = {
        "audiences": Rules(list_type="atomic"),
    }


class TokenRequestStatus(Wire, frozen=True, kw_only=True):
    """The token that was issued."""

    token: str = _field(default_factory=empty_string)
    expirationTimestamp: Time | None = _field(default_factory=null)


class TokenRequest(Wire, frozen=True, kw_only=True):
    """A token for a service account, perhaps bound to an object: it dies with it."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: TokenRequestSpec = _field(default_factory=TokenRequestSpec)
    status: TokenRequestStatus = _field(default_factory=TokenRequestStatus)


class TokenReviewSpec(Wire, frozen=True, kw_only=True):
    """The token in question."""

    token: str = ""
    audiences: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "token": Rules(required=True),
        "audiences": Rules(list_type="atomic"),
    }


class TokenReviewStatus(Wire, frozen=True, kw_only=True):
    """Whether the token is good, and whose it is."""

    authenticated: bool = False
    user: UserInfo = _field(default_factory=UserInfo)
    audiences: tuple[str, ...] = ()
    error: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "audiences": Rules(list_type="atomic"),
    }


class TokenReview(Wire, frozen=True, kw_only=True):
    """Whether a bearer token is good, and whose it is."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: TokenReviewSpec = _field(default_factory=TokenReviewSpec)
    status: TokenReviewStatus = _field(default_factory=TokenReviewStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }
