"""Labels, owners and conditions."""

from kubepy.api.apps.v1 import Deployment, ReplicaSet
from kubepy.api.core.v1 import Pod, PodCondition
from kubepy.api.meta.v1 import LabelSelector, LabelSelectorRequirement, ObjectMeta
from kubepy.meta import conditions, labels, owners


def test_bad_labels_are_named():
    found = labels.check_labels({"ok": "fine", "-": "a b"}, "metadata.labels")
    assert [(error.field, error.value) for error in found] == [
        ("metadata.labels", "-"),
        ("metadata.labels", "a b"),
    ]


def test_annotations_are_limited_together():
    found = labels.check_annotations({"A": "x" * (256 * 1024)}, "metadata.annotations")
    assert [str(error) for error in found] == [
        "metadata.annotations: Too long: may not be more than 262144 bytes"
    ]


def test_label_selector():
    selector = LabelSelector(
        matchExpressions=(
            LabelSelectorRequirement(key="a", operator="In"),
            LabelSelectorRequirement(key="a", operator="Exists", values=("b",)),
            LabelSelectorRequirement(key="a", operator="Is"),
        )
    )
    assert [str(error) for error in labels.check_label_selector(selector, "s")] == [
        "s.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' "
        "or 'NotIn'",
        "s.matchExpressions[1].values: Forbidden: may not be specified when `operator` is "
        "'Exists' or 'DoesNotExist'",
        's.matchExpressions[2].operator: Invalid value: "Is": not a valid selector operator',
    ]


def test_the_controller_is_one_of_the_owners():
    owner = ReplicaSet(metadata=ObjectMeta(name="r", uid="1"))
    other = Deployment(metadata=ObjectMeta(name="d", uid="2"))
    references = (owners.owner_reference(other), owners.controller_ref(owner))
    pod = Pod(metadata=ObjectMeta(ownerReferences=references))
    found = owners.controller_of(pod)
    assert (found.apiVersion, found.kind, found.name, found.blockOwnerDeletion) == (
        "apps/v1", "ReplicaSet", "r", True,
    )  # fmt: skip
    assert owners.is_controlled_by(pod, owner)
    assert not owners.is_controlled_by(pod, other)
    assert owners.without_owner(pod.metadata, "1").ownerReferences == references[:1]
    assert owners.without_owner(pod.metadata, "3") is pod.metadata


def test_a_condition_keeps_its_time_until_its_status_changes():
    first = PodCondition(type="Ready", status="False", lastTransitionTime="2026-01-01T00:00:00Z")
    had = conditions.put((), first)
    same = conditions.put(
        had, PodCondition(type="Ready", status="False", lastTransitionTime="2026-01-02T00:00:00Z")
    )
    assert same is had
    changed = conditions.put(
        had, PodCondition(type="Ready", status="True", lastTransitionTime="2026-01-02T00:00:00Z")
    )
    assert changed[0].lastTransitionTime == "2026-01-02T00:00:00Z"
    assert conditions.is_true(changed, "Ready")
    assert conditions.drop(changed, "Ready") == ()
