import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.api.meta.v1 import LabelSelector, LabelSelectorRequirement
from kubepy.meta import selectors
from kubepy.meta.selectors import EVERYTHING, NOTHING, SelectorError, parse_fields, parse_labels


@pytest.mark.parametrize(
    ("text", "labels", "answer"),
    [
        ("", {}, True),
        ("a=1", {"a": "1"}, True),
        ("a=1", {}, False),
        ("a==1", {"a": "2"}, False),
        ("a!=1", {}, True),
        ("a!=1", {"a": "1"}, False),
        ("a in (1, 2)", {"a": "2"}, True),
        ("a notin (1,2)", {"a": "2"}, False),
        ("a notin (1,2)", {}, True),
        ("a in ()", {"a": ""}, True),
        ("a in (,1)", {"a": ""}, True),
        ("a in (1,,2)", {"a": ""}, True),
        ("a=", {"a": ""}, True),
        ("a,!b", {"a": "x"}, True),
        ("a,!b", {"a": "x", "b": ""}, False),
        ("a>1", {"a": "2"}, True),
        ("a>1", {"a": "x"}, False),
        ("a<2", {"a": "-2"}, True),
        ("in in (in)", {"in": "in"}, True),
        ("in", {"in": ""}, True),
        ("a=in", {"a": "in"}, True),
    ],
)
def test_labels(text, labels, answer):
    assert parse_labels(text).matches(labels) is answer


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n=1=2", "found '=', expected: ',' or 'end of string'"),
        ("=x", "found '=', expected: !, identifier, or 'end of string'"),
        ("n in 1", "unable to parse requirement: found '1' expected: '('"),
        ("n in (1", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("n=bad value!", "found 'value', expected: ',' or 'end of string'"),
        ("n,,m", "found ',', expected: identifier after ','"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        (
            "a b=x",
            "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
        ),
        (
            "n>x",
            'unable to parse requirement: values[0]: Invalid value: "x": '
            "for 'Gt', 'Lt' operators, the value must be an integer",
        ),
    ],
)
def test_complaints(text, message):
    with pytest.raises(SelectorError) as caught:
        parse_labels(text)
    assert str(caught.value) == message


@given(st.text(alphabet="ab12=!<>(), in", max_size=20))
def test_parsing_ends_and_printing_parses_back(text):
    try:
        selector = parse_labels(text)
    except SelectorError:
        return
    assert parse_labels(str(selector)) == selector


def test_of_a_label_selector():
    selector = LabelSelector(
        matchLabels={"b": "1"},
        matchExpressions=(LabelSelectorRequirement(key="a", operator="In", values=("x", "y")),),
    )
    assert str(selectors.of(selector)) == "a in (x,y),b=1"
    assert selectors.of(selector).matches({"a": "x", "b": "1"})
    assert selectors.of(None) == NOTHING
    assert not NOTHING.matches({})
    assert selectors.of(LabelSelector()) == EVERYTHING
    with pytest.raises(SelectorError, match='"Is" is not a valid label selector operator'):
        selectors.of(
            LabelSelector(matchExpressions=(LabelSelectorRequirement(key="a", operator="Is"),))
        )


def test_exact():
    assert parse_labels("a=1,b in (2,3)").exact("a") == "1"
    assert parse_labels("a=1,b in (2,3)").exact("b") is None


@pytest.mark.parametrize(
    ("text", "fields", "answer"),
    [
        ("", {}, True),
        ("a=1", {"a": "1"}, True),
        ("a==1", {"a": "1"}, True),
        ("a!=1", {"a": "1"}, False),
        ("a=", {}, True),
        ("a=1,b!=2", {"a": "1", "b": "2"}, False),
        (r"a=x\,y\=z\\", {"a": "x,y=z\\"}, True),
    ],
)
def test_fields(text, fields, answer):
    assert parse_fields(text).matches(fields) is answer


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "invalid selector: 'a'; can't understand 'a'"),
        ("a in (b)", "invalid selector: 'a in (b)'; can't understand 'a in (b)'"),
        ("a=b=c", "invalid field selector: unescaped character in value: ="),
        (r"a=\b", r"invalid field selector: invalid escape sequence: \b"),
    ],
)
def test_field_complaints(text, message):
    with pytest.raises(SelectorError) as caught:
        parse_fields(text)
    assert str(caught.value) == message


@given(st.dictionaries(st.sampled_from(["a", "b.c"]), st.text(max_size=5), min_size=1))
def test_any_value_can_be_guarded(fields):
    terms = [selectors.FieldTerm(name, "=", value) for name, value in fields.items()]
    selector = parse_fields(",".join(map(str, terms)))
    assert selector.matches(fields)
    assert all(selector.exact(name) == value for name, value in fields.items())
