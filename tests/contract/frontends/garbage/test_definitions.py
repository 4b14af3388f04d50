"""Definitions of kinds with odd schemas, and objects of the kinds that were taken."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kubepy.api import schema as fields_of
from kubepy.api import scheme
from kubepy.api.apiextensions.v1 import JSONSchemaProps

from .bench import APPLY, JSON_PATCH, MERGE, Bench, as_json, examples
from .documents import FLOATS, INTEGERS, JUNK, STRINGS, texts, value
from .samples import sample

DEFINITION = scheme.by_plural("apiextensions.k8s.io", "v1", "customresourcedefinitions")
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
NAMED = f"{DEFINITIONS}/ws.g.example.com"
OBJECTS = "/apis/g.example.com/v1/namespaces/default/ws"
TYPES = ("object", "array", "string", "integer", "number", "boolean")
FORMATS = (
    "",
    "int32",
    "int64",
    "date",
    "date-time",
    "duration",
    "byte",
    "uuid",
    "ipv4",
    "cidr",
    "email",
    "hostname",
    "uri",
    "password",
    "odd",
    "mac",
    "float",
    "double",
    "bsonobjectid",
    "creditcard",
    "isbn",
    "ssn",
    "hexcolor",
    "rgbcolor",
)
PATTERNS = (
    "^a$",
    "(",
    "(a+)+$",
    "(a|aa)*b",
    "[",
    "\\",
    "(?=a)",
    "(?P<n>a)",
    "\\1",
    "a{1001}",
    "((((a{100}){100}){100}){100})",
    "\\p{L}",
    "\x00",
    "",
    "(?i)a",
    "\\d+",
    "[[:alpha:]]",
    "a{2,1}",
    "*",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
)
PLAIN = (
    None,
    True,
    0,
    -1,
    1.5,
    2**70,
    "",
    "a",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
    [],
    {},
    [1],
    {"a": 1},
    [None],
    {"a": None},
    [[]],
    "\ud800",
    1e300,
)
plain = st.sampled_from(PLAIN)
any_json = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("a", "b", "spec", "n", "s", "l", "m", "metadata", "kind", "", "x.y", "~")
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def leaf(type_: str) -> st.SearchStrategy[dict[str, Any]]:
    """A schema of one type with constraints, some of which are another type's."""
    return st.fixed_dictionaries(
        {"type": st.just(type_) if type_ else st.sampled_from(TYPES)},
        optional={
            "format": st.sampled_from(FORMATS), "pattern": st.sampled_from(PATTERNS),
            "minimum": st.sampled_from((0, -1, 1.5, 1e300, 2**63)),
            "maximum": st.sampled_from((0, 10, -1e300)),
            "exclusiveMinimum": st.booleans(), "multipleOf": st.sampled_from((0, 0.1, 3, -1, 1e-300,
            2**70)),
            "minLength": st.sampled_from((0, 3, -1, 2**62)),
            "maxLength": st.sampled_from((0, 3, -1)),
            "minItems": st.sampled_from((0, 1, -1)), "maxItems": st.sampled_from((0, 2)),
            "uniqueItems": st.booleans(),
            "minProperties": st.sampled_from((0, 1)), "maxProperties": st.sampled_from((0, 1)),
            "enum": st.lists(plain, max_size=3), "default": plain, "nullable": st.booleans(),
            "required": st.lists(st.sampled_from(("a", "b", "", "a")), max_size=2),
            "title": st.just("t"), "description": st.just("d"), "example": plain,
            "x-kubernetes-int-or-string": st.booleans(),
            "x-kubernetes-preserve-unknown-fields": st.booleans(),
            "x-kubernetes-embedded-resource": st.booleans(),
            "x-kubernetes-list-type": st.sampled_from(("set", "map", "atomic", "odd")),
            "x-kubernetes-list-map-keys": st.lists(st.sampled_from(("a", "b", "")), max_size=2),
            "x-kubernetes-map-type": st.sampled_from(("granular", "atomic", "odd")),
        },
    )  # fmt: skip


