"""Expressions compiled and evaluated, with the words that Kubernetes has for what goes wrong.

Two looks at each expression. When somebody writes it, cel-cpp checks it against the types that its
variables have (`check`), so that a field that does not exist is found at once. When it is used, it
is evaluated here, over plain JSON without types (`compile_expression`), where an absent key is an
error and not a zero, and where each step is counted.

cel-cpp's words differ from cel-go's, which clients know; `_complaint` turns the one into the
other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings, ext_optional, ext_strings
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    struct_pb2,
    timestamp_pb2,
)
from msgspec import Struct

from kubepy.apiserver.cel import library
from kubepy.apiserver.cel.evaluator import Frame, Run, compile_tree
from kubepy.apiserver.cel.syntax import Expr, decode
from kubepy.apiserver.cel.values import CelError, Exhausted

CALL_LIMIT = 1_000_000  # what one evaluation may cost
TOO_EXPENSIVE = "operation cancelled: actual cost limit exceeded"
KNOWN = 4096  # expressions kept compiled
OLD_VALUE = "oldValue"  # stands behind oldSelf where that is an optional
MOST_PROBLEMS = 100  # that one complaint lists
VARIABLES = ("self", "oldSelf", OLD_VALUE)

_STRINGS = re.compile(
    r"""[rRbB]{0,2}('''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""", re.S
)
_CODE = re.compile(r"^(?!ERROR: )[A-Z_]+: ")
_MIXED = re.compile(
    r"found no matching overload for '_(?:<|<=|>|>=|==|!=)_' applied to '\((?:double|int|uint), "
    r"(?:double|int|uint)\)'"
)


class CompileError(ValueError):
    """What Kubernetes says about an expression that does not compile."""


class Failed(Struct, frozen=True):
    """An evaluation that came to nothing."""

    message: str


class Expression:
    """An expression ready to be evaluated over plain values."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Its value, or `Failed`."""
        return self.metered(values)[0]

    def metered(self, values: Mapping[str, Any], limit: int = CALL_LIMIT) -> tuple[Any, int]:
        """Its value, or `Failed`, and what that has cost. It ends when it has cost too much."""
        frame = Frame(values, limit)
        try:
            return self._run(frame), frame.cost
        except CelError as error:
            return Failed(str(error)), frame.cost
        except Exhausted:
            return Failed(TOO_EXPENSIVE), frame.cost


_TYPE = re.compile(r"[A-Z]+(?=[<>,]|$)")
_TYPES = {"NULL": "null_type", "ERROR": "any"}


def name_of(type_: Any) -> str:
    """A type as cel-go writes it, `list(map(string, int))`."""
    name = _TYPE.sub(lambda match: _TYPES.get(match[0], match[0].lower()), type_.name())
    return name.replace("<", "(").replace(">", ")")


def uses(expression: str, variable: str) -> bool:
    """Whether an expression names a variable."""
    return re.search(rf"\b{variable}\b", _STRINGS.sub("''", expression)) is not None


def with_optional_old(expression: str) -> str:
    """The expression with oldSelf as an optional: the library takes none as a variable."""
    old = f"has{OLD_VALUE} ? optional.of({OLD_VALUE}) : optional.none()"
    return f"cel.bind(oldSelf, {old},\n{expression}\n)"


@lru_cache(maxsize=KNOWN)
def compile_expression(expression: str) -> Expression:
    """Raises CompileError."""
    return Expression(compile_tree(tree(expression)))


def tree(expression: str) -> Expr:
    """Raises CompileError."""
    try:
        return decode(_compiled(_untyped(), expression, disable_check=True).serialize())
    except RuntimeError as error:
        raise CompileError(_complaint(str(error))) from None


def _compiled(env: Any, expression: str, *, disable_check: bool = False) -> Any:
    """Raises RuntimeError in cel-cpp's words."""
    try:
        return env.compile(expression, disable_check=disable_check)
    except TypeError:  # half of a surrogate pair, which is no text
        raise RuntimeError("ERROR: <input>:1:1: Syntax error: invalid UTF-8") from None


@lru_cache(maxsize=1)
def _untyped() -> Any:
    variables = dict.fromkeys(VARIABLES, cel.Type.DYN) | {f"has{OLD_VALUE}": cel.Type.BOOL}
    return cel.NewEnv(
        pool(),
        config=_macros(),
        variables=variables,
        extensions=_extensions(library.declared()),
    )


@lru_cache(maxsize=1)
def _macros() -> Any:
    """Loops over keys with their values, which the library has by this name alone."""
    return cel.NewEnvConfigFromYaml("extensions:\n- name: two-var-comprehensions\n")


def _extensions(own: Any) -> list[Any]:
    return [
        ext_optional.ExtOptional(),
        ext_strings.ExtStrings(),
        ext_bindings.ExtBindings(),
        own,
    ]


def pool(*files: Any) -> Any:
    """A descriptor pool with the well-known types, the library's and these."""
    found = descriptor_pool.DescriptorPool()
    for module in (struct_pb2, timestamp_pb2, duration_pb2):
        known = descriptor_pb2.FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(known)
        found.Add(known)
    for file in (library.file(), *files):
        found.Add(file)
    return found


class Types:
    """Expressions checked against the types of their variables.

    `functions`: more than the library has, as extensions.
    """

    def __init__(
        self, descriptors: Any, variables: Mapping[str, Any], functions: Sequence[Any] = ()
    ) -> None:
        self._env = cel.NewEnv(
            descriptors,
            config=_macros(),
            variables=dict(variables),
            extensions=[*_extensions(library.declared()), *functions],
        )

    def check(self, expression: str, *, line: int = 0) -> Any:
        """The type of an expression's value. Raises CompileError.

        `line`: how many lines before the expression are not its author's.
        """
        try:
            return _compiled(self._env, expression).return_type()
        except RuntimeError as error:
            problems = [each for each in _problems(str(error)) if not _MIXED.search(each)]
            if problems:
                raise CompileError(_complaint("\n".join(problems), line)) from None
        # What is left compares numbers of different types: cel-cpp can, but its checker says no.
        return cel.Type.BOOL


def _problems(text: str) -> list[str]:
    text = _CODE.sub("", text, count=1)
    text = re.sub(r" \[[A-Z_]+\]$", "", text)
    return [each for each in re.split(r"\n(?=ERROR: )", text) if each]


def _complaint(text: str, line: int = 0) -> str:
    """cel-cpp's complaints about an expression, as cel-go makes them."""
    found = "\n".join(sorted(map(_of_root, _problems(text)), key=_place)[:MOST_PROBLEMS])
    found = re.sub(r" not found in struct '[^']*'", "", found)
    if line:
        found = re.sub(r"<input>:(\d+):", lambda match: f"<input>:{int(match[1]) - line}:", found)
    return found


_PLACE = re.compile(r"ERROR: <input>:(\d+):(\d+): ")
_UNDECLARED = re.compile(
    r"ERROR: <input>:(?P<line>\d+):(?P<column>\d+): undeclared reference to '"
    r"(?P<root>\w+)\.[\w.]+' \(in container ''\)\n \| (?P<text>.*)\n \| \.*\^$"
)


def _place(problem: str) -> tuple[int, int]:
    match = _PLACE.match(problem)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _of_root(problem: str) -> str:
    """Of `a.b.c`, where a is not declared, cel-cpp says so at the last dot, cel-go at the a."""
    match = _UNDECLARED.match(problem)
    if match is None:
        return problem
    before = match["text"][: int(match["column"]) - 1]
    chain = re.search(rf"\b{match['root']}(?:\s*\.\s*\w+)*\s*$", before, re.ASCII)
    if chain is None:
        return problem
    column = chain.start() + 1
    return (
        f"ERROR: <input>:{match['line']}:{column}: undeclared reference to '{match['root']}' "
        f"(in container '')\n | {match['text']}\n | {'.' * chain.start()}^"
    )
