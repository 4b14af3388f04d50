"""Who may do what, until RBAC objects say so."""

from __future__ import annotations

import pytest

from kubepy.apiserver.authz.components import authorize
from kubepy.apiserver.authz.refusal import forbidden
from kubepy.meta.calls import Attributes, Decision, User


def user(name, *groups):
    return User(name=name, groups=(*groups, "system:authenticated"))


ADMIN = user("admin", "system:masters")
SCHEDULER = user("system:kube-scheduler")
CONTROLLERS = user("system:kube-controller-manager")
NODE = user("system:node:n1", "system:nodes")
PROXY = user("system:kube-proxy")
ACCOUNT = user("system:serviceaccount:a:b", "system:serviceaccounts", "system:serviceaccounts:a")
NOBODY = User(name="system:anonymous", groups=("system:unauthenticated",))


@pytest.mark.parametrize(
    ("who", "verb", "resource", "group", "allowed"),
    [
        pytest.param(ADMIN, "delete", "nodes", "", True, id="an administrator may all"),
        pytest.param(ADMIN, "frob", "things", "x.example.com", True, id="also the unknown"),
        pytest.param(SCHEDULER, "watch", "pods", "", True, id="scheduler watches pods"),
        pytest.param(SCHEDULER, "create", "pods", "", False, id="scheduler creates none"),
        pytest.param(CONTROLLERS, "delete", "deployments", "apps", True, id="controllers delete"),
        pytest.param(
            CONTROLLERS, "impersonate", "users", "", False, id="controllers are themselves"
        ),
        pytest.param(NODE, "list", "secrets", "", True, id="nodes read secrets"),
        pytest.param(NODE, "delete", "nodes", "", False, id="nodes delete no nodes"),
        pytest.param(PROXY, "list", "endpointslices", "discovery.k8s.io", True, id="proxy reads"),
        pytest.param(PROXY, "list", "secrets", "", False, id="proxy reads no secrets"),
        pytest.param(ACCOUNT, "list", "pods", "", False, id="service accounts have no rights"),
        pytest.param(
            ACCOUNT, "create", "selfsubjectreviews", "authentication.k8s.io", True, id="who am I"
        ),
        pytest.param(NOBODY, "list", "pods", "", False, id="nobody"),
        pytest.param(
            user("system:node:n1"), "list", "secrets", "", False, id="a node by name only is none"
        ),
    ],
)
async def test_resources(who, verb, resource, group, allowed):
    asked = Attributes(user=who, verb=verb, resource=resource, group=group)
    assert (await authorize(asked)).allowed == allowed


@pytest.mark.parametrize(
    ("who", "path", "allowed"),
    [
        pytest.param(NOBODY, "/healthz", True, id="health is for everybody"),
        pytest.param(NOBODY, "/version", True, id="and the version"),
        pytest.param(NOBODY, "/healthz/ping", False, id="single checks are not"),
        pytest.param(NOBODY, "/api", False, id="discovery is not"),
        pytest.param(ACCOUNT, "/apis/apps/v1", True, id="discovery for the known"),
        pytest.param(ACCOUNT, "/metrics", False, id="metrics are not"),
        pytest.param(ACCOUNT, "/openid/v1/jwks", True, id="keys for service accounts"),
        pytest.param(ADMIN, "/metrics", True, id="administrators"),
    ],
)
async def test_paths(who, path, allowed):
    assert (await authorize(Attributes(user=who, verb="get", path=path))).allowed == allowed


def test_subresources_need_their_own_rule():
    asked = Attributes(
        user=user("bob"), verb="get", resource="pods", subresource="log", namespace="a", name="p"
    )
    assert forbidden(asked, Decision(False)).message == (
        'pods "p" is forbidden: User "bob" cannot get resource "pods/log" in API group "" in the '
        'namespace "a"'
    )


def test_a_path_has_no_details():
    asked = Attributes(user=user("bob"), verb="get", path="/x")
    problem = forbidden(asked, Decision(False, "because"))
    assert problem.message == 'forbidden: User "bob" cannot get path "/x": because'
