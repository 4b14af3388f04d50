"""What a request line asks for: Kubernetes' RequestInfo. Pure; knows no resource by name.

    GET /apis/apps/v1/namespaces/shop/deployments/web/scale
        verb get, group apps, version v1, namespace shop, resource deployments, name web,
        subresource scale
    GET /api/v1/watch/pods, GET /api/v1/pods?watch=1
        verb watch, resource pods

Whether such a resource exists is `routes`' business: authorization comes first, and has to work on
names that nobody serves.
"""

from __future__ import annotations

from urllib.parse import unquote

from msgspec import Struct

from kubepy.apiserver import query as queries
from kubepy.apiserver.query import NOTHING, Query

VERBS = {
    "POST": "create",
    "GET": "get",
    "HEAD": "get",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
PATH_VERBS = frozenset({"proxy", "watch"})
NAMESPACE_SUBRESOURCES = frozenset({"status", "finalize"})


class RequestInfo(Struct, frozen=True, gc=False):
    """One request line, taken apart. Other than path and verb, for resources only."""

    path: str
    verb: str
    is_resource: bool = False
    group: str = ""
    version: str = ""
    namespace: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    parts: tuple[str, ...] = ()  # from the resource's plural name on
    in_namespace: bool = False  # the path names a namespace, and not as the resource itself


class Unintelligible(Exception):
    """A path that begins like a resource's and then stops: Kubernetes answers with 500 and text."""


def split_target(target: str) -> tuple[str, Query]:
    """A request target into its decoded path and its query."""
    path, _, raw_query = target.partition("?")
    if "%" in path:
        path = unquote(path)
    return path, queries.parse(raw_query) if raw_query else NOTHING


def parse(method: str, path: str, query: Query = NOTHING) -> RequestInfo:
    """Take a request line apart. Raises Unintelligible."""
    parts = path.strip("/").split("/")
    other = RequestInfo(path=path, verb=method.lower())
    if len(parts) < 3 or parts[0] not in ("api", "apis"):
        return other
    group = ""
    if parts[0] == "apis":
        if len(parts) < 4:
            return other
        group = parts[1]
        del parts[:1]
    version = parts[1]
    del parts[:2]

    if parts[0] in PATH_VERBS:
        if len(parts) < 2:
            raise Unintelligible(f"unable to determine kind and namespace from url, {path}")
        verb = parts.pop(0)
    else:
        verb = VERBS.get(method, "")

    namespace, in_namespace = "", False
    if parts[0] == "namespaces" and len(parts) > 1:
        namespace = parts[1]
        if len(parts) > 2 and parts[2] not in NAMESPACE_SUBRESOURCES:
            in_namespace = True
            del parts[:2]
    name = parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 and verb != "proxy" else ""
    if not name:
        if verb == "get":
            verb = "watch" if queries.flag(query, "watch") else "list"
            name = _selected_name(query)
        elif verb == "delete":
            verb = "deletecollection"
    return RequestInfo(
        path=path,
        verb=verb,
        is_resource=True,
        group=group,
        version=version,
        namespace=namespace,
        resource=parts[0],
        subresource=subresource,
        name=name,
        parts=tuple(parts),
        in_namespace=in_namespace,
    )


def _selected_name(query: Query) -> str:
    """The one name that a field selector admits, so that it can be authorized like a get."""
    for selector in query.get("fieldSelector", ()):
        for term in selector.split(","):
            key, equals, value = term.replace("==", "=", 1).partition("=")
            if (
                equals
                and key == "metadata.name"
                and value
                and "/" not in value
                and value not in (".", "..")
            ):
                return value
    return ""
