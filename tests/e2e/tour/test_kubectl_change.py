"""kubectl edit, patch, replace, label, annotate and set: what changes, and what may not."""

from __future__ import annotations

import pytest
from kubectl import Kubectl
from steps import Step, walk

pytestmark = pytest.mark.e2e

MADE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\ndata: {a: '1'}\n"

EDITED = (
    Step("create configmap edited --from-literal=a=old", out="configmap/edited created"),
    Step("edit configmap edited", editor="true", out="…", err="Edit cancelled, no changes made."),
    Step("edit configmap edited", editor="sed -i 's/a: old/a: new/'",
         out="configmap/edited edited"),
    Step("get configmap edited -o jsonpath={.data.a}", out="new"),
    Step("edit configmap edited", editor="sed -i s/^data:/dta:/", code=1,
         err='error: configmaps "edited" is invalid\nA copy of your changes has been stored to …'
             "error: Edit cancelled, no valid changes were saved."),
    Step("create deployment edited --image=nginx:1 --replicas=0", out="…"),
    Step("edit deployment edited", editor="sed -i 's/  replicas: .*/  replicas: -1/'", code=1,
         err='error: deployments.apps "edited" is invalid\nA copy …'
             "error: Edit cancelled, no valid changes were saved."),
)  # fmt: skip

PATCHED = (
    Step("create configmap patched --from-literal=a=1", out="configmap/patched created"),
    Step("""patch configmap patched -p '{"data":{"z":"1"}}'""", out="configmap/patched patched"),
    Step("""patch configmap patched -p '{"data":{"z":"1"}}'""",
         out="configmap/patched patched (no change)"),
    Step("""patch configmap patched --type=merge -p '{"data":{"z":null}}' -o jsonpath={.data}""",
         out='{"a":"1"}'),
    Step("patch configmap patched --type=json "
         """-p '[{"op":"add","path":"/data/q","value":"1"}]'""", out="configmap/patched patched"),
    Step("patch configmap patched --type=json "
         """-p '[{"op":"test","path":"/data/q","value":"2"}]'""", code=1,
         err="The request is invalid: the server rejected our request due to an error in our "
             "request"),
    Step("""patch configmap patched -p '{"dta":{}}'""",
         out="configmap/patched patched (no change)", err='Warning: unknown field "dta"'),
    Step("patch configmap patched -p nonsense", code=1,
         err="Error from server (BadRequest): error decoding patch: json: cannot unmarshal string "
             "into Go value of type map[string]interface {}"),
    Step("create deployment patched --image=nginx:1 --replicas=0", out="…"),
    Step("""patch deployment patched -p '{"spec":{"template":{"spec":{"containers":"""
         """[{"name":"nginx","env":[{"name":"A","value":"1"}]}]}}}}'""",
         out="deployment.apps/patched patched"),
    Step("get deployment patched -o jsonpath={.spec.template.spec.containers[*].image}",
         out="nginx:1"),
    Step("patch deployment patched --subresource=scale --type=merge "
         """-p '{"spec":{"replicas":1}}'""", out="scale.autoscaling/patched patched"),
    Step("get deployment patched -o jsonpath={.spec.replicas}", out="1"),
    Step("patch deployment patched --subresource=status --type=merge "
         """-p '{"status":{"replicas":7},"spec":{"replicas":7}}'""",
         out="deployment.apps/patched patched"),
    Step("get deployment patched -o jsonpath={.spec.replicas}", out="1"),
    Step("""patch deployment patched --type=merge -p """
         """'{"spec":{"selector":{"matchLabels":{"a":"b"}}}}'""", code=1, err="""
        The Deployment "patched" is invalid:
        * spec.template.metadata.labels: Invalid value: {"app":"patched"}: `selector` does not …
        * spec.selector: Invalid value: {"matchLabels":{"a":"b","app":"patched"}}: field is …"""),
    Step("""patch configmap patched -p '{"data":{"a":1}}'""", code=1,
         err='The request is invalid: patch: Invalid value: "map[data:map[a:1]]": cannot convert '
             "int64 to string"),
    Step("patch configmap nope -p {}", code=1,
         err='Error from server (NotFound): configmaps "nope" not found'),
)  # fmt: skip

