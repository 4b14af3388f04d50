"""Warnings, and when an answer is compressed."""

from __future__ import annotations

import pytest

from kubepy.apiserver.rest.sending import WARNING_BYTES, accepts_gzip, warning_headers


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("", False),
        ("identity", False),
        ("gzip", True),
        ("deflate, gzip;q=1.0", True),
        ("x-gzip", False),
    ],
)
def test_gzip(header, accepted):
    assert accepts_gzip(header) == accepted


def test_warnings():
    assert warning_headers(['unknown field "a"', "b", "b"]) == [
        ("Warning", '299 - "unknown field \\"a\\""'),
        ("Warning", '299 - "b"'),
    ]


def test_a_warning_stays_on_its_line():
    ((_, text),) = warning_headers(["a\r\nX-Evil: 1\x00"])
    assert text == '299 - "a X-Evil: 1\\x00"'


def test_long_warnings_are_cut():
    headers = warning_headers([f"{i}" + "x" * 10_000 for i in range(20)])
    assert all(len(text) <= WARNING_BYTES + 10 for _, text in headers)
    assert len(headers) < 20
