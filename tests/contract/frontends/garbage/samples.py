"""An object of each kind that a server takes: what garbage is made from."""

from __future__ import annotations

import base64
import copy
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kubepy.api import scheme
from kubepy.api.scheme import Resource

Document = dict[str, Any]


def signing_request() -> str:
    """What a client sends to have a certificate made."""
    key = ec.generate_private_key(ec.SECP256R1())
    wish = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    pem = wish.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    return base64.b64encode(pem).decode()


LABELS = {"app": "web"}
SELECTOR = {"matchLabels": LABELS}
POD_SPEC = {
    "containers": [
        {
            "name": "c",
            "image": "i:1",
            "ports": [{"name": "http", "containerPort": 80}],
            "env": [{"name": "A", "value": "b"}],
            "volumeMounts": [{"name": "v", "mountPath": "/v"}],
            "resources": {"requests": {"cpu": "1"}},
        }
    ],
    "volumes": [{"name": "v", "emptyDir": {}}],
    "tolerations": [{"key": "k", "operator": "Exists"}],
}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": POD_SPEC}
FINITE = {"metadata": {"labels": LABELS}, "spec": {**POD_SPEC, "restartPolicy": "Never"}}
RULES = [
    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
]
WEBHOOKS = [
    {
        "name": "a.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "rules": [{**RULES[0], "resources": ["nothings"]}],
        "failurePolicy": "Ignore",
    }
]
CONSTRAINTS = {"resourceRules": [{**RULES[0], "resources": ["nothings"]}]}
SUBJECTS = [{"kind": "User", "name": "u", "apiGroup": "rbac.authorization.k8s.io"}]
ROLE = {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"}
SCALED = {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"}
REQUESTS = {"requests": [{"name": "r", "exactly": {"deviceClassName": "c"}}]}
SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "n": {"type": "integer", "minimum": 0, "default": 1},
                "s": {"type": "string", "pattern": "^[a-z]*$"},
                "l": {"type": "array", "items": {"type": "string"}},
                "m": {"type": "object", "additionalProperties": {"type": "number"}},
            },
        }
    },
}

