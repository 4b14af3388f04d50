"""kubectl create: each of its generators, and what is refused."""

from __future__ import annotations

import pytest
from kubectl import Kubectl
from steps import Step, walk

pytestmark = pytest.mark.e2e

WORKLOADS = (
    Step("create deployment web --image=nginx:1 --replicas=0 --port=80",
         out="deployment.apps/web created"),
    Step("create deployment web --image=nginx:1", code=1,
         err='error: failed to create deployment: deployments.apps "web" already exists'),
    Step("create job once --image=busybox -- date", out="job.batch/once created"),
    Step("create cronjob often --image=busybox --schedule='*/5 * * * *' -- date",
         out="cronjob.batch/often created"),
    Step("create job now --from=cronjob/often", out="job.batch/now created"),
    Step("get job now -o jsonpath={.metadata.ownerReferences[0].kind}", out="CronJob"),
    Step("create cronjob bad --image=busybox --schedule='99 * * * *'", code=1,
         err='error: failed to create cronjob: CronJob.batch "bad" is invalid: spec.schedule: '
             'Invalid value: "99 * * * *": …'),
)  # fmt: skip

SERVICES = (
    Step("create service clusterip inside --tcp=80:8080", out="service/inside created"),
    Step("create service clusterip headless --clusterip=None", out="service/headless created"),
    Step("create service nodeport open --tcp=80", out="service/open created"),
    Step("create service loadbalancer wide --tcp=5678:8080", out="service/wide created"),
    Step("create service externalname away --external-name=example.com",
         out="service/away created"),
    Step("get services --sort-by=.metadata.name", out="""
        NAME      TYPE          CLUSTER-IP  EXTERNAL-IP  PORT(S)       AGE
        away      ExternalName  <none>      example.com  <none>        …
        headless  ClusterIP     None        <none>       <none>        …
        inside    ClusterIP     10.96.…     <none>       80/TCP        …
        open      NodePort      10.96.…     <none>       80:…/TCP      …
        wide      LoadBalancer  10.96.…     <pending>    5678:…/TCP    …"""),
    Step("create service nodeport far --tcp=80 --node-port=1", code=1,
         err='error: failed to create NodePort service: Service "far" is invalid: '
             "spec.ports[0].nodePort: Invalid value: 1: provided port is not in the valid range. "
             "The range of valid ports is 30000-32767"),
    Step("create ingress web --rule=example.com/a=inside:80,tls=cert",
         out="ingress.networking.k8s.io/web created"),
    Step("get ingress", out="""
        NAME  CLASS   HOSTS        ADDRESS  PORTS    AGE
        web   <none>  example.com           80, 443  …"""),
)  # fmt: skip

SETTINGS = (
    Step("create configmap literal --from-literal=a=1", out="configmap/literal created"),
    Step("create configmap file --from-file=key=/dev/stdin", stdin="from a file",
         out="configmap/file created"),
    Step("get configmap file -o jsonpath={.data.key}", out="from a file"),
    Step("create secret generic plain --from-literal=a=1", out="secret/plain created"),
    Step("create secret docker-registry pull --docker-server=r --docker-username=u "
         "--docker-password=p", out="secret/pull created"),
    Step("get secrets", out="""
        NAME   TYPE                            DATA  AGE
        plain  Opaque                          1     …
        pull   kubernetes.io/dockerconfigjson  1     …"""),
    Step("create serviceaccount robot", out="serviceaccount/robot created"),
    Step("create token robot --duration=1h", out="ey…"),
    Step("create token nobody", code=1,
         err='error: failed to create token: serviceaccounts "nobody" not found'),
    Step("create quota few --hard=pods=20,services=20", out="resourcequota/few created"),
    Step("create quota bad --hard=services=1 --scopes=BestEffort", code=1,
         err='error: failed to create quota: ResourceQuota "bad" is invalid: spec.scopes: '
             'Invalid value: ["BestEffort"]: unsupported scope applied to resource'),
    Step("create poddisruptionbudget safe --selector=app=web --min-available=1",
         out="poddisruptionbudget.policy/safe created"),
    Step("get pdb", out="""
        NAME  MIN AVAILABLE  MAX UNAVAILABLE  ALLOWED DISRUPTIONS  AGE
        safe  1              N/A              0                    …"""),
    Step("create priorityclass @ --value=1000 --description=high",
         out="priorityclass.scheduling.k8s.io/@ created"),
    Step("get priorityclass @ --no-headers", out="@ 1000 false … PreemptLowerPriority"),
    Step("delete priorityclass @", err="…", out='priorityclass.scheduling.k8s.io "@" deleted'),
)  # fmt: skip

