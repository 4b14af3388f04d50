"""Registry credentials: from pull secrets and the node's own docker config. Touches nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from kubepy.api.core.v1 import Secret
from kubepy.kubelet.images.names import registry_and_path

Auth = dict[str, str]  # CRI's AuthConfig
_HUB_NAMES = ("index.docker.io", "docker.io", "registry-1.docker.io")


def from_secrets(secrets: Iterable[Secret]) -> dict[str, Auth]:
    """Registry (with an optional path) → credentials, from pull secrets; bad ones are left out."""
    found: dict[str, Auth] = {}
    for secret in secrets:
        if raw := secret.data.get(".dockerconfigjson"):
            found |= from_config(raw)
        elif raw := secret.data.get(".dockercfg"):
            found |= from_config(raw, bare=True)
    return found


def from_config(raw: bytes, *, bare: bool = False) -> dict[str, Auth]:
    """A docker config.json; `bare`: the older form without `auths`."""
    try:
        document = json.loads(raw)
        entries = document if bare else document.get("auths", {})
        return {_host(key): _auth(entry) for key, entry in entries.items()}
    except (ValueError, AttributeError, TypeError, binascii.Error):
        return {}


def matching(image: str, known: Mapping[str, Auth]) -> list[Auth]:
    """The credentials that may open the image's registry, the most specific first."""
    registry, path = registry_and_path(image)
    hits = []
    for key, auth in known.items():
        host, _, prefix = key.partition("/")
        if not _same_host(registry, host):
            continue
        if prefix and not (path == prefix or path.startswith(prefix.rstrip("/") + "/")):
            continue
        hits.append((len(key), auth))
    return [auth for _, auth in sorted(hits, key=lambda hit: -hit[0])]


def _same_host(registry: str, pattern: str) -> bool:
    if registry in _HUB_NAMES:
        return pattern in _HUB_NAMES
    wanted, given = registry.split("."), pattern.split(".")
    return len(wanted) == len(given) and all(map(fnmatchcase, wanted, given))


def _host(key: str) -> str:
    """`https://index.docker.io/v1/` → `index.docker.io`; a path that is no API version stays."""
    bare = key.removeprefix("https://").removeprefix("http://").rstrip("/")
    for version in ("/v1", "/v2"):
        bare = bare.removesuffix(version)
    return bare


def _auth(entry: Mapping[str, Any]) -> Auth:
    found = {
        "username": entry.get("username", ""),
        "password": entry.get("password", ""),
        "identity_token": entry.get("identitytoken", ""),
        "registry_token": entry.get("registrytoken", ""),
    }
    if entry.get("auth"):
        user, _, password = base64.b64decode(entry["auth"]).decode().partition(":")
        found |= {"username": user, "password": password}
    return {key: value for key, value in found.items() if value}
