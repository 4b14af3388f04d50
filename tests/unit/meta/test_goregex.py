"""Patterns as Go reads them."""

from __future__ import annotations

import pytest

from kubepy.meta import goregex


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        pytest.param("b", "abc", True, id="anywhere"),
        pytest.param("^a$", "a\n", False, id="the end is the end"),
        pytest.param("[[:alpha:]]+", "1a", True, id="a class by name"),
        pytest.param(r"^\pL$", "ä", True, id="letters of any script"),
        pytest.param("(a+)+$", "a" * 60 + "!", False, id="no way to take long"),
    ],
)
def test_search(pattern, text, found):
    assert bool(goregex.compile(pattern).search(text)) == found


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("a", ""),
        ("a(", "error parsing regexp: missing closing ): `a(`"),
        ("[a", "error parsing regexp: missing closing ]: `[a`"),
        ("*", "error parsing regexp: missing argument to repetition operator: `*`"),
        ("a(?=b)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"),
    ],
)
def test_problem(pattern, problem):
    assert goregex.problem(pattern) == problem
