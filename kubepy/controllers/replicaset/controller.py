"""Makes ReplicaSets true: creates and deletes pods, adopts and releases them, reports counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from msgspec.structs import replace

from kubepy.api.apps.v1 import ReplicaSet, ReplicaSetCondition, ReplicaSetStatus
from kubepy.api.core.v1 import Pod, PodTemplateSpec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import Time
from kubepy.client.informer import NAMESPACE, key_of
from kubepy.controllers import claims
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller, namespace_ends
from kubepy.controllers.replicaset import plan
from kubepy.controllers.replicaset.plan import Create, Delete
from kubepy.meta import errors, selectors
from kubepy.meta.owners import controller_of, controller_ref

SLOW_START = 1  # creates in the first batch; each batch that succeeds doubles the next


class ReplicaSetController(Controller):
    """A key is a ReplicaSet's `namespace/name`."""

    name = "replicaset-controller"
    component: ClassVar[str] = "replicaset-controller"  # the source of its events
    type: ClassVar[type[Any]] = ReplicaSet

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.sets = self.watch(self.type)
        self.pods = self.watch(Pod)
        self.recorder = context.recorder(self.component)
        claims.index(self.sets)
        claims.index(self.pods)
        self.sets.subscribe(self._set_changed)
        self.pods.subscribe(self._pod_changed)

    # What differs between the kinds of sets

    def matcher(self, owner: Any) -> Callable[[Mapping[str, str]], bool]:
        return selectors.of(owner.spec.selector).matches

    def template(self, owner: Any) -> PodTemplateSpec:
        template: PodTemplateSpec = owner.spec.template
        return template

    def status(self, owner: Any, counts: plan.Tally, conditions: tuple[Any, ...]) -> Any:
        return ReplicaSetStatus(
            replicas=counts.replicas,
            fullyLabeledReplicas=counts.fullyLabeledReplicas,
            readyReplicas=counts.readyReplicas,
            availableReplicas=counts.availableReplicas,
            terminatingReplicas=counts.terminatingReplicas,
            observedGeneration=owner.metadata.generation,
            conditions=conditions,
        )

    def condition(self, **fields: Any) -> Any:
        return ReplicaSetCondition(**fields)

    # Triggers

    def _set_changed(self, old: Any, new: Any) -> None:
        self.queue.add(key_of(new or old))

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        for pod in (old, new):
            if pod is None:
                continue
            controller = controller_of(pod)
            if controller is None:
                self._offer(pod)
            elif controller.kind == self.type.__name__:
                self.queue.add(f"{pod.metadata.namespace}/{controller.name}")

    def _offer(self, pod: Pod) -> None:
        """A pod without a controller: whoever's selector matches it may take it."""
        if pod.metadata.deletionTimestamp is not None or not pod.metadata.labels:
            return
        for owner in self.sets.by(NAMESPACE, pod.metadata.namespace):
            if self.matcher(owner)(pod.metadata.labels):
                self.queue.add(key_of(owner))

    # The work

    async def reconcile(self, key: str) -> None:
        """One pass. The status is reported even if some pod could not be made or deleted."""
        owner = self.sets.get(key)
        if owner is None:
            return  # deleted: its pods are the garbage collector's business
        pods = await claims.claim(self.client, self.pods, owner, self.matcher(owner))
        failure: Exception | None = None
        actions: list[Create | Delete] = []
        if owner.metadata.deletionTimestamp is None:
            wanted = owner.spec.replicas or 0
            related = self._related(owner) if len(pods) > wanted else ()
            actions = plan.decide(wanted, pods, related=related, now=self.clock.now())
            try:
                await self._act(owner, actions)
            except (errors.ApiError, ConnectionError) as error:
                failure = error
        await self._report(owner, pods, actions, failure)
        if failure is not None:
            raise failure
        wait = plan.next_change(pods, owner.spec.minReadySeconds, self.clock.now())
        if wait is not None:
            self.queue.add_after(key, wait)

    def _related(self, owner: Any) -> list[Pod]:
        """The pods of all sets that share the owner's own controller."""
        controller = controller_of(owner)
        family = self.sets.by(claims.CONTROLLER, controller.uid) if controller else [owner]
        return [
            pod for member in family for pod in self.pods.by(claims.CONTROLLER, member.metadata.uid)
        ]

    async def _act(self, owner: Any, actions: Sequence[Create | Delete]) -> None:
        creates = sum(isinstance(action, Create) for action in actions)
        batch = SLOW_START
        while creates > 0:
            count = min(batch, creates)
            # A quota or an admission plugin may refuse them all: do not find out 500 times.
            await _all(self._create(owner) for _ in range(count))
            creates -= count
            batch *= 2
        await _all(self._delete(owner, a) for a in actions if isinstance(a, Delete))

    async def _create(self, owner: Any) -> None:
        try:
            pod = await self.client.create(pod_of(owner, self.template(owner)))
        except errors.Forbidden as error:
            if namespace_ends(error):
                return  # the namespace goes, and this set with it
            self._tell_failure(owner, "FailedCreate", f"Error creating: {error}")
            raise
        except errors.ApiError as error:
            self._tell_failure(owner, "FailedCreate", f"Error creating: {error}")
            raise
        self.pods.note_write(pod)
        text = f"Created pod: {pod.metadata.name}"
        self.recorder.event(owner, "Normal", "SuccessfulCreate", text)

    async def _delete(self, owner: Any, action: Delete) -> None:
        namespace = owner.metadata.namespace
        try:
            await self.client.delete(Pod, action.name, namespace, uid=action.uid)
        except errors.NotFound:
            return
        except errors.ApiError as error:
            self._tell_failure(owner, "FailedDelete", f"Error deleting: {error}")
            raise
        self.pods.note_delete(f"{namespace}/{action.name}", action.uid)
        text = f"Deleted pod: {action.name}"
        self.recorder.event(owner, "Normal", "SuccessfulDelete", text)

    def _tell_failure(self, owner: Any, reason: str, text: str) -> None:
        self.recorder.event(owner, "Warning", reason, text)

    async def _report(
        self,
        owner: Any,
        pods: Sequence[Pod],
        actions: Sequence[Create | Delete],
        failure: Exception | None,
    ) -> None:
        counts = plan.tally(
            pods, self.template(owner), owner.spec.minReadySeconds, self.clock.now()
        )
        conditions = self._conditions(owner, actions, failure)
        status = self.status(owner, counts, conditions)
        if status == owner.status:
            return
        try:
            written = await self.client.update(replace(owner, status=status), subresource="status")
        except errors.NotFound:
            return  # deleted meanwhile
        self.sets.note_write(written)

    def _conditions(
        self, owner: Any, actions: Sequence[Create | Delete], failure: Exception | None
    ) -> tuple[Any, ...]:
        """ReplicaFailure stays as it first was for as long as something fails."""
        others = tuple(c for c in owner.status.conditions if c.type != "ReplicaFailure")
        if failure is None:
            return others
        known = tuple(c for c in owner.status.conditions if c.type == "ReplicaFailure")
        if known:
            return (*others, *known)
        creating = any(isinstance(action, Create) for action in actions)
        return (
            *others,
            self.condition(
                type="ReplicaFailure",
                status="True",
                reason="FailedCreate" if creating else "FailedDelete",
                message=str(failure),
                lastTransitionTime=Time.from_unix(self.clock.now()),
            ),
        )


def pod_of(owner: Any, template: PodTemplateSpec) -> Pod:
    """The pod that an owner makes from its template."""
    meta = template.metadata
    return Pod(
        metadata=ObjectMeta(
            generateName=f"{owner.metadata.name}-",
            namespace=owner.metadata.namespace,
            labels=meta.labels,
            annotations=meta.annotations,
            finalizers=meta.finalizers,
            ownerReferences=(controller_ref(owner),),
        ),
        spec=template.spec,
    )


async def _all(calls: Any) -> None:
    """All at once; waits for every one, then raises the first failure."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
