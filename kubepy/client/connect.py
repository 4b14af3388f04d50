"""Ways to a client: over the network by a kubeconfig, or straight into an apiserver."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from kubepy.base.clock import Clock, SystemClock
from kubepy.client import kubeconfig
from kubepy.client.client import Client
from kubepy.client.direct import DirectTransport
from kubepy.meta.calls import Handler, User

USER_AGENT = "kubepy"


def connect(
    kubeconfig_path: str | Path,
    transport: Literal["rest", "grpc"] = "rest",
    *,
    context: str = "",
    user_agent: str = USER_AGENT,
    grpc_port: int = 0,
    clock: Clock | None = None,
) -> Client:
    """A client of the server that a kubeconfig names; without a path, of the pod's own cluster.

    gRPC is spoken to `grpc_port`; left out, to the port above the kubeconfig's (6444) with a
    certificate, to the next one (6445) with a token.

    Nothing is sent yet. Raises KubeconfigError if the file does not describe a usable access.
    """
    if kubeconfig_path:
        access = kubeconfig.load(kubeconfig_path, context)
    else:
        access = kubeconfig.in_cluster()
    clock = clock or SystemClock()
    if transport == "rest":
        # late: aiohttp takes 200 ms, and who is in the apiserver's process never needs it
        from kubepy.client.rest import RestTransport

        return Client(RestTransport(access, clock, user_agent=user_agent))
    from kubepy.client.grpc import GrpcTransport  # late for the same reason: 60 ms

    return Client(GrpcTransport(access, clock, user_agent=user_agent, port=grpc_port))


def direct(handler: Handler, user: User, *, user_agent: str = USER_AGENT) -> Client:
    """A client of an apiserver in this process, as `user`."""
    return Client(DirectTransport(handler, user, user_agent=user_agent))
