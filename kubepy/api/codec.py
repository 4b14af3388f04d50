"""JSON and YAML to Structs and back.

What kubepy wrote itself decodes at full speed (`decode`). What a client sends takes the same road
first; only where that fails, because of a null, an unknown field or a wrong type, does a slow walk
over the untyped value find out what is wrong and say it in Kubernetes' words (`decode_lenient`).
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any, NamedTuple, TypeVar, get_args

import msgspec
from msgspec import Raw

from kubepy.api import custom, schema, scheme
from kubepy.api.types import ABSENT, Duration, Quantity, Time
from kubepy.base.memo import cache

T = TypeVar("T")

MAX_DEPTH = 200  # of objects and lists in each other: every walk over what is kept recurses
TOO_DEEP = "exceeded max depth"


class DecodeError(ValueError):
    """The input is no object of the type; the message is what a client may read."""


class Misfit(DecodeError):
    """A value that its field cannot hold; `wanted` is the field's type, in Go's words."""

    def __init__(self, message: str, value: Any, wanted: str) -> None:
        super().__init__(message)
        self.value = value
        self.wanted = wanted


class Decoded(NamedTuple):
    """An object, and what was wrong with the input without making it unusable."""

    object: Any
    problems: list[str]


def _from_wire(type_: Any, value: Any) -> Any:
    return type_.from_wire(value)


_encoder = msgspec.json.Encoder(enc_hook=str)


@cache
def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_, dec_hook=_from_wire)


def encode(obj: Any) -> bytes:
    """The object as JSON, as it is: kind and apiVersion only if it bears them."""
    if isinstance(obj, custom.Custom):
        return custom.encode(obj)
    raw = _encoder.encode(obj)
    for name in getattr(type(obj), "__nulls__", ()):
        raw = raw.replace(b'"%s":[]' % name.encode(), b'"%s":null' % name.encode())
    return raw


def type_prefix(type_: type[Any]) -> bytes:
    """The opening of the JSON object of a kind: `{"kind":"Pod","apiVersion":"v1"`."""
    prefix: bytes | None = getattr(type_, "PREFIX", None)
    return prefix or _type_prefix(type_)


@cache
def _type_prefix(type_: type[Any]) -> bytes:
    kind, version = type_.__name__, scheme.api_version(type_)
    return f'{{"kind":"{kind}","apiVersion":"{version}"'.encode()


def with_type(type_: type[Any], raw: bytes) -> bytes:
    """The JSON of an object without kind and apiVersion, with them."""
    opening = type_prefix(type_)
    return opening + b"}" if raw == b"{}" else opening + b"," + raw[1:]


def encode_typed(obj: Any) -> bytes:
    """The object as JSON with its kind and apiVersion."""
    raw = encode(obj)
    return raw if getattr(obj, "kind", "") else with_type(type(obj), raw)


def decode(type_: type[T], raw: bytes | memoryview) -> T:
    """JSON that kubepy wrote, or that is as clean; anything odd falls back to `decode_lenient`."""
    data = bytes(raw)
    if issubclass(type_, custom.Custom):
        return custom.decode(type_, data)
    if issubclass(type_, custom.CustomList):
        return custom.decode_list(type_, data)  # type: ignore[no-any-return]
    for name in getattr(type_, "__nulls__", ()):
        data = data.replace(b'"%s":null' % name.encode(), b'"%s":[]' % name.encode())
    try:
        return _decoder(type_).decode(data)  # type: ignore[no-any-return]
    except msgspec.MsgspecError:
        return decode_lenient(type_, data).object  # type: ignore[no-any-return]


def untyped(obj: T) -> T:
    """The object as it is held in memory: without kind and apiVersion."""
    if not obj.kind and not obj.apiVersion:  # type: ignore[attr-defined]
        return obj
    return msgspec.structs.replace(obj, kind="", apiVersion="")  # type: ignore[type-var]


def to_builtins(obj: Any) -> Any:
    """The object as plain dicts and lists, as its JSON would read."""
    return msgspec.json.decode(encode(obj))


def from_builtins(type_: type[T], value: Any) -> T:
    """The object of plain dicts and lists; unknown fields are dropped, DecodeError if unfit."""
    return decode(type_, _encoder.encode(value))


def decode_lenient(type_: type[T], raw: bytes, *, fmt: str = "json") -> Decoded:
    """What a client sent, as "json" or "yaml".

    `problems` names unknown and duplicate fields as a strict decoder does: `unknown field
    "spec.foo"`, `duplicate field "spec.bar"`, in the order of the input.
    """
    if fmt == "yaml":
        value, problems = load_yaml(raw)
    else:
        check_depth(raw)
        try:
            if b"\n" in raw:
                raw = msgspec.json.format(raw, indent=-1)  # any JSON in a field is kept as it reads
            obj = _decoder(type_).decode(raw)
            if not has_duplicates(raw, msgspec.json.decode(raw)):
                return Decoded(obj, [])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass
        value, problems = load_json(raw), []
    return convert_lenient(type_, value, problems)


def convert_lenient(type_: type[T], value: Any, problems: list[str] | None = None) -> Decoded:
    """The same for a value that is decoded already (a patched object)."""
    if not isinstance(value, dict):
        raise DecodeError(
            f"json: cannot unmarshal {_go_kind(value)} into Go value of type {_go_type_name(type_)}"
        )
    if problems is None:
        try:
            return Decoded(_decoder(type_).decode(_encoder.encode(value)), [])
        except (msgspec.MsgspecError, TypeError):
            pass  # the walk finds out why
    walk = _Walk(type_)
    clean = walk.struct(type_, value, "")
    problems = [*(problems or []), *walk.problems]
    try:
        return Decoded(_decoder(type_).decode(_encoder.encode(clean)), problems)
    except msgspec.MsgspecError as error:
        raise DecodeError(str(error)) from None


def has_duplicates(raw: bytes, value: Any) -> bool:
    """Whether some object of valid JSON, which reads as `value`, names a key twice."""
    # What reads the same after a trip through dicts, which hold a key once, had each key once.
    if _encoder.encode(value) == msgspec.json.format(raw, indent=-1):
        return False
    try:
        _unique.decode(raw.decode())
    except _Repeated:
        return True
    return False


class _Repeated(Exception):
    """A key came twice."""


def _check_unique(items: list[tuple[str, Any]]) -> None:
    if len(dict(items)) < len(items):
        raise _Repeated


_unique = json.JSONDecoder(object_pairs_hook=_check_unique)


class _Object(dict[str, Any]):
    """A JSON object that remembers which keys came twice."""

    repeated: tuple[str, ...] = ()


def _pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(items)
    if len(plain) == len(items):
        return plain
    found = _Object(plain)
    seen: set[str] = set()
    found.repeated = tuple(
        dict.fromkeys(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    )
    return found


class _NoNumber(ValueError):
    """What Python's decoder takes for a number, and JSON has not; the message is Go's."""


_CONSTANTS = {
    "NaN": "invalid character 'N' looking for beginning of value",
    "Infinity": "invalid character 'I' looking for beginning of value",
    "-Infinity": "invalid character 'I' in numeric literal",
}


def _no_constant(name: str) -> float:
    raise _NoNumber(_CONSTANTS[name])


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _NoNumber(f"json: cannot unmarshal number {text} into Go value of type float64")
    return value


_loader = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_finite, parse_constant=_no_constant
)


def load_json(raw: bytes) -> Any:
    """Any JSON; objects remember keys that came twice (`repeated`). DecodeError in Go's words."""
    try:
        text = raw.decode(json.detect_encoding(raw), "surrogatepass")
        check_depth(text.encode("utf-8", "surrogatepass"))
        value = _loader.decode(text)
    except DecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise DecodeError(_syntax_problem(raw, error)) from None
    return _well_formed(value) if _may_hold_surrogates(raw) else value


