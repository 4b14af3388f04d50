"""The last words of a container: its termination message file, or the end of its log."""

from __future__ import annotations

import os

from msgspec.structs import replace

from kubepy.kubelet.runtime.model import MESSAGE_POLICY, RuntimeContainer

LONGEST = 4096  # bytes of a message file
LOG_LINES, LOG_BYTES = 80, 2048  # of a log's end
_WINDOW = 64 << 10  # bytes of the log that are looked at


def with_message(container: RuntimeContainer) -> RuntimeContainer:
    """The container with its last words appended to what the runtime says of its end."""
    if container.state != "exited":
        return container
    words = _read(container.message_file)
    policy = container.annotations.get(MESSAGE_POLICY)
    failed = container.exit_code != 0 or container.reason == "OOMKilled"
    if not words and policy == "FallbackToLogsOnError" and failed:
        words = log_end(container.log_path)
    return replace(container, message=container.message + words) if words else container


def _read(path: str) -> str:
    if not path:
        return ""
    try:
        with open(path, "rb") as file:
            return file.read(LONGEST).decode(errors="replace")
    except OSError:
        return ""


def log_end(path: str) -> str:
    """The text of the log's last lines, without CRI's prefix of time, stream and tag."""
    try:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _WINDOW))
            lines = file.read().splitlines(keepends=True)[-LOG_LINES:]
    except OSError:
        return ""
    text = b"".join(_text(line) for line in lines)
    return text[-LOG_BYTES:].decode(errors="replace")


def _text(line: bytes) -> bytes:
    parts = line.split(b" ", 3)
    if len(parts) < 4:
        return b""
    return parts[3].removesuffix(b"\n") if parts[2].startswith(b"P") else parts[3]
