"""What a cycle decides: where pods go, and what is said when they go nowhere."""

from __future__ import annotations

import random
from typing import Any

import pytest

from kubepy.api.core.v1 import Node, Pod
from kubepy.scheduler.config import KubeSchedulerConfiguration
from kubepy.scheduler.cycle import Placement, place
from kubepy.scheduler.diagnosis import Diagnosis
from kubepy.scheduler.nodetable import NodeTable
from kubepy.scheduler.podinfo import PodInfo
from kubepy.scheduler.profiles import profiles
from tests.unit.scheduler.cluster import node, pod, table

PROFILE = profiles(KubeSchedulerConfiguration())["default-scheduler"]


def decide(wanted: Pod, nodes: NodeTable, seed: int = 0) -> Placement | Diagnosis:
    return place(PodInfo.of(wanted), nodes, PROFILE, random.Random(seed))


def placed(wanted: Pod, nodes: NodeTable) -> set[str]:
    """The nodes that are chosen among, over some seeds."""
    decisions = [decide(wanted, nodes, seed) for seed in range(20)]
    return {d.node for d in decisions if isinstance(d, Placement)}


def refused(wanted: Pod, nodes: NodeTable) -> Diagnosis:
    decision = decide(wanted, nodes)
    assert isinstance(decision, Diagnosis)
    return decision


def affinity(required: Any = None, preferred: Any = ()) -> dict[str, Any]:
    parts: dict[str, Any] = {"preferredDuringSchedulingIgnoredDuringExecution": list(preferred)}
    if required is not None:
        terms = {"nodeSelectorTerms": required}
        parts["requiredDuringSchedulingIgnoredDuringExecution"] = terms
    return {"nodeAffinity": parts}


