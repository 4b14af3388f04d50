"""JSON documents as google.protobuf.Struct and back."""

from __future__ import annotations

import math

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from kubepy import pb
from kubepy.apiserver.rpc import structs
from kubepy.apiserver.rpc.structs import SAFE, Unfit

STRUCT = pb.message("google.protobuf.Struct")
NUMBERS = st.integers(-SAFE, SAFE) | st.floats(-1.0, 1.0).filter(lambda x: not x.is_integer())
DOCUMENTS = st.dictionaries(
    st.text(),
    st.recursive(
        st.none() | st.booleans() | NUMBERS | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    ),
)


@given(DOCUMENTS)
def test_a_document_comes_back_as_it_was(document):
    message = STRUCT.FromString(structs.encode(document))
    assert json_format.MessageToDict(message) == document
    again = structs.decode(message)
    assert again == document
    assert repr(again) == repr(in_order(document))


def in_order(value):
    """The same with every key in order; unlike ==, its text knows 1, 1.0 and True apart."""
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        pytest.param(3.0, "3", id="whole"),
        pytest.param(-0.0, "0", id="no negative zero"),
        pytest.param(2.5, "2.5", id="fraction"),
        pytest.param(float(SAFE), "9007199254740991", id="last exact one"),
        pytest.param(2.0**63, "9.223372036854776e+18", id="no integer of Kubernetes any more"),
        pytest.param(1e300, "1e+300", id="far beyond"),
    ],
)
def test_numbers_that_arrive(sent, heard):
    message = STRUCT()
    message["n"] = sent
    assert repr(structs.decode(message)["n"]) == heard


@pytest.mark.parametrize("sent", [2.0**53, -(2.0**53), 2.0**62, math.inf, math.nan])
def test_numbers_that_may_not_be_what_was_meant(sent):
    message = STRUCT()
    message.get_or_create_struct("spec").get_or_create_list("ports").append(sent)
    with pytest.raises(Unfit, match=r"^spec\.ports\[0\]: "):
        structs.decode(message)


@pytest.mark.parametrize("number", [SAFE + 1, -SAFE - 1, 2**63 - 1])
def test_numbers_that_no_double_holds(number):
    with pytest.raises(Unfit, match=rf"^spec\.a\[1\]\.b: {number} is a whole number beyond"):
        structs.encode({"spec": {"a": [1, {"b": number}]}})


def test_a_value_that_is_none():
    message = STRUCT()
    message.fields["a"].SetInParent()
    with pytest.raises(Unfit, match="^a: it has no value, not even null"):
        structs.decode(message)


def test_what_nests_too_deep():
    document = {}
    for _ in range(5000):
        document = {"a": document}
    with pytest.raises(Unfit, match="too deep"):
        structs.encode(document)
