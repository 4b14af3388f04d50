"""The ports of a port-forward's query."""

import pytest

from kubepy.meta.ports import forwarded


@pytest.mark.parametrize(
    ("texts", "ports"),
    [
        pytest.param(["80"], [80], id="one"),
        pytest.param(["80", "443"], [80, 443], id="each its own"),
        pytest.param(["80,443", "65535"], [80, 443, 65535], id="commas"),
    ],
)
def test_ports(texts: list[str], ports: list[int]) -> None:
    assert forwarded(texts) == ports


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        pytest.param([], 'query parameter "port" is required', id="none"),
        pytest.param([""], 'query parameter "port" cannot be empty', id="empty"),
        pytest.param(["0"], 'port "0" must be > 0', id="zero"),
        pytest.param(
            ["80,http"],
            'unable to parse "80,http" as a port: '
            'strconv.ParseUint: parsing "http": invalid syntax',
            id="a name",
        ),
        pytest.param(
            ["65536"],
            'unable to parse "65536" as a port: '
            'strconv.ParseUint: parsing "65536": value out of range',
            id="too high",
        ),
    ],
)
def test_ports_that_are_none(texts: list[str], message: str) -> None:
    with pytest.raises(ValueError) as raised:
        forwarded(texts)
    assert str(raised.value) == message
