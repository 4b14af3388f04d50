"""The CEL rules of a schema (x-kubernetes-validations), evaluated over an object.

Compiled once a version. A rule that does not look at oldSelf and stands on a value that is as it
was cannot refuse an update ("ratcheting"); it warns.
"""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import Any

from msgspec import UNSET, Struct

from kubepy.api.apiextensions.v1 import ValidationRule
from kubepy.api.types import Duration, Time
from kubepy.apiserver.cel import environment
from kubepy.apiserver.cel.budget import Budget
from kubepy.apiserver.cel.environment import CALL_LIMIT, Expression, Failed
from kubepy.apiserver.cel.values import SECOND, Timestamp
from kubepy.apiserver.cel.values import Duration as CelDuration
from kubepy.apiserver.crd import values
from kubepy.apiserver.crd.celtypes import escaped
from kubepy.apiserver.crd.definition.fieldpaths import BadPath, tokens
from kubepy.apiserver.crd.listtypes import key_of
from kubepy.apiserver.crd.structural import Schema
from kubepy.meta import errors
from kubepy.meta.errors import OMITTED, FieldError, duplicate, forbidden, invalid, required
from kubepy.meta.gotext import quote, show

MESSAGE_BYTES = 5 << 10
NO_BUDGET = "running out of cost budget, no further validation rules will be run"
Document = dict[str, Any]


class Rule(Struct, frozen=True):
    """One rule, ready to be evaluated."""

    source: ValidationRule
    program: Expression
    message: Expression | None
    uses_old: bool
    field: str  # what the path of a complaint ends with

    @property
    def optional_old(self) -> bool:
        return bool(self.source.optionalOldSelf)

    @property
    def words(self) -> str:
        return (self.source.message or self.source.rule).strip()


class Node(Struct, frozen=True):
    """The rules at one place of a schema and below."""

    schema: Schema
    rules: tuple[Rule, ...]
    properties: dict[str, Node]
    items: Node | None
    additional: Node | None
    plain: bool  # whether values are to CEL what they are in JSON


def compile_rules(schema: Schema) -> Node:
    """The rules of a schema that has some. Those that do not compile are those of a definition that
    another server let in: they are left out."""
    below = {k: compile_rules(s) for k, s in schema.properties.items() if s.has_rules}
    items, additional = schema.items, schema.additional
    return Node(
        schema=schema,
        rules=tuple(found for rule in schema.rules if (found := _compiled(rule)) is not None),
        properties=below,
        items=compile_rules(items) if items is not None and items.has_rules else None,
        additional=(
            compile_rules(additional)
            if isinstance(additional, Schema) and additional.has_rules
            else None
        ),
        plain=is_plain(schema),
    )


def _compiled(rule: ValidationRule) -> Rule | None:
    optional = bool(rule.optionalOldSelf)
    uses_old = environment.uses(rule.rule, "oldSelf")

    def program(text: str) -> Expression:
        wrapped = optional and environment.uses(text, "oldSelf")
        return environment.compile_expression(
            environment.with_optional_old(text) if wrapped else text
        )

    try:
        message = program(rule.messageExpression) if rule.messageExpression.strip() else None
        return Rule(rule, program(rule.rule), message, uses_old, _field(rule.fieldPath))
    except environment.CompileError:
        return None


def _field(path: str) -> str:
    """`.a['b']` as field errors write it."""
    try:
        parts = [each.strip("'") for each in tokens(path.strip()) if each not in ".[]"]
    except BadPath:
        return ""
    return ".".join(parts)


def is_plain(schema: Schema) -> bool:
    """Whether CEL may see the values of a schema as they are in JSON."""
    if schema.type == "number" or schema.format in ("byte", "date", "date-time", "duration"):
        return False
    if any(escaped(name) != name for name in schema.properties):
        return False
    below = [*schema.properties.values(), schema.items, schema.additional]
    return all(is_plain(each) for each in below if isinstance(each, Schema))


def seen(value: Any, schema: Schema) -> Any:
    """A value as CEL sees it: other types for some formats, other names for some fields."""
    if isinstance(value, dict):
        found = {}
        for key, inner in value.items():
            name = escaped(key) if key in schema.properties else key
            known = schema.child(key)
            if name is not None:
                found[name] = inner if known is None else seen(inner, known)
        return found
    if isinstance(value, list) and schema.items is not None:
        return [seen(each, schema.items) for each in value]
    if schema.type == "number" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and schema.format:
        return _typed(value, schema.format)
    return value


def _typed(text: str, format_: str) -> Any:
    try:
        match format_:
            case "byte":
                return base64.b64decode(text, validate=True)
            case "date":
                return Timestamp(int(Time.from_wire(f"{text}T00:00:00Z").unix()) * SECOND)
            case "date-time":
                return Timestamp(int(Time.from_wire(text).unix()) * SECOND)
            case "duration":
                return CelDuration(Duration.from_wire(text).nanoseconds())
    except (ValueError, binascii.Error):
        pass  # the schema has complained already
    return text


