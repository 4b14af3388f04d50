"""What every cluster has from its first start: namespaces, classes, the `kubernetes` Service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from kubepy.api import scheme
from kubepy.api.core.v1 import (
    ConfigMap,
    EndpointAddress,
    Endpoints,
    EndpointSubset,
    Namespace,
    Service,
    ServicePort,
    ServiceSpec,
)
from kubepy.api.core.v1 import EndpointPort as CoreEndpointPort
from kubepy.api.discovery.v1 import Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from kubepy.api.meta.v1 import Condition, ObjectMeta
from kubepy.api.networking.v1 import ServiceCIDR, ServiceCIDRSpec, ServiceCIDRStatus
from kubepy.api.types import Time
from kubepy.apiserver.authn.requestheader import FrontProxies
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.registry.flowcontrol import suggested
from kubepy.apiserver.registry.scheduling import priorityclass
from kubepy.apiserver.settings import Settings
from kubepy.meta import conditions, errors
from kubepy.meta.calls import Call, User

NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "default")
SERVICE = "kubernetes"
NAME = "kube-apiserver"  # who owns what is made here
LABELS = {"component": "apiserver", "provider": "kubernetes"}
PORT = 443


async def ensure(pipeline: Pipeline, user: User, settings: Settings) -> None:
    """Create what is missing, and bring up to date what tells where this server is."""
    for name in NAMESPACES:
        await _ensure(pipeline, user, Namespace(metadata=ObjectMeta(name=name)))
    shared = (*priorityclass.SYSTEM, *suggested.LEVELS, *suggested.FLOWS)
    await asyncio.gather(*(_ensure(pipeline, user, obj) for obj in shared))
    await _ensure_range(pipeline, user, settings)
    port = settings.advertise[1] if settings.advertise else PORT
    await _ensure(pipeline, user, service(str(settings.services[1]), port))
    if settings.client_ca or settings.front_proxies:
        await put(pipeline, user, authentication(settings.client_ca, settings.front_proxies))


def authentication(client_ca: str, proxies: FrontProxies | None) -> ConfigMap:
    """What an extension server needs to know about our clients, and about us."""
    data = {"client-ca-file": client_ca} if client_ca else {}
    if proxies is not None:
        data["requestheader-client-ca-file"] = proxies.authority.decode()
        for key, names in (
            ("allowed-names", proxies.names),
            ("username-headers", proxies.username_headers),
            ("uid-headers", proxies.uid_headers),
            ("group-headers", proxies.group_headers),
            ("extra-headers-prefix", proxies.extra_prefixes),
        ):
            data[f"requestheader-{key}"] = json.dumps(names, separators=(",", ":"))
    meta = ObjectMeta(name="extension-apiserver-authentication", namespace="kube-system")
    return ConfigMap(metadata=meta, data=data)


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


def endpoint_slice(addresses: Sequence[str], port: int) -> EndpointSlice:
    """The servers as the Service's endpoints; no controller makes this one."""
    return EndpointSlice(
        metadata=ObjectMeta(
            name=SERVICE, namespace="default", labels={"kubernetes.io/service-name": SERVICE}
        ),
        addressType="IPv6" if ":" in addresses[0] else "IPv4",
        endpoints=tuple(
            Endpoint(addresses=(address,), conditions=EndpointConditions(ready=True))
            for address in addresses
        ),
        ports=(EndpointPort(name="https", port=port, protocol="TCP"),),
    )


def endpoints(addresses: Sequence[str], port: int) -> Endpoints:
    """The same for clients that know nothing newer; no slice is made of it."""
    return Endpoints(
        metadata=ObjectMeta(
            name=SERVICE,
            namespace="default",
            labels={"endpointslice.kubernetes.io/skip-mirror": "true"},
        ),
        subsets=(
            EndpointSubset(
                addresses=tuple(EndpointAddress(ip=address) for address in addresses),
                ports=(CoreEndpointPort(name="https", port=port, protocol="TCP"),),
            ),
        ),
    )


async def _ensure_range(pipeline: Pipeline, user: User, settings: Settings) -> None:
    """The ServiceCIDR that Services get their addresses from; it is ready from the start."""
    cidrs = tuple(settings.service_cidr.split(","))
    await _ensure(
        pipeline,
        user,
        ServiceCIDR(metadata=ObjectMeta(name=SERVICE), spec=ServiceCIDRSpec(cidrs=cidrs)),
    )
    record = await pipeline.store("servicecidrs", "networking.k8s.io").current("", SERVICE)
    if record is None or conditions.find(record.object.status.conditions, "Ready") is not None:
        return
    ready = Condition(
        type="Ready",
        status="True",
        lastTransitionTime=Time.from_unix(pipeline.means.clock.now()),
        message="Kubernetes default Service CIDR is ready",
    )
    status = ServiceCIDRStatus(conditions=(ready,))
    resource = scheme.by_type(ServiceCIDR)
    call = Call(
        "update", resource, name=SERVICE, subresource="status",
        body=replace(record.object, status=status),
    )  # fmt: skip
    await pipeline.handle(call, user)


async def _ensure(pipeline: Pipeline, user: User, obj: Any) -> None:
    resource = scheme.by_type(type(obj))
    meta = obj.metadata
    store = pipeline.store(resource.plural, resource.group)
    if store.known(meta.namespace, meta.name) is not None:
        return
    try:
        await pipeline.handle(
            Call("create", resource, meta.namespace, body=obj, user_agent=NAME), user
        )
    except errors.AlreadyExists:
        return  # another apiserver was quicker


async def put(pipeline: Pipeline, user: User, obj: Any) -> None:
    """The same for what must also be up to date."""
    await _ensure(pipeline, user, obj)
    resource = scheme.by_type(type(obj))
    meta = obj.metadata
    call = Call("update", resource, meta.namespace, meta.name, body=obj, user_agent=NAME)
    await pipeline.handle(call, user)
