"""The string formats that schemas may ask for, as go-openapi's strfmt checks them. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_network
from urllib.parse import urlsplit

from kubepy.api.types import Duration
from kubepy.meta import names

_HEX = r"[0-9a-fA-F]"
_UUID = rf"{_HEX}{{8}}-?{_HEX}{{4}}-?%s{_HEX}{{3}}-?%s{_HEX}{{3}}-?{_HEX}{{12}}"
_DATE_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)
_HOSTNAME = re.compile(
    r"([a-zA-Z0-9\u00a0-\U0010ffff](?:[a-zA-Z0-9\u00a0-\U0010ffff-]{0,61}"
    r"[a-zA-Z0-9\u00a0-\U0010ffff])?)(\.[a-zA-Z0-9\u00a0-\U0010ffff]"
    r"(?:[a-zA-Z0-9\u00a0-\U0010ffff-]{0,61}[a-zA-Z0-9\u00a0-\U0010ffff])?)*"
)
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
_DURATION_WORDS = re.compile(
    r"((\d+)\s*(nanoseconds?|nanos?|ns|microseconds?|micros?|us|µs|milliseconds?|millis?|ms|"
    r"seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w)\s*)+"
)


def _pattern(text: str) -> Callable[[str], bool]:
    matcher = re.compile(text, re.ASCII)
    return lambda value: matcher.fullmatch(value) is not None


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(value: str) -> bool:
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return fits


def _date(value: str) -> bool:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) is None:
        return False
    return _parses(datetime.fromisoformat)(value)


def _date_time(value: str) -> bool:
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        return False
    year, month, day, hour, minute, second = map(int, match.groups())
    try:
        datetime(year, month, day, hour, minute, min(second, 59))
    except ValueError:
        return False
    return second < 60


def _bytes(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _uri(value: str) -> bool:
    """An absolute URI or an absolute path."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    if any(char.isspace() or ord(char) < 0x20 for char in value):
        return False
    return bool(parts.scheme) or value.startswith("/")


def _email(value: str) -> bool:
    return _EMAIL.fullmatch(value) is not None


def _hostname(value: str) -> bool:
    return len(value) <= 255 and _HOSTNAME.fullmatch(value) is not None


def _duration(value: str) -> bool:
    return _parses(Duration.from_wire)(value) or _DURATION_WORDS.fullmatch(value) is not None


def _cidr(value: str) -> bool:
    return "/" in value and _parses(lambda text: ip_network(text, strict=False))(value)


def _isbn(length: int) -> Callable[[str], bool]:
    def fits(value: str) -> bool:
        text = value.replace("-", "").replace(" ", "")
        if length == 10 and re.fullmatch(r"\d{9}[\dX]", text, re.ASCII):
            digits = [10 if char == "X" else int(char) for char in text]
            return sum((i + 1) * digit for i, digit in enumerate(digits)) % 11 == 0
        if length == 13 and re.fullmatch(r"\d{13}", text, re.ASCII):
            return sum((1, 3)[i % 2] * int(char) for i, char in enumerate(text)) % 10 == 0
        return False

    return fits


def _credit_card(value: str) -> bool:
    digits = re.sub(r"[^0-9]+", "", value)
    if not re.fullmatch(r"\d{13,19}", digits, re.ASCII):
        return False
    total = 0
    for place, char in enumerate(reversed(digits)):
        doubled = int(char) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


_CHECKS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _pattern(rf"{_HEX}{{24}}"),
    "uri": _uri,
    "email": _email,
    "hostname": _hostname,
    "ipv4": _parses(IPv4Address),
    "ipv6": _parses(IPv6Address),
    "cidr": _cidr,
    "mac": _pattern(
        rf"({_HEX}{{2}}[:-]){{5}}{_HEX}{{2}}|({_HEX}{{2}}[:-]){{7}}{_HEX}{{2}}|"
        rf"({_HEX}{{4}}\.){{2}}{_HEX}{{4}}|({_HEX}{{4}}\.){{3}}{_HEX}{{4}}"
    ),
    "uuid": _pattern(_UUID % (_HEX, _HEX)),
    "uuid3": _pattern(_UUID % ("3", _HEX)),
    "uuid4": _pattern(_UUID % ("4", "[89abAB]")),
    "uuid5": _pattern(_UUID % ("5", "[89abAB]")),
    "isbn": lambda value: _isbn(10)(value) or _isbn(13)(value),
    "isbn10": _isbn(10),
    "isbn13": _isbn(13),
    "creditcard": _credit_card,
    "ssn": _pattern(r"\d{3}[- ]?\d{2}[- ]?\d{4}"),
    "hexcolor": _pattern(rf"#?({_HEX}{{3}}|{_HEX}{{6}})"),
    "rgbcolor": _pattern(
        r"rgb\(\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])"
        r"\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)"
    ),
    "byte": _bytes,
    "date": _date,
    "datetime": _date_time,
    "duration": _duration,
    "k8sshortname": lambda value: not names.dns1123_label(value),
    "k8slongname": lambda value: not names.dns1123_subdomain(value),
}


def fits(format_: str, value: str) -> bool:
    """Whether a text has the format; one that is not known fits everything."""
    check = _CHECKS.get(format_.replace("-", ""))
    return check is None or check(value)
