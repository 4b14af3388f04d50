"""The authority's certificates work for the ssl module, as both sides of a connection."""

import asyncio
import ssl
import time

import pytest

from kubepy.base import tls

NOW = time.time()


@pytest.fixture(scope="module")
def authority():
    return tls.new_authority("kubernetes", now=NOW)


def test_server_and_client_trust_each_other(authority, tmp_path):
    server = tls.issue(
        authority, "kube-apiserver", now=NOW, names=("localhost", "127.0.0.1"), usages=(tls.SERVER,)
    )
    client = tls.issue(authority, "alice", now=NOW, organizations=("system:masters", "dev"))
    tls.write_pair(server, tmp_path / "s.crt", tmp_path / "s.key")
    tls.write_pair(client, tmp_path / "c.crt", tmp_path / "c.key")
    (tmp_path / "ca.crt").write_bytes(authority.certificate)
    accepting = tls.server_context(
        tmp_path / "s.crt", tmp_path / "s.key", client_ca_file=tmp_path / "ca.crt"
    )
    trusting = ssl.create_default_context(cafile=tmp_path / "ca.crt")
    trusting.load_cert_chain(tmp_path / "c.crt", tmp_path / "c.key")

    async def meet():
        seen = asyncio.get_running_loop().create_future()

        async def accepted(reader, writer):
            seen.set_result(writer.get_extra_info("peercert"))
            writer.close()

        server = await asyncio.start_server(accepted, "127.0.0.1", 0, ssl=accepting)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        await reader.read()
        writer.close()
        server.close()
        return await seen

    subject = [pair for part in asyncio.run(meet())["subject"] for pair in part]
    assert subject == [
        ("organizationName", "system:masters"),
        ("organizationName", "dev"),
        ("commonName", "alice"),
    ]


def test_names_and_end_can_be_read_back(authority):
    pair = tls.issue(authority, "x", now=NOW, names=("a.b", "10.96.0.1", "::1"), days=10)
    assert tls.server_names(pair.certificate) == {"a.b", "10.96.0.1", "::1"}
    assert tls.server_names(authority.certificate) == frozenset()
    assert tls.expires(pair.certificate) == pytest.approx(NOW + 10 * 86400, abs=600)


def test_secrets_are_for_their_owner_alone(authority, tmp_path):
    key = tmp_path / "pki" / "ca.key"
    tls.write_pair(authority, tmp_path / "pki" / "ca.crt", key)
    assert key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "pki" / "ca.crt").stat().st_mode & 0o777 == 0o644
    assert sorted(p.name for p in key.parent.iterdir()) == ["ca.crt", "ca.key"]


@pytest.mark.parametrize("missing", ["s.crt", "s.key"])
def test_a_missing_file_is_named(authority, tmp_path, missing):
    tls.write_pair(authority, tmp_path / "s.crt", tmp_path / "s.key")
    (tmp_path / missing).unlink()
    with pytest.raises(tls.TLSError, match=f"{missing}: no such file"):
        tls.server_context(tmp_path / "s.crt", tmp_path / "s.key")


def test_a_self_signed_certificate_serves(tmp_path):
    pair = tls.self_signed("node", ("localhost",), now=NOW)
    tls.write_pair(pair, tmp_path / "s.crt", tmp_path / "s.key")
    assert tls.server_context(tmp_path / "s.crt", tmp_path / "s.key")
    assert tls.server_names(pair.certificate) == {"localhost"}
