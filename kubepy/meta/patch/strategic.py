"""Strategic merge patch: a merge patch that knows the lists of Kubernetes' types.

A list whose field has the patch strategy `merge` is merged: by the merge key if its items are
maps, as a set if they are scalars. Any other list is replaced. Directives inside of a patch:

    {"$patch": "replace", ...}            this map or list instead of what was there
    {"$patch": "delete", "name": "a"}     remove this map, or this item of a list
    {"$patch": "merge"}                   the default
    {"$retainKeys": ["a"], ...}           drop the other keys of the map
    {"$deleteFromPrimitiveList/f": [..]}  remove scalars from the list f
    {"$setElementOrder/f": [..]}          the order of the list f

    apply(pod, {"spec": {"containers": [{"name": "a", "image": "b"}]}}, Pod)

Items that the patch names keep the patch's order; others keep theirs around them, as described in
Kubernetes' design proposal "preserve order in strategic merge patch".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubepy.api import codec, schema
from kubepy.api.types import Rules
from kubepy.meta.errors import BadRequest, Invalid, Unknown
from kubepy.meta.gotext import verbatim
from kubepy.meta.patch.merge import decode

__all__ = ["apply", "decode", "misfit"]

JSON = dict[str, Any]

PATCH = "$patch"
RETAIN_KEYS = "$retainKeys"
DELETE_FROM = "$deleteFromPrimitiveList"
SET_ORDER = "$setElementOrder"

_GO_TYPES = {
    str: "string", bool: "bool", int: "int64", float: "float64", list: "[]interface {}",
    type(None): "<nil>",
}  # fmt: skip
_NO_FIELD = schema.Field("", "", "one", object, Rules(), True)


def apply(document: JSON, patch: JSON, type_: Any) -> JSON:
    """The document with the patch merged in, as the schema of `type_` says."""
    return _merge_map(document, patch, type_)


def _merge_map(original: JSON, patch: JSON, type_: Any) -> JSON:
    if PATCH in patch:
        return _replaced(patch)
    merged = _retain(original, patch)
    change = {key: value for key, value in patch.items() if key != RETAIN_KEYS}
    for directive in [key for key in change if key.startswith(SET_ORDER)]:
        _reorder(merged, change, directive, type_)
    for key, value in change.items():
        deleting = key.startswith(DELETE_FROM)
        name = _directive_field(key, DELETE_FROM) if deleting else key
        if value is None:
            merged.pop(name, None)
        elif name not in merged or _kind(merged[name]) is not _kind(value):
            if not deleting:
                merged[name] = _plain(value)
        elif isinstance(value, dict):
            merged[name] = _merge_field(merged[name], value, _field(type_, name))
        elif isinstance(value, list):
            field = _field(type_, name)
            merged[name] = _merge_list(merged[name], value, field, deleting=deleting)
        else:
            merged[name] = value
    return {key: merged[key] for key in sorted(merged)}


def _kind(value: Any) -> type[Any]:
    return dict if isinstance(value, dict) else type(value)


def _field(type_: Any, name: str) -> schema.Field:
    return schema.field(type_, name) or _NO_FIELD


def _strategies(field: schema.Field) -> list[str]:
    return field.rules.patch_strategy.split(",")


def _merge_field(original: JSON, patch: JSON, field: schema.Field) -> JSON:
    if "replace" in _strategies(field):
        return _plain(patch)  # type: ignore[no-any-return]
    return _merge_map(original, patch, field.type if field.shape == "one" else None)


def _replaced(patch: JSON) -> JSON:
    match patch[PATCH]:
        case "replace":
            return {key: value for key, value in patch.items() if key != PATCH}
        case "delete":
            return {}
    raise _unknown_directive(patch)


def _retain(original: JSON, patch: JSON) -> JSON:
    if RETAIN_KEYS not in patch:
        return dict(original)
    kept = patch[RETAIN_KEYS]
    if not isinstance(kept, list):
        raise BadRequest.of("invalid patch format of retainKeys")
    for key, value in patch.items():
        directive = key == RETAIN_KEYS or key.startswith((DELETE_FROM, SET_ORDER))
        if value is not None and not directive and key not in kept:
            raise BadRequest.of("invalid patch format of retainKeys")
    return {key: value for key, value in original.items() if key in kept}


def _directive_field(key: str, prefix: str) -> str:
    """The list that `$setElementOrder/containers` speaks of."""
    start, _, name = key.partition("/")
    if start != prefix or not name:
        noun = "primitive list" if prefix == DELETE_FROM else "setElementOrder list"
        raise BadRequest.of(f"invalid patch format of {noun}")
    return name


def _merge_list(
    original: list[Any], patch: list[Any], field: schema.Field, *, deleting: bool
) -> list[Any]:
    """The two lists as one; if `deleting`, the original without what `patch` names."""
    if "merge" not in _strategies(field):
        return patch
    merged, named, server = _join(original, patch, field, deleting=deleting)
    if deleting:
        return merged
    return _arrange(merged, named, server, _key(field, original, patch))


def _join(
    original: list[Any], patch: list[Any], field: schema.Field, *, deleting: bool = False
) -> tuple[list[Any], list[Any], list[Any]]:
    """What is in both, without regard to order; the items of the patch that are no directives;
    and what is left of the original."""
    if not original and not patch:
        return [], [], []
    if not _are_maps(original, patch):
        if deleting:
            return [item for item in original if item not in patch], [], original
        return list(dict.fromkeys([*original, *patch])), patch, original
    key = field.rules.patch_merge_key
    if not key:
        raise Unknown.of("cannot merge lists without merge key for type struct")
    server, named = _directives(original, patch, key)
    merged = list(server)
    for item in named:
        value = _merge_key(item, key)
        at = next((i for i, other in enumerate(merged) if _has(other, key, value)), None)
        if at is None:
            merged.append(_plain(item))
        else:
            merged[at] = _merge_map(merged[at], item, field.type)
    return merged, named, server


def _are_maps(*lists: list[Any]) -> bool:
    """Whether the items are maps; they must all be of one kind."""
    kinds = {_kind(item) for items in lists for item in items}
    if list in kinds:
        raise Invalid.rejected()
    if len(kinds) > 1:
        names = " ".join(sorted(kind.__name__ for kind in kinds))
        raise Unknown.of(f"list element types are not identical: {names}")
    return dict in kinds


def _directives(original: list[Any], patch: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    """The original after the `$patch` items, and the patch without them."""
    named = []
    replaced = False
    for item in patch:
        match item.get(PATCH):
            case None:
                named.append(item)
            case "delete":
                value = _merge_key(item, key)
                original = [other for other in original if not _has(other, key, value)]
            case "replace":
                replaced = True
            case "merge":
                raise Unknown.of("merging lists cannot yet be specified in the patch")
            case _:
                raise _unknown_directive(item)
    return (named, []) if replaced else (original, named)


def _unknown_directive(patch: JSON) -> Unknown:
    shown = verbatim(patch)
    return Unknown.of(f"unknown patch type: {verbatim(patch[PATCH])} in map: {shown}")


def _merge_key(item: Any, key: str) -> Any:
    if not isinstance(item, dict):
        received = _GO_TYPES[type(item)]
        raise Unknown.of(f"expected a map[string]interface {{}}, but received a {received}")
    if key not in item:
        raise Unknown.of(f"map: {verbatim(item)} does not contain declared merge key: {key}")
    return _scalar(item[key])


def _scalar(value: Any) -> Any:
    """What items are told apart by; Kubernetes fails where that is a map or a list."""
    if isinstance(value, dict | list):
        raise Invalid.rejected()
    return value


def _has(item: JSON, key: str, value: Any) -> bool:
    return key in item and item[key] == value


def _key(field: schema.Field, *lists: list[Any]) -> str:
    """The merge key; none for scalars."""
    return field.rules.patch_merge_key if _are_maps(*lists) else ""


# ---- order


def _arrange(
    merged: Sequence[Any], order: Sequence[Any], server: Sequence[Any], key: str
) -> list[Any]:
    """`merged` in the order of `order`; items that it does not name stay where `server` had them.

    Order [b, n], server [a, b, c]: a stays before b, n goes right after b, c comes last.
    """

    def name(item: Any) -> Any:
        return _merge_key(item, key) if key else _scalar(item)

    ranks = {name(item): rank for rank, item in reversed(list(enumerate(order)))}
    places = {name(item): place for place, item in reversed(list(enumerate(server)))}
    named = sorted((item for item in merged if name(item) in ranks), key=lambda i: ranks[name(i)])
    others = sorted(
        (item for item in merged if name(item) not in ranks),
        key=lambda item: places.get(name(item), len(places)),
    )
    arranged: list[Any] = []
    waiting = 0
    for item in named:
        place = places.get(name(item))
        while place is not None and waiting < len(others):
            if places.get(name(others[waiting]), place) >= place:
                break
            arranged.append(others[waiting])
            waiting += 1
        arranged.append(item)
    return [*arranged, *others[waiting:]]


def _reorder(merged: JSON, change: JSON, directive: str, type_: Any) -> None:
    """Carry out one `$setElementOrder`, together with its list in the patch if there is one."""
    order = change.pop(directive)
    name = _directive_field(directive, SET_ORDER)
    if not isinstance(order, list):
        raise BadRequest.of("invalid patch format of setElementOrder list")
    original, patch = merged.get(name), change.pop(name, None)
    if original is None and patch is None:
        return
    for value in (original, patch):
        if value is not None and not isinstance(value, list):
            raise Unknown.of("expected a []interface {}, but received a map[string]interface {}")
    field = _field(type_, name)
    original, patch = original or [], patch or []
    _check_order(patch, order, field.rules.patch_merge_key)
    if not original:
        joined = [item for item in map(_plain, patch) if not _is_directive(item)]
    elif "merge" in _strategies(field):
        joined, _, _ = _join(original, patch, field)
    else:
        joined = patch
    merged[name] = _arrange(joined, order, original, _key(field, original, patch))


def _is_directive(item: Any) -> bool:
    return isinstance(item, dict) and PATCH in item


def _check_order(patch: list[Any], order: list[Any], key: str) -> None:
    """The items of the patch must appear in the same order in the directive."""
    if not patch or not order:
        return
    rest = iter(order)
    for item in patch:
        if _is_directive(item):
            continue
        wanted = _merge_key(item, key) if key else item
        if not any((_merge_key(other, key) if key else other) == wanted for other in rest):
            raise Unknown.of(
                f"The order in patch list:\n{verbatim(patch)}\n doesn't match {SET_ORDER} list:\n"
                f"{verbatim(order)}\n"
            )


def _plain(value: Any) -> Any:
    """A value that meets nothing to merge with: without its nulls and directives."""
    match value:
        case dict():
            return {
                key: _plain(item)
                for key, item in value.items()
                if item is not None
                and key not in (PATCH, RETAIN_KEYS)
                and not key.startswith((DELETE_FROM, SET_ORDER))
            }
        case list():
            return [_plain(item) for item in value if not _is_directive(item)]
        case _:
            return value


def misfit(problem: codec.DecodeError) -> str:
    """Why what came of a patch is no object of its type.

    Kubernetes converts it without JSON here, so that its words differ from a decoder's.
    """
    if not isinstance(problem, codec.Misfit):
        return str(problem)
    kind = _go_kind(problem.value)
    wanted = problem.wanted
    if wanted.startswith("[]"):
        return f"cannot restore slice from {kind}"
    if wanted.startswith("map["):
        return f"cannot restore map from {kind}"
    if "." in wanted:
        return f"cannot restore struct from: {kind}"
    if kind == "int64" and wanted == "string" or kind == "float64" and wanted.startswith("int"):
        return f"cannot convert {kind} to {wanted}"
    return f"unrecognized type: {wanted}"


def _go_kind(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case int():
            return "int64"
        case float():
            return "float64"
        case str():
            return "string"
        case list():
            return "slice"
        case _:
            return "map"
