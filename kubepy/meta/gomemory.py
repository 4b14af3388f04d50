"""API objects as they lie in Kubernetes' memory, which is what its messages show.

Its own types carry no JSON tags: every field shows under its Go name, empty ones too. Types of
meta/v1 do carry them and show as on the wire. Most types have the fields of their wire form in
the same order; `_LAYOUTS` and `_pod_spec` are the exceptions.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec
from msgspec import Raw, Struct

from kubepy.api import codec
from kubepy.api.types import ABSENT, Duration

# JSON names whose Go names are more than the capitalised word.
_GO_NAMES = {
    "apiGroup": "APIGroup",
    "apiVersion": "APIVersion",
    "awsElasticBlockStore": "AWSElasticBlockStore",
    "csi": "CSI",
    "dnsConfig": "DNSConfig",
    "dnsPolicy": "DNSPolicy",
    "downwardAPI": "DownwardAPI",
    "fc": "FC",
    "fsGroup": "FSGroup",
    "fsGroupChangePolicy": "FSGroupChangePolicy",
    "fsType": "FSType",
    "gcePersistentDisk": "GCEPersistentDisk",
    "gmsaCredentialSpec": "GMSACredentialSpec",
    "gmsaCredentialSpecName": "GMSACredentialSpecName",
    "grpc": "GRPC",
    "httpGet": "HTTPGet",
    "httpHeaders": "HTTPHeaders",
    "ip": "IP",
    "iscsi": "ISCSI",
    "nfs": "NFS",
    "os": "OS",
    "pdID": "PdID",
    "pdName": "PDName",
    "rbd": "RBD",
    "scaleIO": "ScaleIO",
    "seLinuxChangePolicy": "SELinuxChangePolicy",
    "seLinuxOptions": "SELinuxOptions",
    "storageos": "StorageOS",
    "targetWWNs": "TargetWWNs",
    "tcpSocket": "TCPSocket",
    "ttlSecondsAfterFinished": "TTLSecondsAfterFinished",
    "tty": "TTY",
    "uid": "UID",
    "wwids": "WWIDs",
}

# The same, where only one type calls the field so.
_OWN_NAMES = {
    "DeviceAttribute": {
        name: f"{kind.capitalize()}Value{'s' * name.endswith('s')}"
        for kind in ("int", "bool", "string", "version")
        for name in (kind, f"{kind}s")
    },
}

# The fields of a type in Go's order, by their JSON names, where it is not the wire's.
_LAYOUTS = {
    "Container": (
        "name", "image", "command", "args", "workingDir", "ports", "envFrom", "env", "resources",
        "resizePolicy", "restartPolicy", "restartPolicyRules", "volumeMounts", "volumeDevices",
        "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "terminationMessagePath",
        "terminationMessagePolicy", "imagePullPolicy", "securityContext", "stdin", "stdinOnce",
        "tty",
    ),
    "PodSecurityContext": (
        "seLinuxOptions", "windowsOptions", "runAsUser", "runAsGroup", "runAsNonRoot",
        "supplementalGroups", "supplementalGroupsPolicy", "fsGroup", "fsGroupChangePolicy",
        "sysctls", "seccompProfile", "appArmorProfile", "seLinuxChangePolicy",
    ),
    "PodSpec": (
        "volumes", "initContainers", "containers", "ephemeralContainers", "restartPolicy",
        "terminationGracePeriodSeconds", "activeDeadlineSeconds", "dnsPolicy", "nodeSelector",
        "serviceAccountName", "automountServiceAccountToken", "nodeName", "securityContext",
        "imagePullSecrets", "hostname", "subdomain", "setHostnameAsFQDN", "affinity",
        "schedulerName", "tolerations", "hostAliases", "priorityClassName", "priority",
        "preemptionPolicy", "dnsConfig", "readinessGates", "runtimeClassName", "overhead",
        "enableServiceLinks", "topologySpreadConstraints", "os", "schedulingGates",
        "resourceClaims", "resources", "hostnameOverride", "schedulingGroup",
    ),
}  # fmt: skip
_LAYOUTS["EphemeralContainer"] = (*_LAYOUTS["Container"], "targetContainerName")

# Fields of a PodSpec that Kubernetes keeps in the security context.
_OF_HOST = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")


def go_name(json_name: str) -> str:
    """The name of a field in Go."""
    return _GO_NAMES.get(json_name) or json_name[:1].upper() + json_name[1:]


def plain(value: Any) -> Any:
    """The value as dicts, lists and scalars, in the order in which Go would write it."""
    match value:
        case Struct() if type(value).__module__ == "kubepy.api.meta.v1":
            return codec.to_builtins(value)
        case Struct():
            return _fields(value)
        case Duration():
            return {"Duration": value.nanoseconds()}
        case Raw():
            return None if value == ABSENT else json.loads(bytes(value))
        case dict():
            return {key: plain(value[key]) for key in sorted(value)}
        case tuple() | list():
            return [plain(item) for item in value]
        case bytes():
            return base64.b64encode(value).decode()
        case str():
            return str(value)
        case _:
            return value


def _fields(value: Struct) -> dict[str, Any]:
    wire = {info.encode_name: info.name for info in msgspec.structs.fields(value)}
    own = _OWN_NAMES.get(type(value).__name__, {})
    shown: dict[str, Any] = {}
    for name in _LAYOUTS.get(type(value).__name__, wire):
        content = getattr(value, wire[name])
        if name in ("kind", "apiVersion") and "metadata" in wire:
            shown |= {name: content} if content else {}
        elif name == "metadata":
            shown |= plain(content)  # embedded
        else:
            shown[own.get(name) or go_name(name)] = _content(content)
    if type(value).__name__ == "PodSpec" and shown["SecurityContext"] is not None:
        host = {go_name(name): _content(getattr(value, name)) for name in _OF_HOST}
        shown["SecurityContext"] = host | shown["SecurityContext"]
    return shown


def _content(value: Any) -> Any:
    """What a field holds; an empty list or map is nil there."""
    return None if isinstance(value, tuple | dict) and not value else plain(value)
