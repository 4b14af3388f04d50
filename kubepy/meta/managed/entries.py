"""The owners of an object's fields, and the entries of metadata.managedFields that tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec import Raw, Struct

from kubepy.api.meta.v1 import ManagedFieldsEntry
from kubepy.api.types import Time
from kubepy.meta.errors import FieldError, invalid, too_long
from kubepy.meta.gotext import quote
from kubepy.meta.managed import fieldset, typed
from kubepy.meta.managed.fieldset import Fields, Malformed
from kubepy.meta.managed.shapes import Shape

APPLY, UPDATE = "Apply", "Update"
FIELDS_V1 = "FieldsV1"
KNOWN_SETS = 1024  # remembered by their bytes, since most objects are one of many alike
KNOWN_BYTES = 8192  # of a set; longer ones are not remembered
NAME_BYTES = 128  # of a manager
SUBRESOURCE_BYTES = 256
NOBODY = "unknown"  # who says nothing of himself
RESET = (ManagedFieldsEntry(),)
"""What a client sends to have nobody own anything; an empty list means the same."""


class Key(NamedTuple):
    """Who owns: a manager that applies is one whatever version it applies in; one that updates
    is another in each version, and each is another in each subresource."""

    manager: str
    operation: str
    version: str  # empty for who applies
    subresource: str

    @property
    def shown(self) -> str:
        """As conflicts name it: `"kubectl" with subresource "scale" using apps/v1`."""
        text = quote(self.manager)
        if self.subresource:
            text += f" with subresource {quote(self.subresource)}"
        return f"{text} using {self.version}" if self.operation == UPDATE else text


class Owner(Struct, frozen=True, gc=False):
    """What it owns, in the words of which version, since when."""

    fields: Fields
    version: str
    time: Time | None = None


Owners = dict[Key, Owner]


def updater(manager: str, version: str, subresource: str) -> Key:
    return Key(manager or NOBODY, UPDATE, version, subresource)


def applier(manager: str, subresource: str) -> Key:
    return Key(manager or NOBODY, APPLY, "", subresource)


def name_problems(path: str, name: str) -> list[FieldError]:
    """What is wrong with a manager's name."""
    found = []
    if len(name.encode()) > NAME_BYTES:
        found.append(too_long(path, "", NAME_BYTES))
    if not name.isprintable():
        for position, char in enumerate(name):
            if not char.isprintable():
                at = len(name[:position].encode())
                why = f"invalid character U+{ord(char):04X} (at position {at})"
                found.append(invalid(path, name, why))
    return found


def problems(path: str, entries: Sequence[ManagedFieldsEntry]) -> list[FieldError]:
    """What is wrong with what an object says of its owners."""
    found = []
    for index, entry in enumerate(entries):
        here = f"{path}[{index}]."
        if entry.operation not in (APPLY, UPDATE):
            why = "must be `Apply` or `Update`"
            found.append(invalid(here + "operation", entry.operation, why))
        if entry.fieldsType not in ("", FIELDS_V1):
            why = "must be `FieldsV1`"
            found.append(invalid(here + "fieldsType", entry.fieldsType, why))
        found += name_problems(here + "manager", entry.manager)
        if len(entry.subresource.encode()) > SUBRESOURCE_BYTES:
            sub = here + "subresource"
            found.append(too_long(sub, entry.subresource, SUBRESOURCE_BYTES))
    return found


def decode(entries: Sequence[ManagedFieldsEntry], shape: Shape, version: str) -> Owners:
    """The owners of an object of this shape and version. Raises Malformed."""
    found: Owners = {}
    for index, entry in enumerate(entries):
        if entry.operation not in (APPLY, UPDATE):
            raise Malformed("operation must be `Apply` or `Update`")
        if not entry.apiVersion:
            raise Malformed("apiVersion must not be empty")
        if not entry.fieldsType:
            raise Malformed(f"missing fieldsType in managed fields entry {index}")
        if entry.fieldsType != FIELDS_V1:
            why = f"invalid fieldsType {quote(entry.fieldsType)} in managed fields entry {index}"
            raise Malformed(why)
        own = entry.apiVersion if entry.operation == UPDATE else ""
        key = Key(entry.manager, entry.operation, own, entry.subresource)
        raw = bytes(entry.fieldsV1)
        fields = _fields(raw, shape if entry.apiVersion == version else None)
        found[key] = Owner(fields, entry.apiVersion, entry.time)
    return found


def _fields(raw: bytes, shape: Shape | None) -> Fields:
    return (_known_fields if len(raw) <= KNOWN_BYTES else _parsed)(raw, shape)


def _parsed(raw: bytes, shape: Shape | None) -> Fields:
    fields = fieldset.parse(raw)
    return typed.reconciled(shape, fields) if shape is not None else fields


_known_fields = lru_cache(maxsize=KNOWN_SETS)(_parsed)


def known(entries: Sequence[ManagedFieldsEntry], shape: Shape, version: str) -> Owners:
    """The owners that an object tells of; none if it does so in a way that nobody understands."""
    try:
        return decode(entries, shape, version)
    except Malformed:
        return {}


def encode(owners: Owners) -> tuple[ManagedFieldsEntry, ...]:
    """In Kubernetes' order: who applies first, then by time and name."""
    ranked = sorted(
        owners.items(),
        key=lambda item: (item[0].operation, item[1].time or "", item[0].manager, item[1].version,
                          item[0].subresource),
    )  # fmt: skip
    return tuple(
        ManagedFieldsEntry(
            manager=key.manager,
            operation=key.operation,
            apiVersion=owner.version,
            time=owner.time,
            fieldsType=FIELDS_V1,
            fieldsV1=Raw(fieldset.dump(owner.fields)),
            subresource=key.subresource,
        )
        for key, owner in ranked
    )
