"""REST over real sockets: what clients see of HTTP itself."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import re
import ssl

import aiohttp
import pytest
import yaml

from kubepy import pb
from kubepy.api import protobuf
from kubepy.api.core.v1 import ConfigMap, ConfigMapList
from kubepy.api.meta.v1 import ObjectMeta, Status
from kubepy.base import tls

from .conftest import apiserver_of, client, client_tls, jwt_claims

MAPS = "/api/v1/namespaces/default/configmaps"
PROTOBUF = "application/vnd.kubernetes.protobuf"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def config_map(name, **data):
    return {"metadata": {"name": name}, "data": data}


async def test_create_get_list_delete(admin):
    created = await admin("POST", MAPS, config_map("a", x="y"))
    assert created.status == 201
    assert created.json["kind"] == "ConfigMap"
    assert (await admin("GET", f"{MAPS}/a")).json["data"] == {"x": "y"}
    listed = await admin("GET", MAPS)
    assert listed.json["kind"] == "ConfigMapList"
    assert [item["metadata"]["name"] for item in listed.json["items"]] == ["a"]
    deleted = await admin("DELETE", f"{MAPS}/a")
    assert deleted.json["status"] == "Success"
    gone = await admin("GET", f"{MAPS}/a")
    assert (gone.status, gone.json["reason"]) == (404, "NotFound")


async def test_every_answer_has_kubernetes_headers(admin):
    answer = await admin("GET", MAPS, Audit_ID="my-own-id")
    assert answer.headers["Audit-Id"] == "my-own-id"
    assert answer.headers["Cache-Control"] == "no-cache, private"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Date"].endswith("GMT")


async def test_yaml_in_and_out(admin):
    body = b"metadata: {name: yam}\ndata:\n  a: |\n    one\n    two\n"
    created = await admin("POST", MAPS, body, Content_Type="application/yaml")
    assert created.status == 201
    shown = await admin("GET", f"{MAPS}/yam", Accept="application/yaml")
    assert shown.headers["Content-Type"] == "application/yaml"
    assert yaml.safe_load(shown.raw)["data"] == {"a": "one\ntwo\n"}


async def test_protobuf_in_and_out(admin):
    obj = ConfigMap(metadata=ObjectMeta(name="p"), data={"a": "b"})
    body = protobuf.wrap("v1", "ConfigMap", protobuf.encode(obj))
    created = await admin("POST", MAPS, body, Content_Type=PROTOBUF, Accept=PROTOBUF)
    assert created.status == 201
    version, kind, raw = protobuf.unwrap(created.raw)
    assert (version, kind) == ("v1", "ConfigMap")
    assert protobuf.decode(ConfigMap, raw).data == {"a": "b"}
    listed = await admin("GET", MAPS, Accept=PROTOBUF)
    version, kind, raw = protobuf.unwrap(listed.raw)
    assert kind == "ConfigMapList"
    assert [item.metadata.name for item in protobuf.decode(ConfigMapList, raw).items] == ["p"]
    refused = await admin("GET", f"{MAPS}/none", Accept=PROTOBUF)
    version, kind, raw = protobuf.unwrap(refused.raw)
    assert (refused.status, kind) == (404, "Status")
    assert protobuf.decode(Status, raw).reason == "NotFound"


async def test_table(admin):
    await admin("POST", MAPS, config_map("a", x="y"))
    table = (await admin("GET", MAPS, Accept=TABLE)).json
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    (row,) = table["rows"]
    assert row["cells"][:2] == ["a", 1]
    assert row["object"]["kind"] == "PartialObjectMetadata"
    none = (await admin("GET", f"{MAPS}?includeObject=None", Accept=TABLE)).json
    assert none["rows"][0]["object"] is None
    whole = (await admin("GET", f"{MAPS}?includeObject=Object", Accept=TABLE)).json
    assert whole["rows"][0]["object"]["data"] == {"x": "y"}
    one = (await admin("GET", f"{MAPS}/a", Accept=TABLE)).json
    assert (one["kind"], len(one["rows"])) == ("Table", 1)


async def test_every_shape_shows_who_owns_what(admin):
    created = await admin("POST", f"{MAPS}?fieldManager=me", config_map("a", x="y"))
    owners = created.json["metadata"]["managedFields"]
    assert [(owner["manager"], owner["fieldsV1"]) for owner in owners] == [
        ("me", {"f:data": {".": {}, "f:x": {}}})
    ]
    alone = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
    assert (await admin("GET", f"{MAPS}/a", Accept=alone)).json["metadata"] == created.json[
        "metadata"
    ]
    (row,) = (await admin("GET", MAPS, Accept=TABLE)).json["rows"]
    assert row["object"]["metadata"]["managedFields"] == owners
    _, _, raw = protobuf.unwrap((await admin("GET", f"{MAPS}/a", Accept=PROTOBUF)).raw)
    (entry,) = protobuf.decode(ConfigMap, raw).metadata.managedFields
    assert bytes(entry.fieldsV1) == b'{"f:data":{".":{},"f:x":{}}}'


async def test_an_apply_comes_as_yaml_and_as_nothing_else(admin):
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: 'y'}\n"
    path = f"{MAPS}/a?fieldManager=me"
    applied = await admin("PATCH", path, body, Content_Type="application/apply-patch+yaml")
    assert (applied.status, applied.json["data"]) == (201, {"x": "y"})
    refused = await admin("PATCH", path, b"\xa0", Content_Type="application/apply-patch+cbor")
    assert refused.status == 415


@pytest.mark.parametrize("media_type", ["application/json", PROTOBUF])
async def test_metadata_alone(admin, media_type):
    await admin("POST", MAPS, config_map("a", x="y"))
    shape = f"{media_type};as=PartialObjectMetadata{{}};v=v1;g=meta.k8s.io"
    one = await admin("GET", f"{MAPS}/a", Accept=shape.format(""))
    many = await admin("GET", MAPS, Accept=shape.format("List"))
    assert one.headers["Content-Type"] == many.headers["Content-Type"] == media_type
    if media_type == PROTOBUF:
        assert protobuf.unwrap(one.raw)[:2] == ("meta.k8s.io/v1", "PartialObjectMetadata")
        assert protobuf.unwrap(many.raw)[:2] == ("meta.k8s.io/v1", "PartialObjectMetadataList")
    else:
        assert set(one.json) == {"kind", "apiVersion", "metadata"}
        assert many.json["items"][0]["metadata"]["name"] == "a"
    unfit = await admin("GET", f"{MAPS}/a", Accept=shape.format("List"))
    assert unfit.status in (200, 406)
    if media_type == "application/json":
        assert unfit.status == 406


async def test_large_lists_come_compressed(admin):
    for index in range(40):
        await admin("POST", MAPS, config_map(f"c{index:02}", x="y" * 5000))
    async with admin.session.get(
        admin.base + MAPS, headers={"Accept-Encoding": "gzip"}
    ) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert len((await response.json())["items"]) == 40
    plain = await admin("GET", MAPS, Accept_Encoding="identity")
    assert "Content-Encoding" not in plain.headers
    assert len(plain.json["items"]) == 40
    small = await admin("GET", f"{MAPS}/c00", Accept_Encoding="gzip")
    assert "Content-Encoding" not in small.headers


async def test_compressed_bodies_are_taken(admin):
    body = gzip.compress(json.dumps(config_map("z", a="b")).encode())
    created = await admin("POST", MAPS, body, Content_Encoding="gzip")
    assert created.status == 201


async def test_a_body_has_a_limit(admin):
    refused = await admin("POST", MAPS, b"x" * (3 * 1024 * 1024 + 1))
    assert (refused.status, refused.json["reason"]) == (413, "RequestEntityTooLarge")
    assert (await admin("GET", MAPS)).status == 200


async def test_a_body_without_length_has_a_limit_too(admin):
    async def endless():
        while True:
            yield b"x" * 65536

    headers = {"Content-Type": "application/json"}
    async with admin.session.post(admin.base + MAPS, data=endless(), headers=headers) as response:
        assert response.status == 413


async def test_pretty(admin):
    await admin("POST", MAPS, config_map("a"))
    assert b"\n  " not in (await admin("GET", f"{MAPS}/a")).raw
    assert b'\n  "kind"' in (await admin("GET", f"{MAPS}/a?pretty=true")).raw
    assert b'\n  "kind"' in (await admin("GET", f"{MAPS}/a", User_Agent="curl/8")).raw
    assert b"\n  " not in (await admin("GET", f"{MAPS}/a?pretty=0", User_Agent="curl/8")).raw


async def test_warnings_are_quoted_and_cannot_break_out(admin):
    body = b'{"metadata":{"name":"w"},"da\\"ta\\r\\nX-Evil: 1":{}}'
    created = await admin("POST", MAPS, body)
    assert created.status == 201
    assert "X-Evil" not in created.headers
    assert created.headers["Warning"].startswith('299 - "unknown field')


@pytest.mark.parametrize(
    ("method", "path", "status", "content_type"),
    [
        pytest.param("GET", "/nonsense", 404, "text/plain; charset=utf-8", id="nothing"),
        pytest.param("GET", "/apis/absent/v1/x", 404, "text/plain; charset=utf-8", id="group"),
        pytest.param("GET", "/apis/apps/v9/x", 404, "application/json", id="version"),
        pytest.param("GET", "/api/v1/things", 404, "application/json", id="resource"),
        pytest.param("PATCH", MAPS, 405, "application/json", id="method"),
        pytest.param("OPTIONS", MAPS, 405, "application/json", id="options"),
        pytest.param("POST", "/version", 405, "application/json", id="version is read-only"),
    ],
)
async def test_dead_ends(admin, method, path, status, content_type):
    answer = await admin(method, path, {} if method in ("PATCH", "POST") else None)
    assert (answer.status, answer.headers["Content-Type"]) == (status, content_type)


@pytest.mark.parametrize(
    ("allowed", "status", "message"),
    [
        pytest.param(True, 201, None, id="allowed"),
        pytest.param(
            False,
            422,
            'Pod "p" is invalid: spec.containers[0].securityContext.privileged: Forbidden: '
            "disallowed by cluster policy",
            id="not allowed",
        ),
    ],
)
async def test_flags_decide_about_admission_and_privileges(pki, allowed, status, message):
    without = ("ServiceAccount",)  # nobody makes accounts here, and this pod needs none
    main = {"name": "main", "image": "x:1", "securityContext": {"privileged": True}}
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [main]}}
    async with (
        apiserver_of(pki, allow_privileged=allowed, disable_admission_plugins=without) as running,
        client(pki, running.ports.https, "admin") as admin,
    ):
        answer = await admin("POST", "/api/v1/namespaces/default/pods", pod)
    assert (answer.status, answer.json.get("message")) == (status, message)


async def test_unknown_is_forbidden_to_nobody(nobody):
    for path in ("/nonsense", "/api/v1/things", MAPS, "/apis/absent/v1/x", "/metrics"):
        answer = await nobody("GET", path)
        assert (answer.status, answer.json["reason"]) == (403, "Forbidden")


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/version"])
async def test_health_is_for_everybody(nobody, path):
    assert (await nobody("GET", path)).status == 200


async def test_tokens(nobody, admin):
    assert (await nobody("GET", MAPS, Authorization="Bearer admin-token")).status == 200
    assert (await nobody("GET", MAPS, Authorization="Bearer bob-token")).status == 403
    assert (await nobody("GET", MAPS, Authorization="Bearer none")).status == 401
    await admin("POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "s"}})
    path = "/api/v1/namespaces/default/serviceaccounts/s/token"
    token = (await admin("POST", path, {"spec": {}})).json["status"]["token"]
    assert jwt_claims(token)["sub"] == "system:serviceaccount:default:s"
    refused = await nobody("GET", MAPS, Authorization=f"Bearer {token}")
    assert "system:serviceaccount:default:s" in refused.json["message"]
    review = await admin(
        "POST", "/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": token}}
    )
    assert review.json["status"]["user"]["username"] == "system:serviceaccount:default:s"


async def test_impersonation(admin, nobody):
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    review = await admin("POST", path, {}, Impersonate_User="jane", Impersonate_Group="dev")
    assert review.json["status"]["userInfo"] == {
        "username": "jane",
        "groups": ["dev", "system:authenticated"],
    }
    refused = await nobody("GET", MAPS, Impersonate_User="jane")
    assert refused.status == 403
    assert "impersonate" in refused.json["message"]


async def test_a_certificate_of_another_authority_is_not_let_in(pki, apiserver, tmp_path):
    authority = tls.new_authority("other", now=0)
    pair = tls.issue(authority, "kubernetes-admin", now=1.7e9, organizations=["system:masters"])
    tls.write_pair(pair, tmp_path / "c.crt", tmp_path / "c.key")
    context = client_tls(pki)
    context.load_cert_chain(tmp_path / "c.crt", tmp_path / "c.key")
    url = f"https://127.0.0.1:{apiserver.ports.https}{MAPS}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        with pytest.raises((aiohttp.ClientError, ssl.SSLError)):
            await session.get(url)


async def events(response, count):
    found = []
    async for line in response.content:
        found.append(json.loads(line))
        if len(found) == count:
            break
    return found


async def test_watch(admin):
    version = (await admin("GET", MAPS)).json["metadata"]["resourceVersion"]
    url = f"{admin.base}{MAPS}?watch=1&resourceVersion={version}"
    async with admin.session.get(url) as response:
        await admin("POST", MAPS, config_map("a"))
        await admin("DELETE", f"{MAPS}/a")
        added, deleted = await events(response, 2)
    assert (added["type"], deleted["type"]) == ("ADDED", "DELETED")
    assert added["object"]["kind"] == "ConfigMap"


async def test_a_watch_ends_when_its_time_is_over(admin):
    async with admin.session.get(f"{admin.base}{MAPS}?watch=1&timeoutSeconds=1") as response:
        assert await response.read() == b""


async def test_watch_in_protobuf(admin):
    url = f"{admin.base}{MAPS}?watch=1"
    async with admin.session.get(url, headers={"Accept": PROTOBUF}) as response:
        assert response.headers["Content-Type"] == f"{PROTOBUF};stream=watch"
        await admin("POST", MAPS, config_map("a", x="y"))
        length = int.from_bytes(await response.content.readexactly(4), "big")
        event = pb.message("k8s.io.apimachinery.pkg.apis.meta.v1.WatchEvent").FromString(
            await response.content.readexactly(length)
        )
    assert event.type == "ADDED"
    _, kind, raw = protobuf.unwrap(event.object.raw)
    assert kind == "ConfigMap"
    assert protobuf.decode(ConfigMap, raw).data == {"x": "y"}


async def test_watch_in_tables_has_columns_once(admin):
    await admin("POST", MAPS, config_map("a"))
    await admin("POST", MAPS, config_map("b"))
    url = f"{admin.base}{MAPS}?watch=1"
    async with admin.session.get(url, headers={"Accept": TABLE}) as response:
        first, second = await events(response, 2)
    assert first["object"]["kind"] == second["object"]["kind"] == "Table"
    assert first["object"]["columnDefinitions"]
    assert second["object"]["columnDefinitions"] is None


def watching(metrics):
    """How many watches of ConfigMaps the server counts."""
    found = re.search(r'^apiserver_longrunning_requests\{.*"configmaps".*\} (.*)$', metrics, re.M)
    return float(found[1])


async def test_a_client_that_leaves_ends_its_watch(admin):
    response = await admin.session.get(f"{admin.base}{MAPS}?watch=1")
    assert watching((await admin("GET", "/metrics")).raw.decode()) == 1
    response.close()
    async with asyncio.timeout(10):
        while watching((await admin("GET", "/metrics")).raw.decode()):
            pass


async def test_stopping_ends_watches_and_frees_the_port(pki):
    async with contextlib.AsyncExitStack() as clients:
        async with apiserver_of(pki) as running:
            port = running.ports.https
            rest = await clients.enter_async_context(client(pki, port, "admin"))
            response = await rest.session.get(f"{rest.base}{MAPS}?watch=1")
            assert (await rest("GET", MAPS)).status == 200
        assert await response.read() == b""
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_aggregated_discovery_is_cached_by_etag(admin):
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    first = await admin("GET", "/apis", Accept=accept)
    assert first.headers["Content-Type"] == accept
    again = await admin("GET", "/apis", Accept=accept, If_None_Match=first.headers["ETag"])
    assert (again.status, again.raw) == (304, b"")


async def test_openapi(admin):
    index = (await admin("GET", "/openapi/v3")).json["paths"]
    document = await admin("GET", index["apis/apps/v1"]["serverRelativeURL"])
    path = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
    patch = document.json["paths"][path]["patch"]
    assert {"fieldValidation", "dryRun"} <= {each["name"] for each in patch["parameters"]}
    v2 = (await admin("GET", "/openapi/v2")).json
    assert "io.k8s.api.apps.v1.Deployment" in v2["definitions"]


async def test_metrics(admin):
    await admin("GET", MAPS)
    text = (await admin("GET", "/metrics")).raw.decode()
    assert (
        'apiserver_request_total{code="200",component="apiserver",dry_run="",group="",'
        'resource="configmaps",scope="namespace",subresource="",verb="LIST",version="v1"} 1.0'
    ) in text


RUBBISH = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"metadata":5}',
    b'{"metadata":{"name":{}}}',
    b"\xff\xfe",
    b'{"metadata":{"name":"a"},"data":{"a":1}}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"metadata":{"labels":{"a":null}}}',
    b'{"kind":1,"apiVersion":[]}',
    b"k8s\x00garbage",
    b"&a [*a]",
    b"a: &a [*a]",
    b"!!python/object/apply:os.system ['true']",
]


@pytest.mark.parametrize("content_type", ["application/json", "application/yaml", PROTOBUF])
async def test_rubbish_is_the_senders_fault(admin, content_type):
    for body in RUBBISH:
        for method, path in (("POST", MAPS), ("DELETE", MAPS), ("PUT", f"{MAPS}/a")):
            answer = await admin(method, path, body, Content_Type=content_type)
            assert answer.status < 500, (method, body[:40], answer.raw[:300])


async def test_rubbish_patches(admin):
    await admin("POST", MAPS, config_map("a"))
    for kind in ("json-patch+json", "merge-patch+json", "strategic-merge-patch+json"):
        for body in RUBBISH:
            answer = await admin("PATCH", f"{MAPS}/a", body, Content_Type=f"application/{kind}")
            assert answer.status < 500, (kind, body[:40], answer.raw[:300])
    for body in RUBBISH:
        path = f"{MAPS}/a?fieldManager=m"
        answer = await admin("PATCH", path, body, Content_Type="application/apply-patch+yaml")
        assert answer.status < 500, (body[:40], answer.raw[:300])


@pytest.mark.parametrize(
    "query",
    [
        "limit=x",
        "limit=99999999999999999999999",
        "timeoutSeconds=-",
        "labelSelector=(((",
        "fieldSelector=%00",
        "continue=!!!",
        "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ",
        "resourceVersionMatch=x",
        "resourceVersion=-1&resourceVersionMatch=Exact",
        "watch=1&sendInitialEvents=maybe",
        "pretty=%ff",
        "a=1&a=2&&&==",
    ],
)
async def test_rubbish_queries(admin, query):
    answer = await admin("GET", f"{MAPS}?{query}&timeoutSeconds=1")
    assert answer.status < 500 or "resourceVersion" in answer.raw.decode()


async def test_what_is_no_http(apiserver, pki):
    for garbage in (
        b"\x00" * 100,
        b"GET / HTTP/9.9\r\n\r\n",
        b"FROB / HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        context = client_tls(pki)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", apiserver.ports.https, ssl=context
        )
        writer.write(garbage)
        head = await asyncio.wait_for(reader.read(100), 5)
        writer.close()
        assert head == b"" or head.split()[1].startswith(b"4")
