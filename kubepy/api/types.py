"""The scalar types of the API: strings that mean more, and integers of a width.

They are `str` in memory, in the canonical form that Kubernetes writes, so they compare, hash and
encode as strings. The codec makes them (`from_wire`) while it decodes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from math import floor
from typing import Annotated, Any, Self, TypeVar

from msgspec import Meta, Raw, Struct

Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
UInt32 = Annotated[int, Meta(ge=0, le=2**32 - 1)]
UInt64 = Annotated[int, Meta(ge=0, le=2**64 - 1)]
IntOrString = int | str
Number = int | float  # a double: Go writes a whole one without a point, and so do we

KNOWN_TEXTS = 8192  # times and quantities that need not be parsed again
KNOWN_LENGTH = 32  # characters; longer ones are not kept

T = TypeVar("T", bound="Time")

ABSENT = Raw()
"""The default of an optional field that holds any JSON: nothing was given."""


class Rules(Struct, frozen=True, gc=False):
    """What merging, applying and checking a field need to know; see `kubepy.options` in protos."""

    list_type: str = ""
    list_map_keys: tuple[str, ...] = ()
    map_type: str = ""
    struct_type: str = ""
    patch_merge_key: str = ""
    patch_strategy: str = ""
    required: bool = False
    default: str = ""
    values: tuple[str, ...] = ()


class Wire(Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """The base of every wire type.

    Frozen and free of the garbage collector: values that a whole process can share. A field with
    a plain default is left out of JSON while it has it; one with a factory is always written.
    """


_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)", re.ASCII
)


def _parse_time(text: str) -> datetime:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"parsing time {_go_quote(text)} as {_GO_LAYOUT}: {_time_problem(text)}")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second))
    except ValueError:
        raise ValueError(f"parsing time {_go_quote(text)}: {_range_problem(match)}") from None
    if fraction:
        moment += timedelta(microseconds=int(fraction[:6].ljust(6, "0")))
    if zone != "Z":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
        try:
            moment = moment - offset if zone[0] == "+" else moment + offset
        except OverflowError:
            raise ValueError(f"parsing time {_go_quote(text)}: {_OUT_OF_YEARS}") from None
    return moment.replace(tzinfo=UTC)


_OUT_OF_YEARS = "year outside of range [0,9999]"
_GO_LAYOUT = '"2006-01-02T15:04:05Z07:00"'
_LAYOUT_STEPS = (
    ("2006", r"\d{4}"), ("-", "-"), ("01", r"\d\d"), ("-", "-"), ("02", r"\d\d"), ("T", "T"),
    ("15", r"\d\d"), (":", ":"), ("04", r"\d\d"), (":", ":"), ("05", r"\d\d"),
    ("Z07:00", r"Z|[+-]\d\d:\d\d"),
)  # fmt: skip


def _go_quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _time_problem(text: str) -> str:
    """Which element of the layout the text fails at, as Go's time.Parse says it."""
    rest = text
    for layout, pattern in _LAYOUT_STEPS:
        match = re.match(pattern, rest, re.ASCII)
        if match is None:
            return f"cannot parse {_go_quote(rest)} as {_go_quote(layout)}"
        rest = rest[match.end() :]
        if layout == "05" and (fraction := re.match(r"[.,]\d+", rest)):
            rest = rest[fraction.end() :]
    return f"extra text: {_go_quote(rest)}"


def _range_problem(match: re.Match[str]) -> str:
    bounds = ((2, 1, 12, "month"), (4, 0, 23, "hour"), (5, 0, 59, "minute"), (6, 0, 59, "second"))
    for group, low, high, name in bounds:
        if not low <= int(match[group]) <= high:
            return f"{name} out of range"
    return "day out of range"


