"""APIServices: what they must say, and how they are shown."""

from __future__ import annotations

import pytest

from kubepy.api import codec
from kubepy.api.apiregistration.v1 import APIService
from kubepy.apiserver.registry.apiregistration.apiservice import STRATEGY

REMOTE = {"namespace": "default", "name": "extension"}


def apiservice(service=None, status=None, **spec):
    given = {"group": "x.example.com", "version": "v1", "groupPriorityMinimum": 1000}
    spec = {**given, "versionPriority": 15, "service": service, **spec}
    return codec.from_builtins(
        APIService,
        {
            "metadata": {"name": "v1.x.example.com", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {key: value for key, value in spec.items() if value is not None},
            "status": status or {},
        },
    )


def test_services_are_asked_at_443():
    assert STRATEGY.default(apiservice(REMOTE)).spec.service.port == 443
    assert STRATEGY.default(apiservice({**REMOTE, "port": 8443})).spec.service.port == 8443
    assert STRATEGY.default(apiservice()).spec.service is None


def test_what_is_local_is_available_at_once():
    [condition] = STRATEGY.prepare_create(apiservice()).status.conditions
    assert (condition.type, condition.status, condition.reason) == ("Available", "True", "Local")
    assert condition.lastTransitionTime == apiservice().metadata.creationTimestamp
    assert STRATEGY.prepare_create(apiservice(REMOTE)).status.conditions == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(apiservice(REMOTE), [], id="remote"),
        pytest.param(apiservice(), [], id="local"),
        pytest.param(
            apiservice(group="", version="v2"),
            [("spec.group", "only v1 may have an empty group and it better be legacy kube")],
            id="the core group has one version",
        ),
        pytest.param(
            apiservice(groupPriorityMinimum=20001),
            [("spec.groupPriorityMinimum", "must be positive and less than 20000")],
            id="group priority",
        ),
        pytest.param(
            apiservice(versionPriority=0),
            [("spec.versionPriority", "must be positive and less than 1000")],
            id="version priority",
        ),
        pytest.param(
            apiservice(caBundle="eA==", insecureSkipTLSVerify=True),
            [
                ("spec.caBundle", "local APIServices may not have a caBundle"),
                (
                    "spec.insecureSkipTLSVerify",
                    "local APIServices may not have insecureSkipTLSVerify",
                ),
            ],
            id="local ones need no TLS",
        ),
        pytest.param(
            apiservice({}),
            [("spec.service.namespace", ""), ("spec.service.name", "")],
            id="a service has a name",
        ),
        pytest.param(
            apiservice(REMOTE, caBundle="eA==", insecureSkipTLSVerify=True),
            [("spec.insecureSkipTLSVerify", "may not be true if caBundle is present")],
            id="verified or not",
        ),
    ],
)
def test_validation(given, expected):
    assert [(each.field, each.detail) for each in STRATEGY.validate_create(given)] == expected


def test_the_name_is_that_of_the_group_version():
    check = STRATEGY.name_rule(apiservice())
    assert check("v1.x.example.com") == []
    assert check("a/b") == ["may not contain '/'"]
    assert check("v2.x") == ['must be `spec.version+"."+spec.group`: "v1.x.example.com"']


def test_a_status_update_leaves_labels_alone():
    old = apiservice(REMOTE)
    new = codec.from_builtins(
        APIService,
        {
            "metadata": {"name": old.metadata.name, "labels": {"a": "b"}},
            "status": {"conditions": [{"type": "Available", "status": "Perhaps"}]},
        },
    )
    merged = STRATEGY.prepare_status(new, old)
    assert (merged.spec, merged.metadata.labels) == (old.spec, {})
    [problem] = STRATEGY.validate_status(merged, old)
    assert problem.field == "status.conditions[0].status"


@pytest.mark.parametrize(
    ("service", "condition", "cells"),
    [
        pytest.param(None, {"status": "True", "reason": "Local"}, ("Local", "True"), id="local"),
        pytest.param(REMOTE, None, ("default/extension", "Unknown"), id="not looked at yet"),
        pytest.param(
            REMOTE,
            {"status": "False", "reason": "MissingEndpoints"},
            ("default/extension", "False (MissingEndpoints)"),
            id="unavailable",
        ),
        pytest.param(REMOTE, {"status": "False"}, ("default/extension", "False"), id="no reason"),
    ],
)
def test_columns(service, condition, cells):
    status = {"conditions": [{"type": "Available", **condition}]} if condition else {}
    obj = apiservice(service, status)
    now = obj.metadata.creationTimestamp.unix() + 60
    assert STRATEGY.row(obj, now) == ("v1.x.example.com", *cells, "60s")
