"""How every component talks to the apiserver: client, informers, work queue, leases, events."""

from kubepy.client.client import Client
from kubepy.client.connect import connect, direct
from kubepy.client.transport import Event, Listing

__all__ = ["Client", "Event", "Listing", "connect", "direct"]
