"""Endpoints: the addresses behind a Service, in the form that EndpointSlice replaced."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import EndpointAddress, Endpoints, EndpointSubset
from kubepy.apiserver.registry import network
from kubepy.apiserver.registry.core.service import PROTOCOLS
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, not_supported, required

SHOWN = 3  # addresses in kubectl's column
DEPRECATED = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"


def default(endpoints: Endpoints) -> Endpoints:
    subsets = tuple(
        replace(subset, ports=tuple(replace(p, protocol=p.protocol or "TCP") for p in subset.ports))
        for subset in endpoints.subsets
    )
    return replace(endpoints, subsets=subsets)


def validate(endpoints: Endpoints) -> list[FieldError]:
    errors = []
    for index, subset in enumerate(endpoints.subsets):
        path = f"subsets[{index}]"
        if not subset.addresses and not subset.notReadyAddresses:
            errors.append(required(path, "must specify `addresses` or `notReadyAddresses`"))
        for name in ("addresses", "notReadyAddresses"):
            for at, address in enumerate(getattr(subset, name)):
                errors += _address_errors(f"{path}.{name}[{at}]", address)
        errors += _port_errors(path, subset)
    return errors


def _address_errors(path: str, address: EndpointAddress) -> list[FieldError]:
    errors = network.ip_errors(f"{path}.ip", address.ip)
    if address.hostname:
        messages = names.dns1123_label(address.hostname)
        errors += [invalid(f"{path}.hostname", address.hostname, m) for m in messages]
    if address.nodeName is not None:
        messages = names.dns1123_subdomain(address.nodeName)
        errors += [invalid(f"{path}.nodeName", address.nodeName, m) for m in messages]
    if errors and network.parse_ip(address.ip) is None:
        return [*errors, invalid(f"{path}.ip", address.ip, "must be a valid IP address")]
    return errors + network.special_ip_errors(f"{path}.ip", address.ip)


def _port_errors(path: str, subset: EndpointSubset) -> list[FieldError]:
    errors = []
    for index, port in enumerate(subset.ports):
        where = f"{path}.ports[{index}]"
        if port.name:
            messages = names.dns1123_label(port.name)
            errors += [invalid(f"{where}.name", port.name, message) for message in messages]
        elif len(subset.ports) > 1:
            errors.append(required(f"{where}.name"))
        errors += network.port_errors(f"{where}.port", port.port)
        if port.protocol not in PROTOCOLS:
            errors.append(not_supported(f"{where}.protocol", port.protocol, PROTOCOLS))
        if port.appProtocol is not None:
            messages = names.label_key(port.appProtocol)
            errors += [invalid(f"{where}.appProtocol", port.appProtocol, m) for m in messages]
    return errors


def validate_update(new: Endpoints, old: Endpoints) -> list[FieldError]:
    return validate(new) if new.subsets != old.subsets else []


def warnings(endpoints: Endpoints) -> list[str]:
    return [DEPRECATED]


def row(endpoints: Endpoints, now: float) -> tuple[Any, ...]:
    since = age(endpoints.metadata.creationTimestamp, now)
    return endpoints.metadata.name, listed(endpoints.subsets), since


def listed(subsets: tuple[EndpointSubset, ...]) -> str:
    """`10.0.0.1:80,10.0.0.2:80 + 3 more...`"""
    if not subsets:
        return "<none>"
    found = []
    for subset in subsets:
        for port in subset.ports:
            for address in subset.addresses:
                found.append(network.join_port(address.ip, port.port))
        if not subset.ports:
            found += [address.ip for address in subset.addresses]
    shown = ",".join(found[:SHOWN])
    return f"{shown} + {len(found) - SHOWN} more..." if len(found) > SHOWN else shown


STRATEGY = Strategy(
    create_on_update=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    warnings=warnings,
    row=row,
)
