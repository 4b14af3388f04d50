"""Health pages."""

from __future__ import annotations

from kubepy.apiserver.rest.health import ask


async def well() -> str:
    return ""


async def ill() -> str:
    return "the disk is full"


GOOD = {"ping": well, "etcd": well}
BAD = {"ping": well, "etcd": ill}


async def test_all_well():
    assert (await ask("livez", GOOD, "", {})).text == "ok"
    assert (await ask("livez", GOOD, "", {"verbose": [""]})).text == (
        "[+]ping ok\n[+]etcd ok\nlivez check passed\n"
    )


async def test_a_failure_is_named_and_not_explained():
    verdict = await ask("readyz", BAD, "", {})
    assert verdict.code == 500
    assert verdict.text == "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n"


async def test_single_checks():
    assert (await ask("livez", GOOD, "ping", {})).code == 200
    assert (await ask("livez", BAD, "etcd", {})).code == 500
    assert (await ask("livez", GOOD, "absent", {})) is None


async def test_exclusion():
    assert (await ask("livez", BAD, "", {"exclude": ["etcd"]})).text == "ok"
    shown = (await ask("livez", GOOD, "", {"exclude": ["etcd", "x"], "verbose": [""]})).text
    assert "[+]etcd excluded: ok\n" in shown
    assert 'no matches for "x"' in shown
