"""NetworkPolicy: who may talk to some pods, and to whom they may."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from kubepy.api.networking.v1 import (
    IPBlock,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)
from kubepy.apiserver.registry import network
from kubepy.apiserver.registry.core.podspec.cells import selector_cell
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import choice
from kubepy.meta.errors import FieldError, forbidden, invalid, required
from kubepy.meta.labels import check_label_selector

INGRESS, EGRESS = "Ingress", "Egress"
TYPES = (INGRESS, EGRESS)
PROTOCOLS = ("TCP", "UDP", "SCTP")


def default(policy: NetworkPolicy) -> NetworkPolicy:
    spec = policy.spec
    types = spec.policyTypes
    if not types:  # not said: whatever it has rules for, and ingress always
        types = TYPES if spec.egress else (INGRESS,)
    spec = replace(
        spec,
        policyTypes=types,
        ingress=tuple(replace(rule, ports=_with_protocols(rule.ports)) for rule in spec.ingress),
        egress=tuple(replace(rule, ports=_with_protocols(rule.ports)) for rule in spec.egress),
    )
    return replace(policy, spec=spec)


def _with_protocols(ports: Sequence[NetworkPolicyPort]) -> tuple[NetworkPolicyPort, ...]:
    return tuple(
        replace(port, protocol="TCP" if port.protocol is None else port.protocol) for port in ports
    )


def validate(policy: NetworkPolicy) -> list[FieldError]:
    return _spec_errors(policy.spec)


def validate_update(new: NetworkPolicy, old: NetworkPolicy) -> list[FieldError]:
    """Ranges that were accepted long ago stay, whatever was done around them."""
    known = {cidr for _, cidr in _ranges(old.spec)}
    lax = bool(check_label_selector(old.spec.podSelector, ""))
    return _spec_errors(new.spec, known, lax=lax)


def _spec_errors(
    spec: NetworkPolicySpec, known: Collection[str] = (), *, lax: bool = False
) -> list[FieldError]:
    errors = check_label_selector(spec.podSelector, "spec.podSelector", lax=lax)
    for path, ports, side, peers in _rules(spec):
        for index, port in enumerate(ports):
            errors += _port_errors(port, f"{path}.ports[{index}]")
        for index, peer in enumerate(peers):
            errors += _peer_errors(peer, f"{path}.{side}[{index}]", known, lax)
    path = "spec.policyTypes"
    if len(spec.policyTypes) > len(TYPES):
        why = "may not specify more than two policyTypes"
        return [*errors, invalid(path, spec.policyTypes, why)]
    for index, kind in enumerate(spec.policyTypes):
        errors += choice(kind, TYPES, f"{path}[{index}]")
    return errors


def _rules(
    spec: NetworkPolicySpec,
) -> Iterator[tuple[str, Sequence[NetworkPolicyPort], str, Sequence[NetworkPolicyPeer]]]:
    """Each rule: its path, its ports, the name of its peers' field, its peers."""
    for index, ingress in enumerate(spec.ingress):
        yield f"spec.ingress[{index}]", ingress.ports, "from", ingress.from_
    for index, egress in enumerate(spec.egress):
        yield f"spec.egress[{index}]", egress.ports, "to", egress.to


def _port_errors(port: NetworkPolicyPort, path: str) -> list[FieldError]:
    errors = choice(port.protocol, PROTOCOLS, f"{path}.protocol")
    number, end, where = port.port, port.endPort, f"{path}.endPort"
    if number is None:
        if end is not None:
            errors.append(invalid(where, end, "may not be specified when `port` is not specified"))
    elif isinstance(number, int):
        errors += network.port_errors(f"{path}.port", number)
        if end is not None:
            if end < number:
                # Kubernetes shows the other number, too.
                errors.append(invalid(where, number, "must be greater than or equal to `port`"))
            errors += network.port_errors(where, end)
    else:
        if end is not None:
            errors.append(invalid(where, end, "may not be specified when `port` is non-numeric"))
        errors += network.target_port_errors(f"{path}.port", number)
    return errors


def _peer_errors(
    peer: NetworkPolicyPeer, path: str, known: Collection[str], lax: bool
) -> list[FieldError]:
    errors = check_label_selector(peer.podSelector, f"{path}.podSelector", lax=lax)
    errors += check_label_selector(peer.namespaceSelector, f"{path}.namespaceSelector", lax=lax)
    if peer.ipBlock is not None:
        errors += _block_errors(peer.ipBlock, f"{path}.ipBlock", known)
        if peer.podSelector is not None or peer.namespaceSelector is not None:
            errors.append(forbidden(path, "may not specify both ipBlock and another peer"))
    elif peer.podSelector is None and peer.namespaceSelector is None:
        errors.append(required(path, "must specify a peer"))
    return errors


def _block_errors(block: IPBlock, path: str, known: Collection[str]) -> list[FieldError]:
    if not block.cidr:
        return [required(f"{path}.cidr")]
    errors = network.cidr_errors(f"{path}.cidr", block.cidr, known)
    whole = network.parse_cidr(block.cidr)
    if whole is None:
        return errors
    for index, text in enumerate(block.except_):
        where = f"{path}.except[{index}]"
        errors += network.cidr_errors(where, text, known)
        part = network.parse_cidr(text)
        if part is not None and not network.is_within(part, whole):
            errors.append(invalid(where, text, "must be a strict subset of `cidr`"))
    return errors


def _ranges(spec: NetworkPolicySpec) -> Iterator[tuple[str, str]]:
    """Every range of addresses, with its path."""
    for path, _, side, peers in _rules(spec):
        for index, peer in enumerate(peers):
            if peer.ipBlock is not None:
                where = f"{path}.{side}[{index}].ipBlock"
                yield f"{where}.cidr", peer.ipBlock.cidr
                for number, text in enumerate(peer.ipBlock.except_):
                    yield f"{where}.except[{number}]", text


def warnings(policy: NetworkPolicy) -> list[str]:
    return [
        text for path, cidr in _ranges(policy.spec) for text in network.cidr_warnings(path, cidr)
    ]


def row(policy: NetworkPolicy, now: float) -> tuple[Any, ...]:
    meta = policy.metadata
    return meta.name, selector_cell(policy.spec.podSelector), age(meta.creationTimestamp, now)


STRATEGY = Strategy(
    generation=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    warnings=warnings,
    row=row,
)
