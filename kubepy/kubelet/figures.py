"""What the kubelet counts while it works; `metrics` shows it to whoever asks."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from kubepy.base.clock import Clock

# Upper bounds in seconds, as Kubernetes has them
CALL_BOUNDS = tuple(0.005 * 2.5**power for power in range(14))
START_BOUNDS = (
    0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200,
    1800, 2700, 3600,
)  # fmt: skip


class Durations:
    """A histogram: how many took up to each bound, the last bound being infinity."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.sum = 0.0
        self._counts = [0] * (len(bounds) + 1)

    def observe(self, seconds: float) -> None:
        self._counts[bisect_left(self.bounds, seconds)] += 1
        self.sum += seconds

    def cumulative(self) -> list[tuple[str, int]]:
        """(bound, how many took at most that long), ending with `+Inf`."""
        total, found = 0, []
        for bound, count in zip((*self.bounds, "+Inf"), self._counts, strict=True):
            total += count
            found.append((str(bound), total))
        return found


class Calls:
    """The calls to the runtime, by operation (`run_podsandbox`)."""

    def __init__(self, clock: Clock) -> None:
        self.total: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.durations: dict[str, Durations] = {}
        self._clock = clock

    @contextmanager
    def timed(self, operation: str) -> Iterator[None]:
        """Count one call; one that raises is an error."""
        self.total[operation] += 1
        began = self._clock.monotonic()
        try:
            yield
        except Exception:
            self.errors[operation] += 1
            raise
        finally:
            known = self.durations.setdefault(operation, Durations(CALL_BOUNDS))
            known.observe(self._clock.monotonic() - began)


class Figures:
    """One kubelet's."""

    def __init__(self, clock: Clock) -> None:
        self.calls = Calls(clock)
        self.pod_starts = Durations(START_BOUNDS)  # from when a pod was seen until it ran
        self.started_pods = 0  # sandboxes made, or tried to be
        self.started_containers: Counter[str] = Counter()  # by type: container, init_container …
