"""CEL's ip, cidr and url: parsed strictly, as Kubernetes' library does. Pure."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LINK_LOCAL_MULTICAST = (ip_network("224.0.0.0/24"), ip_network("ff02::/16"))


@lru_cache(maxsize=1024)
def address(text: str) -> Address:
    """Raises ValueError."""
    if "%" in text:
        raise ValueError(f"IP Address {text!r} with zone value is not allowed")
    try:
        found = ip_address(text)
    except ValueError:
        raise ValueError(
            f'IP Address "{text}" parse error during conversion from string: '
            f'ParseAddr("{text}"): unable to parse IP'
        ) from None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        raise ValueError(f'IPv4-mapped IPv6 address "{text}" is not allowed')
    return found


@lru_cache(maxsize=1024)
def network(text: str) -> tuple[Address, Network]:
    """The address as it was written, and the network. Raises ValueError."""
    host, slash, _ = text.partition("/")
    try:
        if not slash:
            raise ValueError
        return address(host), ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"network address parse error during conversion from string: network address {text!r} "
            "is not valid"
        ) from None


def contains(outer: str, inner: str) -> bool:
    """Whether a network holds an address, or a whole other network."""
    _, net = network(outer)
    if "/" not in inner:
        found = address(inner)
        return found.version == net.version and found in net
    _, other = network(inner)
    return (
        other.version == net.version
        and other.prefixlen >= net.prefixlen
        and other.network_address in net
    )


def is_link_local_multicast(text: str) -> bool:
    found = address(text)
    return any(found.version == net.version and found in net for net in LINK_LOCAL_MULTICAST)


def is_global_unicast(text: str) -> bool:
    """Go's meaning: private addresses count, too."""
    found = address(text)
    return not (
        found.is_multicast
        or found.is_loopback
        or found.is_unspecified
        or found.is_link_local
        or found == IPv4Address("255.255.255.255")
    )


@lru_cache(maxsize=1024)
def url(text: str) -> SplitResult:
    """An absolute URI or an absolute path. Raises ValueError."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if not text or any(ord(char) <= 0x20 or ord(char) == 0x7F for char in text):
        parts = SplitResult("", "", "", "", "")
    if not parts.scheme and not text.startswith("/") or parts == ("", "", "", "", ""):
        raise ValueError(
            "URL parse error during conversion from string: "
            f'parse "{text}": invalid URI for request'
        )
    return parts


def escaped_path(text: str) -> str:
    return quote(url(text).path, safe="/%:@!$&'()*+,;=-._~")


def query_of(text: str) -> dict[str, list[str]]:
    return parse_qs(url(text).query, keep_blank_values=True)


def host_of(text: str) -> str:
    """With the port, if there is one."""
    return url(text).netloc.rpartition("@")[2]


def hostname_of(text: str) -> str:
    host = host_of(text)
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def port_of(text: str) -> str:
    port = url(text).port
    return "" if port is None else str(port)
