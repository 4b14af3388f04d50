"""Which requests another server answers, and who they say is asking. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from kubepy.api.apiregistration.v1 import APIService
from kubepy.apiserver.aggregation.priorities import GroupVersion
from kubepy.meta.calls import User

AGGREGATOR = User(name="system:kube-aggregator", groups=("system:masters",))
"""Whom this server asks other servers as when it asks for itself."""

Remote = Mapping[GroupVersion, APIService]
_IN_A_HEADER_NAME = "!#$&'*+^`|"  # beside letters, digits and -._~; % begins an escape


def route(path: str, remote: Remote) -> APIService | None:
    """Who answers for a decoded path; None: this server.

    /apis/metrics.k8s.io/v1beta1            /apis/metrics.k8s.io/v1beta1/nodes/a
    """
    if not remote:
        return None
    match path.strip("/").split("/"):
        case ["apis", group, version, *_]:
            return remote.get((group, version))
        case ["api", *_]:
            return remote.get(("", "v1"))
        case ["openapi", "v3", "apis", group, version]:
            return remote.get((group, version))
    return None


def path_of(service: APIService) -> str:
    """Where a server that answers for a group version shows its resources."""
    group, version = service.spec.group, service.spec.version
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


def identity(user: User) -> list[tuple[str, str]]:
    """The headers by which the other server knows who is asking: it trusts our certificate."""
    headers = [("X-Remote-User", user.name)]
    if user.uid:
        headers.append(("X-Remote-Uid", user.uid))
    headers += [("X-Remote-Group", group) for group in user.groups]
    for key, values in user.extra.items():
        name = f"X-Remote-Extra-{quote(key, safe=_IN_A_HEADER_NAME)}"
        headers += [(name, value) for value in values]
    return headers
