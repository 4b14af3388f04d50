"""CRI's messages as values."""

from __future__ import annotations

import pytest

from kubepy import pb
from kubepy.kubelet.runtime.convert import sandbox_image


@pytest.mark.parametrize(
    ("info", "image"),
    [
        pytest.param({"config": '{"sandboxImage": "pause:1"}'}, "pause:1", id="containerd 1.6"),
        pytest.param({"config": '{"runtimes": {}}'}, "", id="pinned elsewhere"),
        pytest.param({}, "", id="says nothing"),
        pytest.param({"config": "[]"}, "", id="means something else"),
    ],
)
def test_what_sandboxes_are_made_from(info: dict[str, str], image: str) -> None:
    assert sandbox_image(pb.message("runtime.v1.StatusResponse")(info=info)) == image
