"""The authorizer until RBAC objects decide: administrators, Kubernetes' own users, everybody else.

The rules of each component are those of Kubernetes' bootstrap ClusterRole of the same name, less
what kubepy does not serve. Callers see only `authorize`, an `Authorizer`; RBAC will be another.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubepy.apiserver.authz.rules import READ, WRITE, Rule, covers, may
from kubepy.meta.calls import Attributes, Decision, User

MASTERS = "system:masters"
NODES = "system:nodes"
NODE_PREFIX = "system:node:"
AUTHENTICATED = "system:authenticated"

ALLOWED = Decision(True)
REFUSED = Decision(False)

COORDINATION = "coordination.k8s.io"
DISCOVERY = "discovery.k8s.io"

PUBLIC = (Rule(("get",), paths=("/healthz", "/livez", "/readyz", "/version", "/version/")),)

DISCOVERING = (
    Rule(
        ("get",),
        paths=("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"),
    ),
    may(("create",), "selfsubjectreviews", group="authentication.k8s.io"),
    may(
        ("create",),
        "selfsubjectaccessreviews",
        "selfsubjectrulesreviews",
        group="authorization.k8s.io",
    ),
)

TOKEN_ISSUER_DISCOVERY = (
    Rule(("get",), paths=("/.well-known/openid-configuration", "/openid/v1/jwks")),
)

SCRAPING = (
    Rule(("get",), paths=("/healthz/*", "/livez/*", "/readyz/*", "/metrics", "/metrics/slis")),
)

RECORDING = (
    may(("create", "patch", "update"), "events"),
    may(("create", "patch", "update"), "events", group="events.k8s.io"),
)

DELEGATING = (
    may(("create",), "tokenreviews", group="authentication.k8s.io"),
    may(
        ("create",),
        "subjectaccessreviews",
        "localsubjectaccessreviews",
        group="authorization.k8s.io",
    ),
)

SCHEDULER = (
    *RECORDING,
    *DELEGATING,
    may((*READ, "create", "update", "patch"), "leases", group=COORDINATION),
    may(READ, "nodes", "namespaces", "services", "replicationcontrollers"),
    may((*READ, "delete"), "pods"),
    may(("create",), "bindings", "pods/binding"),
    may(("patch", "update"), "pods/status"),
    may((*READ, "patch", "update"), "persistentvolumes", "persistentvolumeclaims"),
    may(READ, "replicasets", "statefulsets", group="apps"),
    may(READ, "poddisruptionbudgets", group="policy"),
    may(
        READ,
        "storageclasses",
        "csinodes",
        "csidrivers",
        "csistoragecapacities",
        group="storage.k8s.io",
    ),
)

EVERYTHING = Rule(("*",), groups=("*",), resources=("*",))
EVERYWHERE = Rule(("*",), paths=("*",))

# Its controllers act for every kind there is: the garbage collector and namespace deletion alone
# have to read and delete whatever exists.
CONTROLLER_MANAGER = (Rule((*READ, *WRITE), groups=("*",), resources=("*",)),)

CLOUD_CONTROLLER_MANAGER = (
    *RECORDING,
    *DELEGATING,
    may((*READ, "create", "update", "patch"), "leases", group=COORDINATION),
    may((*READ, "delete", "patch", "update"), "nodes"),
    may(("patch", "update"), "nodes/status", "services/status"),
    may((*READ, "patch", "update"), "services"),
    may(READ, "endpoints", "persistentvolumes", "secrets", "configmaps"),
    may(("create", "get"), "serviceaccounts"),
)

PROXY = (
    *RECORDING,
    may(READ, "services", "endpoints", "nodes"),
    may(READ, "endpointslices", group=DISCOVERY),
    may(READ, "servicecidrs", group="networking.k8s.io"),
)

NODE = (
    *RECORDING,
    *DELEGATING,
    may(READ, "services", "pods", "configmaps", "secrets"),
    may((*READ, "create", "patch", "update"), "nodes"),
    may(("patch", "update"), "nodes/status", "pods/status"),
    may(("create", "delete"), "pods"),
    may(("create",), "pods/eviction", "serviceaccounts/token"),
    may(("get",), "endpoints", "serviceaccounts", "persistentvolumes", "persistentvolumeclaims"),
    may(("get", "create", "update", "patch", "delete"), "leases", group=COORDINATION),
    may(READ, "runtimeclasses", group="node.k8s.io"),
    may(READ, "csidrivers", group="storage.k8s.io"),
    may(("get", "create", "update", "patch", "delete"), "csinodes", group="storage.k8s.io"),
)

USERS = {
    "system:kube-scheduler": SCHEDULER,
    "system:kube-controller-manager": CONTROLLER_MANAGER,
    "system:cloud-controller-manager": CLOUD_CONTROLLER_MANAGER,
    "system:kube-proxy": PROXY,
}
GROUPS = {
    AUTHENTICATED: DISCOVERING,
    "system:serviceaccounts": TOKEN_ISSUER_DISCOVERY,
    "system:monitoring": SCRAPING,
}


async def authorize(asked: Attributes) -> Decision:
    """May this user do this? An `Authorizer`."""
    user = asked.user
    if MASTERS in user.groups:
        return ALLOWED
    return ALLOWED if any(covers(rule, asked) for rule in rules_of(user)) else REFUSED


def rules_of(user: User) -> Iterator[Rule]:
    """Every rule that speaks for a user."""
    if MASTERS in user.groups:
        yield EVERYTHING
        yield EVERYWHERE
    yield from USERS.get(user.name, ())
    if NODES in user.groups and user.name.startswith(NODE_PREFIX):
        yield from NODE
    for group in user.groups:
        yield from GROUPS.get(group, ())
    yield from PUBLIC


async def allow_all(asked: Attributes) -> Decision:
    """The mode AlwaysAllow."""
    return ALLOWED


async def deny_all(asked: Attributes) -> Decision:
    """The mode AlwaysDeny; administrators are not asked."""
    return ALLOWED if MASTERS in asked.user.groups else REFUSED
