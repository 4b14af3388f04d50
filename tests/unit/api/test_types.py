import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.api.types import Duration, MicroTime, Quantity, Time


@pytest.mark.parametrize(
    ("given_text", "canonical"),
    [
        pytest.param("0.5", "500m", id="no fraction"),
        pytest.param("1000m", "1", id="the largest unit"),
        pytest.param("1024Mi", "1Gi", id="binary stays binary"),
        pytest.param("1.5Gi", "1536Mi", id="binary without fraction"),
        pytest.param("1e3", "1e3", id="exponent stays exponent"),
        pytest.param("12e4", "120e3", id="exponents in steps of three"),
        pytest.param("100", "100", id="plain"),
        pytest.param("1000", "1k", id="decimal unit"),
        pytest.param("0.0000000001", "1n", id="rounds up to the smallest"),
        pytest.param("+5", "5", id="plus sign"),
        pytest.param("-0.5", "-500m", id="negative"),
        pytest.param("0Ki", "0", id="zero has no unit"),
        pytest.param("100Ki", "100Ki", id="binary unit"),
        pytest.param("512", "512", id="below a kibi"),
    ],
)
def test_quantity_is_canonical(given_text: str, canonical: str) -> None:
    assert Quantity.from_wire(given_text) == canonical


@pytest.mark.parametrize("bad", ["", "1x", "Ki", "1 Gi", "--1", "0x10", "1.2.3", True, None])
def test_quantity_refuses(bad: object) -> None:
    with pytest.raises(ValueError, match="quantities must match"):
        Quantity.from_wire(bad)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_quantity_keeps_its_number(milli: int) -> None:
    quantity = Quantity.from_milli(milli)

    assert quantity.milli() == milli
    assert Quantity.from_wire(str(quantity)) == quantity


@pytest.mark.parametrize(
    ("text", "value", "milli"),
    [("1500m", 2, 1500), ("1Gi", 2**30, 2**30 * 1000), ("-1500m", -2, -1500)],
)
def test_quantity_rounds_away_from_zero(text: str, value: int, milli: int) -> None:
    assert (Quantity(text).value(), Quantity(text).milli()) == (value, milli)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.999Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"),
    ],
)
def test_time_is_utc_to_the_second(text: str, utc: str) -> None:
    assert Time.from_wire(text) == utc


def test_micro_time_has_six_digits() -> None:
    assert MicroTime.from_wire("2026-01-02T03:04:05.1Z") == "2026-01-02T03:04:05.100000Z"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("yesterday", 'cannot parse "yesterday" as "2006"'),
        ("2026-13-02T03:04:05Z", "month out of range"),
        ("2026-02-30T03:04:05Z", "day out of range"),
        ("2026-01-02T03:04:05Zx", 'extra text: "x"'),
    ],
)
def test_time_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="parsing time") as caught:
        Time.from_wire(text)

    assert str(caught.value).endswith(message)


@pytest.mark.parametrize(
    ("text", "canonical", "seconds"),
    [
        ("90s", "1m30s", 90),
        ("1h", "1h0m0s", 3600),
        ("1.5s", "1.5s", 1.5),
        ("0", "0s", 0),
        ("300ms", "300ms", 0.3),
    ],
)
def test_duration(text: str, canonical: str, seconds: float) -> None:
    duration = Duration.from_wire(text)

    assert (duration, duration.seconds()) == (canonical, seconds)
