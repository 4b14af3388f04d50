"""kube-apiserver's command line."""

from __future__ import annotations

import pytest

from kubepy.apiserver.config import PROGRAM, Config, PortRange
from kubepy.base.flags import UsageError


def test_defaults():
    assert PROGRAM.parse([]).config == Config()


def test_as_kubeadm_writes_it(tmp_path):
    files = {}
    names = ("apiserver.crt", "apiserver.key", "ca.crt", "sa.pub", "sa.key", "k.crt", "k.key")
    for name in (*names, "front-proxy-ca.crt", "front-proxy-client.crt", "front-proxy-client.key"):
        files[name] = tmp_path / name
        files[name].write_text("")
    invocation = PROGRAM.parse(
        [
            "--advertise-address=192.168.0.2",
            "--allow-privileged=true",
            "--authorization-mode=Node,RBAC",
            f"--client-ca-file={files['ca.crt']}",
            "--default-not-ready-toleration-seconds=30",
            "--enable-admission-plugins=NodeRestriction",
            "--enable-bootstrap-token-auth=true",
            "--etcd-servers=https://127.0.0.1:2379",
            f"--kubelet-client-certificate={files['k.crt']}",
            f"--kubelet-client-key={files['k.key']}",
            "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
            f"--proxy-client-cert-file={files['front-proxy-client.crt']}",
            f"--proxy-client-key-file={files['front-proxy-client.key']}",
            "--requestheader-allowed-names=front-proxy-client",
            f"--requestheader-client-ca-file={files['front-proxy-ca.crt']}",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-username-headers=X-Remote-User",
            "--secure-port=6443",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={files['sa.pub']}",
            f"--service-account-signing-key-file={files['sa.key']}",
            "--service-cluster-ip-range=10.96.0.0/12",
            "--service-node-port-range=30000-31000",
            f"--tls-cert-file={files['apiserver.crt']}",
            f"--tls-private-key-file={files['apiserver.key']}",
        ]
    )
    config = invocation.config
    assert config.authorization_mode == ("Node", "RBAC")
    assert config.allow_privileged
    assert config.enable_admission_plugins == ("NodeRestriction",)
    assert config.default_not_ready_toleration_seconds == 30
    assert config.service_node_port_range == PortRange(30000, 31000)
    assert config.etcd_servers == ("https://127.0.0.1:2379",)
    assert config.kubelet_preferred_address_types == ("InternalIP", "ExternalIP", "Hostname")
    assert config.requestheader_username_headers == ("X-Remote-User",)
    assert [warning.split()[0] for warning in invocation.warnings] == [
        "--enable-bootstrap-token-auth",
    ]


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        pytest.param("--frobnicate", "unknown flag: --frobnicate", id="unknown"),
        pytest.param("--secure-port=x", "--secure-port: must be an integer", id="no number"),
        pytest.param("--secure-port=70000", "--secure-port", id="no port"),
        pytest.param("--client-ca-file=/none", "--client-ca-file: /none: no such file", id="file"),
        pytest.param("--service-cluster-ip-range=10.96.0.1/16", "has host bits set", id="cidr"),
        pytest.param("--bind-address=here", "'here' does not appear to be", id="address"),
        pytest.param("--service-node-port-range=5", "two ports joined by -", id="range"),
        pytest.param("--service-node-port-range=9-5", "ascending range", id="backwards"),
        pytest.param("--tls-cert-file=/dev/null", "/dev/null: no such file", id="half a pair"),
        pytest.param("--proxy-client-key-file=/dev/null", "no such file", id="half of another"),
        pytest.param("--authorization-mode=ABAC", "ABAC is not supported yet", id="mode"),
        pytest.param(
            "--default-unreachable-toleration-seconds=5m", "must be an integer", id="seconds"
        ),
        pytest.param(
            "--default-not-ready-toleration-seconds=9223372036854775808",
            "--default-not-ready-toleration-seconds",
            id="more seconds than 64 bits hold",
        ),
        pytest.param("--storage-backend=etcd2", "etcd3", id="an etcd of long ago"),
        pytest.param("--storage-backend=etcd3", "--etcd-servers must be", id="an etcd nowhere"),
        pytest.param("--storage-media-type=application/yaml", "application/json", id="media type"),
        pytest.param("--etcd-certfile=/c", "go together", id="half a pair for etcd"),
    ],
)
def test_mistakes_are_named_in_one_line(flag, message):
    with pytest.raises(UsageError) as raised:
        PROGRAM.parse([flag])
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_no_flag_is_both_known_and_unknown():
    ours = {flag.name for group in PROGRAM.groups for flag in group.flags}
    assert not ours & {name.rstrip("?") for name in PROGRAM.unsupported.split()}
