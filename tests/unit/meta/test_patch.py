from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.api.apps.v1 import Deployment
from kubepy.api.core.v1 import Pod
from kubepy.meta.errors import ApiError, BadRequest, Invalid
from kubepy.meta.patch import json, merge, strategic

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)
documents = st.dictionaries(st.sampled_from("abc"), values)
# Without maps in lists: what becomes of their nulls depends on what they replace (see the table).
patches = st.recursive(
    scalars | st.lists(scalars, max_size=3),
    lambda inner: st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


# ---- merge patch


@pytest.mark.parametrize(
    ("document", "patch", "result"),
    [  # the table of RFC 7386, appendix A, as far as it has objects
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        # and what Kubernetes' library makes of nulls inside of lists
        ({}, {"a": [{"b": None, "c": [{"d": None}]}, None]}, {"a": [{"c": [{}]}, None]}),
        ({"a": [1]}, {"a": [{"b": None}]}, {"a": [{}]}),
        ({"a": {"x": 1}}, {"a": [{"b": None}]}, {"a": [{"b": None}]}),
    ],
)
def test_merge(document, patch, result):
    assert merge.apply(document, patch) == result


@given(documents, st.dictionaries(st.sampled_from("abc"), patches))
def test_merging_twice_changes_nothing_more_and_no_argument(document, patch):
    before = deepcopy((document, patch))
    once = merge.apply(document, patch)
    assert merge.apply(once, patch) == once
    assert (document, patch) == before


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{", "error decoding patch: unexpected end of JSON input"),
        (
            b"[1]",
            "error decoding patch: json: cannot unmarshal array into Go value of type "
            "map[string]interface {}",
        ),
    ],
)
def test_no_merge_patch(raw, message):
    with pytest.raises(BadRequest) as caught:
        merge.decode(raw)
    assert caught.value.message == message


def test_fields_that_come_twice_are_named():
    decoded = merge.decode(b'{"spec":{"a":1,"a":2,"l":[{"b":1,"b":1}]}}')
    assert decoded.problems == ['duplicate field "spec.a"', 'duplicate field "spec.l[0].b"']


# ---- JSON patch


def run_json(document, *steps):
    return json.apply(document, json.decode(bytes_of(list(steps))).operations)


def bytes_of(value):
    import json as stdlib

    return stdlib.dumps(value).encode()


@pytest.mark.parametrize(
    ("document", "step", "result"),
    [
        ({}, {"op": "add", "path": "/a", "value": 1}, {"a": 1}),
        ({"a": 1}, {"op": "add", "path": "/a", "value": 2}, {"a": 2}),
        ({"a": [1]}, {"op": "add", "path": "/a/0", "value": 0}, {"a": [0, 1]}),
        ({"a": [1]}, {"op": "add", "path": "/a/1", "value": 2}, {"a": [1, 2]}),
        ({"a": [1]}, {"op": "add", "path": "/a/-", "value": 2}, {"a": [1, 2]}),
        ({"a": 1}, {"op": "remove", "path": "/a"}, {}),
        ({"a": [1, 2]}, {"op": "remove", "path": "/a/0"}, {"a": [2]}),
        ({"a": 1}, {"op": "replace", "path": "/a", "value": {"b": 1}}, {"a": {"b": 1}}),
        ({}, {"op": "replace", "path": "/a", "value": 1}, {"a": 1}),
        ({"a": 1}, {"op": "replace", "path": "", "value": {"b": 1}}, {"b": 1}),
        ({"a": 1}, {"op": "move", "from": "/a", "path": "/b"}, {"b": 1}),
        ({"a": [1, 2]}, {"op": "move", "from": "/a/0", "path": "/a/1"}, {"a": [2, 1]}),
        ({"a": 1}, {"op": "copy", "from": "/a", "path": "/b"}, {"a": 1, "b": 1}),
        ({"x/y~": 1}, {"op": "remove", "path": "/x~1y~0"}, {}),
        ({"a": {"b": [1]}}, {"op": "test", "path": "/a", "value": {"b": [1]}}, {"a": {"b": [1]}}),
        ({}, {"op": "test", "path": "/a", "value": None}, {}),
    ],
)
def test_json(document, step, result):
    assert run_json(document, step) == result


