"""Discovery of all servers together."""

from __future__ import annotations

import pytest

from kubepy.api import codec
from kubepy.api.apidiscovery.v2 import APIGroupDiscoveryList, APIVersionDiscovery
from kubepy.api.meta.v1 import APIGroupList, APIResourceList
from kubepy.apiserver.aggregation import discovery, priorities


def service(group, version, of_group=1000, of_version=100):
    return priorities.local((group, version), (of_group, of_version), "")


def names(groups):
    return [(each.name, [version.version for version in each.versions]) for each in groups.groups]


def own(*served):
    groups = [
        {"name": group, "versions": [{"groupVersion": f"{group}/{v}", "version": v} for v in found]}
        for group, *found in served
    ]
    return codec.from_builtins(APIGroupList, {"groups": groups})


@pytest.mark.parametrize(
    ("served", "services", "expected"),
    [
        pytest.param(
            [("apiregistration.k8s.io", "v1"), ("apps", "v1")],
            [service("apps", "v1", 17800), service("", "v1", 18000)],
            [("apiregistration.k8s.io", ["v1"]), ("apps", ["v1"])],
            id="ours",
        ),
        pytest.param(
            [("apps", "v1")],
            [service("apps", "v1", 17800), service("z", "v1", 18000), service("b", "v1")],
            [("z", ["v1"]), ("apps", ["v1"]), ("b", ["v1"])],
            id="others stand where their priority puts them",
        ),
        pytest.param(
            [],
            [service("b", "v1"), service("a", "v2")],
            [("b", ["v1"]), ("a", ["v2"])],
            id="equal ones go by the APIServices' names",
        ),
        pytest.param(
            [],
            [
                service("a", "v1beta1"),
                service("a", "v2"),
                service("a", "v10"),
                service("a", "v1alpha1", of_version=200),
            ],
            [("a", ["v1alpha1", "v10", "v2", "v1beta1"])],
            id="versions by priority, then by what they say",
        ),
        pytest.param(
            [("a", "v1")],
            [service("a", "v2")],
            [("a", ["v2", "v1"])],
            id="a version of ours has no APIService yet",
        ),
    ],
)
def test_groups(served, services, expected):
    assert names(discovery.groups(own(*served), services)) == expected


def test_one_group():
    services = [service("a", "v1"), service("b", "v1")]
    found = discovery.group("a", None, services)
    assert found.preferredVersion.groupVersion == "a/v1"
    assert discovery.group("c", None, services) is None


def test_the_aggregated_form():
    ours = codec.from_builtins(
        APIGroupDiscoveryList,
        {
            "items": [
                {"metadata": {"name": "apps"}, "versions": [{"version": "v1"}]},
                {"metadata": {"name": "b"}, "versions": [{"version": "v1"}]},
            ]
        },
    )
    theirs = {("a", "v1"): discovery.entry(None, "v1", fresh=False)}
    services = [service("apps", "v1", 17800), service("a", "v1", 2000), service("c", "v1", 3000)]
    found = discovery.aggregated(ours, services, theirs)
    assert [group.metadata.name for group in found.items] == ["apps", "a", "b"]
    [version] = found.items[1].versions
    assert (version.version, version.freshness) == ("v1", "Stale")


def test_the_older_form_as_the_newer_one():
    plain = codec.from_builtins(
        APIResourceList,
        {
            "resources": [
                {"name": "things", "singularName": "thing", "namespaced": True, "kind": "Thing",
                 "verbs": ["get"], "shortNames": ["th"]},
                {"name": "things/status", "kind": "Thing", "verbs": ["get"]},
                {"name": "only/sub", "kind": "Other", "group": "g", "version": "v2"},
            ]
        },
    )  # fmt: skip
    expected = {
        "version": "v1",
        "resources": [
            {
                "resource": "things",
                "responseKind": {"group": "", "version": "", "kind": "Thing"},
                "scope": "Namespaced",
                "singularResource": "thing",
                "verbs": ["get"],
                "shortNames": ["th"],
                "subresources": [
                    {
                        "subresource": "status",
                        "responseKind": {"group": "", "version": "", "kind": "Thing"},
                        "verbs": ["get"],
                    }
                ],
            },
            {
                "resource": "only",
                "subresources": [
                    {
                        "subresource": "sub",
                        "responseKind": {"group": "g", "version": "v2", "kind": "Other"},
                    }
                ],
            },
        ],
    }
    found = discovery.converted("v1", plain)
    assert found == codec.from_builtins(APIVersionDiscovery, expected)
