"""The node process of a local cluster: kubelet and kube-proxy, inside the node's namespaces."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from kubepy.base import logging, tasks
from kubepy.cluster import components, state
from kubepy.cluster.components import Place
from kubepy.cluster.layout import Layout
from kubepy.kubelet import config as kubelet_config
from kubepy.kubelet import run as kubelet
from kubepy.proxy import config as proxy_config
from kubepy.proxy import run as proxy

NAME = "node"


async def run(place: Place) -> None:
    """Until cancelled; containers and rules stay as they are."""
    async with asyncio.TaskGroup() as group:
        group.create_task(
            kubelet.main(kubelet_config.PROGRAM.parse(components.kubelet(place)).config)
        )
        group.create_task(
            proxy.main(proxy_config.PROGRAM.parse(components.kube_proxy(place)).config)
        )


def main() -> None:
    layout = Layout(sys.argv[1], Path(sys.argv[2]))
    found = state.load(layout)
    if found is None:
        sys.exit(f"{NAME}: error: {layout.state} does not exist")
    logging.configure(found.verbosity)
    place = components.place(layout, found)
    sys.exit(tasks.run_until_signal(NAME, lambda: run(place)))


if __name__ == "__main__":
    main()
