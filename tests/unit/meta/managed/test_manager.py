"""What writes do to the owners of fields: updates, applies, conflicts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.api.meta.v1 import ManagedFieldsEntry
from kubepy.api.types import Time
from kubepy.meta.managed import entries, manager, scale
from kubepy.meta.managed.entries import Owner, applier, updater
from kubepy.meta.managed.fieldset import Malformed, of, parse, paths, union, without
from kubepy.meta.managed.manager import Conflicts, Scope, Versioned
from kubepy.meta.managed.shapes import DEDUCED, STRING, UNTYPED, MapShape, Shape

V1 = "v1"
ANYTHING = Shape(UNTYPED)
VALUES = Shape(map_=MapShape(element=ANYTHING))
METADATA = Shape(map_=MapShape({"name": Shape(STRING), "uid": Shape(STRING), "labels": VALUES}))
SHAPE = Shape(
    map_=MapShape(
        {"metadata": METADATA, "data": VALUES, "spec": VALUES, "status": VALUES, "x": ANYTHING}
    )
)
SCOPE = Scope(shape=SHAPE, version=V1)
FREE = Scope(shape=DEDUCED, version=V1)  # of an object without a schema
T = [Time(f"2026-01-01T00:00:{second:02}Z") for second in range(30)]
A, B = applier("a", ""), applier("b", "")


def data(**values):
    return {"data": values}


def owned(owners):
    """Who owns what, in few words."""
    return {
        f"{key.manager} {key.operation}": [path.removeprefix(".data") for path in paths(o.fields)]
        for key, o in owners.items()
    }


def apply(live, config, owners, name, at=T[1], *, force=False, scope=SCOPE):
    return manager.apply(scope, live, config, owners, name, at, force=force)


def update(old, new, owners, name, at=T[1], *, scope=SCOPE):
    return manager.update(scope, manager.changed(scope.shape, old, new), owners, name, at)


# ---- apply


def test_a_configuration_belongs_to_who_applies_it():
    live, owners = apply({}, data(x="1"), {}, "a")
    assert live == data(x="1")
    assert owned(owners) == {"a Apply": [".x"]}
    assert owners[A].time == T[1]


def test_what_is_applied_no_more_goes():
    live, owners = apply({}, data(x="1", y="2"), {}, "a")
    live, owners = apply(live, data(x="1"), owners, "a")
    assert (live, owned(owners)) == (data(x="1"), {"a Apply": [".x"]})


def test_what_another_applies_too_stays():
    live, owners = apply({}, data(x="1", y="2"), {}, "a")
    live, owners = apply(live, data(y="2"), owners, "b")
    live, owners = apply(live, data(x="1"), owners, "a")
    assert live == data(x="1", y="2")
    assert owned(owners) == {"a Apply": [".x"], "b Apply": [".y"]}


def test_what_others_added_below_stays():
    live, owners = apply({}, {"spec": {"x": "1"}}, {}, "a")
    new = {"spec": {"x": "1", "y": "2"}}
    owners = update(live, new, owners, "u")
    live, owners = apply(new, {"metadata": {}}, owners, "a")
    assert live["spec"] == {"y": "2"}
    assert owned(owners) == {"u Update": [".spec.y"]}


def test_a_value_that_another_owns_is_a_conflict():
    live, owners = apply({}, data(x="1", y="1"), {}, "a")
    owners = update(live, data(x="1", y="1", z="1"), owners, "u")
    with pytest.raises(Conflicts) as caught:
        apply(data(x="1", y="1", z="1"), data(x="2", y="2", z="2"), owners, "b")
    refusal = caught.value.refusal()
    assert refusal.code == 409
    assert refusal.message == (
        'Apply failed with 3 conflicts: conflicts with "a":\n- .data.x\n- .data.y\n'
        'conflicts with "u" using v1:\n- .data.z'
    )
    assert [(cause.reason, cause.message, cause.field) for cause in refusal.causes] == [
        ("FieldManagerConflict", 'conflict with "a"', ".data.x"),
        ("FieldManagerConflict", 'conflict with "a"', ".data.y"),
        ("FieldManagerConflict", 'conflict with "u" using v1', ".data.z"),
    ]


def test_one_conflict_is_one_sentence():
    live, owners = apply({}, data(x="1"), {}, "a")
    with pytest.raises(Conflicts) as caught:
        apply(live, data(x="2"), owners, "b")
    message = 'Apply failed with 1 conflict: conflict with "a": .data.x'
    assert caught.value.refusal().message == message


def test_force_takes_the_fields():
    live, owners = apply({}, data(x="1", y="1"), {}, "a")
    live, owners = apply(live, data(x="2"), owners, "b", force=True)
    assert live == data(x="2", y="1")
    assert owned(owners) == {"a Apply": [".y"], "b Apply": [".x"]}


def test_the_same_value_is_shared():
    live, owners = apply({}, data(x="1"), {}, "a")
    _, owners = apply(live, data(x="1"), owners, "b")
    assert owned(owners) == {"a Apply": [".x"], "b Apply": [".x"]}


def test_an_apply_that_changes_nothing_keeps_its_time():
    live, owners = apply({}, data(x="1"), {}, "a", T[1])
    again, owners = apply(live, data(x="1"), owners, "a", T[2])
    assert (again, owners[A].time) == (live, T[1])


def test_who_joins_without_a_change_has_no_time():
    live, owners = apply({}, data(x="1"), {}, "a", T[1])
    _, owners = apply(live, data(x="1"), owners, "b", T[2])
    assert owners[B].time is None


def test_an_empty_configuration_owns_nothing():
    live, owners = apply({}, data(x="1"), {}, "a")
    _, owners = apply(live, {"metadata": {"name": "n"}}, owners, "a")
    assert owners == {}


def test_the_servers_own_metadata_has_no_owner():
    config = {"metadata": {"name": "n", "uid": "u", "labels": {"a": "b"}}}
    _, owners = apply({}, config, {}, "a")
    assert owned(owners) == {"a Apply": [".metadata.labels.a"]}


def test_what_a_subresource_resets_cannot_be_owned():
    scope = Scope(
        shape=SHAPE, version=V1, subresource="status",
        kept=lambda fields: without(fields, of("f:spec")),
    )  # fmt: skip
    _, owners = apply({}, {"spec": {"x": 1}, "status": {"y": 2}}, {}, "a", scope=scope)
    assert [key.subresource for key in owners] == ["status"]
    assert owned(owners) == {"a Apply": [".status.y"]}


# ---- update


def test_an_update_owns_what_it_changes():
    owners = update({}, data(x="1", y="1"), {}, "a", T[1])
    owners = update(data(x="1", y="1"), data(x="1", y="2"), owners, "b", T[2])
    assert owned(owners) == {"a Update": ["", ".x"], "b Update": [".y"]}
    assert owners[updater("b", V1, "")].time == T[2]
    assert owners[updater("a", V1, "")].time == T[1]


def test_an_update_takes_from_who_applied():
    live, owners = apply({}, data(x="1", y="1"), {}, "a")
    owners = update(live, data(x="2", y="1"), owners, "u")
    assert owned(owners) == {"a Apply": [".y"], "u Update": [".x"]}


def test_what_is_removed_belongs_to_nobody():
    live, owners = apply({}, data(x="1", y="1"), {}, "a", T[1])
    owners = update(live, data(x="1"), owners, "u", T[2])
    assert owned(owners) == {"a Apply": [".x"]}
    assert owners[A].time == T[1]


def test_an_update_that_changes_nothing_changes_no_owner():
    owners = update({}, data(x="1"), {}, "a", T[1])
    assert update(data(x="1"), data(x="1"), dict(owners), "b", T[2]) == owners


def test_later_updates_of_a_manager_add_up():
    owners = update({}, data(x="1"), {}, "a", T[1])
    owners = update(data(x="1"), data(x="1", y="1"), owners, "a", T[2])
    assert owned(owners) == {"a Update": ["", ".x", ".y"]}
    assert owners[updater("a", V1, "")].time == T[2]


def test_who_has_no_name_is_unknown():
    assert owned(update({}, {"x": 1}, {}, "")) == {"unknown Update": [".x"]}


def test_the_oldest_of_too_many_updaters_are_joined():
    owners, live = {}, {"data": {"k": "0"}}
    for number in range(13):
        new = {"data": {**live["data"], f"k{number:02}": "1"}}
        owners = update(live, new, owners, f"m{number:02}", T[number])
        live = new
    names = [key.manager for key in owners]
    assert len(names) == manager.MAX_UPDATERS
    ancient = owners[updater(manager.ANCIENT, V1, "")]
    assert list(paths(ancient.fields)) == [".data.k00", ".data.k01", ".data.k02", ".data.k03"]
    assert ancient.time == T[3]
    assert "m03" not in names and "m04" in names


# ---- versions


def renamed(document, version):
    """Version v2 calls data `values`."""
    if version != "v2":
        return None
    return Versioned(DEDUCED, {"values": document.get("data", {})})


def test_owners_in_another_version_are_compared_in_it():
    scope = Scope(shape=DEDUCED, version=V1, convert=renamed)
    key = updater("w", "v2", "")
    both = union(of("f:values", "f:x"), of("f:values", "f:y"))
    owners = update(data(x="1", y="1"), data(x="2", y="1"), {key: Owner(both, "v2")}, "u",
                    scope=scope)  # fmt: skip
    assert list(paths(owners[key].fields)) == [".values.y"]


def test_owners_in_a_version_that_is_gone_are_gone():
    key = updater("w", "v0", "")
    owners = update(data(x="1"), data(x="2"), {key: Owner(of("f:x"), "v0")}, "u")
    assert owned(owners) == {"u Update": [".x"]}


# ---- from client-side apply


def test_what_client_side_apply_left_may_be_taken_over():
    live = data(x="1", y="2")
    last = data(x="1", y="1", z="1")
    assert list(paths(manager.allowed(SCOPE, live, last))) == [".data.x"]
    owners = update({}, live, {}, "kubectl-client-side-apply")
    with pytest.raises(Conflicts) as caught:
        apply(live, data(x="2", y="3"), owners, "kubectl")
    rest = manager.beyond(caught.value, manager.allowed(SCOPE, live, last))
    assert [path for _, path in rest.found] == [".data.y"]
    assert manager.beyond(rest, of("f:data", "f:y")) is None


def test_an_untracked_object_gets_one_owner_for_its_past():
    owners = manager.first_owner(SCOPE, {}, data(x="1"), T[1])
    assert owned(owners) == {"before-first-apply Update": ["", ".x"]}


# ---- entries


def entry(**changes):
    given = {"manager": "m", "operation": "Update", "apiVersion": V1, "fieldsType": "FieldsV1"}
    return ManagedFieldsEntry(**given | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"operation": "Create"}, "operation must be `Apply` or `Update`", id="verb"),
        pytest.param({"apiVersion": ""}, "apiVersion must not be empty", id="version"),
        pytest.param({"fieldsType": ""}, "missing fieldsType in managed fields entry 0", id="type"),
        pytest.param(
            {"fieldsType": "FieldsV2"},
            'invalid fieldsType "FieldsV2" in managed fields entry 0',
            id="unknown type",
        ),
    ],
)
def test_entries_that_nobody_understands(changes, message):
    with pytest.raises(Malformed) as caught:
        entries.decode((entry(**changes),), DEDUCED, V1)
    assert str(caught.value) == message
    assert entries.known((entry(**changes),), DEDUCED, V1) == {}


def test_entries_stand_in_order():
    owners = {
        updater("b", V1, ""): Owner(of("f:x"), V1, T[1]),
        updater("a", V1, ""): Owner(of("f:x"), V1, T[1]),
        updater("c", V1, ""): Owner(of("f:x"), V1, T[0]),
        updater("d", V1, ""): Owner(of("f:x"), V1, None),
        applier("z", ""): Owner(of("f:x"), V1, T[2]),
        applier("z", "status"): Owner(of("f:x"), V1, T[2]),
    }
    found = [(e.manager, e.subresource) for e in entries.encode(owners)]
    assert found == [("z", ""), ("z", "status"), ("d", ""), ("c", ""), ("a", ""), ("b", "")]
    assert entries.decode(entries.encode(owners), DEDUCED, V1) == owners


def test_what_is_wrong_with_entries():
    found = entries.problems(
        "f", (entry(manager="a\nb", operation="", fieldsType="x", subresource="s" * 257),)
    )
    assert [problem.field for problem in found] == [
        "f[0].operation", "f[0].fieldsType", "f[0].manager", "f[0].subresource",
    ]  # fmt: skip


# ---- scale

APPS = "apps/v1"
REPLICAS = parse(b'{"f:spec":{"f:replicas":{}}}')
MORE = parse(b'{"f:spec":{"f:paused":{},"f:replicas":{}}}')


def test_a_scale_shows_who_owns_the_replicas():
    owners = {A: Owner(MORE, APPS, T[1]), B: Owner(of("f:spec", "f:paused"), APPS, T[1])}
    assert scale.shown(owners, APPS) == {A: Owner(REPLICAS, "autoscaling/v1", T[1])}


def test_a_scale_gives_back_who_owns_the_replicas_now():
    scaler = updater("s", "autoscaling/v1", "scale")
    owners = {A: Owner(MORE, APPS, T[1]), B: Owner(REPLICAS, APPS, T[1])}
    taken = scale.given_back(owners, {scaler: Owner(REPLICAS, "autoscaling/v1", T[2])}, APPS)
    assert taken == {
        A: Owner(of("f:spec", "f:paused"), APPS, T[1]),
        scaler: Owner(REPLICAS, APPS, None),
    }
    kept = scale.given_back(owners, scale.shown(owners, APPS), APPS)
    assert kept == owners


# ---- properties

values = st.recursive(
    st.sampled_from(["1", "2", None]),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@given(documents, documents)
def test_applying_twice_is_applying_once(live, config):
    owners = manager.first_owner(FREE, {}, live, T[0])
    once, owners = apply(live, config, owners, "a", T[1], force=True, scope=FREE)
    twice, again = apply(once, config, dict(owners), "a", T[2], scope=FREE)
    assert (twice, again) == (once, owners)


@given(documents, documents, documents)
def test_no_two_owners_of_different_minds(live, first, second):
    owners = manager.first_owner(FREE, {}, live, T[0])
    live, owners = apply(live, first, owners, "a", T[1], force=True, scope=FREE)
    live, owners = apply(live, second, owners, "b", T[2], force=True, scope=FREE)
    apply(
        live, second, dict(owners), "b", T[3], scope=FREE
    )  # raises Conflicts if somebody disagrees


@given(documents, documents)
def test_every_field_of_an_object_that_was_updated_has_an_owner(old, new):
    owners = update(old, new, update({}, old, {}, "a", scope=FREE), "b", scope=FREE)
    alone = update({}, new, {}, "x", scope=FREE)
    assert _all(owners) == _all(alone)


def _all(owners):
    return {path for owner in owners.values() for path in paths(owner.fields)}