@pytest.mark.parametrize(
    "step",
    [
        {"op": "remove", "path": "/absent"},
        {"op": "add", "path": "/absent/x", "value": 1},
        {"op": "add", "path": "/l/5", "value": 1},
        {"op": "add", "path": "/l/x", "value": 1},
        {"op": "replace", "path": "/l/1", "value": 1},
        {"op": "test", "path": "/a", "value": True},
        {"op": "test", "path": "/a", "value": 2},
        {"op": "move", "from": "/absent", "path": "/b"},
        {"op": "copy", "path": "/b"},
        {"op": "frobnicate", "path": "/a"},
        {"op": "add", "value": 1},
        {"op": "replace", "path": "", "value": 1},
    ],
    ids=str,
)
def test_json_that_does_not_fit(step):
    document = {"a": 1, "l": [0]}
    with pytest.raises(Invalid) as caught:
        run_json(document, {"op": "add", "path": "/new", "value": 1}, step)
    assert caught.value.message == "the server rejected our request due to an error in our request"
    assert caught.value.code == 422
    assert document == {"a": 1, "l": [0]}


def test_no_json_patch():
    with pytest.raises(BadRequest) as caught:
        json.decode(b'{"a":"b"}')
    assert caught.value.message == (
        "error decoding patch: json: cannot unmarshal object into Go value of type "
        "[]handlers.jsonPatchOp"
    )
    with pytest.raises(ApiError) as caught:
        json.decode(bytes_of([{"op": "remove", "path": "/a"}] * 10_001))
    assert caught.value.code == 413


def test_odd_fields_of_a_json_patch_are_named():
    decoded = json.decode(b'[{"op":"add","path":"/a","value":1,"value":2,"extra":1}]')
    assert decoded.problems == [
        'json patch duplicate field "[0].value"',
        'json patch unknown field "[0].extra"',
    ]


@given(documents, documents)
def test_whatever_is_added_can_be_read_and_removed(document, other):
    added = run_json(document, {"op": "add", "path": "/new", "value": other})
    assert added["new"] == other
    assert run_json(added, {"op": "remove", "path": "/new"}) == document


# ---- strategic merge patch


def pod(**spec):
    return {"spec": spec}


A, B, C = ({"name": name, "image": name} for name in "abc")
A2 = {"name": "a", "image": "a2"}
N = {"name": "n"}


@pytest.mark.parametrize(
    ("spec", "patch", "result"),
    [
        pytest.param({"containers": [A, B]}, {"containers": [A2]}, {"containers": [A2, B]},
                     id="items merge by key"),
        pytest.param({"containers": [A, B]}, {"containers": [N]}, {"containers": [N, A, B]},
                     id="a new item comes first"),
        pytest.param({"containers": [A, B]}, {"containers": [B, N]}, {"containers": [A, B, N]},
                     id="a new item keeps its place in the patch"),
        pytest.param({"containers": [A, B]}, {"containers": [{"name": "a", "$patch": "delete"}]},
                     {"containers": [B]}, id="delete an item"),
        pytest.param({"containers": [A, B]}, {"containers": [{"$patch": "replace"}, N]},
                     {"containers": [N]}, id="replace the list"),
        pytest.param({"containers": [A]}, {"containers": None}, {}, id="null removes"),
        pytest.param({}, {"containers": [{**A, "image": None}]}, {"containers": [{"name": "a"}]},
                     id="nulls in what is new vanish"),
        pytest.param({"containers": [{**A, "args": ["x", "y"]}]},
                     {"containers": [{"name": "a", "args": ["z"]}]},
                     {"containers": [{**A, "args": ["z"]}]}, id="plain lists are replaced"),
        pytest.param({"containers": [{**A, "env": [{"name": "X", "value": "1"}]}]},
                     {"containers": [{"name": "a", "env": [{"name": "Y", "value": "2"}]}]},
                     {"containers": [{**A, "env": [{"name": "Y", "value": "2"},
                                                   {"name": "X", "value": "1"}]}]},
                     id="lists inside of items merge too"),
        pytest.param({"containers": [A, B]},
                     {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}],
                      "containers": [A2]},
                     {"containers": [B, A2]}, id="order"),
        pytest.param({"containers": [A, B, C]},
                     {"$setElementOrder/containers": [{"name": "c"}, {"name": "a"}]},
                     {"containers": [B, C, A]}, id="order alone; unnamed items keep their place"),
        pytest.param({"containers": [A]},
                     {"$setElementOrder/containers": [{"name": "n"}, {"name": "a"}],
                      "containers": [N]},
                     {"containers": [N, A]}, id="order with something new"),
        pytest.param({"nodeSelector": {"a": "1"}},
                     {"nodeSelector": {"$patch": "replace", "b": "2"}},
                     {"nodeSelector": {"b": "2"}}, id="replace a map"),
        pytest.param({"nodeSelector": {"a": "1"}}, {"nodeSelector": {"$patch": "delete"}},
                     {"nodeSelector": {}}, id="empty a map"),
        pytest.param({"nodeSelector": {"a": "1", "b": "2"}}, {"nodeSelector": {"a": None}},
                     {"nodeSelector": {"b": "2"}}, id="remove a key"),
        pytest.param({"volumes": [{"name": "v", "emptyDir": {}}]},
                     {"volumes": [{"name": "v", "configMap": {"name": "c"},
                                   "$retainKeys": ["name", "configMap"]}]},
                     {"volumes": [{"name": "v", "configMap": {"name": "c"}}]}, id="retain keys"),
        pytest.param({"tolerations": [{"key": "a"}]}, {"tolerations": [{"key": "b"}]},
                     {"tolerations": [{"key": "b"}]}, id="atomic list"),
        pytest.param({"restartPolicy": "Always"}, {"restartPolicy": "Never"},
                     {"restartPolicy": "Never"}, id="scalar"),
    ],
)  # fmt: skip
def test_strategic(spec, patch, result):
    document = pod(**spec)
    before = deepcopy((document, patch))
    assert strategic.apply(document, pod(**patch), Pod) == pod(**result)
    assert (document, patch) == before


