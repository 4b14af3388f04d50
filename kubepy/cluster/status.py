"""`kubepy status`: what runs, and where it can be found."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from kubepy.client import kubeconfig
from kubepy.cluster import components, processes
from kubepy.cluster.layout import Layout
from kubepy.cluster.probe import Probe, Unreachable, condition
from kubepy.cluster.state import State
from kubepy.cluster.up import wanted_processes

Row = tuple[str, str, str]


class Report(Struct, frozen=True):
    """`running`: all that should run does, and every node is ready."""

    rows: tuple[Row, ...]
    running: bool


def report(layout: Layout, found: State) -> Report:
    """A row a thing: what it is, how it is, what there is to know about it."""
    place = components.place(layout, found)
    rows: list[Row] = []
    alive = True
    for name in wanted_processes(found):
        process = found.processes.get(name)
        running = processes.is_alive(process)
        alive = alive and running
        detail = f"pid {process.pid}" if process and running else "start it again: kubepy up"
        rows.append((name, "running" if running else "not running", detail))
    nodes, ready = _nodes(layout)
    rows += nodes
    ports = found.ports
    rows += [
        ("REST", "", components.server_url(place)),
        ("gRPC", "", f"127.0.0.1:{ports.grpc} (mTLS), 127.0.0.1:{ports.grpc_token} (token)"),
        ("node network", "", "the machine's own" if found.host else place.fabric.subnet),
        ("files", "", str(layout.root)),
        ("logs", "", str(layout.logs)),
        ("kubectl context", "", f"{layout.context} in {found.kubeconfig or 'no file yet'}"),
    ]
    return Report(tuple(rows), alive and ready)


def _nodes(layout: Layout) -> tuple[list[Row], bool]:
    try:
        nodes: list[dict[str, Any]] = Probe(kubeconfig.load(layout.kubeconfig("admin"))).nodes()
    except (Unreachable, kubeconfig.KubeconfigError) as error:
        return [("apiserver", "not ready", str(error))], False
    rows: list[Row] = [("apiserver", "ready", f"{len(nodes)} node(s)")]
    ready = bool(nodes)
    for node in nodes:
        status, message = condition(node)
        ready = ready and status == "True"
        word = "ready" if status == "True" else "not ready"
        rows.append((f"node {node['metadata']['name']}", word, message))
    return rows, ready
