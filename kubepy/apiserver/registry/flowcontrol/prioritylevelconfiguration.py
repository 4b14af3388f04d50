"""PriorityLevelConfiguration: how many requests at once, and what becomes of the others."""

from __future__ import annotations

import math
from typing import Any

from msgspec.structs import replace

from kubepy.api.flowcontrol.v1 import (
    ExemptPriorityLevelConfiguration,
    LimitedPriorityLevelConfiguration,
    LimitResponse,
    PriorityLevelConfiguration,
    PriorityLevelConfigurationSpec,
    QueuingConfiguration,
)
from kubepy.apiserver.registry.core.podspec.cells import NONE
from kubepy.apiserver.registry.flowcontrol.conditions import condition_errors
from kubepy.apiserver.registry.flowcontrol.suggested import EXEMPT, MANDATORY_LEVELS
from kubepy.apiserver.registry.numbers import nonnegative
from kubepy.apiserver.registry.strategy import Strategy, age, keep_all_but_status
from kubepy.apiserver.registry.values import choice
from kubepy.meta.errors import FieldError, forbidden, invalid, required
from kubepy.meta.managed.fieldset import of

TYPES = ("Exempt", "Limited")
RESPONSES = ("Queue", "Reject")
DEFAULT_SHARES = 30
DEFAULT_QUEUES, DEFAULT_HAND, DEFAULT_LENGTH = 64, 8, 50
MAX_QUEUES = 10_000_000
HASH_BITS = 60
POSITIVE = "must be positive"


def default(level: PriorityLevelConfiguration) -> PriorityLevelConfiguration:
    spec = level.spec
    if spec.limited is not None:
        spec = replace(spec, limited=_default_limited(spec.limited))
    if spec.type == "Exempt":
        exempt = spec.exempt or ExemptPriorityLevelConfiguration()
        exempt = replace(
            exempt,
            nominalConcurrencyShares=exempt.nominalConcurrencyShares or 0,
            lendablePercent=exempt.lendablePercent or 0,
        )
        spec = replace(spec, exempt=exempt)
    return replace(level, spec=spec)


def _default_limited(
    limited: LimitedPriorityLevelConfiguration,
) -> LimitedPriorityLevelConfiguration:
    shares, response = limited.nominalConcurrencyShares, limited.limitResponse
    queuing = response.queuing
    if queuing is not None:
        queuing = replace(
            queuing,
            queues=queuing.queues or DEFAULT_QUEUES,
            handSize=queuing.handSize or DEFAULT_HAND,
            queueLengthLimit=queuing.queueLengthLimit or DEFAULT_LENGTH,
        )
    return replace(
        limited,
        nominalConcurrencyShares=DEFAULT_SHARES if shares is None else shares,
        lendablePercent=limited.lendablePercent or 0,
        limitResponse=replace(response, queuing=queuing),
    )


def validate(level: PriorityLevelConfiguration) -> list[FieldError]:
    name, spec = level.metadata.name, level.spec
    errors = _spec_errors(name, spec)
    if name in MANDATORY_LEVELS and not _is_mandatory(name, spec):
        errors.append(invalid("spec", spec, f"spec of '{name}' must equal the fixed value"))
    return errors


def _is_mandatory(name: str, spec: PriorityLevelConfigurationSpec) -> bool:
    """The shares of the exempt level may be changed; nothing else."""
    fixed = MANDATORY_LEVELS[name]
    if name == EXEMPT:
        fixed = replace(fixed, exempt=spec.exempt)
    return spec == fixed


def validate_update(
    new: PriorityLevelConfiguration, old: PriorityLevelConfiguration
) -> list[FieldError]:
    return validate(new) + validate_status(new, old)


def validate_status(
    new: PriorityLevelConfiguration, old: PriorityLevelConfiguration
) -> list[FieldError]:
    return condition_errors(new.status.conditions)


def _spec_errors(name: str, spec: PriorityLevelConfigurationSpec) -> list[FieldError]:
    errors = []
    if (name == EXEMPT) != (spec.type == "Exempt"):
        why = "must be 'Exempt' if and only if `name` is 'exempt'"
        errors.append(invalid("spec.type", spec.type, why))
    match spec.type:
        case "Exempt":
            if spec.limited is not None:
                why = "must be nil if the type is not Limited"
                errors.append(forbidden("spec.limited", why))
            if spec.exempt is not None:
                errors += _exempt_errors(spec.exempt, "spec.exempt")
        case "Limited":
            if spec.exempt is not None:
                errors.append(forbidden("spec.exempt", "must be nil if the type is Limited"))
            if spec.limited is None:
                errors.append(required("spec.limited", "must not be empty when type is Limited"))
            else:
                errors += _limited_errors(spec.limited, "spec.limited")
        case _:
            errors += choice(spec.type, TYPES, "spec.type")
    return errors


