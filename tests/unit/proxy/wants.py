"""Services and slices, as tests write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubepy.api.core import v1 as core
from kubepy.api.discovery import v1 as discovery
from kubepy.api.meta.v1 import ObjectMeta

NODE_NAME = "n1"


def service(name: str, ip: str = "10.96.0.10", **spec: Any) -> core.Service:
    """One port, 80; `port` and `ports` say otherwise. `ingress`: a load balancer's addresses."""
    port = core.ServicePort(port=80, protocol="TCP", **spec.pop("port", {}))
    ports = spec.pop("ports", (port,))
    ingress = tuple(core.LoadBalancerIngress(ip=one) for one in spec.pop("ingress", ()))
    ips = (ip, *spec.pop("more_ips", ()))
    return core.Service(
        metadata=ObjectMeta(name=name, namespace="default"),
        spec=core.ServiceSpec(clusterIP=ip, clusterIPs=ips, ports=ports, **spec),
        status=core.ServiceStatus(loadBalancer=core.LoadBalancerStatus(ingress=ingress)),
    )


def endpoint(address: str, node: str = NODE_NAME, **more: Any) -> discovery.Endpoint:
    conditions = discovery.EndpointConditions(**more.pop("conditions", {"ready": True}))
    return discovery.Endpoint(addresses=(address,), nodeName=node, conditions=conditions, **more)


def slice_of(
    service: str,
    endpoints: Sequence[discovery.Endpoint],
    *,
    port: int = 8080,
    name: str = "",
    protocol: str = "TCP",
    ports: Sequence[tuple[str, int]] = (),
) -> discovery.EndpointSlice:
    v6 = any(":" in one.addresses[0] for one in endpoints)
    offered = tuple(
        discovery.EndpointPort(name=name, port=number, protocol=protocol)
        for name, number in (ports or [(name, port)])
    )
    return discovery.EndpointSlice(
        metadata=ObjectMeta(
            name=f"{service}-{'v6' if v6 else 'v4'}",
            namespace="default",
            labels={"kubernetes.io/service-name": service},
        ),
        addressType="IPv6" if v6 else "IPv4",
        endpoints=tuple(endpoints),
        ports=offered,
    )