class Found:
    """What one pass over an object came to, and what it has cost."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.warnings: list[FieldError] = []
        self.budget = Budget()


class _Over(Exception):
    """No further rules are asked."""


class Rules:
    """All rules of a version's schema."""

    def __init__(self, schema: Schema) -> None:
        self._root = compile_rules(schema)

    def check(self, new: Document, old: Document | None) -> Found:
        """What is wrong with an object, or with its change. Raises Lengthy, where it may."""
        found = Found()
        with suppress(_Over):  # an error says so
            self._visit(self._root, new, UNSET if old is None else old, "", False, found)
        return found

    def _visit(
        self, node: Node, value: Any, old: Any, path: str, unchanged: bool, found: Found
    ) -> None:
        """`unchanged`: the value is in something that is as it was, but cannot be told apart."""
        if value is None:
            return
        if old is not UNSET:
            unchanged = bool(node.rules) and values.same(value, old)
        if node.rules:
            self._rules(node, value, old, path, unchanged, found)
        if isinstance(value, dict):
            tells = node.schema.map_type != "atomic" and isinstance(old, dict)
            for key in sorted(value):
                below = node.properties.get(key)
                where = f"{path}.{key}" if path else key
                if below is None and node.additional is not None:
                    below, where = node.additional, f"{path}[{key}]"
                if below is not None:
                    before = old.get(key, UNSET) if tells else UNSET
                    self._visit(below, value[key], before, where, unchanged, found)
        elif isinstance(value, list) and node.items is not None:
            earlier = _earlier(node.schema, old)
            for index, each in enumerate(value):
                before = earlier.get(show(key_of(each, node.schema)), UNSET) if earlier else UNSET
                self._visit(node.items, each, before, f"{path}[{index}]", unchanged, found)

    def _rules(
        self, node: Node, value: Any, old: Any, path: str, unchanged: bool, found: Found
    ) -> None:
        shown = value if node.plain else seen(value, node.schema)
        known: Document = {"self": shown}
        if old is not UNSET:
            known["oldSelf"] = old if node.plain else seen(old, node.schema)
        optional = {
            "self": shown,
            environment.OLD_VALUE: known.get("oldSelf"),
            f"has{environment.OLD_VALUE}": "oldSelf" in known,
        }
        where = path or values.NOWHERE
        type_ = node.schema.type
        for rule in node.rules:
            if rule.uses_old and old is UNSET and not rule.optional_old:
                continue  # there is no transition to judge
            given = optional if rule.optional_old else known
            result = _evaluated(rule, given, where, type_, found)
            if result is True:
                continue
            kept = found.warnings if unchanged and not rule.uses_old else found.errors
            if isinstance(result, Failed):
                found.errors.append(invalid(where, type_, _failed(result.message, rule)))
                continue
            try:
                detail = _message(rule, given, found.budget)
            except _Unsaid as error:
                kept.append(invalid(_place(rule, path), type_, str(error)))
                raise _Over from None
            kept.append(_complaint(rule, detail, value, type_, path))


def _earlier(schema: Schema, old: Any) -> dict[str, Any]:
    """The old elements of a list by their keys; only lists that are maps have them."""
    if schema.list_type != "map" or not isinstance(old, list):
        return {}
    return {show(key_of(each, schema)): each for each in old}


def _evaluated(rule: Rule, known: Document, where: str, type_: str, found: Found) -> Any:
    """What a rule says. Raises _Over when it has cost too much."""
    budget = found.budget
    result, cost = rule.program.metered(known, min(CALL_LIMIT, budget.allowance))
    if not budget.pay(cost):
        found.errors.append(invalid(where, type_, f"validation failed due to {NO_BUDGET}"))
        raise _Over
    if isinstance(result, Failed) and result.message == environment.TOO_EXPENSIVE:
        why = (
            f"'{result.message}': no further validation rules will be run due to call cost "
            f"exceeds limit for rule: {rule.words}"
        )
        found.errors.append(invalid(where, type_, why))
        raise _Over
    return result


def _failed(message: str, rule: Rule) -> str:
    if message.startswith("no such overload"):
        return (
            f"'{message}': call arguments did not match a supported operator, function or macro "
            f"signature for rule: {rule.words}"
        )
    return f"{message} evaluating rule: {rule.words}"


def _place(rule: Rule, path: str) -> str:
    """Where a rule's complaint stands."""
    where = path
    if rule.field:
        where = f"{path}.{rule.field}" if path else rule.field
    return where or values.NOWHERE


def _complaint(rule: Rule, detail: str, value: Any, type_: str, path: str) -> FieldError:
    where = _place(rule, path)
    shown = OMITTED if type_ in ("object", "array") else value
    match rule.source.reason:
        case errors.FORBIDDEN:
            return forbidden(where, detail)
        case errors.REQUIRED:
            return required(where, detail)
        case errors.DUPLICATE:
            return duplicate(where, shown)
    return invalid(where, shown, detail)


class _Unsaid(Exception):
    """A message has cost too much; its text says so."""


def _message(rule: Rule, known: Document, budget: Budget) -> str:
    """What the rule says of a value that it refuses. Raises _Unsaid."""
    if rule.message is not None:
        text, cost = rule.message.metered(known, min(CALL_LIMIT, budget.allowance))
        if not budget.pay(cost):
            raise _Unsaid(f"messageExpression evaluation failed due to {NO_BUDGET}")
        if isinstance(text, Failed) and text.message == environment.TOO_EXPENSIVE:
            raise _Unsaid(
                "no further validation rules will be run due to call cost exceeds limit for "
                f"messageExpression: {quote(rule.source.messageExpression)}"
            )
        if isinstance(text, str) and (text := text.strip()):
            if len(text.encode()) <= MESSAGE_BYTES and "\n" not in text:
                return text
    source = rule.source
    return source.message.strip() if source.message else f"failed rule: {rule.words}"