def is_too_deep(value: Any) -> bool:
    """Whether a decoded document is deeper than MAX_DEPTH; looks at one level after another."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return any(isinstance(each, dict | list) for each in level)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"{}[]")
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_STEPS = {ord("["): 1, ord("]"): -1}
_ROUNDS = 32  # deeper than what anybody keeps in earnest
_EVERYDAY = 16 * 1024  # brackets


def check_depth(raw: bytes) -> None:
    """Raises DecodeError for JSON that is deeper than MAX_DEPTH.

    Every write asks, so what is everyday costs little: pairs are taken away from the inside, a
    level a round, and only what is not gone after some rounds is counted bracket by bracket.
    """
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return
    brackets = left = _outside_strings(raw).translate(_ONE_KIND, _NO_BRACKETS)
    for _ in range(_ROUNDS if len(brackets) <= _EVERYDAY else 0):
        left = left.replace(b"[]", b"")
        if not left:
            return
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > MAX_DEPTH:
        raise DecodeError(TOO_DEEP)


def _outside_strings(raw: bytes) -> bytes:
    if b"\\" in raw:  # outside of a string it is no JSON, and no reader gets past it
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    pieces = raw.split(b'"')
    unended = pieces[-1:] if len(pieces) % 2 == 0 else []  # a string that only begins
    return b"".join(pieces[::2] + unended)


def load(raw: bytes, fmt: str = "json") -> tuple[Any, list[str]]:
    """Any "json" or "yaml", and which fields came twice: `duplicate field "spec.a"`.

    Raises DecodeError.
    """
    if fmt == "yaml":
        return load_yaml(raw)
    check_depth(raw)
    try:
        value = msgspec.json.decode(raw)
        if not has_duplicates(raw, value):
            return value, []
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    value = load_json(raw)
    return value, list(_duplicates(value, ""))


def _duplicates(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key in getattr(value, "repeated", ()):
            yield f'duplicate field "{_join(path, key)}"'
        for key, inner in value.items():
            yield from _duplicates(inner, _join(path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _duplicates(inner, f"{path}[{index}]")


def _may_hold_surrogates(raw: bytes) -> bool:
    """Only an escape, or the lead byte of an encoded one, can bring half a pair."""
    return b"\\u" in raw or b"\\U" in raw or b"\xed" in raw


def _well_formed(value: Any) -> Any:
    """The value with U+FFFD for halves of surrogate pairs, as Go's decoder reads them."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_well_formed(item) for item in value]
        case dict():
            found = _Object({_well_formed(k): _well_formed(item) for k, item in value.items()})
            found.repeated = tuple(map(_well_formed, getattr(value, "repeated", ())))
            return found
        case _:
            return value


