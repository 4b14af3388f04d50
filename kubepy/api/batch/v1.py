"""batch/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.core import v1 as core_v1
from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int32, Int64, Rules, Time, Wire, empty_string, no_items, null

PACKAGE = "k8s.io.api.batch.v1"
API_VERSION = "batch/v1"


class JobSpec(Wire, frozen=True, kw_only=True):
    """completions and parallelism bound the pods; backoffLimit the failures."""

    parallelism: Int32 | None = None
    completions: Int32 | None = None
    activeDeadlineSeconds: Int64 | None = None
    podFailurePolicy: PodFailurePolicy | None = None
    successPolicy: SuccessPolicy | None = None
    backoffLimit: Int32 | None = None
    backoffLimitPerIndex: Int32 | None = None
    maxFailedIndexes: Int32 | None = None
    selector: meta_v1.LabelSelector | None = None
    manualSelector: bool | None = None
    template: core_v1.PodTemplateSpec = _field(default_factory=core_v1.PodTemplateSpec)
    ttlSecondsAfterFinished: Int32 | None = None
    completionMode: str | None = None
    suspend: bool | None = None
    podReplacementPolicy: str | None = None
    managedBy: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "template": Rules(required=True),
        "completionMode": Rules(values=("NonIndexed", "Indexed")),
        "podReplacementPolicy": Rules(values=("TerminatingOrFailed", "Failed")),
    }


class JobTemplateSpec(Wire, frozen=True, kw_only=True):
    """The Jobs that a CronJob makes."""

    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: JobSpec = _field(default_factory=JobSpec)


class CronJobSpec(Wire, frozen=True, kw_only=True):
    """When a CronJob makes Jobs, which ones, and how many finished ones it keeps."""

    schedule: str = _field(default_factory=empty_string)
    timeZone: str | None = None
    startingDeadlineSeconds: Int64 | None = None
    concurrencyPolicy: str = ""
    suspend: bool | None = None
    jobTemplate: JobTemplateSpec = _field(default_factory=JobTemplateSpec)
    successfulJobsHistoryLimit: Int32 | None = None
    failedJobsHistoryLimit: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "schedule": Rules(required=True),
        "concurrencyPolicy": Rules(values=("Allow", "Forbid", "Replace")),
        "jobTemplate": Rules(required=True),
    }


class CronJobStatus(Wire, frozen=True, kw_only=True):
    """What a CronJob has started, and when."""

    active: tuple[core_v1.ObjectReference, ...] = ()
    lastScheduleTime: Time | None = None
    lastSuccessfulTime: Time | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "active": Rules(list_type="atomic"),
    }


class CronJob(Wire, frozen=True, kw_only=True):
    """A Job at each moment of a schedule."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: CronJobSpec = _field(default_factory=CronJobSpec)
    status: CronJobStatus = _field(default_factory=CronJobStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class CronJobList(Wire, frozen=True, kw_only=True):
    """A list of CronJobs."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[CronJob, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class JobStatus(Wire, frozen=True, kw_only=True):
    """How far a Job has come. Counters of pods that have ended do not fall."""

    conditions: tuple[JobCondition, ...] = ()
    startTime: Time | None = None
    completionTime: Time | None = None
    active: Int32 = 0
    succeeded: Int32 = 0
    failed: Int32 = 0
    terminating: Int32 | None = None
    completedIndexes: str = ""
    failedIndexes: str | None = None
    uncountedTerminatedPods: UncountedTerminatedPods | None = None
    ready: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(list_type="atomic", patch_merge_key="type", patch_strategy="merge"),
    }


class Job(Wire, frozen=True, kw_only=True):
    """Runs pods until enough of them have succeeded."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: JobSpec = _field(default_factory=JobSpec)
    status: JobStatus = _field(default_factory=JobStatus)


class JobCondition(Wire, frozen=True, kw_only=True):
    """One aspect of a Job's state. `Complete` and `Failed` are final."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastProbeTime: Time | None = _field(default_factory=null)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(
            required=True,
            values=("Suspended", "Complete", "Failed", "FailureTarget", "SuccessCriteriaMet"),
        ),
        "status": Rules(required=True),
    }


class JobList(Wire, frozen=True, kw_only=True):
    """A list of Jobs."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Job, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class PodFailurePolicy(Wire, frozen=True, kw_only=True):
    """What a pod's failure means: the first rule that matches decides."""

    rules: tuple[PodFailurePolicyRule, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "rules": Rules(list_type="atomic", required=True),
    }


class PodFailurePolicyOnExitCodesRequirement(Wire, frozen=True, kw_only=True):
    """Which exit codes a rule is about. Containers that have ended with 0 are left aside."""

    containerName: str | None = None
    operator: str = _field(default_factory=empty_string)
    values: tuple[Int32, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "operator": Rules(required=True, values=("In", "NotIn")),
        "values": Rules(list_type="set", required=True),
    }


class PodFailurePolicyOnPodConditionsPattern(Wire, frozen=True, kw_only=True):
    """A condition of the failed pod that a rule is about."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True),
    }


class PodFailurePolicyRule(Wire, frozen=True, kw_only=True):
    """What happens to the Job when a pod fails in a certain way. Either onExitCodes or
    onPodConditions is given, not both.
    """

    action: str = _field(default_factory=empty_string)
    onExitCodes: PodFailurePolicyOnExitCodesRequirement | None = None
    onPodConditions: tuple[PodFailurePolicyOnPodConditionsPattern, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "action": Rules(required=True, values=("FailJob", "FailIndex", "Ignore", "Count")),
        "onPodConditions": Rules(list_type="atomic"),
    }


class SuccessPolicy(Wire, frozen=True, kw_only=True):
    """When an Indexed Job has succeeded although not all of its indexes have. The pods that
    still run are then stopped.
    """

    rules: tuple[SuccessPolicyRule, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "rules": Rules(list_type="atomic", required=True),
    }


class SuccessPolicyRule(Wire, frozen=True, kw_only=True):
    """What must have succeeded for the Job to succeed. At least one of the fields is given; with
    both, succeededCount counts only among succeededIndexes.
    """

    succeededIndexes: str | None = None
    succeededCount: Int32 | None = None


class UncountedTerminatedPods(Wire, frozen=True, kw_only=True):
    """The pods of a Job that have ended and are not in its counters yet, so that none is counted
    twice or lost.
    """

    succeeded: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "succeeded": Rules(list_type="set"),
        "failed": Rules(list_type="set"),
    }
