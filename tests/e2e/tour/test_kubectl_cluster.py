"""kubectl's questions about the server and about who asks, and requests for certificates."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kubectl import Kubectl
from steps import Step, walk

pytestmark = pytest.mark.e2e

SERVED = (
    Step("version", since=28, out="Client Version: v1.…\nServer Version: v1.36.…"),
    Step("version -o json", out='…"serverVersion": {…"major": "1",…"minor": "36",…'),
    Step("cluster-info", out="…Kubernetes control plane…is running at …https://127.0.0.1:…"),
    Step("api-versions", out="…apps/v1\n…batch/v1\n…networking.k8s.io/v1\n…storage.k8s.io/v1\nv1"),
    Step("api-resources --api-group=apps -o wide", out="""
        NAME SHORTNAMES APIVERSION NAMESPACED KIND VERBS CATEGORIES
        controllerrevisions apps/v1 true ControllerRevision create,…
        daemonsets ds apps/v1 true DaemonSet create,delete,deletecollection,get,… all
        deployments deploy apps/v1 true Deployment create,delete,… all
        replicasets rs apps/v1 true ReplicaSet create,delete,… all
        statefulsets sts apps/v1 true StatefulSet create,delete,… all"""),
    Step("api-resources --namespaced=false --no-headers", out="componentstatuses cs v1 false …"),
    Step("api-resources --verbs=bind --sort-by=name -o name"),
    Step("api-resources --categories=api-extensions -o name",
         out="…customresourcedefinitions.apiextensions.k8s.io\n…apiservices.apiregistration.k8s.io"),
    Step("get --raw /readyz", out="ok"),
    Step("get --raw /livez?verbose", out="[+]ping ok\n…livez check passed"),
    Step("get apiservice v1.apps", out="NAME SERVICE AVAILABLE AGE\nv1.apps Local True …"),
    Step("describe flowschema catch-all", out="Name: catch-all\n…Type: Dangling\nEvents: <none>"),
    Step("describe servicecidr kubernetes", out="…10.96.0.0/16\n…", since=33),
    Step("cluster-info dump", out="…"),
)  # fmt: skip

ASKERS = (
    Step("auth can-i get pods", out="yes"),
    Step("auth can-i get pods --as=bob", code=1, out="no"),
    Step("auth can-i get nopes", out="yes",
         err="Warning: the server doesn't have a resource type 'nopes'"),
    Step("auth can-i --list", out="Resources Non-Resource URLs Resource Names Verbs\n…"
         "selfsubjectaccessreviews.authorization.k8s.io [] [] [create]…"),
    Step("auth whoami", since=28, out="ATTRIBUTE VALUE\nUsername kubernetes-admin\n"
         "Groups [system:masters system:authenticated]…"),
    Step("auth whoami --as=bob --as-group=devs -o jsonpath={.status.userInfo}", since=28,
         out='{"groups":["devs","system:authenticated"],"username":"bob"}'),
    Step("get pods --as=bob", code=1,
         err='Error from server (Forbidden): pods is forbidden: User "bob" cannot list resource '
             '"pods" in API group "" in the namespace "@"'),
)  # fmt: skip

ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reconciled, namespace: "@"}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
"""
RECONCILED = (
    Step("auth reconcile -f -", stdin=ROLE, out="…reconciled", err="""
        reconciliation required create
        missing rules added:
        {Verbs:[get] APIGroups:[] Resources:[pods] ResourceNames:[] NonResourceURLs:[]}"""),
    Step("auth reconcile --remove-extra-permissions -f -", stdin=ROLE.replace("[get]", "[list]"),
         out="role.rbac.authorization.k8s.io/reconciled reconciled",
         err="reconciliation required update\nmissing rules added:\n…\nextra rules removed:\n…"),
)  # fmt: skip


@pytest.mark.parametrize(
    "steps", [SERVED, ASKERS, RECONCILED], ids=["served", "askers", "reconciled"]
)
def test_cluster(kubectl: Kubectl, steps: tuple[Step, ...]) -> None:
    walk(kubectl, steps)


def test_requests_for_certificates(kubectl: Kubectl) -> None:
    wanted = f"""
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {{name: "@"}}
spec:
  request: {certificate_request()}
  signerName: kubernetes.io/kube-apiserver-client
  usages: [client auth]
  expirationSeconds: 86400
"""
    walk(kubectl, (
        Step("create -f -", stdin=wanted,
             out="certificatesigningrequest.certificates.k8s.io/@ created"),
        Step("get csr @", out="""
             NAME AGE SIGNERNAME REQUESTOR REQUESTEDDURATION CONDITION
             @ … kubernetes.io/kube-apiserver-client kubernetes-admin 24h Pending"""),
        Step("describe csr @", out="…Common Name: carol\n…"),
        Step("certificate approve @",
             out="certificatesigningrequest.certificates.k8s.io/@ approved"),
        Step("get csr @ --no-headers", out="@ … 24h Approved…"),
        Step("certificate deny @", code=1,
             err='error: certificate signing request "@" is already Approved'),
        Step("delete csr @", err="…", out="…deleted"),
        Step("create -f -", stdin=wanted, out="…"),
        Step("certificate deny @", out="certificatesigningrequest.certificates.k8s.io/@ denied"),
        Step("get csr @ --no-headers", out="@ … 24h Denied"),
        Step("delete csr @", err="…", out="…deleted"),
    ))  # fmt: skip


def certificate_request() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "carol")])
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return base64.b64encode(request.public_bytes(serialization.Encoding.PEM)).decode()
