import json
import logging
import re
import subprocess
import sys

import pytest

from kubepy.base import logging as kubepy_logging

SPEAK = """
import logging
from kubepy.base.logging import configure
configure({verbosity}, "{format}")
ours, theirs = logging.getLogger("kubepy.x"), logging.getLogger("theirs")
ours.debug("details"); ours.info("news %d", 7); ours.error("bad"); theirs.info("library")
"""


def said(verbosity, format="text"):
    text = SPEAK.format(verbosity=verbosity, format=format)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    return done.stderr.splitlines()


@pytest.mark.parametrize(
    ("verbosity", "messages"),
    [(0, ["news 7", "bad"]), (4, ["details", "news 7", "bad"]),
     (6, ["details", "news 7", "bad", "library"])],
)  # fmt: skip
def test_verbosity_chooses(verbosity, messages):
    assert [line.partition("] ")[2] for line in said(verbosity)] == messages


def test_text_is_klogs():
    first = said(0)[0]
    assert re.match(r"I\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ <string>:6\] news 7$", first)


def test_json_is_an_object_a_line():
    news, bad = map(json.loads, said(0, "json"))
    assert (news["msg"], news["v"], news["logger"]) == ("news 7", 0, "kubepy.x")
    assert bad["msg"] == "bad" and "err" in bad


def test_place_starts_below_the_package():
    record = logging.LogRecord("kubepy.a", 20, "/any/kubepy/a/b.py", 3, "m", (), None)
    assert kubepy_logging._place(record) == "a/b.py:3"
