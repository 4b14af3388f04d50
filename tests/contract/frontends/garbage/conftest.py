"""A server for each module, which is at the end as it was in the beginning."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from .bench import Bench


@pytest.fixture(scope="module")
def bench(pki) -> Iterator[Bench]:
    found = Bench(pki)
    found.open()
    logging.getLogger().addHandler(found.errors)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(found.errors)
        found.close()
