"""Which names a definition gets, and which conditions follow. Pure.

Within a group nobody may take what another definition has been given: plural, singular and short
names are one set of names, kind and list kind another. A definition keeps what it has.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.apiextensions.v1 import (
    CustomResourceDefinition,
    CustomResourceDefinitionCondition,
    CustomResourceDefinitionNames,
)
from kubepy.meta import conditions
from kubepy.meta.conditions import FALSE, TRUE
from kubepy.meta.gotext import quote

NAMES_ACCEPTED, ESTABLISHED = "NamesAccepted", "Established"
Condition = CustomResourceDefinitionCondition


class Taken(Struct, frozen=True):
    """The names that others of the same group have."""

    resources: frozenset[str]
    kinds: frozenset[str]


def taken_by(others: Iterable[CustomResourceDefinitionNames]) -> Taken:
    resources: set[str] = set()
    kinds: set[str] = set()
    for names in others:
        resources.update((names.plural, names.singular, *names.shortNames))
        kinds.update((names.kind, names.listKind))
    return Taken(frozenset(resources - {""}), frozenset(kinds - {""}))


class Verdict(Struct, frozen=True):
    """What a definition gets, and whether that is all it asked for."""

    names: CustomResourceDefinitionNames
    condition: Condition


def accept(definition: CustomResourceDefinition, taken: Taken) -> Verdict:
    """The names that a definition has from now on; the reason is that of the last conflict."""
    wanted, has = definition.spec.names, definition.status.acceptedNames
    gets = has
    reason = message = ""
    for field, used, conflict in (
        ("plural", taken.resources, "PluralConflict"),
        ("singular", taken.resources, "SingularConflict"),
        ("shortNames", taken.resources, "ShortNamesConflict"),
        ("kind", taken.kinds, "KindConflict"),
        ("listKind", taken.kinds, "ListKindConflict"),
    ):
        asked, mine = getattr(wanted, field), getattr(has, field)
        texts = asked if isinstance(asked, tuple) else (asked,)
        own = mine if isinstance(mine, tuple) else (mine,)
        lost = [text for text in texts if text in used and text not in own]
        if lost:
            reason, message = (
                conflict,
                _listed([f"{quote(text)} is already in use" for text in lost]),
            )
        else:
            gets = replace(gets, **{field: asked})
    gets = replace(gets, categories=wanted.categories)
    if reason:
        return Verdict(gets, condition(NAMES_ACCEPTED, FALSE, reason, message))
    good = condition(NAMES_ACCEPTED, TRUE, "NoConflicts", "no conflicts found")
    return Verdict(gets, good)


def _listed(messages: list[str]) -> str:
    return messages[0] if len(messages) == 1 else f"[{', '.join(messages)}]"


def condition(type_: str, status: str, reason: str, message: str) -> Condition:
    return Condition(type=type_, status=status, reason=reason, message=message)


def is_established(definition: CustomResourceDefinition) -> bool:
    return conditions.is_true(definition.status.conditions or (), ESTABLISHED)
