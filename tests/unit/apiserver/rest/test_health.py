"""Health pages."""

from __future__ import annotations

from kubepy.apiserver.rest.health import ask

GOOD = {"ping": lambda: "", "etcd": lambda: ""}
BAD = {"ping": lambda: "", "etcd": lambda: "the disk is full"}


def test_all_well():
    assert ask("livez", GOOD, "", {}).text == "ok"
    assert ask("livez", GOOD, "", {"verbose": [""]}).text == (
        "[+]ping ok\n[+]etcd ok\nlivez check passed\n"
    )


def test_a_failure_is_named_and_not_explained():
    verdict = ask("readyz", BAD, "", {})
    assert verdict.code == 500
    assert verdict.text == "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n"


def test_single_checks():
    assert ask("livez", GOOD, "ping", {}).code == 200
    assert ask("livez", BAD, "etcd", {}).code == 500
    assert ask("livez", GOOD, "absent", {}) is None


def test_exclusion():
    assert ask("livez", BAD, "", {"exclude": ["etcd"]}).text == "ok"
    shown = ask("livez", GOOD, "", {"exclude": ["etcd", "x"], "verbose": [""]}).text
    assert "[+]etcd excluded: ok\n" in shown
    assert 'no matches for "x"' in shown
