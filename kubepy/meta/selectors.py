"""Label and field selectors: parsed from text or from a LabelSelector, asked for matches.

    parse_labels("app in (a, b), !canary").matches({"app": "b"})    True
    parse_fields("spec.nodeName=n1").matches({"spec.nodeName": ""})   False
    of(LabelSelector(matchLabels={"app": "a"})).matches(pod.metadata.labels)

The grammar of labels, as Kubernetes documents it:

    selector    ::= requirement ("," requirement)*
    requirement ::= ["!"] KEY | KEY ("in" | "notin") "(" VALUE ("," VALUE)* ")"
                  | KEY ("=" | "==" | "!=" | ">" | "<") VALUE
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from kubepy.api.meta.v1 import LabelSelector
from kubepy.meta import names
from kubepy.meta.errors import FieldError, aggregate, invalid, not_supported
from kubepy.meta.gotext import quote


class SelectorError(ValueError):
    """The text or the LabelSelector is no selector; the message is Kubernetes'."""


IN, NOT_IN, EXISTS, MISSING = "in", "notin", "exists", "!"
EQUALS, DOUBLE_EQUALS, NOT_EQUALS = "=", "==", "!="
GREATER, LESS = "gt", "lt"

_BINARY = (IN, NOT_IN, EQUALS, DOUBLE_EQUALS, NOT_EQUALS, GREATER, LESS)
_INT64 = re.compile(r"[+-]?\d{1,19}", re.ASCII)


class Requirement(Struct, frozen=True):
    """One condition on one label."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        match self.operator:
            case "in" | "=" | "==":
                return value is not None and value in self.values
            case "notin" | "!=":
                return value is None or value not in self.values
            case "exists":
                return value is not None
            case "!":
                return value is None
        number = None if value is None else _integer(value)
        bound = _integer(self.values[0])
        if number is None or bound is None:
            return False
        return number > bound if self.operator == GREATER else number < bound

    def __str__(self) -> str:
        values = ",".join(sorted(self.values))
        match self.operator:
            case "exists":
                return self.key
            case "!":
                return f"!{self.key}"
            case "in" | "notin":
                return f"{self.key} {self.operator} ({values})"
            case "gt":
                return f"{self.key}>{values}"
            case "lt":
                return f"{self.key}<{values}"
        return f"{self.key}{self.operator}{values}"


class Selector(Struct, frozen=True):
    """All of its requirements must hold; sorted by key."""

    requirements: tuple[Requirement, ...] = ()
    selectable: bool = True  # False: matches nothing, whatever the labels

    def matches(self, labels: Mapping[str, str]) -> bool:
        if not self.selectable:
            return False
        return all(requirement.matches(labels) for requirement in self.requirements)

    @property
    def empty(self) -> bool:
        """Whether everything matches."""
        return self.selectable and not self.requirements

    def exact(self, key: str) -> str | None:
        """The one value that `key` must have, if there is one."""
        for requirement in self.requirements:
            if requirement.key == key:
                single = requirement.operator in (IN, EQUALS, DOUBLE_EQUALS)
                return requirement.values[0] if single and len(requirement.values) == 1 else None
        return None

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


EVERYTHING = Selector()
NOTHING = Selector(selectable=False)


def _integer(text: str) -> int | None:
    """Go's ParseInt of 64 bits."""
    if _INT64.fullmatch(text) is None:
        return None
    value = int(text)
    return value if -(2**63) <= value < 2**63 else None


def _selector(requirements: list[Requirement]) -> Selector:
    return Selector(tuple(sorted(requirements, key=lambda requirement: requirement.key)))


def from_set(labels: Mapping[str, str]) -> Selector:
    """Exactly these labels (of any value: nothing is checked); everything if there are none."""
    return _selector([Requirement(key, EQUALS, (value,)) for key, value in labels.items()])


_OPERATORS = {"In": IN, "NotIn": NOT_IN, "Exists": EXISTS, "DoesNotExist": MISSING}


def of(selector: LabelSelector | None) -> Selector:
    """None selects nothing, an empty one everything. SelectorError if it breaks rules."""
    if selector is None:
        return NOTHING
    requirements = [require(key, EQUALS, (value,)) for key, value in selector.matchLabels.items()]
    for expression in selector.matchExpressions:
        operator = _OPERATORS.get(expression.operator)
        if operator is None:
            raise SelectorError(
                f"{quote(expression.operator)} is not a valid label selector operator"
            )
        requirements.append(require(expression.key, operator, expression.values))
    return _selector(requirements)