class Time(str):
    """An RFC 3339 moment in UTC, to the second: `2026-01-02T03:04:05Z`."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, value: Any) -> Self:
        if not isinstance(value, str):
            raise ValueError(f"Expected `str`, got `{type(value).__name__}`")
        if len(value) == 20 and value[19] == "Z" and value[10] == "T":
            known: Self = _known_time(cls, value)
            return known
        return cls._of(_parse_time(value))

    @classmethod
    def _of(cls, moment: datetime) -> Self:
        return cls(f"{moment.isoformat()[:19]}Z")

    @classmethod
    def from_unix(cls, seconds: float) -> Self:
        """Raises ValueError for a moment that has no year of four digits."""
        try:
            known: Self = _known_second(cls, floor(seconds))
        except (OverflowError, OSError):
            raise ValueError(_OUT_OF_YEARS) from None
        return known

    def unix(self) -> float:
        """Seconds since 1970."""
        return datetime.fromisoformat(self).timestamp()


@lru_cache(maxsize=KNOWN_TEXTS)
def _known_time(cls: type[T], text: str) -> T:
    """A moment as we write them ourselves; the same ones come again and again."""
    _parse_time(text)
    return cls(text)


@lru_cache(maxsize=16)
def _known_second(cls: type[T], seconds: int) -> T:
    """Now, which all who ask within a second share."""
    return cls._of(datetime.fromtimestamp(seconds, UTC))  # type: ignore[attr-defined,no-any-return]


class MicroTime(Time):
    """An RFC 3339 moment in UTC, to the microsecond: `2026-01-02T03:04:05.000006Z`."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, value: Any) -> Self:
        if not isinstance(value, str):
            raise ValueError(f"Expected `str`, got `{type(value).__name__}`")
        return cls._of(_parse_time(value))

    @classmethod
    def _of(cls, moment: datetime) -> Self:
        return cls(f"{moment.isoformat(timespec='microseconds')[:26]}Z")

    @classmethod
    def from_unix(cls, seconds: float) -> Self:
        return cls._of(datetime.fromtimestamp(seconds, UTC))


_DURATION_UNITS = {
    "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000,
    "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000,
}  # fmt: skip
_DURATION_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)


class Duration(str):
    """A length of time in Go's notation: `1h0m0s`, `1.5s`, `300ms`."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, value: Any) -> Self:
        if not isinstance(value, str):
            raise ValueError(f"Expected `str`, got `{type(value).__name__}`")
        return cls.from_nanoseconds(cls._parse(value))

    @staticmethod
    def _parse(text: str) -> int:
        sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
        if rest == "0":
            return 0
        total = Fraction(0)
        position = 0
        while position < len(rest):
            match = _DURATION_PART.match(rest, position)
            if match is None:
                raise ValueError(f"time: invalid duration {_go_quote(text)}")
            number = match[1] if match[1][-1] != "." else match[1][:-1]
            total += Fraction(number) * _DURATION_UNITS[match[2]]
            position = match.end()
        if not rest:
            raise ValueError(f"time: invalid duration {_go_quote(text)}")
        return sign * int(total)

    @classmethod
    def from_nanoseconds(cls, nanoseconds: int) -> Self:
        sign = "-" if nanoseconds < 0 else ""
        rest = abs(nanoseconds)
        if rest == 0:
            return cls("0s")
        if rest < 1_000_000_000:
            for unit, size in (("ms", 1_000_000), ("µs", 1_000), ("ns", 1)):
                if rest >= size:
                    return cls(f"{sign}{_decimal(Fraction(rest, size))}{unit}")
        hours, rest = divmod(rest, _DURATION_UNITS["h"])
        minutes, rest = divmod(rest, _DURATION_UNITS["m"])
        text = f"{_decimal(Fraction(rest, _DURATION_UNITS['s']))}s"
        if hours or minutes:
            text = f"{minutes}m{text}"
        if hours:
            text = f"{hours}h{text}"
        return cls(sign + text)

    @classmethod
    def from_seconds(cls, seconds: float) -> Self:
        return cls.from_nanoseconds(round(seconds * 1_000_000_000))

    def nanoseconds(self) -> int:
        return self._parse(self)

    def seconds(self) -> float:
        return self._parse(self) / 1_000_000_000


def _decimal(value: Fraction) -> str:
    text = format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_QUANTITY = re.compile(
    r"([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d{1,10})?", re.ASCII
)
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_SUFFIX = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIX = {power: suffix for suffix, power in _BINARY.items()}
_MAX_EXPONENT = 18
_LARGEST = 2**63 - 1

QUANTITY_FORMAT = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)


class Quantity(str):
    """A number with a unit, in the canonical form: `500m`, `1Gi`, `1500m`, `2k`, `1e3`.

    The rules are those of `k8s.io/apimachinery/pkg/api/resource`: no fraction, the largest unit
    that allows it, the format (binary, decimal, exponent) as it was given, rounded up to 1n.
    """

    __slots__ = ()

    @classmethod
    def from_wire(cls, value: Any) -> Self:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(QUANTITY_FORMAT)
        text = value if isinstance(value, str) else repr(value)
        return cls(_parse_quantity(text).text)

    @classmethod
    def of(cls, value: int | Fraction | Decimal | str, style: str = "decimal") -> Self:
        """The canonical quantity of a number; `style` is binary, decimal or exponent."""
        if isinstance(value, str):
            return cls.from_wire(value)
        return cls(_render_quantity(Fraction(value), style))

    @classmethod
    def from_milli(cls, milli: int) -> Self:
        return cls(_render_quantity(Fraction(milli, 1000), "decimal"))

    def exact(self) -> Fraction:
        return _parse_quantity(self).number if self else Fraction(0)

    def value(self) -> int:
        """The number, rounded away from zero as Kubernetes' Value() does."""
        return _round_away(self.exact())

    def milli(self) -> int:
        """Thousandths, rounded away from zero."""
        return _round_away(self.exact() * 1000)

    def style(self) -> str:
        """binary, decimal or exponent."""
        return _parse_quantity(self).style if self else "decimal"


