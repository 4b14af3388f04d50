"""Makes the Endpoints of Services with selectors true."""

from __future__ import annotations

from kubepy.api.core.v1 import Endpoints, Pod, Service
from kubepy.client.informer import NAMESPACE, key_of, split_key
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller, namespace_ends
from kubepy.controllers.endpoints import plan
from kubepy.controllers.endpointslice import backends, changes
from kubepy.meta import errors


class EndpointsController(Controller):
    """A key is a Service's `namespace/name`, which its Endpoints share."""

    name = "endpoints-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.services = self.watch(Service)
        self.pods = self.watch(Pod)
        self.endpoints = self.watch(Endpoints)
        self.pace = changes.Pace(self.queue, self.clock)
        self.services.subscribe(lambda old, new: self.queue.add(key_of(new or old)))
        self.endpoints.subscribe(self._endpoints_changed)
        self.pods.subscribe(self._pod_changed)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        for key in changes.services_of_change(self.services, old, new):
            self.pace.add(key)

    def _endpoints_changed(self, old: Endpoints | None, new: Endpoints | None) -> None:
        self.pace.add(key_of(new or old))

    async def reconcile(self, key: str) -> None:
        self.pace.passes(key)
        service = self.services.get(key)
        current = self.endpoints.get(key)
        if service is None:
            self.pace.forget(key)
            await self._delete(key, current)
            return
        if not backends.has_endpoints(service):
            return
        pods = [
            pod
            for pod in self.pods.by(NAMESPACE, service.metadata.namespace)
            if backends.selects(service, pod.metadata.labels)
        ]
        wanted = plan.decide(service, pods, current)
        if wanted is None:
            return
        try:
            if current is None:
                written = await self.client.create(wanted)
            else:
                written = await self.client.update(wanted)
        except errors.Forbidden as error:
            if namespace_ends(error):
                return
            raise
        self.endpoints.note_write(written)

    async def _delete(self, key: str, current: Endpoints | None) -> None:
        """Endpoints have no owner reference. Those that others made stay."""
        if current is None or current.metadata.labels.get(plan.MANAGED_BY) != plan.MANAGER:
            return
        namespace, name = split_key(key)
        try:
            await self.client.delete(Endpoints, name, namespace, uid=current.metadata.uid)
        except errors.NotFound:
            return
