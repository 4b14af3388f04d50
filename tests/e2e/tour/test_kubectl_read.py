"""kubectl get, describe, explain, watch, and what completes names."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from kubectl import Kubectl
from steps import Step, fits, walk

pytestmark = pytest.mark.e2e

WATCH_SECONDS = 60


@pytest.fixture(scope="module")
def kubectl(kubectl: Kubectl) -> Iterator[Kubectl]:
    """With a Deployment whose two pods run, a Service to them, and two ConfigMaps."""
    kubectl("create", "deployment", "web", "--image=nginx:1", "--replicas=2", "--port=80")
    kubectl("expose", "deployment", "web", "--port=80")
    kubectl("create", "configmap", "one", "--from-literal=a=1")
    kubectl(
        "create",
        "configmap",
        "two",
    )
    kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    yield kubectl


TABLES = (
    Step("get deployments", out="""
        NAME  READY  UP-TO-DATE  AVAILABLE  AGE
        web   2/2    2           2          …"""),
    Step("get deploy/web svc/web -o wide", out="""
        NAME                 READY  UP-TO-DATE  AVAILABLE  AGE  CONTAINERS  IMAGES   SELECTOR
        deployment.apps/web  2/2    2           2          …    nginx       nginx:1  app=web

        NAME         TYPE       CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE  SELECTOR
        service/web  ClusterIP  10.96.…     <none>       80/TCP   …    app=web"""),
    Step("get pods -o wide", out="""
        NAME   READY  STATUS   RESTARTS  AGE  IP          NODE    NOMINATED NODE  READINESS GATES
        web-…  1/1    Running  0         …    192.0.2.20  hollow  <none>          <none>
        web-…  1/1    Running  0         …    192.0.2.20  hollow  <none>          <none>"""),
    Step("get pods --show-labels --no-headers", out="""
        web-… 1/1 Running 0 … app=web,pod-template-hash=…
        web-… 1/1 Running 0 … app=web,pod-template-hash=…"""),
    Step("get pods -L app", out="NAME READY STATUS RESTARTS AGE APP\nweb-… web\nweb-… web"),
    Step("get all", out="""NAME …\npod/web-…
        service/web …
        deployment.apps/web …
        replicaset.apps/web-…"""),
    Step("get pods --all-namespaces --field-selector=metadata.namespace=@", out="""
        NAMESPACE  NAME   READY  STATUS   RESTARTS  AGE
        @          web-…  1/1    Running  0         …
        @          web-…  1/1    Running  0         …"""),
    Step("get deployment web --subresource=scale", out="""
        NAME  DESIRED  AVAILABLE  AGE
        web   2        2          …"""),
    Step("get endpoints web", err="…",
         out="NAME ENDPOINTS AGE\nweb 192.0.2.20:80,192.0.2.20:80 …"),
    Step("get endpointslices", out="""
        NAME   ADDRESSTYPE  PORTS  ENDPOINTS   AGE
        web-…  IPv4         80     192.0.2.20,192.0.2.20  …"""),
    Step("get nodes hollow", out="""
        NAME    STATUS  ROLES   AGE  VERSION
        hollow  Ready   <none>  …    hollow"""),
    Step("get componentstatuses", err="Warning: v1 ComponentStatus is deprecated in v1.19+", out="""
        NAME    STATUS   MESSAGE  ERROR
        etcd-0  Healthy  ok"""),
    Step("events --for=deployment/web", out="""
        LAST SEEN  TYPE    REASON             OBJECT          MESSAGE
        …          Normal  ScalingReplicaSet  Deployment/web  Scaled up replica set web-… to 2"""),
)  # fmt: skip

FORMS = (
    Step("get services -o name", out="service/web"),
    Step("get deployments.v1.apps/web -o name", out="deployment.apps/web"),
    Step("get deployment web -o jsonpath={.spec.strategy.rollingUpdate.maxSurge}", out="25%"),
    Step("get deployment web -o json", out='{\n"apiVersion": "apps/v1",\n"kind": "Deployment",…'),
    Step("get deployment web -o yaml", out="apiVersion: apps/v1\nkind: Deployment\n…"),
    Step("get pods -o 'go-template={{range .items}}{{.spec.nodeName}} {{end}}'",
         out="hollow hollow"),
    Step("get pods -o custom-columns=APP:.metadata.labels.app,IP:.status.podIP",
         out="APP IP\nweb 192.0.2.20\nweb 192.0.2.20"),
    Step("get configmap one -o yaml --show-managed-fields", out="…manager: kubectl-create…"),
    Step("get configmaps --sort-by=.metadata.name -o name --chunk-size=1",
         out="configmap/kube-root-ca.crt\nconfigmap/one\nconfigmap/two"),
    Step("get pods -l 'app in (a,b)'", err="No resources found in @ namespace."),
    Step("get pods -l app=web,pod-template-hash -o name", out="pod/web-…\npod/web-…"),
    Step("get pods --field-selector=status.phase=Running,spec.nodeName=hollow -o name",
         out="pod/web-…\npod/web-…"),
    Step("get services --field-selector=spec.type=NodePort",
         err="No resources found in @ namespace."),
    Step("get --raw /api/v1/namespaces/@/configmaps?limit=1",
         out='{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"…",'
             '"continue":"…","remainingItemCount":2},"items":[…]}'),
)  # fmt: skip

NOTHING = (
    Step("get pods nope", code=1, err='Error from server (NotFound): pods "nope" not found'),
    Step("get pods nope --ignore-not-found"),
    Step("get nopes", code=1, err='error: the server doesn\'t have a resource type "nopes"'),
    Step("get --raw /nope", code=1,
         err="Error from server (NotFound): the server could not find the requested resource"),
    Step("get pods --field-selector=spec.foo=bar", code=1,
         err='Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label '
             'selector "", field selector "spec.foo=bar": field label not supported: spec.foo'),
    Step("get pods -l a==b=c", code=1,
         err='Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label '
             "selector \"a==b=c\", field selector \"\": found '=', expected: ',' or 'end of "
             "string'"),
    Step("describe pods nope", code=1, err='Error from server (NotFound): pods "nope" not found'),
    Step("top pods", code=1, err="error: Metrics API not available"),
    Step("top nodes", code=1, err="error: Metrics API not available"),
    Step("logs deployment/web", code=1,
         err='…Error from server: Get "https://127.0.0.1:1/containerLogs/@/web-…/nginx": '
             "dial tcp 127.0.0.1:1: connect: connection refused"),
)  # fmt: skip

DESCRIBED = (
    Step("describe deployment web", out="""
        Name:                  web
        Namespace:             @
        CreationTimestamp:     …
        Labels:                app=web
        Annotations:           deployment.kubernetes.io/revision: 1
        Selector:              app=web
        Replicas:              2 desired | 2 updated | 2 total | 2 available | 0 unavailable
        StrategyType:          RollingUpdate
        MinReadySeconds:       0
        RollingUpdateStrategy: 25% max unavailable, 25% max surge
        Pod Template:…
        Conditions:
          Type           Status  Reason
          ----           ------  ------
          Available      True    MinimumReplicasAvailable
          Progressing    True    NewReplicaSetAvailable
        OldReplicaSets:  <none>
        NewReplicaSet:   web-… (2/2 replicas created)
        Events:
        …
        Normal  ScalingReplicaSet  …  deployment-controller  Scaled up replica set web-…"""),
    Step("describe pods -l app=web", out="""…
        Controlled By: ReplicaSet/web-…
        QoS Class: BestEffort
        …
        Normal  Scheduled  …  default-scheduler  Successfully assigned @/web-… to hollow"""),
    Step("describe service web", err="…", out="""
        Name: web
        …
        IP Family Policy: SingleStack
        …
        Endpoints: 192.0.2.20:80,192.0.2.20:80
        Session Affinity: None…"""),
    Step("describe configmap one", out="…Data\n====\na:\n----\n1\n…Events: <none>"),
    Step("describe node hollow", out="""…
        Unschedulable: false
        …
        Non-terminated Pods:…
        @ web-… 0 (0%) 0 (0%) 0 (0%) 0 (0%) …
        Events:…
        Normal RegisteredNode … Node hollow event: Registered Node hollow in Controller"""),
    Step("describe namespace @", out="""
        Name: @
        Labels: kubernetes.io/metadata.name=@
        Annotations: <none>
        Status: Active

        No resource quota.

        No LimitRange resource."""),
)  # fmt: skip

EXPLAINED = (
    Step("explain pods.spec.containers.ports",
         out="KIND: Pod\nVERSION: v1\n\nFIELD: ports <[]ContainerPort>…"
             "containerPort <integer> -required-…"),
    Step("explain deployment", out="GROUP: apps\nKIND: Deployment\nVERSION: v1\n\nDESCRIPTION:…"
         "FIELDS:\napiVersion <string>…metadata <ObjectMeta>…spec <DeploymentSpec>…"
         "status <DeploymentStatus>…"),
    Step("explain deployment.spec.strategy --recursive",
         out="…rollingUpdate <RollingUpdateDeployment>\nmaxSurge <IntOrString>\n"
             "maxUnavailable <IntOrString>\ntype <string>…"),
    Step("explain hpa --api-version=autoscaling/v1",
         out="GROUP: autoscaling\nKIND: HorizontalPodAutoscaler\nVERSION: v1…"),
    Step("explain deployment.spec.replicas --output=plaintext-openapiv2",
         out="KIND: Deployment\nVERSION: apps/v1\n\nFIELD: replicas <integer>…"),
    Step("explain pods.spec.nope", code=1, out="KIND: Pod\nVERSION: v1",
         err='error: field "nope" does not exist'),
    Step("explain nopes", code=1, err='…the server doesn\'t have a resource type "nopes"'),
)  # fmt: skip

COMPLETED = (
    Step("__complete get pods ''", out="web-…\nweb-…\n:4", err="…"),
    Step("__complete get configmap t", out="two\n:4", err="…"),
    Step("__complete get dep", out="deployments.apps\n:4", err="…"),
    Step("__complete rollout status deployment/", out="deployment/web\n:4", err="…"),
    Step("__complete get pods -n @", out="@\n:4", err="…"),
)  # fmt: skip

TOURS = {
    "tables": TABLES,
    "forms": FORMS,
    "nothing": NOTHING,
    "described": DESCRIBED,
    "explained": EXPLAINED,
    "completed": COMPLETED,
}


@pytest.mark.parametrize("steps", TOURS.values(), ids=TOURS)
def test_read(kubectl: Kubectl, steps: tuple[Step, ...]) -> None:
    walk(kubectl, steps)


@pytest.mark.parametrize(
    ("flags", "seen"),
    [
        pytest.param(
            ["--watch", "--output-watch-events"],
            ["EVENT NAME DATA AGE", "ADDED one 1 …", "ADDED three 0 …", "MODIFIED three 0 …",
             "DELETED three 0 …"],
            id="events",
        ),
        pytest.param(["--watch-only", "-o", "name"], ["configmap/three"] * 3, id="names only"),
        pytest.param(
            ["--watch", "-o", "custom-columns=N:.metadata.name,L:.metadata.labels.w"],
            ["N L", "one y", "three y", "three y", "three y"],
            id="columns",
        ),
    ],
)  # fmt: skip
def test_watch(kubectl: Kubectl, flags: list[str], seen: list[str]) -> None:
    kubectl("label", "configmap", "one", "w=y", "--overwrite")
    command = kubectl.command("get", "configmaps", "-l", "w=y", *flags)
    watch = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=kubectl.environment()
    )  # fmt: skip
    assert watch.stdout is not None
    try:
        shown = [] if "--watch-only" in flags else [watch.stdout.readline() for _ in seen[:2]]
        kubectl("create", "configmap", "three")
        kubectl("label", "configmap", "three", "w=y")
        kubectl("annotate", "configmap", "three", "note=x")
        kubectl("delete", "configmap", "three")
        shown += [watch.stdout.readline() for _ in seen[len(shown) :]]
    finally:
        watch.terminate()
        watch.wait(WATCH_SECONDS)
    assert all(map(fits, seen, shown)), shown
