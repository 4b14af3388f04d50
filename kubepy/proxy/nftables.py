"""Packing: rulesets and changes as nf_tables netlink messages. Pure, bytes out.

The layout is the kernel's include/uapi/linux/netfilter/nf_tables.h. Numbers inside attributes are
big-endian, headers are the machine's own order. Everything that names a table, chain or set says
which, so an error can say what it was about.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from kubepy.proxy import ruleset as rs
from kubepy.proxy.ruleset import Change, Family, Map, Ruleset, Value, Verdict

ELEMENTS_BYTES = 60_000  # of elements in a message; an attribute's length has 16 bits
COMMENT_BYTES = 120  # of a comment on an element; nft refuses more than 127

_SUBSYSTEM = 10 << 8
_NEWTABLE, _DELTABLE = _SUBSYSTEM | 0, _SUBSYSTEM | 2
_NEWCHAIN, _DELCHAIN = _SUBSYSTEM | 3, _SUBSYSTEM | 5
_NEWRULE, _NEWSET = _SUBSYSTEM | 6, _SUBSYSTEM | 9
_NEWSETELEM, _DELSETELEM = _SUBSYSTEM | 12, _SUBSYSTEM | 14
BATCH_BEGIN, BATCH_END = 16, 17

_REQUEST, _ACK = 0x1, 0x4
_CREATE, _APPEND = 0x400, 0x800
_NESTED = 0x8000
_FIRST_REGISTER = 8  # NFT_REG32_00
_VERDICT_REGISTER = 0
_VERDICT_TYPE = 0xFFFFFF00
_SET_MAP, _SET_TIMEOUT, _SET_DYNAMIC = 0x8, 0x10, 0x20

_VERDICTS = {"drop": 0, "accept": 1, "jump": -3, "goto": -4, "return": -5}
_HOOKS = {"prerouting": 0, "input": 1, "forward": 2, "output": 3, "postrouting": 4}
_BASES = {"network": 1, "transport": 2}
_META = {"priority": 2, "mark": 3, "iifname": 6, "l4proto": 16}
_CT = {"state": 0, "status": 2}
_DYNSET = {"update": 1, "delete": 2}
_RANDOM_FULLY = 1 << 4
_PROTO_SPECIFIED = 1 << 1


class Message(Struct, frozen=True, gc=False):
    """One netlink message of a batch, without its header, and what it is about."""

    type: int
    flags: int
    family: int
    body: bytes
    about: str


def _attribute(kind: int, payload: bytes) -> bytes:
    return struct.pack("=HH", len(payload) + 4, kind) + payload + b"\0" * (-len(payload) % 4)


def _nested(kind: int, *children: bytes) -> bytes:
    return _attribute(kind | _NESTED, b"".join(children))


def _text(kind: int, text: str) -> bytes:
    return _attribute(kind, text.encode() + b"\0")


def _be32(kind: int, number: int) -> bytes:
    return struct.pack("=HH", 8, kind) + struct.pack(">I", number & 0xFFFFFFFF)


def _be64(kind: int, number: int) -> bytes:
    return struct.pack("=HH", 12, kind) + struct.pack(">Q", number)


def _register(slot: int) -> int:
    return _VERDICT_REGISTER if slot == rs.VERDICT else _FIRST_REGISTER + slot


# --- expressions --------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _verdict(verdict: Verdict) -> bytes:
    """NFTA_DATA_VERDICT"""
    parts = [_be32(1, _VERDICTS[verdict.code])]
    if verdict.chain:
        parts.append(_text(2, verdict.chain))
    return _nested(2, *parts)


def _data(value: bytes) -> bytes:
    """NFTA_DATA_VALUE"""
    return _attribute(1, value)


def _expression(family: Family, expression: rs.Expression) -> bytes:
    name, data = _kernel_expression(family, expression)
    return _nested(1, _text(1, name), _nested(2, *data))


def _kernel_expression(family: Family, expression: rs.Expression) -> tuple[str, list[bytes]]:
    """The kernel's name of an expression and its attributes. A table, so longer than most."""
    match expression:
        case rs.Payload(base, offset, length, to):
            numbers = (_register(to), _BASES[base], offset, length)
            return "payload", [_be32(kind, number) for kind, number in enumerate(numbers, 1)]
        case rs.Meta(key, to):
            return "meta", [_be32(2, _META[key]), _be32(1, _register(to))]
        case rs.SetMeta(key, source):
            return "meta", [_be32(2, _META[key]), _be32(3, _register(source))]
        case rs.Ct(key, to):
            return "ct", [_be32(2, _CT[key]), _be32(1, _register(to))]
        case rs.AddressType(of, to):
            flag = 1 if of == "source" else 2
            return "fib", [_be32(1, _register(to)), _be32(2, 3), _be32(3, flag)]
        case rs.Random(modulus, to, offset):
            numbers = (_register(to), modulus, 1, offset)  # type 1: random
            return "numgen", [_be32(kind, number) for kind, number in enumerate(numbers, 1)]
        case rs.Compare(register, value, equal):
            parts = [_be32(1, _register(register)), _be32(2, 0 if equal else 1)]
            return "cmp", [*parts, _nested(3, _data(value))]
        case rs.Bits(register, mask, flip):
            slot = _register(register)
            head = [_be32(1, slot), _be32(2, slot), _be32(3, len(mask))]
            return "bitwise", [*head, _nested(4, _data(mask)), _nested(5, _data(flip))]
        case rs.Lookup(name, key, to):
            parts = [_text(1, name), _be32(2, _register(key))]
            return "lookup", parts if to is None else [*parts, _be32(3, _register(to))]
        case rs.Dynamic(operation, name, key, data, timeout):
            parts = [_text(1, name), _be32(3, _DYNSET[operation]), _be32(4, _register(key))]
            if data is not None:
                parts.append(_be32(5, _register(data)))
            if timeout:
                parts.append(_be64(6, timeout))
            return "dynset", parts
        case rs.Dnat(address, port):
            parts = [_be32(1, 1), _be32(2, family.number), _be32(3, _register(address))]
            return "nat", [*parts, _be32(5, _register(port)), _be32(7, _PROTO_SPECIFIED)]
        case rs.Masquerade():
            return "masq", [_be32(1, _RANDOM_FULLY)]
        case rs.Reject(reset=True):
            return "reject", [_be32(1, 1)]
        case rs.Reject():
            code = 3 if family is Family.IPV4 else 4  # port unreachable
            return "reject", [_be32(1, 0), _attribute(2, bytes([code]))]
        case rs.Constant(value, to):
            return "immediate", [_be32(1, _register(to)), _nested(2, _data(value))]
        case rs.Immediate(verdict):
            parts = [_be32(1, _VERDICT_REGISTER)]
            return "immediate", [*parts, _nested(2, _verdict(verdict))]


