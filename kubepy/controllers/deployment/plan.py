"""The Deployment policy: which ReplicaSets to make, resize and delete, and what to report.

One pass takes one step: make or grow the new set, or shrink old ones. Each step changes a
ReplicaSet, and its change brings the next pass.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.apps.v1 import Deployment, DeploymentStatus, ReplicaSet
from kubepy.api.core.v1 import Pod
from kubepy.controllers import pods as ask
from kubepy.controllers.deployment import arithmetic, revisions, status
from kubepy.controllers.deployment.arithmetic import size


class Create(Struct, frozen=True):
    replicaset: ReplicaSet


class Update(Struct, frozen=True):
    """Write a set with another size, other annotations, another minReadySeconds."""

    before: ReplicaSet
    after: ReplicaSet

    @property
    def scaled(self) -> bool:
        return size(self.before) != size(self.after)


class Delete(Struct, frozen=True):
    replicaset: ReplicaSet


class Plan(Struct, frozen=True, kw_only=True):
    """The actions come first, the report after them."""

    actions: tuple[Create | Update | Delete, ...] = ()
    status: DeploymentStatus
    revision: str = ""  # the Deployment's own annotation; empty: leave it
    check_after: float | None = None  # seconds until another pass is due, whatever happens


def decide(
    deployment: Deployment, sets: Sequence[ReplicaSet], pods: Sequence[Pod], now: float
) -> Plan:
    """One step. `sets` are the Deployment's own, `pods` those of all its sets."""
    step = _Step(deployment, sets, pods, now)
    if deployment.metadata.deletionTimestamp is not None:
        return step.report(rolling=False)
    pause = status.pause_condition(deployment, now)
    if pause is not None:
        conditions = status.with_condition(deployment.status.conditions, pause)
        deployment = replace(deployment, status=replace(deployment.status, conditions=conditions))
        step = _Step(deployment, sets, pods, now)
    if deployment.spec.paused or step.was_scaled():
        step.adjust_new()
        step.scale()
        if deployment.spec.paused:
            step.prune()
        return step.report(rolling=False)
    if deployment.spec.strategy.type == "Recreate":
        step.recreate()
    else:
        step.roll()
    return step.report(rolling=True)


