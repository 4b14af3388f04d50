"""EndpointSlice: some of the addresses behind a Service."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.discovery.v1 import Endpoint, EndpointPort, EndpointSlice
from kubepy.apiserver.registry import network
from kubepy.apiserver.registry.core.service import PROTOCOLS
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import (
    FieldError,
    duplicate,
    invalid,
    not_supported,
    required,
    too_many,
)

ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
MAX_ADDRESSES = 100  # of one endpoint
MAX_ENDPOINTS = 1000
MAX_PORTS = 20000
MAX_ZONE_HINTS = 8
SHOWN = 3


def default(slice_: EndpointSlice) -> EndpointSlice:
    ports = tuple(
        replace(
            port,
            name="" if port.name is None else port.name,
            protocol="TCP" if port.protocol is None else port.protocol,
        )
        for port in slice_.ports
    )
    return replace(slice_, ports=ports)


def validate(slice_: EndpointSlice) -> list[FieldError]:
    errors = []
    if not slice_.addressType:
        errors.append(required("addressType"))
    elif slice_.addressType not in ADDRESS_TYPES:
        errors.append(not_supported("addressType", slice_.addressType, ADDRESS_TYPES))
    if len(slice_.endpoints) > MAX_ENDPOINTS:
        errors.append(too_many("endpoints", len(slice_.endpoints), MAX_ENDPOINTS))
    else:
        for index, endpoint in enumerate(slice_.endpoints):
            errors += _endpoint_errors(f"endpoints[{index}]", endpoint, slice_.addressType)
    return errors + _ports_errors(slice_.ports)


def _endpoint_errors(path: str, endpoint: Endpoint, address_type: str) -> list[FieldError]:
    errors = []
    if not endpoint.addresses:
        errors.append(required(f"{path}.addresses", "must contain at least 1 address"))
    elif len(endpoint.addresses) > MAX_ADDRESSES:
        errors.append(too_many(f"{path}.addresses", len(endpoint.addresses), MAX_ADDRESSES))
    for index, address in enumerate(endpoint.addresses):
        errors += _address_errors(path, index, address, address_type)
    if endpoint.nodeName is not None:
        messages = names.dns1123_subdomain(endpoint.nodeName)
        errors += [invalid(f"{path}.nodeName", endpoint.nodeName, m) for m in messages]
    if endpoint.hostname is not None:
        messages = names.dns1123_label(endpoint.hostname)
        errors += [invalid(f"{path}.hostname", endpoint.hostname, m) for m in messages]
    if endpoint.hints:
        errors += _hint_errors(f"{path}.hints.forZones", [h.name for h in endpoint.hints.forZones])
    return errors


def _address_errors(path: str, index: int, address: str, address_type: str) -> list[FieldError]:
    where = f"{path}.addresses[{index}]"
    if address_type == "FQDN":
        return [invalid(where, address, m) for m in names.dns1123_subdomain(address)]
    errors = network.ip_errors(where, address)
    if errors:
        return errors
    if address_type in ("IPv4", "IPv6"):
        if network.is_ipv6(address) != (address_type == "IPv6"):
            article = "an"
            errors.append(
                invalid(f"{path}.addresses", address, f"must be {article} {address_type} address")
            )
        errors += network.special_ip_errors(where, address)
    return errors


def _hint_errors(path: str, zones: list[str]) -> list[FieldError]:
    if len(zones) > MAX_ZONE_HINTS:
        return [too_many(path, len(zones), MAX_ZONE_HINTS)]
    errors = []
    for index, zone in enumerate(zones):
        if zone in zones[:index]:
            errors.append(duplicate(f"{path}[{index}].name", zone))
        elif not zone:
            errors.append(required(f"{path}[{index}].name"))
    return errors


def _ports_errors(ports: tuple[EndpointPort, ...]) -> list[FieldError]:
    if len(ports) > MAX_PORTS:
        return [too_many("ports", len(ports), MAX_PORTS)]
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, port in enumerate(ports):
        path = f"ports[{index}]"
        if port.name:
            messages = names.dns1123_label(port.name)
            errors += [invalid(f"{path}.name", port.name, message) for message in messages]
        if (port.name or "") in seen:
            errors.append(duplicate(f"{path}.name", port.name))
        seen.add(port.name or "")
        if port.protocol not in PROTOCOLS:
            errors.append(not_supported(f"{path}.protocol", port.protocol, PROTOCOLS))
        if port.port is not None:
            errors += network.port_errors(f"{path}.port", port.port)
        if port.appProtocol is not None:
            messages = names.label_key(port.appProtocol)
            errors += [invalid(f"{path}.appProtocol", port.appProtocol, m) for m in messages]
    return errors


def validate_update(new: EndpointSlice, old: EndpointSlice) -> list[FieldError]:
    errors = validate(new)
    if new.addressType != old.addressType:
        errors.append(invalid("addressType", new.addressType, "field is immutable"))
    return errors


def row(slice_: EndpointSlice, now: float) -> tuple[Any, ...]:
    ports = [str(port.port) if port.port is not None else "*" for port in slice_.ports]
    addresses = [address for endpoint in slice_.endpoints for address in endpoint.addresses]
    return (
        slice_.metadata.name,
        slice_.addressType,
        _shown(ports) if slice_.ports else "<unset>",
        _shown(addresses) if addresses else "<unset>",
        age(slice_.metadata.creationTimestamp, now),
    )


def _shown(values: list[str]) -> str:
    shown = ",".join(values[:SHOWN])
    return f"{shown} + {len(values) - SHOWN} more..." if len(values) > SHOWN else shown


def prepare_update(new: EndpointSlice, old: EndpointSlice) -> EndpointSlice:
    """Labels say for which Service the addresses are: they are part of what is desired."""
    if new.metadata.labels == old.metadata.labels:
        return new
    metadata = replace(new.metadata, generation=old.metadata.generation + 1)
    return replace(new, metadata=metadata)


STRATEGY = Strategy(
    default=default, prepare_update=prepare_update, validate_create=validate,
    validate_update=validate_update, row=row,
    generation=True,
)  # fmt: skip
