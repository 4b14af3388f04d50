"""Fixtures for every test: an apiserver in memory, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kubepy import testing
from kubepy.client.client import Client


@pytest.fixture
async def apiserver() -> AsyncIterator[testing.TestServer]:
    async with testing.apiserver() as server:
        yield server


@pytest.fixture
def client(apiserver: testing.TestServer) -> Client:
    """Acts as an administrator."""
    return apiserver.client