BODIES: dict[str, Document] = {
    "mutatingadmissionpolicies.admissionregistration.k8s.io": {
        "spec": {
            "matchConstraints": CONSTRAINTS,
            "reinvocationPolicy": "Never",
            "mutations": [
                {
                    "patchType": "ApplyConfiguration",
                    "applyConfiguration": {"expression": "Object{}"},
                }
            ],
        }
    },
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io": {"spec": {"policyName": "p"}},
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": {"webhooks": WEBHOOKS},
    "validatingadmissionpolicies.admissionregistration.k8s.io": {
        "spec": {"matchConstraints": CONSTRAINTS, "validations": [{"expression": "true"}]}
    },
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": {
        "spec": {"policyName": "p", "validationActions": ["Deny"]}
    },
    "validatingwebhookconfigurations.admissionregistration.k8s.io": {"webhooks": WEBHOOKS},
    "configmaps": {"data": {"k": "v"}, "binaryData": {"b": "AA=="}},
    "endpoints": {"subsets": [{"addresses": [{"ip": "10.1.2.3"}], "ports": [{"port": 80}]}]},
    "events": {
        "involvedObject": {"namespace": "default", "kind": "Pod", "name": "p"},
        "type": "Normal",
        "reason": "R",
    },
    "events.events.k8s.io": {
        "regarding": {"namespace": "default", "kind": "Pod", "name": "p"},
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingController": "a/b",
        "reportingInstance": "i",
        "action": "A",
        "type": "Normal",
        "reason": "R",
    },
    "limitranges": {"spec": {"limits": [{"type": "Container", "max": {"cpu": "9"}}]}},
    "namespaces": {},
    "nodes": {"spec": {"podCIDR": "10.244.0.0/24",
    "taints": [{"key": "k", "effect": "NoExecute"}]}},
    "persistentvolumes": {
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": "/x"},
        }
    },
    "persistentvolumeclaims": {
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        }
    },
    "pods": {"spec": POD_SPEC},
    "podtemplates": {"template": TEMPLATE},
    "replicationcontrollers": {"spec": {"selector": LABELS, "template": TEMPLATE}},
    "resourcequotas": {"spec": {"hard": {"pods": "1"}}},
    "secrets": {"data": {"k": "AA=="}},
    "services": {"spec": {"selector": LABELS, "ports": [{"port": 80, "targetPort": "http"}]}},
    "serviceaccounts": {"secrets": [{"name": "s"}]},
    "controllerrevisions.apps": {"data": {"a": 1}, "revision": 1},
    "daemonsets.apps": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "deployments.apps": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "replicasets.apps": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "statefulsets.apps": {
        "spec": {"selector": SELECTOR, "template": TEMPLATE, "serviceName": "s"}
    },
    "selfsubjectreviews.authentication.k8s.io": {},
    "tokenreviews.authentication.k8s.io": {"spec": {"token": "t", "audiences": ["a"]}},
    "localsubjectaccessreviews.authorization.k8s.io": {
        "spec": {
            "user": "u",
            "resourceAttributes": {"namespace": "default", "verb": "get", "resource": "pods"},
        }
    },
    "selfsubjectaccessreviews.authorization.k8s.io": {
        "spec": {"nonResourceAttributes": {"path": "/x", "verb": "get"}}
    },
    "selfsubjectrulesreviews.authorization.k8s.io": {"spec": {"namespace": "default"}},
    "subjectaccessreviews.authorization.k8s.io": {
        "spec": {"user": "u", "groups": ["g"], "resourceAttributes": {"verb": "get"}}
    },
    "horizontalpodautoscalers.autoscaling": {
        "spec": {"scaleTargetRef": SCALED, "minReplicas": 1, "maxReplicas": 2}
    },
    "cronjobs.batch": {
        "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": FINITE}}}
    },
    "jobs.batch": {"spec": {"template": FINITE}},
    "certificatesigningrequests.certificates.k8s.io": {
        "spec": {"request": signing_request(), "signerName": "example.com/s",
        "usages": ["client auth"]}
    },
    "leases.coordination.k8s.io": {
        "spec": {"holderIdentity": "h", "renewTime": "2026-01-01T00:00:00.000000Z"}
    },
    "endpointslices.discovery.k8s.io": {
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.1.2.3"], "conditions": {"ready": True}}],
        "ports": [{"name": "p", "port": 80, "protocol": "TCP"}],
    },
    "flowschemas.flowcontrol.apiserver.k8s.io": {
        "spec": {
            "priorityLevelConfiguration": {"name": "exempt"},
            "matchingPrecedence": 1000,
            "rules": [
                {
                    "subjects": [{"kind": "User", "user": {"name": "u"}}],
                    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
                }
            ],
        }
    },
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": {
        "spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}}
    },
    "ipaddresses.networking.k8s.io": {
        "spec": {"parentRef": {"resource": "services", "name": "s", "namespace": "default"}}
    },
    "ingresses.networking.k8s.io": {
        "spec": {
            "rules": [
                {
                    "host": "a.example.com",
                    "http": {
                        "paths": [
                            {
                                "path": "/",
                                "pathType": "Prefix",
                                "backend": {"service": {"name": "s", "port": {"number": 80}}},
                            }
                        ]
                    },
                }
            ]
        }
    },
    "ingressclasses.networking.k8s.io": {"spec": {"controller": "example.com/c"}},
    "networkpolicies.networking.k8s.io": {
        "spec": {
            "podSelector": SELECTOR,
            "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 80}]}],
        }
    },
    "servicecidrs.networking.k8s.io": {"spec": {"cidrs": ["10.99.0.0/24"]}},
    "runtimeclasses.node.k8s.io": {"handler": "h", "overhead": {"podFixed": {"cpu": "1"}}},
    "poddisruptionbudgets.policy": {"spec": {"selector": SELECTOR, "minAvailable": "50%"}},
    "clusterroles.rbac.authorization.k8s.io": {
        "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]
    },
    "clusterrolebindings.rbac.authorization.k8s.io": {
        "roleRef": {**ROLE, "kind": "ClusterRole"},
        "subjects": SUBJECTS,
    },
    "roles.rbac.authorization.k8s.io": {
        "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]
    },
    "rolebindings.rbac.authorization.k8s.io": {"roleRef": ROLE, "subjects": SUBJECTS},
    "deviceclasses.resource.k8s.io": {
        "spec": {"selectors": [{"cel": {"expression": 'device.driver == "d"'}}]}
    },
    "resourceclaims.resource.k8s.io": {"spec": {"devices": REQUESTS}},
    "resourceclaimtemplates.resource.k8s.io": {"spec": {"spec": {"devices": REQUESTS}}},
    "resourceslices.resource.k8s.io": {
        "spec": {
            "driver": "d.example.com",
            "nodeName": "n",
            "pool": {"name": "p", "generation": 1, "resourceSliceCount": 1},
            "devices": [{"name": "g", "capacity": {"memory": {"value": "4Gi"}}}],
        }
    },
    "priorityclasses.scheduling.k8s.io": {"value": 1},
    "csidrivers.storage.k8s.io": {"spec": {"attachRequired": False}},
    "csinodes.storage.k8s.io": {"spec": {"drivers": [{"name": "d", "nodeID": "n"}]}},
    "csistoragecapacities.storage.k8s.io": {"storageClassName": "c", "capacity": "1Gi"},
    "storageclasses.storage.k8s.io": {"provisioner": "example.com/p", "parameters": {"a": "b"}},
    "volumeattachments.storage.k8s.io": {
        "spec": {"attacher": "a", "nodeName": "n", "source": {"persistentVolumeName": "v"}}
    },
    "volumeattributesclasses.storage.k8s.io": {"driverName": "d", "parameters": {"a": "b"}},
    "customresourcedefinitions.apiextensions.k8s.io": {
        "spec": {
            "group": "g.example.com",
            "scope": "Namespaced",
            "names": {"plural": "ws", "singular": "w", "kind": "W", "listKind": "WList"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": SCHEMA},
                }
            ],
        }
    },
    "apiservices.apiregistration.k8s.io": {
        "spec": {
            "group": "g2.example.com",
            "version": "v1",
            "service": {"name": "s", "namespace": "default"},
            "insecureSkipTLSVerify": True,
            "groupPriorityMinimum": 1,
            "versionPriority": 1,
        }
    },
}  # fmt: skip

