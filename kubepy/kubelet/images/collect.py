"""Which images to throw away when the disk fills up. Touches nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from kubepy.kubelet.runtime.model import Image


class Thresholds(Struct, frozen=True):
    """Percent of the image filesystem, and seconds. `max_age` 0: no age is too old."""

    high: int = 85
    low: int = 80
    min_age: float = 120.0
    max_age: float = 0.0


class Seen(Struct, frozen=True):
    """When an image was first found on the node and last needed by a container (unix)."""

    first: float
    used: float


def bytes_to_free(capacity: int, available: int, limits: Thresholds) -> int:
    """How much must go so that usage falls to `low`; 0 below `high`."""
    if capacity <= 0:
        return 0
    used = 100 - available * 100 // capacity
    if used < limits.high:
        return 0
    return capacity * (100 - limits.low) // 100 - available


def needed(images: Sequence[Image], refs: Collection[str]) -> set[str]:
    """The ids of the images that containers run from; `refs` are ids, names or digests."""
    return {
        image.id
        for image in images
        if image.pinned or not {image.id, *image.tags, *image.digests}.isdisjoint(refs)
    }


def too_old(
    images: Sequence[Image],
    used: Collection[str],
    seen: Mapping[str, Seen],
    now: float,
    limits: Thresholds,
) -> list[Image]:
    """The images that nobody needed for longer than `max_age`."""
    if not limits.max_age:
        return []
    return [
        image
        for image in images
        if image.id not in used
        and image.id in seen
        and now - seen[image.id].used > limits.max_age
    ]  # fmt: skip


def choose(
    images: Sequence[Image],
    used: Collection[str],
    seen: Mapping[str, Seen],
    now: float,
    limits: Thresholds,
    want: int,
) -> list[Image]:
    """The least recently used images that together give `want` bytes, or all there are."""
    candidates = [
        image
        for image in images
        if image.id not in used
        and image.id in seen
        and now - seen[image.id].first >= limits.min_age
    ]
    candidates.sort(key=lambda image: (seen[image.id].used, seen[image.id].first))
    chosen, freed = [], 0
    for image in candidates:
        if freed >= want:
            break
        chosen.append(image)
        freed += image.size
    return chosen  # fmt: skip
