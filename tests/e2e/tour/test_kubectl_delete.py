"""kubectl delete: whom it takes along, and who may hold it up."""

from __future__ import annotations

import pytest
from kubectl import Kubectl
from steps import Step, walk

pytestmark = pytest.mark.e2e

MADE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\n"

CHOSEN = (
    Step("create configmap a", out="configmap/a created"),
    Step("create configmap b", out="configmap/b created"),
    Step("label configmap a b gone=1", out="configmap/a labeled\nconfigmap/b labeled"),
    Step("delete configmaps -l gone=1 --dry-run=server",
         out='configmap "a" deleted…(server dry run)\nconfigmap "b" deleted…(server dry run)'),
    Step("delete configmaps -l gone=1", out='configmap "a" deleted…\nconfigmap "b" deleted…'),
    Step("delete configmaps -l gone=1", out="No resources found"),
    Step("delete configmap a", code=1,
         err='Error from server (NotFound): configmaps "a" not found'),
    Step("delete configmap a --ignore-not-found"),
    Step("delete pods --field-selector=status.phase=Failed", out="No resources found"),
    Step("create -f -", stdin=MADE, out="configmap/made created"),
    Step("delete -f -", stdin=MADE, out='configmap "made" deleted…'),
    Step("create -f -", stdin=MADE, out="configmap/made created"),
    Step("delete configmap/made -o name", out="configmap/made"),
    Step("create -f -", stdin=MADE, out="configmap/made created"),
    Step("delete --raw /api/v1/namespaces/@/configmaps/made",
         out='{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success",'
             '"details":{"name":"made","kind":"configmaps","uid":"…"}}'),
    Step("create -f -", stdin=MADE, out="configmap/made created"),
    Step("delete configmaps --all", out='configmap "kube-root-ca.crt" deleted…made" deleted…'),
)  # fmt: skip

HELD = (
    Step("create configmap held", out="configmap/held created"),
    Step("""patch configmap held -p '{"metadata":{"finalizers":["example.com/x"]}}'""",
         out="configmap/held patched"),
    Step("delete configmap held --wait=false", out='configmap "held" deleted…'),
    Step("wait configmap/held --for=delete --timeout=1s", code=1,
         err="…error: timed out waiting for the condition on configmaps/held"),
    Step("get configmap held -o 'jsonpath={.metadata.deletionGracePeriodSeconds} "
         "{.metadata.finalizers}'", out='0 ["example.com/x"]'),
    Step("""patch configmap held --type=merge -p '{"metadata":{"finalizers":["o.com/y"]}}'""",
         code=1,
         err='The ConfigMap "held" is invalid: metadata.finalizers: Forbidden: no new finalizers '
             'can be added if the object is being deleted, found new finalizers '
             '[]string{"o.com/y"}'),
    Step("""patch configmap held --type=merge -p '{"metadata":{"finalizers":null}}'""",
         out="configmap/held patched"),
    Step("get configmap held", code=1,
         err='Error from server (NotFound): configmaps "held" not found'),
)  # fmt: skip

OWNED = (
    Step("create deployment web --image=nginx:1", out="deployment.apps/web created"),
    Step("rollout status deployment/web --timeout=60s", out="…"),
    Step("delete deployment web --cascade=orphan", out='deployment.apps "web" deleted…'),
    Step("get replicasets -l app=web", out="NAME DESIRED CURRENT READY AGE\nweb-… 1 1 1 …"),
    Step("create deployment web --image=nginx:1", out="deployment.apps/web created"),
    Step("rollout status deployment/web --timeout=60s", out="…"),
    Step("get replicasets -l app=web -o jsonpath={.items[*].metadata.ownerReferences[*].name}",
         out="web"),
    Step("delete deployment web --cascade=foreground", out='deployment.apps "web" deleted…'),
    Step("get replicasets,pods -l app=web", err="No resources found in @ namespace."),
    Step("create deployment web --image=nginx:1", out="deployment.apps/web created"),
    Step("rollout status deployment/web --timeout=60s", out="…"),
    Step("delete deployment web", out='deployment.apps "web" deleted…'),
    Step("wait pods -l app=web --for=delete --timeout=60s", out="…"),
)  # fmt: skip

WHOLE = (
    Step("create namespace @-whole", out="namespace/@-whole created"),
    Step("create configmap a -n @-whole", out="configmap/a created"),
    Step("create deployment web --image=nginx:1 -n @-whole", out="…"),
    Step("delete namespace @-whole --timeout=60s", err="…", out='namespace "@-whole" deleted'),
    Step("get namespace @-whole", code=1,
         err='Error from server (NotFound): namespaces "@-whole" not found'),
    Step("delete namespace kube-system", code=1, err='…Error from server (Forbidden): namespaces '
         '"kube-system" is forbidden: this namespace may not be deleted'),
)  # fmt: skip

TOURS = {"chosen": CHOSEN, "held": HELD, "owned": OWNED, "whole": WHOLE}


@pytest.mark.parametrize("steps", TOURS.values(), ids=TOURS)
def test_delete(kubectl: Kubectl, steps: tuple[Step, ...]) -> None:
    walk(kubectl, steps)
