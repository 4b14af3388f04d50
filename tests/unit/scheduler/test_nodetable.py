"""The node table against a plain model, through any sequence of changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from kubepy.api.core.v1 import Node
from kubepy.scheduler.columns import Interned
from kubepy.scheduler.nodetable import Change, NodeTable
from kubepy.scheduler.podinfo import HostPort, PodInfo
from tests.unit.scheduler.cluster import node, pod

NAMES = [f"n{n}" for n in range(6)]
NAME = st.sampled_from(NAMES)
TEXT = st.sampled_from(["", "x", "y", "z"])
PORT = HostPort("TCP", 80)


class PutNode(Struct, frozen=True):
    name: str
    cpu: int
    zone: str
    taint: str
    image: str


class RemoveNode(Struct, frozen=True):
    name: str


class AddPod(Struct, frozen=True):
    number: int
    node: str
    cpu: int
    port: bool


class RemovePod(Struct, frozen=True):
    number: int


CHANGES = st.lists(
    st.one_of(
        st.builds(PutNode, name=NAME, cpu=st.integers(1, 9), zone=TEXT, taint=TEXT, image=TEXT),
        st.builds(RemoveNode, name=NAME),
        st.builds(
            AddPod, number=st.integers(0, 5), node=NAME, cpu=st.integers(0, 9), port=st.booleans()
        ),
        st.builds(RemovePod, number=st.integers(0, 5)),
    ),
    max_size=60,
)


def make_node(change: PutNode) -> Node:
    return node(
        change.name,
        cpu=str(change.cpu),
        labels={"zone": change.zone} if change.zone else {},
        taints=f"{change.taint}=:NoSchedule" if change.taint else "",
        images={change.image: 10} if change.image else {},
    )


@given(CHANGES)
def test_table_holds_what_it_was_told(changes: list[PutNode | RemoveNode | AddPod | RemovePod]):  # type: ignore[no-untyped-def]
    table = NodeTable()
    nodes: dict[str, PutNode] = {}
    pods: dict[int, AddPod] = {}
    for change in changes:
        match change:
            case PutNode():
                table.put_node(make_node(change))
                nodes[change.name] = change
            case RemoveNode(name):
                table.remove_node(name)
                nodes.pop(name, None)
            case AddPod(number, where, cpu, port):
                ports = [{"hostPort": 80}] if port else []
                wanted = pod(f"p{number}", cpu=str(cpu) if cpu else "", ports=ports)
                table.add_pod(PodInfo.of(wanted), where)
                pods[number] = change
            case RemovePod(number):
                assert table.remove_pod(f"uid-p{number}") == (pods.pop(number, None) is not None)
        check(table, nodes, pods)


def check(table: NodeTable, nodes: dict[str, PutNode], pods: dict[int, AddPod]) -> None:
    assert table.rows <= len(NAMES)
    live = {name for name, lives in zip(table.names, table.live, strict=True) if lives}
    assert live == nodes.keys()
    zones = {zone: table.label("zone").among(table.rows, (zone,)) for zone in ("x", "y", "z")}
    tainted = table.taints.present(table.rows)
    used = table.port_users(PORT)
    for row, name in enumerate(table.names):
        there = [p for p in pods.values() if p.node == name]
        found = nodes.get(name)
        assert table.allocatable("cpu")[row] == (found.cpu * 1000 if found else 0)
        assert table.requested("cpu")[row] == sum(p.cpu for p in there) * 1000
        assert table.pod_count[row] == len(there)
        assert used[row] == any(p.port for p in there)
        assert tainted[row] == bool(found and found.taint)
        for zone, mask in zones.items():
            assert mask[row] == (found is not None and found.zone == zone)
    for image in ("x", "y", "z"):
        having = {n.name for n in nodes.values() if n.image == image}
        entry = table.image(image)
        rows = {table.names[row] for row in entry[1].nonzero()[0]} if entry else set()
        assert rows == having


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 200) | st.none())))
def test_interned_column_forgets_what_nobody_has(writes: list[tuple[int, int | None]]) -> None:
    column: Interned[int] = Interned()
    model: dict[int, int | None] = {}
    for row, value in [*writes, *((n % 21, n) for n in range(200))]:
        column.set(row, value)
        model[row] = value
    assert [column.get(row) for row in range(21)] == [model[row] for row in range(21)]
    assert list(column.each(21, lambda value: value)) == [model[row] or 0 for row in range(21)]
    assert len(column._values) < 100


def test_changes_say_what_may_let_pods_in() -> None:
    table = NodeTable()
    assert table.put_node(node("a", taints="x=:NoSchedule")) == {Change.NODE_ADDED}
    assert table.put_node(node("a", taints="x=:NoSchedule")) == set()
    assert table.put_node(node("a")) == {Change.NODE_TAINTS}
    assert table.put_node(node("a", cpu="8")) == {Change.NODE_ALLOCATABLE}
    assert table.put_node(node("a", cpu="8", labels={"x": "y"})) == {Change.NODE_LABELS}
    cordoned = node("a", cpu="8", labels={"x": "y"}, unschedulable=True)
    assert table.put_node(cordoned) == set()
    assert table.put_node(node("a", cpu="8", labels={"x": "y"})) == {Change.NODE_TAINTS}
