import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.meta import names


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (names.dns1123_label, ["a", "a-1", "0"], ["", "A", "-a", "a-", "a.b", "a" * 64, "ä"]),
        (names.dns1123_subdomain, ["a.b", "a" * 253], ["", ".a", "a..b", "a_b", "a" * 254]),
        (names.dns1035_label, ["a", "a1"], ["1a", "a.b", ""]),
        (names.wildcard_subdomain, ["*.a.b"], ["*", "a.b", "*.*.a"]),
        (names.label_key, ["A", "a.b/c_D"], ["", "/a", "a/", "a/b/c", "-a", "a/" + "b" * 64]),
        (names.label_value, ["", "A_b.c"], ["-", "a b", "a" * 64]),
        (names.c_identifier, ["_a1"], ["1", "", "a-b"]),
        (names.env_var_name, ["a b", "1"], ["", "a=b", "ü"]),
        (names.config_map_key, ["a.b", "..." * 0 + ".a"], ["", ".", "..", "..a", "a/b"]),
        (names.port_name, ["http", "a-1"], ["", "1", "a--b", "-a", "a" * 16, "A"]),
        (names.percent, ["1%"], ["1", "%", "-1%"]),
        (names.http_header_name, ["X-A"], ["", "a b"]),
        (names.path_segment, ["A:b"], [".", "..", "a/b", "a%b"]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_rules(rule, good, bad):
    assert [value for value in good if rule(value)] == []
    assert [value for value in bad if not rule(value)] == []


def test_the_words_are_kubernetes():
    assert names.dns1123_label("A") == [
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
        "and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', "
        "regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    ]
    assert names.dns1123_label("a" * 64) == ["must be no more than 63 characters"]
    assert names.label_value("a" * 64) == ["must be no more than 63 bytes"]
    assert names.dns1123_label("a.b") == ["must not contain dots"]
    assert names.label_key("/a") == ["prefix part must be non-empty"]


def test_a_prefix_may_end_in_a_dash():
    assert names.prefix_of(names.dns1123_label)("web-") == []
    assert names.prefix_of(names.dns1123_label)("-") != []


@given(st.text(alphabet="aZ0-._/", max_size=70))
def test_a_label_is_a_subdomain_and_a_label_value(value):
    if not names.dns1123_label(value):
        assert names.dns1123_subdomain(value) == []
        assert names.label_value(value) == []
        assert names.label_key(f"{value}/x") == []
