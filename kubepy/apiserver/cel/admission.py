"""The variables and types that admission's expressions have, and whether one fits its place.

What a policy declares under `variables` is inferred, one after the other: each is a variable by
its whole name, `variables.x`, so that it may have any type that CEL has.

The types of objects that a mutation makes are not known: `Object.spec{...}` may have any field.
For the checker all of them are one message with every name of the expression as a field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from cel_expr_python import cel
from google.protobuf import descriptor_pb2

from kubepy.apiserver.cel import environment
from kubepy.apiserver.cel.environment import CompileError, Types, name_of

T = cel.Type
F = descriptor_pb2.FieldDescriptorProto
PACKAGE = "kubernetes"
AUTHORIZATION = f"{PACKAGE}.authorization"
STRING, BOOL, NULL, ANY = "string", "bool", "null_type", ""
PATCHES, OBJECT = "list(JSONPatch)", "Object"

# The fields of messages: a type, `[type]` for a list of them, `{type}` for a map to them. Messages
# of ours begin with a capital.
MESSAGES: dict[str, dict[str, str]] = {
    "GroupVersionKind": {"group": "string", "version": "string", "kind": "string"},
    "GroupVersionResource": {"group": "string", "version": "string", "resource": "string"},
    "UserInfo": {"username": "string", "uid": "string", "groups": "[string]", "extra": "{dyn}"},
    "AdmissionRequest": {
        "kind": "GroupVersionKind", "resource": "GroupVersionResource", "subResource": "string",
        "requestKind": "GroupVersionKind", "requestResource": "GroupVersionResource",
        "requestSubResource": "string", "name": "string", "namespace": "string",
        "operation": "string", "userInfo": "UserInfo", "dryRun": "bool", "options": "dyn",
    },
    "NamespaceSpec": {"finalizers": "[string]"},
    "NamespaceCondition": {
        "status": "string", "type": "string", "lastTransitionTime": "timestamp",
        "message": "string", "reason": "string",
    },
    "NamespaceStatus": {"conditions": "[NamespaceCondition]", "phase": "string"},
    "NamespaceMetadata": {
        "name": "string", "generateName": "string", "namespace": "string", "labels": "{string}",
        "annotations": "{string}", "UID": "string", "creationTimestamp": "timestamp",
        "deletionGracePeriodSeconds": "int", "deletionTimestamp": "timestamp",
        "generation": "int", "resourceVersion": "string", "finalizers": "[string]",
    },
    "Namespace": {
        "metadata": "NamespaceMetadata", "spec": "NamespaceSpec", "status": "NamespaceStatus",
    },
    "variables": {},
}  # fmt: skip
CHECKS = ("Authorizer", "PathCheck", "GroupCheck", "ResourceCheck", "Decision")
# receiver, name, how many texts it takes, what it answers
AUTHORIZER_FUNCTIONS = (
    ("Authorizer", "path", 1, "PathCheck"),
    ("Authorizer", "group", 1, "GroupCheck"),
    ("Authorizer", "serviceAccount", 2, "Authorizer"),
    ("GroupCheck", "resource", 1, "ResourceCheck"),
    ("ResourceCheck", "subresource", 1, "ResourceCheck"),
    ("ResourceCheck", "namespace", 1, "ResourceCheck"),
    ("ResourceCheck", "name", 1, "ResourceCheck"),
    ("ResourceCheck", "fieldSelector", 1, "ResourceCheck"),
    ("ResourceCheck", "labelSelector", 1, "ResourceCheck"),
    ("PathCheck", "check", 1, "Decision"),
    ("ResourceCheck", "check", 1, "Decision"),
    ("Decision", "allowed", 0, "bool"),
    ("Decision", "reason", 0, "string"),
    ("Decision", "errored", 0, "bool"),
    ("Decision", "error", 0, "string"),
)

_SCALARS = {"string": F.TYPE_STRING, "bool": F.TYPE_BOOL, "int": F.TYPE_INT64}
_WELL_KNOWN = {"dyn": ".google.protobuf.Value", "timestamp": ".google.protobuf.Timestamp"}
_NESTED = re.compile(r"\bObject(?:\.\w+)+(?=\s*\{)", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
OBJECTS = "Objects"  # stands for all of Object.x, Object.x.y, ...


class Compiler:
    """Checks the expressions of one policy or webhook. `params`: whether there are any."""

    def __init__(self, *, params: bool = False) -> None:
        self._params = params
        self._variables: dict[str, Any] = {}

    def define(self, name: str, expression: str) -> str | None:
        """Add a policy's variable; what is wrong with its expression, if anything."""
        try:
            type_ = _types(self._known(authorizer=True)).check(expression)
        except CompileError as error:
            self._variables[f"variables.{name}"] = T.DYN
            return f"compilation failed: {error}"
        self._variables[f"variables.{name}"] = _composed(type_)
        return None

    def complaint(
        self, expression: str, wanted: Sequence[str], *, authorizer: bool = True
    ) -> str | None:
        """Why an expression does not compile to one of the types that are wanted, or None."""
        known = self._known(authorizer=authorizer)
        patches = PATCHES in wanted or OBJECT in wanted
        try:
            found = _patch_type(expression, known) if patches else _checked(expression, known)
        except CompileError as error:
            return f"compilation failed: {error}"
        if found in wanted:
            return None
        what = wanted[0] if len(wanted) == 1 else f"one of [{' '.join(wanted)}]"
        return f"must evaluate to {what} but got {found}"

    def _known(self, *, authorizer: bool) -> dict[str, Any]:
        known = {
            "object": T.DYN,
            "oldObject": T.DYN,
            "namespaceObject": T(f"{PACKAGE}.Namespace"),
            "request": T(f"{PACKAGE}.AdmissionRequest"),
        }
        if self._params:
            known["params"] = T.DYN
        if authorizer:
            known["authorizer"] = T(f"{AUTHORIZATION}.Authorizer")
            known["authorizer.requestResource"] = T(f"{AUTHORIZATION}.ResourceCheck")
        if self._variables:
            known |= {"variables": T(f"{PACKAGE}.variables"), **self._variables}
        return known


