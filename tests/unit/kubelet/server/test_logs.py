from pathlib import Path

import pytest

from kubepy.base.clock import SystemClock
from kubepy.kubelet.server.logs import LogOptions, read, tail_offset

LINES = (
    b"2026-01-02T03:04:05.1Z stdout F one\n"
    b"2026-01-02T03:04:05.25Z stderr P tw\n"
    b"2026-01-02T03:04:05.25Z stderr F o\n"
    b"2026-01-02T03:04:06Z stdout F three\n"
)


async def text(path: Path, **options: object) -> bytes:
    pieces = read(path, LogOptions(**options), SystemClock(), lambda: False)
    return b"".join([piece async for piece in pieces])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({}, b"one\ntwo\nthree\n", id="pieces of a line are joined"),
        pytest.param({"tail_lines": 1}, b"three\n", id="the last line"),
        pytest.param({"tail_lines": 0}, b"", id="no line"),
        pytest.param({"tail_lines": 99}, b"one\ntwo\nthree\n", id="more lines than there are"),
        pytest.param({"limit_bytes": 5}, b"one\nt", id="at most so many bytes"),
        pytest.param({"stream": "Stderr"}, b"two\n", id="one stream"),
        pytest.param({"since": "2026-01-02T03:04:05.2Z"}, b"two\nthree\n", id="since a moment"),
        pytest.param(
            {"timestamps": True, "tail_lines": 1}, b"2026-01-02T03:04:06Z three\n", id="timestamps"
        ),
    ],
)
async def test_read(tmp_path: Path, options: dict[str, object], expected: bytes) -> None:
    path = tmp_path / "0.log"
    path.write_bytes(LINES)

    assert await text(path, **options) == expected


async def test_following_goes_on_over_rotation_until_the_container_ends(tmp_path: Path) -> None:
    path = tmp_path / "0.log"
    path.write_bytes(LINES)

    class Steps:
        """What happens to the file while somebody waits for it."""

        count = 0

        async def sleep(self, seconds: float) -> None:
            self.count += 1
            if self.count == 1:
                path.rename(tmp_path / "0.log.old")
                path.write_bytes(b"2026-01-02T03:04:07Z stdout F four\n")

    steps = Steps()
    pieces = read(path, LogOptions(follow=True), steps, lambda: steps.count < 2)

    assert b"".join([piece async for piece in pieces]) == b"one\ntwo\nthree\nfour\n"


@pytest.mark.parametrize("lines", [1, 2, 1000, 5000])
def test_the_tail_of_a_long_log(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "0.log"
    whole = [b"%06d %s\n" % (number, b"x" * 50) for number in range(5000)]
    path.write_bytes(b"".join(whole))

    assert path.read_bytes()[tail_offset(path, lines) :] == b"".join(whole[-lines:])
