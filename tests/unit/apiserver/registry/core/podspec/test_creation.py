"""What a pod's creation writes into its spec, and what a report of its status leaves alone."""

from typing import Any

import pytest
from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.core.v1 import Pod, PodCondition, PodStatus
from kubepy.apiserver.registry.core.pod import STRATEGY

MAIN = {"name": "main", "image": "app:1"}
LABELS = {"app": "web", "hash": "abc"}
ANNOTATION = "container.apparmor.security.beta.kubernetes.io/main"


def created(spec: dict[str, Any], **metadata: Any) -> Pod:
    whole = {"metadata": {"name": "p", **metadata}, "spec": {"containers": [MAIN], **spec}}
    return STRATEGY.prepare_create(STRATEGY.default(codec.from_builtins(Pod, whole)))


def term(**fields: Any) -> dict[str, Any]:
    return {"topologyKey": "zone", **fields}


def in_(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": [value]}


def test_spreading_counts_the_pods_with_the_same_labels() -> None:
    constraint = {
        "maxSkew": 1,
        "topologyKey": "zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "web"}},
        "matchLabelKeys": ["hash", "absent"],
    }
    pod = created({"topologySpreadConstraints": [constraint]}, labels=LABELS)
    [spread] = pod.spec.topologySpreadConstraints
    assert codec.to_builtins(spread.labelSelector) == {
        "matchLabels": {"app": "web"},
        "matchExpressions": [in_("hash", "abc")],
    }
    assert (
        STRATEGY.validate_create(replace(pod, spec=replace(pod.spec, serviceAccountName="x"))) == []
    )


def test_affinity_matches_and_misses_the_pods_own_labels() -> None:
    hard = term(labelSelector={}, matchLabelKeys=["app"], mismatchLabelKeys=["hash"])
    soft = {"weight": 1, "podAffinityTerm": term(labelSelector={}, matchLabelKeys=["hash"])}
    affinity = {
        "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [hard]},
        "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [soft]},
    }
    got = codec.to_builtins(created({"affinity": affinity}, labels=LABELS).spec.affinity)
    hard_selector = got["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0][
        "labelSelector"
    ]
    assert hard_selector["matchExpressions"] == [
        in_("app", "web"),
        {"key": "hash", "operator": "NotIn", "values": ["abc"]},
    ]
    soft_term = got["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"][0]
    assert soft_term["podAffinityTerm"]["labelSelector"]["matchExpressions"] == [in_("hash", "abc")]


def test_a_key_in_the_selector_and_beside_it_is_refused() -> None:
    selector = {"matchLabels": {"app": "web"}}
    affinity = {
        "podAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                term(labelSelector=selector, matchLabelKeys=["app"])
            ]
        }
    }
    pod = created({"affinity": affinity, "serviceAccountName": "x"}, labels=LABELS)
    assert [error.detail for error in STRATEGY.validate_create(pod)] == [
        "exists in both matchLabelKeys and labelSelector"
    ]


@pytest.mark.parametrize(
    ("annotation", "spec", "expected"),
    [
        pytest.param("unconfined", {}, {"type": "Unconfined"}, id="unconfined"),
        pytest.param("runtime/default", {}, {"type": "RuntimeDefault"}, id="default"),
        pytest.param(
            "localhost/mine",
            {},
            {"type": "Localhost", "localhostProfile": "mine"},
            id="one of the node",
        ),
        pytest.param("localhost/", {}, None, id="no name"),
        pytest.param("localhost/ padded", {}, None, id="bad name"),
        pytest.param("", {}, None, id="empty"),
        pytest.param("unconfined", {"os": {"name": "windows"}}, None, id="Windows"),
        pytest.param(
            "unconfined",
            {"securityContext": {"appArmorProfile": {"type": "Unconfined"}}},
            None,
            id="as all of the pod",
        ),
        pytest.param(
            "unconfined",
            {"containers": [{**MAIN, "securityContext": {"appArmorProfile": {
                "type": "RuntimeDefault"}}}]},
            {"type": "RuntimeDefault"},
            id="the field wins",
        ),
    ],
)  # fmt: skip
def test_app_armor_moves_from_annotations_to_fields(
    annotation: str, spec: dict[str, Any], expected: dict[str, str] | None
) -> None:
    [main] = created(spec, annotations={ANNOTATION: annotation}).spec.containers
    profile = main.securityContext.appArmorProfile if main.securityContext else None
    assert (None if profile is None else codec.to_builtins(profile)) == expected


def test_a_report_keeps_what_a_node_forgets() -> None:
    ready = PodCondition(type="Ready", status="False", observedGeneration=2)
    old = replace(
        created({}),
        status=PodStatus(qosClass="Burstable", observedGeneration=3, conditions=(ready,)),
    )
    told = (replace(ready, status="True", observedGeneration=0),)
    new = replace(old, status=PodStatus(phase="Running", conditions=told))
    kept = STRATEGY.prepare_status(new, old).status
    assert (kept.phase, kept.qosClass, kept.observedGeneration) == ("Running", "Burstable", 3)
    assert kept.conditions == (replace(ready, status="True"),)


def test_a_report_may_observe_more() -> None:
    old = replace(created({}), status=PodStatus(observedGeneration=3))
    new = replace(old, status=PodStatus(observedGeneration=4))
    assert STRATEGY.prepare_status(new, old).status.observedGeneration == 4
