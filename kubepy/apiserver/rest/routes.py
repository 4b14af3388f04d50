"""Which resource a path addresses, and whether the method may: RequestInfo to a Call. Pure.

Paths under a group that is served answer with a Status when they lead nowhere; all others with
plain text, as Kubernetes' outer router does.
"""

from __future__ import annotations

from msgspec import Struct

from kubepy.api.scheme import Resource
from kubepy.apiserver.catalog import Catalog
from kubepy.apiserver.crd.resource import CustomResource
from kubepy.apiserver.rest.requestinfo import RequestInfo
from kubepy.meta import errors

METHODS = {
    "GET": frozenset({"get", "list", "watch"}),
    "POST": frozenset({"create"}),
    "PUT": frozenset({"update"}),
    "PATCH": frozenset({"patch"}),
    "DELETE": frozenset({"delete", "deletecollection"}),
}
STREAMING = {
    ("pods", "log"),
    ("pods", "exec"),
    ("pods", "attach"),
    ("pods", "portforward"),
    ("pods", "proxy"),
    ("services", "proxy"),
    ("nodes", "proxy"),
}


class Unknown(Exception):
    """Not under anything that is served: the plain 404."""


class Route(Struct, frozen=True, gc=False):
    """A path that leads somewhere."""

    verb: str
    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""  # of a proxied path: what follows the subresource

    @property
    def streaming(self) -> bool:
        return not self.resource.group and (self.resource.plural, self.subresource) in STREAMING


def resolve(method: str, info: RequestInfo, catalog: Catalog) -> Route:
    """Where a resource request leads. Raises Unknown, 404, 405."""
    resource = catalog.by_plural(info.group, info.version, info.resource)
    if isinstance(resource, CustomResource):
        return _resolve_custom(method, info, resource)
    if info.group not in catalog.groups:
        raise Unknown
    if resource is None:
        raise errors.NotFound.path()
    name, subresource, rest = _below(info)
    namespace = info.namespace if info.in_namespace else ""
    if resource.namespaced != bool(namespace) and (namespace or name or not _lists(resource)):
        raise errors.NotFound.path()
    if info.verb == "proxy":
        raise errors.NotFound.path()
    if info.verb == "watch" and name and subresource:
        raise errors.NotFound.path()
    verbs = _verbs(resource, name, subresource, in_namespace=bool(namespace))
    verb = _verb(method, info, name, subresource, verbs)
    return Route(verb, resource, namespace, name, subresource, rest)


def _resolve_custom(method: str, info: RequestInfo, resource: CustomResource) -> Route:
    """The same for a kind that is defined at run time, with the words that its handler has."""
    name, subresource, rest = _below(info)
    namespace = info.namespace if info.in_namespace else ""
    across = resource.namespaced and not namespace
    if namespace and not resource.namespaced:
        raise Unknown
    if across and (name or info.verb not in ("list", "watch")):
        raise Unknown
    if subresource and resource.subresource(subresource) is None:
        raise errors.NotFound.of(resource, name)
    verbs = _verbs(resource, name, subresource, in_namespace=bool(namespace))
    try:
        verb = _verb(method, info, name, subresource, verbs)
    except errors.MethodNotAllowed:
        raise errors.MethodNotAllowed.of(resource, info.verb) from None
    return Route(verb, resource, namespace, name, subresource, rest)


def _lists(resource: Resource) -> bool:
    """Whether the collection over all namespaces has a path of its own."""
    return "list" in resource.verbs


def _below(info: RequestInfo) -> tuple[str, str, str]:
    """Name, subresource and the rest of a proxied path."""
    parts = info.parts
    name = parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 else ""
    if subresource == "proxy":
        return name, subresource, "/".join(parts[3:])
    if len(parts) > 3 or (len(parts) > 1 and not name):
        raise errors.NotFound.path()
    return name, subresource, ""


def _verbs(
    resource: Resource, name: str, subresource: str, *, in_namespace: bool
) -> tuple[str, ...]:
    """What may be done at a path, whatever the method."""
    if subresource:
        found = resource.subresource(subresource)
        if found is None:
            raise errors.NotFound.path()
        return found.verbs
    if name:
        verbs = tuple(
            v for v in resource.verbs if v in ("get", "update", "patch", "delete", "watch")
        )
        if not verbs or verbs == ("watch",):
            raise errors.NotFound.path()
        return verbs
    across = resource.namespaced and not in_namespace
    allowed = ("list", "watch") if across else ("list", "watch", "create", "deletecollection")
    return tuple(verb for verb in resource.verbs if verb in allowed)


def _verb(
    method: str, info: RequestInfo, name: str, subresource: str, verbs: tuple[str, ...]
) -> str:
    """The verb of a method at a path. Raises 405."""
    if info.verb == "watch":  # ?watch=1 or the /watch/ prefix
        if method != "GET" or "watch" not in verbs:
            raise errors.MethodNotAllowed.path()
        return "watch"
    verb = info.verb
    if subresource == "proxy" and method in ("HEAD", "OPTIONS"):
        return verb  # backends may take what the API does not
    if not name and verb == "get":
        verb = "list"  # named by a field selector only
    if method == "POST" and name and not subresource:
        raise errors.MethodNotAllowed.path()
    if method == "HEAD" or verb not in verbs:
        raise errors.MethodNotAllowed.path()
    return verb