# --- tables, chains, maps -----------------------------------------------------------------------


def _message(kind: int, flags: int, family: Family, about: str, *parts: bytes) -> Message:
    return Message(kind, flags | _REQUEST, family.number, b"".join(parts), about)


def add_table(family: Family, table: str) -> Message:
    return _message(_NEWTABLE, _CREATE, family, f"table {table}", _text(1, table), _be32(2, 0))


def delete_table(family: Family, table: str) -> Message:
    return _message(_DELTABLE, 0, family, f"table {table}", _text(1, table))


def add_chain(family: Family, table: str, chain: rs.Chain) -> Message:
    parts = [_text(1, table), _text(3, chain.name)]
    if chain.hook is not None:
        hook = chain.hook
        parts.append(_nested(4, _be32(1, _HOOKS[hook.point]), _be32(2, hook.priority)))
        parts += [_be32(5, 1), _text(7, hook.type)]
    return _message(_NEWCHAIN, _CREATE, family, f"chain {chain.name}", *parts)


def delete_chain(family: Family, table: str, name: str) -> Message:
    """Delete a chain with its rules."""
    return _message(_DELCHAIN, 0, family, f"chain {name}", _text(1, table), _text(3, name))


def add_rules(family: Family, table: str, chain: rs.Chain) -> Iterator[Message]:
    head = _text(1, table) + _text(2, chain.name)
    for number, rule in enumerate(chain.rules, 1):
        expressions = _nested(4, *(_expression(family, expression) for expression in rule))
        about = f"chain {chain.name}, rule {number}"
        yield _message(_NEWRULE, _CREATE | _APPEND, family, about, head, expressions)


def _type(fields: tuple[rs.Field, ...]) -> tuple[int, int]:
    """nft's number for a concatenation, and its bytes: each field is padded to four."""
    number = length = 0
    for field in fields:
        number = number << 6 | field.value[0]
        length += (field.value[1] + 3) // 4 * 4
    if len(fields) == 1:
        length = fields[0].value[1]
    return number, length


