"""apps/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Raw
from msgspec import field as _field

from kubepy.api.core import v1 as core_v1
from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import (
    Int32,
    Int64,
    IntOrString,
    Rules,
    Time,
    Wire,
    empty_string,
    json_null,
    no_items,
    null,
    zero,
)

PACKAGE = "k8s.io.api.apps.v1"
API_VERSION = "apps/v1"


class ControllerRevision(Wire, frozen=True, kw_only=True):
    """A state of a controller's template that it can go back to. `data` never changes."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    data: Raw = _field(default_factory=json_null)
    revision: Int64 = _field(default_factory=zero)

    __rules__: ClassVar[dict[str, Rules]] = {
        "revision": Rules(required=True),
    }


class ControllerRevisionList(Wire, frozen=True, kw_only=True):
    """A list of ControllerRevisions."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ControllerRevision, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class DaemonSetUpdateStrategy(Wire, frozen=True, kw_only=True):
    """How a DaemonSet replaces its pods when the template changes."""

    type: str = ""
    rollingUpdate: RollingUpdateDaemonSet | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(values=("RollingUpdate", "OnDelete")),
    }


class DaemonSetSpec(Wire, frozen=True, kw_only=True):
    """Which pods a DaemonSet runs, and how they are replaced when the template changes."""

    selector: meta_v1.LabelSelector | None = _field(default_factory=null)
    template: core_v1.PodTemplateSpec = _field(default_factory=core_v1.PodTemplateSpec)
    updateStrategy: DaemonSetUpdateStrategy = _field(default_factory=DaemonSetUpdateStrategy)
    minReadySeconds: Int32 = 0
    revisionHistoryLimit: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "selector": Rules(required=True),
        "template": Rules(required=True),
    }


class DaemonSetStatus(Wire, frozen=True, kw_only=True):
    """How many nodes have the pods of a DaemonSet, and in which state. All numbers but
    collisionCount and observedGeneration count nodes.
    """

    currentNumberScheduled: Int32 = _field(default_factory=zero)
    numberMisscheduled: Int32 = _field(default_factory=zero)
    desiredNumberScheduled: Int32 = _field(default_factory=zero)
    numberReady: Int32 = _field(default_factory=zero)
    observedGeneration: Int64 = 0
    updatedNumberScheduled: Int32 = 0
    numberAvailable: Int32 = 0
    numberUnavailable: Int32 = 0
    collisionCount: Int32 | None = None
    conditions: tuple[DaemonSetCondition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "currentNumberScheduled": Rules(required=True),
        "numberMisscheduled": Rules(required=True),
        "desiredNumberScheduled": Rules(required=True),
        "numberReady": Rules(required=True),
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class DaemonSet(Wire, frozen=True, kw_only=True):
    """A pod on every node that its template fits."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: DaemonSetSpec = _field(default_factory=DaemonSetSpec)
    status: DaemonSetStatus = _field(default_factory=DaemonSetStatus)


class DaemonSetCondition(Wire, frozen=True, kw_only=True):
    """One aspect of a DaemonSet's state. The controller itself sets none."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True),
        "status": Rules(required=True),
    }


class DaemonSetList(Wire, frozen=True, kw_only=True):
    """A list of DaemonSets."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[DaemonSet, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class DeploymentStrategy(Wire, frozen=True, kw_only=True):
    """RollingUpdate replaces pods step by step, Recreate all at once after all are gone."""

    type: str = ""
    rollingUpdate: RollingUpdateDeployment | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(values=("Recreate", "RollingUpdate")),
    }


class DeploymentSpec(Wire, frozen=True, kw_only=True):
    """`selector` never changes. `paused` stops roll-outs, not scaling."""

    replicas: Int32 | None = None
    selector: meta_v1.LabelSelector | None = _field(default_factory=null)
    template: core_v1.PodTemplateSpec = _field(default_factory=core_v1.PodTemplateSpec)
    strategy: DeploymentStrategy = _field(default_factory=DeploymentStrategy)
    minReadySeconds: Int32 = 0
    revisionHistoryLimit: Int32 | None = None
    paused: bool = False
    progressDeadlineSeconds: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "selector": Rules(required=True),
        "template": Rules(required=True),
        "strategy": Rules(patch_strategy="retainKeys"),
    }


class DeploymentStatus(Wire, frozen=True, kw_only=True):
    """`observedGeneration` says which spec the numbers are about."""

    observedGeneration: Int64 = 0
    replicas: Int32 = 0
    updatedReplicas: Int32 = 0
    readyReplicas: Int32 = 0
    availableReplicas: Int32 = 0
    unavailableReplicas: Int32 = 0
    terminatingReplicas: Int32 | None = None
    conditions: tuple[DeploymentCondition, ...] = ()
    collisionCount: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class Deployment(Wire, frozen=True, kw_only=True):
    """A ReplicaSet for each revision of a template, and the way from one to the next."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: DeploymentSpec = _field(default_factory=DeploymentSpec)
    status: DeploymentStatus = _field(default_factory=DeploymentStatus)


class DeploymentCondition(Wire, frozen=True, kw_only=True):
    """One aspect of a Deployment's state."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastUpdateTime: Time | None = _field(default_factory=null)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True, values=("Available", "Progressing", "ReplicaFailure")),
        "status": Rules(required=True),
    }


class DeploymentList(Wire, frozen=True, kw_only=True):
    """A list of Deployments."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Deployment, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ReplicaSetSpec(Wire, frozen=True, kw_only=True):
    """`selector` never changes, and the template's labels must match it."""

    replicas: Int32 | None = None
    minReadySeconds: Int32 = 0
    selector: meta_v1.LabelSelector | None = _field(default_factory=null)
    template: core_v1.PodTemplateSpec = _field(default_factory=core_v1.PodTemplateSpec)

    __rules__: ClassVar[dict[str, Rules]] = {
        "selector": Rules(required=True),
    }


