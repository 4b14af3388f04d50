"""What a rule may cost at most, before any object is seen. Pure.

The unit is about one step of evaluation. Sizes come from the schema (maxItems, maxProperties,
maxLength); where it sets none, as many as a request's 3 MiB can hold. The figures follow cel-go's
estimate for the operations that matter: loops multiply, texts cost by their length. What is not
known costs one step: a rule is rather let through than refused by mistake.
"""

from __future__ import annotations

from msgspec import Struct

from kubepy.apiserver.cel import environment
from kubepy.apiserver.cel.syntax import Call, Constant, Expr, Ident, List, Loop, Map, Select
from kubepy.apiserver.crd.celtypes import with_meta
from kubepy.apiserver.crd.structural import INT_OR_STRING, Props

REQUEST_BYTES = 3 << 20
PER_CHARACTER = 0.1
LIST, MAP, MESSAGE = 10, 30, 40  # to make one
BYTES_OF_A_CHARACTER = 4
TEXT_BYTES = {"date": 12, "date-time": 29, "duration": 78}
SCALAR_BYTES = {"string": 2, "integer": 1, "number": 1, "boolean": 4, "array": 2, "object": 2}
COMPARED = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"})
READ = frozenset({"startsWith", "endsWith"})  # cost by their argument
TEXTUAL = frozenset(
    {
        "replace", "split", "substring", "trim", "lowerAscii", "upperAscii", "indexOf",
        "lastIndexOf", "charAt", "find", "findAll", "join", "isSorted", "sum", "min", "max",
        "reverse", "format",
    }
)  # fmt: skip


class Value(Struct, frozen=True):
    """What is known of a part of an expression: the schema of its value, and its greatest size."""

    schema: Props | None = None
    size: float = 1.0


UNKNOWN = Value()


def least_bytes(schema: Props) -> int:
    """As few bytes as a value of a schema takes in JSON."""
    size = SCALAR_BYTES.get(schema.get("type", ""), 1)
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name in properties and "default" not in properties[name]:
                size += len(name) + 4 + least_bytes(properties[name])
    return size


