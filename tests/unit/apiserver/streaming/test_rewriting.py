"""Links that lead back through a proxy."""

from __future__ import annotations

import pytest

from kubepy.apiserver.streaming import rewriting
from kubepy.apiserver.streaming.rewriting import Mount

PREFIX = "/api/v1/namespaces/x/pods/y/proxy"
MOUNT = Mount(PREFIX)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param("/a", f"{PREFIX}/a", id="a path"),
        pytest.param("/a/", f"{PREFIX}/a/", id="a folder"),
        pytest.param("/", f"{PREFIX}/", id="the root"),
        pytest.param("/a?q=1#top", f"{PREFIX}/a?q=1#top", id="query and fragment"),
        pytest.param("a/b", "a/b", id="relative"),
        pytest.param("?q", "?q", id="a query alone"),
        pytest.param("http://10.0.0.1:80/a", f"{PREFIX}/a", id="the backend itself"),
        pytest.param(
            "http://reader:8001/a", f"http://reader:8001{PREFIX}/a", id="the host that was asked"
        ),
        pytest.param("http://elsewhere/a", "http://elsewhere/a", id="elsewhere"),
        pytest.param(f"{PREFIX}/a", f"{PREFIX}/a", id="it knows the prefix"),
        pytest.param("http://[bad/a", "http://[bad/a", id="no URL"),
    ],
)
def test_links(target, expected):
    assert rewriting.link(target, MOUNT, "10.0.0.1:80", "reader:8001") == expected


def test_a_mount_with_a_host_of_its_own():
    mount = Mount("", "https", "10.96.0.9:443")
    assert rewriting.link("/apis/x", mount, "10.96.0.9:443", "") == "https://10.96.0.9:443/apis/x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('<a href="/x">y</a>', '<a href="[/x]">y</a>', id="a link"),
        pytest.param("<IMG SRC=/x ALT='q\"'>", '<img src="[/x]" alt="q&#34;">', id="written again"),
        pytest.param("<p class=/x>", '<p class="/x">', id="no link"),
        pytest.param('<br/><input src="/a"/>', '<br/><input src="[/a]"/>', id="closed at once"),
        pytest.param('<a href="/?a=1&amp;b">', '<a href="[/?a=1&amp;b]">', id="escapes"),
        pytest.param('<!-- <a href="/x"> -->', '<!-- <a href="/x"> -->', id="a comment"),
        pytest.param(
            '<script src="/s">if (1<a.b) "<a href=/x>"</script><q cite="/c">',
            '<script src="[/s]">if (1<a.b) "<a href=/x>"</script><q cite="[/c]">',
            id="within a script",
        ),
        pytest.param("<!DOCTYPE html>1 < 2 </p>", "<!DOCTYPE html>1 < 2 </p>", id="no tags"),
        pytest.param("<a href='/x", "<a href='/x", id="it breaks off"),
    ],
)
def test_pages(text, expected):
    assert rewriting.page(text, lambda url: f"[{url}]") == expected
