"""An apiserver without its front ends: wired from a store, started, and stopped.

async with running(await sqlite.open()) as server:
    await server.pipeline.handle(Call("list", pods), ADMIN)
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from kubepy.api import scheme
from kubepy.api.scheme import Resource
from kubepy.apiserver import bootstrap, compaction, dangling
from kubepy.apiserver.addressbook import AddressBook
from kubepy.apiserver.admission import selection
from kubepy.apiserver.admission.certificates import (
    CertificateApproval,
    CertificateRequester,
    CertificateSigning,
    CertificateSubjectRestriction,
)
from kubepy.apiserver.admission.chain import Chain, Plugin, Stores
from kubepy.apiserver.admission.default_classes import DefaultIngressClass, DefaultStorageClass
from kubepy.apiserver.admission.default_tolerations import DefaultTolerationSeconds
from kubepy.apiserver.admission.namespace_lifecycle import NamespaceLifecycle
from kubepy.apiserver.admission.priority import Priority
from kubepy.apiserver.admission.resized_node import ResizedNode
from kubepy.apiserver.admission.runtime_class import RuntimeClasses
from kubepy.apiserver.admission.service_account import ServiceAccounts
from kubepy.apiserver.admission.storage_protection import StorageObjectInUseProtection
from kubepy.apiserver.admission.taint_nodes import TaintNodesByCondition
from kubepy.apiserver.admission.terminating_kind import TerminatingKind
from kubepy.apiserver.aggregation.registration import Registrations
from kubepy.apiserver.authz.components import allow_all
from kubepy.apiserver.crd.controller import Definitions
from kubepy.apiserver.feed import Feed
from kubepy.apiserver.pipeline import Action, Connector, Pipeline
from kubepy.apiserver.portbook import PortBook
from kubepy.apiserver.registry.autoscaling import conversion
from kubepy.apiserver.registry.core.addresses import ServiceAllocation
from kubepy.apiserver.registry.events import event as new_events
from kubepy.apiserver.registry.permits import PRIVILEGED
from kubepy.apiserver.registry.resource_store import ResourceStore, by_plural
from kubepy.apiserver.registry.strategy import Strategy, strategy_of
from kubepy.apiserver.servicebooks import ServiceBooks
from kubepy.apiserver.settings import Settings
from kubepy.apiserver.streaming.endpoints import Directory
from kubepy.apiserver.subresources import certificates, namespaces, pods, scale
from kubepy.apiserver.subresources.door import Door
from kubepy.apiserver.verbs.request import Means
from kubepy.apiserver.watchcache import Change, Encoding, View
from kubepy.apiserver.webhooks import Webhooks
from kubepy.base import netns
from kubepy.base.clock import Clock, SystemClock
from kubepy.meta.calls import Authorizer, User
from kubepy.storage.store import Store

log = logging.getLogger(__name__)

ADMIN = User(name="kubernetes-admin", groups=("system:masters", "system:authenticated"))
"""Whom tests and the all-in-one process act as."""

LOOPBACK = User(name="system:apiserver", groups=("system:masters", "system:authenticated"))
"""Whom the server itself acts as."""

NETWORKING = "networking.k8s.io"

SCALED = ("deployments.apps", "replicasets.apps", "statefulsets.apps", "replicationcontrollers")


Conversion = Callable[[Any], Any]


class Server:
    """What `build` has wired. Start it before it is asked anything."""

    def __init__(
        self, store: Store, pipeline: Pipeline, settings: Settings, books: ServiceBooks
    ) -> None:
        self.store = store
        self.pipeline = pipeline
        self.settings = settings
        self._books = books
        self.directory = Directory(
            pipeline, pipeline.means.random, by_endpoints=settings.route_to_endpoints
        )
        self.registrations = Registrations(pipeline, LOOPBACK)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Read everything from the store, follow it, and make what every cluster has."""
        feed = self.pipeline.feed
        await feed.start()
        self._remember_services()
        self._tasks.append(asyncio.create_task(feed.run(), name="feed"))
        await self._books.start()
        if self.settings.history_seconds:
            forget = compaction.run(
                self.store, self.pipeline.means.clock, self.settings.history_seconds
            )
            self._tasks.append(asyncio.create_task(forget, name="compaction"))
        follow = dangling.run(self.pipeline, self.pipeline.means.clock)
        self.go_on(follow, "dangling flows")
        self.go_on(self._books.run(self.pipeline.means.clock), "address books")
        self.pipeline.catalog.subscribe(self._register)
        webhooks = Webhooks(self.directory.address, netns.maker(self.settings.backend_network))
        definitions = Definitions(self.pipeline, LOOPBACK, webhooks)
        await definitions.start()
        self.go_on(definitions.run(), "definitions")
        await bootstrap.ensure(self.pipeline, LOOPBACK, self.settings)
        await self.registrations.start()
        self.go_on(self.registrations.run(), "registrations")

    def _register(self) -> None:
        """APIServices follow what is defined."""
        self.registrations.want(self.pipeline.catalog.custom_versions)

    def go_on(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Let `work` run as long as the server does."""
        self._tasks.append(asyncio.create_task(work, name=name))

    def _remember_services(self) -> None:
        known = self._books.known
        services = self.pipeline.store("services").cache
        known.know(record.peek() for record in services.records.values())
        services.subscribe(known.observe)
        addresses = self.pipeline.store("ipaddresses", NETWORKING).cache
        for record in addresses.records.values():
            known.observe_address(Change(record.revision, record, None))
        addresses.subscribe(known.observe_address)
        cidrs = self.pipeline.store("servicecidrs", NETWORKING).cache

        def use_ranges(_: Change | None = None) -> None:
            known.use_ranges(record.peek() for record in cidrs.select())

        use_ranges()
        cidrs.subscribe(use_ranges)

    async def run(self) -> None:
        """Until the store is closed or fails, or the task that waits here is cancelled."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def build(
    store: Store,
    *,
    clock: Clock | None = None,
    random: Random | None = None,
    authorize: Authorizer = allow_all,
    settings: Settings | None = None,
    actions: Mapping[tuple[str, str], Action] | None = None,
) -> Server:
    """Wire a server over `store`. `actions` are the creates that authentication brings."""
    clock, random = clock or SystemClock(), random or Random()
    settings = settings or Settings()
    stores = [*resource_stores(store, settings)]
    feed = Feed(store, [each.cache for each in stores], settings.registry)
    for each in stores:
        each.connect(feed)
    by_name = ByName(stores)
    chain = admission_chain(plugins(by_name, random, authorize, settings), settings)
    means = Means(clock, random, chain, permits(settings))
    allocation = ServiceAllocation(settings.services, settings.node_ports, random)
    shared = PortBook(store, settings.registry, settings.node_ports) if store.shared else None
    addresses = AddressBook(by_name, means)
    books = ServiceBooks(allocation, by_name.store("services"), addresses, shared)
    means.allocations["services"] = books
    pipeline = Pipeline(
        stores,
        feed,
        means,
        authorize,
        doors={**doors(stores), **certificates.doors(clock)},
        actions={**pods.ACTIONS, **(actions or {})},
        connectors=CONNECTORS,
    )
    return Server(store, pipeline, settings, books)


