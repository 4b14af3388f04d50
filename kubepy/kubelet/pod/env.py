"""A container's environment, from everything that a manifest can take it from. Touches nothing.

    envFrom (a later source wins)  <  env (a later entry wins)  >  service variables (fill gaps)

`$(NAME)` in a value sees what stands before it and the service variables; `$$` is a dollar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from kubepy.api.core.v1 import ConfigMap, EnvVar, Pod, Secret, Service
from kubepy.api.types import Quantity
from kubepy.kubelet import downward
from kubepy.kubelet.pod.containers import AnyContainer

_REFERENCE = re.compile(r"\$\$|\$\(([^()]*)\)")


class EnvProblem(Exception):
    """The environment cannot be made; the container waits in CreateContainerConfigError."""


class EnvSources(Struct, frozen=True):
    """What an environment may refer to. An object that does not exist is absent.

    addresses: `status.podIP` and the like, which the pod's status may not have yet.
    """

    config_maps: Mapping[str, ConfigMap] = {}
    secrets: Mapping[str, Secret] = {}
    services: Mapping[str, str] = {}  # service variables, already rendered
    allocatable: Mapping[str, Quantity] = {}
    addresses: Mapping[str, str] = {}


def references(container: AnyContainer) -> tuple[set[str], set[str]]:
    """The ConfigMaps and Secrets that must be fetched first."""
    maps = {s.configMapRef.name for s in container.envFrom if s.configMapRef}
    secrets = {s.secretRef.name for s in container.envFrom if s.secretRef}
    for variable in container.env:
        source = variable.valueFrom
        if source is not None and source.configMapKeyRef:
            maps.add(source.configMapKeyRef.name)
        if source is not None and source.secretKeyRef:
            secrets.add(source.secretKeyRef.name)
    return maps, secrets


def environment(pod: Pod, container: AnyContainer, sources: EnvSources) -> dict[str, str]:
    """Name → value; EnvProblem for what is missing and not optional."""
    found = _imported(container, sources)
    for variable in container.env:
        value = variable.value
        if value:
            value = expand(value, {**sources.services, **found})
        elif variable.valueFrom is not None:
            taken = _taken(pod, container, variable, sources)
            if taken is None:
                continue
            value = taken
        found.pop(variable.name, None)
        found[variable.name] = value
    for name, value in sources.services.items():
        found.setdefault(name, value)
    return found


def expand(text: str, variables: Mapping[str, str]) -> str:
    """`$(NAME)` replaced where NAME is known, left as it stands where not."""
    if "$" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return variables.get(match[1], match[0])

    return _REFERENCE.sub(value, text)


def _imported(container: AnyContainer, sources: EnvSources) -> dict[str, str]:
    found: dict[str, str] = {}
    for source in container.envFrom:
        if source.configMapRef is not None:
            ref = source.configMapRef
            config_map = sources.config_maps.get(ref.name)
            if config_map is None:
                if ref.optional:
                    continue
                raise EnvProblem(f'configmap "{ref.name}" not found')
            data = config_map.data
        elif source.secretRef is not None:
            secret_ref = source.secretRef
            secret = sources.secrets.get(secret_ref.name)
            if secret is None:
                if secret_ref.optional:
                    continue
                raise EnvProblem(f'secret "{secret_ref.name}" not found')
            data = {
                key: value.decode(errors="surrogateescape") for key, value in secret.data.items()
            }
        else:
            continue
        for key in sorted(data):
            if key and "=" not in source.prefix + key:
                found[source.prefix + key] = data[key]
    return found


def _taken(pod: Pod, container: AnyContainer, variable: EnvVar, sources: EnvSources) -> str | None:
    """The value of `valueFrom`; None where it is optional and missing."""
    source = variable.valueFrom
    assert source is not None
    namespace = pod.metadata.namespace
    try:
        if source.fieldRef is not None:
            return downward.field(pod, source.fieldRef.fieldPath, sources.addresses)
        if source.resourceFieldRef is not None:
            return downward.resource(
                pod, source.resourceFieldRef, sources.allocatable, container.name
            )
    except downward.UnknownField as error:
        raise EnvProblem(str(error)) from error
    if source.configMapKeyRef is not None:
        ref = source.configMapKeyRef
        config_map = sources.config_maps.get(ref.name)
        if config_map is not None and ref.key in config_map.data:
            return config_map.data[ref.key]
        if ref.optional:
            return None
        if config_map is None:
            raise EnvProblem(f'configmap "{ref.name}" not found')
        raise EnvProblem(f"couldn't find key {ref.key} in ConfigMap {namespace}/{ref.name}")
    if source.secretKeyRef is not None:
        key_ref = source.secretKeyRef
        secret = sources.secrets.get(key_ref.name)
        if secret is not None and key_ref.key in secret.data:
            return _text(secret.data[key_ref.key])
        if key_ref.optional:
            return None
        if secret is None:
            raise EnvProblem(f'secret "{key_ref.name}" not found')
        raise EnvProblem(f"couldn't find key {key_ref.key} in Secret {namespace}/{key_ref.name}")
    raise EnvProblem(f"environment variable {variable.name}: this source is not supported")


def _text(value: bytes) -> str:
    """A Secret's value; what is no text survives as surrogates."""
    return value.decode(errors="surrogateescape")


def service_variables(pod: Pod, services: Iterable[Service]) -> dict[str, str]:
    """The variables that tell a container of the services: its namespace's, and the API's.

    Without service links (`enableServiceLinks: false`) only those of default/kubernetes.
    """
    links = pod.spec.enableServiceLinks is not False
    chosen: dict[str, Service] = {}
    for service in services:
        meta = service.metadata
        if service.spec.clusterIP in ("", "None"):
            continue
        if meta.namespace == "default" and meta.name == "kubernetes":
            chosen.setdefault(meta.name, service)
        elif links and meta.namespace == pod.metadata.namespace:
            chosen[meta.name] = service
    found: dict[str, str] = {}
    for name in sorted(chosen):
        found |= _variables(chosen[name])
    return found


def _variables(service: Service) -> dict[str, str]:
    prefix = service.metadata.name.upper().replace("-", "_")
    address, ports = service.spec.clusterIP, service.spec.ports
    if not ports:
        return {}
    found = {f"{prefix}_SERVICE_HOST": address, f"{prefix}_SERVICE_PORT": str(ports[0].port)}
    for port in ports:
        if port.name:
            name = port.name.upper().replace("-", "_")
            found[f"{prefix}_SERVICE_PORT_{name}"] = str(port.port)
    host = f"[{address}]" if ":" in address else address
    for position, port in enumerate(ports):
        protocol = port.protocol or "TCP"
        url = f"{protocol.lower()}://{host}:{port.port}"
        if position == 0:
            found[f"{prefix}_PORT"] = url
        one = f"{prefix}_PORT_{port.port}_{protocol}"
        found[one] = url
        found[f"{one}_PROTO"] = protocol.lower()
        found[f"{one}_PORT"] = str(port.port)
        found[f"{one}_ADDR"] = address
    return found
