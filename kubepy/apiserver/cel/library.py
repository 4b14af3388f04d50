"""Kubernetes' own CEL functions: lists, regex, url, quantity, ip, cidr, semver, format, sets.

Types that CEL does not have are messages of one text field: what the text means is parsed (and
remembered) where a function asks for it. The text is canonical, so that equal values are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from cel_expr_python import cel
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from msgspec import Struct

from kubepy.api.types import Quantity
from kubepy.apiserver.cel import network, semver
from kubepy.apiserver.crd import formats
from kubepy.meta import goregex, names

PACKAGE = "kubernetes"
TYPES = ("Quantity", "URL", "IP", "CIDR", "Semver", "Format", "Complaints")
T = cel.Type
DYNS = T.List(T.DYN)


def file() -> Any:
    """The descriptor of the types: every environment's pool has it."""
    found = descriptor_pb2.FileDescriptorProto(
        name="kubernetes.proto", package=PACKAGE, syntax="proto3"
    )
    for name in TYPES:
        message = found.message_type.add(name=name)
        message.field.add(name="text", number=1, type=9, label=3 if name == "Complaints" else 1)
    return found


_pool = descriptor_pool.DescriptorPool()
_pool.Add(file())
_make = {
    name: message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
    for name in TYPES
}
QUANTITY, URL, IP, CIDR, SEMVER, FORMAT, COMPLAINTS = (T(f"{PACKAGE}.{name}") for name in TYPES)


class Function(Struct, frozen=True):
    """One overload of a function."""

    name: str
    result: Any
    parameters: tuple[Any, ...]
    impl: Callable[..., Any]
    member: bool

    @property
    def kinds(self) -> tuple[str, ...]:
        """The parameters as cel-cpp tells them apart at run time: all messages are alike."""
        return tuple(
            "message" if each.name().startswith(PACKAGE) else each.name().partition("<")[0]
            for each in self.parameters
        )

    def takes(self, arguments: Sequence[Any]) -> bool:
        """Whether these messages are those of this overload."""
        return all(
            not parameter.name().startswith(PACKAGE)
            or argument.DESCRIPTOR.full_name == parameter.name()
            for parameter, argument in zip(self.parameters, arguments, strict=True)
        )

    def overload(self, impl: Callable[..., Any]) -> Any:
        names = "_".join(each.name() for each in self.parameters)
        identity = f"kubernetes_{self.name}_{names}{'_m' if self.member else ''}"
        return cel.Overload(
            identity, self.result, list(self.parameters), is_member=self.member, impl=impl
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


def _sum(items: list[Any]) -> Any:
    total = items[0] if items else 0
    for each in items[1:]:
        total = total + each
    return total


def _least(items: list[Any]) -> Any:
    if not items:
        raise ValueError("min called on empty list")
    return min(items)


def _most(items: list[Any]) -> Any:
    if not items:
        raise ValueError("max called on empty list")
    return max(items)


def _is_sorted(items: list[Any]) -> bool:
    return all(a <= b for a, b in zip(items, items[1:], strict=False))


def _index(items: list[Any], item: Any) -> int:
    return items.index(item) if item in items else -1


def _last_index(items: list[Any], item: Any) -> int:
    return len(items) - 1 - items[::-1].index(item) if item in items else -1


LISTS = (
    _member("isSorted", T.BOOL, DYNS, impl=_is_sorted),
    _member("sum", T.DYN, DYNS, impl=_sum),
    _member("min", T.DYN, DYNS, impl=_least),
    _member("max", T.DYN, DYNS, impl=_most),
    _member("indexOf", T.INT, DYNS, T.DYN, impl=_index),
    _member("lastIndexOf", T.INT, DYNS, T.DYN, impl=_last_index),
)
SETS = (
    _plain("sets.contains", T.BOOL, DYNS, DYNS, impl=lambda a, b: all(x in a for x in b)),
    _plain(
        "sets.equivalent",
        T.BOOL,
        DYNS,
        DYNS,
        impl=lambda a, b: all(x in a for x in b) and all(x in b for x in a),
    ),
    _plain("sets.intersects", T.BOOL, DYNS, DYNS, impl=lambda a, b: any(x in a for x in b)),
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
    return _make["URL"](text=text)


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
    return _make["IP"](text=str(network.address(text)))


def _cidr(text: str) -> Any:
    host, net = network.network(text)
    return _make["CIDR"](text=f"{host}/{net.prefixlen}")


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
    _member("ip", IP, CIDR, impl=lambda c: _make["IP"](text=c.text.partition("/")[0])),
    _member(
        "masked", CIDR, CIDR, impl=lambda c: _make["CIDR"](text=str(network.network(c.text)[1]))
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
    return _make["Quantity"](text=str(Quantity.of(value)))


def _compare(one: Any, other: Any) -> int:
    a, b = _exact(one.text), _exact(other.text)
    return int(a > b) - int(a < b)


def _number(other: Any) -> Any:
    return other if isinstance(other, int) else _exact(other.text)


def _plus(one: Any, other: Any) -> Any:
    return _make["Quantity"](text=str(Quantity.of(_exact(one.text) + _number(other))))


def _minus(one: Any, other: Any) -> Any:
    return _make["Quantity"](text=str(Quantity.of(_exact(one.text) - _number(other))))


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
    return _make["Semver"](text=given)


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
    return _make["Complaints"](text=NAMED_FORMATS[format_.text](text))


def _named(name: str) -> Callable[[], Any]:
    return lambda: _make["Format"](text=name)


FORMATS = (
    *(_plain(f"format.{name}", FORMAT, impl=_named(name)) for name in NAMED_FORMATS),
    # In Kubernetes an optional list: hasValue and value are asked of it in the same way, but for
    # orValue cel-cpp takes nothing but optionals.
    _member("validate", COMPLAINTS, FORMAT, T.STRING, impl=_complaints),
    _member("hasValue", T.BOOL, COMPLAINTS, impl=lambda c: bool(c.text)),
    _member("value", T.List(T.STRING), COMPLAINTS, impl=lambda c: list(c.text)),
)


FUNCTIONS = (*LISTS, *SETS, *REGEX, *URLS, *IPS, *QUANTITIES, *SEMVERS, *FORMATS)


def declared() -> Any:
    """All of them, for checking types."""
    return _extension([(each.name, each.overload(each.impl)) for each in FUNCTIONS])


def executable() -> Any:
    """All of them, for evaluation: one for each that can be told apart by its arguments' kinds."""
    groups: dict[tuple[str, bool, tuple[str, ...]], list[Function]] = {}
    for each in FUNCTIONS:
        groups.setdefault((each.name, each.member, each.kinds), []).append(each)
    found = []
    for (name, *_), alike in groups.items():
        impl = alike[0].impl if len(alike) == 1 else _dispatch(alike)
        found.append((name, alike[0].overload(impl)))
    return _extension(found)


def _dispatch(functions: Sequence[Function]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        for each in functions:
            if each.takes(arguments):
                return each.impl(*arguments)
        raise ValueError("no such overload")

    return call


def _extension(overloads: Sequence[tuple[str, Any]]) -> Any:
    functions: dict[str, list[Any]] = {}
    for name, overload in overloads:
        functions.setdefault(name, []).append(overload)
    return cel.CelExtension(
        PACKAGE, [cel.FunctionDecl(name, each) for name, each in functions.items()]
    )
