"""pods/eviction: a delete that asks the pod's disruption budget first."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from kubepy.api.core.v1 import Pod, PodCondition
from kubepy.api.meta.v1 import (
    Condition,
    CreateOptions,
    DeleteOptions,
    Preconditions,
    Status,
    StatusCause,
)
from kubepy.api.policy.v1 import Eviction, PodDisruptionBudget
from kubepy.api.types import Time
from kubepy.apiserver import bodies, options
from kubepy.apiserver.admission.chain import CREATE
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.apiserver.verbs import delete, reads
from kubepy.apiserver.verbs.request import Request
from kubepy.apiserver.watchcache import Record
from kubepy.meta import conditions, errors, selectors
from kubepy.meta.calls import Answer, Item
from kubepy.storage.store import Conflict

TRIES = 20  # against other writers
MAX_DISRUPTED = 2000  # pods that the budget's controller has not seen go yet
BUSY_SECONDS = 10  # when a client may ask again
REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
SEVERAL = (
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
    "support."
)
DONE = Status(status="Success", code=201)


async def evict(pipeline: Pipeline, request: Request) -> Answer:
    """Raises BadRequest, NotFound, TooManyRequests, Conflict."""
    eviction = await _decoded(request)
    wanted = _delete_options(request, eviction)
    options.check_delete(wanted)
    pods = pipeline.store("pods")
    conditional = wanted.preconditions is not None and wanted.preconditions.resourceVersion
    for _ in range(TRIES):
        record = await reads.find(pods, request.call.namespace, request.call.name)
        pod: Pod = record.peek()
        settled = pod.status.phase in ("Succeeded", "Failed") or pod.metadata.deletionTimestamp
        if not settled and pod.status.phase != "Pending":
            break
        exact = wanted if settled or conditional else at_version(wanted, pod)
        try:
            await _delete(pipeline, request, exact, record)
        except errors.Conflict:
            if conditional:
                raise
            continue
        return _done(request)
    else:
        raise errors.Conflict.of(pods.resource, request.call.name)
    budget = budget_of(pipeline, pod)
    if budget is None:
        await _delete(pipeline, request, wanted, record)
        return _done(request)
    if spares_budget(pod, budget):
        try:
            exact = wanted if conditional else at_version(wanted, pod)
            await _delete(pipeline, request, exact, record)
        except errors.Conflict:
            if conditional:
                raise
            raise still_processing(budget.metadata.name) from None
        return _done(request)
    await _count(pipeline, request, wanted, budget, pod)
    await _delete(pipeline, request, wanted, record)
    return _done(request)


async def _decoded(request: Request) -> Eviction:
    call = request.call
    given = call.options if isinstance(call.options, CreateOptions) else None
    options.check_write(given)
    mode = (given.fieldValidation if given else "") or bodies.WARN
    body = bodies.with_version(call.body, "policy/v1beta1", "policy/v1")
    eviction, problems = bodies.decode(body, Eviction, mode)
    request.warn(problems)
    if eviction.metadata.name != call.name:
        raise errors.BadRequest.of("name in URL does not match name in Eviction object")
    await request.admit(CREATE, eviction)
    await request.check(CREATE, eviction)
    found: Eviction = eviction
    return found


def _delete_options(request: Request, eviction: Eviction) -> DeleteOptions:
    """Those of the body; a dry run may be asked for there or in the request."""
    wanted = eviction.deleteOptions or DeleteOptions()
    given = request.call.options
    asked = given.dryRun if isinstance(given, CreateOptions) else ()
    if wanted.dryRun and asked and wanted.dryRun != asked:
        raise errors.Unknown.of(
            "Non-matching dry-run options in request and content: "
            f"[{' '.join(asked)}] and [{' '.join(wanted.dryRun)}]"
        )
    return replace(wanted, dryRun=wanted.dryRun or asked)


def at_version(wanted: DeleteOptions, pod: Pod) -> DeleteOptions:
    """Only if the pod is still as it was seen."""
    before = wanted.preconditions or Preconditions()
    version = pod.metadata.resourceVersion
    return replace(wanted, preconditions=replace(before, resourceVersion=version))


def _done(request: Request) -> Answer:
    return Answer(item=Item(Status, obj=DONE), code=201, warnings=tuple(request.warnings))


async def _delete(
    pipeline: Pipeline, request: Request, wanted: DeleteOptions, record: Record
) -> None:
    """Say in the pod's status why it goes, then delete it."""
    pods = pipeline.store("pods")
    pod: Pod = record.peek()
    delete.check_preconditions(pods, wanted, pod.metadata)
    if not options.dry_run(wanted) and pod.metadata.deletionTimestamp is None:
        wanted = await _announce(pods, wanted, record, request.means.clock.now())
    twin = Request(replace(request.call, subresource=""), request.user, pods, request.means)
    await delete.delete_object(twin, wanted, record.name)


