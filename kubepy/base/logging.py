"""What a binary says while it runs: klog's line for people, JSON for machines, on stderr.

Modules use `logging.getLogger(__name__)`: `info` is what an operator wants to see at `-v 0`,
`debug` what a developer wants at `-v 4`. At `-v 6` and above the libraries speak, too.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from typing import Any, Literal

Format = Literal["text", "json"]

DEBUG_FROM = 4
LIBRARIES_FROM = 6
_OURS = "kubepy"
_SEVERITY = {
    logging.DEBUG: "I",
    logging.INFO: "I",
    logging.WARNING: "W",
    logging.ERROR: "E",
    logging.CRITICAL: "F",
}


def configure(verbosity: int = 0, format: Format = "text") -> None:
    """Send every log record of this process to stderr; may be called again to change it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if format == "json" else _KlogFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbosity >= LIBRARIES_FROM else logging.WARNING)
    ours = logging.DEBUG if verbosity >= DEBUG_FROM else logging.INFO
    logging.getLogger(_OURS).setLevel(ours)
    logging.captureWarnings(True)


class _KlogFormatter(logging.Formatter):
    """`I0102 15:04:05.000000    4242 pod/worker.py:17] message`; a traceback follows its line."""

    def format(self, record: logging.LogRecord) -> str:
        local = time.localtime(record.created)
        micros = int(record.created % 1 * 1e6)
        severity = _SEVERITY.get(record.levelno, "I")
        head = (
            f"{severity}{time.strftime('%m%d %H:%M:%S', local)}.{micros:06d} {os.getpid():7d} "
            f"{_place(record)}] {record.getMessage()}"
        )
        if record.exc_info:
            head = f"{head}\n{self.formatException(record.exc_info)}"
        return head


class _JsonFormatter(logging.Formatter):
    """One JSON object a line, with the field names of Kubernetes' JSON logs."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "ts": round(record.created * 1000, 3),
            "caller": _place(record),
            "msg": record.getMessage(),
            "logger": record.name,
        }
        if record.levelno >= logging.ERROR:
            line["err"] = self.formatException(record.exc_info) if record.exc_info else ""
        else:
            line["v"] = DEBUG_FROM if record.levelno < logging.INFO else 0
        return json.dumps(line, ensure_ascii=False)


def _place(record: logging.LogRecord) -> str:
    """Where it was said, from below the package: `kubelet/pod/worker.py:17`."""
    path = record.pathname
    _, found, inside = path.rpartition("/kubepy/")
    return f"{inside if found else os.path.basename(path)}:{record.lineno}"
