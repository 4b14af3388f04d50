"""Evaluation: as cel-cpp does it, at cel-go's cost, and never for long."""

from __future__ import annotations

import pytest
from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings, ext_optional, ext_strings
from hypothesis import given
from hypothesis import strategies as st

from kubepy.apiserver.cel import environment
from kubepy.apiserver.cel.environment import CALL_LIMIT, TOO_EXPENSIVE, Failed, compile_expression
from kubepy.apiserver.cel.values import Joined

SELF = {"n": 3, "f": 2.5, "s": "ab", "b": True, "l": [3, 1, 2], "m": {"k": 1, "j": 2}, "no": None}
ITEMS = list(range(50_000))
LONG = "a" * 50_000


@pytest.mark.parametrize(
    ("expression", "cost"),
    [
        pytest.param("self.n == 1", 3, id="a field"),
        pytest.param("1 + 1 == 2", 2, id="constants"),
        pytest.param("has(self.n)", 1, id="presence"),
        pytest.param("self.s == 'abcdefghijklmnop'", 3, id="short texts"),
        pytest.param("self.b || self.n == 1", 2, id="what is not evaluated"),
        pytest.param("self.b ? self.n : self.l.size()", 4, id="a branch"),
        pytest.param("self.l.all(x, x < 5)", 2 + 3 * 5 + 1, id="a loop"),
        pytest.param("self.n in [1, 2, 3]", 2, id="a constant list"),
        pytest.param("self.n in self.l", 2 + 2 + 3, id="a list"),
        pytest.param("[self.n]", 10 + 2, id="a new list"),
        pytest.param("{'a': self.n}", 30 + 2, id="a new map"),
        pytest.param("self.s.matches('a+')", 3, id="a pattern"),
        pytest.param("self.l.sum() + self.m['k']", 2 + 3 + 1 + 3, id="functions"),
    ],
)
def test_costs(expression, cost):
    assert compile_expression(expression).metered({"self": SELF})[1] == cost


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("self.all(x, self.all(y, x + y >= 0))", id="nested loops"),
        pytest.param("self.all(x, x in self)", id="searches"),
        pytest.param("self.all(x, self.all(y, (self + self).size() > 0))", id="lists joined"),
        pytest.param("self.map(x, self.map(y, [x, y])).size() > 0", id="lists made"),
        pytest.param("self.all(x, [self, [x]] == [self + [], [x]])", id="lists in lists compared"),
        pytest.param("self.all(x, !text.matches('(a|b)*c'))", id="patterns"),
        pytest.param("self.all(x, '%s'.format([text]) != '')", id="texts made"),
        pytest.param("self.all(x, text.contains(text + 'b'))", id="texts in texts"),
        pytest.param("self.all(x, sets.contains(self, self))", id="sets"),
        pytest.param("self.exists(x, text.find('b+') == 'b')", id="finds"),
        pytest.param("self.all(x, text.replace('a', text) == '')", id="replacements"),
        pytest.param("self.map(x, text).join(text) == ''", id="texts joined"),
        pytest.param("('%s' + '%s').format([self.map(x, text), 1]) == ''", id="long texts"),
    ],
)
def test_what_takes_long_is_stopped(expression):
    run = environment.compile_tree(environment.tree(expression.replace("text", "oldSelf")))
    found, cost = environment.Expression(run).metered({"self": ITEMS, "oldSelf": LONG})
    assert found == Failed(TOO_EXPENSIVE)
    assert cost > CALL_LIMIT


def test_long_lists_are_made_at_once():
    found, cost = compile_expression("self.map(x, x + 1).size()").metered({"self": ITEMS})
    assert found == len(ITEMS)
    assert cost < CALL_LIMIT


def test_two_variables():
    rule = "self.l.transformList(i, v, i * v) == [0, 1, 4] && {'a': 1}.transformMap(k, v, v + 1)"
    assert compile_expression(f"{rule} == {{'a': 2}}").evaluate({"self": SELF}) is True


