"""A cluster's control plane inside a test: the real apiserver on a store in memory.

    async with apiserver() as server:
        await server.client.create(ConfigMap(metadata=ObjectMeta(name="a", namespace="default")))

Ready in a few dozen milliseconds. Whatever runs above the apiserver is tested against this one.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from kubepy.api.core.v1 import ServiceAccount
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver import server as servers
from kubepy.apiserver.authz.components import allow_all
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.server import ADMIN, Server
from kubepy.apiserver.settings import Settings
from kubepy.base.clock import Clock, LoopClock
from kubepy.client.client import Client
from kubepy.client.connect import direct
from kubepy.meta.calls import Authorizer, User
from kubepy.storage import sqlite
from kubepy.storage.store import Store


class TestServer:
    """A running apiserver, and clients of it."""

    __test__ = False  # for pytest: this is no test

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client = self.client_of(ADMIN)

    @property
    def pipeline(self) -> Pipeline:
        """Where Calls go."""
        return self.server.pipeline

    @property
    def store(self) -> Store:
        return self.server.store

    def client_of(self, user: User) -> Client:
        """A client in the same process that acts as `user`."""
        return direct(self.server.pipeline, user)


@asynccontextmanager
async def apiserver(
    *,
    clock: Clock | None = None,
    seed: int = 0,
    authorize: Authorizer = allow_all,
    settings: Settings | None = None,
    store: Store | None = None,
) -> AsyncIterator[TestServer]:
    """An apiserver that lets everybody do everything, unless `authorize` says otherwise.

    Its time is the event loop's, so that it passes as fast as the loop's does. Without `settings`
    it permits privileged containers, as `kubepy up` and kubeadm do.
    The namespace `default` has its service account, which a controller would have made.
    """
    clock = clock or LoopClock(time.time())
    store = store or await sqlite.open(clock=clock)
    built = servers.build(
        store,
        clock=clock,
        random=Random(seed),
        authorize=authorize,
        settings=settings or Settings(allow_privileged=True),
    )
    async with servers.running(built) as server:
        found = TestServer(server)
        await found.client.create(
            ServiceAccount(metadata=ObjectMeta(name="default", namespace="default"))
        )
        yield found
