"""Group versions that an extension server answers for, seen by clients and by that server."""

from __future__ import annotations

import asyncio
import base64
import json
import time

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDictProxy

from kubepy.base import tls

from .conftest import Rest, apiserver_of, client, client_tls

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
APISERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"
GROUP, NAME = "x.example.com", "v1.x.example.com"
ROOT = f"/apis/{GROUP}/v1"
WAIT_SECONDS = 20.0  # for what the server does in the background
THINGS = {
    "version": "v1",
    "resources": [
        {
            "resource": "things",
            "responseKind": {"group": GROUP, "version": "v1", "kind": "Thing"},
            "scope": "Cluster",
            "singularResource": "thing",
            "verbs": ["get"],
        }
    ],
}


@pytest.fixture(scope="module")
def proxy_pki(pki):
    """The front proxy's authority and our certificate of it, and the extension server's."""
    now = time.time()
    authority = tls.new_authority("front-proxy-ca", now=now)
    (pki / "front-proxy-ca.crt").write_bytes(authority.certificate)
    for file, name in (("front-proxy-client", "front-proxy-client"), ("stranger", "stranger")):
        pair = tls.issue(authority, name, now=now)
        tls.write_pair(pair, pki / f"{file}.crt", pki / f"{file}.key")
    own = tls.new_authority("extension-ca", now=now)
    (pki / "extension-ca.crt").write_bytes(own.certificate)
    pair = tls.issue(
        own, "extension", now=now, names=["extension.default.svc"], usages=[tls.SERVER]
    )
    tls.write_pair(pair, pki / "extension.crt", pki / "extension.key")
    return pki


class Extension:
    """An API server of one group version, which believes the front proxy's certificate alone."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, CIMultiDictProxy[str]]] = []  # method, path, headers
        self.well = True
        self.modern = True

    async def start(self, pki) -> None:
        context = tls.server_context(
            pki / "extension.crt",
            pki / "extension.key",
            client_ca_file=pki / "front-proxy-ca.crt",
            require_client=True,
        )
        self._runner = web.ServerRunner(web.Server(self._answer))
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append((request.method, request.path_qs, request.headers))
        if not self.well:
            return web.Response(status=500)
        match request.path:
            case "/apis" if self.modern:
                body = {"kind": "APIGroupDiscoveryList", "items": [
                    {"metadata": {"name": GROUP}, "versions": [THINGS]}
                ]}  # fmt: skip
                accept = request.headers["Accept"].partition(",")[0]
                return web.Response(body=json.dumps(body), headers={"Content-Type": accept})
            case "/apis":
                return web.Response(status=406)
            case path if path == ROOT:
                thing = {"name": "things", "singularName": "thing", "namespaced": False,
                         "kind": "Thing", "verbs": ["get"]}  # fmt: skip
                plain = {"kind": "APIResourceList", "groupVersion": f"{GROUP}/v1"}
                return web.json_response({**plain, "resources": [thing]})
            case "/openapi/v2":
                return web.json_response(OPENAPI_V2)
            case "/openapi/v3":
                name = f"apis/{GROUP}/v1"
                url = f"/openapi/v3/{name}?hash=1"
                return web.json_response({"paths": {name: {"serverRelativeURL": url}}})
            case path if path.endswith("/socket"):
                socket = web.WebSocketResponse()
                await socket.prepare(request)
                async for each in socket:
                    await socket.send_str(each.data.upper())
                return socket
            case path if path.endswith("/away"):
                return web.Response(status=302, headers={"Location": "https://192.0.2.1/"})
        return web.json_response({"path": request.path, "body": await request.text()})


OPENAPI_V2 = {
    "paths": {f"{ROOT}/things": {"get": {"schema": {"$ref": "#/definitions/x.Thing"}}}},
    "definitions": {"x.Thing": {"type": "object"}, "x.Unused": {"type": "string"}},
}


@pytest.fixture
async def extension(proxy_pki):
    found = Extension()
    await found.start(proxy_pki)
    yield found
    await found.stop()


@pytest.fixture
async def apiserver(proxy_pki):
    settings = {
        "requestheader_client_ca_file": str(proxy_pki / "front-proxy-ca.crt"),
        "requestheader_allowed_names": ("front-proxy-client",),
        "requestheader_username_headers": ("X-Remote-User",),
        "requestheader_group_headers": ("X-Remote-Group",),
        "requestheader_extra_headers_prefix": ("X-Remote-Extra-",),
        "proxy_client_cert_file": str(proxy_pki / "front-proxy-client.crt"),
        "proxy_client_key_file": str(proxy_pki / "front-proxy-client.key"),
    }
    async with apiserver_of(proxy_pki, **settings) as running:
        yield running


async def register(admin: Rest, pki, port: int, **spec) -> None:
    """The Service leads to loopback by a name, since no kube-proxy carries cluster IPs here."""
    service = {
        "metadata": {"name": "extension"},
        "spec": {"type": "ExternalName", "externalName": "localhost"},
    }
    created = await admin("POST", "/api/v1/namespaces/default/services", service)
    assert created.status == 201
    given = {
        "group": GROUP,
        "version": "v1",
        "groupPriorityMinimum": 1000,
        "versionPriority": 15,
        "caBundle": base64.b64encode((pki / "extension-ca.crt").read_bytes()).decode(),
        "service": {"namespace": "default", "name": "extension", "port": port},
        **spec,
    }
    created = await admin("POST", APISERVICES, {"metadata": {"name": NAME}, "spec": given})
    assert created.status == 201


async def condition(admin: Rest, reason: str) -> dict[str, str]:
    """The condition Available, once it has this reason."""
    path = f"{APISERVICES}?watch=true&fieldSelector=metadata.name={NAME}"
    async with (
        asyncio.timeout(WAIT_SECONDS),
        admin.session.get(admin.base + path) as watch,
    ):
        async for line in watch.content:
            found = json.loads(line)["object"]["status"].get("conditions", ())
            if found and found[0]["reason"] == reason:
                return found[0]
    raise AssertionError("the watch ended")


async def until(ask, wanted):
    """What `ask` answers once `wanted` is true of it; documents are fetched in the background."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            found = await ask()
            if wanted(found):
                return found