async def _announce(
    pods: ResourceStore, wanted: DeleteOptions, record: Record, now: float
) -> DeleteOptions:
    """Raises errors.Conflict if the pod has moved and the delete depends on that."""
    pod: Pod = record.peek()
    condition = PodCondition(
        type="DisruptionTarget",
        status="True",
        reason="EvictionByEvictionAPI",
        message="Eviction API: evicting",
        lastTransitionTime=Time.from_unix(now),
    )
    changed = conditions.put(pod.status.conditions, condition)
    try:
        written = await pods.replace(
            replace(pod, status=replace(pod.status, conditions=changed)), record
        )
    except Conflict:
        raise errors.Conflict.of(pods.resource, pod.metadata.name) from None
    before = wanted.preconditions
    if before is not None and before.resourceVersion is not None:
        moved = replace(before, resourceVersion=str(written.revision))
        return replace(wanted, preconditions=moved)
    return wanted


def budget_of(pipeline: Pipeline, pod: Pod) -> PodDisruptionBudget | None:
    """The one budget that covers the pod. Raises a 500 if there are several."""
    found = list(_covering(pipeline.store("poddisruptionbudgets", "policy"), pod))
    if len(found) > 1:
        raise errors.Unknown.of(SEVERAL)
    return found[0] if found else None


def _covering(budgets: ResourceStore, pod: Pod) -> Iterator[PodDisruptionBudget]:
    for record in budgets.cache.select(pod.metadata.namespace):
        budget: PodDisruptionBudget = record.peek()
        try:
            selector = selectors.of(budget.spec.selector)
        except selectors.SelectorError:
            continue
        if selector.matches(pod.metadata.labels):  # an empty one covers the whole namespace
            yield budget


def spares_budget(pod: Pod, budget: PodDisruptionBudget) -> bool:
    """Whether an unready pod may go without being counted."""
    ready = conditions.is_true(pod.status.conditions, "Ready")
    if ready:
        return False
    if budget.spec.unhealthyPodEvictionPolicy == "AlwaysAllow":
        return True
    status = budget.status
    return status.currentHealthy >= status.desiredHealthy > 0


async def _count(
    pipeline: Pipeline,
    request: Request,
    wanted: DeleteOptions,
    budget: PodDisruptionBudget,
    pod: Pod,
) -> None:
    """Take one disruption from the budget. Raises TooManyRequests, Forbidden."""
    budgets = pipeline.store("poddisruptionbudgets", "policy")
    namespace, name = budget.metadata.namespace, budget.metadata.name
    now = Time.from_unix(request.means.clock.now())
    for _ in range(TRIES):
        record = await reads.find(budgets, namespace, name)
        changed = counted(record.peek(), pod.metadata.name, now)
        if options.dry_run(wanted):
            return
        try:
            await budgets.replace(changed, record)
            return
        except Conflict:
            continue
    raise errors.Timeout.of(
        f'couldn\'t update PodDisruptionBudget "{name}" due to conflicts', BUSY_SECONDS
    )


def counted(budget: PodDisruptionBudget, pod_name: str, now: Time) -> PodDisruptionBudget:
    """The budget with one disruption less. Raises TooManyRequests, Forbidden."""
    status, name = budget.status, budget.metadata.name
    if status.observedGeneration < budget.metadata.generation:
        raise still_processing(name)
    if status.disruptionsAllowed < 0:
        why = "pdb disruptions allowed is negative"
        raise errors.Forbidden.of("poddisruptionbudget.policy", name, why)
    if len(status.disruptedPods) > MAX_DISRUPTED:
        why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        raise errors.Forbidden.of("poddisruptionbudget.policy", name, why)
    if status.disruptionsAllowed == 0:
        raise errors.TooManyRequests.of(REFUSED, causes=(_cause(why_none(budget)),))
    left = status.disruptionsAllowed - 1
    state = status.conditions
    if not left:
        condition = Condition(
            type="DisruptionAllowed",
            status="False",
            observedGeneration=status.observedGeneration,
            lastTransitionTime=now,
            reason="InsufficientPods",
        )
        state = conditions.put(state, condition)
    disrupted = status.disruptedPods | {pod_name: now}
    status = replace(status, disruptionsAllowed=left, disruptedPods=disrupted, conditions=state)
    return replace(budget, status=status)


def why_none(budget: PodDisruptionBudget) -> str:
    status, name = budget.status, budget.metadata.name
    if status.currentHealthy > status.desiredHealthy:
        return f"The disruption budget {name} does not allow evicting pods currently"
    return (
        f"The disruption budget {name} needs {status.desiredHealthy} healthy pods and has "
        f"{status.currentHealthy} currently"
    )


def still_processing(name: str) -> errors.TooManyRequests:
    why = f"The disruption budget {name} is still being processed by the server."
    return errors.TooManyRequests.of(REFUSED, BUSY_SECONDS, (_cause(why),))


def _cause(message: str) -> StatusCause:
    return StatusCause(reason="DisruptionBudget", message=message)
