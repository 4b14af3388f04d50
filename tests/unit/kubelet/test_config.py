"""The kubelet's command line and file, as scripts written for Kubernetes have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubepy.base.flags import UsageError
from kubepy.kubelet.config import PROGRAM, completed

KUBEADM = """
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {cacheTTL: 0s, enabled: true}
  x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}
authorization:
  mode: Webhook
  webhook: {cacheAuthorizedTTL: 0s, cacheUnauthorizedTTL: 0s}
cgroupDriver: systemd
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: ""
cpuManagerReconcilePeriod: 0s
crashLoopBackOff: {}
evictionPressureTransitionPeriod: 0s
fileCheckFrequency: 0s
healthzBindAddress: 127.0.0.1
healthzPort: 10248
imageMaximumGCAge: 0s
imageMinimumGCAge: 0s
logging: {flushFrequency: 0, options: {json: {infoBufferSize: "0"}, text: {infoBufferSize: "0"}},
          verbosity: 0}
nodeStatusReportFrequency: 0s
nodeStatusUpdateFrequency: 0s
rotateCertificates: true
runtimeRequestTimeout: 0s
shutdownGracePeriod: 0s
shutdownGracePeriodCriticalPods: 0s
staticPodPath: /etc/kubernetes/manifests
streamingConnectionIdleTimeout: 0s
syncFrequency: 0s
volumeStatsAggPeriod: 0s
"""


def parsed(*arguments: str, file: Path | None = None):
    words = [f"--config={file}"] if file else []
    return PROGRAM.parse([*words, *arguments])


def test_the_file_that_kubeadm_writes(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(KUBEADM)
    socket = "--container-runtime-endpoint=unix:///run/containerd/containerd.sock"
    found = parsed(socket, "--pod-infra-container-image=registry.k8s.io/pause:3.10", file=path)
    file = completed(found.config).file
    assert file.clusterDNS == ("10.96.0.10",)
    assert file.staticPodPath == "/etc/kubernetes/manifests"
    assert file.cgroupDriver == "systemd"
    assert file.containerRuntimeEndpoint.endswith("containerd.sock")
    # a zero stands for the default
    assert file.nodeStatusUpdateFrequency == 10
    assert file.fileCheckFrequency == 20
    assert file.imageMinimumGCAge == 120
    assert file.crashLoopBackOff.maxContainerRestartPeriod == 300
    assert any("rotateCertificates is not supported yet" in w for w in found.warnings)
    assert "--pod-infra-container-image is not supported yet: ignored" in found.warnings


def test_flags_override_the_file(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(KUBEADM)
    found = parsed(
        "--pod-manifest-path", "/elsewhere", "--max-pods=5", "--node-labels=a=b,c=d",
        "--register-with-taints=dedicated=gpu:NoSchedule,x:NoExecute", "--cluster-dns=10.0.0.1",
        "--container-runtime-endpoint=/run/x.sock", "-v=4", file=path,
    )  # fmt: skip
    config = found.config
    assert config.file.staticPodPath == "/elsewhere"
    assert config.file.maxPods == 5
    assert config.file.clusterDNS == ("10.0.0.1",)
    assert config.node_labels == {"a": "b", "c": "d"}
    taints = [(t.key, t.value, t.effect) for t in config.register_with_taints]
    assert taints == [("dedicated", "gpu", "NoSchedule"), ("x", "", "NoExecute")]
    assert found.verbosity == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--nope"], "unknown flag: --nope"),
        (["--max-pods=many"], 'invalid argument "many" for --max-pods'),
        (["--max-pods=-1"], "maxPods: must be a non-negative integer"),
        (["--register-with-taints=gpu"], "is not key=value:NoSchedule"),
        (["--tls-cert-file=/x"], "tlsCertFile and tlsPrivateKeyFile go together"),
        (["--cgroup-driver=docker"], "must be one of cgroupfs, systemd"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(UsageError, match=message):
        parsed(*arguments)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: Pod\napiVersion: v1\n", "holds Pod of v1"),
        (KUBEADM + "maxPod: 3\n", "maxPod"),
        (KUBEADM + "maxPods: many\n", "maxPods"),
        ("{", "config.yaml"),
    ],
)
def test_mistakes_in_the_file_are_named(tmp_path, text, message):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        parsed("--container-runtime-endpoint=/run/x.sock", file=path)
