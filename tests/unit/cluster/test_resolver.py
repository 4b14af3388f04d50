import pytest

from kubepy.cluster.resolver import resolv_conf

NONE = "# this machine knows no name server that a pod could reach\n"


@pytest.mark.parametrize(
    ("texts", "result"),
    [
        pytest.param(["search a\nnameserver 10.0.0.2\n"], "search a\nnameserver 10.0.0.2\n",
                     id="as it is"),
        pytest.param(["nameserver 127.0.0.53\noptions edns0\n", "nameserver 192.0.2.1\n"],
                     "nameserver 192.0.2.1\n", id="a local resolver: whom it asks"),
        pytest.param(["nameserver 127.0.0.1\nnameserver 192.0.2.1\n"], "nameserver 192.0.2.1\n",
                     id="one of two"),
        pytest.param(["nameserver ::1\n"], NONE, id="none"),
        pytest.param([], NONE, id="no file"),
        pytest.param(["nameserver fe80::1%eth0\n"], "nameserver fe80::1%eth0\n", id="zone"),
    ],
)  # fmt: skip
def test_pods_get_servers_that_they_can_reach(texts, result):
    assert resolv_conf(texts) == result
