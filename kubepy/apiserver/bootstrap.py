"""What every cluster has from its first start: namespaces, and the `kubernetes` Service."""

from __future__ import annotations

from typing import Any

from kubepy.api import scheme
from kubepy.api.core.v1 import Namespace, Service, ServicePort, ServiceSpec
from kubepy.api.discovery.v1 import Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.registry.core.addresses import ServiceAllocation
from kubepy.meta import errors
from kubepy.meta.calls import Call, User

NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "default")
SERVICE = "kubernetes"
LABELS = {"component": "apiserver", "provider": "kubernetes"}
PORT = 443


async def ensure(pipeline: Pipeline, user: User, advertise: tuple[str, int] | None) -> None:
    """Create what is missing. `advertise`: where clients inside the cluster reach the server."""
    for name in NAMESPACES:
        await _ensure(pipeline, user, Namespace(metadata=ObjectMeta(name=name)))
    allocation = pipeline.means.allocations["services"]
    assert isinstance(allocation, ServiceAllocation)
    port = advertise[1] if advertise else PORT
    await _ensure(pipeline, user, service(str(allocation.network[1]), port))
    if advertise:
        await _put(pipeline, user, endpoint_slice(*advertise))


def service(address: str, target: int) -> Service:
    return Service(
        metadata=ObjectMeta(name=SERVICE, namespace="default", labels=LABELS),
        spec=ServiceSpec(
            type="ClusterIP",
            clusterIP=address,
            clusterIPs=(address,),
            ports=(ServicePort(name="https", port=PORT, protocol="TCP", targetPort=target),),
        ),
    )


def endpoint_slice(address: str, port: int) -> EndpointSlice:
    """The server itself as the Service's only endpoint; no controller makes this one."""
    return EndpointSlice(
        metadata=ObjectMeta(
            name=SERVICE, namespace="default", labels={"kubernetes.io/service-name": SERVICE}
        ),
        addressType="IPv6" if ":" in address else "IPv4",
        endpoints=(Endpoint(addresses=(address,), conditions=EndpointConditions(ready=True)),),
        ports=(EndpointPort(name="https", port=port, protocol="TCP"),),
    )


async def _ensure(pipeline: Pipeline, user: User, obj: Any) -> None:
    resource = scheme.by_type(type(obj))
    meta = obj.metadata
    store = pipeline.store(resource.plural, resource.group)
    if store.known(meta.namespace, meta.name) is not None:
        return
    try:
        await pipeline.handle(Call("create", resource, meta.namespace, body=obj), user)
    except errors.AlreadyExists:
        return  # another apiserver was quicker


async def _put(pipeline: Pipeline, user: User, obj: Any) -> None:
    """The same for what must also be up to date."""
    await _ensure(pipeline, user, obj)
    resource = scheme.by_type(type(obj))
    meta = obj.metadata
    call = Call("update", resource, meta.namespace, meta.name, body=obj)
    await pipeline.handle(call, user)
