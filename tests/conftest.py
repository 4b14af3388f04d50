"""For every test: an apiserver in memory, its client, and properties that may take their time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, settings

from kubepy import testing
from kubepy.client.client import Client

settings.register_profile(  # tests never time: the machine may be busy
    "unhurried",
    parent=settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")


@pytest.fixture
async def apiserver() -> AsyncIterator[testing.TestServer]:
    async with testing.apiserver() as server:
        yield server


@pytest.fixture
def client(apiserver: testing.TestServer) -> Client:
    """Acts as an administrator."""
    return apiserver.client
