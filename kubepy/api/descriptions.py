"""What the fields of wire types mean, for OpenAPI and so for `kubectl explain`.

`descriptions.json` is built from the comments of `protos/` (`make update`). It is read when the
first document is made, which most servers never do.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

DESCRIPTIONS = Path(__file__).with_name("descriptions.json")
TYPE_META = {
    "apiVersion": "Group and version of the object: the schema that it follows.",
    "kind": "What the object is, in capitals and singular.",
}

Words = dict[str, str]


@cache
def _all() -> dict[str, Words]:
    if not DESCRIPTIONS.exists():
        raise RuntimeError(f"{DESCRIPTIONS.name} is not built: run `make update`")
    return msgspec.json.decode(DESCRIPTIONS.read_bytes(), type=dict[str, Words])


def of(type_: type[Any]) -> Words:
    """By JSON name, for those fields of a Struct type that have a description."""
    package = getattr(sys.modules[type_.__module__], "PACKAGE", "")
    return {**TYPE_META, **_all().get(f"{package}.{type_.__name__}", {})}
