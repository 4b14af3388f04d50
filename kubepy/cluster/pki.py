"""Certificates, keys and kubeconfigs of a cluster, under kubeadm's names.

What is there is kept, unless it ends soon or lacks a name that it needs now; so a cluster keeps
its authorities over restarts, and everybody who trusts it goes on doing so.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from kubepy.base import tls
from kubepy.base.files import write_file, write_secret
from kubepy.base.tls import CLIENT, SERVER, Pair
from kubepy.client.kubeconfig import load
from kubepy.cluster import kubeconfig
from kubepy.cluster.fabric import KUBERNETES_SERVICE

RENEW_BEFORE = 30 * 24 * 3600.0  # seconds before its end at which a certificate is made anew

APISERVER_NAMES = (
    "kubernetes", "kubernetes.default", "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local", "localhost", "127.0.0.1", "::1", KUBERNETES_SERVICE,
)  # fmt: skip

MASTERS = "system:masters"


class Leaf(Struct, frozen=True):
    """A certificate to be made: who it is for, and which authority signs it."""

    file: str
    common_name: str
    organizations: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    server: bool = False
    authority: str = "ca"


class Subject(Struct, frozen=True):
    """Who a kubeconfig speaks for."""

    file: str
    user: str
    organizations: tuple[str, ...] = ()


def leaves(node: str, node_address: str, addresses: Sequence[str]) -> tuple[Leaf, ...]:
    """The certificates that are files; `addresses` are the apiserver's besides the usual ones."""
    return (
        Leaf("apiserver", "kube-apiserver", names=(*APISERVER_NAMES, *addresses), server=True),
        Leaf("apiserver-kubelet-client", "kube-apiserver-kubelet-client", (MASTERS,)),
        Leaf("front-proxy-client", "front-proxy-client", authority="front-proxy-ca"),
        Leaf("admin", "kubernetes-admin", (MASTERS,)),  # for clients without kubeconfigs: grpcurl
        Leaf("kubelet", f"system:node:{node}", ("system:nodes",), (node, node_address), True),
        Leaf("scheduler", "kube-scheduler", names=("localhost", "127.0.0.1"), server=True),
        Leaf("controller-manager", "kube-controller-manager", names=("localhost", "127.0.0.1"),
             server=True),
    )  # fmt: skip


def subjects(node: str) -> tuple[Subject, ...]:
    return (
        Subject("admin", "kubernetes-admin", (MASTERS,)),
        Subject("controller-manager", "system:kube-controller-manager"),
        Subject("cloud-controller-manager", "system:cloud-controller-manager"),
        Subject("scheduler", "system:kube-scheduler"),
        Subject("kubelet", f"system:node:{node}", ("system:nodes",)),
        Subject("kube-proxy", "system:kube-proxy"),
    )


def ensure(folder: Path, wanted: Sequence[Leaf], *, now: float) -> list[str]:
    """Make what is missing in `folder`; the names of what was made."""
    made: list[str] = []
    authorities = {name: _authority(folder, name, made, now) for name in ("ca", "front-proxy-ca")}
    for leaf in wanted:
        certificate, key = folder / f"{leaf.file}.crt", folder / f"{leaf.file}.key"
        authority = authorities[leaf.authority]
        if not _serves(certificate, key, leaf.names, authority.certificate, now):
            pair = tls.issue(
                authority,
                leaf.common_name,
                now=now,
                organizations=leaf.organizations,
                names=leaf.names,
                usages=(SERVER,) if leaf.server else (CLIENT,),
            )
            tls.write_pair(pair, certificate, key)
            made.append(leaf.file)
    if not (folder / "sa.key").exists():
        private, public = tls.new_signing_key()
        write_secret(folder / "sa.key", private)
        write_file(folder / "sa.pub", public)
        made.append("sa")
    return made


def write_kubeconfig(
    path: Path, subject: Subject, authority: Pair, cluster: str, server: str, *, now: float
) -> bytes:
    """A kubeconfig with a fresh certificate; what was written."""
    pair = tls.issue(authority, subject.user, now=now, organizations=subject.organizations)
    entry = kubeconfig.Entry(
        cluster, server, authority.certificate, subject.user, pair.certificate, pair.key
    )
    content = kubeconfig.dump(kubeconfig.document(entry))
    write_secret(path, content)
    return content


def ends_soon(path: Path, now: float) -> bool:
    """Whether the certificate in a kubeconfig is to be made anew."""
    return tls.expires(load(path).certificate) <= now + RENEW_BEFORE


def authority(folder: Path) -> Pair:
    """Raises TLSError."""
    return tls.read_pair(folder / "ca.crt", folder / "ca.key")


def _authority(folder: Path, name: str, made: list[str], now: float) -> Pair:
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    if certificate.exists() and key.exists():
        return tls.read_pair(certificate, key)
    common_name = "kubernetes" if name == "ca" else name
    pair = tls.new_authority(common_name, now=now)
    tls.write_pair(pair, certificate, key)
    made.append(name)
    return pair


def _serves(
    certificate: Path, key: Path, names: Sequence[str], authority: bytes, now: float
) -> bool:
    """Whether a certificate that is there will still do."""
    if not (certificate.exists() and key.exists()):
        return False
    pem = certificate.read_bytes()
    return (
        tls.expires(pem) > now + RENEW_BEFORE
        and set(names) <= tls.server_names(pem)
        and tls.is_issued_by(pem, authority)
    )
