"""The environment of containers, from everything that a manifest can take it from."""

from __future__ import annotations

import pytest

from kubepy.api import codec
from kubepy.api.core.v1 import ConfigMap, Secret, Service
from kubepy.kubelet.pod.env import (
    EnvProblem,
    EnvSources,
    environment,
    expand,
    references,
    service_variables,
)
from tests.unit.kubelet.pods import pod

MAPS = {"cm": codec.from_builtins(ConfigMap, {"data": {"A": "one", "B": "two"}})}
SECRETS = {"s": codec.from_builtins(Secret, {"data": {"A": "dHdlbHZl"}})}
SOURCES = EnvSources(config_maps=MAPS, secrets=SECRETS, services={"DB_SERVICE_HOST": "10.96.0.9"})


def env_of(**container):
    of = pod({"name": "app", **container})
    found = environment(of, of.spec.containers[0], SOURCES)
    return {k: v for k, v in found.items() if k != "DB_SERVICE_HOST"}


def taken(name, kind, key, **more):
    return {"name": name, "valueFrom": {kind: {"name": more.pop("of"), "key": key, **more}}}


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        pytest.param({"env": [{"name": "X", "value": "1"}]}, {"X": "1"}, id="plain"),
        pytest.param(
            {"env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "$(X)-$(Z)-$$(X)"}]},
            {"X": "1", "Y": "1-$(Z)-$(X)"},
            id="expanded by what stands before",
        ),
        pytest.param(
            {"env": [{"name": "X", "value": "at $(DB_SERVICE_HOST)"}]},
            {"X": "at 10.96.0.9"},
            id="expanded by service variables",
        ),
        pytest.param(
            {"envFrom": [{"configMapRef": {"name": "cm"}}, {"secretRef": {"name": "s"}}]},
            {"A": "twelve", "B": "two"},
            id="the later source wins",
        ),
        pytest.param(
            {
                "envFrom": [{"prefix": "P_", "configMapRef": {"name": "cm"}}],
                "env": [{"name": "P_A", "value": "own"}],
            },
            {"P_A": "own", "P_B": "two"},
            id="env wins over envFrom",
        ),
        pytest.param(
            {"env": [taken("X", "configMapKeyRef", "B", of="cm")]}, {"X": "two"}, id="a key"
        ),
        pytest.param(
            {"env": [taken("X", "secretKeyRef", "A", of="s")]}, {"X": "twelve"}, id="a secret's"
        ),
        pytest.param(
            {"env": [taken("X", "secretKeyRef", "none", of="s", optional=True)]}, {}, id="optional"
        ),
        pytest.param(
            {"envFrom": [{"configMapRef": {"name": "none", "optional": True}}]},
            {},
            id="optional source",
        ),
        pytest.param(
            {"env": [{"name": "X", "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}}]},
            {"X": "u1"},
            id="a field",
        ),
    ],
)
def test_environment(container, expected):
    assert env_of(**container) == expected


@pytest.mark.parametrize(
    ("container", "message"),
    [
        ({"envFrom": [{"configMapRef": {"name": "no"}}]}, 'configmap "no" not found'),
        ({"envFrom": [{"secretRef": {"name": "no"}}]}, 'secret "no" not found'),
        (
            {"env": [taken("X", "configMapKeyRef", "no", of="cm")]},
            "couldn't find key no in ConfigMap default/cm",
        ),
        (
            {"env": [taken("X", "secretKeyRef", "no", of="s")]},
            "couldn't find key no in Secret default/s",
        ),
        (
            {"env": [{"name": "X", "valueFrom": {"fieldRef": {"fieldPath": "spec.nope"}}}]},
            "unsupported fieldPath: spec.nope",
        ),
    ],
)
def test_what_is_missing_is_said(container, message):
    with pytest.raises(EnvProblem, match=f"^{message}$"):
        env_of(**container)


@pytest.mark.parametrize(
    ("text", "expanded"),
    [("$(A)", "1"), ("$$(A)", "$(A)"), ("$$$(A)", "$1"), ("$A", "$A"), ("$(", "$(")],
)
def test_expand(text, expanded):
    assert expand(text, {"A": "1"}) == expanded


def test_references():
    of = pod(
        {
            "name": "app",
            "envFrom": [{"configMapRef": {"name": "a"}}, {"secretRef": {"name": "b"}}],
            "env": [
                taken("X", "configMapKeyRef", "k", of="c"),
                taken("Y", "secretKeyRef", "k", of="d"),
            ],
        }
    )
    assert references(of.spec.containers[0]) == ({"a", "c"}, {"b", "d"})


def service(name, namespace="default", ip="10.96.0.7", ports=({"port": 80},)):
    body = {"metadata": {"name": name, "namespace": namespace}}
    return codec.from_builtins(Service, {**body, "spec": {"clusterIP": ip, "ports": list(ports)}})


def test_service_variables():
    found = service_variables(
        pod(), [service("my-db", ports=({"port": 5432, "name": "pg", "protocol": "TCP"},))]
    )
    assert found == {
        "MY_DB_SERVICE_HOST": "10.96.0.7",
        "MY_DB_SERVICE_PORT": "5432",
        "MY_DB_SERVICE_PORT_PG": "5432",
        "MY_DB_PORT": "tcp://10.96.0.7:5432",
        "MY_DB_PORT_5432_TCP": "tcp://10.96.0.7:5432",
        "MY_DB_PORT_5432_TCP_PROTO": "tcp",
        "MY_DB_PORT_5432_TCP_PORT": "5432",
        "MY_DB_PORT_5432_TCP_ADDR": "10.96.0.7",
    }


@pytest.mark.parametrize(
    ("links", "names"),
    [(True, {"KUBERNETES", "WEB"}), (False, {"KUBERNETES"})],
)
def test_which_services_are_told(links, names):
    services = [
        service("kubernetes"), service("web", "shop"), service("far", "other"),
        service("headless", "shop", ip="None"),
    ]  # fmt: skip
    found = service_variables(pod(meta={"namespace": "shop"}, enableServiceLinks=links), services)
    assert {k.removesuffix("_SERVICE_HOST") for k in found if k.endswith("_HOST")} == names
