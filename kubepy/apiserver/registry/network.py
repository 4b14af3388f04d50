"""Rules about addresses and ports that several kinds share."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from functools import lru_cache

from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid
from kubepy.meta.gotext import quote

NOT_AN_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
NOT_A_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=4096)
def parse_ip(text: str) -> Address | None:
    """The address, without a zone: that would mean something on one machine only."""
    if "%" in text:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_ipv6(text: str) -> bool:
    return isinstance(parse_ip(text), ipaddress.IPv6Address)


def _ip_problem(text: str) -> str:
    """What is wrong with an address that does not parse."""
    parts = text.split(".")
    if len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts):
        return "must not have leading 0s"
    return NOT_AN_IP


def ip_errors(path: str, text: str) -> list[FieldError]:
    address = parse_ip(text)
    if address is None:
        return [invalid(path, text, _ip_problem(text))]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return [invalid(path, text, "must not be an IPv4-mapped IPv6 address")]
    return []


def ip_warnings(path: str, text: str) -> list[str]:
    """About an address that is valid, but not written as everybody writes it."""
    if not is_ipv6(text) or str(parse_ip(text)) == text:
        return []
    return [
        f"{path}: IPv6 address {quote(text)} should be in RFC 5952 canonical format "
        f"({quote(str(parse_ip(text)))})"
    ]


def parse_cidr(text: str) -> Network | None:
    """The range; bits behind the prefix, and zeros before numbers, are forgiven."""
    address, _, length = text.partition("/")
    if not (length.isascii() and length.isdigit()):
        return None
    if ":" not in address:
        address = ".".join(part.lstrip("0") or "0" for part in address.split("."))
    try:
        return ipaddress.ip_network(f"{address}/{int(length)}", strict=False)
    except ValueError:
        return None


def cidr_errors(path: str, text: str, known: Collection[str] = ()) -> list[FieldError]:
    """A range, all its bits within the prefix. `known` ones were accepted long ago."""
    if text in known:
        return []
    found = parse_cidr(text)
    if found is None:
        return [invalid(path, text, NOT_A_CIDR)]
    address, _, length = text.partition("/")
    start = parse_ip(address)
    if start is None or length != str(found.prefixlen):
        return [invalid(path, text, "must not have leading 0s in IP or prefix length")]
    if isinstance(start, ipaddress.IPv6Address) and start.ipv4_mapped:
        return [invalid(path, text, "must not have an IPv4-mapped IPv6 address")]
    if start != found.network_address:
        return [invalid(path, text, "must not have bits set beyond the prefix length")]
    return []


def canonical_cidr_errors(path: str, text: str) -> list[FieldError]:
    """The same for younger fields: there is one way to write a range."""
    errors, found = cidr_errors(path, text), parse_cidr(text)
    if not errors and str(found) != text:
        errors.append(invalid(path, text, f"must be in canonical form ({quote(str(found))})"))
    return errors


def is_within(part: Network, whole: Network) -> bool:
    """Whether every address of `part` is one of `whole`, which has more."""
    if part.version != whole.version or part.prefixlen <= whole.prefixlen:
        return False
    return part.network_address in whole


def cidr_warnings(path: str, text: str) -> list[str]:
    """About a range that is valid, but not written as everybody writes it."""
    found = parse_cidr(text)
    if not isinstance(found, ipaddress.IPv6Network) or str(found) == text:
        return []
    return [
        f"{path}: IPv6 CIDR value {quote(text)} should be in RFC 5952 canonical format "
        f"({quote(str(found))})"
    ]


def special_ip_errors(path: str, text: str) -> list[FieldError]:
    """An endpoint must not be what every machine calls its own."""
    address = parse_ip(text)
    if address is None:
        return ip_errors(path, text)
    checks = (
        (address.is_unspecified, f"may not be unspecified ({address})"),
        (address.is_loopback, "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        (address.is_link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        (
            address in _LOCAL_MULTICAST[address.version],
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
        ),
    )
    return [invalid(path, text, message) for holds, message in checks if holds]


_LOCAL_MULTICAST = {
    4: ipaddress.ip_network("224.0.0.0/24"),
    6: ipaddress.ip_network("ff02::/16"),
}


def port_errors(path: str, port: int) -> list[FieldError]:
    return [invalid(path, port, message) for message in names.port_number(port)]


def target_port_errors(path: str, port: int | str) -> list[FieldError]:
    """A number or a name."""
    if isinstance(port, int):
        return port_errors(path, port)
    return [invalid(path, port, message) for message in names.port_name(port)]


def join_port(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