async def test_requests_go_to_the_extension_server(proxy_pki, admin, extension):
    await register(admin, proxy_pki, extension.port)
    assert (await condition(admin, "Passed"))["message"] == "all checks passed"
    answer = await admin(
        "POST", f"{ROOT}/things/a%20b?x=1", b"hello", X_Remote_User="mallory", X_Remote_Group="root"
    )
    assert answer.json == {"path": f"{ROOT}/things/a b", "body": "hello"}
    [(path, headers)] = [seen[1:] for seen in extension.seen if seen[0] == "POST"]
    assert path == f"{ROOT}/things/a%20b?x=1"
    assert headers["X-Remote-User"] == "kubernetes-admin"
    assert headers.getall("X-Remote-Group") == ["system:masters", "system:authenticated"]
    assert headers["Host"] == f"localhost:{extension.port}"
    assert "Authorization" not in headers


async def test_upgrades_pass(proxy_pki, admin, extension):
    await register(admin, proxy_pki, extension.port)
    await condition(admin, "Passed")
    async with admin.session.ws_connect(f"{admin.base}{ROOT}/socket") as socket:
        await socket.send_str("hello")
        assert (await socket.receive()).data == "HELLO"
    [headers] = [headers for _, path, headers in extension.seen if path == f"{ROOT}/socket"]
    assert headers["X-Remote-User"] == "kubernetes-admin"


async def test_extension_servers_send_nobody_away(proxy_pki, admin, extension):
    await register(admin, proxy_pki, extension.port)
    await condition(admin, "Passed")
    answer = await admin("GET", f"{ROOT}/away")
    assert (answer.status, answer.raw) == (
        502,
        b"the backend attempted to redirect this request, which is not permitted",
    )


async def test_who_may_ask_is_decided_here(proxy_pki, apiserver, admin, extension):
    await register(admin, proxy_pki, extension.port)
    await condition(admin, "Passed")
    before = len(extension.seen)
    async with client(proxy_pki, apiserver.ports.https, "") as nobody:
        answer = await nobody("GET", f"{ROOT}/things")
    assert answer.status == 403
    assert "system:anonymous" in answer.json["message"]
    assert not [path for _, path, _ in extension.seen[before:] if path == f"{ROOT}/things"]