def add_map(family: Family, table: str, wanted: Map, number: int) -> Message:
    """`number` tells the maps of one batch apart."""
    flags = 0
    key_type, key_length = _type(wanted.key)
    parts = [_text(1, table), _text(2, wanted.name), _be32(4, key_type), _be32(5, key_length)]
    if wanted.data == rs.VERDICT:
        flags |= _SET_MAP
        parts += [_be32(6, _VERDICT_TYPE), _be32(7, 16)]
    elif isinstance(wanted.data, tuple):
        flags |= _SET_MAP
        data_type, data_length = _type(wanted.data)
        parts += [_be32(6, data_type), _be32(7, data_length)]
    if wanted.dynamic_size:
        flags |= _SET_TIMEOUT | _SET_DYNAMIC
        parts.append(_nested(9, _be32(1, wanted.dynamic_size)))
    parts += [_be32(3, flags), _be32(10, number), _attribute(13, _byte_orders(wanted))]
    return _message(_NEWSET, _CREATE, family, f"map {wanted.name}", *parts)


def _byte_orders(wanted: Map) -> bytes:
    """What nft keeps beside a set, so that it prints the elements right: 1 host, 2 big-endian."""

    def order(fields: tuple[rs.Field, ...]) -> bytes:
        return struct.pack("=I", 1 if fields == (rs.Field.NUMBER,) else 2)

    entries = [struct.pack("=BB", 0, 4) + order(wanted.key)]
    if isinstance(wanted.data, tuple):
        entries.append(struct.pack("=BB", 1, 4) + order(wanted.data))
    return b"".join(entries)


# --- elements -----------------------------------------------------------------------------------


def _element(key: bytes, value: Value | None) -> bytes:
    parts = _nested(1, _data(key))
    if value is not None:
        if isinstance(value.data, Verdict):
            parts += _nested(2, _verdict(value.data))
        elif value.data is not None:
            parts += _nested(2, _data(value.data))
        if value.comment:
            comment = value.comment.encode()[:COMMENT_BYTES] + b"\0"
            parts += _attribute(6, bytes((0, len(comment))) + comment)
    return _nested(1, parts)


def _elements(
    kind: int, flags: int, family: Family, table: str, name: str, elements: Iterable[bytes]
) -> Iterator[Message]:
    """As few messages as hold the packed elements."""
    head = _text(1, table) + _text(2, name)
    verb = "adding to" if kind == _NEWSETELEM else "deleting from"
    chunk: list[bytes] = []
    size = 0
    for element in elements:
        if size + len(element) > ELEMENTS_BYTES:
            yield _message(kind, flags, family, f"{verb} {name}", head, _nested(3, *chunk))
            chunk, size = [], 0
        chunk.append(element)
        size += len(element)
    if chunk:
        yield _message(kind, flags, family, f"{verb} {name}", head, _nested(3, *chunk))


def add_elements(
    family: Family, table: str, name: str, elements: Mapping[bytes, Value]
) -> Iterator[Message]:
    packed = (_element(key, value) for key, value in elements.items())
    return _elements(_NEWSETELEM, _CREATE, family, table, name, packed)


def restore_elements(
    family: Family, table: str, name: str, kept: Iterable[Kept]
) -> Iterator[Message]:
    """Put back what the packet path had added, to live as long as it would have."""
    packed = (
        _nested(1, _nested(1, _data(one.key)), _nested(2, _data(one.data)),
                _be64(4, one.timeout), _be64(5, one.expires))
        for one in kept if 0 < one.expires < one.timeout
    )  # fmt: skip
    return _elements(_NEWSETELEM, _CREATE, family, table, name, packed)


def delete_elements(
    family: Family, table: str, name: str, keys: Iterable[bytes]
) -> Iterator[Message]:
    packed = (_element(key, None) for key in keys)
    return _elements(_DELSETELEM, 0, family, table, name, packed)


# --- batches ------------------------------------------------------------------------------------


def replace_table(table: str, wanted: Ruleset) -> Iterator[Message]:
    """Have exactly this, whatever the table held; in one batch nobody sees it missing."""
    family = wanted.family
    yield add_table(family, table)  # so that there is one to delete
    yield delete_table(family, table)
    yield add_table(family, table)
    for number, one in enumerate(wanted.maps.values(), 1):
        yield add_map(family, table, one, number)
    for chain in wanted.chains.values():
        yield add_chain(family, table, chain)
    for chain in wanted.chains.values():
        yield from add_rules(family, table, chain)
    for name, elements in wanted.elements.items():
        yield from add_elements(family, table, name, elements)


def remove_table(table: str, family: Family) -> Iterator[Message]:
    """Have none, also if there is none now."""
    yield add_table(family, table)
    yield delete_table(family, table)


def change_table(table: str, change: Change) -> Iterator[Message]:
    family = change.family
    for chain in change.add_chains:
        yield add_chain(family, table, chain)
    for chain in change.add_chains:
        yield from add_rules(family, table, chain)
    for name, keys in change.remove.items():
        yield from delete_elements(family, table, name, keys)
    for name, elements in change.insert.items():
        yield from add_elements(family, table, name, elements)
    for gone in change.delete_chains:
        yield delete_chain(family, table, gone)


