"""What an authorizer's rules look like, and whether one covers a request. Pure.

The shape is RBAC's, so that the rules that are built in now can become ClusterRoles later.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from kubepy.meta.calls import Attributes

READ = ("get", "list", "watch")
WRITE = ("create", "delete", "deletecollection", "patch", "update")


class Rule(Struct, frozen=True):
    """Verbs on resources (`pods`, `pods/status`, `*`), or on paths (`/api/*`)."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def may(
    verbs: Iterable[str], *resources: str, group: str = "", names: tuple[str, ...] = ()
) -> Rule:
    """A rule about resources of one group."""
    return Rule(tuple(verbs), groups=(group,), resources=resources, names=names)


def covers(rule: Rule, asked: Attributes) -> bool:
    if not _has(rule.verbs, asked.verb):
        return False
    if asked.path:
        return any(_path_matches(pattern, asked.path) for pattern in rule.paths)
    if not _has(rule.groups, asked.group):
        return False
    resource = f"{asked.resource}/{asked.subresource}" if asked.subresource else asked.resource
    if not (_has(rule.resources, resource) or f"*/{asked.subresource}" in rule.resources):
        return False
    return not rule.names or asked.name in rule.names


def _has(values: tuple[str, ...], value: str) -> bool:
    return "*" in values or value in values


def _path_matches(pattern: str, path: str) -> bool:
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1])
    return path == pattern