def holder(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from(
        ("a", "b", "spec", "metadata", "kind", "apiVersion", "", "x.y", "a/b", "~")
    )
    objects = st.builds(
        lambda base, properties: {**base, "type": "object", "properties": properties},
        leaf("object"), st.dictionaries(names, inner, max_size=3),
    )  # fmt: skip
    maps = st.builds(
        lambda base, values: {**base, "type": "object", "additionalProperties": values},
        leaf("object"), inner | st.booleans(),
    )  # fmt: skip
    lists = st.builds(
        lambda base, items: {**base, "type": "array", "items": items}, leaf("array"), inner
    )
    junctors = st.builds(
        lambda base, name, parts: {**base, name: parts if name != "not" else parts[0]},
        leaf(""), st.sampled_from(("allOf", "anyOf", "oneOf", "not")),
        st.lists(inner, min_size=1, max_size=2),
    )  # fmt: skip
    return objects | objects | maps | lists | junctors


schemas = st.recursive(leaf(""), holder, max_leaves=6)


def sound(schema: Any) -> Any:
    """The schema with a root that is fit, so that more than the root is looked at."""
    return {"type": "object", "properties": {"spec": schema}}


def definition(schema: Any, **version: Any) -> dict[str, Any]:
    body = sample(DEFINITION)
    body["spec"]["versions"][0].update(schema={"openAPIV3Schema": schema}, **version)
    return body


def use(bench: Bench, objects: list[Any]) -> None:
    """Write and read objects of the kind that is defined, of any form."""
    for content in objects:
        body = {"kind": "W", "apiVersion": "g.example.com/v1", "metadata": {"name": "o"}}
        body |= content if isinstance(content, dict) else {"spec": content}
        for media_type in ("application/json", "application/yaml"):
            created = bench.ask("POST", OBJECTS, as_json(body), media_type)
            if created.status == 201 and "name" in created.json["metadata"]:
                place = f"{OBJECTS}/{created.json['metadata']['name']}"
                for form in (
                    "application/json",
                    "application/yaml",
                    "application/json;as=Table;g=meta.k8s.io;v=v1",
                    "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,*/*",
                ):
                    assert bench.ask("GET", place, Accept=form).status == 200
                    assert bench.ask("GET", OBJECTS, Accept=form).status in (200, 406)
                bench.ask("PUT", place, bench.ask("GET", place).raw)
                bench.ask("PATCH", place, as_json({"spec": content}), MERGE)
                bench.ask(
                    "PATCH",
                    place,
                    as_json([{"op": "add", "path": "/spec", "value": content}]),
                    JSON_PATCH,
                )
                bench.ask("PATCH", f"{place}?fieldManager=m&force=1", as_json(body), APPLY)
                bench.ask("PATCH", f"{place}/status", as_json({"status": content}), MERGE)
                bench.ask("GET", f"{place}/scale")
                bench.ask("PATCH", f"{place}/scale", as_json({"spec": content}), MERGE)
                bench.remove(place)


def define(bench: Bench, body: Any, objects: list[Any]) -> None:
    created = bench.ask("POST", DEFINITIONS, as_json(body))
    if created.status != 201:
        return
    name = created.json["metadata"]["name"]
    place = f"{DEFINITIONS}/{name}"
    if name == "ws.g.example.com":
        bench.until(lambda: bench.ask("GET", OBJECTS).status == 200)
        use(bench, objects)
        bench.ask("GET", "/openapi/v3/apis/g.example.com/v1")
    bench.check_kept(DEFINITIONS, place)
    bench.remove(place)


COLUMNS = st.lists(
    st.fixed_dictionaries(
        {"name": texts, "type": st.sampled_from((*TYPES, "date", "odd", "")),
        "jsonPath": st.sampled_from((".spec", ".spec.a", ".spec[0]", ".spec[*].a", ".", "", "..a",
        ".spec[?(@.a=='b')].a", ".spec[?(@.a==[[[[)]", ".spec[", "{.a}", ".metadata.name",
        ".metadata.creationTimestamp", ".spec['a']", ".spec[-1:]", ".spec[::0]", "$", ".a,b",
        ".spec[99999999999999999999]"))},
        optional={"format": st.sampled_from(FORMATS), "priority": st.sampled_from((0, 1, -1))},
    ),
    max_size=3,
)  # fmt: skip
SUBRESOURCES = st.fixed_dictionaries(
    {},
    optional={
        "status": st.just({}) | JUNK,
        "scale": st.fixed_dictionaries({"specReplicasPath": st.sampled_from((".spec.a", ".spec", "",
        ".status.a", ".spec.a.b", ".spec[0]", ".spec['a']")),
        "statusReplicasPath": st.sampled_from((".status.a", ".status", ".spec.a", "."))},
        optional={"labelSelectorPath": st.sampled_from((".status.b", ".spec.b", ".status", "x"))}),
    },
)  # fmt: skip


@examples(25)
@given(
    schema=schemas,
    objects=st.lists(any_json, max_size=3),
    columns=COLUMNS,
    subresources=SUBRESOURCES,
)
def test_schemas(
    bench: Bench, schema: Any, objects: list[Any], columns: Any, subresources: Any
) -> None:
    define(bench, definition(sound(schema)), objects)
    define(
        bench,
        definition(sound(schema), additionalPrinterColumns=columns, subresources=subresources),
        objects,
    )


@examples(25)
@given(schema=any_json | schemas)
def test_any_schema(bench: Bench, schema: Any) -> None:
    define(bench, definition(schema), [{"spec": 1}])


@examples(25)
@given(data=st.data())
def test_fields(bench: Bench, data: st.DataObject) -> None:
    """One field of a schema holds anything."""
    known = fields_of.fields(JSONSchemaProps)
    name = data.draw(st.sampled_from(sorted(known)))
    odd = data.draw(value(known[name]) | JUNK | st.sampled_from((*INTEGERS, *FLOATS, *STRINGS)))
    type_ = data.draw(st.sampled_from(TYPES))
    define(
        bench,
        definition(sound({"type": type_, name: odd})),
        data.draw(st.lists(any_json, max_size=2)),
    )


@examples(25)
@given(objects=st.lists(any_json, max_size=4))
def test_objects(bench: Bench, objects: list[Any]) -> None:
    define(bench, sample(DEFINITION), objects)