@pytest.mark.parametrize(
    "expression",
    [
        "timestamp('2020-02-29T12:30:00.5Z').getFullYear('+14:00') == 2020",
        "timestamp('2020-01-01T00:00:00Z') + duration('36h') > timestamp('2020-01-02T00:00:00Z')",
        "string(duration('1h1.5s')) == '3601.500s' || string(duration('1h1.5s')) == '3601.5s'",
        "string(timestamp('2020-01-01T00:00:00.120Z')) == '2020-01-01T00:00:00.12Z'",
        "string(1000000.0) == '1e+06' && string(0.5) == '0.5' && string(100000.0) == '100000'",
        "'%d|%s|%.2f|%x|%b|%e'.format([1, [1, 'a'], 1.5, 255, 5, 1.0])"
        " == '1|[1, a]|1.50|ff|101|1.000000e+00'",
        "format.uuid().validate('x').orValue([]) == ['does not match the UUID format']",
        "optional.of(1).or(optional.of(2)).value() == 1 && optional.none().orValue(3) == 3",
        "self.?m.?nope.orValue(7) == 7 && self.l[?9].orValue(8) == 8 && [?self.?n, 1] == [3, 1]",
        "(false || true || 1 / 0 == 1) && (true || 1 / 0 == 1) && !(false && 1 / 0 == 1)",
        "self.l.exists(x, x / 0 == 1 || x == 2) && type(1) == int && type(self.m) == map",
        "{1: 'a', true: 'b'}[1] == 'a' && {1: 'a'}[1.0] == 'a' && 1 in {1u: 2}",
        "strings.quote('a\"\\n') == '\"a\\\\\"\\\\n\"' && int('-7') / 2 == -3 && -7 % 2 == -1",
        "'a,b,c'.split(',', 2) == ['a', 'b,c'] && 'tacocat'.substring(1, 3) == 'ac'",
    ],
)
def test_true(expression):
    assert compile_expression(expression).evaluate({"self": SELF}) is True


# ---- the same as cel-cpp

_NAMES = ["self.n", "self.f", "self.s", "self.b", "self.l", "self.m", "self.no", "self.nope"]
_ATOMS = [*_NAMES, "1", "0", "2u", "1.5", "'a'", "true", "null", "[]", "[1, 2]", "{'k': 1}", "b'a'"]
_BINARY = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in"]
_CALLS = ["{0}.size()", "!({0})", "-({0})", "string({0})", "int(string({0}))", "type({0}) == int",
          "(has(self.m.k) ? {0} : 1)", "{0}.contains('a')", "{0}.startsWith('a')", "[{0}]",
          "self.l.all(x, {0} == x)", "self.l.exists(x, x > {0})", "self.l.map(x, {0})",
          "self.l.filter(x, x != {0})", "self.m.exists_one(k, k == {0})", "self.l[{0}]",
          "self.m[{0}]", "cel.bind(y, {0}, [y, y])", "optional.of({0}).orValue(1)",
          "{{'a': {0}}}"]  # fmt: skip
expressions = st.recursive(
    st.sampled_from(_ATOMS),
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(_BINARY), inner)
        | st.builds(lambda form, part: form.format(part), st.sampled_from(_CALLS), inner)
    ),
    max_leaves=5,
)


def of_cpp(expression):
    env = cel.NewEnv(
        environment.pool(),
        variables={"self": cel.Type.DYN},
        extensions=[
            ext_optional.ExtOptional(),
            ext_strings.ExtStrings(),
            ext_bindings.ExtBindings(),
        ],
    )
    try:
        result = env.compile(expression, disable_check=True).eval(data={"self": SELF})
    except RuntimeError:
        return Failed
    return Failed if result.type() == cel.Type.ERROR else result.plain_value()


def plain(value):
    if isinstance(value, Failed):
        return Failed
    if isinstance(value, list | Joined):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


@given(expressions)
def test_as_cel_cpp(expression):
    mine = compile_expression(expression).evaluate({"self": SELF})
    theirs = of_cpp(expression)
    assert plain(mine) == theirs
