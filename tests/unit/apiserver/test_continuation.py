"""Continue tokens."""

from __future__ import annotations

import pytest

from kubepy.apiserver import continuation
from kubepy.apiserver.continuation import Place
from kubepy.meta.errors import BadRequest


@pytest.mark.parametrize("place", [Place(7, "n/a"), Place(-1, "n/a-b"), Place(9, "cluster-wide")])
def test_tokens_come_back_as_they_were(place: Place) -> None:
    assert continuation.decode(continuation.encode(place)) == place


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("!!", "illegal base64 data at input byte 0"),
        ("garbage", r"invalid character '\\u0081' looking for beginning of value"),
        ("e30", "server does not recognize this encoded version"),
        ("eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ", "incorrect encoded start resourceVersion"),
    ],
)
def test_tokens_that_are_none(token: str, why: str) -> None:
    with pytest.raises(BadRequest, match=why):
        continuation.decode(token)
