"""Kubernetes' errors as gRPC's: the matching code, the Status in the rich error details. Pure.

All of it travels as metadata, of which many clients take no more than 8 KiB: what is longer comes
as the code RESOURCE_EXHAUSTED and nothing else. So long messages are cut, and long lists of causes
are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

import grpc
from msgspec.structs import replace

from kubepy.api import protobuf
from kubepy.api.meta.v1 import Status
from kubepy.base.varint import field, varint
from kubepy.meta.errors import ApiError

DETAILS = "grpc-status-details-bin"
WARNING = "warning"
TYPE_URL = "type.googleapis.com/k8s.io.apimachinery.pkg.apis.meta.v1.Status"
MESSAGE_BYTES = 1024  # as it travels: percent-encoded
STATUS_BYTES = 2048  # becomes a third more, as does the message beside it
NAME_BYTES = 256
WARNING_BYTES = 512
ALL_WARNINGS_BYTES = 1024
PRINTABLE = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")
ELLIPSIS = "..."
BY_REASON = {"AlreadyExists": grpc.StatusCode.ALREADY_EXISTS}
BY_CODE = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    405: grpc.StatusCode.UNIMPLEMENTED,
    406: grpc.StatusCode.FAILED_PRECONDITION,
    409: grpc.StatusCode.ABORTED,
    410: grpc.StatusCode.OUT_OF_RANGE,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    415: grpc.StatusCode.INVALID_ARGUMENT,
    422: grpc.StatusCode.INVALID_ARGUMENT,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    500: grpc.StatusCode.INTERNAL,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}


def code_of(problem: ApiError) -> grpc.StatusCode:
    by_reason = BY_REASON.get(problem.reason)
    return by_reason or BY_CODE.get(problem.code, grpc.StatusCode.UNKNOWN)


def message_of(problem: ApiError) -> str:
    """The call's own message."""
    return cut(problem.message, MESSAGE_BYTES)


def details_of(problem: ApiError) -> bytes:
    """google.rpc.Status with the Kubernetes Status as its only detail."""
    raw = protobuf.encode(problem.status)
    if len(raw) > STATUS_BYTES:
        raw = protobuf.encode(_shortened(problem.status))
    any_ = field(1, TYPE_URL.encode()) + field(2, raw)
    code = varint(1 << 3) + varint(code_of(problem).value[0])
    return code + field(2, message_of(problem).encode()) + field(3, any_)


def _shortened(status: Status) -> Status:
    """The same failure in short: without causes, and of no name more than its beginning."""
    details = status.details
    if details is not None:
        kind, group, name = (
            cut(text, NAME_BYTES) for text in (details.kind, details.group, details.name)
        )
        details = replace(details, kind=kind, group=group, name=name, causes=())
    return replace(status, message=cut(status.message, MESSAGE_BYTES), details=details)


def warnings_of(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Metadata for each text that was not there before, percent-encoded as messages are."""
    pairs = []
    size = 0
    for text in dict.fromkeys(texts):
        shown = quote(cut(text, WARNING_BYTES), safe=PRINTABLE)
        size += len(shown)
        if size > ALL_WARNINGS_BYTES:
            break
        pairs.append((WARNING, shown))
    return pairs


def cut(text: str, limit: int) -> str:
    """The beginning of a text that takes no more than `limit` bytes when it is percent-encoded."""
    if len(quote(text[: limit + 1], safe=PRINTABLE)) <= limit:
        return text
    left = limit - len(ELLIPSIS)
    end = 0
    for character in text:
        left -= len(quote(character, safe=PRINTABLE))
        if left < 0:
            break
        end += 1
    return text[:end] + ELLIPSIS
