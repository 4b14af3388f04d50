"""What a definition's schema may say, keyword by keyword. Pure.

Structural rules, defaults and keywords are complaints of their own; CEL rules are compiled only
where everything at and below them is sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kubepy.apiserver.crd.definition import celrules, defaults, structure
from kubepy.apiserver.crd.definition.celrules import Context, Costs
from kubepy.apiserver.crd.definition.fieldpaths import BadPath, resolve
from kubepy.apiserver.crd.structural import (
    EMBEDDED,
    LIST_MAP_KEYS,
    LIST_TYPE,
    MAP_TYPE,
    PRESERVE,
    RULES,
    Props,
    compile_schema,
)
from kubepy.meta.errors import FieldError, forbidden, invalid, not_supported, required

TYPES = ("array", "boolean", "integer", "number", "object", "string")
META = ("metadata", "kind", "apiVersion")
REASONS = (
    "FieldValueDuplicate",
    "FieldValueForbidden",
    "FieldValueInvalid",
    "FieldValueRequired",
)
# What may stand at the root beside a status subresource, by the names that the message has.
AT_ROOT = {
    "description": "Description", "type": "Type", "format": "Format", "title": "Title",
    "maximum": "Maximum", "exclusiveMaximum": "ExclusiveMaximum", "minimum": "Minimum",
    "exclusiveMinimum": "ExclusiveMinimum", "maxLength": "MaxLength", "minLength": "MinLength",
    "pattern": "Pattern", "maxItems": "MaxItems", "minItems": "MinItems",
    "uniqueItems": "UniqueItems", "multipleOf": "MultipleOf", "required": "Required",
    "items": "Items", "properties": "Properties", "externalDocs": "ExternalDocs",
    "example": "Example", PRESERVE: "XPreserveUnknownFields", RULES: "XValidations",
}  # fmt: skip
UNSUPPORTED = ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")


class Place(Struct, frozen=True):
    """Where in a schema one looks, as far as it matters for what may stand there."""

    inside_meta: bool = False
    no_defaults: str | None = None  # why there may be none here
    uncorrelated: str | None = None  # the first ancestor whose old value cannot be told


class Found:
    """Complaints about the schema, and apart from them those about its CEL rules."""

    def __init__(self) -> None:
        self.schema: list[FieldError] = []
        self.cel: list[FieldError] = []

    def add(self, other: Found) -> None:
        self.schema += other.schema
        self.cel += other.cel


def validate(
    schema: Props, path: str, *, has_status: bool, structural: bool, known_rules: frozenset[str]
) -> list[FieldError]:
    """Everything wrong with a version's schema. `structural`: it must be; `known_rules`: rules that
    stand in the stored definition already are not judged by their cost again."""
    errors = list(_root(schema, path, has_status))
    context = None
    if structural:
        problems = structure.violations(schema, path)
        if not problems:
            problems = list(
                defaults.violations(replace(compile_schema(schema), embedded=True), path)
            )
        if problems:
            errors += problems
        else:
            context = Context.at_root(schema, Costs(known_rules))
    found = _node(schema, path, Place(), context, is_root=True)
    errors += found.schema + found.cel
    if context is not None:
        errors += context.costs.total_errors(path)
    return errors


def _root(schema: Props, path: str, has_status: bool) -> Iterator[FieldError]:
    if has_status:
        type_ = schema.get("type", "")
        if type_ not in ("", "object"):
            why = (
                'only "object" is allowed as the type at the root of the schema if the status '
                "subresource is enabled"
            )
            yield invalid(f"{path}.type", type_, why)
        elif any(key not in AT_ROOT for key in schema):
            allowed = " ".join(AT_ROOT.values())
            why = (
                f"only [{allowed}] fields are allowed at the root of the schema if the status "
                "subresource is enabled"
            )
            yield invalid(path, schema, why)
    if schema.get("nullable"):
        yield forbidden(f"{path}.nullable", "nullable cannot be true at the root")


def _node(
    s: Props, path: str, place: Place, context: Context | None, *, is_root: bool = False
) -> Found:
    found = Found()
    found.schema += _plain(s, path, place)
    for inner, where, inside, below in _children(s, path, place, context, is_root):
        found.add(_node(inner, where, inside, below))
    found.schema += _extensions(s, path)
    found.schema += _list_map(s, path)
    found.schema += _rule_texts(s, path)
    if s.get(RULES) and not found.schema and context is not None:
        found.cel += celrules.validate(s, path, context, place.uncorrelated)
    return found


def _plain(s: Props, path: str, place: Place) -> Iterator[FieldError]:
    type_ = s.get("type", "")
    if type_ and type_ not in TYPES:
        yield not_supported(f"{path}.type", type_, TYPES)
    if "default" in s and place.no_defaults is not None:
        yield forbidden(f"{path}.default", f"must not be set {place.no_defaults}".rstrip())
    for key in UNSUPPORTED:
        if s.get(key) not in (None, "", {}):
            yield forbidden(f"{path}.{key}", f"{key} is not supported")
    if type_ == "null":
        why = "type cannot be set to null, use nullable as an alternative"
        yield forbidden(f"{path}.type", why)
    if isinstance(s.get("items"), list):
        yield forbidden(f"{path}.items", "items must be a schema object and not an array")
    if place.inside_meta and s.get(EMBEDDED):
        yield forbidden(f"{path}.{EMBEDDED}", "must not be used inside of resource meta")
    if s.get("uniqueItems"):
        why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden(f"{path}.uniqueItems", why)
    additional = s.get("additionalProperties")
    if additional not in (None, True) and s.get("properties"):
        why = "additionalProperties and properties are mutual exclusive"
        yield forbidden(f"{path}.additionalProperties", why)


def _children(
    s: Props, path: str, place: Place, context: Context | None, is_root: bool
) -> Iterator[tuple[Props, str, Place, Context | None]]:
    additional = s.get("additionalProperties")
    if isinstance(additional, dict):
        inside = place
        if place.inside_meta:
            why = "inside additionalProperties applying to object metadata"
            inside = replace(place, no_defaults=why)
        below = context and context.values(s)
        yield additional, f"{path}.additionalProperties", inside, below
    for key, inner in s.get("properties", {}).items():
        inside = place
        if s.get(MAP_TYPE) == "atomic":
            inside = replace(inside, uncorrelated=inside.uncorrelated or path)
        if (is_root or s.get(EMBEDDED)) and key in META:
            inside = replace(inside, inside_meta=True)
            if is_root:
                inside = replace(inside, no_defaults=f"in top-level {key}")
        below = context and context.field()
        yield inner, f"{path}.properties[{key}]", inside, below
    if "not" in s:
        yield s["not"], f"{path}.not", place, None
    for key in ("allOf", "oneOf", "anyOf"):
        for index, inner in enumerate(s.get(key, ())):
            yield inner, f"{path}.{key}[{index}]", place, None
    items = s.get("items")
    if isinstance(items, dict):
        inside = place
        if s.get(LIST_TYPE) != "map":
            inside = replace(place, uncorrelated=place.uncorrelated or path)
        yield items, f"{path}.items", inside, context and context.elements(s)


def _extensions(s: Props, path: str) -> Iterator[FieldError]:
    type_ = s.get("type", "")
    if s.get(PRESERVE) is False:
        yield invalid(f"{path}.{PRESERVE}", False, "must be true or undefined")
    for key, wanted, choices in (
        (MAP_TYPE, "object", ("atomic", "granular")),
        (LIST_TYPE, "array", ("atomic", "set", "map")),
    ):
        value = s.get(key)
        if value is None:
            continue
        if type_ != wanted:
            why = f"must be {wanted} if {key} is specified"
            where = f"{path}.type"
            yield invalid(where, type_, why) if type_ else required(where, why)
        elif value == "set" and isinstance(s.get("items"), dict):
            yield from _set_items(s["items"], f"{path}.items")
        if value not in choices:
            yield not_supported(f"{path}.{key}", value, choices)


def _set_items(items: Props, path: str) -> Iterator[FieldError]:
    why = f"must be atomic as item of a list with {LIST_TYPE}=set"
    if items.get("type") == "array" and items.get(LIST_TYPE) not in (None, "atomic"):
        yield invalid(f"{path}.{LIST_TYPE}", items[LIST_TYPE], why)
    if items.get("type") == "object" and items.get(MAP_TYPE) != "atomic":
        yield invalid(f"{path}.{MAP_TYPE}", items.get(LIST_TYPE), why)


def _list_map(s: Props, path: str) -> Iterator[FieldError]:
    keys, list_type, items = s.get(LIST_MAP_KEYS, []), s.get(LIST_TYPE), s.get("items")
    if keys and list_type != "map":
        where, why = f"{path}.{LIST_TYPE}", f"must be map if {LIST_MAP_KEYS} is non-empty"
        yield required(where, why) if list_type is None else invalid(where, list_type, why)
    if list_type == "map":
        yield from _map_of(keys, items, path)
    if list_type in ("set", "map") and isinstance(items, dict):
        if items.get("nullable"):
            why = f"cannot be nullable when {LIST_TYPE} is {list_type}"
            yield forbidden(f"{path}.items.nullable", why)
        if list_type == "map":
            yield from _keys_given(keys, items, f"{path}.items")


def _map_of(keys: list[str], items: Any, path: str) -> Iterator[FieldError]:
    where = f"{path}.{LIST_MAP_KEYS}"
    if not keys:
        yield required(where, f"must not be empty if {LIST_TYPE} is map")
    if items is None:
        yield required(f"{path}.items", f"must have a schema if {LIST_TYPE} is map")
        return
    if not isinstance(items, dict):
        why = f"must only have a single schema if {LIST_TYPE} is map"
        yield invalid(f"{path}.items", items, why)
        return
    if items.get("type") != "object":
        why = f"must be object if parent array's {LIST_TYPE} is map"
        yield invalid(f"{path}.items.type", items.get("type", ""), why)
        return
    for index, key in enumerate(keys):
        known = items.get("properties", {}).get(key)
        if known is None:
            yield invalid(where, keys, "entries must all be names of item properties")
        elif known.get("type") in ("array", "object"):
            why = f"must be a scalar type if parent array's {LIST_TYPE} is map"
            yield invalid(f"{path}.items.properties[{key}].type", "object", why)
        if key in keys[:index]:
            yield invalid(where, keys, "must not contain duplicate entries")


def _keys_given(keys: list[str], items: Props, path: str) -> Iterator[FieldError]:
    mine = f"this property is in {LIST_MAP_KEYS}, so it"
    for key in keys:
        known = items.get("properties", {}).get(key)
        if known is None:
            continue
        where = f"{path}.properties[{key}]"
        if key not in items.get("required", ()) and "default" not in known:
            yield required(
                f"{where}.default", f"{mine} must have a default or be a required property"
            )
        if known.get("nullable"):
            yield forbidden(f"{where}.nullable", f"{mine} cannot be nullable")


def _rule_texts(s: Props, path: str) -> Iterator[FieldError]:
    """What is wrong with the texts of CEL rules, before they are compiled."""
    for index, rule in enumerate(s.get(RULES, ())):
        where = f"{path}.{RULES}[{index}]"
        text, message = rule.get("rule", ""), rule.get("message", "")
        if not text.strip():
            yield required(f"{where}.rule", "rule is not specified")
        elif message and not message.strip():
            yield invalid(f"{where}.message", message, "message must be non-empty if specified")
        elif _has_newlines(message.strip()):
            yield invalid(f"{where}.message", message, "message must not contain line breaks")
        elif _has_newlines(text.strip()) and not message.strip():
            yield required(
                f"{where}.message", "message must be specified if rule contains line breaks"
            )
        expression = rule.get("messageExpression", "")
        if expression and not expression.strip():
            yield required(
                f"{where}.messageExpression", "messageExpression must be non-empty if specified"
            )
        reason = rule.get("reason")
        if reason is not None and reason not in REASONS:
            yield not_supported(f"{where}.reason", reason, REASONS)
        yield from _field_path(s, rule.get("fieldPath", ""), f"{where}.fieldPath")


def _field_path(s: Props, text: str, path: str) -> Iterator[FieldError]:
    if not text:
        return
    if not text.strip():
        yield invalid(path, text, "must be non-empty if specified")
    if _has_newlines(text):
        yield invalid(path, text, "must not contain line breaks")
    try:
        resolve(text, s)
    except BadPath:
        yield invalid(path, text, "must be a valid path")


def _has_newlines(text: str) -> bool:
    return "\n" in text or "\r" in text
