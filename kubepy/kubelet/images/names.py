"""Image names: what a manifest says and what a registry understands."""

from __future__ import annotations

DEFAULT_REGISTRY = "docker.io"


def with_tag(name: str) -> str:
    """The name with `:latest` if it has neither tag nor digest."""
    if "@" in name or ":" in name.rsplit("/", 1)[-1]:
        return name
    return f"{name}:latest"


def registry_and_path(name: str) -> tuple[str, str]:
    """(`registry.k8s.io`, `pause`) of `registry.k8s.io/pause:3.9`; Docker Hub if none is named."""
    bare = name.split("@", 1)[0]
    head, slash, rest = bare.partition("/")
    if not slash or not ("." in head or ":" in head or head == "localhost"):
        head, rest = DEFAULT_REGISTRY, bare if slash else f"library/{bare}"
    last = rest.rsplit("/", 1)[-1]
    return head, rest.removesuffix(":" + last.split(":", 1)[1]) if ":" in last else rest
