"""What differs between clusters, as far as the API is concerned."""

from __future__ import annotations

from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """The front ends' settings are elsewhere: `config.py` has every flag."""

    service_cidr: str = "10.96.0.0/16"
    node_ports: tuple[int, int] = (30000, 32767)
    disabled_plugins: tuple[str, ...] = ()
    event_seconds: int = 3600
    """How long Events are kept."""
    history_seconds: float = 300.0
    """How long the store keeps what was overwritten, at least; 0: for ever."""

    client_ca: str = ""
    """PEM of the authority whose certificates clients show; extension servers read it."""

    advertise: tuple[str, int] | None = None
    """Address and port of the `kubernetes` Service's endpoint; None: it has none."""
