"""What each gRPC method means."""

from __future__ import annotations

import pytest

from kubepy.api import scheme
from kubepy.apiserver.rpc.methods import methods, service_name


@pytest.mark.parametrize(
    ("path", "meaning"),
    [
        ("/kubepy.core.v1.Pods/Get", ("pods", "get", "")),
        ("/kubepy.core.v1.Pods/UpdateStatus", ("pods", "update", "status")),
        ("/kubepy.core.v1.Pods/PatchEphemeralContainers", ("pods", "patch", "ephemeralcontainers")),
        ("/kubepy.core.v1.Pods/Bind", ("pods", "create", "binding")),
        ("/kubepy.core.v1.Pods/Evict", ("pods", "create", "eviction")),
        ("/kubepy.core.v1.Namespaces/Finalize", ("namespaces", "update", "finalize")),
        ("/kubepy.core.v1.ServiceAccounts/CreateToken", ("serviceaccounts", "create", "token")),
        ("/kubepy.apps.v1.Deployments/GetScale", ("deployments", "get", "scale")),
        ("/kubepy.core.v1.Endpoints/DeleteCollection", ("endpoints", "deletecollection", "")),
    ],
)
def test_meanings(path, meaning):
    method = methods()[path]
    assert (method.resource.plural, method.verb, method.subresource) == meaning


def test_every_verb_of_a_resource_has_a_method():
    for resource in scheme.resources():
        service = service_name(resource)
        own = {
            m.verb
            for p, m in methods().items()
            if p.startswith(f"/{service}/") and not m.subresource
        }
        assert own == set(resource.verbs), service


def test_streams():
    assert methods()["/kubepy.core.v1.Pods/Watch"].streams_out
    executing = methods()["/kubepy.core.v1.Pods/Exec"]
    assert executing.streams_in
    assert executing.streams_out
