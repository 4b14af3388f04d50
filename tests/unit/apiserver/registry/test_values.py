"""Rules of single values."""

from __future__ import annotations

import pytest

from kubepy.apiserver.registry import values
from tests.unit.apiserver.registry.rules import texts

LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("example.com/signer", [], id="a name"),
        pytest.param("", ["p: Required value"], id="none"),
        pytest.param(
            "example.com",
            [
                'p: Invalid value: "example.com": must be a fully qualified domain and path of the '
                "form 'example.com/signer-name'"
            ],
            id="no path",
        ),
        pytest.param(
            "example/signer",
            [
                'p: Invalid value: "example": should be a domain with at least two segments '
                "separated by dots"
            ],
            id="no domain",
        ),
        pytest.param(
            "Example.com/signer",
            [f'p: Invalid value: "Example.com": validating label "Example": {LABEL}'],
            id="a bad label",
        ),
    ],
)
def test_signer_name(name: str, expected: list[str]) -> None:
    assert texts(values.signer_name(name, "p")) == expected


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        pytest.param("example.com/foo/bar", 0, id="a path"),
        pytest.param("", 1, id="nothing"),
        pytest.param("example.com", 1, id="no path"),
        pytest.param("/foo", 1, id="no domain"),
        pytest.param("Example.com/f oo", 2, id="neither is well formed"),
    ],
)
def test_domain_path(value: str, fields: int) -> None:
    assert len(values.domain_path(value, "p")) == fields


@pytest.mark.parametrize(
    ("name", "count"),
    [
        pytest.param("Driver.Example.com", 0, id="of any case"),
        pytest.param("", 1, id="none"),
        pytest.param("d" * 64, 1, id="too long"),
        pytest.param("not valid", 1, id="a blank"),
    ],
)
def test_driver_name(name: str, count: int) -> None:
    assert len(values.driver_name(name, "p")) == count


def test_repeated_values_stand_at_their_index() -> None:
    errors = values.repeated(["a", "b", "a"], "p", ".name")
    assert texts(errors) == ['p[2].name: Duplicate value: "a"']