def _round_away(number: Fraction) -> int:
    return (
        -((-number.numerator) // number.denominator)
        if number > 0
        else (number.numerator // number.denominator)
    )


class _Parsed(Struct, frozen=True, gc=False):
    number: Fraction
    style: str
    text: str  # canonical


def _parse_quantity(text: str) -> _Parsed:
    return _known_quantity(text) if len(text) <= KNOWN_LENGTH else _parse_anew(text)


def _parse_anew(text: str) -> _Parsed:
    number, style = _parse_number(text)
    return _Parsed(number, style, _render_quantity(number, style))


_known_quantity = lru_cache(maxsize=KNOWN_TEXTS)(_parse_anew)


def _parse_number(text: str) -> tuple[Fraction, str]:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(QUANTITY_FORMAT)
    sign, digits, suffix = match[1], match[2], match[3] or ""
    try:
        number = Fraction(Decimal(digits))
    except InvalidOperation:
        raise ValueError(QUANTITY_FORMAT) from None
    if suffix in _BINARY:
        number *= 1024 ** _BINARY[suffix]
        style = "binary"
    elif suffix in _DECIMAL:
        number *= Fraction(10) ** _DECIMAL[suffix]
        style = "decimal"
    else:
        exponent = int(suffix[1:])
        # Far beyond the caps below on either side: spare the big numbers.
        number *= Fraction(10) ** max(-60, min(exponent, 60))
        style = "exponent"
    nano = number * 10**9
    number = Fraction(-((-nano.numerator) // nano.denominator), 10**9)  # up to a whole 1n
    number = min(number, Fraction(_LARGEST))
    return (-number if sign == "-" else number), style


def _render_quantity(number: Fraction, style: str) -> str:
    if number == 0:
        return "0"
    if style == "binary" and number.denominator == 1 and abs(number) >= 1024:
        value, power = number.numerator, 0
        while power < 6 and value % 1024 == 0:
            value //= 1024
            power += 1
        return f"{value}{_BINARY_SUFFIX.get(power, '')}"
    exponent = -9
    value = int(number * 10**9)
    while exponent < _MAX_EXPONENT and value % 1000 == 0:
        value //= 1000
        exponent += 3
    if style == "exponent":
        return f"{value}e{exponent}" if exponent else str(value)
    return f"{value}{_DECIMAL_SUFFIX[exponent]}"


def empty_string() -> str:
    """Defaults that are written even though they are zero: a factory's value is never omitted."""
    return ""


def zero() -> int:
    return 0


def false() -> bool:
    return False


def null() -> None:
    return None


def no_items() -> tuple[Any, ...]:
    return ()


def no_entries() -> dict[str, Any]:
    return {}


def no_bytes() -> bytes:
    return b""


def no_quantity() -> Quantity:
    return Quantity("0")


def no_duration() -> Duration:
    return Duration("0s")


def json_null() -> Raw:
    return Raw(b"null")
