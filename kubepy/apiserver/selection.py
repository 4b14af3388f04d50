"""Which objects a list, watch or deletecollection is about. Pure, over the cache's records."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from kubepy.apiserver.watchcache import Record
from kubepy.meta import selectors
from kubepy.meta.errors import BadRequest
from kubepy.meta.selectors import (
    EVERYTHING,
    FieldSelector,
    FieldTerm,
    Requirement,
    Selector,
)

NAME, NAMESPACE = "metadata.name", "metadata.namespace"
NO_FIELDS = FieldSelector()


class Selection(Struct, frozen=True):
    """A namespace (empty: all), labels and fields."""

    namespace: str = ""
    labels: Selector = EVERYTHING
    fields: FieldSelector = NO_FIELDS

    @property
    def by_selector(self) -> bool:
        """Whether more than the namespace decides."""
        return not (self.labels.empty and self.fields.empty)

    @property
    def name(self) -> str:
        """The one name that it admits, if there is one."""
        return self.fields.exact(NAME) or ""

    def covers(self, record: Record) -> bool:
        if self.namespace and record.namespace != self.namespace:
            return False
        if self.labels is not EVERYTHING and not self.labels.matches(record.labels):
            return False
        for term in self.fields.terms:
            if (_value(record, term.field) == term.value) != (term.operator == selectors.EQUALS):
                return False
        return True

    @property
    def interest(self) -> tuple[str, str] | None:
        """One field's value that every object here has, now or before; None: there is none."""
        for term in self.fields.terms:
            if term.operator == selectors.EQUALS and term.field != NAMESPACE:
                return term.field, term.value
        return None

    def filter(self, records: Sequence[Record]) -> list[Record]:
        """Those that it covers, of records in its namespace.

        A condition at a time over all records: a tenth of the time of all conditions on each.
        """
        found = list(records)
        if not self.labels.selectable:
            return []
        for requirement in self.labels.requirements:
            found = _with_label(found, requirement)
        for term in self.fields.terms:
            found = _with_field(found, term)
        return found


def _with_label(records: list[Record], wanted: Requirement) -> list[Record]:
    key, values = wanted.key, wanted.values
    match wanted.operator:
        case "=" | "==":
            value = values[0]
            return [record for record in records if record.labels.get(key) == value]
        case "in":
            return [record for record in records if record.labels.get(key) in values]
        case "notin" | "!=":
            return [record for record in records if record.labels.get(key) not in values]
        case "exists":
            return [record for record in records if key in record.labels]
        case "!":
            return [record for record in records if key not in record.labels]
    return [record for record in records if wanted.matches(record.labels)]


def _with_field(records: list[Record], wanted: FieldTerm) -> list[Record]:
    field, value, equal = wanted.field, wanted.value, wanted.operator == selectors.EQUALS
    if field == NAME:
        return [record for record in records if (record.name == value) == equal]
    if field == NAMESPACE:
        return [record for record in records if (record.namespace == value) == equal]
    return [record for record in records if (record.fields.get(field, "") == value) == equal]


def _value(record: Record, field: str) -> str:
    if field == NAME:
        return record.name
    if field == NAMESPACE:
        return record.namespace
    return record.fields.get(field, "")


def parse(namespace: str, labels: str, fields: str, known: frozenset[str]) -> Selection:
    """The selection of a request. Raises BadRequest.

    `known`: the fields that the kind offers beside name and namespace.
    """
    if not labels and not fields:
        return Selection(namespace)
    try:
        wanted = selectors.parse_fields(fields)
        for field in wanted.fields:
            if field not in (NAME, NAMESPACE) and field not in known:
                raise BadRequest.of(_unknown(field, known))
        return Selection(namespace, selectors.parse_labels(labels), wanted)
    except selectors.SelectorError as error:
        raise BadRequest.of(str(error)) from None


def _unknown(field: str, known: frozenset[str]) -> str:
    if known:  # kinds with fields of their own have words of their own
        return f"field label not supported: {field}"
    return f'"{field}" is not a known field selector: only "{NAME}", "{NAMESPACE}"'
