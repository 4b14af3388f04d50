"""kubectl apply, diff and kustomize: what was applied, what it changes, and whose it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from kubectl import Kubectl
from steps import Step, walk

pytestmark = pytest.mark.e2e

FIRST = """
apiVersion: v1
kind: ConfigMap
metadata: {name: app, labels: {part: "@"}}
data: {a: "1", b: "2"}
"""
SECOND = FIRST.replace('{a: "1", b: "2"}', '{a: "9"}')
THIRD = FIRST.replace("name: app", "name: third")
MADE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\ndata: {c: d}\n"

CLIENT_SIDE = (
    Step("apply -f -", stdin=FIRST, out="configmap/app created"),
    Step("apply -f -", stdin=FIRST, out="configmap/app unchanged"),
    Step("apply -f - --dry-run=client", stdin=SECOND, out="configmap/app configured (dry run)"),
    Step("apply -f - --dry-run=server -o jsonpath={.data}", stdin=SECOND, out='{"a":"9"}'),
    Step("get configmap app -o jsonpath={.data}", out='{"a":"1","b":"2"}'),
    Step("diff -f -", stdin=FIRST),
    Step("diff -f -", stdin=SECOND, code=1, err="…", out="""diff …
         -  a: "1"
         -  b: "2"
         +  a: "9"…"""),
    Step("apply -f -", stdin=SECOND, out="configmap/app configured"),
    Step("get configmap app -o jsonpath={.data}", out='{"a":"9"}'),
    Step("create configmap plain --from-literal=a=b", out="configmap/plain created"),
    Step("apply -f -", stdin=MADE.replace("made", "plain"), out="configmap/plain configured",
         err="Warning: resource configmaps/plain is missing the "
             "kubectl.kubernetes.io/last-applied-configuration annotation …"),
    Step("get configmap plain -o jsonpath={.data}", out='{"a":"b","c":"d"}'),
    Step("apply -f -", stdin=FIRST.replace("labels", "namespace: elsewhere, labels"), code=1,
         err="error: the namespace from the provided object \"elsewhere\" does not match the "
             'namespace "@". You must pass \'--namespace=elsewhere\' to perform this operation.'),
)  # fmt: skip

LAST_APPLIED = (
    Step("apply -f -", stdin=MADE, out="configmap/made created"),
    Step("apply view-last-applied configmap/made", out="""
         apiVersion: v1
         data:
           c: d
         …"""),
    Step("apply set-last-applied -f -", stdin=MADE.replace("d}", "e}"),
         out="configmap/made configured"),
    Step("apply view-last-applied configmap made -o json", out='…"c": "e"…'),
    Step("apply edit-last-applied configmap/made", editor="sed -i 's/c: e/c: f/'",
         out="configmap/made edited"),
    Step("apply view-last-applied configmap made -o json", out='…"c": "f"…'),
    Step("get configmap made -o jsonpath={.data}", out='{"c":"d"}'),
)  # fmt: skip

SERVER_SIDE = (
    Step("apply --server-side -f -", stdin=FIRST.replace("app", "owned"),
         out="configmap/owned serverside-applied"),
    Step("diff --server-side -f -", stdin=SECOND.replace("app", "owned"), code=1, err="…",
         out='…-  a: "1"\n-  b: "2"\n+  a: "9"…'),
    Step("apply --server-side --field-manager=other -f -", stdin=SECOND.replace("app", "owned"),
         code=1,
         err='error: Apply failed with 1 conflict: conflict with "kubectl": .data.a\n'
             "Please review the fields above--they currently have other managers.…"),
    Step("apply --server-side --field-manager=other --force-conflicts --dry-run=server -f -",
         stdin=SECOND.replace("app", "owned"),
         out="configmap/owned serverside-applied (server dry run)"),
    Step("apply --server-side --field-manager=other --force-conflicts -f -",
         stdin=SECOND.replace("app", "owned"), out="configmap/owned serverside-applied"),
    Step("get configmap owned -o jsonpath={.data}", out='{"a":"9","b":"2"}'),
    Step("get configmap owned -o jsonpath={.metadata.managedFields[*].manager}",
         out="kubectl other"),
    Step("apply --server-side -f -", stdin=FIRST.replace("\ndata", "\ndta"), code=1,
         err='Error from server: failed to create typed patch object (@/app; /v1, '
             "Kind=ConfigMap): .dta: field not declared in schema"),
)  # fmt: skip

PRUNED = (
    Step("apply -f -", stdin=f"{FIRST}---{THIRD}", out="configmap/app …\nconfigmap/third created"),
    Step("apply -f - --prune -l part=@ --prune-allowlist=core/v1/ConfigMap", stdin=FIRST,
         out="configmap/app …\nconfigmap/third pruned"),
    Step("get configmap third", code=1,
         err='Error from server (NotFound): configmaps "third" not found'),
)  # fmt: skip

TOURS = {
    "client-side": CLIENT_SIDE,
    "last applied": LAST_APPLIED,
    "server-side": SERVER_SIDE,
    "pruned": PRUNED,
}


@pytest.mark.parametrize("steps", TOURS.values(), ids=TOURS)
def test_apply(kubectl: Kubectl, steps: tuple[Step, ...]) -> None:
    walk(kubectl, steps)


def test_apply_sets(kubectl: Kubectl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECTL_APPLYSET", "true")
    one, two = MADE.replace("made", "one"), MADE.replace("made", "two")
    walk(kubectl, (
        Step("apply -f - --prune --applyset=group", stdin=one, out="configmap/one created"),
        Step("apply -f - --prune --applyset=group", stdin=two,
             out="configmap/two created\nconfigmap/one pruned"),
    ))  # fmt: skip


def test_kustomizations(kubectl: Kubectl, tmp_path: Path) -> None:
    (tmp_path / "made.yaml").write_text(MADE)
    (tmp_path / "kustomization.yaml").write_text(
        "resources: [made.yaml]\nnamePrefix: k-\n"
        "configMapGenerator: [{name: generated, literals: [x=y]}]\n"
    )
    walk(kubectl, (
        Step(f"apply -k {tmp_path}",
             out="configmap/k-generated-… created\nconfigmap/k-made created"),
        Step(f"apply -k {tmp_path} --dry-run=server",
             out="configmap/k-generated-… unchanged (server dry run)\n"
                 "configmap/k-made unchanged (server dry run)"),
        Step(f"diff -k {tmp_path}"),
        Step(f"delete -k {tmp_path}",
             out='configmap "k-generated-…" deleted…\nconfigmap "k-made" deleted…'),
    ))  # fmt: skip