RIGHTS = (
    Step("create role reader --verb=get,list --resource=pods/status,deployments.apps",
         out="role.rbac.authorization.k8s.io/reader created"),
    Step("create rolebinding reader --role=reader --user=bob --serviceaccount=default:robot",
         out="rolebinding.rbac.authorization.k8s.io/reader created"),
    Step("get rolebinding reader -o wide", out="""
        NAME    ROLE         AGE  USERS  GROUPS  SERVICEACCOUNTS
        reader  Role/reader  …    bob            default/robot"""),
    Step("create clusterrole @-nodes --verb=get --resource=nodes",
         out="clusterrole.rbac.authorization.k8s.io/@-nodes created"),
    Step("create clusterrole @-logs --verb=get --non-resource-url=/logs/*",
         out="clusterrole.rbac.authorization.k8s.io/@-logs created"),
    Step("create clusterrole @-all --aggregation-rule=part=@",
         out="clusterrole.rbac.authorization.k8s.io/@-all created"),
    Step("create clusterrolebinding @ --clusterrole=@-nodes --user=bob",
         out="clusterrolebinding.rbac.authorization.k8s.io/@ created"),
    Step("describe clusterrole @-nodes", out="""
        Name:         @-nodes
        Labels:       <none>
        Annotations:  <none>
        PolicyRule:
        Resources  Non-Resource URLs  Resource Names  Verbs
        ---------  -----------------  --------------  -----
        nodes      []                 []              [get]"""),
    Step("delete clusterrolebinding/@ clusterrole/@-nodes clusterrole/@-logs clusterrole/@-all",
         out="…", err="…"),
)  # fmt: skip

UNKNOWN_FIELD = """
apiVersion: v1
kind: ConfigMap
metadata: {name: misspelt}
dta: {a: b}
"""
WRONG_TYPE = """
apiVersion: v1
kind: Pod
metadata: {name: bad}
spec: {containers: [{name: a, image: x, ports: [{containerPort: eighty}]}]}
"""
BAD_VALUES = """
apiVersion: v1
kind: Pod
metadata: {name: bad}
spec: {containers: [{name: A, image: ""}], restartPolicy: sometimes}
"""
A_NUMBER = """
apiVersion: v1
kind: ConfigMap
metadata: {name: number}
data: {a: 1}
"""
TWO = """
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: good}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: BAD}}
"""
BAD_FILES = (
    Step("create -f -", stdin=UNKNOWN_FIELD, code=1,
         err='Error from server (BadRequest): error when creating "STDIN": ConfigMap in version '
             '"v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta"'),
    Step("create --validate=warn -f -", stdin=UNKNOWN_FIELD,
         out="configmap/misspelt created", err='Warning: unknown field "dta"'),
    Step("create --validate=ignore --dry-run=server -f -", stdin=A_NUMBER, code=1,
         err='Error from server (BadRequest): error when creating "STDIN": ConfigMap in version '
             '"v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct '
             "field ConfigMap.data of type string"),
    Step("create -f -", stdin=WRONG_TYPE, code=1,
         err='Error from server (BadRequest): error when creating "STDIN": Pod in version "v1" '
             "cannot be handled as a Pod: json: cannot unmarshal string into Go struct field "
             "ContainerPort.spec.containers.ports.containerPort of type int32"),
    Step("create -f -", stdin=BAD_VALUES, code=1, err="""
        The Pod "bad" is invalid:
        * spec.containers[0].name: Invalid value: "A": a lowercase RFC 1123 label must …
        * spec.containers[0].image: Required value
        * spec.restartPolicy: Unsupported value: "sometimes": supported values: …"""),
    Step("create -f -", stdin=TWO, code=1, out="configmap/good created",
         err='The ConfigMap "BAD" is invalid: metadata.name: Invalid value: "BAD": …'),
    Step("create -f -", stdin=TWO.replace("BAD", "other"), code=1, out="configmap/other created",
         err='Error from server (AlreadyExists): error when creating "STDIN": '
             'configmaps "good" already exists'),
    Step("create -f -", stdin=BAD_VALUES.replace("v1", "v9"), code=1,
         err='error: resource mapping not found for name: "bad" namespace: "" from "STDIN": '
             'no matches for kind "Pod" in version "v9"\nensure CRDs are installed first'),
    Step("create -f -", stdin=BAD_VALUES.replace("apiVersion: v1", ""), code=1,
         err='error: error validating "STDIN": error validating data: apiVersion not set; …'),
    Step("create configmap a -n @-nowhere", code=1,
         err='error: failed to create configmap: namespaces "@-nowhere" not found'),
)  # fmt: skip

TOURS = {
    "workloads": WORKLOADS,
    "services": SERVICES,
    "settings": SETTINGS,
    "rights": RIGHTS,
    "bad files": BAD_FILES,
}


@pytest.mark.parametrize("steps", TOURS.values(), ids=TOURS)
def test_create(kubectl: Kubectl, steps: tuple[Step, ...]) -> None:
    walk(kubectl, steps)
