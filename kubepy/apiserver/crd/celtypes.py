"""A schema's types for CEL's checker: each object with fields is a message. Pure.

    {"type": "object", "properties": {"a-b": {"type": "string"}, "n": {"type": "array", ...}}}
        message T3 { optional string a__dash__b; repeated ... n; }

What messages cannot say (a list of lists, int-or-string) is dynamic: then the checker lets through
what only evaluation can judge. Fields whose types nobody knows are not there at all.
"""

from __future__ import annotations

import re
from typing import Any

from cel_expr_python import cel
from google.protobuf import descriptor_pb2

from kubepy.apiserver.cel import environment
from kubepy.apiserver.crd.structural import EMBEDDED, INT_OR_STRING, Props

PACKAGE = "schema"
FILE = "schema.proto"
T = cel.Type
F = descriptor_pb2.FieldDescriptorProto
ONE = F.LABEL_OPTIONAL
RESERVED = frozenset(
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for",
        "function", "if", "import", "let", "loop", "package", "namespace", "return", "var",
        "void", "while",
    }
)  # fmt: skip
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))
_SCALARS = {
    "integer": (F.TYPE_INT64, T.INT),
    "number": (F.TYPE_DOUBLE, T.DOUBLE),
    "boolean": (F.TYPE_BOOL, T.BOOL),
}
_MESSAGES = {  # types that are messages of protobuf's own
    "dyn": (".google.protobuf.Value", T.DYN),
    "timestamp": (".google.protobuf.Timestamp", T.TIMESTAMP),
    "duration": (".google.protobuf.Duration", T.DURATION),
}
META: Props = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "generateName": {"type": "string"}},
}
TEXT: Props = {"type": "string"}


def escaped(name: str) -> str | None:
    """A property's name as an identifier; None if it cannot be one."""
    if name in RESERVED:
        return f"__{name}__"
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_./-]*", name, re.ASCII) is None:
        return None
    return re.sub(r"__|[./-]", lambda match: dict(_ESCAPES)[match[0]], name)


def with_meta(props: Props) -> Props:
    """The schema of a whole object, which always has these."""
    own = props.get("properties", {})
    return {
        **props,
        "properties": {**own, "apiVersion": TEXT, "kind": TEXT, "metadata": META},
    }


class Schemas:
    """The types of one schema, whole."""

    def __init__(self, root: Props) -> None:
        self._file = descriptor_pb2.FileDescriptorProto(name=FILE, package=PACKAGE, syntax="proto2")
        for name in ("struct", "timestamp", "duration"):
            self._file.dependency.append(f"google/protobuf/{name}.proto")
        self._names: dict[int, str] = {}
        self._keep: list[Props] = []  # names are by identity
        self._root = root
        self.type_of(root, is_root=True)
        self._pool = environment.pool(self._file)

    def types(self, props: Props, *, optional_old: bool) -> environment.Types:
        """A checker where self is a value of a node of the schema."""
        found = self.type_of(props, is_root=props is self._root)
        variables = {"self": found}
        if optional_old:
            variables |= {environment.OLD_VALUE: found, f"has{environment.OLD_VALUE}": T.BOOL}
        else:
            variables["oldSelf"] = found
        return environment.Types(self._pool, variables)

    def type_of(self, props: Props, *, is_root: bool = False) -> Any:
        """The CEL type of a node; None if nothing is known about it."""
        type_ = props.get("type", "")
        if props.get(INT_OR_STRING):
            return T.DYN
        match type_:
            case "array":
                items = props.get("items")
                inner = self.type_of(items) if isinstance(items, dict) else None
                return T.List(inner) if inner is not None else None
            case "object":
                additional = props.get("additionalProperties")
                if isinstance(additional, dict):
                    inner = self.type_of(additional)
                    return T.Map(T.STRING, inner) if inner is not None else None
                if additional is True:
                    return T.Map(T.STRING, T.DYN)
                return T(f"{PACKAGE}.{self._message(props, is_root)}")
            case "string":
                return self._text(props)[1]
        return _SCALARS[type_][1] if type_ in _SCALARS else None

    def _text(self, props: Props) -> tuple[str, Any]:
        match props.get("format", ""):
            case "byte":
                return "bytes", T.BYTES
            case "duration":
                return "duration", T.DURATION
            case "date" | "date-time":
                return "timestamp", T.TIMESTAMP
        return "string", T.STRING

    def _message(self, props: Props, is_root: bool) -> str:
        name = self._names.get(id(props))
        if name is not None:
            return name
        name = self._names[id(props)] = f"T{len(self._names)}"
        self._keep.append(props)
        message = descriptor_pb2.DescriptorProto(name=name)
        whole = with_meta(props) if is_root or props.get(EMBEDDED) else props
        for key, inner in sorted(whole.get("properties", {}).items()):
            identifier = escaped(key)
            if identifier is not None:
                self._field(message, identifier, inner)
        self._file.message_type.append(message)
        return name

    def _field(self, message: Any, name: str, props: Props) -> None:
        if self.type_of(props) is None:
            return
        number = len(message.field) + 1
        items, additional = props.get("items"), props.get("additionalProperties")
        if props.get("type") == "array" and isinstance(items, dict):
            message.field.append(self._typed(F(name=name, number=number), items, F.LABEL_REPEATED))
        elif props.get("type") == "object" and additional not in (None, False):
            value = additional if isinstance(additional, dict) else {INT_OR_STRING: True}
            entry_name = re.sub(r"(?:^|_+)(.?)", lambda match: match[1].upper(), name) + "Entry"
            if any(each.name == entry_name for each in message.nested_type):
                # protobuf cannot tell the maps of two such fields apart: dynamic
                value = {INT_OR_STRING: True}
                message.field.append(self._typed(F(name=name, number=number), value, ONE))
                return
            entry = message.nested_type.add(name=entry_name)
            entry.options.map_entry = True
            key = F(name="key", number=1, type=F.TYPE_STRING, label=ONE)
            entry.field.append(key)
            entry.field.append(self._typed(F(name="value", number=2), value, ONE))
            place = f".{PACKAGE}.{message.name}.{entry.name}"
            field = F(name=name, number=number, type=F.TYPE_MESSAGE, type_name=place)
            field.label = F.LABEL_REPEATED
            message.field.append(field)
        else:
            message.field.append(self._typed(F(name=name, number=number), props, ONE))

    def _typed(self, field: Any, props: Props, label: Any) -> Any:
        """A field of one value's type; a collection in it is dynamic."""
        field.label = label
        type_ = props.get("type", "")
        kind, _ = self._text(props) if type_ == "string" else ("", None)
        plain = type_ == "object" and not props.get("additionalProperties")
        if type_ in _SCALARS and not props.get(INT_OR_STRING):
            field.type = _SCALARS[type_][0]
        elif kind == "string":
            field.type = F.TYPE_STRING
        elif kind == "bytes":
            field.type = F.TYPE_BYTES
        else:
            field.type = F.TYPE_MESSAGE
            if plain and not props.get(INT_OR_STRING):
                field.type_name = f".{PACKAGE}.{self._message(props, False)}"
            else:
                field.type_name = _MESSAGES[kind or "dyn"][0]
        return field
