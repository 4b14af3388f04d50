"""Kubernetes' own CEL functions: lists, regex, url, quantity, ip, cidr, semver, format, sets.

Types that CEL does not have are messages of one text for the checker, and `Opaque` when an
expression is evaluated: what the text means is parsed (and remembered) where a function asks for
it. The text is canonical, so that equal values are equal.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any

from cel_expr_python import cel
from google.protobuf import descriptor_pb2
from msgspec import Struct

from kubepy.api.types import Quantity
from kubepy.apiserver.cel import network, semver
from kubepy.apiserver.cel.arithmetic import add
from kubepy.apiserver.cel.values import NONE, Opaque, equal, optional
from kubepy.apiserver.crd import formats
from kubepy.meta import goregex, names

PACKAGE = "kubernetes"
TYPES = ("Quantity", "URL", "IP", "CIDR", "Semver", "Format")
T = cel.Type
DYNS = T.List(T.DYN)
OPTIONAL_TEXTS = T.AbstractType("optional_type", [T.List(T.STRING)])


def file() -> Any:
    """The descriptor of the types: every environment's pool has it."""
    found = descriptor_pb2.FileDescriptorProto(
        name="kubernetes.proto", package=PACKAGE, syntax="proto3"
    )
    for name in TYPES:
        message = found.message_type.add(name=name)
        message.field.add(name="text", number=1, type=9, label=1)
    return found


QUANTITY, URL, IP, CIDR, SEMVER, FORMAT = (T(f"{PACKAGE}.{name}") for name in TYPES)


class Function(Struct, frozen=True):
    """One overload of a function."""

    name: str
    result: Any
    parameters: tuple[Any, ...]
    impl: Callable[..., Any]
    member: bool

    def overload(self) -> Any:
        names = "_".join(each.name() for each in self.parameters)
        identity = f"kubernetes_{self.name}_{names}{'_m' if self.member else ''}"
        return cel.Overload(
            identity, self.result, list(self.parameters), is_member=self.member, impl=self.impl
        )


def _plain(name: str, result: Any, *parameters: Any, impl: Callable[..., Any]) -> Function:
    return Function(name, result, parameters, impl, False)


def _member(name: str, result: Any, *parameters: Any, impl: Callable[..., Any]) -> Function:
    return Function(name, result, parameters, impl, True)


