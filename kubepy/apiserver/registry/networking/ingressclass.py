"""IngressClass: which controller an Ingress is for."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.networking.v1 import IngressClass, IngressClassParametersReference, IngressClassSpec
from kubepy.apiserver.registry.core.podspec.cells import NONE
from kubepy.apiserver.registry.networking.ingress import reference_errors
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import choice, domain_path, immutable, named
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, required, too_long

CONTROLLER_LENGTH = 250  # bytes
CLUSTER, NAMESPACE = "Cluster", "Namespace"


def default(ingress_class: IngressClass) -> IngressClass:
    spec = ingress_class.spec
    if spec.parameters is None or spec.parameters.scope is not None:
        return ingress_class
    parameters = replace(spec.parameters, scope=CLUSTER)
    return replace(ingress_class, spec=replace(spec, parameters=parameters))


def validate(ingress_class: IngressClass) -> list[FieldError]:
    return _spec_errors(ingress_class.spec)


def validate_update(new: IngressClass, old: IngressClass) -> list[FieldError]:
    errors = immutable(new.spec.controller, old.spec.controller, "spec.controller")
    return errors + _spec_errors(new.spec)


def _spec_errors(spec: IngressClassSpec) -> list[FieldError]:
    errors = []
    if len(spec.controller.encode()) > CONTROLLER_LENGTH:
        errors.append(too_long("spec.controller", "", CONTROLLER_LENGTH))
    errors += domain_path(spec.controller, "spec.controller")
    if spec.parameters is not None:
        errors += _parameters_errors(spec.parameters, "spec.parameters")
    return errors


def _parameters_errors(parameters: IngressClassParametersReference, path: str) -> list[FieldError]:
    errors = reference_errors(parameters, path)
    scope, namespace, where = parameters.scope, parameters.namespace, f"{path}.namespace"
    if scope is None:
        return [*errors, required(f"{path}.scope")]
    errors += choice(scope, (CLUSTER, NAMESPACE), f"{path}.scope")
    if scope == NAMESPACE:
        if namespace is None:
            errors.append(required(where, "`parameters.scope` is set to 'Namespace'"))
        else:
            errors += named(namespace, names.dns1123_label, where)
    if scope == CLUSTER and namespace is not None:
        errors.append(forbidden(where, "`parameters.scope` is set to 'Cluster'"))
    return errors


def row(ingress_class: IngressClass, now: float) -> tuple[Any, ...]:
    meta, spec = ingress_class.metadata, ingress_class.spec
    return meta.name, spec.controller, _shown(spec.parameters), age(meta.creationTimestamp, now)


def _shown(parameters: IngressClassParametersReference | None) -> str:
    """`Kind.group/name`"""
    if parameters is None:
        return NONE
    group = f".{parameters.apiGroup}" if parameters.apiGroup is not None else ""
    return f"{parameters.kind}{group}/{parameters.name}"


STRATEGY = Strategy(
    repeats_create_checks=True,
    generation=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
