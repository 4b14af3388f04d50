"""The leases by which apiservers are known."""

from __future__ import annotations

import pytest

from kubepy import testing
from kubepy.api.coordination.v1 import Lease, LeaseSpec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import MicroTime
from kubepy.apiserver.identitylease import IDENTITY, NAMESPACE, IdentityLease, has_run_out, name_of
from kubepy.apiserver.server import LOOPBACK
from kubepy.meta import errors

NOW = 1_000_000.0


def test_the_name_is_the_hosts() -> None:
    assert name_of("a") == "apiserver-zklycewkdo64v6wcggzzui64ju"
    assert name_of("b") != name_of("a")


@pytest.mark.parametrize(
    ("spec", "over"),
    [
        pytest.param((NOW - 10, 60), False, id="renewed"),
        pytest.param((NOW - 61, 60), True, id="not renewed"),
        pytest.param((None, 60), True, id="never renewed"),
        pytest.param((NOW, None), True, id="of no duration"),
    ],
)
def test_when_a_lease_is_over(spec: tuple[float | None, int | None], over: bool) -> None:
    renewed, seconds = spec
    time = MicroTime.from_unix(renewed) if renewed is not None else None
    lease = Lease(spec=LeaseSpec(renewTime=time, leaseDurationSeconds=seconds))
    assert has_run_out(lease, NOW) is over


async def test_a_server_keeps_its_lease_and_clears_others_away(
    apiserver: testing.TestServer,
) -> None:
    client = apiserver.client
    for label, name in (("kube-apiserver", "dead"), ("other", "another-program")):
        meta = ObjectMeta(name=name, namespace=NAMESPACE, labels={IDENTITY: label})
        await client.create(Lease(metadata=meta))
    mine = IdentityLease(apiserver.pipeline, LOOPBACK, "host")
    await mine.renew()
    await mine.renew()
    await mine.clear()
    found = await client.get(Lease, name_of("host"), NAMESPACE)
    assert found.metadata.labels == {
        "apiserver.kubernetes.io/identity": "kube-apiserver",
        "kubernetes.io/hostname": "host",
    }
    assert found.spec.holderIdentity is not None
    assert found.spec.holderIdentity.startswith(f"{name_of('host')}_")
    with pytest.raises(errors.NotFound):
        await client.get(Lease, "dead", NAMESPACE)
    assert await client.get(Lease, "another-program", NAMESPACE)