NAMES = {  # of kinds whose names follow from what they hold
    "customresourcedefinitions.apiextensions.k8s.io": "ws.g.example.com",
    "apiservices.apiregistration.k8s.io": "v1.g2.example.com",
    "ipaddresses.networking.k8s.io": "10.96.9.9",
}


def stored() -> list[Resource]:
    """Every resource whose objects are kept."""
    return [each for each in scheme.resources() if "delete" in each.verbs]


def created_only() -> list[Resource]:
    """Reviews: what is answered and forgotten. Bindings are not among them, they bind."""
    return [
        each
        for each in scheme.resources()
        if each.verbs == ("create",) and each.plural != "bindings"
    ]


def name_of(resource: Resource) -> str:
    return NAMES.get(resource.group_resource, "a")


def sample(resource: Resource) -> Document:
    """A fresh document that creation takes."""
    body = copy.deepcopy(BODIES[resource.group_resource])
    return {
        "kind": resource.kind,
        "apiVersion": resource.group_version,
        "metadata": {"name": name_of(resource)},
        **body,
    }


def collection(resource: Resource) -> str:
    """The path of a resource's objects, of those in `default` where it has namespaces."""
    root = f"/apis/{resource.group_version}" if resource.group else f"/api/{resource.version}"
    return (
        f"{root}/namespaces/default/{resource.plural}"
        if resource.namespaced
        else f"{root}/{resource.plural}"
    )