class _Step:
    """The sets as they will be after the actions collected so far."""

    def __init__(
        self, deployment: Deployment, sets: Sequence[ReplicaSet], pods: Sequence[Pod], now: float
    ) -> None:
        self.deployment = deployment
        self.now = now
        self.pods = pods
        self.before = {rs.metadata.name: rs for rs in sets}
        self.sets = dict(self.before)
        self.created: ReplicaSet | None = None
        found = revisions.find_new(deployment, sets)
        self.new_name = found.metadata.name if found else ""
        self.revision = revisions.next_revision(self.old)
        self.deleted: list[ReplicaSet] = []

    @property
    def new(self) -> ReplicaSet | None:
        return self.sets.get(self.new_name)

    @property
    def old(self) -> list[ReplicaSet]:
        return [rs for name, rs in self.sets.items() if name != self.new_name]

    @property
    def active(self) -> list[ReplicaSet]:
        return [rs for rs in self.sets.values() if size(rs) > 0]

    @property
    def wanted(self) -> int:
        return self.deployment.spec.replicas or 0

    # Steps

    def roll(self) -> None:
        """RollingUpdate: grow the new set as far as the surge allows, else shrink old ones."""
        if self.ensure_new():
            return
        new = self.new
        assert new is not None
        if size(new) > self.wanted:
            self.resize(new, self.wanted)
            return
        grown = arithmetic.grown(self.deployment, new, list(self.sets.values()))
        if grown != size(new):
            self.resize(new, grown)
            return
        active = [rs for rs in self.old if size(rs) > 0]
        smaller = arithmetic.shrunk(self.deployment, new, active) if active else {}
        for name, replicas in smaller.items():
            self.resize(self.sets[name], replicas)
        if not smaller:
            self.prune()

    def recreate(self) -> None:
        """Recreate: nothing of the new before the last pod of the old is gone."""
        self.adjust_new()
        active = [rs for rs in self.old if size(rs) > 0]
        for rs in active:
            self.resize(rs, 0)
        if active or self.old_pods_run():
            return
        if self.ensure_new():
            return
        new = self.new
        assert new is not None
        if size(new) != self.wanted:
            self.resize(new, self.wanted)
        if status.is_complete(self.deployment, self.counted()):
            self.prune()

    def scale(self) -> None:
        """Another number of pods is wanted, or the Deployment is paused: sizes only.

        In the middle of a rollout every set keeps its share.
        """
        active = self.active
        if len(active) <= 1:
            target = active[0] if active else self.new or self.latest()
            if target is not None:
                self.resize(target, self.wanted)
        elif self.new_is_saturated():
            for rs in self.old:
                if size(rs) > 0:
                    self.resize(rs, 0)
        elif self.deployment.spec.strategy.type != "Recreate":
            for name, replicas in arithmetic.scaled(self.deployment, active).items():
                self.resize(self.sets[name], replicas)

    def prune(self) -> None:
        """Delete the oldest revisions beyond the limit; never one that still has pods."""
        limit = self.deployment.spec.revisionHistoryLimit
        if limit is None:
            return
        kept = [rs for rs in self.old if rs.metadata.deletionTimestamp is None]
        surplus = max(0, len(kept) - limit)
        by_revision = sorted(kept, key=lambda rs: (revisions.revision_of(rs), arithmetic.age(rs)))
        for rs in by_revision[:surplus]:
            observed = rs.metadata.generation <= rs.status.observedGeneration
            if rs.status.replicas == 0 and size(rs) == 0 and observed:
                self.deleted.append(rs)

    # Parts of steps

    def ensure_new(self) -> bool:
        """Make the set of the current template, or bring it up to date; whether it was made."""
        if self.new is not None:
            self.adjust_new()
            return False
        replicas = arithmetic.grown(self.deployment, None, list(self.sets.values()))
        made = revisions.new_set(self.deployment, replicas, self.revision)
        self.created = made
        self.new_name = made.metadata.name
        self.sets[self.new_name] = made
        return True

    def adjust_new(self) -> None:
        new = self.new
        if new is None:
            return
        annotations = revisions.set_annotations(self.deployment, new, self.revision)
        self.sets[self.new_name] = replace(
            new,
            metadata=replace(new.metadata, annotations=annotations),
            spec=replace(new.spec, minReadySeconds=self.deployment.spec.minReadySeconds),
        )

    def resize(self, rs: ReplicaSet, replicas: int) -> None:
        annotations = {
            **rs.metadata.annotations,
            **revisions.scale_annotations(self.deployment),
        }
        if size(rs) == replicas and annotations == rs.metadata.annotations:
            return
        self.sets[rs.metadata.name] = replace(
            rs,
            metadata=replace(rs.metadata, annotations=annotations),
            spec=replace(rs.spec, replicas=replicas),
        )

    # Questions

    def was_scaled(self) -> bool:
        """Some active set remembers another number of wanted pods."""
        return any(
            text.isdecimal() and int(text) != self.wanted
            for rs in self.active
            if (text := rs.metadata.annotations.get(revisions.DESIRED_REPLICAS, ""))
        )

    def latest(self) -> ReplicaSet | None:
        return max(self.old, key=arithmetic.age, default=None)

    def new_is_saturated(self) -> bool:
        """The new set has all the pods it should have, and they are available."""
        new = self.new
        if new is None:
            return False
        text = new.metadata.annotations.get(revisions.DESIRED_REPLICAS, "")
        desired = int(text) if text.isdecimal() else -1
        return size(new) == self.wanted == desired == new.status.availableReplicas

    def old_pods_run(self) -> bool:
        """Some pod of an old template has not come to its end; one that is going counts too."""
        new_uid = self.new.metadata.uid if self.new else ""
        for rs in self.old:
            if rs.status.replicas > 0:
                return True
        return any(
            not ask.is_finished(pod)
            and all(ref.uid != new_uid for ref in pod.metadata.ownerReferences if ref.controller)
            for pod in self.pods
        )

    def counted(self) -> DeploymentStatus:
        return status.count(self.deployment, self.new, list(self.sets.values()), self.now)

    def report(self, *, rolling: bool) -> Plan:
        sets = list(self.sets.values())
        if rolling:
            reported = status.roll(self.deployment, self.new, sets, self.now)
        else:
            reported = self.counted()
        if self.new is not None:
            reported = replace(reported, conditions=self.with_finding(reported.conditions))
        actions: list[Create | Update | Delete] = []
        if self.created is not None:
            actions.append(Create(self.created))
        for name, rs in self.sets.items():
            if name in self.before and rs != self.before[name]:
                actions.append(Update(self.before[name], rs))
        actions += [Delete(rs) for rs in self.deleted]
        revision = self.new.metadata.annotations.get(revisions.REVISION, "") if self.new else ""
        had = self.deployment.metadata.annotations.get(revisions.REVISION, "")
        return Plan(
            actions=tuple(actions),
            status=reported,
            revision=revision if revision != had else "",
            check_after=status.next_check(self.deployment, reported, self.now),
        )

    def with_finding(self, conditions: status.Conditions) -> status.Conditions:
        """A set just made is progress; one found before any progress was reported, a beginning."""
        if status.deadline(self.deployment) is None:
            return conditions
        if self.created is not None:
            reason, text = "NewReplicaSetCreated", "Created new replica set"
        elif status.find(conditions, status.PROGRESSING) is None:
            reason, text = "FoundNewReplicaSet", "Found new replica set"
        else:
            return conditions
        told = status.condition(
            status.PROGRESSING, "True", reason, f'{text} "{self.new_name}"', self.now
        )
        return status.with_condition(conditions, told)
