"""TokenReview and SelfSubjectReview: what the authenticator knows, for who asks."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.authentication.v1 import (
    SelfSubjectReview,
    SelfSubjectReviewStatus,
    TokenReview,
    TokenReviewStatus,
    UserInfo,
)
from kubepy.api.types import Time
from kubepy.apiserver.authn.authenticator import Authenticator, Unrecognised
from kubepy.meta import errors
from kubepy.meta.calls import User


async def token_review(review: TokenReview, authenticator: Authenticator) -> TokenReview:
    """Whose token it is. Raises BadRequest."""
    spec = review.spec
    if not spec.token:
        raise errors.BadRequest.of("token is required for TokenReview in authentication")
    try:
        found = await authenticator.recognise(spec.token, spec.audiences or authenticator.audiences)
    except Unrecognised as problem:
        return replace(review, status=TokenReviewStatus(error=str(problem)))
    status = TokenReviewStatus(
        authenticated=True, user=user_info(found.user), audiences=found.audiences
    )
    return replace(review, status=status)


def self_review(review: SelfSubjectReview, user: User, *, now: float) -> SelfSubjectReview:
    """Who the caller is."""
    return replace(
        review,
        metadata=replace(review.metadata, creationTimestamp=Time.from_unix(now)),
        status=SelfSubjectReviewStatus(userInfo=user_info(user)),
    )


def user_info(user: User) -> UserInfo:
    return UserInfo(username=user.name, uid=user.uid, groups=user.groups, extra=user.extra)