def require(key: str, operator: str, values: tuple[str, ...] = ()) -> Requirement:
    """A checked requirement."""
    problems = _check_key(key, "key") + _check_values(operator, values)
    for index, value in enumerate(values):
        if found := names.label_value(value):
            problems.append(invalid(f"values[{index}][{key}]", value, "; ".join(found)))
    if problems:
        raise SelectorError(aggregate(problems))
    return Requirement(key, operator, values)


def _check_key(key: str, path: str) -> list[FieldError]:
    found = names.label_key(key)
    return [invalid(path, key, "; ".join(found))] if found else []


def _check_values(operator: str, values: tuple[str, ...]) -> list[FieldError]:
    match operator:
        case "in" | "notin":
            if not values:
                why = "for 'in', 'notin' operators, values set can't be empty"
                return [invalid("values", values, why)]
        case "=" | "==" | "!=":
            if len(values) != 1:
                why = "exact-match compatibility requires one single value"
                return [invalid("values", values, why)]
        case "exists" | "!":
            if values:
                why = "values set must be empty for exists and does not exist"
                return [invalid("values", values, why)]
        case "gt" | "lt":
            problems = []
            if len(values) != 1:
                why = "for 'Gt', 'Lt' operators, exactly one value is required"
                problems.append(invalid("values", values, why))
            why = "for 'Gt', 'Lt' operators, the value must be an integer"
            problems += [
                invalid(f"values[{index}]", value, why)
                for index, value in enumerate(values)
                if _integer(value) is None
            ]
            return problems
        case _:
            return [not_supported("operator", operator, (*_BINARY, EXISTS, MISSING))]
    return []


# ---- the parser of label selectors

_SPACE = " \t\r\n"
_SPECIAL = "=!(),><"
_KEYWORDS = {")", ",", "!", "==", "=", ">", "in", "<", "!=", "notin", "("}
_TOKEN_OPERATORS = {
    "in": IN, "notin": NOT_IN, "=": EQUALS, "==": DOUBLE_EQUALS, "!=": NOT_EQUALS,
    ">": GREATER, "<": LESS,
}  # fmt: skip
_WORD, _END = "word", "end"


def _tokens(text: str) -> list[tuple[str, str]]:
    """(kind, literal) pairs; a keyword's kind is itself."""
    found = []
    position = 0
    while position < len(text):
        if text[position] in _SPACE:
            position += 1
        elif text[position] in _SPECIAL:
            length = 2 if text[position : position + 2] in _KEYWORDS else 1
            literal = text[position : position + length]
            found.append((literal, literal))
            position += length
        else:
            end = position
            while end < len(text) and text[end] not in _SPACE + _SPECIAL:
                end += 1
            literal = text[position:end]
            found.append((literal if literal in _KEYWORDS else _WORD, literal))
            position = end
    found.append((_END, ""))
    return found


