"""The files of configMap, secret, downwardAPI and projected volumes. Touches nothing."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from msgspec import Struct

from kubepy.api.core.v1 import (
    ConfigMap,
    DownwardAPIVolumeFile,
    KeyToPath,
    Pod,
    ProjectedVolumeSource,
    Secret,
    Volume,
)
from kubepy.api.types import Quantity
from kubepy.kubelet import downward

DEFAULT_MODE = 0o644
TOKEN_MODE = 0o600  # widened for a pod that runs as another user


class VolumeError(Exception):
    """A volume cannot be made now; the message goes into the pod's FailedMount event."""


class File(Struct, frozen=True):
    data: bytes
    mode: int


class Sources(Struct, frozen=True):
    """What the volumes of one pod refer to, by name; an object that does not exist is absent.

    `tokens` has the service-account token of each (audience, seconds).
    """

    config_maps: Mapping[str, ConfigMap] = {}
    secrets: Mapping[str, Secret] = {}
    tokens: Mapping[tuple[str, int], str] = {}
    allocatable: Mapping[str, Quantity] = {}
    addresses: Mapping[str, str] = {}  # status.podIP and the like, not yet in the status


Files = dict[str, File]


class Wanted(Struct, frozen=True):
    """The names that a volume refers to."""

    config_maps: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    tokens: frozenset[tuple[str, int]] = frozenset()


DEFAULT_TOKEN_SECONDS = 3600


def wanted(volumes: Sequence[Volume]) -> Wanted:
    """All that must be fetched before `files` can answer for these volumes."""
    config_maps, secrets, tokens = set(), set(), set()
    for volume in volumes:
        if volume.configMap:
            config_maps.add(volume.configMap.name)
        if volume.secret:
            secrets.add(volume.secret.secretName)
        for source in volume.projected.sources if volume.projected else ():
            if source.configMap:
                config_maps.add(source.configMap.name)
            if source.secret:
                secrets.add(source.secret.name)
            if token := source.serviceAccountToken:
                tokens.add((token.audience, token.expirationSeconds or DEFAULT_TOKEN_SECONDS))
    return Wanted(frozenset(config_maps), frozenset(secrets), frozenset(tokens))


def is_rendered(volume: Volume) -> bool:
    """Whether the kubelet writes the volume's files itself."""
    return any((volume.configMap, volume.secret, volume.downwardAPI, volume.projected))


def files(pod: Pod, volume: Volume, sources: Sources) -> Files:
    """Path within the volume → file; VolumeError if something that is not optional is missing."""
    if source := volume.configMap:
        mode = _mode(source.defaultMode)
        return _config_map(pod, source.name, source.items, bool(source.optional), mode, sources)
    if secret := volume.secret:
        mode = _mode(secret.defaultMode)
        return _secret(pod, secret.secretName, secret.items, bool(secret.optional), mode, sources)
    if fields := volume.downwardAPI:
        return _downward(pod, fields.items, _mode(fields.defaultMode), sources)
    if volume.projected:
        return _projected(pod, volume.projected, sources)
    return {}


def _mode(mode: int | None) -> int:
    return DEFAULT_MODE if mode is None else mode


def _projected(pod: Pod, volume: ProjectedVolumeSource, sources: Sources) -> Files:
    mode = _mode(volume.defaultMode)
    found: Files = {}
    for source in volume.sources:
        if part := source.configMap:
            found |= _config_map(pod, part.name, part.items, bool(part.optional), mode, sources)
        elif secret := source.secret:
            found |= _secret(pod, secret.name, secret.items, bool(secret.optional), mode, sources)
        elif fields := source.downwardAPI:
            found |= _downward(pod, fields.items, mode, sources)
        elif token := source.serviceAccountToken:
            key = (token.audience, token.expirationSeconds or DEFAULT_TOKEN_SECONDS)
            if key not in sources.tokens:
                raise VolumeError(f"no token for service account {pod.spec.serviceAccountName}")
            text = sources.tokens[key].encode()
            found[token.path] = File(text, _token_mode(pod, mode))
        else:
            raise VolumeError("projected volume: this kind of source is not supported")
    return found


def _token_mode(pod: Pod, mode: int) -> int:
    """A token is for its pod's user alone, unless the group or another user must read it."""
    context = pod.spec.securityContext
    if context and context.fsGroup is not None:
        return TOKEN_MODE
    users = {
        c.securityContext.runAsUser if c.securityContext else None for c in pod.spec.containers
    }
    if context and context.runAsUser is not None:
        users.add(context.runAsUser)
    return mode if users - {None, 0} else TOKEN_MODE


def _config_map(
    pod: Pod,
    name: str,
    items: Sequence[KeyToPath],
    optional: bool,
    mode: int,
    sources: Sources,
) -> Files:
    config_map = sources.config_maps.get(name)
    if config_map is None:
        if optional:
            return {}
        raise VolumeError(f'configmap "{name}" not found')
    data = {key: text.encode() for key, text in config_map.data.items()} | config_map.binaryData
    return _select(data, items, optional, mode, "configmap references non-existent config key")


def _secret(
    pod: Pod,
    name: str,
    items: Sequence[KeyToPath],
    optional: bool,
    mode: int,
    sources: Sources,
) -> Files:
    secret = sources.secrets.get(name)
    if secret is None:
        if optional:
            return {}
        raise VolumeError(f'secret "{name}" not found')
    return _select(secret.data, items, optional, mode, "references non-existent secret key")


def _select(
    data: Mapping[str, bytes],
    items: Sequence[KeyToPath],
    optional: bool,
    mode: int,
    lacking: str,
) -> Files:
    if not items:
        return {key: File(value, mode) for key, value in data.items()}
    found: Files = {}
    for item in items:
        if item.key in data:
            own = mode if item.mode is None else item.mode
            found[posixpath.normpath(item.path)] = File(data[item.key], own)
        elif not optional:
            raise VolumeError(f"{lacking}: {item.key}")
    return found


def _downward(
    pod: Pod, items: Sequence[DownwardAPIVolumeFile], mode: int, sources: Sources
) -> Files:
    found: Files = {}
    for item in items:
        own = mode if item.mode is None else item.mode
        try:
            if item.fieldRef:
                text = downward.field(pod, item.fieldRef.fieldPath, sources.addresses)
            elif item.resourceFieldRef:
                text = downward.resource(pod, item.resourceFieldRef, sources.allocatable, "")
            else:
                continue
        except downward.UnknownField as error:
            raise VolumeError(str(error)) from error
        found[posixpath.normpath(item.path)] = File(text.encode(), own)
    return found
