"""The shapes of wire types: what has owners of its own, and what is owned whole."""

from __future__ import annotations

import pytest

from kubepy.api.apps.v1 import ControllerRevision, DaemonSet, Deployment
from kubepy.api.core.v1 import ConfigMap, Node, PersistentVolume, Pod, Service
from kubepy.meta.managed import checks, typed
from kubepy.meta.managed.fieldset import paths
from kubepy.meta.managed.structs import shape_of

SELECTOR = {"selector": {"matchLabels": {"a": "b"}}}
CONTAINER = {"name": "c", "image": "i"}


@pytest.mark.parametrize(
    ("type_", "value", "fields"),
    [
        pytest.param(ConfigMap, {"data": {"a": "b"}}, [".data.a"], id="a map"),
        pytest.param(Deployment, {"spec": SELECTOR}, [".spec.selector"], id="a label selector"),
        pytest.param(
            Service, {"spec": {"selector": {"a": "b"}}}, [".spec.selector"], id="an atomic map"
        ),
        pytest.param(
            Service,
            {"spec": {"ports": [{"port": 80}]}},
            ['.spec.ports[port=80,protocol="TCP"]', '.spec.ports[port=80,protocol="TCP"].port'],
            id="keys with a default",
        ),
        pytest.param(
            Pod,
            {"spec": {"containers": [{"image": "i"}]}},
            ['.spec.containers[name=""]', '.spec.containers[name=""].image'],
            id="keys that are always written",
        ),
        pytest.param(
            Pod,
            {"metadata": {"finalizers": ["a/b"]}, "spec": {"tolerations": [{}]}},
            ['.metadata.finalizers[="a/b"]', ".spec.tolerations"],
            id="a set, and a list without a type",
        ),
        pytest.param(
            Pod,
            {"spec": {"containers": [{**CONTAINER, "command": ["x"]}], "nodeSelector": {"a": "b"}}},
            [
                '.spec.containers[name="c"]',
                '.spec.containers[name="c"].command',
                '.spec.containers[name="c"].image',
                '.spec.containers[name="c"].name',
                ".spec.nodeSelector",
            ],
            id="a pod",
        ),
        pytest.param(
            Pod,
            {"spec": {"imagePullSecrets": [{"name": "a"}]}},
            ['.spec.imagePullSecrets[name="a"]'],
            id="items that are owned whole",
        ),
        pytest.param(
            PersistentVolume,
            {"spec": {"claimRef": {"name": "a"}}},
            [".spec.claimRef.name"],
            id="a reference whose fields have owners",
        ),
        pytest.param(
            ControllerRevision, {"data": {"spec": {"a": 1}}}, [".data"], id="any JSON is one"
        ),
        pytest.param(
            Node,
            {"status": {"capacity": {"cpu": 1}, "conditions": [{"type": "Ready"}]}},
            [
                ".status.capacity.cpu",
                '.status.conditions[type="Ready"]',
                '.status.conditions[type="Ready"].type',
            ],
            id="conditions and quantities",
        ),
    ],
)
def test_fields(type_, value, fields):
    shape = shape_of(type_)
    assert checks.complaint(shape, value) == ""
    found = sorted(paths(typed.fields_of(shape, value)))
    assert [path for path in found if path not in fields] == []
    assert [path for path in fields if path not in found] == []


def test_a_number_or_a_string():
    update = {"spec": {"updateStrategy": {"rollingUpdate": {"maxSurge": "25%"}}}}
    assert checks.complaint(shape_of(DaemonSet), update) == ""
    update["spec"]["updateStrategy"]["rollingUpdate"]["maxSurge"] = 1
    assert checks.complaint(shape_of(DaemonSet), update) == ""
