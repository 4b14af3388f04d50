"""Container logs on disk."""

from __future__ import annotations

import gzip

from kubepy.kubelet import logs
from kubepy.kubelet.logs import Limits
from kubepy.kubelet.runtime.messages import log_end, with_message
from tests.unit.kubelet.pods import record


def test_rotation_keeps_as_many_files_as_allowed(tmp_path):
    log = tmp_path / "0.log"
    limits = Limits(size=10, files=3)
    for number in range(5):
        log.write_text(f"lines of {number}\n")
        assert logs.is_due(str(log), limits)
        logs.rotate(str(log), limits, now=1_000_000.0 + number)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["0.log.19700112-134643.gz", "0.log.19700112-134644"]
    assert gzip.decompress((tmp_path / names[0]).read_bytes()) == b"lines of 3\n"


def test_a_small_log_is_left_alone(tmp_path):
    (tmp_path / "0.log").write_text("x")
    assert not logs.is_due(str(tmp_path / "0.log"), Limits(size=10))
    assert not logs.is_due(str(tmp_path / "none.log"), Limits(size=10))


def test_the_next_number(tmp_path):
    assert logs.next_number(str(tmp_path / "none")) == 0
    for name in ("0.log", "3.log", "2.log.20260101-000000.gz", "notes"):
        (tmp_path / name).touch()
    assert logs.next_number(str(tmp_path)) == 4


def test_the_end_of_a_log(tmp_path):
    path = tmp_path / "0.log"
    path.write_text(
        "2026-01-01T00:00:00Z stdout F one\n"
        "2026-01-01T00:00:00Z stderr P tw\n"
        "2026-01-01T00:00:00Z stderr F o\n"
    )
    assert log_end(str(path)) == "one\ntwo\n"
    assert log_end(str(tmp_path / "none")) == ""


def test_last_words(tmp_path):
    words, log = tmp_path / "words", tmp_path / "0.log"
    words.write_text("because")
    log.write_text("2026-01-01T00:00:00Z stdout F logged\n")
    ended = record("app", "exited", exit_code=1, message_file=str(words), log_path=str(log))
    assert with_message(ended).message == "because"
    words.write_text("")
    assert with_message(ended).message == ""
    policy = {"io.kubernetes.container.terminationMessagePolicy": "FallbackToLogsOnError"}
    asking = record("app", "exited", exit_code=1, log_path=str(log), annotations=policy)
    assert with_message(asking).message == "logged\n"
    assert with_message(record("app", log_path=str(log))).message == ""
