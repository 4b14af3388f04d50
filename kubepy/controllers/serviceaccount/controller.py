"""Makes the service account `default` in each namespace."""

from __future__ import annotations

from kubepy.api.core.v1 import Namespace, ServiceAccount
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller, namespace_ends
from kubepy.meta import errors

NAME = "default"


class ServiceAccountController(Controller):
    """A key is a namespace's name."""

    name = "serviceaccount-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.namespaces = self.watch(Namespace)
        self.accounts = self.watch(ServiceAccount)
        self.namespaces.subscribe(self._namespace_changed)
        self.accounts.subscribe(self._account_changed)

    def _namespace_changed(self, old: Namespace | None, new: Namespace | None) -> None:
        if new is not None:
            self.queue.add(new.metadata.name)

    def _account_changed(self, old: ServiceAccount | None, new: ServiceAccount | None) -> None:
        if new is None and old is not None and old.metadata.name == NAME:
            self.queue.add(old.metadata.namespace)

    async def reconcile(self, key: str) -> None:
        namespace = self.namespaces.get(key)
        if namespace is None or namespace.metadata.deletionTimestamp is not None:
            return
        if self.accounts.get(f"{key}/{NAME}") is not None:
            return
        try:
            account = ServiceAccount(metadata=ObjectMeta(name=NAME, namespace=key))
            self.accounts.note_write(await self.client.create(account))
        except (errors.AlreadyExists, errors.NotFound):
            return
        except errors.Forbidden as error:
            if not namespace_ends(error):
                raise