def _syntax_problem(raw: bytes, error: Exception) -> str:
    """The complaint of Go's decoder about bytes that are no JSON."""
    if isinstance(error, RecursionError):
        return TOO_DEEP
    if isinstance(error, _NoNumber):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return "invalid UTF-8 in the request body"
    text = raw.decode("utf-8", "replace")
    position = getattr(error, "pos", 0)
    if position >= len(text.rstrip()) or "Unterminated" in str(error):
        return "unexpected end of JSON input"
    char = text[position]
    if position == len(text) - len(text.lstrip()):
        return f"invalid character {_go_char(char)} looking for beginning of value"
    message = str(getattr(error, "msg", error))
    where = {
        "Expecting property name": "looking for beginning of object key string",
        "Expecting ':'": "after object key",
        "Expecting ','": "after object key:value pair",
        "Extra data": "after top-level value",
    }
    for start, meaning in where.items():
        if message.startswith(start):
            return f"invalid character {_go_char(char)} {meaning}"
    return f"invalid character {_go_char(char)} looking for beginning of value"


def _go_char(char: str) -> str:
    return {"'": r"'\''", '"': "'\"'", "\n": r"'\n'", "\t": r"'\t'"}.get(char, f"'{char}'")


def _documents(loader: Any) -> Iterator[Any]:
    while loader.check_data():
        yield loader.get_data()


