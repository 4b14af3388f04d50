"""Ages as people read them."""

from __future__ import annotations

import pytest

from kubepy.api.types import Time
from kubepy.apiserver.registry import strategy

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (-0.5, "0s"),
        (0, "0s"),
        (119, "119s"),
        (2 * MINUTE, "2m"),
        (9 * MINUTE + 59, "9m59s"),
        (10 * MINUTE + 5, "10m"),
        (3 * HOUR - 1, "179m"),
        (3 * HOUR + 5 * MINUTE, "3h5m"),
        (8 * HOUR + 5 * MINUTE, "8h"),
        (2 * DAY - 1, "47h"),
        (2 * DAY + 4 * HOUR, "2d4h"),
        (8 * DAY + 4 * HOUR, "8d"),
        (2 * YEAR - 1, "729d"),
        (2 * YEAR + 10 * DAY, "2y10d"),
        (9 * YEAR, "9y"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert strategy.duration(seconds) == text


def test_age_of_nothing() -> None:
    assert strategy.age(None, 0.0) == "<unknown>"
    assert strategy.age(Time("1970-01-01T00:00:00Z"), 90.0) == "90s"
