"""Who asks for a certificate, and who may approve and sign it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kubepy import testing
from kubepy.api.certificates.v1 import (
    CertificateSigningRequest,
    CertificateSigningRequestCondition,
    CertificateSigningRequestSpec,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.admission.certificates import CLIENT_SIGNER
from kubepy.meta import errors
from kubepy.meta.calls import Attributes, Decision, User
from tests.unit.apiserver.registry.certificates.test_requests import request

APPROVED = CertificateSigningRequestCondition(type="Approved", status="True")
ROBOT = User(name="robot", uid="7", groups=("robots",), extra={"a": ("b",)})


def asked(name: str = "a", **spec: object) -> CertificateSigningRequest:
    wanted = {
        "request": request(), "signerName": "example.com/signer", "usages": ("client auth",), **spec
    }  # fmt: skip
    return CertificateSigningRequest(
        metadata=ObjectMeta(name=name),
        spec=CertificateSigningRequestSpec(**wanted),  # type: ignore[arg-type]
    )


async def test_a_request_says_who_asked(apiserver: testing.TestServer) -> None:
    spec = (await apiserver.client_of(ROBOT).create(asked(username="somebody else"))).spec
    assert (spec.username, spec.uid, spec.groups, spec.extra) == (
        "robot", "7", ("robots",), {"a": ("b",)},
    )  # fmt: skip


async def test_nobody_becomes_an_administrator_by_a_certificate(
    apiserver: testing.TestServer,
) -> None:
    wanted = asked(request=request("system:masters"), signerName=CLIENT_SIGNER)
    with pytest.raises(errors.Forbidden, match="signer with system:masters group is not allowed"):
        await apiserver.client.create(wanted)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        pytest.param("example.com/signer", True, id="this signer"),
        pytest.param("example.com/*", True, id="all of the domain"),
        pytest.param("example.org/signer", False, id="another signer"),
    ],
)
async def test_approving_takes_a_right_to_the_signer(name: str, allowed: bool) -> None:
    async def authorize(about: Attributes) -> Decision:
        return Decision(about.resource != "signers" or about.name == name)

    async with testing.apiserver(authorize=authorize) as server:
        made = await server.client.create(asked())
        status = replace(made.status, conditions=(APPROVED,))
        change = server.client.update(replace(made, status=status), subresource="approval")
        if allowed:
            (condition,) = (await change).status.conditions
            assert condition.lastTransitionTime is not None
        else:
            with pytest.raises(errors.Forbidden, match="not permitted to approve requests"):
                await change
