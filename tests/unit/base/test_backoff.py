from random import Random

import pytest

from kubepy.base.backoff import Backoff


@pytest.mark.parametrize(
    ("failures", "delay"), [(0, 0), (1, 1), (2, 2), (3, 4), (4, 8), (5, 8), (10**9, 8)]
)
def test_delay_doubles_up_to_its_maximum(failures, delay):
    assert Backoff(1, 8).delay(failures) == delay


def test_jitter_stretches_by_up_to_its_part():
    backoff, random = Backoff(10, 10, jitter=0.5), Random(1)
    delays = [backoff.delay(1, random) for _ in range(100)]
    assert all(10 <= delay <= 15 for delay in delays) and len(set(delays)) > 50
