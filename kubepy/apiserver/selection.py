"""Which objects a list, watch or deletecollection is about. Pure, over the cache's records."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from kubepy.apiserver.watchcache import Record
from kubepy.meta import selectors
from kubepy.meta.errors import BadRequest
from kubepy.meta.selectors import EVERYTHING, FieldSelector, Selector

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
        if not self.labels.matches(record.labels):
            return False
        return self.fields.empty or self.fields.matches(fields_of(record))

    def filter(self, records: Sequence[Record]) -> list[Record]:
        """Those that it covers, of records in its namespace."""
        found: list[Record] = list(records)
        for requirement in self.labels.requirements:
            if requirement.operator in (selectors.EQUALS, selectors.DOUBLE_EQUALS):
                key, value = requirement.key, requirement.values[0]
                found = [record for record in found if record.labels.get(key) == value]
        if not found:
            return found
        for term in self.fields.terms:
            if term.operator == selectors.EQUALS and term.field not in (NAME, NAMESPACE):
                field, value = term.field, term.value
                found = [record for record in found if record.fields.get(field) == value]
        return [record for record in found if self.covers(record)]


def fields_of(record: Record) -> dict[str, str]:
    return {NAME: record.name, NAMESPACE: record.namespace, **record.fields}


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
