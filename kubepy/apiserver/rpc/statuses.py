"""Kubernetes' errors as gRPC's: the matching code, the Status in the rich error details. Pure."""

from __future__ import annotations

import grpc

from kubepy.api import protobuf
from kubepy.apiserver.rpc.messages import field
from kubepy.base.varint import varint
from kubepy.meta.errors import ApiError

DETAILS = "grpc-status-details-bin"
TYPE_URL = "type.googleapis.com/k8s.io.apimachinery.pkg.apis.meta.v1.Status"
BY_REASON = {"AlreadyExists": grpc.StatusCode.ALREADY_EXISTS}
BY_CODE = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    405: grpc.StatusCode.UNIMPLEMENTED,
    406: grpc.StatusCode.INVALID_ARGUMENT,
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


def details_of(problem: ApiError) -> bytes:
    """google.rpc.Status with the Kubernetes Status as its only detail."""
    status = protobuf.encode(problem.status)
    any_ = field(1, TYPE_URL.encode()) + field(2, status)
    code = varint(1 << 3) + varint(code_of(problem).value[0])
    return code + field(2, problem.message.encode()) + field(3, any_)
