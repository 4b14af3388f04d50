"""Values as Go prints them, since clients read them inside of messages.

quote("a\\n")              "a\\n"                 %q
show({"a": (1, "<")})     {"a":[1,"\\u003c"]}    json.Marshal
verbatim({"b": {"c": 1}}) map[b:map[c:1]]       %v
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from msgspec import Raw, Struct

from kubepy.api import codec
from kubepy.api.types import ABSENT, Duration, Time

_ESCAPES = {
    '"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f",
    "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
}  # fmt: skip
_HTML = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def quote(text: str) -> str:
    """Go's %q."""
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


def show(value: Any) -> str:
    """Go's json.Marshal of a value of the server's own (untagged) types.

    A Struct outside meta/v1 shows every field under its Go name, empty ones too; wire types of
    meta/v1 show as on the wire.
    """
    text = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
    return text.translate(_HTML)


def indented(value: Any) -> str:
    """The same over several lines, as messages show what differs."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=1)


def _plain(value: Any) -> Any:
    match value:
        case Struct() if type(value).__module__ == "kubepy.api.meta.v1":
            return codec.to_builtins(value)
        case Struct():
            return {
                go_name(info.encode_name): _field(getattr(value, info.name))
                for info in msgspec.structs.fields(value)
            }
        case Duration():
            return {"Duration": value.nanoseconds()}
        case Raw():
            return None if value == ABSENT else json.loads(bytes(value))
        case dict():
            return {key: _plain(value[key]) for key in sorted(value)}
        case tuple() | list():
            return [_plain(item) for item in value]
        case Time():
            return str(value)
        case _:
            return value


def _field(value: Any) -> Any:
    """An empty list or map of a Struct is nil in Go's memory."""
    return None if value in ((), {}) and not isinstance(value, str) else _plain(value)


# JSON names whose Go names are more than the capitalised word.
_GO_NAMES = {
    "apiVersion": "APIVersion", "apiGroup": "APIGroup", "uid": "UID", "ip": "IP", "id": "ID",
    "cpu": "CPU", "dnsConfig": "DNSConfig", "dnsPolicy": "DNSPolicy", "fsType": "FSType",
    "fsGroup": "FSGroup", "grpc": "GRPC", "httpGet": "HTTPGet", "httpHeaders": "HTTPHeaders",
    "iscsi": "ISCSI", "nfs": "NFS", "rbd": "RBD", "csi": "CSI", "url": "URL", "uri": "URI",
    "tcpSocket": "TCPSocket", "ttlSecondsAfterFinished": "TTLSecondsAfterFinished",
    "tls": "TLS", "tty": "TTY", "downwardAPI": "DownwardAPI", "awsElasticBlockStore":
    "AWSElasticBlockStore", "gcePersistentDisk": "GCEPersistentDisk", "pdName": "PDName",
    "wwids": "WWIDs", "targetWWNs": "TargetWWNs", "clusterIP": "ClusterIP", "tolerations":
    "Tolerations", "seLinuxOptions": "SELinuxOptions",
}  # fmt: skip


def go_name(json_name: str) -> str:
    """The name of a field in Go."""
    return _GO_NAMES.get(json_name) or json_name[:1].upper() + json_name[1:]


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
