"""Values as Go prints them, since clients read them inside of messages.

quote("a\\n")              "a\\n"                 %q
show({"a": (1, "<")})     {"a":[1,"\\u003c"]}    json.Marshal
verbatim({"b": {"c": 1}}) map[b:map[c:1]]       %v
"""

from __future__ import annotations

import json
from difflib import unified_diff
from typing import Any

from kubepy.meta.gomemory import plain

_ESCAPES = {
    '"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f",
    "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
}  # fmt: skip
_MAX_DIGITS = 20  # of a number of 64 bits
_HTML = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def quote(text: str) -> str:
    """Go's %q."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_quoted, text)) + '"'


def _quoted(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def parse_uint(text: str, bits: int = 64) -> int:
    """Go's strconv.ParseUint of a decimal number. Raises ValueError in its words."""
    why = "invalid syntax"
    if text.isascii() and text.isdigit():
        if len(text.lstrip("0")) <= _MAX_DIGITS and int(text) < 1 << bits:
            return int(text)
        why = "value out of range"
    raise ValueError(f"strconv.ParseUint: parsing {quote(text)}: {why}")


def show(value: Any) -> str:
    """Go's json.Marshal of what Kubernetes holds in memory for this value."""
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
    return text.translate(_HTML)


def indented(value: Any) -> str:
    """The same over several lines, as messages show what differs."""
    return json.dumps(plain(value), ensure_ascii=False, indent=1).translate(_HTML)


def difference(old: Any, new: Any) -> str:
    """A unified diff of both, without file names."""
    before, after = indented(old).splitlines(), indented(new).splitlines()
    return "\n".join(list(unified_diff(before, after, lineterm=""))[2:]) + "\n"


def verbatim(value: Any) -> str:
    """Go's %v of decoded JSON."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case dict():
            return "map[" + " ".join(f"{k}:{verbatim(value[k])}" for k in sorted(value)) + "]"
        case list() | tuple():
            return "[" + " ".join(map(verbatim, value)) + "]"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def json_kind(value: Any) -> str:
    """What Go's JSON decoder calls a value that it did not expect."""
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "array"
        case _:
            return "object"
