"""Ingress: HTTP routes from outside to Services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubepy.api.core.v1 import TypedLocalObjectReference
from kubepy.api.networking.v1 import (
    HTTPIngressPath,
    Ingress,
    IngressBackend,
    IngressClassParametersReference,
    IngressRule,
    IngressServiceBackend,
    IngressTLS,
)
from kubepy.apiserver.registry import network
from kubepy.apiserver.registry.core.podspec.cells import NONE
from kubepy.apiserver.registry.core.service import service_name
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import choice, named, needed
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, required
from kubepy.meta.gotext import quote

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
EXACT, PREFIX, IMPLEMENTATION = "Exact", "Prefix", "ImplementationSpecific"
PATH_TYPES = (EXACT, IMPLEMENTATION, PREFIX)
FORBIDDEN_PARTS = ("//", "/./", "/../", "%2f", "%2F")
FORBIDDEN_ENDS = ("/..", "/.")
SHOWN_HOSTS = 3
NOT_A_NAME = "must be a DNS name, not an IP address"


def validate(ingress: Ingress) -> list[FieldError]:
    errors = _spec_errors(ingress)
    annotated = ingress.metadata.annotations.get(CLASS_ANNOTATION)
    class_name = ingress.spec.ingressClassName
    if annotated is not None and class_name is not None and annotated != class_name:
        why = "must match `ingressClassName` when both are specified"
        errors.append(invalid(f"annotations.{CLASS_ANNOTATION}", annotated, why))
    return errors


def validate_update(new: Ingress, old: Ingress) -> list[FieldError]:
    return _spec_errors(new)


def _spec_errors(ingress: Ingress) -> list[FieldError]:
    spec = ingress.spec
    errors = []
    if not spec.rules and spec.defaultBackend is None:
        errors.append(invalid("spec", None, "either `defaultBackend` or `rules` must be specified"))
    if spec.defaultBackend is not None:
        errors += _backend_errors(spec.defaultBackend, "spec.defaultBackend")
    for index, rule in enumerate(spec.rules):
        errors += _rule_errors(rule, f"spec.rules[{index}]")
    for index, tls in enumerate(spec.tls):
        errors += _tls_errors(tls, f"spec.tls[{index}]")
    if spec.ingressClassName is not None:
        errors += named(spec.ingressClassName, names.dns1123_subdomain, "spec.ingressClassName")
    return errors


def _host_errors(host: str, path: str) -> list[FieldError]:
    rule = names.wildcard_subdomain if "*" in host else names.dns1123_subdomain
    return named(host, rule, path)


def _rule_errors(rule: IngressRule, path: str) -> list[FieldError]:
    errors = []
    if rule.host:
        if network.parse_ip(rule.host):
            errors.append(invalid(f"{path}.host", rule.host, NOT_A_NAME))
        errors += _host_errors(rule.host, f"{path}.host")
    if rule.http is None:
        return errors
    where = f"{path}.http.paths"
    if not rule.http.paths:
        errors.append(required(where))
    for index, entry in enumerate(rule.http.paths):
        errors += _path_errors(entry, f"{where}[{index}]")
    return errors


def _path_errors(entry: HTTPIngressPath, path: str) -> list[FieldError]:
    text, where = entry.path, f"{path}.path"
    if entry.pathType is None:
        return [required(f"{path}.pathType", "pathType must be specified")]
    errors = choice(entry.pathType, PATH_TYPES, f"{path}.pathType")
    if not errors and not text.startswith("/") and (text or entry.pathType != IMPLEMENTATION):
        errors.append(invalid(where, text, "must be an absolute path"))
    if entry.pathType in (EXACT, PREFIX):
        errors += [
            invalid(where, text, f"must not contain '{part}'")
            for part in FORBIDDEN_PARTS
            if part in text
        ]
        errors += [
            invalid(where, text, f"cannot end with '{end}'")
            for end in FORBIDDEN_ENDS
            if text.endswith(end)
        ]
    return errors + _backend_errors(entry.backend, f"{path}.backend")


def _backend_errors(backend: IngressBackend, path: str) -> list[FieldError]:
    resource, service = backend.resource, backend.service
    if resource is not None and service is not None:
        return [invalid(path, "", "cannot set both resource and service backends")]
    if resource is not None:
        return reference_errors(resource, f"{path}.resource")
    if service is not None:
        return _service_errors(service, path)
    return [invalid(path, "", "resource or service backend is required")]


def _service_errors(service: IngressServiceBackend, path: str) -> list[FieldError]:
    where, port = f"{path}.service", service.port
    errors = needed(service.name, service_name, f"{where}.name")
    if port.name and port.number:
        errors.append(invalid(path, "", "cannot set both port name & port number"))
    elif port.name:
        errors += named(port.name, names.port_name, f"{where}.port.name")
    elif port.number:
        errors += network.port_errors(f"{where}.port.number", port.number)
    else:
        errors.append(required(path, "port name or number is required"))
    return errors


def reference_errors(
    reference: TypedLocalObjectReference | IngressClassParametersReference, path: str
) -> list[FieldError]:
    """A group, a kind and a name of it."""
    errors = []
    if reference.apiGroup is not None:
        errors += named(reference.apiGroup, names.dns1123_subdomain, f"{path}.apiGroup")
    errors += needed(reference.kind, names.path_segment, f"{path}.kind")
    return errors + needed(reference.name, names.path_segment, f"{path}.name")


def _tls_errors(tls: IngressTLS, path: str) -> list[FieldError]:
    errors = []
    for index, host in enumerate(tls.hosts):
        errors += _host_errors(host, f"{path}.hosts[{index}]")
    if tls.secretName:
        errors += named(tls.secretName, names.dns1123_subdomain, f"{path}.secretName")
    return errors


def validate_status(new: Ingress, old: Ingress) -> list[FieldError]:
    errors = []
    for index, entry in enumerate(new.status.loadBalancer.ingress):
        path = f"status.loadBalancer.ingress[{index}]"
        if entry.ip:
            errors += network.ip_errors(f"{path}.ip", entry.ip)
        if entry.hostname:
            errors += named(entry.hostname, names.dns1123_subdomain, f"{path}.hostname")
            if network.parse_ip(entry.hostname):
                errors.append(invalid(f"{path}.hostname", entry.hostname, NOT_A_NAME))
    return errors


def warnings(ingress: Ingress) -> list[str]:
    spec = ingress.spec
    if CLASS_ANNOTATION not in ingress.metadata.annotations or spec.ingressClassName is not None:
        return []
    name = quote(CLASS_ANNOTATION)
    return [f"annotation {name} is deprecated, please use 'spec.ingressClassName' instead"]


def update_warnings(new: Ingress, old: Ingress) -> list[str]:
    return []


# ---- kubectl get


def row(ingress: Ingress, now: float) -> tuple[Any, ...]:
    spec = ingress.spec
    balancers = ingress.status.loadBalancer.ingress
    return (
        ingress.metadata.name,
        NONE if spec.ingressClassName is None else spec.ingressClassName,
        _hosts(spec.rules),
        ",".join(sorted({entry.ip or entry.hostname for entry in balancers} - {""})),
        "80, 443" if spec.tls else "80",
        age(ingress.metadata.creationTimestamp, now),
    )


def _hosts(rules: Sequence[IngressRule]) -> str:
    """`a.example.com,b.example.com + 2 more...`: rules past the third host are only counted."""
    hosts: list[str] = []
    for rule in rules:
        if len(hosts) == SHOWN_HOSTS:
            return f"{','.join(hosts)} + {len(rules) - SHOWN_HOSTS} more..."
        if rule.host:
            hosts.append(rule.host)
    return ",".join(hosts) or "*"


STRATEGY = Strategy(
    repeats_create_checks=True,
    generation=True,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    warnings=warnings,
    update_warnings=update_warnings,
    row=row,
)
