"""The resolver that pods get: the machine's, without what only the machine itself can reach."""

from __future__ import annotations

import ipaddress
from pathlib import Path

MACHINE = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))


def resolv_conf(texts: list[str]) -> str:
    """The first of `texts` that names a server beyond loopback, without those on it.

    Where a local resolver listens on loopback (systemd-resolved, dnsmasq), the second text is the
    one that it asks itself.
    """
    for text in texts:
        lines = [line for line in text.splitlines() if not _is_loopback(line)]
        if any(line.startswith("nameserver") for line in lines):
            return "\n".join(lines) + "\n"
    return "# this machine knows no name server that a pod could reach\n"


def of_machine() -> str:
    texts = []
    for path in MACHINE:
        try:
            texts.append(path.read_text())
        except OSError:
            continue
    return resolv_conf(texts)


def _is_loopback(line: str) -> bool:
    words = line.split()
    if len(words) < 2 or words[0] != "nameserver":
        return False
    try:
        return ipaddress.ip_address(words[1].partition("%")[0]).is_loopback
    except ValueError:
        return False
