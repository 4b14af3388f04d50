"""Protobuf's variable-length integers, for the few messages that are put together by hand."""

from __future__ import annotations

from collections.abc import Iterator

CONTINUES = 0x80
_SMALL = tuple(bytes((number,)) for number in range(CONTINUES))
VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5  # wire types


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    if number < CONTINUES:
        return _SMALL[number]
    out = bytearray()
    while number >= CONTINUES:
        out.append(number & 0x7F | CONTINUES)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, value: bytes) -> bytes:
    """A length-delimited field of a message."""
    return varint(number << 3 | DELIMITED) + varint(len(value)) + value


def fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The (number, value) of each field of a message; ValueError if it is none."""
    position = 0
    while position < len(raw):
        key, position = _read(raw, position)
        value: int | bytes
        match key & 7:
            case 0:  # VARINT
                value, position = _read(raw, position)
            case wire:
                size, position = _size(raw, position, wire)
                value, position = raw[position : position + size], position + size
        yield key >> 3, value


def _size(raw: bytes, position: int, wire: int) -> tuple[int, int]:
    if wire == DELIMITED:
        return _read(raw, position)
    if wire in (FIXED32, FIXED64):
        return (4 if wire == FIXED32 else 8), position
    raise ValueError(f"unknown wire type {wire}")


def _read(raw: bytes, position: int) -> tuple[int, int]:
    """A number, and where it ends."""
    number = shift = 0
    while position < len(raw):
        byte = raw[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if not byte & CONTINUES:
            return number, position
        shift += 7
    raise ValueError("the message is cut off")
