"""Service accounts as users: good claims, whose account, pod, secret and node still exist."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from kubepy.api.core.v1 import Node, Pod, Secret, ServiceAccount
from kubepy.apiserver.authn.certificates import CREDENTIAL
from kubepy.apiserver.authn.tokens import Claims, Reference, Rejected, groups
from kubepy.meta.calls import User

T = TypeVar("T")
DELETION_LEEWAY_SECONDS = 60  # a token works this long after its object's deletion time
EXTRA = "authentication.kubernetes.io/"


class Lookup(Protocol):
    """Reads current objects, past all authorization."""

    async def __call__(self, type_: type[T], namespace: str, name: str) -> T | None: ...


async def user_of(claims: Claims, lookup: Lookup, *, now: float) -> User:
    """The user that a token stands for. Raises Rejected if an object it is bound to is gone."""
    binding = claims.binding
    account = await lookup(ServiceAccount, binding.namespace, binding.serviceaccount.name)
    if account is None:
        raise Rejected(f'serviceaccounts "{binding.serviceaccount.name}" not found')
    if account.metadata.uid != binding.serviceaccount.uid:
        raise Rejected(
            f"service account UID ({account.metadata.uid}) does not match claim "
            f"({binding.serviceaccount.uid})"
        )
    if is_gone(account, now):
        raise Rejected(
            f"service account {binding.namespace}/{account.metadata.name} has been deleted"
        )
    await _check(binding.secret, Secret, binding.namespace, lookup, now)
    await _check(binding.pod, Pod, binding.namespace, lookup, now)
    await _check(binding.node, Node, "", lookup, now)
    return User(
        name=claims.subject,
        uid=account.metadata.uid,
        groups=groups(binding.namespace),
        extra=_extra(claims),
    )


async def _check(
    reference: Reference | None, type_: type[Any], namespace: str, lookup: Lookup, now: float
) -> None:
    if reference is None:
        return
    found = await lookup(type_, namespace, reference.name)
    if found is None or is_gone(found, now):
        raise Rejected("service account token has been invalidated")
    if found.metadata.uid != reference.uid:
        kind = type_.__name__.lower()
        raise Rejected(
            f"{kind} UID ({found.metadata.uid}) does not match service account {kind} ref claim "
            f"({reference.uid})"
        )


def is_gone(obj: Any, now: float) -> bool:
    """Whether an object's deletion is over, by the clock, though finalizers may still hold it."""
    deleted = obj.metadata.deletionTimestamp
    return deleted is not None and now > deleted.unix() + DELETION_LEEWAY_SECONDS


def _extra(claims: Claims) -> dict[str, tuple[str, ...]]:
    extra: dict[str, tuple[str, ...]] = {}
    if claims.id:
        extra[CREDENTIAL] = (f"JTI={claims.id}",)
    for kind, bound in (("node", claims.binding.node), ("pod", claims.binding.pod)):
        if bound is not None:
            extra[f"{EXTRA}{kind}-name"] = (bound.name,)
            extra[f"{EXTRA}{kind}-uid"] = (bound.uid,)
    return extra
