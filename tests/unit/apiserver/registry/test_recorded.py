"""The kinds' rules against the answers that Kubernetes gave to invalid objects.

The recorded cases lie beside the checkout, where they exist; each create of a case is decided here
without a server: defaults, preparation, metadata rules, rules of the kind.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from kubepy.api import codec, scheme
from kubepy.apiserver.registry import objectmeta
from kubepy.apiserver.registry.strategy import strategy_of

CASES = Path(__file__).resolve().parents[5] / "shared" / "compat" / "cases" / "validation"
# What the allocator of addresses and ports says, not the kind's rules.
ALLOCATED = {"cluster-ip-ipv6", "node-port-outside", "ip-families-dual", "ip-family-ipv6"}
# What a compiler of CEL says.
COMPILED = {"bad-cel", "syntax", "not-bool", "unknown-variable"}
REPEATED = re.compile(r"\$\{repeat (.+?) (\d+)\}")


def creates() -> Iterator[Any]:
    for path in sorted(CASES.glob("*-create-*.yaml")):
        for step in yaml.load(path.read_bytes(), yaml.CSafeLoader)["steps"]:
            resource = resource_of(step["path"])
            if (
                resource
                and step["id"] not in ALLOCATED | COMPILED
                and isinstance(step.get("body"), dict)
            ):
                status = step.get("expect", {}).get("status")
                if status in (201, 422) and step["method"] == "POST":
                    yield pytest.param(resource, step, id=f"{path.stem}-{step['id']}")


def resource_of(path: str) -> scheme.Resource | None:
    parts = path.split("?")[0].strip("/").split("/")
    group, version, rest = (
        ("", parts[1], parts[2:]) if parts[0] == "api" else (parts[1], parts[2], parts[3:])
    )
    if rest[0] == "namespaces" and len(rest) > 2:
        rest = rest[2:]
    return scheme.by_plural(group, version, rest[0]) if len(rest) == 1 else None


@pytest.mark.parametrize(("resource", "step"), list(creates()))
def test_create(resource: scheme.Resource, step: dict[str, Any]) -> None:
    strategy = strategy_of(resource)
    text = json.dumps(step["body"]).replace("{ns}", "shop")
    raw = REPEATED.sub(lambda match: match[1] * int(match[2]), text).encode()
    expected = step["expect"]
    obj = codec.untyped(codec.decode_lenient(resource.type, raw).object)
    namespace = "shop" if resource.namespaced else ""
    obj = replace(obj, metadata=replace(obj.metadata, namespace=namespace))

    obj = strategy.default(obj)
    if resource.kind == "Pod" and not obj.spec.serviceAccountName:  # as admission does
        obj = replace(obj, spec=replace(obj.spec, serviceAccountName="default"))
    obj = strategy.prepare_create(obj)
    errors = objectmeta.validate(
        obj.metadata, namespaced=resource.namespaced, validate_name=strategy.validate_name
    ) + strategy.validate_create(obj)

    causes = (expected["body"].get("details") or {}).get("causes", [])
    found = [(error.type, error.field, error.body) for error in errors]
    wanted = [(c["reason"], c.get("field", ""), c["message"]) for c in causes]
    assert found == (wanted if expected["status"] == 422 else [])
