"""kubeconfig files: what they grant, and how they are refused."""

from __future__ import annotations

import base64
import ssl
from pathlib import Path

import pytest

from kubepy.base import tls
from kubepy.client import kubeconfig
from kubepy.client.kubeconfig import KubeconfigError

BASIC = """
apiVersion: v1
kind: Config
current-context: one
contexts:
- {name: one, context: {cluster: c, user: u, namespace: shop}}
- {name: two, context: {cluster: c, user: t}}
clusters:
- {name: c, cluster: {server: "https://127.0.0.1:6443/", certificate-authority: ca.pem}}
users:
- {name: u, user: {client-certificate-data: %s, client-key-data: %s}}
- {name: t, user: {tokenFile: token}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    authority = tls.new_authority("kubernetes", now=1.8e9)
    pair = tls.issue(authority, "kubernetes-admin", now=1.8e9, organizations=["system:masters"])
    (tmp_path / "ca.pem").write_bytes(authority.certificate)
    certificate, key = (base64.b64encode(part).decode() for part in (pair.certificate, pair.key))
    (tmp_path / "config").write_text(BASIC % (certificate, key))
    return tmp_path


def test_the_current_context_is_loaded_with_its_files(folder: Path) -> None:
    access = kubeconfig.load(folder / "config")
    assert access.server == "https://127.0.0.1:6443"
    assert access.ca == (folder / "ca.pem").read_bytes()
    assert access.certificate.startswith(b"-----BEGIN CERTIFICATE")
    assert (access.namespace, access.user) == ("shop", "u")


def test_another_context_can_be_chosen(folder: Path) -> None:
    access = kubeconfig.load(folder / "config", "two")
    assert (access.token_file, access.namespace) == (folder / "token", "default")


def test_tls_needs_no_file_for_the_key(folder: Path) -> None:
    context = kubeconfig.ssl_context(kubeconfig.load(folder / "config"))
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("{", "config: while parsing", id="no YAML"),
        pytest.param("[]", "is not a kubeconfig", id="no mapping"),
        pytest.param("{}", "no current-context is set", id="empty"),
        pytest.param("current-context: x", "context 'x' does not exist", id="unknown context"),
        pytest.param(
            "{current-context: x, contexts: [{name: x, context: {cluster: c}}]}",
            "cluster 'c' does not exist",
            id="unknown cluster",
        ),
        pytest.param(
            BASIC % ("no-base64", "x"), "client-certificate-data is not base64", id="bad base64"
        ),
        pytest.param(
            BASIC.replace("ca.pem", "missing.pem") % ("", ""),
            "certificate-authority missing.pem: No such file",
            id="missing file",
        ),
        pytest.param(
            BASIC.replace("tokenFile: token", "exec: {command: x}").replace("one\n", "two\n")
            % ("", ""),
            "exec is not supported",
            id="exec plugin",
        ),
    ],
)
def test_what_is_wrong_is_said_with_the_file(folder: Path, text: str, complaint: str) -> None:
    (folder / "config").write_text(text)
    with pytest.raises(KubeconfigError, match="config") as caught:
        kubeconfig.load(folder / "config")
    assert complaint in str(caught.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="No such file"):
        kubeconfig.load(tmp_path / "nothing")


def test_in_a_pod_the_service_account_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.crt").write_bytes(b"pem")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    access = kubeconfig.in_cluster(tmp_path)
    assert access.server == "https://[fd00::1]:443"
    assert access.token_file == tmp_path / "token"
