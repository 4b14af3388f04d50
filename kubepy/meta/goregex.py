"""Go's regular expressions: RE2, which has no way to take long over a short text."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

KNOWN = 1024  # patterns kept compiled, those of served definitions beside them

_WORDS = {  # RE2's complaints in Go's words
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "no argument for repetition operator": "missing argument to repetition operator",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid repetition size": "invalid repeat count",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "trailing \\": "trailing backslash at end of expression",
    "invalid named capture group": "invalid named capture",
}


class BadPattern(ValueError):
    """What Go says about it."""


@lru_cache(maxsize=KNOWN)
def compile(pattern: str) -> Any:
    """An object whose `search(text)` tells whether the pattern is somewhere in it.

    Raises BadPattern.
    """
    import re2  # late: most kinds have no patterns

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        (raw,) = error.args
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
        what, _, where = text.partition(": ")
        raise BadPattern(
            f"error parsing regexp: {_WORDS.get(what, what)}: `{where or pattern}`"
        ) from None


def problem(pattern: str) -> str:
    """What is wrong with a pattern; empty if nothing is."""
    try:
        compile(pattern)
    except BadPattern as error:
        return str(error)
    return ""
