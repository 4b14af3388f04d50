"""Values beside their shapes: which fields they have, what differs, how they merge.

Values are decoded JSON. None is changed, and a result shares with its arguments whatever they
agree on. What a list owns by item is told apart by path elements; an item that comes twice is
owned as one with its twins, since nothing tells them apart.

The rules are those of Kubernetes' structured-merge-diff, the library behind server-side apply.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from kubepy.meta.managed import fieldset
from kubepy.meta.managed.fieldset import LEAF, SELF, Fields
from kubepy.meta.managed.shapes import DEDUCED, ListShape, MapShape, Shape


class Unfit(ValueError):
    """An item of a list that cannot be told from others."""


# ---- items of lists


def element_of(shape: ListShape, item: Any) -> str:
    """The path element of an item. Raises Unfit."""
    if not shape.keys:
        return _scalar_element(item)
    if item is None:
        raise Unfit("associative list with keys may not have a null element")
    if not isinstance(item, dict):
        raise Unfit("associative list with keys may not have non-map elements")
    values = []
    for name in shape.keys:
        value = item.get(name, _MISSING)
        if value is _MISSING:
            value = shape.defaults.get(name, _MISSING)
            if value is _MISSING:
                raise Unfit(
                    f'associative list with keys has an element that omits key field "{name}" '
                    "(and doesn't have default value)"
                )
        values.append(value)
    try:
        return fieldset.keyed(shape.keys, *values)
    except TypeError:
        raise Unfit("associative list with keys may not have keys that are no scalars") from None


_MISSING: Any = object()


def _scalar_element(item: Any) -> str:
    match item:
        case dict():
            raise Unfit("associative list without keys has an element that's a map type")
        case list():
            raise Unfit("not supported: associative list with lists as elements")
        case None:
            raise Unfit("associative list without keys has an element that's an explicit null")
    return fieldset.valued(item)


def _indexed(shape: ListShape, items: Iterable[Any]) -> dict[str, list[Any]]:
    """The items by their elements, in their order; more than one where they are not unique."""
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(element_of(shape, item), []).append(item)
    return found


def _map_of(shape: Shape, value: Any) -> MapShape | None:
    """The rules for a map whose keys are owned on their own; None if it is owned whole."""
    found = shape.map if isinstance(value, dict) else None
    return None if found is None or found.atomic else found


def _list_of(shape: Shape, value: Any) -> ListShape | None:
    found = shape.list if isinstance(value, list) else None
    return None if found is None or found.atomic else found


# ---- the fields of a value


def fields_of(shape: Shape, value: Any) -> Fields:
    """The set of what an applied configuration says.

    Structs are not in it as such, only their fields; keys of maps and items of lists are.
    """
    if (rules := _map_of(shape, value)) is not None:
        found = {}
        for name in sorted(value):
            item = value[name]
            inner = rules.shape_of(name)
            below = fields_of(inner, item)
            if below:
                declared = name in rules.fields
                found["f:" + name] = below if declared else {SELF: LEAF, **below}
            elif name not in rules.fields or not _says_nothing(inner, item):
                found["f:" + name] = LEAF
        return found
    if (items := _list_of(shape, value)) is not None:
        found = {}
        for element, twins in _indexed(items, value).items():
            below = fields_of(items.element, twins[0]) if len(twins) == 1 else LEAF
            found[element] = {SELF: LEAF, **below} if below else LEAF
        return fieldset.in_order(found)
    return LEAF


def _says_nothing(shape: Shape, value: Any) -> bool:
    """Whether a value without fields is none itself: a list of items that has none, or a struct
    of such lists."""
    if _list_of(shape, value) is not None:
        return True
    return bool(value) and _map_of(shape, value) is not None


def whole(shape: Shape, value: Any) -> Fields:
    """An element and all below it: what came with a value that was not there before."""
    if value and (rules := _map_of(shape, value)) is not None:
        fields, other = rules.fields, rules.element or DEDUCED
        found = {SELF: LEAF}
        for name in sorted(value):
            item = value[name]
            if item and isinstance(item, dict | list):
                found["f:" + name] = whole(fields.get(name) or other, item)
            else:
                found["f:" + name] = LEAF
        return found
    if value and (items := _list_of(shape, value)) is not None:
        found = {}
        for element, twins in _indexed(items, value).items():
            found[element] = whole(items.element, twins[0]) if len(twins) == 1 else LEAF
        return {SELF: LEAF, **fieldset.in_order(found)}
    return LEAF


# ---- comparison


class Comparison(NamedTuple):
    changed: Fields  # what is new or has another value
    removed: Fields


def compare(shape: Shape, old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    """What makes `new` of `old`. Equal parts cost no walk."""
    changed: Fields = {}
    removed: Fields = {}
    rules = shape.map
    assert rules is not None, "objects are maps"
    _compare_maps(rules, old, new, changed, removed)
    return Comparison(fieldset.in_order(changed), fieldset.in_order(removed))


def _compare_maps(
    rules: MapShape, old: dict[str, Any], new: dict[str, Any], changed: Fields, removed: Fields
) -> None:
    for name in sorted(new):
        value = new[name]
        before = old.get(name, _MISSING)
        if before is _MISSING:
            changed["f:" + name] = (
                whole(rules.shape_of(name), value) if isinstance(value, dict | list) else LEAF
            )
        elif before != value:
            _compare(rules.shape_of(name), before, value, "f:" + name, changed, removed)
    for name in sorted(old):
        if name not in new:
            removed["f:" + name] = whole(rules.shape_of(name), old[name])


def _compare(
    shape: Shape, old: Any, new: Any, element: str, changed: Fields, removed: Fields
) -> None:
    """Two different values of one field; what differs goes below `element` in the results."""
    below_changed: Fields = {}
    below_removed: Fields = {}
    maps = _map_of(shape, new) or _map_of(shape, old)
    lists = _list_of(shape, new) or _list_of(shape, old)
    if maps is not None and (old or new):
        _compare_maps(maps, _dict(old), _dict(new), below_changed, below_removed)
    if lists is not None and (old or new):
        _compare_lists(lists, _list(old), _list(new), below_changed, below_removed)
    walked = (maps is not None or lists is not None) and (old or new)
    if not walked or not _alike(old, new):
        changed[element] = {SELF: LEAF, **below_changed} if below_changed else LEAF
    elif below_changed:
        changed[element] = fieldset.in_order(below_changed)
    if below_removed:
        removed[element] = fieldset.in_order(below_removed)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _alike(old: Any, new: Any) -> bool:
    """Whether both are of one kind; null is of any."""
    return old is None or new is None or type(old) is type(new)


def _compare_lists(
    rules: ListShape, old: list[Any], new: list[Any], changed: Fields, removed: Fields
) -> None:
    before, after = _indexed(rules, old), _indexed(rules, new)
    shape = rules.element
    for element, items in after.items():
        earlier = before.get(element, [])
        if earlier == items:
            continue
        if len(items) > 1:  # owned as one value
            changed[element] = LEAF
            if len(earlier) == 1:
                removed[element] = whole(shape, earlier[0])
        elif len(earlier) == 1:
            _compare(shape, earlier[0], items[0], element, changed, removed)
        else:
            changed[element] = whole(shape, items[0])
            if earlier:
                removed[element] = LEAF
    for element, items in before.items():
        if element not in after:
            removed[element] = whole(shape, items[0]) if len(items) == 1 else LEAF


# ---- merge


def merge(shape: Shape, live: Any, config: Any) -> Any:
    """The live value with everything that the configuration says."""
    if live is config or live == config:
        return live
    if (rules := _map_of(shape, config)) is not None and isinstance(live, dict) and live:
        found = dict(live)
        for name, value in config.items():
            if name in live:
                value = merge(rules.shape_of(name), live[name], value)
            found[name] = value
        return found
    if (items := _list_of(shape, config)) is not None and isinstance(live, list) and live:
        return _merge_lists(items, live, config)
    if (config is None or config == {} or config == []) and live and _is_granular(shape, live):
        return live  # nothing is said about what is in it
    return config


def _is_granular(shape: Shape, value: Any) -> bool:
    return _map_of(shape, value) is not None or _list_of(shape, value) is not None


def _merge_lists(rules: ListShape, live: list[Any], config: list[Any]) -> list[Any]:
    """Items of both in the configuration's order; the live list's others stay behind what they
    followed, as far as that goes.

    live [a, b, c, d], config [c, x, b]: b is passed over until its turn comes: [a, c, d, x, b]
    """
    mine = [element_of(rules, item) for item in live]
    theirs = [element_of(rules, item) for item in config]
    by_element = dict(zip(theirs, config, strict=True))
    live_by_element = _indexed(rules, live)
    shared = [element for element in theirs if element in live_by_element]
    found: list[Any] = []
    done: set[str] = set()

    def take(element: str) -> None:
        twins = live_by_element.get(element, [])
        value = by_element[element]
        found.append(merge(rules.element, twins[0], value) if len(twins) == 1 else value)
        done.add(element)

    at_live = at_config = turn = 0
    while at_live < len(mine) or at_config < len(theirs):
        next_one = theirs[at_config] if at_config < len(theirs) else None
        if at_live < len(mine):
            element = mine[at_live]
            if element not in by_element:
                found.append(live[at_live])
                at_live += 1
                continue
            waits = turn < len(shared) and shared[turn] != element
            if next_one is not None and next_one != element and waits:
                at_live += 1  # taken when the configuration comes to it
                continue
            if element == next_one or element in done:
                at_live += 1
        if next_one is not None:
            take(next_one)
            at_config += 1
            if turn < len(shared) and shared[turn] == next_one:
                turn += 1
    return found


# ---- removal


def remove(shape: Shape, value: Any, fields: Fields) -> Any:
    """The value without some fields; null where nothing is left of it."""
    if isinstance(value, dict) and value:
        rules = _map_of(shape, value)
        if rules is None:
            return None if shape.map is not None else value
        kept: dict[str, Any] = {}
        for name, item in value.items():
            node = fields.get("f:" + name)
            if node is None:
                kept[name] = item
            elif node and SELF not in node:
                kept[name] = remove(rules.shape_of(name), item, node)
        return kept or None
    if isinstance(value, list) and value:
        items = _list_of(shape, value)
        if items is None:
            return None if shape.list is not None else value
        left = []
        for item in value:
            node = fields.get(element_of(items, item))
            if node is None:
                left.append(item)
            elif node and SELF not in node:
                left.append(remove(items.element, item, node))
        return left or None
    return None if isinstance(value, dict | list) else value


def named(shape: Shape, fields: Fields) -> Fields:
    """The set with every struct field in it that something below it is a member of."""
    found = {}
    for key, node in fields.items():
        if not node:
            found[key] = node
            continue
        inner, declared = _below(shape, key)
        node = named(inner, node) if inner is not None else node
        found[key] = {SELF: LEAF, **node} if declared and SELF not in node else node
    return found


def reconciled(shape: Shape, fields: Fields) -> Fields:
    """A set that was written when parts of the type had owners of their own that are now owned
    whole: whoever has some of such a part has all of it."""
    found = {}
    for key, node in fields.items():
        inner, _ = _below(shape, key) if node else (None, False)
        if inner is None or inner is DEDUCED:
            found[key] = node
        elif _is_whole(inner):
            found[key] = LEAF
        else:
            found[key] = reconciled(inner, node)
    return fields if found == fields else found


def _is_whole(shape: Shape) -> bool:
    rules = shape.map or shape.list
    return rules is not None and rules.atomic


def _below(shape: Shape, element: str) -> tuple[Shape | None, bool]:
    """The shape of an element, and whether it is a struct's field."""
    if element.startswith("f:") and shape.map is not None:
        name = element[2:]
        return shape.map.shape_of(name), name in shape.map.fields
    if element.startswith("k:") and shape.list is not None:
        return shape.list.element, False
    return None, False
