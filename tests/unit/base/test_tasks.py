"""How binaries end, seen from outside: real processes, real signals."""

import asyncio
import signal
import subprocess
import sys

import pytest

from kubepy.base import tasks

PROGRAM = """
import asyncio, sys
from msgspec import Struct
from kubepy.base import flags, tasks

class Config(Struct, frozen=True):
    what: str = "wait"

PROGRAM = flags.Program(name="thing", summary="A thing.", config=Config,
                        groups=(flags.Group("All", (flags.Flag("what", "What."),)),))

async def run(config):
    match config.what:
        case "fail":
            raise tasks.Failure("the thing is\\nbroken")
        case "group":
            async with asyncio.TaskGroup() as group:
                group.create_task(run(Config("fail")))
                group.create_task(asyncio.sleep(1000))
        case "file":
            open("/nowhere/x")
        case "bug":
            raise AssertionError("bug")
        case "end":
            return
        case "wait":
            print("started", flush=True)
            try:
                await asyncio.sleep(1000)
            finally:
                print("cleaned", flush=True)

tasks.main(PROGRAM, run)
"""


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("arguments", "status", "stderr"),
    [
        (["--what=end"], 0, ""),
        (["--what=fail"], 1, "thing: error: the thing is broken\n"),
        (["--what=group"], 1, "thing: error: the thing is broken\n"),
        (["--what=file"], 1, "thing: error: /nowhere/x: No such file or directory\n"),
        (["--wat=x"], 1, "thing: error: unknown flag: --wat (did you mean --what?)\n"),
    ],
)
def test_failures_are_one_line(arguments, status, stderr):
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (status, stderr)


def test_a_bug_shows_its_traceback():
    done = run("--what=bug")
    assert done.returncode != 0 and "AssertionError: bug" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_cancels_and_ends_well(number):
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "started\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "cleaned\n", "")


def test_help_is_no_failure():
    done = run("--help")
    assert done.returncode == 0 and done.stdout.startswith("A thing.")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            RuntimeError("unable to perform operation on <TCPTransport>; the handler is closed"),
            False,
        ),
        (RuntimeError("unable to perform operation"), True),
        (KeyError("the handler is closed"), True),
        (None, True),
    ],
)
def test_only_what_a_closed_connection_cannot_do_is_passed_over(error, told, caplog):
    loop = asyncio.new_event_loop()
    tasks.complain(loop, {"message": "oh", "exception": error})
    loop.close()
    assert ("oh" in caplog.text) is told
