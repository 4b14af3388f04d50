"""What flags and files make of the scheduler."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubepy.api.core.v1 import Pod
from kubepy.base.durations import Seconds
from kubepy.base.flags import UsageError
from kubepy.scheduler.config import PROGRAM, Config
from kubepy.scheduler.cycle import Placement, place
from kubepy.scheduler.framework import Profile
from kubepy.scheduler.podinfo import PodInfo
from kubepy.scheduler.profiles import profiles
from tests.unit.scheduler.cluster import node, pod, table

HEADER = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"
DEFAULT = ["NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity", "NodePorts"]
DEFAULT_FILTERS = [*DEFAULT, "NodeResourcesFit"]
DEFAULT_WEIGHTS = {
    "TaintToleration": 3,
    "NodeAffinity": 2,
    "NodeResourcesFit": 1,
    "NodeResourcesBalancedAllocation": 1,
    "ImageLocality": 1,
}


def parse(tmp_path: Path, text: str, *flags: str) -> Config:
    file = tmp_path / "config.yaml"
    file.write_text(HEADER + text)
    return PROGRAM.parse([f"--config={file}", *flags]).config


def filters(profile: Profile) -> list[str]:
    return [plugin.name for plugin in profile.filters]


def weights(profile: Profile) -> dict[str, int]:
    return {plugin.name: weight for plugin, weight in profile.scorers}


def test_defaults() -> None:
    config = PROGRAM.parse([]).config
    profile = profiles(config.file)["default-scheduler"]
    assert filters(profile) == DEFAULT_FILTERS
    assert weights(profile) == DEFAULT_WEIGHTS
    assert config.secure_port == 10259
    assert config.file.leaderElection.leaderElect


def test_flags_override_the_file(tmp_path: Path) -> None:
    text = "leaderElection: {leaderElect: true, leaseDuration: 1m0s}\n"
    config = parse(tmp_path, text, "--leader-elect=false", "--kubeconfig", "/etc/x.conf")
    assert not config.file.leaderElection.leaderElect
    assert config.file.leaderElection.leaseDuration == Seconds(60)
    assert config.file.clientConnection.kubeconfig == "/etc/x.conf"


PROFILES = """
percentageOfNodesToScore: 50
profiles:
- schedulerName: default-scheduler
- schedulerName: no-taints
  percentageOfNodesToScore: 10
  plugins:
    multiPoint:
      disabled: [{name: TaintToleration}]
    score:
      disabled: [{name: NodeAffinity}]
      enabled: [{name: ImageLocality, weight: 7}]
- schedulerName: bare
  plugins:
    multiPoint:
      disabled: [{name: "*"}]
      enabled: [{name: NodeResourcesFit}, {name: DefaultBinder}]
"""


def test_profiles(tmp_path: Path) -> None:
    found = profiles(parse(tmp_path, PROFILES).file)
    assert list(found) == ["default-scheduler", "no-taints", "bare"]
    assert found["default-scheduler"].percentage_of_nodes_to_score == 50
    assert found["no-taints"].percentage_of_nodes_to_score == 10
    assert filters(found["no-taints"]) == [n for n in DEFAULT_FILTERS if n != "TaintToleration"]
    assert weights(found["no-taints"]) == {
        "NodeResourcesFit": 1,
        "NodeResourcesBalancedAllocation": 1,
        "ImageLocality": 7,
    }
    assert filters(found["bare"]) == ["NodeResourcesFit"]
    assert weights(found["bare"]) == {"NodeResourcesFit": 1}


PACKING = """
profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: NodeResourcesFitArgs
      scoringStrategy:
        type: MostAllocated
        resources: [{name: cpu, weight: 1}]
  plugins:
    score:
      disabled: [{name: NodeResourcesBalancedAllocation}]
"""


def test_most_allocated_packs(tmp_path: Path) -> None:
    import random

    profile = profiles(parse(tmp_path, PACKING).file)["default-scheduler"]
    used: dict[str, list[Pod]] = {"b": [pod("x", cpu="2")]}
    nodes = table(node("a"), node("b"), pods=used)
    decision = place(PodInfo.of(pod(cpu="1")), nodes, profile, random.Random(1))
    assert isinstance(decision, Placement)
    assert decision.node == "b"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("profiles: []", "profiles: Required value", id="no profile"),
        pytest.param(
            "profiles: [{schedulerName: a}, {schedulerName: a}]", "Duplicate value", id="twice"
        ),
        pytest.param("podInitialBackoffSeconds: 0", "must be greater than 0", id="no backoff"),
        pytest.param("podMaxBackoffSecond: 0", "unknown field", id="misspelt"),
        pytest.param("leaderElection: {leaseDuration: 5}", "leaderElection", id="no duration"),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        parse(tmp_path, text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("plugins", "words"),
    [
        pytest.param(
            "plugins: {filter: {enabled: [{name: VolumeBinding}]}}",
            "plugin VolumeBinding not supported yet",
            id="not built",
        ),
        pytest.param(
            "plugins: {filter: {enabled: [{name: Magic}]}}", "Magic does not exist", id="unknown"
        ),
        pytest.param(
            "pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: Magic}}}]",
            "pluginConfig: NodeResourcesFit: .*Magic",
            id="bad arguments",
        ),
    ],
)
def test_bad_plugins_are_refused(tmp_path: Path, plugins: str, words: str) -> None:
    config = parse(tmp_path, f"profiles:\n- {plugins}\n")
    with pytest.raises(UsageError, match=words):
        profiles(config.file)
