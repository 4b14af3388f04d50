"""Selections: the quick pass over many records and the careful look at one agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.api.core.v1 import ConfigMap
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver import selection
from kubepy.apiserver.watchcache import Encoding, Record
from kubepy.meta.errors import BadRequest

LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("123"))
TERMS = st.sampled_from(["a=1", "a!=1", "b in (1,2)", "b notin (1,2)", "c", "!c", "a>1", "b<3"])
FIELDS = st.sampled_from(
    ["metadata.name=x", "metadata.name!=x", "metadata.namespace=n", "phase=on", "phase!=on"]
)


def record(name: str, labels: dict[str, str], phase: str) -> Record:
    encoding = Encoding(ConfigMap, lambda _: {"phase": phase})
    meta = ObjectMeta(name=name, namespace="n", labels=labels)
    return encoding.record(encoding.stored(ConfigMap(metadata=meta)), 1)


RECORDS = st.lists(st.builds(record, st.sampled_from("xyz"), LABELS, st.sampled_from(["on", ""])))


@given(RECORDS, st.lists(TERMS, max_size=3), st.lists(FIELDS, max_size=2))
def test_both_ways_agree(records: list[Record], labels: list[str], fields: list[str]) -> None:
    chosen = selection.parse("n", ",".join(labels), ",".join(fields), frozenset({"phase"}))
    assert chosen.filter(records) == [found for found in records if chosen.covers(found)]


@pytest.mark.parametrize(
    ("fields", "interest"),
    [
        ("", None),
        ("metadata.namespace=n", None),
        ("phase!=on", None),
        ("metadata.name=x", ("metadata.name", "x")),
        ("phase=on,metadata.namespace=n", ("phase", "on")),
    ],
)
def test_interest(fields: str, interest: tuple[str, str] | None) -> None:
    assert selection.parse("", "", fields, frozenset({"phase"})).interest == interest


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (frozenset(), '"data.x" is not a known field selector'),
        (frozenset({"phase"}), "field label not supported: data.x"),
    ],
)
def test_unknown_fields(known: frozenset[str], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        selection.parse("", "", "data.x=y", known)
