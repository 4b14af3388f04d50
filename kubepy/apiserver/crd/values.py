"""Whether a value fits a schema, in Kubernetes' words. Pure.

The rules and the messages are those of kube-openapi's validator, oddities included: a combination
that fails is reported without a path, beside the failures of the alternative that fitted best.

An update is judged by what it changes: whatever equals its old value is not looked at again, so
that a definition may become stricter than the objects that exist (`old`, "ratcheting"). Inside of
allOf, anyOf, oneOf and not there is no such correlation, as in Kubernetes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from kubepy.apiserver.crd import formats
from kubepy.apiserver.crd.listtypes import key_of
from kubepy.apiserver.crd.structural import Limits, Schema
from kubepy.meta.errors import (
    FieldError,
    invalid,
    not_supported,
    required,
    too_long,
    too_many,
    type_invalid,
)
from kubepy.meta.gotext import quote, show, verbatim

NOWHERE = "<nil>"
INT32, INT64 = 2**31, 2**63
SIMPLE_MATCHES = 7  # what `node` counts for a value that fits a schema of nothing but a type
FLOAT32_MOST = 3.4028234663852886e38


def validate(value: Any, schema: Schema, root: str = "", old: Any = UNSET) -> list[FieldError]:
    """What is wrong with a value. `root`: the path of it, which messages leave out."""
    check = _Check(root)
    check.node(value, schema, "", old)
    return check.errors


def same(one: Any, other: Any) -> bool:
    """Equality of JSON: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(v, other[k]) for k, v in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def json_type(value: Any) -> tuple[str, str]:
    """A value's type in JSON schema, and the format that Go's type stands for."""
    match value:
        case bool():
            return "boolean", ""
        case int():
            return "integer", "int64"
        case float():
            return "number", "float64"
        case str():
            return "string", ""
        case list():
            return "array", ""
        case _:
            return "object", ""