def admission_chain(built: Sequence[Plugin], settings: Settings) -> Chain:
    """What is asked of `built`. Warns about names that nothing is built for yet."""
    enabled, disabled = settings.enabled_plugins, settings.disabled_plugins
    for name in selection.unbuilt((*enabled, *disabled), [plugin.NAME for plugin in built]):
        log.warning("admission plugin %s is not supported yet: ignored", name)
    return Chain([p for p in built if selection.is_asked(p.NAME, enabled, disabled)])


def permits(settings: Settings) -> frozenset[str]:
    return frozenset((PRIVILEGED,)) if settings.allow_privileged else frozenset()


class ByName:
    """The stores by the names that plugins know."""

    def __init__(self, stores: Iterable[ResourceStore]) -> None:
        self._stores = by_plural(stores)

    def store(self, plural: str, group: str = "") -> ResourceStore:
        return self._stores[plural, group]


def resource_stores(store: Store, settings: Settings) -> Iterable[ResourceStore]:
    """A ResourceStore for every resource that has objects."""
    for resource in scheme.resources():
        if "list" not in resource.verbs or resource.plural == "componentstatuses":
            continue
        strategy = strategy_of(resource)
        lifetime = settings.event_seconds if resource.kind == "Event" else 0
        encoding = encoding_of(resource, strategy)
        yield ResourceStore(
            resource, strategy, encoding, store, lifetime=lifetime, registry=settings.registry
        )


# Resources whose objects are stored as another's: group, version, and the conversions there and
# back.
VIEWS: Mapping[tuple[str, str], tuple[tuple[str, str], Conversion, Conversion]] = {
    ("events.events.k8s.io", "v1"): (("", "v1"), new_events.to_core, new_events.from_core),
    ("horizontalpodautoscalers.autoscaling", "v1"): (
        ("autoscaling", "v2"),
        conversion.to_v2,
        conversion.to_v1,
    ),
}


def encoding_of(resource: Resource, strategy: Strategy) -> Encoding:
    found = VIEWS.get((resource.group_resource, resource.version))
    if found is None:
        return Encoding(resource.type, strategy.fields)
    where, to_stored, from_stored = found
    original = scheme.by_plural(*where, resource.plural)
    assert original is not None
    stored = Encoding(original.type, strategy_of(original).fields)
    return View(resource.type, strategy.fields, stored, to_stored, from_stored)


def plugins(
    stores: Stores, random: Random, authorize: Authorizer, settings: Settings
) -> list[Plugin]:
    """All that is built of admission, in the order in which Kubernetes asks."""
    return [
        NamespaceLifecycle(stores),
        ServiceAccounts(stores, random),
        TaintNodesByCondition(),
        Priority(stores),
        DefaultTolerationSeconds(
            not_ready=settings.not_ready_toleration_seconds,
            unreachable=settings.unreachable_toleration_seconds,
        ),
        DefaultStorageClass(stores),
        StorageObjectInUseProtection(),
        RuntimeClasses(stores),
        CertificateRequester(),
        CertificateApproval(authorize),
        CertificateSigning(authorize),
        CertificateSubjectRestriction(),
        DefaultIngressClass(stores),
        ResizedNode(stores),
        TerminatingKind(stores),
    ]


def doors(stores: Iterable[ResourceStore]) -> dict[tuple[str, str], Door]:
    """The subresources that show and change objects; status is the same for all kinds."""
    strategies = {each.resource.group_resource: each.strategy for each in stores}
    found = {(name, "scale"): scale.door(strategies[name]) for name in SCALED if name in strategies}
    found["namespaces", "finalize"] = namespaces.finalize_door(strategies["namespaces"])
    found["pods", "ephemeralcontainers"] = pods.ephemeral_containers_door(strategies["pods"])
    found["pods", "resize"] = pods.resize_door(strategies["pods"])
    return found


CONNECTORS: Mapping[tuple[str, str], Connector] = pods.CONNECTORS


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[Server]:
    """The server started; afterwards it is stopped, and its store closed."""
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
        await server.store.close()
