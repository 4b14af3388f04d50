"""Names, credentials and garbage of images."""

from __future__ import annotations

import base64
import json

import pytest

from kubepy.api.core.v1 import Secret
from kubepy.kubelet.images.collect import (
    Seen,
    Thresholds,
    bytes_to_free,
    choose,
    needed,
    too_old,
)
from kubepy.kubelet.images.credentials import from_secrets, matching
from kubepy.kubelet.images.names import problem, registry_and_path, with_tag
from kubepy.kubelet.runtime.model import Image


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("busybox", "busybox:latest"),
        ("busybox:1", "busybox:1"),
        ("localhost:5000/x", "localhost:5000/x:latest"),
        ("x@sha256:abc", "x@sha256:abc"),
    ],
)
def test_with_tag(name, full):
    assert with_tag(name) == full


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("busybox:1", ("docker.io", "library/busybox")),
        ("me/app", ("docker.io", "me/app")),
        ("registry.k8s.io/pause:3.9", ("registry.k8s.io", "pause")),
        ("localhost:5000/a/b@sha256:x", ("localhost:5000", "a/b")),
        ("localhost/a", ("localhost", "a")),
    ],
)
def test_registry_and_path(name, parts):
    assert registry_and_path(name) == parts


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("busybox", ""),
        ("Registry.Example.com:5000/a/b_c-d:V1.2", ""),
        ("[::1]:5000/a@sha256:" + "0" * 64, ""),
        (
            "busyBox",
            "invalid reference format: repository name (library/busyBox) must be lowercase",
        ),
        ("a//b", "invalid reference format"),
        (":tag", "invalid reference format"),
        ("a b", "invalid reference format"),
        ("a" * 256, "repository name must not be more than 255 characters"),
    ],
)
def test_what_is_no_image_name(name, why):
    assert problem(name) == why


def secret(auths):
    return Secret(data={".dockerconfigjson": json.dumps({"auths": auths}).encode()})


def test_credentials_come_from_secrets():
    packed = base64.b64encode(b"me:secret:word").decode()
    found = from_secrets([secret({"https://index.docker.io/v1/": {"auth": packed}})])
    [auth] = matching("busybox", found)
    assert auth == {"username": "me", "password": "secret:word"}


@pytest.mark.parametrize(
    ("image", "users"),
    [
        ("reg.example/team/app:1", ["team", "all"]),
        ("reg.example/other/app:1", ["all"]),
        ("x.cloud.example/app", ["wild"]),
        ("elsewhere.example/app", []),
    ],
)
def test_the_most_specific_credentials_come_first(image, users):
    auths = {
        "reg.example": {"username": "all"},
        "reg.example/team": {"username": "team"},
        "*.cloud.example": {"username": "wild"},
    }
    assert [a["username"] for a in matching(image, from_secrets([secret(auths)]))] == users


def test_a_broken_secret_is_no_error():
    assert from_secrets([Secret(data={".dockerconfigjson": b"{nonsense"})]) == {}


def image(name, size=10, **more):
    return Image(id=name, tags=(f"{name}:1",), size=size, **more)


LIMITS = Thresholds(high=85, low=80, min_age=120.0)


@pytest.mark.parametrize(
    ("available", "want"), [(200, 0), (160, 0), (150, 50), (50, 150), (0, 200)]
)
def test_bytes_to_free(available, want):
    assert bytes_to_free(1000, available, LIMITS) == want


def test_the_least_recently_used_go_first():
    images = [image("a"), image("b"), image("c"), image("new")]
    seen = {"a": Seen(0, 50), "b": Seen(0, 10), "c": Seen(0, 20), "new": Seen(990, 990)}
    chosen = choose(images, {"a"}, seen, 1000.0, LIMITS, want=15)
    assert [i.id for i in chosen] == ["b", "c"]
    everything = choose(images, {"a"}, seen, 1000.0, LIMITS, want=1000)
    assert [i.id for i in everything] == ["b", "c"]  # the new one is too young


def test_images_in_use_and_pinned_ones_are_needed():
    images = [image("a"), image("b", digests=("b@sha256:1",)), image("c"), image("p", pinned=True)]
    assert needed(images, {"a:1", "b@sha256:1"}) == {"a", "b", "p"}


def test_images_can_be_too_old():
    seen = {"a": Seen(0, 0), "b": Seen(0, 900)}
    old = Thresholds(max_age=500.0)
    assert [i.id for i in too_old([image("a"), image("b")], set(), seen, 1000.0, old)] == ["a"]