def _checked(expression: str, known: Mapping[str, Any]) -> str:
    return name_of(_types(known).check(expression))


def _types(known: Mapping[str, Any]) -> Types:
    if "variables" in known:
        return Types(environment.pool(*_files()), known, [_functions()])
    return _simple(frozenset(known))


@lru_cache(maxsize=8)
def _simple(names: frozenset[str]) -> Types:
    """Without a policy's own variables there are few environments."""
    known = Compiler(params="params" in names)._known(authorizer="authorizer" in names)
    return Types(environment.pool(*_files()), known, [_functions()])


def _composed(type_: Any) -> Any:
    """The type of a variable: what is neither plain nor made of plain values may be anything."""
    name = type_.name()
    return T.DYN if type_.is_message() or re.search(r"[a-z]|TYPE<", name) else type_


def _patch_type(expression: str, known: Mapping[str, Any]) -> str:
    """The type of an expression that may construct objects and patches."""
    nested = _NESTED.findall(expression)
    text = _NESTED.sub(lambda match: OBJECTS.ljust(len(match[0])), expression)
    fields = sorted(set(_NAME.findall(text)))
    types = Types(
        environment.pool(*_files(), _patches(fields)), known, [_functions(), _escape_key()]
    )
    try:
        found = name_of(types.check(text))
    except CompileError as error:
        shown = str(error)
        for mine, written in zip(text.split("\n"), expression.split("\n"), strict=True):
            shown = shown.replace(f" | {mine}\n", f" | {written}\n")
        raise CompileError(shown) from None
    return re.sub(rf"\b{OBJECTS}\b", nested[0] if nested else OBJECTS, found)


# ---- descriptors


def _files() -> tuple[Any, Any]:
    file = descriptor_pb2.FileDescriptorProto(
        name="admission.proto", package=PACKAGE, syntax="proto3"
    )
    for name in ("struct", "timestamp"):
        file.dependency.append(f"google/protobuf/{name}.proto")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, (field, type_) in enumerate(fields.items(), 1):
            _add(message, field, number, type_)
    checks = descriptor_pb2.FileDescriptorProto(
        name="authorization.proto", package=AUTHORIZATION, syntax="proto3"
    )
    for name in CHECKS:
        checks.message_type.add(name=name)
    return file, checks


def _add(message: Any, name: str, number: int, type_: str) -> None:
    many, inner = type_[0] in "[{", type_.strip("[]{}")
    label = F.LABEL_REPEATED if many else F.LABEL_OPTIONAL
    if type_.startswith("{"):
        entry = message.nested_type.add(name=f"{name.capitalize()}Entry")
        entry.options.map_entry = True
        _add(entry, "key", 1, "string")
        _add(entry, "value", 2, inner)
        place = f".{PACKAGE}.{message.name}.{entry.name}"
        message.field.add(
            name=name, number=number, label=label, type=F.TYPE_MESSAGE, type_name=place
        )
    elif inner in _SCALARS:
        message.field.add(name=name, number=number, label=label, type=_SCALARS[inner])
    else:
        place = _WELL_KNOWN.get(inner, f".{PACKAGE}.{inner}")
        message.field.add(
            name=name, number=number, label=label, type=F.TYPE_MESSAGE, type_name=place
        )


def _patches(fields: Sequence[str]) -> Any:
    """JSONPatch, and objects with these fields."""
    file = descriptor_pb2.FileDescriptorProto(name="patches.proto", syntax="proto3")
    file.dependency.append("google/protobuf/struct.proto")
    patch = {"op": "string", "from": "string", "path": "string", "value": "dyn"}
    anything = dict.fromkeys(fields, "dyn")
    for name, known in (("JSONPatch", patch), (OBJECT, anything), (OBJECTS, anything)):
        message = file.message_type.add(name=name)
        for number, (field, type_) in enumerate(known.items(), 1):
            _add(message, field, number, type_)
    return file


# ---- functions


def _functions() -> Any:
    def type_of(name: str) -> Any:
        return T(f"{AUTHORIZATION}.{name}") if name in CHECKS else getattr(T, name.upper())

    overloads: dict[str, list[Any]] = {}
    for receiver, name, texts, answer in AUTHORIZER_FUNCTIONS:
        parameters = [type_of(receiver), *[T.STRING] * texts]
        overload = cel.Overload(
            f"{receiver}_{name}", type_of(answer), parameters, is_member=True, impl=_undecided
        )
        overloads.setdefault(name, []).append(overload)
    declared = [cel.FunctionDecl(name, each) for name, each in overloads.items()]
    return cel.CelExtension("authorization", declared)


def _escape_key() -> Any:
    """`~` and `/` as a JSON pointer has them."""

    def escaped(key: str) -> str:
        return key.replace("~", "~0").replace("/", "~1")

    overload = cel.Overload("jsonpatch_escape_key", T.STRING, [T.STRING], impl=escaped)
    return cel.CelExtension("jsonpatch", [cel.FunctionDecl("jsonpatch.escapeKey", [overload])])


def _undecided(*_: Any) -> Any:
    """Expressions of admission are checked here, and evaluated nowhere yet."""
    raise ValueError("no such overload")