class ReplicaSetStatus(Wire, frozen=True, kw_only=True):
    """How many pods a ReplicaSet has, and in which state. `observedGeneration` says which spec
    the numbers are about.
    """

    replicas: Int32 = _field(default_factory=zero)
    fullyLabeledReplicas: Int32 = 0
    readyReplicas: Int32 = 0
    availableReplicas: Int32 = 0
    terminatingReplicas: Int32 | None = None
    observedGeneration: Int64 = 0
    conditions: tuple[ReplicaSetCondition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "replicas": Rules(required=True),
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class ReplicaSet(Wire, frozen=True, kw_only=True):
    """So many pods of one template, whichever they are."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ReplicaSetSpec = _field(default_factory=ReplicaSetSpec)
    status: ReplicaSetStatus = _field(default_factory=ReplicaSetStatus)


class ReplicaSetCondition(Wire, frozen=True, kw_only=True):
    """One aspect of a ReplicaSet's state."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True, values=("ReplicaFailure",)),
        "status": Rules(required=True),
    }


class ReplicaSetList(Wire, frozen=True, kw_only=True):
    """A list of ReplicaSets."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ReplicaSet, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class RollingUpdateDaemonSet(Wire, frozen=True, kw_only=True):
    """How many nodes a DaemonSet's rolling update takes at a time: counts, or percentages of the
    nodes that should run a pod, rounded up. One of the two must be zero, and the other not.
    """

    maxUnavailable: IntOrString | None = None
    maxSurge: IntOrString | None = None


class RollingUpdateDeployment(Wire, frozen=True, kw_only=True):
    """Counts, or percentages of the replicas: maxSurge rounds up, maxUnavailable down; both zero
    is not allowed.
    """

    maxUnavailable: IntOrString | None = None
    maxSurge: IntOrString | None = None


class RollingUpdateStatefulSetStrategy(Wire, frozen=True, kw_only=True):
    """How far a StatefulSet's rolling update goes, and how many pods it takes at a time."""

    partition: Int32 | None = None
    maxUnavailable: IntOrString | None = None


class StatefulSetUpdateStrategy(Wire, frozen=True, kw_only=True):
    """How a StatefulSet replaces its pods when the template changes."""

    type: str = ""
    rollingUpdate: RollingUpdateStatefulSetStrategy | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(values=("RollingUpdate", "OnDelete")),
    }


class StatefulSetSpec(Wire, frozen=True, kw_only=True):
    """Which pods a StatefulSet runs, with which claims, and how they are made and replaced. What
    names the pods and their claims never changes.
    """

    replicas: Int32 | None = None
    selector: meta_v1.LabelSelector | None = _field(default_factory=null)
    template: core_v1.PodTemplateSpec = _field(default_factory=core_v1.PodTemplateSpec)
    volumeClaimTemplates: tuple[core_v1.PersistentVolumeClaim, ...] = ()
    serviceName: str = _field(default_factory=empty_string)
    podManagementPolicy: str = ""
    updateStrategy: StatefulSetUpdateStrategy = _field(default_factory=StatefulSetUpdateStrategy)
    revisionHistoryLimit: Int32 | None = None
    minReadySeconds: Int32 = 0
    persistentVolumeClaimRetentionPolicy: StatefulSetPersistentVolumeClaimRetentionPolicy | None = (
        None
    )
    ordinals: StatefulSetOrdinals | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "selector": Rules(required=True),
        "template": Rules(required=True),
        "volumeClaimTemplates": Rules(list_type="atomic"),
        "podManagementPolicy": Rules(values=("OrderedReady", "Parallel")),
    }


class StatefulSetStatus(Wire, frozen=True, kw_only=True):
    """How many pods a StatefulSet has, and of which revisions. `observedGeneration` says which
    spec the numbers are about.
    """

    observedGeneration: Int64 = 0
    replicas: Int32 = _field(default_factory=zero)
    readyReplicas: Int32 = 0
    currentReplicas: Int32 = 0
    updatedReplicas: Int32 = 0
    currentRevision: str = ""
    updateRevision: str = ""
    collisionCount: Int32 | None = None
    conditions: tuple[StatefulSetCondition, ...] = ()
    availableReplicas: Int32 = _field(default_factory=zero)

    __rules__: ClassVar[dict[str, Rules]] = {
        "replicas": Rules(required=True),
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class StatefulSet(Wire, frozen=True, kw_only=True):
    """Pods with names and claims of their own, made and updated in order."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: StatefulSetSpec = _field(default_factory=StatefulSetSpec)
    status: StatefulSetStatus = _field(default_factory=StatefulSetStatus)


class StatefulSetCondition(Wire, frozen=True, kw_only=True):
    """One aspect of a StatefulSet's state. The controller itself sets none."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True),
        "status": Rules(required=True),
    }


class StatefulSetList(Wire, frozen=True, kw_only=True):
    """A list of StatefulSets."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[StatefulSet, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class StatefulSetOrdinals(Wire, frozen=True, kw_only=True):
    """How the pods of a StatefulSet are numbered."""

    start: Int32 = _field(default_factory=zero)


class StatefulSetPersistentVolumeClaimRetentionPolicy(Wire, frozen=True, kw_only=True):
    """What becomes of the claims that were made of volumeClaimTemplates when their pods are no
    longer wanted.
    """

    whenDeleted: str = ""
    whenScaled: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "whenDeleted": Rules(values=("Retain", "Delete")),
        "whenScaled": Rules(values=("Retain", "Delete")),
    }
