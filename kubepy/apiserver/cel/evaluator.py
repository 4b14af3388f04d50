"""Expressions compiled to closures, evaluated with cel-go's costs. Pure.

Each part of a tree becomes a function of a `Frame`, the variables and what has been spent. What a
part costs for certain is not spent by itself, but with the block that it is in: the expression, a
branch, one turn of a loop. What depends on values is spent before it is done. So a part costs a
call and no more, and nothing runs for long without being counted.

    self.items.all(x, x.size < 5)     spends 2 + 0, then for each element 2 + 4
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from kubepy.apiserver.cel import costs
from kubepy.apiserver.cel.arithmetic import OPERATORS
from kubepy.apiserver.cel.standard import FOLDED, FUNCTIONS, NAMESPACED
from kubepy.apiserver.cel.syntax import Call, Constant, Expr, Ident, List, Loop, Map, Select
from kubepy.apiserver.cel.values import (
    LISTS,
    NO_OVERLOAD,
    NONE,
    CelError,
    Exhausted,
    Optional,
    Type,
    equal,
    from_key,
    key_of,
    optional,
)

TYPES = frozenset(
    {
        "null_type", "bool", "int", "uint", "double", "string", "bytes", "list", "map", "type",
        "google.protobuf.Timestamp", "google.protobuf.Duration",
    }
)  # fmt: skip
MISSING = object()


class Frame:
    """One evaluation: the variables, and what it has cost."""

    __slots__ = ("cost", "limit", "variables")

    def __init__(self, variables: Mapping[str, Any], limit: float) -> None:
        self.variables = dict(variables)
        self.cost = 0
        self.limit = limit

    def spend(self, cost: int) -> None:
        """Raises Exhausted."""
        self.cost += cost
        if self.cost > self.limit:
            raise Exhausted


Run = Callable[[Frame], Any]


class Code(NamedTuple):
    """A part: how it is evaluated, and what that costs at least."""

    run: Run
    cost: int = 0
    constant: bool = False


def compile_tree(expr: Expr) -> Run:
    return _block(_code(expr))


def _block(code: Code) -> Run:
    """The part with its cost."""
    run, cost = code.run, code.cost
    if not cost:
        return run

    def block(frame: Frame) -> Any:
        frame.spend(cost)
        return run(frame)

    return block


def _constant(value: Any) -> Code:
    return Code(lambda frame: value, 0, True)


def _code(expr: Expr) -> Code:
    match expr:
        case Constant(value):
            return _constant(value)
        case Ident(name):
            return _name(name)
        case Select():
            return _select(expr)
        case Call():
            return _call(expr)
        case List():
            return _list(expr)
        case Map():
            return _map(expr)
        case Loop():
            return _loop(expr)
    raise AssertionError(expr)


# ---- names and fields


def _name(name: str) -> Code:
    if name in TYPES:
        return Code(lambda frame: frame.variables.get(name, Type(name)), costs.NAME)

    def run(frame: Frame) -> Any:
        try:
            value = frame.variables[name]
        except KeyError:
            raise CelError(f"no such attribute(s): {name}") from None
        if type(value) is CelError:  # what a loop has come to so far
            raise value
        return value

    return Code(run, costs.NAME)


def _path(expr: Expr | None) -> str:
    """`a.b.c`; empty for what is no chain of names."""
    if isinstance(expr, Ident):
        return expr.name
    if isinstance(expr, Select) and (before := _path(expr.operand)):
        return f"{before}.{expr.field}"
    return ""


def _select(expr: Select) -> Code:
    if (path := _path(expr)) in TYPES:
        return Code(lambda frame: Type(path), costs.NAME)
    operand, field = _code(expr.operand), expr.field
    run = operand.run
    if expr.test_only:
        return Code(lambda frame: _has(run(frame), field), operand.cost)

    def select(frame: Frame) -> Any:
        value = run(frame)
        try:
            return value[field] if type(value) is dict else _field(value, field)
        except KeyError:
            raise CelError(f"no such key: {field}") from None

    return Code(select, operand.cost + _base(expr.operand) + costs.NAME)


def _base(operand: Expr) -> int:
    """What begins a chain of fields and indices is one step; names have been counted."""
    if isinstance(operand, Ident | Select):
        return 0
    return 0 if isinstance(operand, Call) and operand.function in INDEXED else costs.NAME


def _has(value: Any, field: str) -> bool:
    if type(value) is Optional:
        return bool(value.held) and _has(value.held[0], field)
    if type(value) is dict:
        return field in value
    raise CelError(NO_OVERLOAD)


def _field(value: Any, field: str) -> Any:
    if type(value) is Optional:
        return _perhaps(value, field)
    raise CelError(NO_OVERLOAD)


def _index(value: Any, key: Any) -> Any:
    kind = type(value)
    if kind is dict:
        try:
            return value[key_of(key)]
        except KeyError:
            raise CelError(f"no such key: {_shown(key)}") from None
    if kind in LISTS:
        at = _position(key)
        if not 0 <= at < len(value):
            raise CelError(f"index out of bounds: {at}")
        return value[at]
    if kind is Optional:
        return _perhaps(value, key)
    raise CelError(NO_OVERLOAD)


def _position(key: Any) -> int:
    if type(key) is bool or not isinstance(key, int | float) or key != key // 1:
        raise CelError("unsupported index type in list: " + type(key).__name__)
    return int(key)


def _shown(key: Any) -> str:
    return str(key).lower() if type(key) is bool else str(key)


def _perhaps(value: Any, key: Any) -> Any:
    """What is under a key, as an optional."""
    if type(value) is Optional:
        return _perhaps(value.held[0], key) if value.held else NONE
    if type(value) is dict:
        found = value.get(key_of(key), MISSING)
        return NONE if found is MISSING else optional(found)
    if type(value) in LISTS:
        at = _position(key)
        return optional(value[at]) if 0 <= at < len(value) else NONE
    raise CelError(NO_OVERLOAD)


# ---- calls


INDEXED = {"_[_]": _index, "_[?_]": _perhaps, "_?._": _perhaps}


def _call(expr: Call) -> Code:
    name, args = expr.function, expr.args
    if name in SPECIAL:
        return SPECIAL[name](*[_code(each) for each in args])
    if name in INDEXED:
        return _indexing(INDEXED[name], args)
    if name in ("or", "orValue") and expr.target is not None:
        return _or_else(_code(expr.target), _code(args[0]), whole=name == "or")
    qualified = f"{path}.{name}" if (path := _path(expr.target)) else name
    if qualified in NAMESPACED:
        return _function(qualified, tuple(map(_code, args)))
    return _function(name, tuple(map(_code, expr.all_args)))


def _function(name: str, args: tuple[Code, ...]) -> Code:
    impl: Callable[..., Any] = OPERATORS.get(name) or FUNCTIONS.get((name, len(args)), _unknown)
    if name in FOLDED and len(args) == 1 and args[0].constant:
        try:
            return _constant(impl(args[0].run(Frame({}, 0))))
        except CelError:
            pass  # it fails each time
    own: Callable[[Any], int] | None = costs.CALLS.get(name)
    if name == "_+_":
        own = costs.joined
    elif name in OPERATORS and name[1] in "<>":
        own = costs.compared
    runs = tuple(each.run for each in args)
    static = sum(each.cost for each in args)
    if own is None:
        return Code(_plain(impl, runs), static + 1)

    def call(frame: Frame) -> Any:
        given = [run(frame) for run in runs]
        frame.spend(_spent(own, given))
        return impl(*given)

    return Code(call, static)


def _spent(own: Callable[[Any], int], given: list[Any]) -> int:
    try:
        return own(given)
    except (AttributeError, TypeError):  # arguments that no overload takes
        return 1


def _plain(impl: Callable[..., Any], runs: tuple[Run, ...]) -> Run:
    if len(runs) == 1:
        (only,) = runs
        return lambda frame: impl(only(frame))
    if len(runs) == 2:
        first, second = runs
        return lambda frame: impl(first(frame), second(frame))
    return lambda frame: impl(*[run(frame) for run in runs])


def _unknown(*_: Any) -> Any:
    raise CelError(NO_OVERLOAD)


def _indexing(get: Callable[[Any, Any], Any], args: tuple[Expr, ...]) -> Code:
    operand, key = map(_code, args)
    value, at = operand.run, key.run
    cost = operand.cost + key.cost + _base(args[0]) + costs.NAME
    return Code(lambda frame: get(value(frame), at(frame)), cost)


def _or_else(operand: Code, other: Code, *, whole: bool) -> Code:
    held, instead = operand.run, _block(other)

    def run(frame: Frame) -> Any:
        found = held(frame)
        if type(found) is not Optional:
            raise CelError(NO_OVERLOAD)
        if not found.held:
            return instead(frame)
        return found if whole else found.held[0]

    return Code(run, operand.cost + 1)


def _and(left: Code, right: Code) -> Code:
    return _logical(left, right, decisive=False)


def _or(left: Code, right: Code) -> Code:
    return _logical(left, right, decisive=True)


def _logical(left: Code, right: Code, *, decisive: bool) -> Code:
    """What decides wins over an error on the other side."""
    first, second = left.run, _block(right)

    def run(frame: Frame) -> bool:
        failed: CelError | None = None
        try:
            value = first(frame)
            if value is decisive:
                return bool(value)
            if type(value) is not bool:
                failed = CelError(NO_OVERLOAD)
        except CelError as error:
            failed = error
        value = second(frame) if failed is None else _tried(second, frame, failed)
        if value is decisive:
            return bool(value)
        if failed is not None:
            raise failed
        if type(value) is not bool:
            raise CelError(NO_OVERLOAD)
        return not decisive

    return Code(run, left.cost)


def _tried(run: Run, frame: Frame, failed: CelError) -> Any:
    try:
        return run(frame)
    except CelError:
        raise failed from None


def _conditional(test: Code, yes: Code, no: Code) -> Code:
    holds, then, otherwise = test.run, _block(yes), _block(no)

    def run(frame: Frame) -> Any:
        value = holds(frame)
        if type(value) is not bool:
            raise CelError(NO_OVERLOAD)
        return then(frame) if value else otherwise(frame)

    return Code(run, test.cost)


def _not(operand: Code) -> Code:
    inner = operand.run

    def run(frame: Frame) -> bool:
        value = inner(frame)
        if type(value) is not bool:
            raise CelError(NO_OVERLOAD)
        return not value

    return Code(run, operand.cost + 1)


def _not_false(operand: Code) -> Code:
    inner = operand.run

    def run(frame: Frame) -> bool:
        try:
            return inner(frame) is not False
        except CelError:
            return True

    return Code(run, operand.cost + 1)


def _equality(left: Code, right: Code, *, wanted: bool) -> Code:
    first, second = left.run, right.run

    def run(frame: Frame) -> bool:
        one, other = first(frame), second(frame)
        frame.spend(costs.compared((one, other)))
        return equal(one, other, frame.spend) is wanted

    return Code(run, left.cost + right.cost)


def _in(left: Code, right: Code) -> Code:
    first, second = left.run, right.run

    def run(frame: Frame) -> bool:
        value, among = first(frame), second(frame)
        if type(among) is dict:
            frame.spend(1)
            return key_of(value) in among
        if type(among) not in LISTS:
            raise CelError(NO_OVERLOAD)
        if not right.constant:
            frame.spend(costs.contained((value, among)))
        return any(equal(value, each, frame.spend) for each in among)

    return Code(run, left.cost + right.cost)


SPECIAL: dict[str, Callable[..., Code]] = {
    "_&&_": _and,
    "_||_": _or,
    "_?_:_": _conditional,
    "!_": _not,
    "@not_strictly_false": _not_false,
    "__not_strictly_false__": _not_false,
    "_==_": lambda left, right: _equality(left, right, wanted=True),
    "_!=_": lambda left, right: _equality(left, right, wanted=False),
    "@in": _in,
    "_in_": _in,
}


# ---- lists and maps


def _list(expr: List) -> Code:
    parts = [_code(each) for each in expr.elements]
    if not expr.optional and all(each.constant for each in parts):
        nothing = Frame({}, 0)
        return _constant([each.run(nothing) for each in parts])
    runs = [(each.run, at in expr.optional) for at, each in enumerate(parts)]

    def run(frame: Frame) -> list[Any]:
        made: list[Any] = []
        for element, perhaps in runs:
            value = element(frame)
            made += _held(value) if perhaps else (value,)
        return made

    return Code(run, costs.LIST + sum(each.cost for each in parts))


def _held(value: Any) -> tuple[Any, ...]:
    if type(value) is not Optional:
        raise CelError(NO_OVERLOAD)
    return value.held


def _map(expr: Map) -> Code:
    entries = [(_code(each.key), _code(each.value), each.optional) for each in expr.entries]
    cost = sum(key.cost + value.cost for key, value, _ in entries)

    def run(frame: Frame) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key, value, perhaps in entries:
            at, held = key_of(key.run(frame)), value.run(frame)
            if type(at) is float:
                raise CelError("unsupported key type: double")
            if at in made:
                raise CelError(f"Failed with repeated key: {_shown(from_key(at))}")
            for each in _held(held) if perhaps else (held,):
                made[at] = each
        return made

    if expr.message:
        return Code(_unknown, costs.MESSAGE + cost)
    return Code(run, costs.MAP + cost)


# ---- loops


def _loop(expr: Loop) -> Code:
    over, start, result = _code(expr.range), _code(expr.start), _code(expr.result)
    condition, step = _block(_code(expr.condition)), _step(expr)
    cost = over.cost + start.cost + result.cost
    names = (expr.variable, expr.second, expr.accumulator)

    def run(frame: Frame) -> Any:
        range_ = over.run(frame)
        variables = frame.variables
        before = [(name, variables.get(name, MISSING)) for name in names]
        try:
            found = start.run(frame)
            # a list or map of this loop's own, which steps add to
            variables[expr.accumulator] = found.copy() if type(found) in (list, dict) else found
            for one, other in _turns(range_, expr.second):
                variables[expr.variable] = one
                variables[expr.second] = other
                if condition(frame) is not True:
                    break
                step(frame)
            return result.run(frame)
        finally:
            _restore(variables, before)

    return Code(run, cost)


def _turns(range_: Any, second: str) -> Iterator[tuple[Any, Any]]:
    """The elements of a list or the keys of a map; with two names, also what they stand for."""
    kind = type(range_)
    if kind is dict:
        for key, value in range_.items():
            yield from_key(key), value
    elif kind in LISTS:
        for at, each in enumerate(range_):
            yield (at, each) if second else (each, None)
    else:
        raise CelError(f"got '{_go_type(range_)}', expected iterable type")


def _go_type(value: Any) -> str:
    names = {str: "String", int: "Int", float: "Double", bool: "Bool", bytes: "Bytes"}
    return f"types.{names.get(type(value), 'Null')}"


def _restore(variables: dict[str, Any], before: list[tuple[str, Any]]) -> None:
    for name, value in before:
        if value is MISSING:
            variables.pop(name, None)
        else:
            variables[name] = value


def _step(expr: Loop) -> Run:
    """One turn: change the accumulator. Lists and maps of macros grow where they are, since no
    expression can name them."""
    name, step = expr.accumulator, expr.step
    if name.startswith("@"):
        match step:
            case Call("_?_:_", (test, Call("_+_", (Ident(), List()) as args), Ident())) if (
                isinstance(expr.start, List)
            ):
                return _block(
                    _conditional(_code(test), _appending(name, args[1]), Code(_no_change))
                )
            case Call("_+_", (Ident(), List()) as args) if isinstance(expr.start, List):
                return _block(_appending(name, args[1]))
            case Call("cel.@mapInsert", (Ident(), *parts)):
                return _block(_inserting(name, tuple(map(_code, parts))))
    run = _block(_code(step))

    def assign(frame: Frame) -> None:
        try:
            frame.variables[name] = run(frame)
        except CelError as error:
            frame.variables[name] = error

    return assign if name.startswith("@") else run


def _no_change(frame: Frame) -> None:
    """A turn that adds nothing."""


def _appending(name: str, added: Expr) -> Code:
    element = _code(added)

    def run(frame: Frame) -> None:
        made = element.run(frame)
        frame.variables[name] += made

    return Code(run, element.cost + costs.NAME + 1)


def _inserting(name: str, parts: tuple[Code, ...]) -> Code:
    """A key with its value, or a whole map."""
    runs = tuple(each.run for each in parts)

    def run(frame: Frame) -> None:
        given = [each(frame) for each in runs]
        added = {key_of(given[0]): given[1]} if len(given) == 2 else given[0]
        if type(added) is not dict:
            raise CelError(NO_OVERLOAD)
        accumulated = frame.variables[name]
        for key, value in added.items():
            if key in accumulated:
                raise CelError(f"insert failed: key {_shown(from_key(key))} already exists")
            accumulated[key] = value

    return Code(run, sum(each.cost for each in parts) + costs.NAME + 1)
