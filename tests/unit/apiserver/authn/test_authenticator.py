"""Certificates, tokens, nobody: in this order."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from kubepy.api.core.v1 import ServiceAccount
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.authn import tokenfile
from kubepy.apiserver.authn.authenticator import Authenticator, Unrecognised, bearer
from kubepy.apiserver.authn.keys import signing_key, verifying_keys
from kubepy.apiserver.authn.tokens import Binding, Reference, Signer, Verifier
from kubepy.base import tls
from kubepy.meta.errors import Unauthorized

NOW = 1_700_000_000.0
PRIVATE, PUBLIC = tls.new_signing_key()
SIGNER = Signer("iss", signing_key(PRIVATE))


class Clock:
    def __init__(self):
        self.time = NOW

    def now(self):
        return self.time

    def monotonic(self):
        return self.time


class Server:
    """An authenticator with the objects that it can see."""

    def __init__(self, **more):
        self.clock = Clock()
        self.account = ServiceAccount(metadata=ObjectMeta(namespace="shop", name="sa", uid="u"))
        self.lookups = 0
        self.authenticator = Authenticator(
            clock=self.clock,
            lookup=self.lookup,
            verifier=Verifier(("iss",), tuple(verifying_keys(PUBLIC))),
            audiences=("api",),
            static_tokens=tokenfile.parse('secret,alice,u1,"dev,ops"\n'),
            **more,
        )

    async def lookup(self, type_, namespace, name):
        self.lookups += 1
        return self.account

    def token(self, audiences=("api",)):
        binding = Binding("shop", Reference("sa", "u"))
        return SIGNER.issue(binding, audiences, 3600, now=NOW, token_id="j").token


def certificate(name, organizations):
    authority = tls.new_authority("ca", now=NOW)
    pair = tls.issue(authority, name, now=NOW, organizations=organizations)
    return load_pem_x509_certificate(pair.certificate).public_bytes(Encoding.DER)


async def test_a_certificate_says_name_and_groups():
    user = await Server().authenticator.authenticate(certificate("bob", ("a", "b")), "")
    assert user.name == "bob"
    assert user.groups == ("a", "b", "system:authenticated")
    assert user.extra["authentication.kubernetes.io/credential-id"][0].startswith("X509SHA256=")


async def test_static_token():
    user = await Server().authenticator.authenticate(None, "Bearer secret")
    assert (user.name, user.uid) == ("alice", "u1")
    assert user.groups == ("dev", "ops", "system:authenticated")


@pytest.mark.parametrize("header", ["", "Bearer ", "Basic dTpw"])
async def test_nobody(header):
    user = await Server().authenticator.authenticate(None, header)
    assert (user.name, user.groups) == ("system:anonymous", ("system:unauthenticated",))


async def test_nobody_is_refused_if_so_wished():
    with pytest.raises(Unauthorized):
        await Server(anonymous=False).authenticator.authenticate(None, "")


async def test_service_account_token():
    server = Server()
    user = await server.authenticator.authenticate(None, f"Bearer {server.token()}")
    assert user.name == "system:serviceaccount:shop:sa"
    assert user.groups[-1] == "system:authenticated"


async def test_a_token_for_somebody_else():
    server = Server()
    with pytest.raises(Unauthorized):
        await server.authenticator.authenticate(None, f"Bearer {server.token(('other',))}")
    recognised = await server.authenticator.recognise(server.token(("other",)), ("other", "x"))
    assert recognised.audiences == ("other",)


async def test_garbage():
    with pytest.raises(Unrecognised, match="^invalid bearer token$"):
        await Server().authenticator.recognise("garbage", ())


async def test_objects_are_believed_for_ten_seconds():
    server = Server()
    header = f"Bearer {server.token()}"
    await server.authenticator.authenticate(None, header)
    server.account = None
    await server.authenticator.authenticate(None, header)
    assert server.lookups == 1
    server.clock.time += 11
    with pytest.raises(Unauthorized):
        await server.authenticator.authenticate(None, header)


async def test_an_expired_token_is_not_kept():
    server = Server()
    header = f"Bearer {server.token()}"
    await server.authenticator.authenticate(None, header)
    server.clock.time += 3700
    with pytest.raises(Unauthorized):
        await server.authenticator.authenticate(None, header)


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer a", "a"), ("bearer a", "a"), ("Bearer  a ", "a"), ("Token a", ""), ("a", "")],
)
def test_bearer(header, token):
    assert bearer(header) == token


@pytest.mark.parametrize("text", ["a,b\n", ",b,c\n", "a,,c\n"])
def test_bad_token_files(text):
    with pytest.raises(tokenfile.BadTokenFile, match="line 1"):
        tokenfile.parse(text)
