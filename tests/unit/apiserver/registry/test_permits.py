"""What a cluster that forbids privileged containers says, wherever one may stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kubepy import testing
from kubepy.api.apps.v1 import (
    DaemonSet,
    DaemonSetSpec,
    Deployment,
    DeploymentSpec,
    ReplicaSet,
    ReplicaSetSpec,
    StatefulSet,
    StatefulSetSpec,
)
from kubepy.api.batch.v1 import CronJob, CronJobSpec, Job, JobSpec, JobTemplateSpec
from kubepy.api.core.v1 import (
    Container,
    EphemeralContainer,
    Pod,
    PodSpec,
    PodTemplate,
    PodTemplateSpec,
    ReplicationController,
    ReplicationControllerSpec,
    SecurityContext,
)
from kubepy.api.meta.v1 import LabelSelector, ObjectMeta
from kubepy.apiserver.registry.permits import PRIVILEGED, upheld
from kubepy.apiserver.server import ADMIN, build, running
from kubepy.apiserver.settings import Settings
from kubepy.client.client import Client
from kubepy.client.connect import direct
from kubepy.meta import errors
from kubepy.storage import sqlite

META = ObjectMeta(name="web", namespace="default")
LABELS = {"app": "web"}
SELECTOR = LabelSelector(matchLabels=LABELS)
MAIN = Container(name="main", image="x:1", securityContext=SecurityContext(privileged=True))
TEMPLATE = PodTemplateSpec(metadata=ObjectMeta(labels=LABELS), spec=PodSpec(containers=(MAIN,)))
TASK = JobSpec(template=PodTemplateSpec(spec=PodSpec(containers=(MAIN,), restartPolicy="Never")))
POD = Pod(metadata=META, spec=PodSpec(containers=(MAIN,)))
PLAIN = Pod(metadata=META, spec=PodSpec(containers=(replace(MAIN, securityContext=None),)))


@pytest.fixture
async def strict() -> AsyncIterator[Client]:
    async with testing.apiserver(settings=Settings(allow_privileged=False)) as server:
        yield server.client


def test_what_a_cluster_permits_is_no_problem() -> None:
    always = errors.forbidden("a", "never")
    sometimes = errors.forbidden("b", "not here", unless=PRIVILEGED)
    assert upheld([always, sometimes], frozenset()) == [always, sometimes]
    assert upheld([always, sometimes], frozenset((PRIVILEGED,))) == [always]


EACH = pytest.mark.parametrize(
    ("obj", "path"),
    [
        pytest.param(POD, "spec", id="Pod"),
        pytest.param(PodTemplate(metadata=META, template=TEMPLATE), "template.spec",
                     id="PodTemplate"),
        pytest.param(
            ReplicationController(metadata=META, spec=ReplicationControllerSpec(
                selector=LABELS, template=TEMPLATE)),
            "spec.template.spec", id="ReplicationController",
        ),
        pytest.param(
            ReplicaSet(metadata=META, spec=ReplicaSetSpec(selector=SELECTOR, template=TEMPLATE)),
            "spec.template.spec", id="ReplicaSet",
        ),
        pytest.param(
            Deployment(metadata=META, spec=DeploymentSpec(selector=SELECTOR, template=TEMPLATE)),
            "spec.template.spec", id="Deployment",
        ),
        pytest.param(
            DaemonSet(metadata=META, spec=DaemonSetSpec(selector=SELECTOR, template=TEMPLATE)),
            "spec.template.spec", id="DaemonSet",
        ),
        pytest.param(
            StatefulSet(metadata=META, spec=StatefulSetSpec(
                selector=SELECTOR, template=TEMPLATE, serviceName="web")),
            "spec.template.spec", id="StatefulSet",
        ),
        pytest.param(Job(metadata=META, spec=TASK), "spec.template.spec", id="Job"),
        pytest.param(
            CronJob(metadata=META, spec=CronJobSpec(
                schedule="* * * * *", jobTemplate=JobTemplateSpec(spec=TASK))),
            "spec.jobTemplate.spec.template.spec", id="CronJob",
        ),
    ],
)  # fmt: skip


@EACH
async def test_privileged_containers_are_refused_or_permitted(
    strict: Client, client: Client, obj: Any, path: str
) -> None:
    with pytest.raises(errors.Invalid) as refused:
        await strict.create(obj)
    where = f"{path}.containers[0].securityContext.privileged"
    assert str(refused.value).endswith(f"{where}: Forbidden: disallowed by cluster policy")
    details = refused.value.status.details
    assert details is not None
    assert [(cause.reason, cause.field) for cause in details.causes] == [
        ("FieldValueForbidden", where)
    ]
    await client.create(obj)


async def test_no_privileged_container_joins_a_pod(strict: Client) -> None:
    made = await strict.create(PLAIN)
    debugger = EphemeralContainer(
        name="debugger", image="x:1", securityContext=SecurityContext(privileged=True)
    )
    changed = replace(made, spec=replace(made.spec, ephemeralContainers=(debugger,)))
    with pytest.raises(errors.Invalid) as refused:
        await strict.update(changed, subresource="ephemeralcontainers")
    assert str(refused.value).endswith(
        "spec.ephemeralContainers[0].securityContext.privileged: Forbidden: disallowed by cluster "
        "policy"
    )


async def test_a_privileged_pod_of_before_changes_no_more_but_reports_and_goes(
    tmp_path: Path,
) -> None:
    """As in Kubernetes, whose rules for an update know nothing of what was permitted once."""
    file = str(tmp_path / "store.db")
    async with testing.apiserver(store=await sqlite.open(file)) as generous:
        await generous.client.create(POD)
    async with running(build(await sqlite.open(file))) as server:
        client = direct(server.pipeline, ADMIN)
        kept = await client.get(Pod, "web", namespace="default")
        labelled = replace(kept, metadata=replace(kept.metadata, labels=LABELS))
        with pytest.raises(errors.Invalid, match="disallowed by cluster policy"):
            await client.update(labelled)
        reported = replace(kept, status=replace(kept.status, phase="Running"))
        assert (await client.update(reported, subresource="status")).status.phase == "Running"
        await client.delete(Pod, "web", namespace="default")


@EACH
async def test_whatever_was_permitted_once_changes_no_more(
    tmp_path: Path, obj: Any, path: str
) -> None:
    file = str(tmp_path / "store.db")
    async with testing.apiserver(store=await sqlite.open(file)) as generous:
        kept = await generous.client.create(obj)
    labelled = replace(kept, metadata=replace(kept.metadata, labels={"new": "label"}))
    async with running(build(await sqlite.open(file))) as server:
        with pytest.raises(errors.Invalid) as refused:
            await direct(server.pipeline, ADMIN).update(labelled)
    details = refused.value.status.details
    assert details is not None
    assert {(cause.reason, cause.field) for cause in details.causes} == {
        ("FieldValueForbidden", f"{path}.containers[0].securityContext.privileged")
    }
