"""What admission makes of a pod, through the server that asks it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubepy.api.core.v1 import (
    Container,
    EmptyDirVolumeSource,
    LocalObjectReference,
    Pod,
    PodSpec,
    ServiceAccount,
    Toleration,
    Volume,
    VolumeMount,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.admission.default_tolerations import NOT_READY, UNREACHABLE
from kubepy.apiserver.admission.service_account import MOUNT_PATH
from kubepy.client.client import Client
from kubepy.meta import errors

MAIN = Container(name="main", image="x:1")


def pod(name: str = "p", containers: tuple[Container, ...] = (MAIN,), **spec: Any) -> Pod:
    meta = ObjectMeta(name=name, namespace="default")
    return Pod(metadata=meta, spec=PodSpec(containers=containers, **spec))


async def account(client: Client, **fields: Any) -> None:
    meta = ObjectMeta(name="robot", namespace="default")
    await client.create(ServiceAccount(metadata=meta, **fields))


async def test_a_pod_runs_as_the_default_account_with_a_token(client: Client) -> None:
    spec = (await client.create(pod(initContainers=(replace(MAIN, name="init"),)))).spec
    assert spec.serviceAccountName == spec.serviceAccount == "default"
    (volume,) = spec.volumes
    assert volume.name.startswith("kube-api-access-")
    mounts = [c.volumeMounts for c in (*spec.initContainers, *spec.containers)]
    expected = VolumeMount(name=volume.name, readOnly=True, mountPath=MOUNT_PATH)
    assert mounts == [(expected,), (expected,)]


@pytest.mark.parametrize(
    ("of_account", "of_pod", "has_token"),
    [(None, None, True), (False, None, False), (False, True, True), (True, False, False)],
)
async def test_who_wants_no_token_gets_none(
    client: Client, of_account: bool | None, of_pod: bool | None, has_token: bool
) -> None:
    await account(client, automountServiceAccountToken=of_account)
    wanted = pod(serviceAccountName="robot", automountServiceAccountToken=of_pod)
    made = await client.create(wanted)
    assert bool(made.spec.volumes) is has_token


async def test_a_container_with_something_else_at_that_place_keeps_it(client: Client) -> None:
    mine = VolumeMount(name="mine", mountPath=MOUNT_PATH)
    volume = Volume(name="mine", emptyDir=EmptyDirVolumeSource())
    both = (replace(MAIN, volumeMounts=(mine,)), replace(MAIN, name="other"))
    spec = (await client.create(pod(containers=both, volumes=(volume,)))).spec
    assert [m.name for m in spec.containers[0].volumeMounts] == ["mine"]
    assert len(spec.containers[1].volumeMounts) == 1
    assert len(spec.volumes) == 2


async def test_the_accounts_pull_secrets_are_the_pods(client: Client) -> None:
    secret = LocalObjectReference(name="pull")
    await account(client, imagePullSecrets=(secret,))
    made = await client.create(pod(serviceAccountName="robot"))
    assert made.spec.imagePullSecrets == (secret,)


async def test_an_unknown_account_is_refused(client: Client) -> None:
    with pytest.raises(errors.Forbidden, match='serviceaccount "nobody" not found'):
        await client.create(pod(serviceAccountName="nobody"))


@pytest.mark.parametrize(
    ("own", "added"),
    [
        pytest.param((), [NOT_READY, UNREACHABLE], id="says nothing"),
        pytest.param(
            (Toleration(key=NOT_READY, operator="Exists", effect="NoExecute"),),
            [UNREACHABLE],
            id="says one",
        ),
        pytest.param((Toleration(operator="Exists"),), [], id="tolerates everything"),
        pytest.param(
            (Toleration(key=NOT_READY, operator="Exists", effect="NoSchedule"),),
            [NOT_READY, UNREACHABLE],
            id="says something else",
        ),
    ],
)
async def test_tolerations(client: Client, own: tuple[Toleration, ...], added: list[str]) -> None:
    tolerations = (await client.create(pod(tolerations=own))).spec.tolerations
    assert tolerations[: len(own)] == own
    assert [t.key for t in tolerations[len(own) :]] == added
    assert all(t.tolerationSeconds == 300 for t in tolerations[len(own) :])


@pytest.mark.parametrize(("name", "priority"), [("", 0), ("system-node-critical", 2_000_001_000)])
async def test_priority(client: Client, name: str, priority: int) -> None:
    made = await client.create(pod(priorityClassName=name))
    assert (made.spec.priority, made.spec.preemptionPolicy) == (priority, "PreemptLowerPriority")


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param({"priorityClassName": "gold"}, "no PriorityClass with name gold", id="class"),
        pytest.param({"priority": 7}, "the integer value of priority", id="number"),
        pytest.param({"runtimeClassName": "x"}, 'RuntimeClass "x" not found', id="runtime class"),
    ],
)
async def test_refusals(client: Client, spec: dict[str, Any], why: str) -> None:
    with pytest.raises(errors.Forbidden, match=why):
        await client.create(pod(**spec))
