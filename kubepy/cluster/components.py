"""The command lines of a cluster's components.

The two processes of a local cluster hold several components each, and read these flags just as
the binaries of the same names do: any of them can be taken out and started by hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from kubepy.cluster.fabric import KUBERNETES_SERVICE, PODS, SERVICES, Fabric
from kubepy.cluster.layout import Layout
from kubepy.cluster.state import State

LOOPBACK = "127.0.0.1"
BRIDGE = "cni0"
ISSUER = "https://kubernetes.default.svc.cluster.local"


class Place(Struct, frozen=True):
    """A cluster and where it is: what every command line is made of."""

    layout: Layout
    state: State
    address: str  # of the apiserver, as the node and its pods reach it
    node_address: str

    @property
    def fabric(self) -> Fabric:
        return Fabric(self.state.slot)


def place(layout: Layout, state: State) -> Place:
    fabric = Fabric(state.slot)
    if state.host:
        return Place(layout, state, state.address, state.address)
    return Place(layout, state, fabric.gateway, fabric.node)


def server_url(place: Place, address: str = LOOPBACK) -> str:
    host = f"[{address}]" if ":" in address else address
    return f"https://{host}:{place.state.ports.https}"


def apiserver(place: Place) -> list[str]:
    pki, ports = place.layout.pki, place.state.ports
    network = f"--backend-network-namespace={place.layout.node_network}"
    return [
        f"--bind-address={place.address},{LOOPBACK}",
        f"--advertise-address={place.address}",
        f"--secure-port={ports.https}",
        f"--grpc-port={ports.grpc}",
        f"--grpc-token-port={ports.grpc_token}",
        f"--tls-cert-file={pki / 'apiserver.crt'}",
        f"--tls-private-key-file={pki / 'apiserver.key'}",
        f"--client-ca-file={pki / 'ca.crt'}",
        f"--requestheader-client-ca-file={pki / 'front-proxy-ca.crt'}",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={pki / 'front-proxy-client.crt'}",
        f"--proxy-client-key-file={pki / 'front-proxy-client.key'}",
        "--enable-aggregator-routing=true",
        *([] if place.state.host else [network]),
        f"--kubelet-client-certificate={pki / 'apiserver-kubelet-client.crt'}",
        f"--kubelet-client-key={pki / 'apiserver-kubelet-client.key'}",
        f"--kubelet-certificate-authority={pki / 'ca.crt'}",
        f"--service-account-issuer={ISSUER}",
        f"--service-account-key-file={pki / 'sa.pub'}",
        f"--service-account-signing-key-file={pki / 'sa.key'}",
        f"--service-cluster-ip-range={SERVICES}",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged=true",
        f"--store-file={place.layout.store}",
    ]


def controller_manager(place: Place) -> list[str]:
    pki = place.layout.pki
    return [
        f"--kubeconfig={place.layout.kubeconfig('controller-manager')}",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={place.state.ports.controllers}",
        f"--tls-cert-file={pki / 'controller-manager.crt'}",
        f"--tls-private-key-file={pki / 'controller-manager.key'}",
        f"--client-ca-file={pki / 'ca.crt'}",
        f"--root-ca-file={pki / 'ca.crt'}",
        "--allocate-node-cidrs=true",
        f"--cluster-cidr={PODS}",
        f"--service-cluster-ip-range={SERVICES}",
        "--leader-elect=false",  # there is one of each, and it must not wait for a dead one's lease
    ]


def scheduler(place: Place) -> list[str]:
    pki = place.layout.pki
    return [
        f"--kubeconfig={place.layout.kubeconfig('scheduler')}",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={place.state.ports.scheduler}",
        f"--tls-cert-file={pki / 'scheduler.crt'}",
        f"--tls-private-key-file={pki / 'scheduler.key'}",
        f"--client-ca-file={pki / 'ca.crt'}",
        "--leader-elect=false",
    ]


def kubelet(place: Place) -> list[str]:
    return [
        f"--config={place.layout.root / 'kubelet.yaml'}",
        f"--kubeconfig={place.layout.kubeconfig('kubelet')}",
        f"--hostname-override={place.layout.node_name}",
        f"--node-ip={place.node_address}",
        f"--root-dir={place.layout.kubelet}",
    ]


def kube_proxy(place: Place) -> list[str]:
    return [f"--config={place.layout.root / 'kube-proxy.yaml'}"]


def files(place: Place) -> Mapping[str, bytes]:
    """The components' own configuration files, by their names in the cluster's folder."""
    return {
        "kubelet.yaml": _yaml(_kubelet_file(place)),
        "kube-proxy.yaml": _yaml(_kube_proxy_file(place)),
    }


def _kubelet_file(place: Place) -> dict[str, Any]:
    layout, pki = place.layout, place.layout.pki
    socket = place.state.containerd_socket or str(layout.containerd_socket)
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": place.node_address if place.state.host else "0.0.0.0",
        "authentication": {
            "x509": {"clientCAFile": str(pki / "ca.crt")},
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(pki / "kubelet.crt"),
        "tlsPrivateKeyFile": str(pki / "kubelet.key"),
        "containerRuntimeEndpoint": f"unix://{socket}",
        "cgroupDriver": "cgroupfs",
        # in namespaces of its own the node's root cgroup is its own already
        "cgroupRoot": f"/{place.state.cgroup}" if place.state.host else "/",
        "clusterDomain": "cluster.local",
        "resolvConf": str(layout.resolv_conf),
        "podLogsDir": str(layout.logs / "pods"),
        "staticPodPath": str(layout.root / "manifests"),
        # a laptop's disk is often fuller than a server's may be
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "2%",
                         "imagefs.available": "2%"},
    }  # fmt: skip


def _kube_proxy_file(place: Place) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(place.layout.kubeconfig("kube-proxy"))},
        "hostnameOverride": place.layout.node_name,
        "bindAddress": place.node_address,
        "clusterCIDR": PODS,
        "mode": "nftables",
        # limits of connection tracking are the machine's, not a node's in namespaces
        "conntrack": {"maxPerCore": 0, "min": 0},
    }


def no_proxy(place: Place) -> str:
    """What containerd asks directly, not through the egress proxy."""
    return ",".join(
        (LOOPBACK, "localhost", SERVICES, PODS, place.fabric.subnet, KUBERNETES_SERVICE)
    )


def _yaml(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, indent=2).encode() + b"\n"  # JSON is YAML
