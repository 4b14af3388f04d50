"""The order of API versions."""

from __future__ import annotations

from kubepy.meta.versions import rank


def test_order():
    wanted = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "foo1", "foo10"]
    assert sorted(set(wanted), key=rank) == wanted
