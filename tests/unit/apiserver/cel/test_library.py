"""Kubernetes' functions in CEL expressions, and Kubernetes' words for what goes wrong."""

from __future__ import annotations

import pytest

from kubepy.apiserver.cel.environment import (
    CompileError,
    Failed,
    compile_expression,
    uses,
    with_optional_old,
)


def value_of(expression, **values):
    return compile_expression(expression).evaluate(values)


@pytest.mark.parametrize(
    "expression",
    [
        "[1, 2, 3].isSorted() && ![2, 1].isSorted() && ['a', 'b'].isSorted()",
        "[1, 2, 3].sum() == 6 && [1, 3, 2].max() == 3 && [3, 1].min() == 1",
        "[1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2 && [1].indexOf(9) == -1",
        "sets.contains([1, 2], [1]) && sets.intersects([1], [1, 2])",
        "sets.equivalent([1, 2], [2, 1, 1]) && !sets.equivalent([1], [1, 2])",
        "'abc 123'.find('[0-9]+') == '123' && 'abc'.find('[0-9]') == ''",
        "'1 2 3'.findAll('[0-9]') == ['1', '2', '3'] && '1 2'.findAll('[0-9]', 1) == ['1']",
        "url('https://u@h.com:80/a b?x=1&x=2'.replace(' ', '%20')).getHost() == 'h.com:80'",
        "url('https://h.com:80/p').getHostname() == 'h.com' && url('/p').getPort() == ''",
        "url('https://[::1]:80/').getHostname() == '::1' && url('https://h:8').getPort() == '8'",
        "url('https://h/?a=1&a=2').getQuery()['a'] == ['1', '2']",
        "url('https://h/p').getScheme() == 'https' && url('https://h/p').getEscapedPath() == '/p'",
        "isURL('/a') && !isURL('a b') && !isURL('../a')",
        "quantity('1Gi').isGreaterThan(quantity('1M')) && quantity('1').isLessThan(quantity('2'))",
        "quantity('1') == quantity('1000m') && quantity('1').compareTo(quantity('2')) == -1",
        "quantity('1').add(quantity('2')).sub(1) == quantity('2')",
        "quantity('1k').asInteger() == 1000 && !quantity('1500m').isInteger()",
        "quantity('1500m').asApproximateFloat() == 1.5 && quantity('-1').sign() == -1",
        "isQuantity('1Gi') && !isQuantity('1Zi')",
        "ip('10.0.0.1').family() == 4 && ip('::1').isLoopback() && isIP('::') && !isIP('1.2')",
        "ip('0.0.0.0').isUnspecified() && ip('169.254.1.1').isLinkLocalUnicast()",
        "ip('224.0.0.1').isLinkLocalMulticast() && ip('10.0.0.1').isGlobalUnicast()",
        "ip.isCanonical('::1') && !ip.isCanonical('0:0::1') && string(ip('0:0::1')) == '::1'",
        "cidr('10.0.0.0/8').containsIP('10.1.1.1') && cidr('::/0').containsIP(ip('::1'))",
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.1.2.3/8').prefixLength() == 8",
        "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
        "cidr('10.1.2.3/8').ip() == ip('10.1.2.3')",
        "isCIDR('::/0') && !isCIDR('10.0.0.1') && string(cidr('::/0')) == '::/0'",
        "semver('1.2.3').isLessThan(semver('1.10.0'))",
        "semver('1.0.0').isGreaterThan(semver('1.0.0-a.1'))",
        "semver('v1', true).major() == 1 && isSemver('1.2.3') && !isSemver('1.2')",
        "semver('1.2.3').minor() == 2 && semver('1.2.3').patch() == 3",
        "semver('1.0.0').compareTo(semver('1.0.0')) == 0",
        "!format.dns1123Label().validate('a').hasValue()",
        "format.dns1123Label().validate('A_').value().size() == 1",
        "format.uuid().validate('x').value() == ['does not match the UUID format']",
        "1 < 1.5 && 2u > 1 && 1.0 == 1.0",
        "'%d %s'.format([1, 'a']) == '1 a' && ['a', 'b'].join('-') == 'a-b'",
    ],
)  # fmt: skip
def test_true(expression):
    assert value_of(expression) is True


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        pytest.param("self.b == 1", "no such key: b", id="no such key"),
        pytest.param("self.l[7] == 1", "index out of bounds: 7", id="index"),
        pytest.param("1 / 0 == 1", "division by zero", id="division"),
        pytest.param("1 % 0 == 1", "modulus by zero", id="modulus"),
        pytest.param("self.a + 'x' == ''", "no such overload", id="overload"),
        pytest.param("9223372036854775807 + 1 == 0", "integer overflow", id="overflow"),
        pytest.param("[].min() == 1", "min called on empty list", id="from a function of ours"),
        pytest.param("quantity('x').sign() == 1", "quantities must match", id="no quantity"),
    ],
)
def test_failed(expression, message):
    found = value_of(expression, self={"a": 1, "l": [1]})
    assert isinstance(found, Failed)
    assert found.message.startswith(message)


def test_an_optional_old_value():
    rule = with_optional_old("oldSelf.hasValue() ? self > oldSelf.value() : self == 1")
    assert value_of(rule, self=1, hasoldValue=False, oldValue=None) is True
    assert value_of(rule, self=2, hasoldValue=True, oldValue=1) is True
    assert value_of(rule, self=1, hasoldValue=True, oldValue=1) is False


def test_names_in_texts_are_no_variables():
    assert uses("self == oldSelf", "oldSelf")
    assert not uses("self == 'oldSelf' && self == \"it's oldSelf\"", "oldSelf")


def test_syntax():
    with pytest.raises(CompileError, match="Syntax error: no viable alternative at input"):
        compile_expression("self.")
