"""What the name of an image says."""

from __future__ import annotations


def pull_policy(image: str) -> str:
    """`latest`, said or unsaid, may change under its name; other tags and digests do not."""
    if "@" in image:
        return "IfNotPresent"
    _, colon, tag = image.rpartition("/")[2].partition(":")
    return "Always" if not colon or tag == "latest" else "IfNotPresent"