def batch(messages: list[Message], *, commit: bool = True) -> bytes:
    """One transaction; without `commit` the kernel checks it and forgets it.

    Message `i` bears sequence number `i + 1`; the last asks to be answered.

    The kernel answers each message that fails, asked or not, and the last one in any case, so the
    answers of a batch of any length fit into a small buffer.
    """
    last = len(messages) - 1
    parts = [_edge(BATCH_BEGIN, 0)]
    for number, message in enumerate(messages):
        flags = message.flags | _ACK if number == last else message.flags
        header = (len(message.body) + 20, message.type, flags, number + 1, 0, message.family, 0)
        parts.append(struct.pack("=IHHIIBBxx", *header))
        parts.append(message.body)
    if commit:
        parts.append(_edge(BATCH_END, last + 2))
    return b"".join(parts)


def _edge(kind: int, sequence: int) -> bytes:
    header = struct.pack("=IHHII", 20, kind, _REQUEST, sequence, 0)
    return header + struct.pack(">BBH", 0, 0, _SUBSYSTEM >> 8)


# --- what the kernel says -----------------------------------------------------------------------

_GETTABLE, _GETSETELEM = _SUBSYSTEM | 1, _SUBSYSTEM | 13
_DUMP = 0x300
_ERROR, _DONE = 2, 3
_CAPPED, _ACK_TLVS = 0x100, 0x200


class Answer(Struct, frozen=True, gc=False):
    """One message from the kernel: an acknowledgement, an error (`code`), or a `body`."""

    sequence: int
    code: int = 0
    words: str = ""
    body: bytes = b""


class Kept(Struct, frozen=True, gc=False):
    """An element that the packet path added, and how long it still lives (milliseconds)."""

    key: bytes
    data: bytes
    timeout: int
    expires: int


def get_table(family: Family, table: str) -> bytes:
    return _question(_GETTABLE, _ACK, family, _text(1, table))


def get_elements(family: Family, table: str, name: str) -> bytes:
    return _question(_GETSETELEM, _DUMP, family, _text(1, table) + _text(2, name))


def _question(kind: int, flags: int, family: Family, body: bytes) -> bytes:
    header = (len(body) + 20, kind, flags | _REQUEST, 1, 0, family.number, 0)
    return struct.pack("=IHHIIBBxx", *header) + body


def answers(datagram: bytes) -> Iterator[Answer]:
    """The messages of what one recv() brought. The end of a dump is an Answer without body."""
    position = 0
    while position + 16 <= len(datagram):
        length, kind, flags, sequence = struct.unpack_from("=IHHI", datagram, position)
        body = datagram[position + 16 : position + length]
        if kind == _ERROR:
            code = -struct.unpack_from("=i", body)[0]
            yield Answer(sequence, code, _error_words(flags, body))
        elif kind == _DONE:
            code = -struct.unpack_from("=i", body)[0] if len(body) >= 4 else 0
            yield Answer(sequence, code)
        else:
            yield Answer(sequence, body=body[4:])  # after struct nfgenmsg
        position += (length + 3) // 4 * 4


def _error_words(flags: int, body: bytes) -> str:
    """The text that the kernel put beside an error (NLMSGERR_ATTR_MSG)."""
    if not flags & _ACK_TLVS:
        return ""
    original = struct.unpack_from("=I", body, 4)[0]
    start = 20 if flags & _CAPPED else 4 + (original + 3) // 4 * 4
    words = dict(_attributes(body[start:])).get(1, b"")
    return words.rstrip(b"\0").decode(errors="replace")


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, position)
        if length < 4:
            return
        yield kind & 0x3FFF, data[position + 4 : position + length]
        position += (length + 3) // 4 * 4


def table_state(body: bytes) -> tuple[int, int]:
    """The handle of a table, and how many chains and maps it has."""
    found = dict(_attributes(body))
    return int.from_bytes(found[4], "big"), int.from_bytes(found[3], "big")


def kept_elements(body: bytes) -> Iterator[Kept]:
    """The elements of a message of a dump that have a key, data and an end."""
    for _, element in _attributes(dict(_attributes(body)).get(3, b"")):
        found = dict(_attributes(element))
        if not {1, 2, 4, 5} <= found.keys():
            continue
        key, data = dict(_attributes(found[1])).get(1), dict(_attributes(found[2])).get(1)
        if key is not None and data is not None:
            timeout, expires = (int.from_bytes(found[kind], "big") for kind in (4, 5))
            yield Kept(key, data, timeout, expires)