class _Parser:
    """Recursive descent over the tokens; the words of its complaints are Kubernetes'."""

    def __init__(self, text: str) -> None:
        self._items = _tokens(text)
        self._at = 0

    def _peek(self, *, names_only: bool = True) -> tuple[str, str]:
        kind, literal = self._items[min(self._at, len(self._items) - 1)]
        if names_only and kind in ("in", "notin"):
            kind = _WORD  # only where an operator may stand are these words operators
        return kind, literal

    def _take(self, *, names_only: bool = True) -> tuple[str, str]:
        token = self._peek(names_only=names_only)
        self._at += 1
        return token

    def parse(self) -> list[Requirement]:
        found: list[Requirement] = []
        while True:
            kind, literal = self._peek()
            if kind == _END:
                return found
            if kind not in (_WORD, "!"):
                raise SelectorError(
                    f"found '{literal}', expected: !, identifier, or 'end of string'"
                )
            try:
                found.append(self._requirement())
            except SelectorError as error:
                raise SelectorError(f"unable to parse requirement: {error}") from None
            kind, literal = self._take()
            if kind == _END:
                return found
            if kind != ",":
                raise SelectorError(f"found '{literal}', expected: ',' or 'end of string'")
            kind, literal = self._peek()
            if kind not in (_WORD, "!"):
                raise SelectorError(f"found '{literal}', expected: identifier after ','")

    def _requirement(self) -> Requirement:
        kind, key = self._take()
        negated = kind == "!"
        if negated:
            kind, key = self._take()
        if kind != _WORD:
            raise SelectorError(f"found '{key}', expected: identifier")
        if problems := _check_key(key, "<nil>"):
            raise SelectorError(str(problems[0]))
        if negated:
            return require(key, MISSING)
        if self._peek()[0] in (_END, ","):
            return require(key, EXISTS)
        kind, literal = self._take(names_only=False)
        operator = _TOKEN_OPERATORS.get(kind)
        if operator is None:
            raise SelectorError(f"found '{literal}', expected: {', '.join(_BINARY)}")
        values = self._set() if operator in (IN, NOT_IN) else self._exact()
        return require(key, operator, tuple(sorted(values)))

    def _exact(self) -> set[str]:
        if self._peek()[0] in (_END, ","):
            return {""}
        kind, literal = self._take()
        if kind != _WORD:
            raise SelectorError(f"found '{literal}', expected: identifier")
        return {literal}

    def _set(self) -> set[str]:
        kind, literal = self._take()
        if kind != "(":
            raise SelectorError(f"found '{literal}' expected: '('")
        kind, literal = self._peek()
        if kind == ")":
            self._take()
            return {""}
        if kind not in (_WORD, ","):
            raise SelectorError(f"found '{literal}', expected: ',', ')' or identifier")
        values = self._values()
        self._take()  # the closing parenthesis
        return values

    def _values(self) -> set[str]:
        """The values up to the closing parenthesis; between two commas there is an empty one."""
        values: set[str] = set()
        while True:
            kind, literal = self._take()
            following, next_literal = self._peek()
            if kind == _WORD:
                values.add(literal)
                if following == ")":
                    return values
                if following != ",":
                    raise SelectorError(f"found '{next_literal}', expected: ',' or ')'")
            elif kind == ",":
                if not values or following in (",", ")"):
                    values.add("")
                if following == ")":
                    return values
            else:
                raise SelectorError(f"found '{literal}', expected: ',', or identifier")


def parse_labels(text: str) -> Selector:
    """A selector of the query string; SelectorError with the API's message."""
    return _selector(_Parser(text).parse()) if text else EVERYTHING


# ---- field selectors


class FieldTerm(Struct, frozen=True):
    field: str
    operator: str  # = or !=
    value: str

    def __str__(self) -> str:
        value = re.sub(r"([\\,=])", r"\\\1", self.value)
        return f"{self.field}{self.operator}{value}"


class FieldSelector(Struct, frozen=True):
    """All of its terms must hold; a field that an object lacks is empty."""

    terms: tuple[FieldTerm, ...] = ()

    def matches(self, fields: Mapping[str, str]) -> bool:
        return all(
            (fields.get(term.field, "") == term.value) == (term.operator == EQUALS)
            for term in self.terms
        )

    @property
    def empty(self) -> bool:
        return not self.terms

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it asks for."""
        return tuple(term.field for term in self.terms)

    def exact(self, field: str) -> str | None:
        """The one value that `field` must have, if there is one."""
        for term in self.terms:
            if term.field == field and term.operator == EQUALS:
                return term.value
        return None

    def __str__(self) -> str:
        return ",".join(map(str, self.terms))


_TERM = re.compile(r"(.*?)(!=|==|=)(.*)", re.DOTALL)


def parse_fields(text: str) -> FieldSelector:
    """A field selector of the query string. Backslashes guard `,`, `=` and `\\` in values."""
    terms = []
    for part in sorted(_split(text)):
        if not part:
            continue
        match = _TERM.fullmatch(part)
        if match is None:
            raise SelectorError(f"invalid selector: '{text}'; can't understand '{part}'")
        field, operator, value = match.groups()
        terms.append(FieldTerm(field, operator.replace("==", "="), _unescape(value)))
    return FieldSelector(tuple(terms))


def _split(text: str) -> list[str]:
    """The parts between commas that no backslash guards."""
    parts = [""]
    guarded = False
    for char in text:
        if char == "," and not guarded:
            parts.append("")
        else:
            parts[-1] += char
        guarded = char == "\\" and not guarded
    return parts


def _unescape(value: str) -> str:
    found = []
    guarded = False
    for char in value:
        if guarded:
            if char not in "\\,=":
                raise SelectorError(f"invalid field selector: invalid escape sequence: \\{char}")
            found.append(char)
            guarded = False
        elif char == "\\":
            guarded = True
        elif char in ",=":
            raise SelectorError(f"invalid field selector: unescaped character in value: {char}")
        else:
            found.append(char)
    if guarded:
        raise SelectorError("invalid field selector: invalid escape sequence: \\")
    return "".join(found)
