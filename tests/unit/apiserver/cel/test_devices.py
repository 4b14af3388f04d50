"""Selectors of devices: what they may name, what they must come to, what they may cost."""

from __future__ import annotations

import pytest

from kubepy.apiserver.cel import devices

NESTED = "true"
for name in "dcba":
    NESTED = f"device.attributes.all({name}, {NESTED})"


@pytest.mark.parametrize(
    "expression",
    [
        "device.driver == 'gpu.example.com' && !device.allowMultipleAllocations",
        "device.attributes['gpu.example.com'].model",
        "device.attributes['gpu.example.com'].version.isGreaterThan(semver('1.0.0'))",
        "device.capacity['gpu.example.com'].memory.compareTo(quantity('1Gi')) >= 0",
        "cel.bind(gpu, device.attributes['gpu.example.com'], gpu.big && gpu.fast)",
        "cel.bind(d, device, d.driver == 'gpu.example.com')",
        "'gpu.example.com' in device.attributes",
    ],
)
def test_selectors(expression: str) -> None:
    assert devices.complaint(expression) is None
    assert not devices.is_too_expensive(expression)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        pytest.param("device.driver", "must evaluate to bool or the unknown type, not string",
                     id="a text"),
        pytest.param("dyn(true)", "must evaluate to bool or the unknown type, not dyn",
                     id="what could be anything"),
        pytest.param("device.capacity['a'].b",
                     "must evaluate to bool or the unknown type, not kubernetes.Quantity",
                     id="a quantity"),
        pytest.param("device.nope == 1",
                     "compilation failed: ERROR: <input>:1:7: undefined field 'nope'\n"
                     " | device.nope == 1\n | ......^", id="no field"),
    ],
)  # fmt: skip
def test_complaints(expression: str, why: str) -> None:
    assert devices.complaint(expression) == why


def test_too_expensive() -> None:
    assert devices.complaint(NESTED) is None
    assert devices.is_too_expensive(NESTED)
