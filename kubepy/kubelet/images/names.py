"""Image names: what a manifest says and what a registry understands."""

from __future__ import annotations

import re

DEFAULT_REGISTRY = "docker.io"
LONGEST = 255  # characters of a repository's name
_PATH = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_NAME = re.compile(
    rf"(?:(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?/)?"
    rf"({_PATH}(?:/{_PATH})*)"
    r"(?::[\w][\w.-]{0,127})?"
    r"(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?",
    re.ASCII,
)


def problem(name: str) -> str:
    """Why `name` is no image reference, in the words of the reference grammar; "" if it is one."""
    found = _NAME.fullmatch(name)
    if found is None:
        _, path = registry_and_path(name)
        if path != path.lower():
            return f"invalid reference format: repository name ({path}) must be lowercase"
        return "invalid reference format"
    if len(found[1]) > LONGEST:
        return f"repository name must not be more than {LONGEST} characters"
    return ""


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
