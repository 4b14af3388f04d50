"""A refusal in Kubernetes' words. Pure."""

from __future__ import annotations

from kubepy.meta import errors
from kubepy.meta.calls import Attributes, Decision
from kubepy.meta.gotext import quote


def forbidden(asked: Attributes, decision: Decision) -> errors.Forbidden:
    """What answers a request that `decision` does not allow."""
    why = f"User {quote(asked.user.name)} cannot {asked.verb} {target(asked)}"
    if decision.reason:
        why = f"{why}: {decision.reason}"
    if asked.path:
        return errors.Forbidden.of("", "", why)
    resource = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
    return errors.Forbidden.of(resource, asked.name, why)


def target(asked: Attributes) -> str:
    """What the user wanted to act on."""
    if asked.path:
        return f"path {quote(asked.path)}"
    resource = f"{asked.resource}/{asked.subresource}" if asked.subresource else asked.resource
    where = "at the cluster scope"
    if asked.namespace:
        where = f"in the namespace {quote(asked.namespace)}"
    return f"resource {quote(resource)} in API group {quote(asked.group)} {where}"
