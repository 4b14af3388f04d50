"""Keeps the ConfigMap kube-root-ca.crt in each namespace."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.core.v1 import ConfigMap, Namespace
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller, namespace_ends
from kubepy.meta import errors

NAME = "kube-root-ca.crt"
KEY = "ca.crt"
DESCRIPTION_KEY = "kubernetes.io/description"
DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "
    "endpoints such as the internal service IP or kubernetes.default.svc. No other usage is "
    "guaranteed across distributions of Kubernetes clusters."
)


class RootCaPublisher(Controller):
    """A key is a namespace's name."""

    name = "root-ca-certificate-publisher-controller"

    def __init__(self, context: Context, root_ca: str) -> None:
        super().__init__(context)
        self.root_ca = root_ca  # PEM
        self.namespaces = self.watch(Namespace)
        self.configmaps = self.watch(ConfigMap)
        self.namespaces.subscribe(self._namespace_changed)
        self.configmaps.subscribe(self._configmap_changed)

    def _namespace_changed(self, old: Namespace | None, new: Namespace | None) -> None:
        if new is not None:
            self.queue.add(new.metadata.name)

    def _configmap_changed(self, old: ConfigMap | None, new: ConfigMap | None) -> None:
        changed = new or old
        if changed is not None and changed.metadata.name == NAME:
            self.queue.add(changed.metadata.namespace)

    async def reconcile(self, key: str) -> None:
        namespace = self.namespaces.get(key)
        if namespace is None or namespace.metadata.deletionTimestamp is not None:
            return
        found = self.configmaps.get(f"{key}/{NAME}")
        try:
            written = await self._write(key, found)
        except errors.NotFound:
            return
        except errors.Forbidden as error:
            if namespace_ends(error):
                return
            raise
        if written is not None:
            self.configmaps.note_write(written)

    async def _write(self, namespace: str, found: ConfigMap | None) -> ConfigMap | None:
        data = {KEY: self.root_ca}
        if found is None:
            meta = ObjectMeta(
                name=NAME, namespace=namespace, annotations={DESCRIPTION_KEY: DESCRIPTION}
            )
            return await self.client.create(ConfigMap(metadata=meta, data=data))
        described = {**found.metadata.annotations, DESCRIPTION_KEY: DESCRIPTION}
        meta = replace(found.metadata, annotations=described)
        wanted = replace(found, metadata=meta, data=data)
        return await self.client.update(wanted) if wanted != found else None