def test_finalizers_are_a_set():
    def apply(have, patch):
        merged = strategic.apply({"metadata": {"finalizers": have}}, {"metadata": patch}, Pod)
        return merged["metadata"]["finalizers"]

    assert apply(["a", "b"], {"finalizers": ["b", "c"]}) == ["a", "b", "c"]
    assert apply(["a", "b"], {"$deleteFromPrimitiveList/finalizers": ["a"]}) == ["b"]
    assert apply(["a", "b"], {"$setElementOrder/finalizers": ["b", "a"]}) == ["b", "a"]


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        (
            {"containers": [{"image": "x"}]},
            500,
            "map: map[image:x] does not contain declared merge key: name",
        ),
        (
            {"containers": [{"name": "a", "$patch": "explode"}]},
            500,
            "unknown patch type: explode in map: map[$patch:explode name:a]",
        ),
        (
            {
                "$setElementOrder/containers": [{"name": "a"}],
                "containers": [{"name": "b", "image": "two:9"}],
            },
            500,
            "The order in patch list:\n[map[image:two:9 name:b]]\n doesn't match $setElementOrder "
            "list:\n[map[name:a]]\n",
        ),
        (
            {"volumes": [{"name": "v", "$retainKeys": "x"}]},
            400,
            "invalid patch format of retainKeys",
        ),
        (
            {"volumes": [{"name": "v", "emptyDir": {}, "$retainKeys": ["name"]}]},
            400,
            "invalid patch format of retainKeys",
        ),
        ({"$setElementOrder": []}, 400, "invalid patch format of setElementOrder list"),
        ({"$deleteFromPrimitiveList": []}, 400, "invalid patch format of primitive list"),
    ],
)
def test_bad_strategic_patches(patch, code, message):
    document = pod(containers=[A, B], volumes=[{"name": "v"}])
    with pytest.raises(ApiError) as caught:
        strategic.apply(document, pod(**patch), Pod)
    assert (caught.value.code, caught.value.message) == (code, message)


def test_ports_merge_by_their_number():
    def web(*ports):
        container = {"name": "web", "ports": list(ports)}
        return {"spec": {"template": {"spec": {"containers": [container]}}}}

    merged = strategic.apply(
        web({"containerPort": 80, "name": "http"}), web({"containerPort": 80, "name": "web"}),
        Deployment,
    )  # fmt: skip
    assert merged == web({"containerPort": 80, "name": "web"})


names = st.lists(st.sampled_from("abcdef"), unique=True)


@given(names, names)
def test_the_patch_decides_the_order_of_what_it_names(have, want):
    merged = strategic.apply(
        pod(containers=[{"name": name} for name in have]),
        pod(containers=[{"name": name} for name in want]),
        Pod,
    )
    order = [item["name"] for item in merged["spec"]["containers"]]
    assert [name for name in order if name in want] == want
    assert [name for name in order if name not in want] == [n for n in have if n not in want]


@given(documents, documents)
def test_without_lists_a_strategic_patch_is_a_merge_patch(document, patch):
    def listless(value):
        if isinstance(value, dict):
            return {k: listless(v) for k, v in value.items() if not isinstance(v, list)}
        return value

    have, change = listless(document), listless(patch)
    assert strategic.apply(have, change, None) == merge.apply(have, change)