def _parses(parse: Callable[[str], Any]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return check


# ---- lists


def _sum(items: Any) -> Any:
    total: Any = 0
    for index, each in enumerate(items):
        total = each if index == 0 else add(total, each)
    return total


def _least(items: Any) -> Any:
    if not items:
        raise ValueError("min called on empty list")
    return min(items)


def _most(items: Any) -> Any:
    if not items:
        raise ValueError("max called on empty list")
    return max(items)


def _is_sorted(items: Any) -> bool:
    return all(one <= other for one, other in pairwise(items))


def _same(one: Any, other: Any) -> bool:
    return equal(one, other, lambda cost: None)


def _index(items: Any, item: Any) -> int:
    return next((at for at, each in enumerate(items) if _same(each, item)), -1)


def _last_index(items: Any, item: Any) -> int:
    found = -1
    for at, each in enumerate(items):
        found = at if _same(each, item) else found
    return found


def _has_all(items: Any, wanted: Any) -> bool:
    return all(any(_same(each, one) for each in items) for one in wanted)


LISTS = (
    _member("isSorted", T.BOOL, DYNS, impl=_is_sorted),
    _member("sum", T.DYN, DYNS, impl=_sum),
    _member("min", T.DYN, DYNS, impl=_least),
    _member("max", T.DYN, DYNS, impl=_most),
    _member("indexOf", T.INT, DYNS, T.DYN, impl=_index),
    _member("lastIndexOf", T.INT, DYNS, T.DYN, impl=_last_index),
)
SETS = (
    _plain("sets.contains", T.BOOL, DYNS, DYNS, impl=_has_all),
    _plain(
        "sets.equivalent",
        T.BOOL,
        DYNS,
        DYNS,
        impl=lambda one, other: _has_all(one, other) and _has_all(other, one),
    ),
    _plain(
        "sets.intersects",
        T.BOOL,
        DYNS,
        DYNS,
        impl=lambda one, other: any(_has_all(other, [each]) for each in one),
    ),
)


# ---- regex


def _find(text: str, pattern: str) -> str:
    match = goregex.compile(pattern).search(text)
    return match.group(0) if match else ""


def _find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    found = [match.group(0) for match in goregex.compile(pattern).finditer(text)]
    return found if limit < 0 else found[:limit]


REGEX = (
    _member("find", T.STRING, T.STRING, T.STRING, impl=_find),
    _member("findAll", T.List(T.STRING), T.STRING, T.STRING, impl=_find_all),
    _member("findAll", T.List(T.STRING), T.STRING, T.STRING, T.INT, impl=_find_all),
)


# ---- url, ip, cidr


def _url(text: str) -> Any:
    network.url(text)
    return Opaque("URL", text=text)


URLS = (
    _plain("url", URL, T.STRING, impl=_url),
    _plain("isURL", T.BOOL, T.STRING, impl=_parses(network.url)),
    _member("getScheme", T.STRING, URL, impl=lambda u: network.url(u.text).scheme),
    _member("getHost", T.STRING, URL, impl=lambda u: network.host_of(u.text)),
    _member("getHostname", T.STRING, URL, impl=lambda u: network.hostname_of(u.text)),
    _member("getPort", T.STRING, URL, impl=lambda u: network.port_of(u.text)),
    _member("getEscapedPath", T.STRING, URL, impl=lambda u: network.escaped_path(u.text)),
    _member(
        "getQuery",
        T.Map(T.STRING, T.List(T.STRING)),
        URL,
        impl=lambda u: network.query_of(u.text),
    ),
)


def _ip(text: str) -> Any:
    return Opaque("IP", text=str(network.address(text)))


def _cidr(text: str) -> Any:
    host, net = network.network(text)
    return Opaque("CIDR", text=f"{host}/{net.prefixlen}")


IPS = (
    _plain("ip", IP, T.STRING, impl=_ip),
    _plain("isIP", T.BOOL, T.STRING, impl=_parses(network.address)),
    _plain(
        "ip.isCanonical", T.BOOL, T.STRING, impl=lambda text: str(network.address(text)) == text
    ),
    _member("family", T.INT, IP, impl=lambda i: network.address(i.text).version),
    _member("isUnspecified", T.BOOL, IP, impl=lambda i: network.address(i.text).is_unspecified),
    _member("isLoopback", T.BOOL, IP, impl=lambda i: network.address(i.text).is_loopback),
    _member("isLinkLocalUnicast", T.BOOL, IP, impl=lambda i: network.address(i.text).is_link_local),
    _member(
        "isLinkLocalMulticast", T.BOOL, IP, impl=lambda i: network.is_link_local_multicast(i.text)
    ),
    _member("isGlobalUnicast", T.BOOL, IP, impl=lambda i: network.is_global_unicast(i.text)),
    _plain("string", T.STRING, IP, impl=lambda i: i.text),
    _plain("cidr", CIDR, T.STRING, impl=_cidr),
    _plain("isCIDR", T.BOOL, T.STRING, impl=_parses(network.network)),
    _member("containsIP", T.BOOL, CIDR, T.STRING, impl=lambda c, i: network.contains(c.text, i)),
    _member("containsIP", T.BOOL, CIDR, IP, impl=lambda c, i: network.contains(c.text, i.text)),
    _member("containsCIDR", T.BOOL, CIDR, T.STRING, impl=lambda c, d: network.contains(c.text, d)),
    _member("containsCIDR", T.BOOL, CIDR, CIDR, impl=lambda c, d: network.contains(c.text, d.text)),
    _member("ip", IP, CIDR, impl=lambda c: Opaque("IP", text=c.text.partition("/")[0])),
    _member(
        "masked", CIDR, CIDR, impl=lambda c: Opaque("CIDR", text=str(network.network(c.text)[1]))
    ),
    _member("prefixLength", T.INT, CIDR, impl=lambda c: network.network(c.text)[1].prefixlen),
    _plain("string", T.STRING, CIDR, impl=lambda c: c.text),
)


# ---- quantity


@lru_cache(maxsize=1024)
def _exact(text: str) -> Any:
    return Quantity.from_wire(text).exact()


def _quantity(text: str) -> Any:
    value = _exact(text)
    return Opaque("Quantity", text=str(Quantity.of(value)))


def _compare(one: Any, other: Any) -> int:
    a, b = _exact(one.text), _exact(other.text)
    return int(a > b) - int(a < b)


def _number(other: Any) -> Any:
    return other if isinstance(other, int) else _exact(other.text)


def _plus(one: Any, other: Any) -> Any:
    return Opaque("Quantity", text=str(Quantity.of(_exact(one.text) + _number(other))))


def _minus(one: Any, other: Any) -> Any:
    return Opaque("Quantity", text=str(Quantity.of(_exact(one.text) - _number(other))))


def _as_integer(one: Any) -> int:
    value = _exact(one.text)
    if value.denominator != 1 or not -(2**63) <= value < 2**63:
        raise ValueError("cannot convert value to integer")
    return int(value)


QUANTITIES = (
    _plain("quantity", QUANTITY, T.STRING, impl=_quantity),
    _plain("isQuantity", T.BOOL, T.STRING, impl=_parses(_exact)),
    _member("sign", T.INT, QUANTITY, impl=lambda q: (_exact(q.text) > 0) - (_exact(q.text) < 0)),
    _member("isInteger", T.BOOL, QUANTITY, impl=lambda q: _exact(q.text).denominator == 1),
    _member("asInteger", T.INT, QUANTITY, impl=_as_integer),
    _member("asApproximateFloat", T.DOUBLE, QUANTITY, impl=lambda q: float(_exact(q.text))),
    _member("isGreaterThan", T.BOOL, QUANTITY, QUANTITY, impl=lambda a, b: _compare(a, b) > 0),
    _member("isLessThan", T.BOOL, QUANTITY, QUANTITY, impl=lambda a, b: _compare(a, b) < 0),
    _member("compareTo", T.INT, QUANTITY, QUANTITY, impl=_compare),
    _member("add", QUANTITY, QUANTITY, QUANTITY, impl=_plus),
    _member("add", QUANTITY, QUANTITY, T.INT, impl=_plus),
    _member("sub", QUANTITY, QUANTITY, QUANTITY, impl=_minus),
    _member("sub", QUANTITY, QUANTITY, T.INT, impl=_minus),
)


# ---- semver


def _semver(text: str, normalize: bool = False) -> Any:
    given = semver.normalized(text) if normalize else text
    semver.parse(given)
    return Opaque("Semver", text=given)


def _version(one: Any) -> semver.Version:
    return semver.parse(one.text)


def _versions_compare(one: Any, other: Any) -> int:
    return semver.compare(_version(one), _version(other))


SEMVERS = (
    _plain("semver", SEMVER, T.STRING, impl=_semver),
    _plain("semver", SEMVER, T.STRING, T.BOOL, impl=_semver),
    _plain("isSemver", T.BOOL, T.STRING, impl=_parses(semver.parse)),
    _plain(
        "isSemver",
        T.BOOL,
        T.STRING,
        T.BOOL,
        impl=lambda text, normalize: _parses(lambda each: semver.parse(each, normalize=normalize))(
            text
        ),
    ),
    _member("major", T.INT, SEMVER, impl=lambda v: _version(v)[0]),
    _member("minor", T.INT, SEMVER, impl=lambda v: _version(v)[1]),
    _member("patch", T.INT, SEMVER, impl=lambda v: _version(v)[2]),
    _member("isGreaterThan", T.BOOL, SEMVER, SEMVER, impl=lambda a, b: _versions_compare(a, b) > 0),
    _member("isLessThan", T.BOOL, SEMVER, SEMVER, impl=lambda a, b: _versions_compare(a, b) < 0),
    _member("compareTo", T.INT, SEMVER, SEMVER, impl=_versions_compare),
)


# ---- format


def _says(format_: str, what: str) -> Callable[[str], list[str]]:
    return lambda text: [] if formats.fits(format_, text) else [what]


NAMED_FORMATS: dict[str, Callable[[str], list[str]]] = {
    "dns1123Label": names.dns1123_label,
    "dns1123Subdomain": names.dns1123_subdomain,
    "dns1035Label": names.dns1035_label,
    "qualifiedName": names.label_key,
    "dns1123LabelPrefix": names.prefix_of(names.dns1123_label),
    "dns1123SubdomainPrefix": names.prefix_of(names.dns1123_subdomain),
    "dns1035LabelPrefix": names.prefix_of(names.dns1035_label),
    "labelValue": names.label_value,
    "uri": _says("uri", "invalid URI"),
    "uuid": _says("uuid", "does not match the UUID format"),
    "byte": _says("byte", "invalid base64"),
    "date": _says("date", "invalid date"),
    "datetime": _says("datetime", "invalid datetime"),
}


def _complaints(format_: Any, text: str) -> Any:
    """An optional list: none if the text is fine."""
    found = NAMED_FORMATS[format_.text](text)
    return optional(found) if found else NONE


def _named(name: str) -> Callable[[], Any]:
    return lambda: Opaque("Format", text=name)


FORMATS = (
    *(_plain(f"format.{name}", FORMAT, impl=_named(name)) for name in NAMED_FORMATS),
    _member("validate", OPTIONAL_TEXTS, FORMAT, T.STRING, impl=_complaints),
)


FUNCTIONS = (*LISTS, *SETS, *REGEX, *URLS, *IPS, *QUANTITIES, *SEMVERS, *FORMATS)


def declared() -> Any:
    """All of them, for checking types."""
    functions: dict[str, list[Any]] = {}
    for each in FUNCTIONS:
        functions.setdefault(each.name, []).append(each.overload())
    return cel.CelExtension(
        PACKAGE, [cel.FunctionDecl(name, each) for name, each in functions.items()]
    )
