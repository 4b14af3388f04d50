"""Who may speak to the kubelet: certificates of the cluster's CA, or tokens the apiserver knows.

The apiserver decides both questions (TokenReview, SubjectAccessReview); its answers are kept for a
short while, as Kubernetes' kubelet does (KEP-2862 names the finer subresources of nodes).
"""

from __future__ import annotations

from msgspec import Struct

from kubepy.api.authentication.v1 import TokenReview, TokenReviewSpec
from kubepy.api.authorization.v1 import (
    ResourceAttributes,
    SubjectAccessReview,
    SubjectAccessReviewSpec,
)
from kubepy.base.clock import Clock
from kubepy.client.client import Client

CACHE_SECONDS = 120.0
REFUSAL_SECONDS = 30.0
CACHE_SIZE = 1024  # answers

ADMINISTRATORS = "system:masters"
VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch",
         "DELETE": "delete"}  # fmt: skip
_FINER = {"/stats": "stats", "/metrics": "metrics", "/logs": "log", "/pods": "pods",
          "/runningpods": "pods", "/healthz": "healthz", "/configz": "configz",
          "/checkpoint": "checkpoint"}  # fmt: skip


class Caller(Struct, frozen=True):
    name: str
    groups: tuple[str, ...] = ()


class Gate:
    """Asks the apiserver, and remembers what it said."""

    def __init__(self, client: Client, node: str, clock: Clock) -> None:
        self.client = client
        self.node = node
        self.clock = clock
        self._callers: dict[str, tuple[float, Caller | None]] = {}
        self._answers: dict[tuple[Caller, str, str], tuple[float, bool]] = {}

    async def authenticate(self, token: str) -> Caller | None:
        """The owner of a bearer token; None if the apiserver does not know it."""
        kept = self._callers.get(token)
        if kept and self.clock.monotonic() < kept[0]:
            return kept[1]
        review = await self.client.create(TokenReview(spec=TokenReviewSpec(token=token)))
        user = review.status.user
        caller = Caller(user.username, user.groups) if review.status.authenticated else None
        self._keep(self._callers, token, caller, caller is not None)
        return caller

    async def authorize(self, caller: Caller, method: str, path: str) -> bool:
        """Whether the caller may do this to the node."""
        if ADMINISTRATORS in caller.groups:
            return True
        verb = VERBS.get(method, "get")
        finer = next((sub for prefix, sub in _FINER.items() if path.startswith(prefix)), "proxy")
        for subresource in dict.fromkeys((finer, "proxy")):
            if await self._review(caller, verb, subresource):
                return True
        return False

    async def _review(self, caller: Caller, verb: str, subresource: str) -> bool:
        key = (caller, verb, subresource)
        kept = self._answers.get(key)
        if kept and self.clock.monotonic() < kept[0]:
            return kept[1]
        review = await self.client.create(
            SubjectAccessReview(
                spec=SubjectAccessReviewSpec(
                    user=caller.name,
                    groups=caller.groups,
                    resourceAttributes=ResourceAttributes(
                        verb=verb, version="v1", resource="nodes", subresource=subresource,
                        name=self.node,
                    ),
                )
            )
        )  # fmt: skip
        self._keep(self._answers, key, review.status.allowed, review.status.allowed)
        return review.status.allowed

    def _keep(self, cache: dict, key: object, value: object, good: bool) -> None:
        if len(cache) >= CACHE_SIZE:
            cache.clear()
        seconds = CACHE_SECONDS if good else REFUSAL_SECONDS
        cache[key] = (self.clock.monotonic() + seconds, value)
