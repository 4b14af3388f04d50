"""Which admission plugins are asked, and what is said about the flags that choose them."""

from __future__ import annotations

import logging
from random import Random

import pytest

from kubepy import testing
from kubepy.api.core.v1 import Container, Pod, PodSpec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.admission.selection import ON_DEMAND, ORDER, is_asked, mistakes
from kubepy.apiserver.authz.components import allow_all
from kubepy.apiserver.config import Config
from kubepy.apiserver.run import settings
from kubepy.apiserver.server import plugins
from kubepy.apiserver.settings import Settings

WEB = Pod(
    metadata=ObjectMeta(name="web", namespace="default"),
    spec=PodSpec(containers=(Container(name="main", image="x:1"),)),
)


@pytest.mark.parametrize(
    ("enabled", "disabled", "expected"),
    [
        pytest.param((), (), [], id="nothing"),
        pytest.param(("NodeRestriction",), ("Priority",), [], id="known ones"),
        pytest.param(
            ("PodSecurityPolicy",),
            ("priority",),
            [
                'enable-admission-plugins plugin "PodSecurityPolicy" is unknown',
                'disable-admission-plugins plugin "priority" is unknown',
            ],
            id="unknown ones",
        ),
        pytest.param(
            ("ServiceAccount", "Priority", "AlwaysDeny"),
            ("Priority", "ServiceAccount"),
            [
                "[Priority ServiceAccount] in enable-admission-plugins and "
                "disable-admission-plugins overlapped"
            ],
            id="both",
        ),
    ],
)
def test_mistakes(enabled: tuple[str, ...], disabled: tuple[str, ...], expected: list[str]) -> None:
    assert mistakes(enabled, disabled) == expected


@pytest.mark.parametrize(
    ("name", "enabled", "disabled", "asked"),
    [
        pytest.param("Priority", (), (), True, id="on by default"),
        pytest.param("Priority", ("Priority",), (), True, id="enabled as well"),
        pytest.param("Priority", (), ("Priority",), False, id="disabled"),
        pytest.param("AlwaysPullImages", (), (), False, id="off by default"),
        pytest.param("AlwaysPullImages", ("AlwaysPullImages",), (), True, id="enabled"),
        pytest.param("OfTheServer", (), (), True, id="no plugin of Kubernetes"),
    ],
)
def test_is_asked(
    name: str, enabled: tuple[str, ...], disabled: tuple[str, ...], asked: bool
) -> None:
    assert is_asked(name, enabled, disabled) is asked


def test_every_name_stands_once_in_the_order() -> None:
    assert len(set(ORDER)) == len(ORDER)
    assert set(ORDER) >= ON_DEMAND


def test_plugins_are_asked_in_kubernetes_order(apiserver: testing.TestServer) -> None:
    built = plugins(apiserver.pipeline, Random(0), allow_all, Settings())
    places = [ORDER.index(plugin.NAME) for plugin in built if plugin.NAME in ORDER]
    assert places == sorted(places)


async def test_what_is_disabled_is_not_asked(caplog: pytest.LogCaptureFixture) -> None:
    off = settings(Config(disable_admission_plugins=("ServiceAccount", "DefaultTolerationSeconds")))
    async with testing.apiserver(settings=off) as server:
        made = await server.client.create(WEB)
    assert made.spec.volumes == made.spec.tolerations == ()
    assert caplog.messages == []


async def test_what_is_not_built_is_told_and_ignored(caplog: pytest.LogCaptureFixture) -> None:
    asked = settings(Config(enable_admission_plugins=("AlwaysAdmit", "Priority", "AlwaysAdmit")))
    with caplog.at_level(logging.WARNING):
        async with testing.apiserver(settings=asked) as server:
            made = await server.client.create(WEB)
    assert caplog.messages == ["admission plugin AlwaysAdmit is not supported yet: ignored"]
    assert made.spec.priority == 0


async def test_the_default_tolerations_last_as_long_as_the_flags_say() -> None:
    config = Config(
        default_not_ready_toleration_seconds=30, default_unreachable_toleration_seconds=60
    )
    async with testing.apiserver(settings=settings(config)) as server:
        made = await server.client.create(WEB)
    assert {t.key: t.tolerationSeconds for t in made.spec.tolerations} == {
        "node.kubernetes.io/not-ready": 30,
        "node.kubernetes.io/unreachable": 60,
    }
