"""Streams that live on nodes: logs, exec, attach, port-forward, proxies.

Logs are requests of our own, copied through. Everything else is the client's request, carried to
the kubelet, or to what a proxied name stands for (`proxying`).
"""

from __future__ import annotations

import ssl

from kubepy.api.scheme import Resource
from kubepy.apiserver.rest import proxying
from kubepy.apiserver.rest.front import Asked
from kubepy.apiserver.rest.proxying import NO_CONTENT, TEXT, Way
from kubepy.apiserver.rest.routes import Route
from kubepy.apiserver.streaming import endpoints, kubelets, locations
from kubepy.apiserver.streaming.endpoints import Directory
from kubepy.apiserver.streaming.kubelets import OK, Kubelets
from kubepy.apiserver.streaming.locations import Address, Endpoint
from kubepy.apiserver.streaming.rewriting import Mount
from kubepy.base import tls
from kubepy.meta import errors
from kubepy.meta.calls import Call, Connection, Handler


class Nodes:
    """Carries streams between clients and the kubelets (or pods) that have them."""

    def __init__(self, handler: Handler, directory: Directory, backends: Kubelets) -> None:
        self._handler = handler
        self._directory = directory
        self._kubelets = backends
        self._unverified = tls.unverified_context()  # pods' own certificates are nobody's

    async def stream(self, asked: Asked, route: Route) -> None:
        """Answer a request for a streaming subresource."""
        assert asked.user is not None
        call = Call(route.verb, route.resource, route.namespace, route.name, route.subresource)
        connection = await self._handler.connect(call, asked.user)
        obj = connection.object
        match route.subresource:
            case "log":
                await self._log(asked, connection, route.resource)
            case "exec":
                await self._enter(asked, connection, locations.exec_path(obj, asked.query))
            case "attach":
                await self._enter(asked, connection, locations.attach_path(obj, asked.query))
            case "portforward":
                path = locations.port_forward_path(obj, asked.query)
                await self._enter(asked, connection, path)
            case _:
                await self._proxy(asked, connection, route)

    async def _log(self, asked: Asked, connection: Connection, resource: Resource) -> None:
        pod = connection.object
        path = locations.log_path(pod, asked.query)
        if not pod.spec.nodeName:
            asked.exchange.respond_empty(NO_CONTENT, asked.headers())
            return
        address = self._kubelets.address_of(connection)
        async with self._kubelets.request("GET", address, path) as answer:
            if answer.status not in OK:
                what = f"{resource.plural} {pod.metadata.name}"
                raise await kubelets.refusal(answer, what)
            headers = [("Content-Type", TEXT), *asked.headers()]
            await proxying.relay(asked.exchange, answer, 200, headers)

    async def _enter(self, asked: Asked, connection: Connection, path: str) -> None:
        address = self._kubelets.address_of(connection)
        if not proxying.is_upgrade(asked.exchange):
            raise errors.BadRequest.of("Upgrade request required")
        path, _, query = path.partition("?")
        host = kubelets.authority(address)
        way = Way(address, path, query, self._kubelets.tls, None, host=host)
        await proxying.hand_over(asked, way, self._kubelets)

    async def _proxy(self, asked: Asked, connection: Connection, route: Route) -> None:
        assert asked.info is not None
        address, secure = self._backend(connection, route)
        whole = asked.info.path
        path = locations.below_proxy(route.rest, ends_with_slash=whole.endswith("/"))
        query = asked.exchange.target.partition("?")[2]
        mount = Mount(whole.removesuffix(path) if path else whole)
        await proxying.carry(asked, Way(address, path, query, secure, mount), self._kubelets)

    def _backend(
        self, connection: Connection, route: Route
    ) -> tuple[Address, ssl.SSLContext | None]:
        """What a proxied name stands for, and how it is spoken to."""
        obj = connection.object
        wanted = locations.endpoint_of(route.name, route.resource.singular)
        match route.resource.plural:
            case "nodes":
                kubelet = self._kubelets.address_of(connection)
                address = locations.node_backend(wanted, kubelet)
                if address is None:
                    return kubelet, self._kubelets.tls
            case "pods":
                address = locations.pod_backend(wanted, obj)
            case _:
                known = self._directory
                slices = known.slices(route.namespace, wanted.name)
                address = endpoints.of_proxy(route.name, obj, slices, known.pod, known.choose)
        return address, self._tls_of(wanted)

    def _tls_of(self, wanted: Endpoint) -> ssl.SSLContext | None:
        return self._unverified if wanted.scheme == "https" else None
