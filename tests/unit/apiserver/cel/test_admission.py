"""Expressions of policies and webhooks: what they may name, and what they must come to."""

from __future__ import annotations

import pytest

from kubepy.apiserver.cel.admission import Compiler

BOOL, STRING, TEXT_OR_NULL = ("bool",), ("string",), ("string", "null_type")
PATCHES, OBJECT = ("list(JSONPatch)",), ("Object",)


def undeclared(name: str, text: str, column: int = 1) -> str:
    place = f"ERROR: <input>:1:{column}: undeclared reference to '{name}' (in container '')"
    return f"compilation failed: {place}\n | {text}\n | {'.' * (column - 1)}^"


@pytest.mark.parametrize(
    "expression",
    [
        "object.spec.replicas <= 5 && !has(oldObject.spec)",
        "request.operation == 'CREATE' && request.kind.kind == 'Pod' && !request.dryRun",
        "request.userInfo.groups.exists(g, g == 'a') && request.userInfo.extra['a'][0] == 'b'",
        "namespaceObject.metadata.labels['a'] == 'b' && namespaceObject.status.phase == 'Active'",
        "namespaceObject.status.conditions.all(c, c.lastTransitionTime < timestamp(0))",
        "authorizer.group('apps').resource('deployments').namespace('n').check('get').allowed()",
        "authorizer.serviceAccount('n', 's').path('/healthz').check('get').reason() == ''",
        "authorizer.requestResource.subresource('status').name('x').check('update').errored()",
        "authorizer.group('').resource('pods').labelSelector('a=b').check('list').allowed()",
        "[1, 2].all(i, v, i < v)",
    ],
)
def test_what_may_be_named(expression: str) -> None:
    assert Compiler().complaint(expression, BOOL) is None


@pytest.mark.parametrize(
    ("expression", "wanted", "why"),
    [
        pytest.param("1 + 1", BOOL, "must evaluate to bool but got int", id="a number"),
        pytest.param("object.a", BOOL, "must evaluate to bool but got dyn", id="anything"),
        pytest.param("{'a': [1]}", BOOL, "must evaluate to bool but got map(string, list(int))",
                     id="a map"),
        pytest.param("optional.of(1u)", BOOL, "must evaluate to bool but got optional_type(uint)",
                     id="an optional"),
        pytest.param("request", BOOL, "must evaluate to bool but got kubernetes.AdmissionRequest",
                     id="a message"),
        pytest.param("1", TEXT_OR_NULL, "must evaluate to one of [string null_type] but got int",
                     id="no annotation"),
        pytest.param("null", TEXT_OR_NULL, None, id="no annotation wanted"),
        pytest.param("params.a == 1", BOOL, undeclared("params", "params.a == 1"), id="no params"),
        pytest.param("true && a . b.c", BOOL, undeclared("a", "true && a . b.c", 9), id="a chain"),
        pytest.param("variables.a", BOOL, undeclared("variables", "variables.a"),
                     id="no variables"),
        pytest.param("a + b", BOOL, undeclared("a", "a + b") + "\n"
                     + undeclared("b", "a + b", 5).removeprefix("compilation failed: "),
                     id="complaints in order"),
        pytest.param("request.kind.a == ''", BOOL,
                     "compilation failed: ERROR: <input>:1:13: undefined field 'a'\n"
                     " | request.kind.a == ''\n | ............^", id="no field"),
    ],
)  # fmt: skip
def test_complaints(expression: str, wanted: tuple[str, ...], why: str | None) -> None:
    assert Compiler().complaint(expression, wanted) == why


def test_messages_have_no_authorizer() -> None:
    text = "authorizer.path('/').check('get').reason()"
    assert Compiler().complaint(text, STRING) is None
    expected = undeclared("authorizer", text)
    assert Compiler().complaint(text, STRING, authorizer=False) == expected


def test_variables_have_the_types_of_their_expressions() -> None:
    policy = Compiler(params=True)
    assert policy.define("limit", "params.limit") is None
    assert policy.define("grid", "[[1, 2]]") is None
    assert policy.define("sums", "variables.grid.map(row, row.sum())") is None
    assert policy.define("who", "request.userInfo") is None
    assert policy.define("bad", "nothing") == undeclared("nothing", "nothing")
    assert policy.complaint("variables.grid[0][0] == variables.limit", BOOL) is None
    assert policy.complaint("variables.grid", BOOL) == (
        "must evaluate to bool but got list(list(int))"
    )
    assert policy.complaint("variables.grid == ''", BOOL) is not None
    assert policy.complaint("variables.bad == 1 && variables.who.anything == ''", BOOL) is None
    assert policy.complaint("variables.later", BOOL) == (
        "compilation failed: ERROR: <input>:1:10: undefined field 'later'\n"
        " | variables.later\n | .........^"
    )


@pytest.mark.parametrize(
    ("expression", "wanted", "why"),
    [
        pytest.param(
            "Object{spec: Object.spec{template: Object.spec.template{a: [1], b: object.x}}}",
            OBJECT, None, id="an object",
        ),
        pytest.param(
            "[JSONPatch{op: 'add', path: '/a/' + jsonpatch.escapeKey('b/c'), value: "
            "Object.spec{replicas: 3}}]",
            PATCHES, None, id="patches",
        ),
        pytest.param("Object.spec{a: 1}", OBJECT,
                     "must evaluate to Object but got Object.spec", id="a part"),
        pytest.param("{'a': 1}", OBJECT, "must evaluate to Object but got map(string, int)",
                     id="a map"),
        pytest.param("[]", PATCHES, "must evaluate to list(JSONPatch) but got list(dyn)",
                     id="an empty list"),
        pytest.param(
            "Object{spec: Object.spec{a: x}}", OBJECT,
            undeclared("x", "Object{spec: Object.spec{a: x}}", 29), id="a complaint about what was "
            "written",
        ),
        pytest.param(
            "[JSONPatch{op: 1}]", PATCHES,
            "compilation failed: ERROR: <input>:1:14: expected type of field 'op' is 'string' but "
            "provided type is 'int'\n | [JSONPatch{op: 1}]\n | .............^",
            id="a bad patch",
        ),
    ],
)  # fmt: skip
def test_mutations(expression: str, wanted: tuple[str, ...], why: str | None) -> None:
    assert Compiler().complaint(expression, wanted) == why


def test_only_mutations_make_objects() -> None:
    assert Compiler().complaint("Object{} == Object{}", BOOL) is not None
