"""The control-plane process of a local cluster: apiserver, controllers and scheduler in one memory.

Controllers and scheduler call the apiserver's pipeline itself, as the users that their kubeconfigs
name: nothing is encoded, and all share the same frozen objects. Beside them stands the node's way
out for image pulls (see egress).
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from random import Random

from kubepy.apiserver import config as apiserver_config
from kubepy.apiserver import run as apiserver
from kubepy.base import logging, tasks
from kubepy.base.clock import Clock, SystemClock
from kubepy.base.tasks import Failure
from kubepy.client.client import Client
from kubepy.client.connect import direct
from kubepy.cluster import components, egress, state
from kubepy.cluster.components import Place
from kubepy.cluster.layout import Layout
from kubepy.controllers import config as controllers_config
from kubepy.controllers import manager as controllers
from kubepy.meta.calls import Handler, User
from kubepy.scheduler import config as scheduler_config
from kubepy.scheduler import run as scheduler
from kubepy.storage.store import StorageError

NAME = "control-plane"
AUTHENTICATED = "system:authenticated"


async def run(place: Place, *, clock: Clock, random: Random) -> None:
    """Until cancelled. Raises Failure for what the operator can mend."""
    config = apiserver_config.PROGRAM.parse(components.apiserver(place)).config
    try:
        async with apiserver.serving(config, clock=clock, random=random) as serving:
            apiserver.settle()
            async with asyncio.TaskGroup() as group:
                group.create_task(serving.server.run())
                group.create_task(control(place, serving.handler, clock, random))
                group.create_task(schedule(place, serving.handler, clock, random))
                if not place.state.host:
                    ports = place.state.mirror_ports
                    group.create_task(
                        egress.serve(place.address, place.state.ports.egress, mirror_ports=ports)
                    )
    except StorageError as problem:
        raise Failure(str(problem)) from problem


async def control(place: Place, handler: Handler, clock: Clock, random: Random) -> None:
    config = controllers_config.PROGRAM.parse(components.controller_manager(place)).config
    client = user_of(handler, "system:kube-controller-manager")
    await controllers.run(config, client, clock=clock, rng=random)


async def schedule(place: Place, handler: Handler, clock: Clock, random: Random) -> None:
    config = scheduler_config.PROGRAM.parse(components.scheduler(place)).config
    client = user_of(handler, "system:kube-scheduler")
    await scheduler.run(config, client, clock=clock, rng=random)


def user_of(handler: Handler, name: str) -> Client:
    """A client of a component, by the name of the user that it is."""
    user = User(name=name, groups=(AUTHENTICATED,))
    return direct(handler, user, user_agent=name.removeprefix("system:"))


def main() -> None:
    layout = Layout(sys.argv[1], Path(sys.argv[2]))
    found = state.load(layout)
    if found is None:
        sys.exit(f"{NAME}: error: {layout.state} does not exist")
    logging.configure(found.verbosity)
    os.umask(0o077)  # the store holds the cluster's secrets
    place = components.place(layout, found)
    sys.exit(tasks.run_until_signal(NAME, lambda: run(place, clock=SystemClock(), random=Random())))


if __name__ == "__main__":
    main()
