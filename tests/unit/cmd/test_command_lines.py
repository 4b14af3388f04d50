"""What the binaries say to a wrong command line: one line that names it, and status 1."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

CMD = Path(__file__).resolve().parents[3] / "cmd"
BINARIES = (
    "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy",
    "cloud-controller-manager",
)  # fmt: skip
FILES = {
    "kube-scheduler": ("kubescheduler.config.k8s.io/v1", "KubeSchedulerConfiguration"),
    "kubelet": ("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration"),
    "kube-proxy": ("kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration"),
}


class Ran(NamedTuple):
    status: object
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> object:
    def run(binary: str, *arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", [binary, *arguments])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(CMD / binary), run_name="__main__")
        return Ran(ended.value.code, *capsys.readouterr())

    return run


def refused(ran: Ran, binary: str, *words: str) -> None:
    assert ran.status == 1
    assert ran.err.startswith(f"{binary}: error: ") and ran.err.count("\n") == 1, ran.err
    for word in words:
        assert word in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("binary", BINARIES)
def test_help_teaches(run, binary: str) -> None:  # type: ignore[no-untyped-def]
    ran = run(binary, "--help")
    assert (ran.status, ran.err) == (0, "")
    page = ran.out.splitlines()
    assert f"  {binary} [flags]" in page
    told = [i for i, line in enumerate(page) if line.startswith("  --")]
    assert len(told) > 10
    assert all(page[i + 1].startswith("          ") for i in told)  # each says what it is for
    assert any("default" in line for line in page)


@pytest.mark.parametrize("binary", BINARIES)
def test_the_version_is_kubernetes(run, binary: str) -> None:  # type: ignore[no-untyped-def]
    ran = run(binary, "--version")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("Kubernetes v1.36")


@pytest.mark.parametrize("binary", BINARIES)
@pytest.mark.parametrize(
    ("argument", "word"),
    [
        pytest.param("--frobnicate", "unknown flag: --frobnicate", id="unknown"),
        pytest.param("--frobnicate=1", "unknown flag: --frobnicate", id="unknown, with a value"),
        pytest.param("stray", "'stray'", id="no flag"),
        pytest.param("-x", "'-x'", id="unknown shorthand"),
        pytest.param("--v", "needs an argument: --v", id="no value"),
        pytest.param("--v=much", 'invalid argument "much" for --v: must be an integer', id="bad"),
    ],
)
def test_a_wrong_flag(run, binary: str, argument: str, word: str) -> None:  # type: ignore[no-untyped-def]
    refused(run(binary, argument), binary, word)


@pytest.mark.parametrize("binary", [name for name in BINARIES if name != "kube-apiserver"])
def test_no_kubeconfig(run, binary: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "none.conf"
    more = ["--cloud-provider=local"] if binary == "cloud-controller-manager" else []
    refused(run(binary, f"--kubeconfig={path}", *more), binary, f"{path}: No such file")


@pytest.mark.parametrize("binary", [name for name in BINARIES if name != "kube-apiserver"])
def test_a_kubeconfig_that_is_none(run, binary: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "bad.conf"
    path.write_text("a: [\n")
    more = ["--cloud-provider=local"] if binary == "cloud-controller-manager" else []
    refused(run(binary, f"--kubeconfig={path}", *more), binary, f"{path}: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "No such file", id="missing"),
        pytest.param("a: [", "line 1", id="no YAML"),
        pytest.param("apiVersion: v1\nkind: Pod", "holds Pod of v1", id="another kind"),
        pytest.param("{own}\nfrob: 1", 'unknown field "frob"', id="unknown field"),
        pytest.param("{own}\nfeatureGates: 3\nclientConnection: 7", "", id="wrong type"),
    ],
)
@pytest.mark.parametrize("binary", FILES)
def test_a_wrong_file(run, binary: str, tmp_path: Path, content: str, words: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "config.yaml"
    version, kind = FILES[binary]
    if content is not None:
        path.write_text(content.replace("{own}", f"apiVersion: {version}\nkind: {kind}"))
    refused(run(binary, f"--config={path}"), binary, f"{path}: ", words)


@pytest.mark.parametrize(
    ("binary", "argument", "words"),
    [
        ("kube-apiserver", "--secure-port=70000", "--secure-port"),
        ("kube-apiserver", "--event-ttl=soon", "'soon' is not a duration"),
        ("kube-apiserver", "--authorization-mode=Node,Chance", "AlwaysAllow, AlwaysDeny"),
        ("kube-apiserver", "--service-cluster-ip-range=here", "--service-cluster-ip-range"),
        ("kube-apiserver", "--client-ca-file=/none", "--client-ca-file: /none: no such file"),
        (
            "kube-apiserver",
            "--enable-admission-plugins=Priority,Initializers",
            'enable-admission-plugins plugin "Initializers" is unknown',
        ),
        ("kube-controller-manager", "--controllers=nobody", '"nobody" is not in the list'),
        ("kube-controller-manager", "--leader-elect=maybe", "must be true or false"),
        ("kube-controller-manager", "--leader-elect-lease-duration=1s", "must exceed"),
        ("kube-scheduler", "--leader-elect-lease-duration=1s", "must exceed"),
        ("cloud-controller-manager", "--cloud-provider=moon", "'moon'; there is: local"),
        ("kubelet", "--node-ip=here", "--node-ip: 'here'"),
        ("kubelet", "--register-with-taints=x", "--register-with-taints: 'x' is not key=value"),
        ("kubelet", "--cloud-provider=moon", "must be one of nothing, external"),
        ("kube-proxy", "--cluster-cidr=here", "--cluster-cidr: 'here'"),
        ("kube-proxy", "--proxy-mode=magic", "nftables"),
    ],
)
def test_a_wrong_value(run, binary: str, argument: str, words: str) -> None:  # type: ignore[no-untyped-def]
    refused(run(binary, argument), binary, words)