def label(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


def prefer(weight: int, disk: str) -> dict[str, Any]:
    return {"weight": weight, "preference": label("disk", "In", disk)}


def named(*values: str) -> dict[str, Any]:
    field = {"key": "metadata.name", "operator": "In", "values": list(values)}
    return {"matchFields": [field]}


A, B, C = node("a"), node("b"), node("c")
SSD, HDD = node("ssd", labels={"disk": "ssd", "gen": "5"}), node("hdd", labels={"disk": "hdd"})
GPU = node("gpu", taints="gpu=yes:NoSchedule")
TOLERATES_GPU = [{"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}]


@pytest.mark.parametrize(
    ("wanted", "nodes", "chosen"),
    [
        pytest.param(pod(), (A, B), {"a", "b"}, id="equally good nodes take turns"),
        pytest.param(pod(cpu="5"), (A, node("big", cpu="8")), {"big"}, id="only one is large"),
        pytest.param(pod(nodeName="b"), (A, B), {"b"}, id="its own choice"),
        pytest.param(pod(), (A, GPU), {"a"}, id="taints keep away"),
        pytest.param(pod(tolerations=TOLERATES_GPU), (GPU,), {"gpu"}, id="tolerated"),
        pytest.param(
            pod(tolerations=[{"operator": "Exists"}]), (GPU,), {"gpu"}, id="tolerates everything"
        ),
        pytest.param(
            pod(), (A, node("b", taints="x=:PreferNoSchedule")), {"a"}, id="rather elsewhere"
        ),
        pytest.param(pod(), (A, node("b", unschedulable=True)), {"a"}, id="cordoned"),
        pytest.param(
            pod(tolerations=[{"key": "node.kubernetes.io/unschedulable", "operator": "Exists"}]),
            (node("b", unschedulable=True),),
            {"b"},
            id="tolerates the cordon",
        ),
        pytest.param(pod(nodeSelector={"disk": "ssd"}), (SSD, HDD, A), {"ssd"}, id="selector"),
        pytest.param(
            pod(affinity=affinity([label("disk", "In", "hdd", "tape")])),
            (SSD, HDD, A), {"hdd"}, id="affinity In",
        ),
        pytest.param(
            pod(affinity=affinity([label("disk", "NotIn", "hdd")])),
            (SSD, HDD, A), {"ssd", "a"}, id="affinity NotIn takes who has no such label",
        ),
        pytest.param(
            pod(affinity=affinity([label("disk", "Exists")])),
            (SSD, HDD, A), {"ssd", "hdd"}, id="affinity Exists",
        ),
        pytest.param(
            pod(affinity=affinity([label("disk", "DoesNotExist")])),
            (SSD, HDD, A), {"a"}, id="affinity DoesNotExist",
        ),
        pytest.param(
            pod(affinity=affinity([label("gen", "Gt", "4")])), (SSD, A), {"ssd"}, id="affinity Gt"
        ),
        pytest.param(
            pod(affinity=affinity([label("disk", "In", "ssd"), named("a")])),
            (SSD, HDD, A), {"ssd", "a"}, id="any of the terms",
        ),
        pytest.param(pod(affinity=affinity([named("b")])), (A, B), {"b"}, id="a DaemonSet's pod"),
        pytest.param(
            pod(affinity=affinity(None, [prefer(10, "hdd")])),
            (SSD, HDD, A), {"hdd"}, id="preferred",
        ),
        pytest.param(
            pod(affinity=affinity(None, [prefer(1, "tape")])),
            (SSD, HDD), {"ssd", "hdd"}, id="preferred, and nobody has it",
        ),
        pytest.param(
            pod(), (A, node("b", images={"app:1": 500 << 20})), {"b"}, id="has the image"
        ),
    ],
)  # fmt: skip
def test_placement(wanted: Pod, nodes: tuple[Node, ...], chosen: set[str]) -> None:
    assert placed(wanted, table(*nodes)) == chosen


def test_the_emptier_node_is_better() -> None:
    nodes = table(A, B, pods={"a": [pod("x", cpu="2", memory="1Gi")]})
    assert placed(pod(cpu="1", memory="1Gi"), nodes) == {"b"}


def test_pods_without_requests_count_too() -> None:
    nodes = table(A, B, pods={"a": [pod(f"x{n}") for n in range(5)]})
    assert placed(pod(), nodes) == {"b"}


def test_balance_decides_between_equally_full_nodes() -> None:
    full_cpu = pod("x", cpu="2", memory="0")
    even = pod("y", cpu="1", memory="2Gi")
    nodes = table(A, B, pods={"a": [full_cpu], "b": [even]})
    decision = decide(pod(cpu="500m", memory="1Gi"), nodes)
    assert isinstance(decision, Placement)
    assert decision.scores.keys() >= {"NodeResourcesBalancedAllocation", "NodeResourcesFit"}


HELPLESS = "no new claims to deallocate, preemption: 0/{0} nodes are available: {0} Preemption is not helpful for scheduling."  # noqa: E501


@pytest.mark.parametrize(
    ("wanted", "nodes", "message"),
    [
        pytest.param(pod(), (), "no nodes available to schedule pods", id="no nodes"),
        pytest.param(
            pod(cpu="5"), (A, GPU, node("g2", taints="gpu=:NoSchedule")),
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). "
            + HELPLESS.format(3),
            id="a reason a node, the first plugin's",
        ),
        pytest.param(
            pod(cpu="5", memory="9Gi"), (A,),
            "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. "
            + HELPLESS.format(1),
            id="all reasons of that plugin",
        ),
        pytest.param(
            pod(nodeSelector={"disk": "tape"}), (SSD, node("x", unschedulable=True)),
            "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
            "1 node(s) were unschedulable. " + HELPLESS.format(2),
            id="selector and cordon",
        ),
        pytest.param(
            pod(affinity=affinity([named("a")]), cpu="5"), (A, B, C),
            "0/3 nodes are available: 1 Insufficient cpu, "
            "2 node(s) didn't satisfy plugin(s) [NodeAffinity]. " + HELPLESS.format(3),
            id="a DaemonSet's pod",
        ),
        pytest.param(
            pod(nodeName="gone"), (A,),
            "0/1 nodes are available: 1 node(s) didn't match the requested node name. "
            + HELPLESS.format(1),
            id="node name",
        ),
        pytest.param(
            pod(cpu="5", preemptionPolicy="Never"), (A,),
            "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, "
            "preemption: not eligible due to preemptionPolicy=Never.",
            id="never preempts",
        ),
    ],
)  # fmt: skip
def test_message(wanted: Pod, nodes: tuple[Node, ...], message: str) -> None:
    assert refused(wanted, table(*nodes)).message() == message


def test_message_when_eviction_could_help_but_there_is_nobody_to_evict() -> None:
    nodes = table(A, B, GPU, pods={"a": [pod("x", cpu="3")], "b": [pod("y", cpu="3")]})
    assert refused(pod(cpu="2"), nodes).message() == (
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. "
        "no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not "
        "helpful for scheduling, 2 No preemption victims found for incoming pod."
    )


def test_nothing_is_claimed_of_preemption_where_it_could_work() -> None:
    nodes = table(A, pods={"a": [pod("x", cpu="3", priority=-1)]})
    assert refused(pod(cpu="2"), nodes).message() == "0/1 nodes are available: 1 Insufficient cpu."


def test_too_many_pods() -> None:
    nodes = table(node("a", pods=1), pods={"a": [pod("x")]})
    assert refused(pod(), nodes).message().startswith("0/1 nodes are available: 1 Too many pods.")


WEB = {"hostPort": 80}


@pytest.mark.parametrize(
    ("used", "wanted", "fits"),
    [
        pytest.param(WEB, WEB, False, id="same port"),
        pytest.param(WEB, {"hostPort": 81}, True, id="another port"),
        pytest.param(WEB, {"hostPort": 80, "protocol": "UDP"}, True, id="another protocol"),
        pytest.param(
            {"hostPort": 80, "hostIP": "10.0.0.1"},
            {"hostPort": 80, "hostIP": "10.0.0.2"},
            True,
            id="another address",
        ),
        pytest.param(
            {"hostPort": 80, "hostIP": "10.0.0.1"}, WEB, False, id="every address, one is taken"
        ),
    ],
)
def test_host_ports(used: dict[str, Any], wanted: dict[str, Any], fits: bool) -> None:
    nodes = table(A, pods={"a": [pod("x", ports=[used])]})
    decision = decide(pod(ports=[wanted]), nodes)
    assert isinstance(decision, Placement) == fits
    if isinstance(decision, Diagnosis):
        reason = "node(s) didn't have free ports for the requested pod ports"
        assert decision.by_node() == {"a": [reason]}


def test_reasons_are_kept_for_each_node() -> None:
    diagnosis = refused(pod(cpu="5", memory="1Gi"), table(A, GPU, node("c", memory="1Mi", cpu="8")))
    assert diagnosis.by_node() == {
        "a": ["Insufficient cpu"],
        "gpu": ["node(s) had untolerated taint(s)"],
        "c": ["Insufficient memory"],
    }
    assert diagnosis.plugins == {"TaintToleration", "NodeResourcesFit"}
