"""Makes Deployments true by making, resizing and deleting ReplicaSets."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.apps.v1 import Deployment, ReplicaSet
from kubepy.api.core.v1 import Pod
from kubepy.api.meta.v1 import LabelSelector
from kubepy.client.informer import NAMESPACE, key_of
from kubepy.controllers import claims
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller, namespace_ends
from kubepy.controllers.deployment import arithmetic, plan, revisions, status
from kubepy.controllers.deployment.plan import Create, Delete, Plan, Update
from kubepy.meta import errors, selectors
from kubepy.meta.owners import controller_of

SELECTS_ALL = "This deployment is selecting all pods. A non-empty selector is required."


class DeploymentController(Controller):
    """A key is a Deployment's `namespace/name`."""

    name = "deployment-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.deployments = self.watch(Deployment)
        self.sets = self.watch(ReplicaSet)
        self.pods = self.watch(Pod)
        self.recorder = context.recorder("deployment-controller")
        claims.index(self.sets)
        claims.index(self.pods)
        self.deployments.subscribe(lambda old, new: self.queue.add(key_of(new or old)))
        self.sets.subscribe(self._set_changed)
        self.pods.subscribe(self._pod_changed)

    def _set_changed(self, old: ReplicaSet | None, new: ReplicaSet | None) -> None:
        for rs in (old, new):
            if rs is None:
                continue
            controller = controller_of(rs)
            if controller is not None and controller.kind == "Deployment":
                self.queue.add(f"{rs.metadata.namespace}/{controller.name}")
            elif controller is None and rs.metadata.deletionTimestamp is None:
                for deployment in self.deployments.by(NAMESPACE, rs.metadata.namespace):
                    if _selector(deployment).matches(rs.metadata.labels):
                        self.queue.add(key_of(deployment))

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        """Recreate waits for the last old pod to be gone: only that is of interest."""
        if new is not None or old is None:
            return
        controller = controller_of(old)
        if controller is None or controller.kind != "ReplicaSet":
            return
        rs = self.sets.get(f"{old.metadata.namespace}/{controller.name}")
        owner = controller_of(rs) if rs is not None else None
        if owner is not None and owner.kind == "Deployment":
            key = f"{old.metadata.namespace}/{owner.name}"
            deployment = self.deployments.get(key)
            if deployment is not None and deployment.spec.strategy.type == "Recreate":
                self.queue.add(key)

    async def reconcile(self, key: str) -> None:
        deployment = self.deployments.get(key)
        if deployment is None:
            return  # deleted: its sets are the garbage collector's business
        if deployment.spec.selector == LabelSelector():
            self.recorder.event(deployment, "Warning", "SelectingAll", SELECTS_ALL)
            return
        selector = _selector(deployment)
        sets = await claims.claim(self.client, self.sets, deployment, selector.matches)
        pods = [pod for rs in sets for pod in self.pods.by(claims.CONTROLLER, rs.metadata.uid)]
        step = plan.decide(deployment, sets, pods, self.clock.now())
        for action in step.actions:
            match action:
                case Create(replicaset):
                    await self._create(deployment, replicaset)
                case Update():
                    await self._update(deployment, action)
                case Delete(replicaset):
                    await self._delete(replicaset)
        await self._report(deployment, step)
        if step.check_after is not None:
            self.queue.add_after(key, step.check_after)

    async def _create(self, deployment: Deployment, wanted: ReplicaSet) -> None:
        try:
            made = await self.client.create(wanted)
        except errors.AlreadyExists:
            await self._resolve_collision(deployment, wanted)
            return
        except errors.ApiError as error:
            if namespace_ends(error):
                return
            await self._tell_failure(deployment, wanted, error)
            raise
        self.sets.note_write(made)
        if size := arithmetic.size(made):
            self._tell_scaled(deployment, made, 0, size)

    async def _resolve_collision(self, deployment: Deployment, wanted: ReplicaSet) -> None:
        """The name is taken: by our own set that the cache does not show yet, or by a stranger.

        A stranger's means that two templates hash alike: count it, and the next name differs.
        """
        meta = wanted.metadata
        found = await self.client.get(ReplicaSet, meta.name, meta.namespace)
        owner = controller_of(found)
        ours = owner is not None and owner.uid == deployment.metadata.uid
        if ours and revisions.same_template(found.spec.template, deployment.spec.template):
            self.sets.note_write(found)
        else:
            collisions = (deployment.status.collisionCount or 0) + 1
            changed = replace(deployment.status, collisionCount=collisions)
            written = await self.client.update(
                replace(deployment, status=changed), subresource="status"
            )
            self.deployments.note_write(written)
        raise errors.AlreadyExists.of("replicasets.apps", meta.name)

    async def _tell_failure(
        self, deployment: Deployment, wanted: ReplicaSet, error: errors.ApiError
    ) -> None:
        text = f'Failed to create new replica set "{wanted.metadata.name}": {error}'
        self.recorder.event(deployment, "Warning", "ReplicaSetCreateError", text)
        if status.deadline(deployment) is None:
            return
        failed = status.condition(
            status.PROGRESSING, "False", "ReplicaSetCreateError", text, self.clock.now()
        )
        conditions = status.with_condition(deployment.status.conditions, failed)
        if conditions != deployment.status.conditions:
            changed = replace(deployment.status, conditions=conditions)
            written = await self.client.update(
                replace(deployment, status=changed), subresource="status"
            )
            self.deployments.note_write(written)

    async def _update(self, deployment: Deployment, action: Update) -> None:
        written = await self.client.update(action.after)
        self.sets.note_write(written)
        if action.scaled:
            before, after = arithmetic.size(action.before), arithmetic.size(action.after)
            self._tell_scaled(deployment, written, before, after)

    def _tell_scaled(self, deployment: Deployment, rs: ReplicaSet, before: int, after: int) -> None:
        way = "up" if after > before else "down"
        text = f"Scaled {way} replica set {rs.metadata.name} from {before} to {after}"
        self.recorder.event(deployment, "Normal", "ScalingReplicaSet", text)

    async def _delete(self, rs: ReplicaSet) -> None:
        meta = rs.metadata
        try:
            await self.client.delete(ReplicaSet, meta.name, meta.namespace, uid=meta.uid)
        except errors.NotFound:
            return
        self.sets.note_delete(key_of(rs), meta.uid)

    async def _report(self, deployment: Deployment, step: Plan) -> None:
        """The counts, the conditions and the revision; one write, and none if nothing changed."""
        meta = deployment.metadata
        if step.revision:
            noted = {**meta.annotations, revisions.REVISION: step.revision}
            meta = replace(meta, annotations=noted)
        reported = replace(deployment, metadata=meta, status=step.status)
        if reported == deployment:
            return
        try:
            written = await self.client.update(reported, subresource="status")
        except errors.NotFound:
            return  # deleted meanwhile
        self.deployments.note_write(written)


def _selector(deployment: Deployment) -> selectors.Selector:
    return selectors.of(deployment.spec.selector)