def _exempt_errors(exempt: ExemptPriorityLevelConfiguration, path: str) -> list[FieldError]:
    shares = exempt.nominalConcurrencyShares
    errors = []
    if shares is not None and shares < 0:
        why = "must be a non-negative integer"
        errors.append(invalid(f"{path}.nominalConcurrencyShares", shares, why))
    return errors + _percent_errors(exempt.lendablePercent, f"{path}.lendablePercent")


def _percent_errors(value: int | None, path: str) -> list[FieldError]:
    if value is None or 0 <= value <= 100:
        return []
    return [invalid(path, value, "must be between 0 and 100, inclusive")]


def _limited_errors(limited: LimitedPriorityLevelConfiguration, path: str) -> list[FieldError]:
    shares = limited.nominalConcurrencyShares
    errors = []
    if shares is not None and shares < 0:
        why = "must be a non-negative integer"
        errors.append(invalid(f"{path}.nominalConcurrencyShares", shares, why))
    errors += _response_errors(limited.limitResponse, f"{path}.limitResponse")
    errors += _percent_errors(limited.lendablePercent, f"{path}.lendablePercent")
    return errors + nonnegative(limited.borrowingLimitPercent, f"{path}.borrowingLimitPercent")


def _response_errors(response: LimitResponse, path: str) -> list[FieldError]:
    where = f"{path}.queuing"
    match response.type:
        case "Reject":
            if response.queuing is None:
                return []
            why = "must be nil if limited.limitResponse.type is not Limited"
            return [forbidden(where, why)]
        case "Queue":
            if response.queuing is not None:
                return _queuing_errors(response.queuing, where)
            why = "must not be empty if limited.limitResponse.type is Limited"
            return [required(where, why)]
    return choice(response.type, RESPONSES, f"{path}.type")


def _queuing_errors(queuing: QueuingConfiguration, path: str) -> list[FieldError]:
    queues, hand, length = queuing.queues, queuing.handSize, queuing.queueLengthLimit
    errors = []
    if length <= 0:
        errors.append(invalid(f"{path}.queueLengthLimit", length, POSITIVE))
    if queues <= 0:
        errors.append(invalid(f"{path}.queues", queues, POSITIVE))
    elif queues > MAX_QUEUES:
        errors.append(invalid(f"{path}.queues", queues, f"must not be greater than {MAX_QUEUES}"))
    where = f"{path}.handSize"
    if hand <= 0:
        errors.append(invalid(where, hand, POSITIVE))
    elif hand > queues:
        errors.append(invalid(where, hand, f"should not be greater than queues ({queues})"))
    elif entropy_bits(queues, hand) > HASH_BITS:
        why = (
            f"required entropy bits of deckSize {queues} and handSize {hand} should not be "
            f"greater than {HASH_BITS}"
        )
        errors.append(invalid(where, hand, why))
    return errors


def entropy_bits(deck: int, hand: int) -> int:
    """The bits that a hash must have to deal `hand` cards of a deck."""
    return math.ceil(math.log2(deck) * hand)


def row(level: PriorityLevelConfiguration, now: float) -> tuple[Any, ...]:
    meta, spec = level.metadata, level.spec
    shares: Any = NONE
    queues: Any = NONE
    hand: Any = NONE
    length: Any = NONE
    if spec.limited is not None:
        shares = spec.limited.nominalConcurrencyShares
        if (queuing := spec.limited.limitResponse.queuing) is not None:
            queues, hand, length = queuing.queues, queuing.handSize, queuing.queueLengthLimit
    elif spec.exempt is not None:
        shares = spec.exempt.nominalConcurrencyShares
    return (
        meta.name,
        spec.type,
        shares,
        queues,
        hand,
        length,
        age(meta.creationTimestamp, now),
    )


STRATEGY = Strategy(
    repeats_create_checks=True,
    generation=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    prepare_status=keep_all_but_status,
    status_resets=of("f:spec") | of("f:metadata"),
    validate_status=validate_status,
    row=row,
)
