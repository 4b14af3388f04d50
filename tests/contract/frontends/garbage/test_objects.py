"""Objects of every kind with odd values in odd places: refused, or kept and readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.api.scheme import Resource

from .bench import Bench, as_json, examples
from .documents import grown
from .samples import collection, created_only, sample, stored


def named(resource: Resource) -> str:
    return f"{resource.group_resource}/{resource.version}"


@pytest.mark.parametrize("resource", stored(), ids=named)
def test_samples(bench: Bench, resource: Resource) -> None:
    created = bench.ask("POST", collection(resource) + "?dryRun=All", sample(resource))
    assert created.status == 201, created.raw
    bench.create(collection(resource), as_json(sample(resource)))


@pytest.mark.parametrize("resource", stored(), ids=named)
@examples(12)
@given(data=st.data())
def test_create(bench: Bench, resource: Resource, data: st.DataObject) -> None:
    document = data.draw(grown(resource.type, sample(resource)))
    bench.create(collection(resource), as_json(document))


@pytest.mark.parametrize("resource", created_only(), ids=named)
@examples(12)
@given(data=st.data())
def test_reviews(bench: Bench, resource: Resource, data: st.DataObject) -> None:
    bench.ask(
        "POST", collection(resource), as_json(data.draw(grown(resource.type, sample(resource))))
    )
