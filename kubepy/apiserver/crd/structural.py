"""A definition's JSON schema as a tree that pruning, defaulting and validation walk. Pure.

    {"type": "object", "properties": {"size": {"type": "integer", "default": 1, "maximum": 9}}}
        Schema(type="object", has_defaults=True, properties={
            "size": Schema(type="integer", default=1, limits=Limits(maximum=9))})

Words for people (titles, descriptions, examples) are left out. Equal leaves are one node, however
often they stand in the schema: most of a large one are plain strings.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from kubepy.api.apiextensions.v1 import ValidationRule
from kubepy.meta import goregex

Props = dict[str, Any]  # a schema as plain JSON
FORMATS = frozenset(  # those that strings are checked against; all others mean nothing
    {
        "bsonobjectid", "uri", "email", "hostname", "ipv4", "ipv6", "cidr", "mac", "uuid",
        "uuid3", "uuid4", "uuid5", "isbn", "isbn10", "isbn13", "creditcard", "ssn", "hexcolor",
        "rgbcolor", "byte", "password", "date", "duration", "datetime",
        "k8s-short-name", "k8s-long-name",
    }
)  # fmt: skip
NUMBER_FORMATS = frozenset({"int32", "int64", "float", "float32", "double", "float64"})
PRESERVE = "x-kubernetes-preserve-unknown-fields"
EMBEDDED = "x-kubernetes-embedded-resource"
INT_OR_STRING = "x-kubernetes-int-or-string"
LIST_TYPE = "x-kubernetes-list-type"
LIST_MAP_KEYS = "x-kubernetes-list-map-keys"
MAP_TYPE = "x-kubernetes-map-type"
RULES = "x-kubernetes-validations"
FOR_PEOPLE = frozenset({"description", "title", "example", "externalDocs"})


class Limits(Struct, frozen=True, gc=False, kw_only=True):
    """What a value may be at most and at least."""

    maximum: float | None = None
    minimum: float | None = None
    exclusive_maximum: bool = False
    exclusive_minimum: bool = False
    multiple_of: float | None = None
    max_length: int | None = None
    min_length: int | None = None
    pattern: str = ""
    matcher: Any = None
    max_items: int | None = None
    min_items: int | None = None
    max_properties: int | None = None
    min_properties: int | None = None


class Schema(Struct, frozen=True, gc=False, kw_only=True):
    """One node. `types` is empty where any type will do."""

    types: tuple[str, ...] = ()
    format: str = ""
    nullable: bool = False
    properties: dict[str, Schema] = {}
    items: Schema | None = None
    additional: Schema | bool | None = None
    preserve: bool = False
    embedded: bool = False
    int_or_string: bool = False
    list_type: str = ""
    map_keys: tuple[str, ...] = ()
    map_type: str = ""
    default: Any = UNSET
    required: tuple[str, ...] = ()
    enum: tuple[Any, ...] = ()
    limits: Limits | None = None
    all_of: tuple[Schema, ...] = ()
    any_of: tuple[Schema, ...] = ()
    one_of: tuple[Schema, ...] = ()
    not_: Schema | None = None
    rules: tuple[ValidationRule, ...] = ()
    simple: Any = None
    """The Python type of the values that fit, where nothing else is asked of them."""

    # Whether anything of the sort is here or below: what has none need not be walked.
    has_defaults: bool = False
    has_keyed_lists: bool = False
    has_embedded: bool = False
    has_rules: bool = False

    @property
    def type(self) -> str:
        """The type that the definition names."""
        return self.types[0] if len(self.types) == 1 else ""

    def child(self, name: str) -> Schema | None:
        """The schema of a field of an object; None if nothing is known about it."""
        found = self.properties.get(name)
        if found is None and isinstance(self.additional, Schema):
            return self.additional
        return found


def compile_schema(props: Props) -> Schema:
    """The tree of a definition's schema, which is known to be a valid one."""
    return _Compiler().node(props)


