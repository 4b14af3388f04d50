"""The CEL of device selectors: which devices a claim or a class takes.

    device.driver == "gpu.example.com" && device.attributes["gpu.example.com"].model == "A"

The fields of `device` are variables by their whole names: a message cannot have maps of maps. The
message stands for a device that an expression names as a whole.
"""

from __future__ import annotations

from functools import lru_cache

from cel_expr_python import cel
from google.protobuf import any_pb2, descriptor_pb2

from kubepy.apiserver.cel import environment
from kubepy.apiserver.cel.environment import CompileError, Types, name_of
from kubepy.apiserver.cel.library import QUANTITY
from kubepy.apiserver.crd import celcost
from kubepy.apiserver.crd.structural import Props

T = cel.Type
MOST = 1_000_000  # what a selector may be estimated to cost
ATTRIBUTES = 32  # a device has at most, and as many capacities
VALUE_LENGTH, DOMAIN_LENGTH, ID_LENGTH, DRIVER_LENGTH = 64, 63, 32, 63
TOO_EXPENSIVE = "too complex, exceeds cost limit"

VARIABLES = {
    "device": T("kubernetes.DRADevice"),
    "device.driver": T.STRING,
    "device.allowMultipleAllocations": T.BOOL,
    "device.attributes": T.Map(T.STRING, T.Map(T.STRING, T("google.protobuf.Any"))),
    "device.capacity": T.Map(T.STRING, T.Map(T.STRING, QUANTITY)),
}


def _text(most: int) -> Props:
    return {"type": "string", "maxLength": most / celcost.BYTES_OF_A_CHARACTER}


def _by_domain(inner: Props) -> Props:
    """Domain → name → value."""
    names = {
        "type": "object", "maxProperties": ATTRIBUTES, "propertyNames": _text(ID_LENGTH),
        "additionalProperties": inner,
    }  # fmt: skip
    return {**names, "propertyNames": _text(DOMAIN_LENGTH), "additionalProperties": names}


DEVICE: Props = {
    "type": "object",
    "properties": {
        "driver": _text(DRIVER_LENGTH),
        "allowMultipleAllocations": {"type": "boolean"},
        "attributes": _by_domain(_text(VALUE_LENGTH)),
        "capacity": _by_domain({"type": "integer"}),
    },
}


def complaint(expression: str) -> str | None:
    """Why a selector does not compile, if it does not."""
    try:
        found = name_of(_types().check(expression))
    except CompileError as error:
        return f"compilation failed: {error}"
    if found in ("bool", "any"):
        return None
    return f"must evaluate to bool or the unknown type, not {found}"


def is_too_expensive(expression: str) -> bool:
    """For one that compiles."""
    return celcost.cost_of(expression, {"device": celcost.value_of(DEVICE)}) > MOST


@lru_cache(maxsize=1)
def _types() -> Types:
    file = descriptor_pb2.FileDescriptorProto(name="dra.proto", package="kubernetes")
    file.dependency.append("google/protobuf/struct.proto")
    message = file.message_type.add(name="DRADevice")
    for number, name in enumerate(DEVICE["properties"], 1):
        message.field.add(
            name=name, number=number, label=1, type=11, type_name=".google.protobuf.Value"
        )
    known = descriptor_pb2.FileDescriptorProto()
    any_pb2.DESCRIPTOR.CopyToProto(known)
    return Types(environment.pool(known, file), VARIABLES)
