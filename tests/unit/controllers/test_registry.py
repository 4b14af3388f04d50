"""Which controllers `--controllers` turns on."""

from __future__ import annotations

import pytest

from kubepy.base.flags import UsageError
from kubepy.controllers.config import PROGRAM
from kubepy.controllers.registry import ALIASES, CONTROLLERS, selected

ALL = list(CONTROLLERS)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        pytest.param(["*"], ALL, id="all"),
        pytest.param([], [], id="none"),
        pytest.param(["namespace"], ["namespace-controller"], id="the old name"),
        pytest.param(["-namespace-controller"], [], id="only switched off"),
        pytest.param(
            ["*", "-replicaset"], [n for n in ALL if n != "replicaset-controller"], id="all but one"
        ),
        pytest.param(["-podgc", "*", "podgc"], [n for n in ALL if not n.startswith("pod-")],
                     id="the first word wins"),
        pytest.param(["*", "-daemonset", "-ttl-controller"], ALL, id="controllers of Kubernetes"),
    ],
)  # fmt: skip
def test_selected(words: list[str], names: list[str]) -> None:
    assert selected(words) == names


def test_every_old_name_stands_for_a_controller() -> None:
    assert set(ALIASES.values()) <= set(ALL)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--controllers=*,-deploymnt"], '"deploymnt" is not in the list of known controllers'),
        (["--allocate-node-cidrs"], "--allocate-node-cidrs needs --cluster-cidr"),
        (["--allocate-node-cidrs", "--cluster-cidr=10.0.0.0/30"], "--cluster-cidr: node CIDR mask"),
        (["--leader-elect-renew-deadline=20s"], "must exceed --leader-elect-renew-deadline"),
        (["--tls-cert-file=x"], "go together"),
        (["--no-such-flag"], "unknown flag: --no-such-flag"),
    ],
)
def test_a_wrong_command_line_is_refused_in_a_line(arguments: list[str], complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        PROGRAM.parse(arguments)
    assert complaint in str(caught.value)


def test_a_command_line_of_kubernetes_is_taken() -> None:
    line = (
        "--kubeconfig=/etc/kubernetes/controller-manager.conf --bind-address=127.0.0.1 "
        "--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf "
        "--client-ca-file=/etc/kubernetes/pki/ca.crt --cluster-cidr=10.244.0.0/16 "
        "--allocate-node-cidrs=true --cluster-name=kubernetes "
        "--controllers=*,bootstrapsigner,tokencleaner --leader-elect=true "
        "--root-ca-file=/etc/kubernetes/pki/ca.crt --service-cluster-ip-range=10.96.0.0/12 "
        "--service-account-private-key-file=/etc/kubernetes/pki/sa.key "
        "--use-service-account-credentials=true -v=2"
    )
    invocation = PROGRAM.parse(line.split())
    assert invocation.verbosity == 2
    assert [str(pool.network) for pool in invocation.config.pools()] == ["10.244.0.0/16"]
    assert "--cluster-name is not supported yet: ignored" in invocation.warnings
