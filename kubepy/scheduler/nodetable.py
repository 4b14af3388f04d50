"""The cluster as the scheduler sees it: a table with a row for each node.

A column is a numpy array, so that a plugin answers for all nodes at once. A row keeps its place
for as long as its node lives; afterwards it is used again. Rows without a node are not `live`:
holes, and nodes that pods name but that are not (yet, or any more) there.

    row  live  name   cpu alloc  cpu requested  pods  taints  labels ...
    0    T     node-a      4000           1500     3   -       zone=x
    1    F                     0              0     0   -       -
    2    T     node-b      8000              0     0   gpu     zone=y

The scheduler changes it between cycles only; a cycle runs without a pause, so what it sees is a
snapshot. Everything here can be rebuilt from nodes and pods.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from enum import Enum
from typing import NamedTuple

import numpy as np

from kubepy.api.core.v1 import Node, Taint
from kubepy.scheduler.columns import Interned, Ints, Mask, grown
from kubepy.scheduler.podinfo import ANY_ADDRESS, HostPort, PodInfo
from kubepy.scheduler.requests import ASSUMED, amounts

_NO_PRIORITY = np.iinfo(np.int64).max  # of a node without pods


class Change(Enum):
    """What may make a pod schedulable that was not."""

    NODE_ADDED = "NodeAdd"
    NODE_ALLOCATABLE = "NodeAllocatableChange"
    NODE_LABELS = "NodeLabelChange"
    NODE_TAINTS = "NodeTaintChange"
    POD_REMOVED = "AssignedPodDelete"
    POD_ITSELF = "PodUpdate"


class TaintKey(NamedTuple):
    """A taint without the moment at which it was added."""

    key: str
    value: str
    effect: str


class Amounts:
    """An amount of each resource for each row; a resource that nobody named is 0 everywhere."""

    def __init__(self) -> None:
        self._columns: dict[str, Ints] = {}

    def column(self, resource: str, rows: int) -> Ints:
        column = self._columns.get(resource)
        if column is None:
            return np.zeros(rows, np.int64)
        if len(column) < rows:
            column = self._columns[resource] = grown(column, rows)
        return column[:rows]

    def put(self, row: int, amounts: dict[str, int]) -> None:
        """Set what `amounts` names, and 0 for the rest."""
        for resource, column in self._columns.items():
            if resource not in amounts and row < len(column):
                column[row] = 0
        for resource, amount in amounts.items():
            self._room(resource, row)[row] = amount

    def add(self, row: int, amounts: dict[str, int], sign: int) -> None:
        for resource, amount in amounts.items():
            self._room(resource, row)[row] += sign * amount

    def _room(self, resource: str, row: int) -> Ints:
        column = grown(self._columns.get(resource, np.zeros(0, np.int64)), row + 1)
        self._columns[resource] = column
        return column


class NodeTable:
    def __init__(self) -> None:
        self._names: list[str] = []  # of each row, "" in a hole
        self._rows: dict[str, int] = {}
        self._holes: list[int] = []
        self._nodes: list[Node | None] = []
        self._pods: list[dict[str, PodInfo]] = []  # of each row, by uid
        self._row_of_pod: dict[str, int] = {}
        self._name_tuple: tuple[str, ...] | None = None
        self._live = np.zeros(0, np.bool_)
        self._unschedulable = np.zeros(0, np.bool_)
        self._pod_count = np.zeros(0, np.int64)
        self._lowest_priority = np.zeros(0, np.int64)
        self._allocatable = Amounts()
        self._requested = Amounts()
        self._assumed = Amounts()
        self._images: dict[str, Mask] = {}
        self._image_sizes: dict[str, int] = {}
        self._ports: dict[tuple[str, int], dict[int, list[HostPort]]] = defaultdict(dict)
        self.taints: Interned[tuple[TaintKey, ...]] = Interned()
        self._labels: dict[str, Interned[str]] = {}

    # --- what plugins ask: arrays with an entry for each of `rows`

    @property
    def rows(self) -> int:
        return len(self._names)

    @property
    def live(self) -> Mask:
        return self._live[: self.rows]

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each row; the same tuple until a row comes or goes."""
        if self._name_tuple is None:
            self._name_tuple = tuple(self._names)
        return self._name_tuple

    @property
    def unschedulable(self) -> Mask:
        return self._unschedulable[: self.rows]

    @property
    def pod_count(self) -> Ints:
        return self._pod_count[: self.rows]

    @property
    def lowest_priority(self) -> Ints:
        """The lowest priority among each node's pods."""
        return self._lowest_priority[: self.rows]

    def allocatable(self, resource: str) -> Ints:
        return self._allocatable.column(resource, self.rows)

    def requested(self, resource: str) -> Ints:
        return self._requested.column(resource, self.rows)

    def assumed(self, resource: str) -> Ints:
        """Requests, with what is taken for granted where a container names none."""
        if resource in ASSUMED:
            return self._assumed.column(resource, self.rows)
        return self.requested(resource)

    def free(self, resource: str) -> Ints:
        return self.allocatable(resource) - self.requested(resource)

    def nothing(self) -> Mask:
        return np.zeros(self.rows, np.bool_)

    def label(self, key: str) -> Interned[str]:
        """The values of a label; without any if no node has it."""
        return self._labels.get(key) or Interned()

    def named(self, names: frozenset[str]) -> Mask:
        """The rows with one of these names."""
        mask = self.nothing()
        mask[[self._rows[name] for name in names if name in self._rows]] = True
        return mask

    def image(self, name: str) -> tuple[int, Mask] | None:
        """An image's size in bytes and which nodes have it; None: no node does."""
        mask = self._images.get(name)
        return (self._image_sizes[name], mask[: self.rows]) if mask is not None else None

    def port_users(self, port: HostPort) -> Mask:
        """Which nodes have a pod that `port` would collide with."""
        mask = self.nothing()
        for row, users in self._ports.get((port.protocol, port.port), {}).items():
            mask[row] = any(_collide(port, user) for user in users)
        return mask

    def node(self, name: str) -> Node | None:
        row = self._rows.get(name)
        return self._nodes[row] if row is not None else None

    def pods_on(self, name: str) -> list[PodInfo]:
        row = self._rows.get(name)
        return list(self._pods[row].values()) if row is not None else []

    # --- what changes it

    def put_node(self, node: Node) -> frozenset[Change]:
        """Add or replace a node; what of it may let waiting pods in."""
        row = self._row(node.metadata.name)
        old = self._nodes[row]
        self._nodes[row] = node
        self._live[row] = True
        self._unschedulable[row] = node.spec.unschedulable
        if old is None or old.status.allocatable != node.status.allocatable:
            self._allocatable.put(row, amounts(node.status.allocatable))
        if old is None or old.metadata.labels != node.metadata.labels:
            self._put_labels(row, old, node)
        if old is None or old.spec.taints != node.spec.taints:
            self.taints.set(row, _taint_keys(node.spec.taints))
        if old is None or old.status.images != node.status.images:
            self._put_images(row, node)
        return _changes(old, node)

    def remove_node(self, name: str) -> None:
        row = self._rows.get(name)
        if row is None or self._nodes[row] is None:
            return
        self._live[row] = False
        self._unschedulable[row] = False
        self._allocatable.put(row, {})
        self._put_labels(row, self._nodes[row], None)
        self.taints.set(row, None)
        self._put_images(row, None)
        self._nodes[row] = None
        self._free_if_unused(row)

    def add_pod(self, info: PodInfo, node: str) -> None:
        """The pod is, or will be, on `node`; whatever was known of it before is replaced."""
        self.remove_pod(info.uid)
        row = self._row(node)
        self._pods[row][info.uid] = info
        self._row_of_pod[info.uid] = row
        self._count(row, info, 1)
        self._lowest_priority[row] = min(int(self._lowest_priority[row]), info.priority)
        for port in info.host_ports:
            self._ports[port.protocol, port.port].setdefault(row, []).append(port)

    def remove_pod(self, uid: str) -> bool:
        """Whether it was on some node."""
        row = self._row_of_pod.pop(uid, None)
        if row is None:
            return False
        info = self._pods[row].pop(uid)
        self._count(row, info, -1)
        priorities = [other.priority for other in self._pods[row].values()]
        self._lowest_priority[row] = min(priorities, default=_NO_PRIORITY)
        for port in info.host_ports:
            users = self._ports[port.protocol, port.port]
            users[row].remove(port)
            if not users[row]:
                del users[row]
        self._free_if_unused(row)
        return True

    # --- inside

    def _row(self, name: str) -> int:
        row = self._rows.get(name)
        if row is not None:
            return row
        self._name_tuple = None
        if self._holes:
            row = self._holes.pop()
            self._names[row] = name
        else:
            row = len(self._names)
            self._names.append(name)
            self._nodes.append(None)
            self._pods.append({})
            self._grow(row + 1)
        self._rows[name] = row
        self._lowest_priority[row] = _NO_PRIORITY
        return row

    def _grow(self, rows: int) -> None:
        self._live = grown(self._live, rows)
        self._unschedulable = grown(self._unschedulable, rows)
        self._pod_count = grown(self._pod_count, rows)
        self._lowest_priority = grown(self._lowest_priority, rows)
        for name, mask in self._images.items():
            self._images[name] = grown(mask, rows)

    def _free_if_unused(self, row: int) -> None:
        if self._nodes[row] is None and not self._pods[row]:
            self._name_tuple = None
            del self._rows[self._names[row]]
            self._names[row] = ""
            self._holes.append(row)

    def _count(self, row: int, info: PodInfo, sign: int) -> None:
        self._pod_count[row] += sign
        self._requested.add(row, info.requests, sign)
        self._assumed.add(row, info.assumed, sign)

    def _put_labels(self, row: int, old: Node | None, node: Node | None) -> None:
        labels = node.metadata.labels if node is not None else {}
        for key in (old.metadata.labels if old is not None else {}).keys() - labels.keys():
            self._labels[key].set(row, None)
        for key, value in labels.items():
            column = self._labels.get(key)
            if column is None:
                column = self._labels[key] = Interned()
            column.set(row, sys.intern(value))

    def _put_images(self, row: int, node: Node | None) -> None:
        sizes = {
            name: image.sizeBytes
            for image in (node.status.images if node is not None else ())
            for name in image.names
        }
        for name in list(self._images):
            mask = self._images[name]
            if mask[row] and name not in sizes:
                mask[row] = False
                if not mask.any():
                    del self._images[name], self._image_sizes[name]
        for name, size in sizes.items():
            if name not in self._images:
                self._images[name] = np.zeros(len(self._live), np.bool_)
            self._images[name][row] = True
            self._image_sizes[name] = size


def _taint_keys(taints: tuple[Taint, ...]) -> tuple[TaintKey, ...] | None:
    return tuple(TaintKey(taint.key, taint.value, taint.effect) for taint in taints) or None


def _changes(old: Node | None, new: Node) -> frozenset[Change]:
    if old is None:
        return frozenset((Change.NODE_ADDED,))
    found = set()
    if old.status.allocatable != new.status.allocatable:
        found.add(Change.NODE_ALLOCATABLE)
    if old.metadata.labels != new.metadata.labels:
        found.add(Change.NODE_LABELS)
    if old.spec.taints != new.spec.taints:
        found.add(Change.NODE_TAINTS)
    if old.spec.unschedulable and not new.spec.unschedulable:
        found.add(Change.NODE_TAINTS)
    return frozenset(found)


def _collide(one: HostPort, other: HostPort) -> bool:
    return one.ip == other.ip or ANY_ADDRESS in (one.ip, other.ip)
