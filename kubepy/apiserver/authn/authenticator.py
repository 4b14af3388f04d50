"""From what a connection and a request show to a User. One place for both front ends."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from kubepy.apiserver.authn import certificates, serviceaccounts
from kubepy.apiserver.authn.requestheader import FrontProxies
from kubepy.apiserver.authn.serviceaccounts import Lookup
from kubepy.apiserver.authn.tokens import Claims, NotOurs, Rejected, Verifier
from kubepy.base.clock import Clock
from kubepy.meta import errors
from kubepy.meta.calls import User

K = TypeVar("K")
V = TypeVar("V")

AUTHENTICATED = "system:authenticated"
ANONYMOUS = User(name="system:anonymous", groups=("system:unauthenticated",))

FRESH_SECONDS = 10.0  # how long a token's objects are believed to be there after they were seen
KNOWN_TOKENS = 4096
INVALID_TOKEN = "invalid bearer token"  # the message, as clients know it


class Recognised(Struct, frozen=True, gc=False):
    """A good token: its user, and which of the audiences asked for it is meant for."""

    user: User
    audiences: tuple[str, ...] = ()


class Unrecognised(Exception):
    """A token that is nobody's; the message is TokenReview's."""


class Authenticator:
    """Proxies in front first, then certificates, then bearer tokens, then nobody in particular."""

    def __init__(
        self,
        *,
        clock: Clock,
        lookup: Lookup,
        verifier: Verifier | None = None,
        audiences: Sequence[str] = (),
        static_tokens: Mapping[str, User] | None = None,
        anonymous: bool = True,
        proxies: FrontProxies | None = None,
    ) -> None:
        self.clock = clock
        self.lookup = lookup
        self.verifier = verifier
        self.audiences = tuple(audiences)
        self.static_tokens = static_tokens or {}
        self.anonymous = anonymous
        self.proxies = proxies
        self._claims: OrderedDict[str, Claims] = OrderedDict()  # signatures checked once
        self._fresh: OrderedDict[str, tuple[float, User]] = OrderedDict()  # until when

    async def authenticate(
        self,
        certificate: bytes | None,
        authorization: str,
        headers: Iterable[tuple[str, str]] = (),
    ) -> User:
        """The user of a request. Raises Unauthorized."""
        foreign = False  # a certificate that makes nobody a user
        if certificate is not None:
            if self.proxies is not None:
                user = self.proxies.user_of(certificate, headers)
                if user is not None:
                    return authenticated(user)
                foreign = not self.proxies.is_client(certificate)
            user = certificates.user_of(certificate)
            if user is not None and not foreign:
                return authenticated(user)
        token = bearer(authorization)
        if token:
            try:
                return (await self.recognise(token, self.audiences)).user
            except Unrecognised:
                raise errors.Unauthorized.of() from None
        if foreign or not self.anonymous:
            raise errors.Unauthorized.of()
        return ANONYMOUS

    async def recognise(self, token: str, audiences: Sequence[str]) -> Recognised:
        """Whose token this is, for one of `audiences`. Raises Unrecognised."""
        static = self.static_tokens.get(token)
        if static is not None:
            return Recognised(authenticated(static))
        if self.verifier is None:
            raise Unrecognised(INVALID_TOKEN)
        try:
            claims = self._read(token, self.verifier)
            shared = tuple(a for a in claims.audiences if a in audiences)
            if not shared:
                raise Rejected(
                    f"token audiences {quoted(claims.audiences)} is invalid for the target "
                    f"audiences {quoted(audiences)}"
                )
            return Recognised(await self._user(token, claims), shared)
        except NotOurs:
            raise Unrecognised(INVALID_TOKEN) from None
        except Rejected as problem:
            raise Unrecognised(f"[{INVALID_TOKEN}, {problem}]") from None

    def _read(self, token: str, verifier: Verifier) -> Claims:
        now = self.clock.now()
        known = self._claims.get(token)
        if known is not None and known.expires > now:
            return known
        claims = verifier.read(token, now=now)
        remember(self._claims, token, claims)
        return claims

    async def _user(self, token: str, claims: Claims) -> User:
        now = self.clock.now()
        fresh = self._fresh.get(token)
        if fresh is not None and fresh[0] > now:
            return fresh[1]
        self._fresh.pop(token, None)
        user = authenticated(await serviceaccounts.user_of(claims, self.lookup, now=now))
        remember(self._fresh, token, (now + FRESH_SECONDS, user))
        return user


def bearer(authorization: str) -> str:
    """The token of an Authorization header; empty if it is of another scheme."""
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def authenticated(user: User) -> User:
    if AUTHENTICATED in user.groups or ANONYMOUS.groups[0] in user.groups:
        return user
    return replace(user, groups=(*user.groups, AUTHENTICATED))


def quoted(texts: Sequence[str]) -> str:
    """A list of strings as Go's %q prints it."""
    return "[" + " ".join(f'"{text}"' for text in texts) + "]"


def remember(cache: OrderedDict[K, V], key: K, value: V) -> None:
    """Put into a cache of at most KNOWN_TOKENS entries; the oldest goes first."""
    cache[key] = value
    if len(cache) > KNOWN_TOKENS:
        cache.popitem(last=False)
