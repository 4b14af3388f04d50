"""Service-account tokens: signing, reading, and the objects they depend on."""

from __future__ import annotations

import jwt
import pytest

from kubepy.api.core.v1 import Pod, ServiceAccount
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.authn import serviceaccounts
from kubepy.apiserver.authn.keys import BadKey, jwks, signing_key, verifying_keys
from kubepy.apiserver.authn.tokens import (
    EXTENDED_SECONDS,
    POD_REQUEST_SECONDS,
    Binding,
    NotOurs,
    Reference,
    Rejected,
    Signer,
    Verifier,
)
from kubepy.base.tls import new_signing_key

ISSUER = "https://kubernetes.default.svc"
NOW = 1_700_000_000.0
PRIVATE, PUBLIC = new_signing_key()
SIGNER = Signer(ISSUER, signing_key(PRIVATE))
VERIFIER = Verifier((ISSUER,), tuple(verifying_keys(PUBLIC)))
ACCOUNT = Binding("shop", Reference("default", "sa-uid"))
WITH_POD = Binding("shop", Reference("default", "sa-uid"), pod=Reference("web", "pod-uid"))


def issue(binding=ACCOUNT, seconds=3600, audiences=("a",), now=NOW):
    return SIGNER.issue(binding, audiences, seconds, now=now, token_id="id-1")


def test_round_trip():
    issued = issue()
    claims = VERIFIER.read(issued.token, now=NOW + 1)
    assert claims.subject == "system:serviceaccount:shop:default"
    assert claims.audiences == ("a",)
    assert claims.binding == ACCOUNT
    assert claims.expires == issued.expires == NOW + 3600


def test_header_names_the_key():
    header = jwt.get_unverified_header(issue().token)
    assert header == {"alg": "ES256", "kid": VERIFIER.keys[0].id}


def test_pod_tokens_outlive_what_is_told():
    issued = issue(WITH_POD, POD_REQUEST_SECONDS)
    claims = VERIFIER.read(issued.token, now=NOW)
    assert issued.expires == NOW + POD_REQUEST_SECONDS
    assert claims.expires == NOW + EXTENDED_SECONDS
    assert claims.binding.warnafter == NOW + POD_REQUEST_SECONDS


@pytest.mark.parametrize("seconds", [3600 + 61, 10**9])
def test_expired(seconds):
    with pytest.raises(Rejected, match="expired"):
        VERIFIER.read(issue().token, now=NOW + seconds)


def test_from_the_future():
    with pytest.raises(Rejected, match="not valid yet"):
        VERIFIER.read(issue().token, now=NOW - 120)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJ.eyJ.x", "é" * 50, "." * 5])
def test_no_token_at_all(token):
    with pytest.raises(NotOurs):
        VERIFIER.read(token, now=NOW)


def test_another_issuer():
    other = Signer("https://elsewhere", signing_key(PRIVATE))
    token = other.issue(ACCOUNT, ("a",), 3600, now=NOW, token_id="x").token
    with pytest.raises(NotOurs):
        VERIFIER.read(token, now=NOW)


def test_another_key():
    forged = Signer(ISSUER, signing_key(new_signing_key()[0]))
    token = forged.issue(ACCOUNT, ("a",), 3600, now=NOW, token_id="x").token
    with pytest.raises(Rejected):
        VERIFIER.read(token, now=NOW)


def test_unsigned():
    payload = jwt.decode(issue().token, options={"verify_signature": False})
    token = jwt.encode(payload, "", algorithm="none")
    with pytest.raises(Rejected):
        VERIFIER.read(token, now=NOW)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({}, id="none of ours"),
        pytest.param({"kubernetes.io": 3}, id="no object"),
        pytest.param({"sub": "system:serviceaccount:shop:other"}, id="another subject"),
        pytest.param({"exp": "never"}, id="no number"),
    ],
)
def test_malformed_claims(claims):
    good = jwt.decode(issue().token, options={"verify_signature": False})
    payload = {**good, **claims} if claims else {"iss": ISSUER}
    token = jwt.encode(payload, SIGNER.key.key, algorithm="ES256")
    with pytest.raises((Rejected, NotOurs)):
        VERIFIER.read(token, now=NOW)


def test_bad_keys():
    with pytest.raises(BadKey):
        signing_key(PUBLIC)
    with pytest.raises(BadKey):
        verifying_keys(b"nothing")


def test_private_key_verifies_too():
    assert verifying_keys(PRIVATE)[0].id == verifying_keys(PUBLIC)[0].id


def test_jwks_verifies():
    (key,) = jwks(VERIFIER.keys)["keys"]
    token = issue().token
    assert jwt.decode(token, jwt.PyJWK(key).key, algorithms=["ES256"], audience="a", options={
        "verify_exp": False, "verify_iat": False,
    })["jti"] == "id-1"  # fmt: skip


def objects(*found):
    by_key = {(type(obj), obj.metadata.namespace, obj.metadata.name): obj for obj in found}

    async def lookup(type_, namespace, name):
        return by_key.get((type_, namespace, name))

    return lookup


def meta(name, uid):
    return ObjectMeta(namespace="shop", name=name, uid=uid)


SERVICE_ACCOUNT = ServiceAccount(metadata=meta("default", "sa-uid"))
POD = Pod(metadata=meta("web", "pod-uid"))


async def test_user_of_a_pod_token():
    claims = VERIFIER.read(issue(WITH_POD).token, now=NOW)
    user = await serviceaccounts.user_of(claims, objects(SERVICE_ACCOUNT, POD), now=NOW)
    assert user.name == "system:serviceaccount:shop:default"
    assert user.uid == "sa-uid"
    assert user.groups == ("system:serviceaccounts", "system:serviceaccounts:shop")
    assert user.extra == {
        "authentication.kubernetes.io/credential-id": ("JTI=id-1",),
        "authentication.kubernetes.io/pod-name": ("web",),
        "authentication.kubernetes.io/pod-uid": ("pod-uid",),
    }


@pytest.mark.parametrize(
    ("found", "message"),
    [
        pytest.param((POD,), 'serviceaccounts "default" not found', id="account gone"),
        pytest.param((SERVICE_ACCOUNT,), "has been invalidated", id="pod gone"),
        pytest.param(
            (SERVICE_ACCOUNT, Pod(metadata=meta("web", "newer"))),
            "does not match",
            id="another pod",
        ),
        pytest.param(
            (ServiceAccount(metadata=meta("default", "newer")), POD),
            "does not match",
            id="another account",
        ),
    ],
)
async def test_tokens_die_with_their_objects(found, message):
    claims = VERIFIER.read(issue(WITH_POD).token, now=NOW)
    with pytest.raises(Rejected, match=message):
        await serviceaccounts.user_of(claims, objects(*found), now=NOW)
