"""Devices: classes, claims, what was allocated, and the slices that drivers publish."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api.resource.v1 import (
    DeviceClass,
    ResourceClaim,
    ResourceClaimTemplate,
    ResourceSlice,
)
from tests.unit.apiserver.registry.rules import cells, changes, made, refusals, rules_of, texts

EXACTLY = {"name": "gpu", "exactly": {"deviceClassName": "gpu.example.com"}}
OPAQUE = {"driver": "d.example.com", "parameters": {"a": 1}}
UID = "12345678-1234-1234-1234-123456789abc"


def claim(*requests: Any, **devices: Any) -> dict[str, Any]:
    return {"spec": {"devices": {"requests": list(requests or [EXACTLY]), **devices}}}


def test_claim_defaults() -> None:
    several = {
        "name": "any",
        "firstAvailable": [
            {"name": "a", "deviceClassName": "x", "allocationMode": "All"},
            {"name": "b", "deviceClassName": "x", "tolerations": [{"key": "k"}]},
        ],
    }
    exact, any_ = made(ResourceClaim, claim(EXACTLY, several)).spec.devices.requests
    assert exact.exactly is not None
    assert (exact.exactly.allocationMode, exact.exactly.count) == ("ExactCount", 1)
    assert [part.count for part in any_.firstAvailable] == [0, 1]
    assert any_.firstAvailable[1].tolerations[0].operator == "Equal"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(claim(), [], id="fine"),
        pytest.param(
            claim({"name": "gpu"}),
            [
                "requests[0]: Required value: "
                "exactly one of `exactly` or `firstAvailable` is required"
            ],
            id="for nothing",
        ),
        pytest.param(
            claim(
                {
                    "name": "g",
                    "exactly": {**EXACTLY["exactly"], "allocationMode": "All", "count": 2},
                }
            ),
            [
                "requests[0].exactly.count: Invalid value: 2: must not be specified when "
                "allocationMode is 'All'"
            ],
            id="all, and two",
        ),
        pytest.param(
            claim(constraints=[{"requests": ["gpu/a"], "matchAttribute": "d.example.com/numa"}]),
            [
                'constraints[0].requests[0]: Invalid value: "gpu/a": must be the name of a request '
                "in the claim or the name of a request and a subrequest separated by '/'"
            ],
            id="an unknown alternative",
        ),
        pytest.param(claim(config=[{"opaque": OPAQUE, "requests": ["gpu"]}]), [], id="configured"),
        pytest.param(
            claim(config=[{"opaque": {**OPAQUE, "parameters": 1}}]),
            [
                'config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid '
                "JSON object"
            ],
            id="configured with a number",
        ),
        pytest.param(
            claim(*[{**EXACTLY, "name": f"g{n}"} for n in range(33)]),
            ["requests: Too many: 33: must have at most 32 items"],
            id="too many",
        ),
        pytest.param(
            claim(
                {
                    "name": "g",
                    "exactly": {
                        "deviceClassName": "x",
                        "tolerations": [
                            {"operator": "Exists", "value": "v"}, {"effect": "Some", "key": "k"},
                        ],
                    },
                }
            ),
            [
                'requests[0].exactly.tolerations[0].value: Invalid value: "v": must be empty for '
                "operator `Exists`",
                'requests[0].exactly.tolerations[1].effect: Unsupported value: "Some": supported '
                'values: "NoExecute", "NoSchedule", "None"',
            ],
            id="bad tolerations",
        ),
    ],
)  # fmt: skip
def test_claims(body: dict[str, Any], expected: list[str]) -> None:
    assert refusals(ResourceClaim, body) == [f"spec.devices.{text}" for text in expected]
    template = {"spec": {"spec": body["spec"]}}
    assert refusals(ResourceClaimTemplate, template) == [
        f"spec.spec.devices.{text}" for text in expected
    ]


def test_claims_and_their_templates_never_change() -> None:
    other = claim({**EXACTLY, "name": "other"})
    (text,) = changes(ResourceClaim, claim(), other)
    assert text.endswith("field is immutable")
    template, changed = ({"spec": {"spec": body["spec"]}} for body in (claim(), other))
    assert len(changes(ResourceClaimTemplate, template, changed)) == 1


RESULT = {"request": "gpu", "driver": "d.example.com", "pool": "p", "device": "gpu-0"}
DEVICE = {"driver": "d.example.com", "pool": "p", "device": "gpu-0"}


def status(**fields: Any) -> dict[str, Any]:
    return {**claim(), "status": fields}


ALLOCATED = {"devices": {"results": [RESULT]}}
CONSUMER = {"resource": "pods", "name": "a", "uid": "1"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({}, {"allocation": ALLOCATED, "reservedFor": [CONSUMER]}, [], id="allocated"),
        pytest.param(
            {},
            {"reservedFor": [CONSUMER]},
            ["reservedFor: Forbidden: may not be specified when `allocated` is not set"],
            id="reserved before",
        ),
        pytest.param(
            {"allocation": ALLOCATED},
            {"allocation": {"devices": {}}},
            ["allocation"],
            id="allocated anew",
        ),
        pytest.param(
            {},
            {"allocation": {"devices": {"results": [{**RESULT, "request": "x", "shareID": "1"}]}}},
            [
                'allocation.devices.results[0].request: Invalid value: "x": must be the name of a '
                "request in the claim or the name of a request and a subrequest separated by '/'",
                'allocation.devices.results[0].shareID: Invalid value: "1": error validating uid: '
                "invalid UUID length: 1",
            ],
            id="for an unknown request",
        ),
        pytest.param(
            {},
            {"allocation": ALLOCATED, "devices": [{**DEVICE, "device": "gpu-1"}]},
            [
                'devices[0]: Invalid value: "d.example.com/p/gpu-1": must be an allocated device '
                "in the claim"
            ],
            id="of another device",
        ),
        pytest.param(
            {},
            {
                "allocation": ALLOCATED,
                "devices": [{**DEVICE, "networkData": {"ips": ["10.0.0.1", "x", "10.0.0.1/24"]}}],
            },
            [
                'devices[0].networkData.ips[0]: Invalid value: "10.0.0.1": must be in canonical '
                'form ("10.0.0.1/32")',
                'devices[0].networkData.ips[1]: Invalid value: "x": must be a valid CIDR value, '
                "(e.g. 10.9.8.0/24 or 2001:db8::/64)",
            ],
            id="bad addresses",
        ),
    ],
)
def test_claim_status(old: dict[str, Any], new: dict[str, Any], expected: list[str]) -> None:
    before, after = made(ResourceClaim, status(**old)), made(ResourceClaim, status(**new))
    found = texts(rules_of(ResourceClaim).validate_status(after, before))
    if expected == ["allocation"]:
        assert [text.partition(":")[0] for text in found] == ["status.allocation"]
    else:
        assert found == [f"status.{text}" for text in expected]


@pytest.mark.parametrize(
    ("fields", "meta", "state"),
    [
        ({}, {}, "pending"),
        ({"allocation": ALLOCATED, "reservedFor": [CONSUMER]}, {}, "allocated,reserved"),
        ({}, {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "deleted"),
    ],
)
def test_state_column(fields: dict[str, Any], meta: dict[str, Any], state: str) -> None:
    body = {**status(**fields), "metadata": meta}
    assert cells(ResourceClaim, body)[0] == state


def test_classes() -> None:
    body = {"spec": {"selectors": [{}], "config": [{}], "extendedResourceName": "cpu"}}
    assert refusals(DeviceClass, body) == [
        "spec.selectors[0].cel: Required value",
        "spec.config[0].opaque: Required value",
        'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
    ]


def slice_(*devices: Any, **spec: Any) -> dict[str, Any]:
    pool = {"name": "p", "generation": 1, "resourceSliceCount": 1}
    return {
        "spec": {
            "driver": "d.example.com", "pool": pool, "nodeName": "n", "devices": list(devices),
            **spec,
        }
    }  # fmt: skip


def shared(**policy: Any) -> dict[str, Any]:
    capacity = {"memory": {"value": "10Gi", "requestPolicy": policy}}
    return {"name": "gpu-0", "allowMultipleAllocations": True, "capacity": capacity}


POLICY = "spec.devices[0].capacity[memory].requestPolicy"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            slice_({"name": "g", "attributes": {"v": {"version": "1.2"}}}),
            [
                'spec.devices[0].attributes[v].version: Invalid value: "1.2": must be a string '
                "compatible with semver.org spec 2.0.0"
            ],
            id="a bad version",
        ),
        pytest.param(
            slice_(
                {"name": "g", "attributes": {"/a": {"int": 1}, "d.example.com/": {"ints": [1]}}}
            ),
            [
                'spec.devices[0].attributes: Invalid value: "": the domain must not be empty',
                'spec.devices[0].attributes: Invalid value: "": the name must not be empty',
            ],
            id="bad names",
        ),
        pytest.param(
            slice_({"name": "g", "nodeName": "n"}),
            [
                "spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` "
                "can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice "
                "spec"
            ],
            id="a device says where it is",
        ),
        pytest.param(
            slice_({"name": "g"}, nodeName=None, perDeviceNodeSelection=True),
            [
                "spec.devices[0]: Required value: exactly one of `nodeName`, `nodeSelector`, or "
                "`allNodes` is required when `perDeviceNodeSelection` is set to true in the "
                "ResourceSlice spec"
            ],
            id="a device does not say where it is",
        ),
        pytest.param(
            slice_({"name": "g", "taints": [{"key": "k", "effect": "Some"}]}),
            [
                'spec.devices[0].taints[0].effect: Unsupported value: "Some": supported values: '
                '"NoExecute", "NoSchedule", "None"'
            ],
            id="a bad taint",
        ),
        pytest.param(
            slice_({"name": "g", "consumesCounters": [{"counterSet": "c", "counters": {}}]}),
            ["spec.devices[0].consumesCounters[0].counters: Required value"],
            id="consumes nothing",
        ),
        pytest.param(
            slice_({"name": "g", "capacity": {"memory": {"value": "1", "requestPolicy": {}}}}),
            [f"{POLICY}: Forbidden: allowMultipleAllocations must be true"],
            id="shared by nobody",
        ),
        pytest.param(
            slice_(shared(default="2Gi", validValues=["1Gi", "2Gi", "11Gi"])),
            [
                f'{POLICY}.validValues[2]: Invalid value: "11Gi": option is larger than capacity '
                "value: 10Gi"
            ],
            id="more than there is",
        ),
        pytest.param(
            slice_(shared(default="3Gi", validRange={"min": "1Gi", "max": "2Gi", "step": "1Gi"})),
            [
                f'{POLICY}.validRange.max: Invalid value: "3Gi": default is more than max: 2Gi',
            ],
            id="a default outside",
        ),
        pytest.param(
            slice_(shared(validRange={"min": "1Gi"})),
            [f"{POLICY}.default: Required value: required when validRange is defined"],
            id="no default",
        ),
    ],
)
def test_slices(body: dict[str, Any], expected: list[str]) -> None:
    assert refusals(ResourceSlice, body) == expected


def test_a_slice_stays_with_its_driver_pool_and_node() -> None:
    pool = {"name": "q", "generation": 1, "resourceSliceCount": 1}
    new = slice_(driver="e.example.com", pool=pool, nodeName="m")
    assert [text.partition(":")[0] for text in changes(ResourceSlice, slice_(), new)] == [
        "spec.pool.name", "spec.driver", "spec.nodeName",
    ]  # fmt: skip


def test_taints_begin_with_their_slice() -> None:
    taint = {"key": "k", "effect": "NoSchedule"}
    rules = rules_of(ResourceSlice)
    found = rules.prepare_create(made(ResourceSlice, slice_({"name": "g", "taints": [taint]})))
    assert found.spec.devices[0].taints[0].timeAdded == found.metadata.creationTimestamp
    assert cells(ResourceSlice, slice_()) == ("n", "d.example.com", "p", "5m")
    assert rules.fields(found) == {"spec.driver": "d.example.com", "spec.nodeName": "n"}
