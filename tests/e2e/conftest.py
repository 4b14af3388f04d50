"""Two clusters for the whole run: what `kubepy up` makes, and one whose binaries run by hand."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest

# before they are imported
pytest.register_assert_rewrite("by_hand", "kubectl", "local_cluster", "steps")

from by_hand import Hand  # noqa: E402
from control_plane import ControlPlane  # noqa: E402
from local_cluster import Cluster  # noqa: E402

NAME = "e2e"
TAIL_BYTES = 6000  # of each log, shown beside a failure


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what the clusters of its test say: nothing of them is left afterwards."""
    report = yield
    if report.failed:
        for cluster in getattr(item, "funcargs", {}).values():
            if isinstance(cluster, Cluster | ControlPlane):
                report.sections += cluster.words(TAIL_BYTES)
    return report


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if os.geteuid() != 0:
        pytest.skip("a node needs root")
    kubeconfig = tmp_path_factory.mktemp("kube") / "config"
    cluster = Cluster(NAME, kubeconfig)
    cluster.kubepy("down")
    result = cluster.kubepy("up")
    assert result.returncode == 0, result.stdout + result.stderr
    try:
        yield cluster
    finally:
        down = cluster.kubepy("down")
        assert down.returncode == 0, down.stdout + down.stderr


@pytest.fixture(scope="session")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    if os.geteuid() != 0:
        pytest.skip("a node needs root")
    hand = Hand("hand", tmp_path_factory.mktemp("hand") / "config")
    hand.kubepy("down")
    result = hand.kubepy("up")
    assert result.returncode == 0, result.stdout + result.stderr
    try:
        hand.take_over()
        yield hand
    finally:
        down = hand.kubepy("down")
        assert down.returncode == 0, down.stderr
