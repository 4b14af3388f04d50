"""componentstatuses: deprecated, computed when asked for. We know one component, the store."""

from __future__ import annotations

from kubepy.api.core.v1 import ComponentCondition, ComponentStatus
from kubepy.api.meta.v1 import ListMeta, ObjectMeta
from kubepy.apiserver.verbs.request import Request
from kubepy.meta import errors
from kubepy.meta.calls import Answer, Item, Items, Reply
from kubepy.storage.store import StorageError, Store

STORE = "etcd-0"  # what clients look for, whatever the store is


async def answer(request: Request, store: Store) -> Reply:
    """Verbs get and list. Raises NotFound, MethodNotAllowed."""
    call = request.call
    item = Item(ComponentStatus, obj=await status_of(store))
    match call.verb:
        case "list":
            return Items(resource=call.resource, items=[item], metadata=ListMeta())
        case "get" if call.name == STORE:
            return Answer(item=item)
        case "get":
            raise errors.NotFound.of("componentstatus", call.name)
    raise errors.MethodNotAllowed.path()


async def status_of(store: Store) -> ComponentStatus:
    try:
        await store.revision()
        condition = ComponentCondition(type="Healthy", status="True", message="ok")
    except StorageError as problem:
        condition = ComponentCondition(type="Healthy", status="False", message=str(problem))
    return ComponentStatus(metadata=ObjectMeta(name=STORE), conditions=(condition,))
