"""ImageLocality: a node that has the images already starts the pod sooner.

An image counts by its size and by how many nodes have it: what few have would draw all pods to
those few.
"""

from __future__ import annotations

import numpy as np

from kubepy.scheduler.columns import Ints, Mask
from kubepy.scheduler.framework import MAX_SCORE, Plugin
from kubepy.scheduler.nodetable import NodeTable
from kubepy.scheduler.podinfo import PodInfo

LEAST = 23 << 20  # bytes: less than this is nothing
MOST_EACH = 1000 << 20  # bytes a container: more than this is no better


class ImageLocality(Plugin):
    name = "ImageLocality"

    def score(self, pod: PodInfo, nodes: NodeTable, feasible: Mask) -> Ints | None:
        containers = (*pod.pod.spec.initContainers, *pod.pod.spec.containers)
        total = int(nodes.live.sum())
        present = np.zeros(nodes.rows, np.int64)
        for container in containers:
            if found := nodes.image(normalized_name(container.image)):
                size, having = found
                present[having] += int(size * (int(having.sum()) / total))
        most = MOST_EACH * len(containers)
        return MAX_SCORE * (np.clip(present, LEAST, most) - LEAST) // (most - LEAST)


def normalized_name(image: str) -> str:
    """As the runtime reports it: with a tag."""
    if image.rfind(":") <= image.rfind("/"):
        return f"{image}:latest"
    return image