class _Check:
    """One pass. Each method answers how much fitted, by which the best of alternatives is found."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.errors: list[FieldError] = []

    def field(self, path: str) -> str:
        name = path.removeprefix(".")
        if not name:
            return self.root or NOWHERE
        return f"{self.root}.{name}" if self.root else name

    def wrong(self, path: str, value: Any, message: str) -> None:
        self.errors.append(invalid(self.field(path), value, message))

    def mismatch(self, path: str, wanted: str, found: str) -> None:
        message = f"{path} in body must be of type {wanted}: {quote(found)}"
        self.errors.append(type_invalid(self.field(path), found, message))

    def nameless(self, message: str) -> None:
        self.errors.append(invalid(self.root or NOWHERE, "", message))

    def node(self, value: Any, schema: Schema, path: str, old: Any = UNSET) -> int:
        if value is None:
            matches = self.null(schema, path)
            return matches + (self.enumerated(value, schema, path) if schema.enum else 0)
        matches = 1
        if schema.types or schema.format:
            matches += 1 + self.typed(value, schema, path)
        matches += 2 + self.combined(value, schema, path)
        kind = type(value)
        if kind is str:
            matches += 1 + self.text(value, schema, path)
        elif kind is int or kind is float:
            matches += 2 + self.number(value, schema, path)
        elif kind is list:
            matches += 1 + self.array(value, schema, path, old)
        if schema.enum:
            matches += self.enumerated(value, schema, path)
        if kind is dict:
            matches += 1 + self.object(value, schema, path, old)
        return matches

    def null(self, schema: Schema, path: str) -> int:
        if schema.types and not schema.nullable:
            self.mismatch(path, ",".join(schema.types), "null")
            return 0
        return 1

    def typed(self, value: Any, schema: Schema, path: str) -> int:
        found, format_ = json_type(value)
        types = schema.types
        whole = found == "number" and value.is_integer() and "integer" in types
        fits = found in types or whole or (found == "integer" and "number" in types)
        textual = found in ("string", "array")
        if schema.format and not textual and not fits and format_ != schema.format:
            self.mismatch(path, schema.format, format_)
            return 0
        if schema.format and textual and not {"number", "integer"} & set(types):
            return 1  # the format decides
        if not fits and types:
            self.mismatch(path, ",".join(types), found)
            return 0
        return 1

    def alternatives(
        self, value: Any, schemas: tuple[Schema, ...], path: str
    ) -> list[tuple[int, list[FieldError]]]:
        found = []
        for schema in schemas:
            other = _Check(self.root)
            matches = other.node(value, schema, path)
            found.append((matches, other.errors))
        return found

    def combined(self, value: Any, schema: Schema, path: str) -> int:
        matches = 0
        if schema.any_of:
            results = self.alternatives(value, schema.any_of, path)
            if all(errors for _, errors in results):
                self.nameless(f"{quote(path)} must validate at least one schema (anyOf)")
                self.errors += _best(results)
        if schema.one_of:
            results = self.alternatives(value, schema.one_of, path)
            valid = sum(1 for _, errors in results if not errors)
            if valid != 1:
                found = f"Found {valid} valid alternatives" if valid else "Found none valid"
                self.nameless(
                    f"{quote(path)} must validate one and only one schema (oneOf). {found}"
                )
                if not valid:
                    self.errors += _best(results)
        if schema.all_of:
            results = self.alternatives(value, schema.all_of, path)
            for count, errors in results:
                matches += count
                self.errors += errors
            valid = sum(1 for _, errors in results if not errors)
            if valid != len(results):
                none = "" if valid else ". None validated"
                self.nameless(f"{quote(path)} must validate all the schemas (allOf){none}")
        if schema.not_ is not None:
            ((_, errors),) = self.alternatives(value, (schema.not_,), path)
            if not errors:
                self.nameless(f"{quote(path)} must not validate the schema (not)")
        return matches

    def text(self, value: str, schema: Schema, path: str) -> int:
        limits = schema.limits
        if limits is not None:
            if limits.max_length is not None and len(value) > limits.max_length:
                self.errors.append(too_long(self.field(path), value, limits.max_length))
            elif limits.min_length is not None and len(value) < limits.min_length:
                least = f"{path} in body should be at least {limits.min_length} chars long"
                self.wrong(path, value, least)
            elif limits.matcher is not None and not limits.matcher.search(value):
                self.wrong(path, value, f"{path} in body should match '{limits.pattern}'")
        if schema.format and not formats.fits(schema.format, value):
            message = f"{path} in body must be of type {schema.format}: {quote(value)}"
            self.errors.append(type_invalid(self.field(path), value, message))
        return 1

    def number(self, value: float, schema: Schema, path: str) -> int:
        if not _in_range(value, schema):
            kind = "integer" if schema.type == "integer" else "number"
            form = f"with format {schema.format}" if schema.format else "(default format)"
            self.nameless(f"Checked value must be of type {kind} {form} in {path}")
        limits = schema.limits
        if limits is not None:
            self.bounds(value, limits, path)
        return 1

    def bounds(self, value: float, limits: Limits, path: str) -> None:
        if limits.multiple_of is not None:
            self.multiple(value, limits.multiple_of, path)
        if limits.minimum is not None:
            least = int(limits.minimum) if isinstance(value, int) else limits.minimum
            if value <= least if limits.exclusive_minimum else value < least:
                how = "greater than" if limits.exclusive_minimum else "greater than or equal to"
                self.wrong(path, value, f"{path} in body should be {how} {verbatim(least)}")
        if limits.maximum is not None:
            most = int(limits.maximum) if isinstance(value, int) else limits.maximum
            if value >= most if limits.exclusive_maximum else value > most:
                how = "less than" if limits.exclusive_maximum else "less than or equal to"
                self.wrong(path, value, f"{path} in body should be {how} {verbatim(most)}")

    def multiple(self, value: float, factor: float, path: str) -> None:
        if isinstance(value, int):
            factor = int(factor)  # an integer is compared with an integer, whatever that makes
        if factor <= 0:
            shown = f"factor MultipleOf declared for {path} must be positive: {verbatim(factor)}"
            self.wrong(path, factor, shown)
            return
        times = value / factor if factor >= 1 else 1 / factor * value
        exact = value % factor == 0 if isinstance(value, int) else _is_whole(times)
        if not exact:
            self.wrong(path, value, f"{path} in body should be a multiple of {verbatim(factor)}")

    def array(self, value: list[Any], schema: Schema, path: str, old: Any) -> int:
        matches = 1
        items = schema.items
        if items is not None:
            earlier = _correlated(schema, old)
            for index, each in enumerate(value):
                matches += self.child(each, items, f"{path}[{index}]", earlier(each))
        limits = schema.limits
        if limits is not None:
            if limits.min_items is not None and len(value) < limits.min_items:
                least = f"{path} in body should have at least {limits.min_items} items"
                self.wrong(path, len(value), least)
            if limits.max_items is not None and len(value) > limits.max_items:
                self.errors.append(too_many(self.field(path), len(value), limits.max_items))
        return matches

    def enumerated(self, value: Any, schema: Schema, path: str) -> int:
        if any(same(value, each) for each in schema.enum):
            return 1
        choices = [each if isinstance(each, str) else show(each) for each in schema.enum]
        self.errors.append(not_supported(self.field(path), value, choices))
        return 0

    def object(self, value: dict[str, Any], schema: Schema, path: str, old: Any) -> int:
        limits = schema.limits
        if limits is not None:
            least, most = limits.min_properties, limits.max_properties
            if least is not None and len(value) < least:
                message = f"{path} in body should have at least {least} properties"
                self.wrong(path, len(value), message)
                return 0
            if most is not None and len(value) > most:
                self.errors.append(too_many(self.field(path), len(value), most))
                return 0
        matches = 0
        properties, additional = schema.properties, schema.additional
        others = additional if isinstance(additional, Schema) else None
        before = old if isinstance(old, dict) and schema.map_type != "atomic" else {}
        for key in sorted(value) if len(value) > 1 else value:
            known = properties.get(key) or others
            if known is not None:
                if type(value[key]) is known.simple:
                    matches += SIMPLE_MATCHES
                    continue
                where = f"{path}.{key}" if path else key
                matches += self.child(value[key], known, where, before.get(key, UNSET))
            elif additional is False:
                self.wrong(path, "", f"{path}.{key} in body is a forbidden property")
        for key in schema.required:
            if key not in value:
                self.errors.append(required(self.field(f"{path}.{key}")))
        return matches

    def child(self, value: Any, schema: Schema, path: str, old: Any) -> int:
        if old is not UNSET and same(value, old):
            return 1
        return self.node(value, schema, path, old)


def _best(results: list[tuple[int, list[FieldError]]]) -> list[FieldError]:
    """The failures of the alternative that fitted best, of several the first."""
    return max(results, key=lambda result: result[0])[1]


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) <= 1e-9 * max(1.0, abs(number))


def _in_range(value: float, schema: Schema) -> bool:
    if schema.type == "integer":
        if isinstance(value, float) and not value.is_integer():
            return False
        most = INT32 if schema.format == "int32" else INT64
        return -most <= value < most
    if schema.format in ("float", "float32"):
        return abs(value) <= FLOAT32_MOST
    return True


def _correlated(schema: Schema, old: Any) -> Callable[[Any], Any]:
    """Finds the old value of a list's element: only lists that are maps can tell."""
    if schema.list_type != "map" or not isinstance(old, list):
        return lambda _: UNSET
    by_key = {show(key_of(each, schema)): each for each in old}
    return lambda each: by_key.get(show(key_of(each, schema)), UNSET)
