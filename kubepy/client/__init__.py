"""How every component talks to the apiserver: client, informers, work queue, leases, events."""

from kubepy.client.client import Client, Event, Listing
from kubepy.client.connect import connect, direct

__all__ = ["Client", "Event", "Listing", "connect", "direct"]
