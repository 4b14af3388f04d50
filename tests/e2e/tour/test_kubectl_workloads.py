"""kubectl rollout, scale, expose, run, wait and drain: what controllers have a part in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kubectl import Kubectl
from steps import Step, walk

pytestmark = pytest.mark.e2e

ROLLED_OUT = (
    Step("create deployment web --image=nginx:1 --replicas=2", out="deployment.apps/web created"),
    Step("rollout status deployment/web --timeout=60s",
         out='…deployment "web" successfully rolled out'),
    Step("annotate deployment web kubernetes.io/change-cause=first", out="…"),
    Step("set image deployment/web nginx=nginx:2", out="deployment.apps/web image updated"),
    Step("rollout status deployment/web --timeout=60s",
         out='…deployment "web" successfully rolled out'),
    Step("annotate deployment web kubernetes.io/change-cause=second --overwrite", out="…"),
    Step("rollout status deployment/web --timeout=60s",
         out='deployment "web" successfully rolled out'),
    Step("rollout history deployment/web", out="""deployment.apps/web
        REVISION  CHANGE-CAUSE
        1         first
        2         …"""),
    Step("rollout history deployment/web --revision=2", out="deployment.apps/web with revision #2\n"
         "Pod Template:\nLabels: app=web\npod-template-hash=…\n…Image: nginx:2\n…"),
    Step("rollout undo deployment/web --to-revision=99", code=1,
         err="error: unable to find specified revision 99 in history"),
    Step("rollout undo deployment/web --dry-run=server",
         out="deployment.apps/web rolled back (server dry run)"),
    Step("rollout undo deployment/web", out="deployment.apps/web rolled back"),
    Step("rollout status deployment/web --timeout=60s",
         out='…deployment "web" successfully rolled out'),
    Step("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}",
         out="nginx:1"),
    Step("rollout pause deployment/web", out="deployment.apps/web paused"),
    Step("rollout pause deployment/web", code=1,
         err='error: deployments.apps "web" is already paused'),
    Step("rollout resume deployment/web", out="deployment.apps/web resumed"),
    Step("rollout resume deployment/web", code=1,
         err='error: deployments.apps "web" is not paused'),
    Step("rollout restart deployment/web", out="deployment.apps/web restarted"),
    Step("rollout status deployment/web --timeout=60s",
         out='…deployment "web" successfully rolled out'),
    Step("delete deployment web --cascade=foreground",
         out='deployment.apps "web" deleted…'),
    Step("get replicasets -l app=web", err="No resources found in @ namespace."),
)  # fmt: skip

SCALED = (
    Step("create deployment scaled --image=nginx:1 --replicas=0", out="…"),
    Step("scale deployment/scaled --replicas=1", out="deployment.apps/scaled scaled"),
    Step("wait deployment/scaled --for=condition=Available --timeout=60s",
         out="deployment.apps/scaled condition met"),
    Step("scale deployment/scaled --replicas=2 --current-replicas=5", code=1,
         err="error: Expected replicas to be 5, was 1"),
    Step("scale deployment/scaled --replicas=2 --resource-version=1", code=1,
         err="error: Expected resource version to be 1, was …"),
    Step("scale deployment/scaled --replicas=0 --current-replicas=1",
         out="deployment.apps/scaled scaled"),
    Step("scale configmap/kube-root-ca.crt --replicas=1", code=1,
         err="Error from server (NotFound): the server could not find the requested resource"),
    Step("scale deployment/nope --replicas=1", code=1,
         err="error: no objects passed to scale…"),
    Step("autoscale deployment scaled --min=1 --max=3 --cpu-percent=50",
         out="horizontalpodautoscaler.autoscaling/scaled autoscaled"),
    Step("get hpa", out="""
        NAME    REFERENCE          TARGETS             MINPODS  MAXPODS  REPLICAS  AGE
        scaled  Deployment/scaled  cpu: <unknown>/50%  1        3        0         …"""),
    Step("describe hpa scaled", out="""
        Name: scaled
        …
        Reference: Deployment/scaled
        Metrics: ( current / target )
        resource cpu on pods (as a percentage of request): <unknown> / 50%
        …"""),
    Step("delete hpa scaled", out="…"),
    Step("expose deployment scaled --port=80 --target-port=8080", out="service/scaled exposed"),
    Step("expose deployment scaled --port=80", code=1,
         err='Error from server (AlreadyExists): services "scaled" already exists'),
    Step("expose service scaled --port=81 --name=again --type=NodePort",
         out="service/again exposed"),
    Step("expose pod nope --port=80", code=1,
         err='Error from server (NotFound): pods "nope" not found'),
    Step("delete deployment scaled", out="…"),
)  # fmt: skip

RUN = (
    Step("run one --image=busybox --restart=Never -- sleep 5", out="pod/one created"),
    Step("run two --image=busybox --dry-run=client -o name", out="pod/two"),
    Step("run two --image=busybox --dry-run=server -o jsonpath={.spec.restartPolicy}",
         out="Always"),
    Step("run three --image=busybox --port=80 --expose --labels=a=b --env=A=b",
         out="service/three created\npod/three created"),
    Step("wait pod/one pod/three --for=condition=Ready --timeout=60s",
         out="pod/one condition met\npod/three condition met"),
    Step("wait pod/one --for=jsonpath={.status.phase}=Running --timeout=60s",
         out="pod/one condition met"),
    Step("wait pod/one --for=condition=Never --timeout=0", code=1,
         err="error: condition not met for pods/one"),
    Step("wait configmap/kube-root-ca.crt --for=create --timeout=60s", since=31,
         out="configmap/kube-root-ca.crt condition met"),
    Step("wait pod/nope --for=condition=Ready --timeout=1s", code=1,
         err='Error from server (NotFound): pods "nope" not found'),
    Step("debug one --image=busybox --container=look --attach=false",
         out="…", err="…"),
    Step("get pod one -o jsonpath={.spec.ephemeralContainers[*].name}", out="look"),
    Step("debug one --image=busybox --copy-to=copy --attach=false", out="…", err="…"),
    Step("exec one -- true", code=1,
         err="…Error from server: error dialing backend: dial tcp 127.0.0.1:1: connect: "
             "connection refused"),
    Step("delete pod one --wait=false", out='pod "one" deleted…'),
    Step("wait pod/one --for=delete --timeout=60s", out="…"),
    Step("delete pod three --now", out='pod "three" deleted…'),
    Step("delete pod copy --force --grace-period=0", out='pod "copy" force deleted…',
         err="Warning: Immediate deletion does not wait for confirmation that the running "
             "resource has been terminated. …"),
)  # fmt: skip

EMPTIED = (
    Step("create deployment moved --image=nginx:1 --replicas=2", out="…"),
    Step("run single --image=nginx:1 --labels=app=moved", out="pod/single created"),
    Step("rollout status deployment/moved --timeout=60s", out="…"),
    Step("cordon hollow", out="node/hollow cordoned"),
    Step("cordon hollow", out="node/hollow already cordoned"),
    Step("get node hollow --no-headers", out="hollow Ready,SchedulingDisabled <none> … hollow"),
    Step("drain hollow --pod-selector=app=moved --timeout=60s", code=1,
         out="node/hollow already cordoned",
         err='error: unable to drain node "hollow" due to error:…cannot delete Pods…declare no '
             "controller (use --force to override): @/single, continuing command...…"),
    Step("drain hollow --pod-selector=app=moved --force --ignore-daemonsets --timeout=60s",
         out="node/hollow already cordoned\nevicting pod @/…pod/… evicted\nnode/hollow drained",
         err="Warning: deleting Pods that declare no controller: @/single"),
    Step("get pods -l app=moved --field-selector=spec.nodeName=hollow",
         err="No resources found in @ namespace."),
    Step("uncordon hollow", out="node/hollow uncordoned"),
    Step("uncordon hollow", out="node/hollow already uncordoned"),
    Step("rollout status deployment/moved --timeout=60s",
         out='…deployment "moved" successfully rolled out'),
    Step("taint node hollow k=v:PreferNoSchedule", out="node/hollow tainted"),
    Step("taint node hollow k=v:PreferNoSchedule", code=1,
         err="error: node hollow already has k taint(s) with same effect(s) and --overwrite is "
             "false"),
    Step("taint node hollow k=w:PreferNoSchedule --overwrite", out="node/hollow modified"),
    Step("taint node hollow k-", out="node/hollow untainted"),
    Step("taint node hollow k-", code=1, err='error: taint "k" not found'),
    Step("delete deployment moved", out="…"),
)  # fmt: skip

TOURS = {"rolled out": ROLLED_OUT, "scaled": SCALED, "run": RUN, "emptied": EMPTIED}


@pytest.fixture
def node(kubectl: Kubectl) -> Iterator[None]:
    """Open to pods afterwards, whatever happened."""
    yield
    kubectl("uncordon", "hollow")


@pytest.mark.parametrize("steps", TOURS.values(), ids=TOURS)
def test_workloads(kubectl: Kubectl, node: None, steps: tuple[Step, ...]) -> None:
    walk(kubectl, steps)
