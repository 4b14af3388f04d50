"""The kernel's settings that kube-proxy looks after: the limits of connection tracking."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from kubepy.proxy.config import (
    CONNTRACK_MIN,
    CONNTRACK_PER_CORE,
    OOM_SCORE,
    TCP_CLOSE_WAIT,
    TCP_ESTABLISHED,
    KubeProxyConfiguration,
)

NETFILTER = Path("/proc/sys/net/netfilter")
OOM_SCORE_FILE = Path("/proc/self/oom_score_adj")

log = logging.getLogger(__name__)


def wanted(config: KubeProxyConfiguration, cores: int) -> dict[str, int]:
    """Values by name; what is configured as 0 is left alone. `nf_conntrack_max` is a minimum."""
    settings = config.conntrack
    per_core = CONNTRACK_PER_CORE if settings.maxPerCore is None else settings.maxPerCore
    least = CONNTRACK_MIN if settings.min is None else settings.min
    established, closing = settings.tcpEstablishedTimeout, settings.tcpCloseWaitTimeout
    found = {
        "nf_conntrack_max": max(per_core * cores, least) if per_core else 0,
        "nf_conntrack_tcp_timeout_established": int(
            TCP_ESTABLISHED if established is None else established
        ),
        "nf_conntrack_tcp_timeout_close_wait": int(TCP_CLOSE_WAIT if closing is None else closing),
        "nf_conntrack_tcp_be_liberal": int(settings.tcpBeLiberal),
        "nf_conntrack_udp_timeout": int(settings.udpTimeout),
        "nf_conntrack_udp_timeout_stream": int(settings.udpStreamTimeout),
    }
    return {name: value for name, value in found.items() if value}


def apply(config: KubeProxyConfiguration) -> None:
    """As far as this process may: in a network namespace of its own some are read-only."""
    for name, value in wanted(config, os.cpu_count() or 1).items():
        try:
            current = int((NETFILTER / name).read_text())
            enough = current >= value if name == "nf_conntrack_max" else current == value
            if not enough:
                (NETFILTER / name).write_text(str(value))
        except (OSError, ValueError) as error:
            log.info("%s stays as it is: %s", name, error)
    score = OOM_SCORE if config.oomScoreAdj is None else config.oomScoreAdj
    try:
        OOM_SCORE_FILE.write_text(str(score))
    except OSError as error:
        log.info("the kernel may kill this process like any other: %s", error)