def load_yaml(raw: bytes) -> tuple[Any, list[str]]:
    """The first document, and what is twice in it. DecodeError in Go's words."""
    import yaml  # late: most requests are JSON

    from kubepy.api.yaml_loader import Loader, guard

    try:
        guard(raw)
        loader = Loader(raw)
        try:
            value = next(iter(_documents(loader)), None)  # the first, if there are several
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DecodeError(f"error converting YAML to JSON: yaml: {_yaml_problem(error)}") from None
    if not _may_hold_surrogates(raw):
        return value, loader.problems
    return _well_formed(value), [_well_formed(problem) for problem in loader.problems]


def _yaml_problem(error: Exception) -> str:
    """What Go's parser says, and in which line it sees it."""
    problem = getattr(error, "problem", None)
    if not problem:
        return " ".join(str(error).split())
    if "nesting depth" in problem:
        return TOO_DEEP
    marks = (getattr(error, "context_mark", None), getattr(error, "problem_mark", None))
    line = next((mark.line for mark in marks if mark is not None and mark.line), 0)
    if line and type(error).__name__ == "ScannerError":
        line += 1  # a scanner has not gone on to the next line yet
    return f"line {line}: {problem}" if line else str(problem)


_GO_SCALARS = {str: "string", bool: "bool", float: "float64", bytes: "[]uint8"}


def _go_kind(value: Any) -> str:
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


def _go_type_name(type_: type[Any]) -> str:
    folder, version = type_.__module__.split(".")[-2:]
    package = version if folder != "meta" else "v1"
    return f"{package}.{type_.__name__}"


