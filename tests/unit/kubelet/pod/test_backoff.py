"""Crash back-off: the waits of a container that keeps crashing."""

from __future__ import annotations

from kubepy.kubelet.pod.backoff import Backoff, advance, wait_until


def test_waits_double_up_to_five_minutes():
    entry, now, waits = None, 1000.0, []
    for _ in range(8):
        start = wait_until(entry, now)
        waits.append(start - now)
        entry = advance(entry, start)
        now = start + 1
    assert waits == [0, 10, 20, 40, 80, 160, 300, 300]


def test_a_long_good_run_is_forgiven():
    entry = Backoff(160.0, updated=1000.0)
    assert wait_until(entry, 1601.0) == 1601.0
    assert advance(entry, 1601.0).delay == 10.0


def test_another_definition_starts_afresh():
    entry = Backoff(160.0, updated=1000.0, hash="old")
    assert wait_until(entry, 1010.0, definition="new") == 1010.0
    assert advance(entry, 1010.0, definition="new") == Backoff(10.0, 1010.0, "new")


def test_the_longest_wait_can_be_shortened():
    assert advance(None, 0.0, longest=5.0).delay == 5.0
    assert advance(Backoff(5.0, 0.0), 1.0, longest=5.0).delay == 5.0