async def test_an_unavailable_server(proxy_pki, admin, extension):
    extension.well = False
    await register(admin, proxy_pki, extension.port)
    found = await condition(admin, "FailedDiscoveryCheck")
    url = f"https://localhost:{extension.port}{ROOT}"
    assert found["message"] == (
        f"failing or missing response from {url}: bad status from {url}: 500"
    )
    answer = await admin("GET", f"{ROOT}/things")
    assert (answer.status, answer.raw) == (503, b"service unavailable\n")
    extension.well = True
    await condition(admin, "Passed")
    assert (await admin("GET", f"{ROOT}/things")).status == 200


async def test_a_server_that_went_away(proxy_pki, admin, extension):
    await register(admin, proxy_pki, extension.port)
    await condition(admin, "Passed")
    await extension.stop()
    answer = await admin("GET", f"{ROOT}/things")
    assert answer.status == 503
    assert answer.raw.startswith(b"error trying to reach service: dial tcp ")
    assert answer.raw.endswith(b"connection refused\n")


async def test_a_server_that_is_somebody_else(proxy_pki, admin, extension):
    bundle = base64.b64encode((proxy_pki / "ca.crt").read_bytes()).decode()
    await register(admin, proxy_pki, extension.port, caBundle=bundle)
    await condition(admin, "Passed")  # the check asks whoever is there
    answer = await admin("GET", f"{ROOT}/things")
    assert answer.status == 503
    assert b"tls: failed to verify certificate: x509: " in answer.raw


async def test_an_authority_that_is_none(proxy_pki, admin, extension):
    bundle = base64.b64encode(b"no certificate").decode()
    await register(admin, proxy_pki, extension.port, caBundle=bundle)
    await condition(admin, "Passed")
    answer = await admin("GET", f"{ROOT}/things")
    assert (answer.status, answer.raw) == (
        500,
        b"unable to load root certificates: unable to parse bytes as PEM block\n",
    )


@pytest.mark.parametrize("modern", [True, False], ids=["aggregated", "plain"])
async def test_discovery_of_both(proxy_pki, admin, extension, modern):
    extension.modern = modern
    await register(admin, proxy_pki, extension.port)
    await condition(admin, "Passed")
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

    async def version():
        found = (await admin("GET", "/apis", Accept=accept)).json["items"]
        assert found[-1]["metadata"]["name"] == GROUP
        return found[-1]["versions"][0]

    found = await until(version, lambda each: each["freshness"] == "Current")
    [resource] = found["resources"]
    assert (resource["resource"], resource["singularResource"]) == ("things", "thing")
    assert resource["responseKind"]["kind"] == "Thing"
    groups = (await admin("GET", "/apis")).json["groups"]
    assert (groups[0]["name"], groups[-1]["name"]) == ("apiregistration.k8s.io", GROUP)
    assert (await admin("GET", f"/apis/{GROUP}")).json["preferredVersion"]["version"] == "v1"
    assert ROOT in (await admin("GET", "/")).json["paths"]
    assert (await admin("GET", ROOT)).json["kind"] == "APIResourceList"

    extension.well = False
    await admin("PATCH", f"{APISERVICES}/{NAME}", {"spec": {"versionPriority": 16}},
                Content_Type="application/merge-patch+json")  # fmt: skip
    found = await until(version, lambda each: each["freshness"] == "Stale")
    assert found["resources"] == [resource]

    assert (await admin("DELETE", f"{APISERVICES}/{NAME}")).status == 200
    assert (await admin("GET", f"/apis/{GROUP}")).status == 404
    assert (await admin("GET", f"{ROOT}/things")).status == 404


async def test_openapi_of_both(proxy_pki, admin, extension):
    await register(admin, proxy_pki, extension.port)
    await condition(admin, "Passed")

    async def index():
        return (await admin("GET", "/openapi/v3")).json["paths"]

    paths = await until(index, lambda found: f"apis/{GROUP}/v1" in found)
    assert "api/v1" in paths
    document = await admin("GET", paths[f"apis/{GROUP}/v1"]["serverRelativeURL"])
    assert document.json["path"] == f"/openapi/v3/apis/{GROUP}/v1"
    whole = (await admin("GET", "/openapi/v2")).json
    assert f"{ROOT}/things" in whole["paths"]
    assert "/api/v1/pods" in whole["paths"]
    assert "x.Thing" in whole["definitions"]
    assert "x.Unused" not in whole["definitions"]


