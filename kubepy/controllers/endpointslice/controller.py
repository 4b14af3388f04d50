"""Makes the EndpointSlices of Services with selectors true."""

from __future__ import annotations

from kubepy.api.core.v1 import Node, Pod, Service
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.client.informer import NAMESPACE, key_of
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller, namespace_ends
from kubepy.controllers.endpointslice import backends, changes, plan
from kubepy.meta import errors

SERVICE = "service"  # index: the Service whose slices of ours they are


def _service_of(found: EndpointSlice) -> tuple[str, ...]:
    labels = found.metadata.labels
    name = labels.get(plan.SERVICE_NAME)
    if not name or labels.get(plan.MANAGED_BY) != plan.MANAGER:
        return ()
    return (f"{found.metadata.namespace}/{name}",)


class EndpointSliceController(Controller):
    """A key is a Service's `namespace/name`."""

    name = "endpointslice-controller"

    def __init__(self, context: Context, *, max_endpoints: int = plan.MAX_ENDPOINTS) -> None:
        super().__init__(context)
        self.max_endpoints = max_endpoints
        self.services = self.watch(Service)
        self.pods = self.watch(Pod)
        self.nodes = self.watch(Node)
        self.slices = self.watch(EndpointSlice)
        self.recorder = context.recorder("endpoint-slice-controller")
        self.pace = changes.Pace(self.queue, self.clock)
        self.slices.add_index(SERVICE, _service_of)
        self.services.subscribe(lambda old, new: self.queue.add(key_of(new or old)))
        self.pods.subscribe(self._pod_changed)
        self.slices.subscribe(self._slice_changed)
        self.nodes.subscribe(self._node_changed)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        for key in changes.services_of_change(self.services, old, new):
            self.pace.add(key)

    def _slice_changed(self, old: EndpointSlice | None, new: EndpointSlice | None) -> None:
        for found in (old, new):
            if found is not None:
                for key in _service_of(found):
                    self.pace.add(key)

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        """Its zone stands in the endpoints."""
        before, after = (n.metadata.labels.get(plan.ZONE) if n else None for n in (old, new))
        if before != after:
            for service in self.services.all():
                self.queue.add(key_of(service))

    async def reconcile(self, key: str) -> None:
        self.pace.passes(key)
        service = self.services.get(key)
        if service is None:
            self.pace.forget(key)
        if service is None or not backends.has_endpoints(service):
            return  # the slices of a deleted Service are the garbage collector's business
        if service.metadata.deletionTimestamp is not None:
            return
        pods = [
            pod
            for pod in self.pods.by(NAMESPACE, service.metadata.namespace)
            if backends.selects(service, pod.metadata.labels)
        ]
        names = {pod.spec.nodeName for pod in pods}
        nodes = {name: node for name in names if (node := self.nodes.get(name)) is not None}
        actions = plan.decide(service, pods, nodes, self._slices(key), limit=self.max_endpoints)
        for action in actions:
            try:
                await self._act(action)
            except errors.Forbidden as error:
                if namespace_ends(error):
                    return
                raise

    def _slices(self, key: str) -> list[EndpointSlice]:
        slices = self.slices.by(SERVICE, key)
        return [found for found in slices if found.metadata.deletionTimestamp is None]

    async def _act(self, action: plan.Action) -> None:
        match action:
            case plan.Create(wanted):
                self.slices.note_write(await self.client.create(wanted))
            case plan.Update(wanted):
                self.slices.note_write(await self.client.update(wanted))
            case plan.Delete(found):
                meta = found.metadata
                try:
                    await self.client.delete(EndpointSlice, meta.name, meta.namespace, uid=meta.uid)
                except errors.NotFound:
                    return
                self.slices.note_delete(key_of(found), meta.uid)
