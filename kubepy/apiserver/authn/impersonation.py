"""Acting as somebody else: the Impersonate-* headers. The parsing is pure; `allowed` asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import unquote

from msgspec import Struct, field

from kubepy.apiserver.authn import tokens
from kubepy.apiserver.authn.authenticator import ANONYMOUS, AUTHENTICATED
from kubepy.apiserver.authz import refusal
from kubepy.meta import errors
from kubepy.meta.calls import Attributes, Authorizer, User

PREFIX = "impersonate-"
EXTRA_PREFIX = "impersonate-extra-"
UNAUTHENTICATED = ANONYMOUS.groups[0]


class Wish(Struct, frozen=True):
    """Whom a request wants to be."""

    name: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def wish_of(headers: Iterable[tuple[str, str]]) -> Wish | None:
    """What a request's headers ask for; None if nothing. Raises BadRequest."""
    name = uid = ""
    groups: list[str] = []
    extra: dict[str, tuple[str, ...]] = {}
    asked = False
    for header, value in headers:
        lowered = header.lower()
        if not lowered.startswith(PREFIX):
            continue
        asked = True
        if lowered == "impersonate-user":
            name = value
        elif lowered == "impersonate-uid":
            uid = value
        elif lowered == "impersonate-group":
            groups.append(value)
        elif lowered.startswith(EXTRA_PREFIX):
            key = unquote(lowered[len(EXTRA_PREFIX) :])
            extra[key] = (*extra.get(key, ()), value)
    if not asked or not (name or uid or groups or extra):
        return None
    if not name:
        raise errors.BadRequest.of(
            "requested impersonation of groups, a uid or extra without a user"
        )
    return Wish(name, uid, tuple(groups), extra)


def attributes(user: User, wish: Wish) -> Iterator[Attributes]:
    """Each thing that `user` must be allowed to impersonate."""

    def ask(resource: str, name: str, **more: str) -> Attributes:
        return Attributes(user=user, verb="impersonate", resource=resource, name=name, **more)

    account = service_account(wish.name)
    if account:
        namespace, name = account
        yield ask("serviceaccounts", name, namespace=namespace)
    else:
        yield ask("users", wish.name)
    for group in wish.groups:
        yield ask("groups", group)
    for key, values in wish.extra.items():
        for value in values:
            yield ask("userextras", value, subresource=key, group="authentication.k8s.io")
    if wish.uid:
        yield ask("uids", wish.uid, group="authentication.k8s.io")


def service_account(name: str) -> tuple[str, str] | None:
    """Namespace and name, if a user's name is a service account's."""
    if not name.startswith(tokens.NAME_PREFIX):
        return None
    namespace, _, account = name[len(tokens.NAME_PREFIX) :].partition(":")
    return (namespace, account) if namespace and account else None


def becomes(wish: Wish) -> User:
    """The user that a granted wish makes."""
    groups = wish.groups
    account = service_account(wish.name)
    if account and not groups:
        groups = tokens.groups(account[0])
    if AUTHENTICATED not in groups and UNAUTHENTICATED not in groups:
        groups = (*groups, AUTHENTICATED if wish.name != ANONYMOUS.name else UNAUTHENTICATED)
    return User(name=wish.name, uid=wish.uid, groups=groups, extra=dict(wish.extra))


async def impersonate(
    user: User, wish: Wish, authorize: Authorizer, request: Callable[[str], Attributes]
) -> User:
    """The user that `user` acts as. Raises Forbidden.

    `request` gives the attributes of the request itself under another verb: a refusal names that
    request, as Kubernetes' does since it can bound impersonation to single actions.
    """
    for asked in attributes(user, wish):
        decision = await authorize(asked)
        if not decision.allowed:
            account = service_account(wish.name)
            mode = "serviceaccount" if account else "user-info"
            narrower = request(mode)
            raise refusal.forbidden(narrower, decision)
    return becomes(wish)
