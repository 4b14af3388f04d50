"""Query strings, selectors, paths and headers that mean nothing."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from .bench import Bench, examples
from .documents import STRINGS

NUMBERS = (
    "",
    "-1",
    "0",
    "1",
    "1e99",
    "x",
    "9" * 30,
    "9223372036854775807",
    "-9223372036854775808",
    "٣",
    "0x1",
    "+1",
    "1_0",
    " 1",
    "\x00",
)
FLAGS = ("", "true", "false", "0", "maybe", "TRUE", "\ud800")
OPTIONS = {
    "limit": NUMBERS, "timeoutSeconds": ("-5", "0", "x", "1e99", "9" * 30),
    "gracePeriodSeconds": NUMBERS,
    "resourceVersion": (*NUMBERS, "18446744073709551616"),
    "resourceVersionMatch": ("Exact", "NotOlderThan", "Odd", ""),
    "continue": ("x", "=", "e30", "bnVsbA", "W10",
    "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYSJ9", "\udcff",
    "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6dHJ1ZSwic3RhcnQiOiJhIn0",
    "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MWU5LCJzdGFydCI6ImEifQ",
    "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5LCJzdGFydCI6ImEifQ",
    "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJcdWQ4MDAifQ", "W1tbW1tb" * 5000),
    "dryRun": ("All", "Bar", ""), "fieldValidation": ("Foo", "Strict", "Warn", "Ignore", ""),
    "fieldManager": ("", "a", "\x00", "x" * 200), "propagationPolicy": ("Odd", "Orphan",
    "Foreground", "Background", ""),
    "orphanDependents": FLAGS, "pretty": FLAGS, "allowWatchBookmarks": FLAGS,
    "sendInitialEvents": FLAGS, "force": FLAGS,
    "includeObject": ("Odd", "None", "Object", "Metadata"), "watch": ("0", "false"),
    "ignoreStoreReadErrorWithClusterBreakingPotential": FLAGS,
    "labelSelector": STRINGS, "fieldSelector": STRINGS,
}  # fmt: skip
PIECES = st.sampled_from(
    (
        "a",
        "b",
        "in",
        "notin",
        "(",
        ")",
        ",",
        "=",
        "==",
        "!=",
        "!",
        "<",
        ">",
        "1",
        "9" * 30,
        " ",
        "x/y",
        "metadata.name",
        "metadata.namespace",
        "spec.nodeName",
        "status.phase",
        "involvedObject.uid",
        "\\",
        "\\,",
        "\\=",
        "\x00",
        "é",
        "\ud800",
        "a" * 70,
        "-",
        ".",
        "/",
    )
)
selectors = st.lists(PIECES, max_size=10).map("".join)
PATHS = (
    "/api/v1/pods", "/api/v1/namespaces/default/pods", "/api/v1/namespaces/default/configmaps/a",
    "/api/v1/nodes", "/api/v1/events", "/apis/apps/v1/deployments",
    "/api/v1/componentstatuses", "/apis", "/api", "/apis/apps", "/apis/apps/v1", "/openapi/v2",
    "/openapi/v3", "/openapi/v3/api/v1", "/healthz", "/livez/ping", "/readyz", "/version",
    "/metrics", "/", "/openid/v1/jwks",
)  # fmt: skip
SEGMENTS = st.sampled_from(
    (
        "api",
        "apis",
        "v1",
        "apps",
        "namespaces",
        "default",
        "pods",
        "a",
        "status",
        "log",
        "exec",
        "proxy",
        "watch",
        "scale",
        "",
        ".",
        "..",
        "%00",
        "%2f",
        "%ff",
        "%",
        "%zz",
        "%ed%a0%80",
        "é",
        "~",
        "*",
        ":",
        "a:80",
        "https:a:80",
        "nodes",
        "services",
        "configmaps",
        "openapi",
        "v2",
        "v3",
        "healthz",
        "x" * 300,
        "%2e%2e",
        "eviction",
        "binding",
        "token",
        "finalize",
        "attach",
        "portforward",
        "serviceaccounts",
        ";",
        "deployments",
        "%25",
        "+",
        " ".strip() or "%20",
    )
)
ACCEPTS = (
    "", "*/*", "*", "a/b", "application/*", "application/json;q=x", "application/json;q=nan",
    "application/json;q=inf", "application/json;as=Table",
    "application/json;as=Table;g=meta.k8s.io;v=v1", "application/json;as=Odd;g=meta.k8s.io;v=v1",
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    "application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1",
    "application/vnd.kubernetes.protobuf", "application/yaml", ";", ",,,", "application/json;;;",
    '"', "application/json;stream=watch", "application/json;pretty=1", "a" * 5000,
    "text/html,*/*;q=0.1", "application/cbor", "é",
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
)  # fmt: skip
METHODS = ("GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO")
TYPES = ("", "application/json", "application/yaml", "application/vnd.kubernetes.protobuf",
"text/plain", "application/json; charset=x", ";", "application/apply-patch+yaml",
"application/json-patch+json", "application/merge-patch+json", "application/cbor",
"multipart/form-data", "a" * 1000)  # fmt: skip


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@st.composite
def queries(draw) -> str:
    names = draw(st.lists(st.sampled_from(sorted(OPTIONS)), min_size=1, max_size=4))
    return "&".join(f"{name}={encoded(draw(st.sampled_from(OPTIONS[name])))}" for name in names)


@examples(150)
@given(
    path=st.sampled_from(PATHS),
    options=queries(),
    method=st.sampled_from(("GET", "GET", "DELETE", "POST", "PUT", "PATCH")),
    accept=st.sampled_from(ACCEPTS),
    media_type=st.sampled_from(TYPES),
)
def test_options(
    bench: Bench, path: str, options: str, method: str, accept: str, media_type: str
) -> None:
    body = None if method == "GET" else b"{}"
    more = {"Content_Type": media_type} if body else {}
    bench.ask(method, f"{path}?{options}", body, Accept=accept, **more)


@examples(150)
@given(path=st.sampled_from(PATHS[:6]), label=selectors, field=selectors)
def test_selectors(bench: Bench, path: str, label: str, field: str) -> None:
    for options in (f"labelSelector={encoded(label)}", f"fieldSelector={encoded(field)}"):
        bench.ask("GET", f"{path}?{options}")
        bench.ask("GET", f"{path}?{options}&watch=1&timeoutSeconds=0&resourceVersion=x")


@examples(150)
@given(
    segments=st.lists(SEGMENTS, max_size=9),
    method=st.sampled_from(METHODS),
    accept=st.sampled_from(ACCEPTS),
)
def test_paths(bench: Bench, segments: list[str], method: str, accept: str) -> None:
    bench.ask(method, "/" + "/".join(segments), Accept=accept)