class _Compiler:
    def __init__(self) -> None:
        self._leaves: dict[bytes, Schema] = {}

    def node(self, props: Props) -> Schema:
        if "properties" in props or "items" in props or "additionalProperties" in props:
            return self._build(props)
        key = msgspec.json.encode([each for each in props.items() if each[0] not in FOR_PEOPLE])
        found = self._leaves.get(key)
        if found is None:
            found = self._leaves[key] = self._build(props)
        return found

    def _build(self, props: Props) -> Schema:
        properties = {key: self.node(each) for key, each in props.get("properties", {}).items()}
        items = props.get("items")
        items = self.node(items) if isinstance(items, dict) else None
        additional = props.get("additionalProperties")
        if isinstance(additional, dict):
            additional = self.node(additional)
        below = [*properties.values(), *(s for s in (items, additional) if isinstance(s, Schema))]
        default = props.get("default", UNSET)
        list_type = props.get(LIST_TYPE, "")
        rules = tuple(msgspec.convert(rule, ValidationRule) for rule in props.get(RULES, ()))
        embedded = props.get(EMBEDDED, False)
        types, limits = _types(props), _limits(props)
        judged = {"enum", "allOf", "anyOf", "oneOf", "not", RULES} & props.keys()
        plain = limits is None and not judged and not _format(props)
        return Schema(
            simple=_SIMPLE.get(types) if plain else None,
            types=types,
            format=_format(props),
            nullable=props.get("nullable", False),
            properties=properties,
            items=items,
            additional=additional,
            preserve=bool(props.get(PRESERVE)),
            embedded=embedded,
            int_or_string=props.get(INT_OR_STRING, False),
            list_type=list_type,
            map_keys=tuple(props.get(LIST_MAP_KEYS, ())),
            map_type=props.get(MAP_TYPE, ""),
            default=default,
            required=tuple(props.get("required", ())),
            enum=tuple(props.get("enum", ())),
            limits=limits,
            all_of=self._nodes(props, "allOf"),
            any_of=self._nodes(props, "anyOf"),
            one_of=self._nodes(props, "oneOf"),
            not_=self.node(props["not"]) if "not" in props else None,
            rules=rules,
            has_defaults=default is not UNSET or any(s.has_defaults for s in below),
            has_keyed_lists=list_type in ("set", "map") or any(s.has_keyed_lists for s in below),
            has_embedded=embedded or any(s.has_embedded for s in below),
            has_rules=bool(rules) or any(s.has_rules for s in below),
        )

    def _nodes(self, props: Props, key: str) -> tuple[Schema, ...]:
        return tuple(self.node(each) for each in props.get(key, ()))


_SIMPLE: dict[tuple[str, ...], Any] = {("string",): str, ("boolean",): bool}


def _types(props: Props) -> tuple[str, ...]:
    if props.get(INT_OR_STRING):
        return ("integer", "string")
    return (props["type"],) if props.get("type") else ()


def _format(props: Props) -> str:
    found: str = props.get("format", "")
    if found in NUMBER_FORMATS:
        return found if props.get("type") in ("integer", "number") else ""
    return found if found in FORMATS or found.replace("-", "") in FORMATS else ""


def _limits(props: Props) -> Limits | None:
    pattern = props.get("pattern", "")
    found = Limits(
        maximum=number(props.get("maximum")),
        minimum=number(props.get("minimum")),
        exclusive_maximum=props.get("exclusiveMaximum", False),
        exclusive_minimum=props.get("exclusiveMinimum", False),
        multiple_of=number(props.get("multipleOf")),
        max_length=props.get("maxLength"),
        min_length=props.get("minLength"),
        pattern=pattern,
        matcher=goregex.compile(pattern) if pattern else None,
        max_items=props.get("maxItems"),
        min_items=props.get("minItems"),
        max_properties=props.get("maxProperties"),
        min_properties=props.get("minProperties"),
    )
    return None if found == _NO_LIMITS else found


_NO_LIMITS = Limits()


def number(value: float | None) -> float | None:
    """A number as Go prints it: 10, and not 10.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


__all__ = ["Limits", "Props", "Schema", "UnsetType", "compile_schema", "number"]
