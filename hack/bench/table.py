"""The budgets of the design, and a table that shows them beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """`kubernetes` is what v1.36 took on the same two cores, `budget` what kubepy is to reach."""

    key: str
    what: str
    unit: str
    kubernetes: float | None
    budget: float | None


ROWS = (
    Row("get", "GET a Pod: CPU", "µs", 885, 150),
    Row("list", "LIST 2,000 ConfigMaps of 1 KB: CPU", "ms", 26, 3),
    Row("list-none", "LIST by a selector that matches nothing, of 2,000: CPU", "ms", 1.5, 0.3),
    Row("create", "CREATE a Pod: CPU", "µs", 2130, 500),
    Row("patch", "PATCH a Pod's status: CPU", "µs", 2940, 500),
    Row("apply", "server-side apply on a ConfigMap: CPU", "µs", 2190, 600),
    Row("delete", "DELETE a Pod: CPU", "µs", 2905, 500),
    Row("watch", "WATCH, one event to one of 100 watchers: CPU", "µs", 54, 10),
    Row("map-create", "CREATE a ConfigMap of 1 KB: CPU", "µs", None, None),
    Row("custom-create", "the same as an object of a custom kind", "µs", None, None),
    Row("map-patch", "PATCH a ConfigMap of 1 KB: CPU", "µs", None, None),
    Row("custom-patch", "the same as an object of a custom kind", "µs", None, None),
    Row("map-list", "LIST 2,000 ConfigMaps of 1 KB once more: CPU", "ms", None, None),
    Row("custom-list", "the same as objects of a custom kind", "ms", None, None),
    Row("map-memory", "2,000 ConfigMaps of 1 KB: resident memory", "MB", None, None),
    Row("custom-memory", "the same as objects of a custom kind", "MB", None, None),
    Row("definition-memory", "a CustomResourceDefinition of 100 fields: memory", "MB", None, 1),
    Row("p99-get", "64 clients: 99 of 100 GETs of a Pod within", "ms", None, None),
    Row("p99-create", "64 clients: 99 of 100 CREATEs of a Pod within", "ms", None, None),
    Row("p99-patch", "64 clients: 99 of 100 PATCHes of a status within", "ms", None, None),
    Row("p99-apply", "64 clients: 99 of 100 applies of a ConfigMap within", "ms", None, None),
    Row("p99-delete", "64 clients: 99 of 100 DELETEs of a Pod within", "ms", None, None),
    Row("pods-memory", "10,000 Pods: apiserver's resident memory for them", "MB", None, None),
    Row("ready", "control plane, from start to ready", "s", 4, 1),
    Row("resident", "control plane at rest, resident memory", "MB", 473, 150),
    Row("schedule", "schedule a Pod, 1,000 nodes: scheduler's CPU", "ms", 3.1, 1),
    Row("schedule-all", "the same: whole control plane's CPU", "ms", 7.7, 2.5),
    Row("proxy-start", "kube-proxy, 1,000 Services × 2: start to kernel", "s", 1.1, 0.4),
    Row("proxy-change", "one changed endpoint among them: change to kernel", "ms", 162, 10),
    Row("proxy-change-cpu", "the same: CPU", "ms", 165, 5),
    Row("proxy-resident", "kube-proxy with them, resident memory", "MB", None, None),
    Row("proxy-start-5000", "kube-proxy, 5,000 Services × 2: start to kernel", "s", 10.6, 2),
    Row("proxy-change-5000", "one changed endpoint among them: change to kernel", "ms", 1425, 15),
    Row("proxy-change-cpu-5000", "the same: CPU", "ms", 1482, 10),
    Row("pod", "Pod created to Running as a watch sees it", "ms", 546, 200),
    Row("pod-cri", "the bare CRI calls for it (sandbox, container)", "ms", None, None),
    Row("pods", "the same for 20 at once", "s", 2.7, 1.6),
    Row("pod-cpu", "node process: CPU a started Pod", "ms", 30, 12),
    Row("node-rest", "node process at rest, resident memory", "MB", 89, 50),
    Row("node-30", "node process with 30 Pods, resident memory", "MB", 95, 60),
    Row("life-cpu", "control plane's CPU for one Pod's life", "ms", 75, 15),
)
"""pod-cpu, node-rest and node-30: Kubernetes' figures are the kubelet's alone; kubepy's node
process holds kubelet and kube-proxy."""


def show(measured: Mapping[str, float], notes: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    shown = Table(title="Budgets")
    shown.add_column("request")
    for head in ("Kubernetes", "budget", "measured"):
        shown.add_column(head, justify="right")
    for row in ROWS:
        value = measured.get(row.key)
        if value is None:
            continue
        missed = row.budget is not None and value > row.budget
        style = "" if row.budget is None else "red" if missed else "green"
        cells = (_text(row.kubernetes, row.unit), _text(row.budget, row.unit))
        shown.add_row(row.what, *cells, _text(value, row.unit), style=style)
    console = Console()
    console.print(shown)
    for note in notes:
        console.print(f"not measured: {note}", markup=False)


def _text(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"
