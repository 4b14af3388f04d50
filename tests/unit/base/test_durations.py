import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.base.durations import Seconds, parse, render


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("0s", 0), ("1m30s", 90), ("1h", 3600), ("1.5s", 1.5), ("250ms", 0.25), ("-2s", -2),
     ("1h0m0.5s", 3600.5), (".5s", 0.5), ("10us", 1e-5), ("10µs", 1e-5)],
)  # fmt: skip
def test_parse(text, seconds):
    assert parse(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "1x", "s", "1m 30s", "1m30", "-", "."])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="is not a duration"):
        parse(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (90, "1m30s"), (3600, "1h0m0s"), (1.5, "1.5s"), (0.25, "250ms"), (-2, "-2s"),
     (86400, "24h0m0s"), (0.0000015, "1.5µs")],
)  # fmt: skip
def test_render(seconds, text):
    assert render(seconds) == text


@given(st.integers(-(10**15), 10**15))
def test_render_and_parse_are_inverse(micros):
    assert parse(render(micros / 1e6)) == pytest.approx(micros / 1e6, abs=1e-6)


def test_config_files_hold_text_or_zero():
    assert Seconds.from_wire("2m") == 120.0 and Seconds.from_wire(0) == 0.0
    with pytest.raises(ValueError, match="is not a duration"):
        Seconds.from_wire(5)
