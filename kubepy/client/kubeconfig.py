"""kubeconfig files: where the server is and who asks."""

from __future__ import annotations

import base64
import binascii
import os
import ssl
from pathlib import Path
from typing import Any

from msgspec import Struct

from kubepy.base.tasks import Failure

IN_CLUSTER = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class KubeconfigError(Failure):
    """The file is not usable; the message names it and says why."""


class Access(Struct, frozen=True, kw_only=True):
    """What one context says. Certificates and keys are PEM."""

    server: str
    ca: bytes = b""
    insecure: bool = False
    server_name: str = ""  # the name that the server's certificate must bear, if not the host's
    certificate: bytes = b""
    key: bytes = b""
    token: str = ""
    token_file: Path | None = None  # read again and again: tokens are rotated
    namespace: str = "default"
    user: str = ""  # the kubeconfig's name for the user; says nothing about who that is


def load(path: str | Path, context: str = "") -> Access:
    """The access that `context`, or the current context, describes. Raises KubeconfigError."""
    path = Path(path)
    data = _read(path)
    name = context or str(data.get("current-context") or "")
    if not name:
        raise KubeconfigError(f"{path}: no current-context is set")
    chosen = _named(path, data, "contexts", "context", name)
    cluster_name, user_name = str(chosen.get("cluster") or ""), str(chosen.get("user") or "")
    cluster = _named(path, data, "clusters", "cluster", cluster_name)
    user = _named(path, data, "users", "user", user_name) if user_name else {}
    for unsupported in ("exec", "auth-provider", "username"):
        if user.get(unsupported):
            raise KubeconfigError(f"{path}: user {user_name!r}: {unsupported} is not supported")
    server = str(cluster.get("server") or "").rstrip("/")
    if not server.startswith(("https://", "http://")):
        raise KubeconfigError(f"{path}: cluster {cluster_name!r} has no usable server URL")
    token_file = user.get("tokenFile")
    return Access(
        server=server,
        ca=_pem(path, cluster, "certificate-authority"),
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
        server_name=str(cluster.get("tls-server-name") or ""),
        certificate=_pem(path, user, "client-certificate"),
        key=_pem(path, user, "client-key"),
        token=str(user.get("token") or ""),
        token_file=path.parent / token_file if token_file else None,
        namespace=str(chosen.get("namespace") or "default"),
        user=user_name,
    )


def in_cluster(folder: Path = IN_CLUSTER) -> Access:
    """The access that a pod has through its service account. Raises KubeconfigError."""
    host, port = (
        os.environ.get("KUBERNETES_SERVICE_HOST"),
        os.environ.get("KUBERNETES_SERVICE_PORT"),
    )
    if not host or not port:
        raise KubeconfigError(
            "unable to load in-cluster configuration, "
            "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined"
        )
    try:
        ca = (folder / "ca.crt").read_bytes()
    except OSError as error:
        raise KubeconfigError(f"{folder / 'ca.crt'}: {error.strerror}") from error
    address = f"[{host}]" if ":" in host else host
    return Access(server=f"https://{address}:{port}", ca=ca, token_file=folder / "token")


def ssl_context(access: Access) -> ssl.SSLContext:
    """TLS as the access asks for it. Raises KubeconfigError on certificates that do not load."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if access.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif access.ca:
        try:
            context.load_verify_locations(cadata=access.ca.decode("ascii"))
        except (ssl.SSLError, UnicodeDecodeError) as error:
            raise KubeconfigError(f"certificate-authority: {error}") from error
    else:
        context.load_default_certs()
    if access.certificate:
        _load_client_certificate(context, access.certificate, access.key)
    return context


def _load_client_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    # The ssl module reads certificates from files only: one in memory keeps the key off the disk.
    fd = os.memfd_create("client-certificate", os.MFD_CLOEXEC)
    try:
        with os.fdopen(fd, "wb", closefd=False) as file:
            file.write(certificate.rstrip() + b"\n" + key)
        context.load_cert_chain(f"/proc/self/fd/{fd}")
    except ssl.SSLError as error:
        raise KubeconfigError(f"client-certificate and client-key do not load: {error}") from error
    finally:
        os.close(fd)


def _read(path: Path) -> dict[str, Any]:
    import yaml  # late: only a process that connects over a network needs it

    try:
        data = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise KubeconfigError(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise KubeconfigError(f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise KubeconfigError(f"{path}: is not a kubeconfig")
    return data


def _named(path: Path, data: dict[str, Any], section: str, what: str, name: str) -> dict[str, Any]:
    for entry in data.get(section) or ():
        if isinstance(entry, dict) and entry.get("name") == name:
            found = entry.get(what) or {}
            if isinstance(found, dict):
                return found
    raise KubeconfigError(f"{path}: {what} {name!r} does not exist")


def _pem(path: Path, section: dict[str, Any], field: str) -> bytes:
    """The inline data of a field, or what the file holds that it names."""
    if inline := section.get(f"{field}-data"):
        try:
            return base64.b64decode(inline, validate=True)
        except (binascii.Error, ValueError, TypeError) as error:
            raise KubeconfigError(f"{path}: {field}-data is not base64: {error}") from error
    if not (file := section.get(field)):
        return b""
    try:
        return (path.parent / str(file)).read_bytes()
    except OSError as error:
        raise KubeconfigError(f"{path}: {field} {file}: {error.strerror}") from error
