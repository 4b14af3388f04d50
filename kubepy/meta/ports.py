"""The ports that a port-forward over a WebSocket names. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kubepy.meta.gotext import parse_uint, quote


def forwarded(texts: Sequence[str]) -> list[int]:
    """The query's `port`s, each one or some with commas between.

    Raises ValueError in the words of Kubernetes' kubelet.
    """
    if not texts:
        raise ValueError('query parameter "port" is required')
    if "" in texts:
        raise ValueError('query parameter "port" cannot be empty')
    return [_port(part, text) for text in texts for part in text.split(",")]


def _port(part: str, text: str) -> int:
    try:
        port = parse_uint(part, 16)
    except ValueError as problem:
        raise ValueError(f"unable to parse {quote(text)} as a port: {problem}") from None
    if port < 1:
        raise ValueError(f"port {quote(text)} must be > 0")
    return port