async def test_what_extension_servers_read(admin):
    path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"
    data = (await admin("GET", path)).json["data"]
    assert data["client-ca-file"].startswith("-----BEGIN CERTIFICATE-----")
    assert data["requestheader-client-ca-file"].startswith("-----BEGIN CERTIFICATE-----")
    assert data["requestheader-allowed-names"] == '["front-proxy-client"]'
    assert data["requestheader-username-headers"] == '["X-Remote-User"]'
    assert data["requestheader-group-headers"] == '["X-Remote-Group"]'
    assert data["requestheader-extra-headers-prefix"] == '["X-Remote-Extra-"]'


async def test_what_is_built_in_is_registered(admin):
    found = {
        each["metadata"]["name"]: each for each in (await admin("GET", APISERVICES)).json["items"]
    }
    core = found["v1."]
    assert core["metadata"]["labels"] == {"kube-aggregator.kubernetes.io/automanaged": "onstart"}
    assert (core["spec"]["groupPriorityMinimum"], core["spec"]["versionPriority"]) == (18000, 1)
    assert core["status"]["conditions"][0]["reason"] == "Local"
    assert "v1.apps" in found
    assert "v1.apiregistration.k8s.io" not in found


async def test_defined_group_versions_come_and_go(admin):
    path = f"{APISERVICES}/v1.custom.example.com"
    schema = {"openAPIV3Schema": {"type": "object"}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "toys.custom.example.com"},
        "spec": {
            "group": "custom.example.com",
            "scope": "Cluster",
            "names": {"plural": "toys", "kind": "Toy"},
            "versions": [version],
        },
    }

    async def code():
        return (await admin("GET", path)).status

    assert (await admin("POST", DEFINITIONS, definition)).status == 201
    await until(code, lambda status: status == 200)
    found = (await admin("GET", path)).json
    assert found["metadata"]["labels"] == {"kube-aggregator.kubernetes.io/automanaged": "true"}
    assert found["spec"]["versionPriority"] == 100
    assert (await admin("DELETE", path)).status == 200
    await until(code, lambda status: status == 200)
    deleted = await admin("DELETE", f"{DEFINITIONS}/toys.custom.example.com")
    assert deleted.status == 200
    await until(code, lambda status: status == 404)


WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


@pytest.mark.parametrize(
    ("certificate", "headers", "expected"),
    [
        pytest.param(
            "front-proxy-client",
            {
                "X-Remote-User": "ann",
                "X-Remote-Group": "dev",
                "X-Remote-Extra-Acme.org%2FTeam": "a",
            },
            {
                "username": "ann",
                "groups": ["dev", "system:authenticated"],
                "extra": {"acme.org/team": ["a"]},
            },
            id="the proxy",
        ),
        pytest.param("front-proxy-client", {}, None, id="the proxy, for nobody"),
        pytest.param("stranger", {"X-Remote-User": "ann"}, None, id="a proxy that is not allowed"),
        pytest.param(
            "admin",
            {"X-Remote-User": "ann"},
            {"username": "kubernetes-admin", "groups": ["system:masters", "system:authenticated"]},
            id="a user who claims to be another",
        ),
        pytest.param(
            "",
            {"X-Remote-User": "ann"},
            {"username": "system:anonymous", "groups": ["system:unauthenticated"]},
            id="no certificate",
        ),
    ],
)
async def test_users_whom_a_front_proxy_names(proxy_pki, apiserver, certificate, headers, expected):
    connector = aiohttp.TCPConnector(ssl=client_tls(proxy_pki, certificate))
    async with aiohttp.ClientSession(connector=connector) as session:
        rest = Rest(session, apiserver.ports.https)
        async with session.post(rest.base + WHO, json={}, headers=headers) as response:
            found = await response.json()
    if expected is None:
        assert (response.status, found["message"]) == (401, "Unauthorized")
    elif response.status == 403:
        assert f'User "{expected["username"]}"' in found["message"]
    else:
        info = found["status"]["userInfo"]
        info.get("extra", {}).pop("authentication.kubernetes.io/credential-id", None)
        assert {key: value for key, value in info.items() if value} == expected