REPLACED = (
    Step("replace -f -", stdin=MADE, code=1,
         err='Error from server (NotFound): error when replacing "STDIN": '
             'configmaps "made" not found'),
    Step("replace --force -f -", stdin=MADE, out="configmap/made replaced"),
    Step("replace -f -", stdin=MADE.replace("'1'", "'2'"), out="configmap/made replaced"),
    Step("get configmap made -o jsonpath={.data.a}", out="2"),
    Step("replace --force -f -", stdin=MADE,
         out='configmap "made" deleted…\nconfigmap/made replaced'),
    Step("replace -f -", stdin=MADE.replace("made,", "").replace("{name: made}",
         "{name: made, resourceVersion: '1'}"), code=1,
         err='Error from server (Conflict): error when replacing "STDIN": Operation cannot be '
             'fulfilled on configmaps "made": the object has been modified; please apply your '
             "changes to the latest version and try again"),
)  # fmt: skip

LABELLED = (
    Step("create configmap marked", out="configmap/marked created"),
    Step("label configmap marked kept=yes", out="configmap/marked labeled"),
    Step("label configmap marked x=y", out="configmap/marked labeled"),
    Step("label configmap marked x=z", code=1,
         err="error: 'x' already has a value (y), and --overwrite is false"),
    Step("label configmap marked x=z --overwrite", out="configmap/marked labeled"),
    Step("get configmap marked -o jsonpath={.metadata.labels}", out='{"kept":"yes","x":"z"}'),
    Step("label configmap marked x-", out="configmap/marked unlabeled"),
    Step("label configmap marked x-", out='label "x" not found.\nconfigmap/marked not labeled'),
    Step("label configmap marked 'x=bad value'", code=1,
         err='error: invalid label value: "x=bad value": a valid label must …'),
    Step("label configmap marked x=y --resource-version=1", code=1,
         err='Error from server (Conflict): Operation cannot be fulfilled on configmaps "marked": '
             "the object has been modified; …"),
    Step("annotate configmap marked note='hello world'", out="configmap/marked annotate…"),
    Step("annotate configmap marked note=other", code=1,
         err="error: --overwrite is false but found the following declared annotation(s): 'note' "
             "already has a value (hello world)"),
    Step("annotate configmap marked --list", out="note=hello world"),
    Step("annotate configmap marked note-", out="configmap/marked annotate…"),
)  # fmt: skip

SET = (
    Step("create deployment set --image=nginx:1 --replicas=0", out="deployment.apps/set created"),
    Step("set image deployment/set nginx=nginx:2", out="deployment.apps/set image updated"),
    Step("set image deployment/set nope=nginx:2", code=1,
         err='error: unable to find container named "nope"'),
    Step("set env deployment/set A=b", out="deployment.apps/set env updated"),
    Step("set env deployment/set --list", out="# Deployment set, container nginx\nA=b"),
    Step("create configmap vars --from-literal=key=value", out="configmap/vars created"),
    Step("set env deployment/set --from=configmap/vars", out="deployment.apps/set env updated",
         err="Warning: key key transferred to KEY"),
    Step("set env deployment/set --list --resolve",
         out="# Deployment set, container nginx\nA=b\nKEY=value"),
    Step("set resources deployment/set --limits=cpu=200m,memory=512Mi --requests=cpu=100m",
         out="deployment.apps/set resource requirements updated"),
    Step("set resources deployment/set --limits=cpu=1 --requests=cpu=2", code=1,
         err="error: failed to patch resources update to pod template Deployment.apps \"set\" is "
             'invalid: spec.template.spec.containers[0].resources.requests: Invalid value: "2": '
             "must be less than or equal to cpu limit of 1"),
    Step("set serviceaccount deployment/set robot",
         out="deployment.apps/set serviceaccount updated"),
    Step("create service clusterip set --tcp=80", out="service/set created"),
    Step("set selector service/set app=web", out="service/set selector updated"),
    Step("create rolebinding set --role=r --user=bob", out="…"),
    Step("set subject rolebinding/set --user=alice",
         out="rolebinding.rbac.authorization.k8s.io/set subjects updated"),
    Step("get rolebinding set -o jsonpath={.subjects[*].name}", out="bob alice"),
)  # fmt: skip

TOURS = {
    "edited": EDITED,
    "patched": PATCHED,
    "replaced": REPLACED,
    "labelled": LABELLED,
    "set": SET,
}


@pytest.mark.parametrize("steps", TOURS.values(), ids=TOURS)
def test_change(kubectl: Kubectl, steps: tuple[Step, ...]) -> None:
    walk(kubectl, steps)
