"""Continue tokens: where a list stopped, and at which revision. Opaque to clients.

    {"v":"meta.k8s.io/v1","rv":1234,"start":"shop/web-1"}   base64, url-safe, without padding

`rv` -1 stands for "whatever is newest": the token of a list whose own revision has been compacted.
"""

from __future__ import annotations

import base64
import binascii
import json

from msgspec import Struct

from kubepy.apiserver.query import INT64
from kubepy.meta.errors import BadRequest

VERSION = "meta.k8s.io/v1"
LATEST = -1
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


class Place(Struct, frozen=True):
    """Behind the key `after`, as of `revision`."""

    revision: int
    after: str


def encode(place: Place) -> str:
    text = json.dumps({"v": VERSION, "rv": place.revision, "start": place.after + "\0"})
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(token: str) -> Place:
    """Raises BadRequest."""
    bad = next((index for index, char in enumerate(token) if char not in _ALPHABET), None)
    if bad is not None:
        raise _invalid(f"illegal base64 data at input byte {bad}")
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except binascii.Error:
        raise _invalid(f"illegal base64 data at input byte {len(token)}") from None
    try:
        value = json.loads(raw)
    except ValueError:
        shown = raw.decode("utf-8", "replace")[:1] or raw.decode("latin-1")[:1]
        char = raw[:1].decode("latin-1")
        shown = f"\\u{ord(char):04x}" if char and not char.isprintable() else shown
        raise _invalid(f"invalid character '{shown}' looking for beginning of value") from None
    except RecursionError:
        raise _invalid("exceeded max depth") from None
    if not isinstance(value, dict) or value.get("v") != VERSION:
        raise BadRequest.of(
            "invalid continue token: continue key is not valid: server does not recognize this "
            'encoded version ""'
        )
    revision, start = value.get("rv"), value.get("start")
    if isinstance(revision, int) and revision not in INT64:
        raise _invalid(
            f"json: cannot unmarshal number {revision} into Go struct field continueToken.rv of "
            "type int64"
        )
    if type(revision) is not int or revision == 0:
        raise BadRequest.of(
            "invalid continue token: continue key is not valid: incorrect encoded start "
            "resourceVersion (version meta.k8s.io/v1)"
        )
    if not isinstance(start, str) or not start or ".." in start.split("/"):
        raise BadRequest.of(
            "invalid continue token: continue key is not valid: encoded start key empty "
            "(version meta.k8s.io/v1)"
        )
    return Place(revision, start.removesuffix("\0"))


def _invalid(why: str) -> BadRequest:
    return BadRequest.of(f"invalid continue token: continue key is not valid: {why}")