class _Walk:
    """One pass over untyped input against a type: drops nulls, collects what is unknown."""

    def __init__(self, root: type[Any]) -> None:
        self.problems: list[str] = []
        self.root = root

    def struct(self, type_: type[Any], value: dict[str, Any], path: str) -> dict[str, Any]:
        known = schema.fields(type_)
        for key in getattr(value, "repeated", ()):
            self.problems.append(f'duplicate field "{_join(path, key)}"')
        clean = {}
        for key, item in value.items():
            where = _join(path, key)
            spec = known.get(key)
            if spec is None:
                self.problems.append(f'unknown field "{where}"')
            elif item is not None:
                clean[key] = self.field(type_, spec, item, where)
        return clean

    def field(self, owner: type[Any], spec: schema.Field, value: Any, path: str) -> Any:
        match spec.shape:
            case "list":
                if spec.type is bytes and isinstance(value, str):
                    return value
                if not isinstance(value, list):
                    raise self.mismatch(owner, path, value, "[]" + self.go_type(spec))
                return [
                    self.element(owner, spec, item, f"{path}[{index}]")
                    for index, item in enumerate(value)
                    if item is not None or not schema.is_struct(spec.type)
                ]
            case "map":
                if not isinstance(value, dict):
                    raise self.mismatch(owner, path, value, "map[string]" + self.go_type(spec))
                for key in getattr(value, "repeated", ()):
                    self.problems.append(f'duplicate field "{_join(path, key)}"')
                # A complaint about a scalar names the map, one about an object also the key.
                deep = schema.is_struct(spec.type)
                return {
                    key: self.element(owner, spec, item, _join(path, key) if deep else path)
                    for key, item in value.items()
                }
            case _:
                return self.element(owner, spec, value, path)

    def element(self, owner: type[Any], spec: schema.Field, value: Any, path: str) -> Any:
        type_ = spec.type
        if schema.is_struct(type_):
            if value is None:
                return {}
            if spec.alternative is bool and isinstance(value, bool):
                return value
            if spec.alternative is not None and isinstance(value, list):
                return [self.alternative(owner, spec, item, path) for item in value]
            if not isinstance(value, dict):
                raise self.mismatch(owner, path, value, _go_type_name(type_))
            return self.struct(type_, value, path)
        if type_ is Raw:
            return value
        if value is None:
            return zero_of(type_)
        return self.scalar(owner, spec, value, path)

    def alternative(self, owner: type[Any], spec: schema.Field, value: Any, path: str) -> Any:
        """One element of the list that stands in a Struct's place."""
        (element, *_) = get_args(spec.alternative)
        if not schema.is_struct(element):
            return value
        if not isinstance(value, dict):
            raise self.mismatch(owner, path, value, _go_type_name(element))
        return self.struct(element, value, path)

    def scalar(self, owner: type[Any], spec: schema.Field, value: Any, path: str) -> Any:
        type_ = spec.type
        fits = True
        match value:
            case bool():
                fits = type_ is bool
            case int() | float():
                if type_ is int:
                    return self.integer(owner, spec, value, path)
                fits = type_ in (float, object) or issubclass(type_, Quantity)
                if type_ is object and not isinstance(value, int):
                    fits = False
            case str():
                fits = type_ in (str, object, bytes) or issubclass(type_, str)
            case _:
                fits = getattr(type_, "__origin__", None) is tuple and isinstance(value, list)
        if not fits:
            raise self.mismatch(owner, path, value, self.go_type(spec))
        if type_ is bytes:
            self.check_base64(value)
        elif isinstance(type_, type) and hasattr(type_, "from_wire"):
            try:
                type_.from_wire(value)
            except ValueError as error:
                raise DecodeError(str(error)) from None
        return value

    def integer(self, owner: type[Any], spec: schema.Field, value: float, path: str) -> int:
        bound = 2 ** (spec.width - 1)
        if not -bound <= value < bound or value != int(value):
            raise self.mismatch(owner, path, value, self.go_type(spec), f"number {value}")
        return int(value)

    @staticmethod
    def check_base64(value: str) -> None:
        try:
            base64.b64decode(value, validate=True)
        except ValueError:
            good = len(value) - len(value.lstrip(_BASE64))
            raise DecodeError(f"illegal base64 data at input byte {good}") from None

    @staticmethod
    def go_type(spec: schema.Field) -> str:
        if schema.is_struct(spec.type):
            return _go_type_name(spec.type)
        if spec.width:
            return f"int{spec.width}"
        return _GO_SCALARS.get(spec.type, "string")

    def mismatch(
        self, owner: type[Any], path: str, value: Any, wanted: str, given: str = ""
    ) -> Misfit:
        plain = "".join(_without_indexes(path))
        message = (
            f"json: cannot unmarshal {given or _go_kind(value)} into Go struct field "
            f"{owner.__name__}.{plain} of type {wanted}"
        )
        return Misfit(message, value, wanted)


_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _without_indexes(path: str) -> Iterator[str]:
    inside = False
    for char in path:
        if char in "[]":
            inside = char == "["
        elif not inside:
            yield char


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def zero_of(type_: Any) -> Any:
    """What Go's decoder leaves in an element that was null."""
    if type_ in (str, object, bytes):
        return ""
    if type_ is bool:
        return False
    if type_ in (int, float):
        return 0
    if isinstance(type_, type) and issubclass(type_, Quantity):
        return "0"
    if isinstance(type_, type) and issubclass(type_, Duration):
        return "0s"
    if isinstance(type_, type) and issubclass(type_, Time):
        return "1970-01-01T00:00:00Z"
    return []


__all__ = [
    "ABSENT",
    "DecodeError",
    "Decoded",
    "Misfit",
    "check_depth",
    "convert_lenient",
    "decode",
    "decode_lenient",
    "encode",
    "encode_typed",
    "from_builtins",
    "has_duplicates",
    "is_too_deep",
    "load",
    "load_json",
    "load_yaml",
    "to_builtins",
    "type_prefix",
    "untyped",
    "with_type",
    "zero_of",
]
