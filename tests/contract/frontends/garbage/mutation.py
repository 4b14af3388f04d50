"""Protobuf messages that were cut, flipped, lengthened, or hold other bytes than they did."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from kubepy.base.varint import varint

TAGS = [bytes((number << 3 | wire,)) for number in (1, 2, 3, 4, 15) for wire in range(8)]
PIECES = (
    b"", b"\x00", b"\xff", b"\x80" * 11, b"\x7f", b"k8s\x00", *TAGS, b"\x0a\xff\xff\xff\xff\x0f",
    b"\x0b\x0b\x0c\x0c", b"\x0a\x00", b"\x0a\x02\xed\xa0", varint(2**63), varint(2**64 - 1), b"NaN",
    b"{", b"null",
    b"\x09\x00\x00\x00\x00\x00\x00\xf8\x7f", b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
)  # fmt: skip


def fields(raw: bytes) -> list[tuple[int, int]]:
    """Where the length-delimited parts of a message are, at any depth."""
    found = []
    at = 0
    try:
        while at < len(raw):
            tag, at = number(raw, at)
            if tag & 7 == 2:
                size, at = number(raw, at)
                if at + size > len(raw):
                    return found
                found.append((at, at + size))
                found += [(at + a, at + b) for a, b in fields(raw[at : at + size])]
                at += size
            elif tag & 7 == 0:
                _, at = number(raw, at)
            else:
                return found
    except IndexError:
        pass
    return found


def number(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


@st.composite
def damaged(draw: Any, raw: bytes) -> bytes:
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(raw)))
        match draw(st.integers(0, 4)):
            case 0:
                raw = raw[:at]
            case 1 if raw:
                at = min(at, len(raw) - 1)
                raw = raw[:at] + bytes((raw[at] ^ 1 << draw(st.integers(0, 7)),)) + raw[at + 1 :]
            case 2:
                raw = raw[:at] + draw(st.sampled_from(PIECES)) + raw[at:]
            case 3:
                end = draw(st.integers(at, len(raw)))
                raw = raw[:at] + raw[end:]
            case 4:
                raw = raw[:at] + draw(st.binary(max_size=8)) + raw[at:]
    return raw


@st.composite
def replaced(draw: Any, raw: bytes) -> bytes:
    """A message one of whose strings holds other bytes of the same length: still a message."""
    start, end = draw(st.sampled_from(fields(raw)))
    size = end - start
    other = draw(
        st.sampled_from(
            (b"\xff", b"\xed\xa0\x80", b"\x00", b"9", b"-", b"{", b"[", b" ", b'"', b"\n", b"(")
        )
    )
    return raw[:start] + (other * size)[:size] + raw[end:]
