"""JSON patch, RFC 6902, with the liberties of the library that Kubernetes uses.

    apply({"a": [1]}, [Operation(op="add", path="/a/-", value=2)])    {"a": [1, 2]}

The liberties: `replace` of a key that is missing adds it, and indexes may count from the end.
Whatever does not fit the document is answered with a bare 422.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from kubepy.api import codec
from kubepy.meta.errors import BadRequest, Invalid, RequestEntityTooLarge
from kubepy.meta.gotext import json_kind

OPERATIONS_LIMIT = 10_000
COPIED_BYTES_LIMIT = 3 * 1024 * 1024  # of all copies of a patch together, as JSON

_FIELDS = ("op", "path", "from", "value")


class Operation(Struct, frozen=True, kw_only=True):
    """One step. `path` and `source` are JSON pointers."""

    op: str
    path: str
    source: str | None = None
    value: Any = None


class Decoded(NamedTuple):
    """The steps, and what a strict reader complains of."""

    operations: list[Operation]
    problems: list[str]


def decode(raw: bytes) -> Decoded:
    """The patch in a request's body."""
    try:
        value = codec.load_json(raw)
    except codec.DecodeError as error:
        raise BadRequest.of(f"error decoding patch: {error}") from None
    if not isinstance(value, list):
        raise _no_go_value(value, "[]handlers.jsonPatchOp")
    if len(value) > OPERATIONS_LIMIT:
        raise RequestEntityTooLarge.of(
            f"The allowed maximum operations in a JSON patch is {OPERATIONS_LIMIT}, got "
            f"{len(value)}"
        )
    problems: list[str] = []
    operations = []
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            raise _no_go_value(item, "handlers.jsonPatchOp")
        repeated = getattr(item, "repeated", ())
        problems += [f'json patch duplicate field "[{index}].{key}"' for key in repeated]
        problems += [
            f'json patch unknown field "[{index}].{key}"' for key in item if key not in _FIELDS
        ]
        operations.append(_operation(item))
    return Decoded(operations, problems)


def _no_go_value(value: Any, wanted: str) -> BadRequest:
    return BadRequest.of(
        f"error decoding patch: json: cannot unmarshal {json_kind(value)} into Go value of type "
        f"{wanted}"
    )


def _operation(item: dict[str, Any]) -> Operation:
    op, path, source = item.get("op"), item.get("path"), item.get("from")
    return Operation(
        op=op if isinstance(op, str) else "",
        path=path if isinstance(path, str) else "\0",  # no pointer: it fits no document
        source=source if isinstance(source, str) else None,
        value=item.get("value"),
    )


Touched = dict[int, dict[str, Any]]  # objects on the way to what was changed, by identity


class _Misfit(Exception):
    """The operation cannot be done on this document."""


def apply(document: dict[str, Any], operations: Sequence[Operation]) -> dict[str, Any]:
    """The document after all steps; Invalid if one of them does not fit."""
    root: Any = deepcopy(document)
    touched: Touched = {}
    copied = 0
    try:
        for operation in operations:
            root, size = _step(root, operation, touched)
            copied += size
            if copied > COPIED_BYTES_LIMIT:
                raise _Misfit
    except (_Misfit, RecursionError):
        raise Invalid.rejected() from None
    if not isinstance(root, dict) or codec.is_too_deep(root):
        raise Invalid.rejected()
    if operations:
        for container in (touched | {id(root): root}).values():
            for key in sorted(container):
                container[key] = container.pop(key)
    return root


def _step(root: Any, operation: Operation, touched: Touched) -> tuple[Any, int]:
    """Change `root` in place, or answer with what takes its place; and how much was copied."""
    if operation.path == "" and operation.op in ("replace", "test"):
        return _whole(root, operation), 0
    copied = 0
    parent, key = _find(root, operation.path, touched)
    match operation.op:
        case "add":
            _add(parent, key, deepcopy(operation.value))
        case "remove":
            _remove(parent, key)
        case "replace":
            _replace(parent, key, deepcopy(operation.value))
        case "move":
            source_parent, source_key = _find(root, _pointer(operation.source), touched)
            value = _get(source_parent, source_key)
            _remove(source_parent, source_key)
            parent, key = _find(root, operation.path, touched)
            _add(parent, key, value)
        case "copy":
            source_parent, source_key = _find(root, _pointer(operation.source), touched)
            value = _get(source_parent, source_key)
            copied = len(msgspec.json.encode(value))
            _add(parent, key, deepcopy(value))
        case "test":
            if not _same(_get(parent, key), operation.value):
                raise _Misfit
        case _:
            raise _Misfit
    return root, copied


def _pointer(source: str | None) -> str:
    if source is None:
        raise _Misfit
    return source


def _whole(root: Any, operation: Operation) -> Any:
    if operation.op == "test":
        if not _same(root, operation.value):
            raise _Misfit
        return root
    if not isinstance(operation.value, dict | list):
        raise _Misfit
    return deepcopy(operation.value)


def _find(root: Any, pointer: str, touched: Touched) -> tuple[Any, str]:
    """The container that a pointer leads to, and the last key."""
    if not pointer.startswith("/"):
        raise _Misfit
    *path, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    container = root
    for part in path:
        container = _get(container, part)
        if not isinstance(container, dict | list):
            raise _Misfit
        if isinstance(container, dict):
            touched[id(container)] = container
    return container, last


def _index(container: list[Any], key: str, size: int) -> int:
    """The index that `key` names among `size` places; from the end if negative."""
    try:
        index = int(key)
    except ValueError:
        raise _Misfit from None
    if not -size <= index < size:
        raise _Misfit
    return index + size if index < 0 else index


def _get(container: Any, key: str) -> Any:
    if isinstance(container, dict):
        return container.get(key)
    return container[_index(container, key, len(container))]


def _add(container: Any, key: str, value: Any) -> None:
    if isinstance(container, dict):
        container[key] = value
    elif key == "-":
        container.append(value)
    else:
        container.insert(_index(container, key, len(container) + 1), value)


def _remove(container: Any, key: str) -> None:
    if isinstance(container, dict):
        if key not in container:
            raise _Misfit
        del container[key]
    else:
        del container[_index(container, key, len(container))]


def _replace(container: Any, key: str, value: Any) -> None:
    if isinstance(container, dict):
        container[key] = value
    else:
        container[_index(container, key, len(container))] = value


def _same(left: Any, right: Any) -> bool:
    """Equal as JSON: true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)
