"""The condition Available, as far as it can be told without asking the server."""

from __future__ import annotations

import pytest

from kubepy.api import codec
from kubepy.api.apiregistration.v1 import APIService
from kubepy.api.core.v1 import Service
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.apiserver.aggregation import availability

NOW = 1_767_225_600.0


def apiservice(port=443, status=None):
    reference = {"namespace": "ns", "name": "s", "port": port} if port else None
    spec = {"group": "x.example.com", "version": "v1", "service": reference}
    return codec.from_builtins(APIService, {"spec": spec, "status": status or {}})


def service(type_="ClusterIP", port=443, name="https"):
    spec = {"type": type_, "ports": [{"name": name, "port": port}]}
    return codec.from_builtins(Service, {"spec": spec})


def slice_(name="https", ready=True):
    return codec.from_builtins(
        EndpointSlice,
        {
            "endpoints": [{"addresses": ["10.1.0.1"], "conditions": {"ready": ready}}],
            "ports": [{"name": name, "port": 8443}],
        },
    )


MISSING = 'endpointslices for service/s in "ns" have no addresses with port name "https"'


@pytest.mark.parametrize(
    ("given", "behind", "slices", "expected"),
    [
        pytest.param(
            apiservice(port=0),
            None,
            [],
            ("Local", "Local APIServices are always available"),
            id="local",
        ),
        pytest.param(
            apiservice(),
            None,
            [],
            ("ServiceNotFound", 'service/s in "ns" is not present'),
            id="no service",
        ),
        pytest.param(
            apiservice(port=444),
            service(),
            [],
            ("ServicePortError", 'service/s in "ns" is not listening on port 444'),
            id="another port",
        ),
        pytest.param(
            apiservice(),
            service(),
            [],
            ("EndpointsNotFound", 'cannot find endpointslices for service/s in "ns"'),
            id="no slices",
        ),
        pytest.param(
            apiservice(),
            service(),
            [slice_("metrics"), slice_(ready=False)],
            ("MissingEndpoints", MISSING),
            id="nobody listens there",
        ),
        pytest.param(apiservice(), service(), [slice_()], None, id="ask it"),
        pytest.param(apiservice(), service("ExternalName"), [], None, id="no cluster IP: ask it"),
    ],
)
def test_what_is_foreseen(given, behind, slices, expected):
    found = availability.foreseen(given, behind, slices)
    assert (found and (found.reason, found.message)) == expected
    if found is not None:
        assert found.status == ("True" if found.reason == "Local" else "False")


def test_the_condition_is_written_when_it_says_something_new():
    first = availability.with_condition(apiservice(), availability.PASSED, NOW)
    assert availability.is_available(first)
    assert availability.with_condition(first, availability.PASSED, NOW + 60) is first
    down = availability.with_condition(first, availability.failed_check("gone"), NOW + 60)
    assert not availability.is_available(down)
    [condition] = down.status.conditions
    assert condition.lastTransitionTime.unix() == NOW + 60
    assert (condition.reason, condition.message) == ("FailedDiscoveryCheck", "gone")
    again = availability.with_condition(down, availability.failed_check("far"), NOW + 120)
    assert again.status.conditions[0].lastTransitionTime.unix() == NOW + 60
