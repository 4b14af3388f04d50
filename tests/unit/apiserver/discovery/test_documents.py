"""Discovery follows from the scheme."""

from __future__ import annotations

import pytest

from kubepy.api import scheme
from kubepy.apiserver.discovery import documents

KNOWN = scheme.resources()


def test_core_is_not_among_the_groups():
    names = [group.name for group in documents.groups(KNOWN).groups]
    assert "" not in names
    assert names.index("apps") < names.index("events.k8s.io")


def test_unknown():
    assert documents.group(KNOWN, "absent") is None
    assert documents.group(KNOWN, "") is None
    assert documents.resources(KNOWN, "apps", "v9") is None


@pytest.mark.parametrize(
    ("plural", "group", "digest"),
    [
        pytest.param("configmaps", "", "qFsyl6wFWjQ=", id="core"),
        pytest.param("deployments", "apps", "8aSe+NMegvE=", id="group"),
        pytest.param("events", "events.k8s.io", "r2yiGXH7wu8=", id="stored as another group's"),
        pytest.param("bindings", "", "", id="never stored"),
    ],
)
def test_storage_version_hash(plural, group, digest):
    resource = scheme.by_plural(group, "v1", plural)
    assert documents.storage_version_hash(resource) == digest


def test_subresources_name_foreign_kinds_only():
    listed = {entry.name: entry for entry in documents.resources(KNOWN, "", "v1").resources}
    assert (listed["pods/eviction"].group, listed["pods/eviction"].version) == ("policy", "v1")
    assert (listed["pods/status"].group, listed["pods/status"].version) == ("", "")
    assert listed["pods/log"].kind == "Pod"


def test_both_forms_agree():
    plain = {
        entry.name
        for group in documents.served(KNOWN)
        for version in group.versions
        for entry in documents.resources(KNOWN, group.group, version).resources
        if "/" not in entry.name
    }
    aggregated = {
        resource.resource
        for core in (True, False)
        for group in documents.aggregated(KNOWN, core=core).items
        for version in group.versions
        for resource in version.resources
    }
    assert plain == aggregated
