"""YAML that would cost more than its size is refused before it is built."""

from __future__ import annotations

import pytest

from kubepy.api.codec import DecodeError, decode_lenient
from kubepy.api.core.v1 import ConfigMap

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(9)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[" * 100_000, "exceeded max depth", id="flow"),
        pytest.param("- " * 100_000, "exceeded max depth", id="block"),
        pytest.param("{a: " * 100_000, "exceeded max depth", id="mappings"),
        pytest.param(
            "".join(f"{' ' * i}a:\n" for i in range(1200)), "exceeded max depth", id="indented"
        ),
        pytest.param("a: &a [*a]", "contains itself", id="itself"),
        pytest.param(BOMB, "excessive aliasing", id="billion laughs"),
    ],
)
def test_refused(text, message):
    with pytest.raises(DecodeError, match=message):
        decode_lenient(ConfigMap, text.encode(), fmt="yaml")


def test_modest_aliases_are_fine():
    text = "metadata: {name: a}\ndata:\n  one: &x text\n  two: *x\n"
    assert decode_lenient(ConfigMap, text.encode(), fmt="yaml").object.data == {
        "one": "text",
        "two": "text",
    }