def most_of(schema: Props) -> float:
    """How many values of a schema fit into one request."""
    return float(REQUEST_BYTES // (least_bytes(schema) + 1))


def value_of(schema: Props | None) -> Value:
    if schema is None or schema.get(INT_OR_STRING):
        return Value(schema)
    match schema.get("type", ""):
        case "string":
            return Value(schema, _text_size(schema))
        case "array":
            items = schema.get("items")
            inner = items if isinstance(items, dict) else {}
            return Value(schema, float(schema.get("maxItems", most_of(inner))))
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            inner = schema["additionalProperties"]
            most = REQUEST_BYTES // (least_bytes(inner) + 6)
            return Value(schema, float(schema.get("maxProperties", most)))
    return Value(schema)


def _text_size(schema: Props) -> float:
    if "maxLength" in schema:
        return float(schema["maxLength"] * BYTES_OF_A_CHARACTER)
    if schema.get("enum"):
        return float(max(len(str(each)) for each in schema["enum"]))
    return float(TEXT_BYTES.get(schema.get("format", ""), REQUEST_BYTES - 2))


def estimate(expression: str, schema: Props) -> float:
    """The greatest cost of one evaluation, where `self` has the schema."""
    whole = with_meta(schema) if schema.get("type") == "object" else schema
    this = value_of(whole)
    return cost_of(expression, {"self": this, "oldSelf": this, environment.OLD_VALUE: this})


def cost_of(expression: str, known: dict[str, Value]) -> float:
    """The greatest cost of one evaluation over such variables."""
    cost, _ = _cost(environment.tree(expression), known)
    return cost


def _cost(expr: Expr, known: dict[str, Value]) -> tuple[float, Value]:
    match expr:
        case Constant(value):
            return 0.0, Value(None, float(len(value) if isinstance(value, str | bytes) else 1) or 1)
        case Ident(name):
            return 1.0, known.get(name, UNKNOWN)
        case Select():
            cost, operand = _cost(expr.operand, known)
            return cost + 1, value_of(_field(operand.schema, expr.field))
        case List(elements):
            cost = sum(_cost(each, known)[0] for each in elements)
            return LIST + cost, Value(None, float(len(elements)))
        case Map(entries, message):
            cost = sum(
                _cost(entry.value, known)[0] + _cost(entry.key, known)[0] for entry in entries
            )
            made = MESSAGE if message else MAP
            return made + cost, Value(None, float(len(entries)))
        case Loop():
            return _loop(expr, known)
        case Call():
            return _call(expr, known)
    return 1.0, UNKNOWN


def _field(schema: Props | None, name: str) -> Props | None:
    if schema is None:
        return None
    found: Props | None = schema.get("properties", {}).get(name)
    additional = schema.get("additionalProperties")
    return found or (additional if isinstance(additional, dict) else None)


def _elements(schema: Props | None) -> Props | None:
    if schema is None:
        return None
    if schema.get("type") == "array":
        items = schema.get("items")
        return items if isinstance(items, dict) else None
    names: Props = schema.get("propertyNames", {"type": "string"})
    return names  # the keys of a map


def _held(schema: Props | None) -> Props | None:
    """What an index leads to: an element, or the value of a key."""
    additional = (schema or {}).get("additionalProperties")
    return additional if isinstance(additional, dict) else _elements(schema)


def _loop(loop: Loop, known: dict[str, Value]) -> tuple[float, Value]:
    range_cost, over = _cost(loop.range, known)
    init_cost, first = _cost(loop.start, known)
    inside = {**known, loop.variable: value_of(_elements(over.schema)), loop.accumulator: first}
    if loop.second:
        inside |= {loop.variable: UNKNOWN, loop.second: value_of(_held(over.schema))}
    condition, _ = _cost(loop.condition, inside)
    step, _ = _cost(loop.step, inside)
    result, _ = _cost(loop.result, inside)
    cost = range_cost + init_cost + over.size * (condition + step) + result
    return cost, Value(None, over.size)


def _call(call: Call, known: dict[str, Value]) -> tuple[float, Value]:
    given = call.all_args
    parts = [_cost(each, known) for each in given]
    cost = sum(part for part, _ in parts)
    values = [value for _, value in parts]
    name = call.function
    if name in ("_&&_", "_||_"):
        return cost, UNKNOWN
    if name == "_?_:_":
        condition, yes, no = (part for part, _ in parts)
        return condition + max(yes, no), max(values[1:], key=lambda value: value.size)
    if name == "_[_]":
        return cost + 1, value_of(_held(values[0].schema))
    return cost + max(1.0, _own_cost(name, values)), _result(name, values)


def _own_cost(name: str, values: list[Value]) -> float:
    sizes = [value.size for value in values] or [1.0]
    if name in COMPARED:
        return min(sizes) * PER_CHARACTER
    if name in READ:
        return sizes[-1] * PER_CHARACTER
    if name in TEXTUAL:
        return sizes[0] * PER_CHARACTER
    match name:
        case "@in" | "_in_":
            is_list = (values[-1].schema or {}).get("type", "array") == "array"
            return sizes[-1] if is_list else 1.0
        case "contains":
            return sizes[0] * PER_CHARACTER * sizes[-1] * PER_CHARACTER
        case "matches":
            return (sizes[0] * PER_CHARACTER + 1) * max(1.0, sizes[-1] * 0.25)
        case "_+_":
            return sum(sizes) * PER_CHARACTER
    return 1.0


def _result(name: str, values: list[Value]) -> Value:
    if name == "_+_":
        return Value(None, sum(value.size for value in values))
    if name in TEXTUAL and name not in ("min", "max", "sum", "isSorted") and values:
        return Value(None, values[0].size)
    return UNKNOWN
