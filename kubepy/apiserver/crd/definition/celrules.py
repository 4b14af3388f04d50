"""Whether the CEL rules of a schema compile, and what they may cost. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from kubepy.api.apiextensions.v1 import ValidationRule
from kubepy.apiserver.crd.structural import RULES, Props
from kubepy.meta.errors import FieldError, forbidden, invalid

MOST_OF_ONE = 10_000_000  # what a rule may be estimated to cost
MOST_OF_ALL = 100_000_000  # and all rules of a schema together
WORTH_NAMING = MOST_OF_ALL // 100
NAMED = 4  # of the most expensive ones
UNBOUNDED = math.inf
ADVICE = (
    "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, "
    "maps, and strings are declared)"
)
TOTAL = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
CONTRIBUTED = (
    "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"
)


class Costs:
    """What the rules of one schema cost together. `known`: rules that are stored already."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = known
        self._total = 0.0
        self._expensive: list[tuple[float, str]] = []
        self._schemas: Any = None

    def add(self, path: str, cost: float) -> None:
        self._total += cost
        if cost >= WORTH_NAMING:
            self._expensive.append((cost, path))

    def schemas(self, root: Props) -> Any:
        """The types of the schema, made when the first rule asks."""
        if self._schemas is None:
            from kubepy.apiserver.crd.celtypes import Schemas  # late: few definitions have rules

            self._schemas = Schemas(root)
        return self._schemas

    def total_errors(self, path: str) -> list[FieldError]:
        if self._total <= MOST_OF_ALL:
            return []
        most = sorted(self._expensive, key=lambda each: -each[0])[:NAMED]
        found = [forbidden(where, CONTRIBUTED) for _, where in most]
        return [*found, forbidden(path, too_expensive(TOTAL, self._total, MOST_OF_ALL))]


def too_expensive(what: str, cost: float, most: int) -> str:
    factor = cost / most
    if factor > 100:
        shown = "more than 100x"
    else:
        shown = f"{factor:f}x" if factor < 1.5 else f"{factor:.1f}x"
    return f"{what} exceeds budget by factor of {shown} {ADVICE}"


class Context(Struct, frozen=True):
    """A node of the schema, and how many values it may have in one object."""

    root: Props
    costs: Costs
    cardinality: float = 1.0

    @classmethod
    def at_root(cls, schema: Props, costs: Costs) -> Context:
        return cls(schema, costs)

    def field(self) -> Context:
        return self

    def values(self, parent: Props) -> Context:
        return self._times(parent.get("maxProperties", UNBOUNDED))

    def elements(self, parent: Props) -> Context:
        return self._times(parent.get("maxItems", UNBOUNDED))

    def _times(self, factor: float) -> Context:
        return Context(self.root, self.costs, self.cardinality * max(factor, 0))


def validate(
    schema: Props, path: str, context: Context, uncorrelated: str | None
) -> Iterator[FieldError]:
    """What is wrong with the rules of one node, whose schema is sound."""
    for index, rule in enumerate(schema[RULES]):
        where = f"{path}.{RULES}[{index}]"
        yield from _Rule(rule, schema, context).check(where, uncorrelated)


class _Rule:
    def __init__(self, rule: Props, schema: Props, context: Context) -> None:
        from kubepy.apiserver.cel import environment

        schemas = context.costs.schemas(context.root)
        self.rule = rule
        self.text = rule["rule"]
        self.schema = schema
        self.context = context
        self.uses_old = environment.uses(self.text, "oldSelf")
        self.optional = bool(rule.get("optionalOldSelf"))
        self.types = schemas.types(schema, optional_old=self.optional)
        self.environment = environment

    def shown(self) -> ValidationRule:
        """The rule as messages print it."""
        names = ("rule", "message", "messageExpression", "reason", "fieldPath", "optionalOldSelf")
        return ValidationRule(**{name: self.rule[name] for name in names if name in self.rule})

    def check(self, path: str, uncorrelated: str | None) -> Iterator[FieldError]:
        yield from self._expression(
            self.text, "bool", f"{path}.rule", "cel expression must evaluate to a bool", "rule"
        )
        message = self.rule.get("messageExpression", "")
        if message:
            yield from self._expression(
                message,
                "string",
                f"{path}.messageExpression",
                "messageExpression must evaluate to a string",
                "messageExpression",
            )
        if self.uses_old and uncorrelated is not None:
            why = (
                "oldSelf cannot be used on the uncorrelatable portion of the schema within "
                f"{uncorrelated}"
            )
            yield invalid(f"{path}.rule", self.text, why)
        elif not self.uses_old and self.rule.get("optionalOldSelf") is not None:
            why = "may not be set if oldSelf is not used in rule"
            yield invalid(f"{path}.optionalOldSelf", self.optional, why)

    def _expression(
        self, text: str, wanted: str, path: str, why: str, name: str
    ) -> Iterator[FieldError]:
        environment = self.environment
        wrapped = self.optional and environment.uses(text, "oldSelf")
        source = environment.with_optional_old(text) if wrapped else text
        try:
            type_ = self.types.check(source, line=1 if wrapped else 0)
        except environment.CompileError as error:
            prefix = "" if name == "rule" else "messageExpression "
            yield invalid(path, self.shown(), f"{prefix}compilation failed: {error}")
            return
        if type_.name().lower() != wanted:
            yield invalid(path, self.shown(), why)
            return
        yield from self._cost(source, path, name)

    def _cost(self, text: str, path: str, name: str) -> Iterator[FieldError]:
        from kubepy.apiserver.crd import celcost

        one = celcost.estimate(text, self.schema)
        times = self.context.cardinality
        if times == UNBOUNDED:
            times = celcost.most_of(self.schema)
        cost = one * times if name == "rule" else one
        if cost > MOST_OF_ONE and self.text not in self.context.costs.known:
            what = "estimated rule cost" if name == "rule" else "estimated messageExpression cost"
            yield forbidden(path, too_expensive(what, cost, MOST_OF_ONE))
        self.context.costs.add(path, cost)
