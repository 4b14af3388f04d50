"""Processes are known by PID, start and boot; nothing else is ever stopped."""

import signal
import subprocess
import sys

import msgspec
import pytest
from msgspec.structs import replace

from kubepy.cluster import processes, state
from kubepy.cluster.layout import Layout
from kubepy.cluster.state import State, StateError

STUBBORN = (
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
)


@pytest.fixture
def sleeper():
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def test_a_process_is_recognised_again(sleeper):
    found = processes.identify(sleeper.pid)
    assert found is not None and processes.is_alive(found)


@pytest.mark.parametrize("change", [{"started": 1}, {"boot": "another"}])
def test_another_with_the_same_pid_is_left_alone(sleeper, change):
    other = replace(processes.identify(sleeper.pid), **change)
    assert not processes.is_alive(other)
    processes.stop(other, grace=1)
    assert sleeper.poll() is None


def test_stopping_lets_it_end_by_itself(sleeper):
    found = processes.identify(sleeper.pid)
    processes.stop(found, grace=30)
    assert sleeper.wait(30) == -signal.SIGTERM and not processes.is_alive(found)


def test_who_does_not_end_is_killed():
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        processes.stop(processes.identify(process.pid), grace=0.05)
        assert process.wait(30) == -signal.SIGKILL


def test_what_is_gone_is_nobody(sleeper):
    found = processes.identify(sleeper.pid)
    sleeper.kill()
    sleeper.wait()
    assert not processes.is_alive(found) and processes.identify(found.pid) != found
    assert not processes.is_alive(None)


def test_a_spawned_process_logs_and_its_last_words_are_one_line(tmp_path):
    log = tmp_path / "logs" / "x.log"
    process = processes.spawn([sys.executable, "-c", "print('a'); print('b')"], log)
    assert process.wait(30) == 0
    assert processes.last_words(log) == "a | b"
    assert processes.last_words(log, since=2) == "b"
    assert processes.last_words(tmp_path / "none") == ""


def test_waiting_ends_with_what_was_waited_for():
    with pytest.raises(processes.Timeout, match="the moon"):
        processes.wait_until(lambda: False, 0, "the moon")


def test_state_is_what_was_saved(tmp_path):
    layout = Layout("c1", tmp_path)
    assert state.load(layout) is None and state.names(tmp_path) == []
    found = State(name="c1", slot=3, processes={"holder": processes.Process(1, 2, "b")})
    assert state.save(layout, found) == state.load(layout)
    assert state.names(tmp_path) == ["c1"]
    assert layout.state.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"{}", b'{"name": "x", "odd": 1}', b"[]"])
def test_a_broken_state_is_said_to_be(tmp_path, content):
    layout = Layout("c1", tmp_path)
    layout.root.mkdir()
    layout.state.write_bytes(content)
    with pytest.raises(StateError, match=r"state\.json"):
        state.load(layout)
    with pytest.raises(msgspec.MsgspecError):
        msgspec.json.decode(content, type=State)


def test_the_lock_leaves_no_folder(tmp_path):
    clusters = tmp_path / "kubepy"
    with state.locked(clusters):
        assert clusters.is_dir()
    assert not clusters.exists()


def test_a_program_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="none"):
        processes.spawn([tmp_path / "none"], tmp_path / "log")
