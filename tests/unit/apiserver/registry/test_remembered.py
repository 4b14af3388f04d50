"""Rules are asked once about parts that are alike, and what they said is nobody's to change."""

from __future__ import annotations

from kubepy.api.core.v1 import Container, PodSpec
from kubepy.apiserver.registry import remembered as module
from kubepy.apiserver.registry.remembered import PARTS, remembered


def spec(image: str) -> PodSpec:
    return PodSpec(containers=(Container(name="c", image=image),))


def test_equal_parts_are_asked_about_once() -> None:
    asked = []

    @remembered
    def rule(part: PodSpec, where: str) -> list[str]:
        asked.append(part.containers[0].image)
        return [f"{where}: {part.containers[0].image}"]

    first = rule(spec("a"), "x")
    first.append("spoilt")
    assert rule(spec("a"), "x") == ["x: a"]
    assert rule(spec("a"), "y") == ["y: a"]
    assert rule(spec("b"), "x") == ["x: b"]
    assert asked == ["a", "a", "b"]


def test_what_is_remembered_has_bounds() -> None:
    asked = []

    @remembered
    def rule(part: PodSpec) -> list[str]:
        asked.append(part.containers[0].image)
        return []

    for number in range(PARTS + 1):
        rule(spec(str(number)))
    rule(spec(str(PARTS)))
    rule(spec("0"))  # the oldest was forgotten
    assert asked[PARTS + 1 :] == ["0"]
    long = spec("x" * module.PART_BYTES)
    rule(long)
    rule(long)
    assert asked[-2:] == [long.containers[0].image] * 2
