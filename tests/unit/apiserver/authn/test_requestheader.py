"""Users whom proxies in front of the server name."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec.structs import replace

from kubepy.apiserver.authn.requestheader import FrontProxies
from kubepy.base import tls
from kubepy.meta.calls import User

NOW = 1_767_225_600.0
PROXIES, CLIENTS = (tls.new_authority(name, now=NOW) for name in ("proxies", "clients"))


def der(authority: tls.Pair, name: str, **more: Any) -> bytes:
    pair = tls.issue(authority, name, now=NOW, **more)
    return x509.load_pem_x509_certificate(pair.certificate).public_bytes(Encoding.DER)


PROXY, OTHER = der(PROXIES, "front-proxy-client"), der(PROXIES, "other")
CLIENT = der(CLIENTS, "front-proxy-client")
CONFIG = FrontProxies(
    authority=PROXIES.certificate,
    client_authority=CLIENTS.certificate,
    names=("front-proxy-client",),
    username_headers=("X-Remote-User", "X-Other-User"),
    uid_headers=("X-Remote-Uid",),
    group_headers=("X-Remote-Group",),
    extra_prefixes=("X-Remote-Extra-",),
)
ANN = [("X-Remote-User", "ann")]


@pytest.mark.parametrize(
    ("certificate", "headers", "expected"),
    [
        pytest.param(PROXY, ANN, User(name="ann"), id="a name"),
        pytest.param(PROXY, [("x-other-USER", "ann")], User(name="ann"), id="another header"),
        pytest.param(
            PROXY,
            [
                *ANN,
                ("X-Remote-Uid", "u1"),
                ("X-Remote-Group", "dev"),
                ("X-Remote-Group", ""),
                ("x-remote-group", "ops"),
                ("X-Remote-Extra-Acme.org%2fTeam", "a"),
                ("X-Remote-Extra-acme.org%2Fteam", "b"),
            ],
            User(name="ann", uid="u1", groups=("dev", "ops"), extra={"acme.org/team": ("a", "b")}),
            id="everything",
        ),
        pytest.param(PROXY, [("X-Remote-Group", "dev")], None, id="no name"),
        pytest.param(OTHER, ANN, None, id="a proxy that is not allowed"),
        pytest.param(CLIENT, ANN, None, id="a user of the same name"),
    ],
)
def test_users(certificate, headers, expected):
    found = CONFIG.user_of(certificate, headers)
    if found is not None:
        found = replace(found, extra={k: tuple(sorted(v)) for k, v in found.extra.items()})
    assert found == expected


def test_any_proxy_may_be_allowed():
    assert replace(CONFIG, names=()).user_of(OTHER, ANN) == User(name="ann")


def test_a_proxy_is_nobody_itself():
    masters = der(PROXIES, "kubernetes-admin", organizations=["system:masters"])
    assert not CONFIG.is_client(masters)
    assert CONFIG.is_client(CLIENT)
    assert not replace(CONFIG, client_authority=b"").is_client(CLIENT)
