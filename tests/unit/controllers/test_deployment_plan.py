"""How a Deployment gets from one template to the next, a step at a time."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from kubepy.api.apps.v1 import Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet
from kubepy.api.types import IntOrString
from kubepy.controllers.deployment import arithmetic, revisions, status
from kubepy.controllers.deployment.plan import Create, Delete, Plan, Update, decide
from tests.unit.controllers.build import NOW, ago, deployment, pod, replicaset

REVISION = "deployment.kubernetes.io/revision"


def sizes(plan: Plan) -> dict[str, int]:
    """The sizes that a plan writes."""
    return {
        action.after.metadata.name: arithmetic.size(action.after)
        for action in plan.actions
        if isinstance(action, Update)
    }


def created(plan: Plan) -> ReplicaSet:
    (made,) = [action.replicaset for action in plan.actions if isinstance(action, Create)]
    return made


def told(plan: Plan, type: str) -> tuple[str, str, str]:
    condition = status.find(plan.status.conditions, type)
    assert condition is not None
    return condition.status, condition.reason, condition.message


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "fences"),
    [
        pytest.param(10, "25%", "25%", (3, 2), id="surge up, unavailable down"),
        pytest.param(1, "25%", "25%", (1, 0), id="a single pod is replaced first"),
        pytest.param(4, 0, 0, (0, 1), id="never both 0"),
        pytest.param(4, 0, "10%", (0, 1), id="nor after rounding"),
        pytest.param(4, 2, 9, (2, 4), id="no more than there are"),
        pytest.param(0, "50%", "50%", (0, 0), id="nothing wanted"),
    ],
)
def test_fences(
    replicas: int, surge: IntOrString, unavailable: IntOrString, fences: tuple[int, int]
) -> None:
    found = arithmetic.fences(deployment(replicas, surge=surge, unavailable=unavailable))
    assert (found.surge, found.unavailable) == fences


def test_a_new_deployment_makes_its_first_set() -> None:
    plan = decide(deployment(3), [], [], NOW)
    made = created(plan)
    hashed = made.metadata.labels["pod-template-hash"]
    assert made.metadata.name == f"web-{hashed}"
    assert made.spec.selector is not None
    assert made.spec.selector.matchLabels == {"app": "web", "pod-template-hash": hashed}
    assert made.spec.template.metadata.labels == made.metadata.labels
    assert arithmetic.size(made) == 3
    assert made.metadata.annotations == {
        REVISION: "1",
        "deployment.kubernetes.io/desired-replicas": "3",
        "deployment.kubernetes.io/max-replicas": "4",
    }
    assert plan.revision == "1"
    text = f'Created new replica set "{made.metadata.name}"'
    assert told(plan, "Progressing") == ("True", "NewReplicaSetCreated", text)
    assert told(plan, "Available")[:2] == ("False", "MinimumReplicasUnavailable")


def test_a_new_template_gets_a_set_as_large_as_the_surge_allows() -> None:
    old = replicaset("old", 10, image="web:1", desired=10, most=13)
    plan = decide(deployment(10, image="web:2"), [old], [], NOW)
    assert arithmetic.size(created(plan)) == 3
    assert created(plan).metadata.annotations[REVISION] == "2"
    assert sizes(plan) == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            replicaset("old", 10), replicaset("new", 3, image="web:2", available=0, revision=2),
            {"old": 8}, id="as many go as may be unavailable",
        ),
        pytest.param(
            replicaset("old", 8), replicaset("new", 3, image="web:2", available=0, revision=2),
            {"new": 5}, id="then the new one grows",
        ),
        pytest.param(
            replicaset("old", 8), replicaset("new", 5, image="web:2", available=0, revision=2),
            {}, id="nothing goes before new ones are available",
        ),
        pytest.param(
            replicaset("old", 8), replicaset("new", 5, image="web:2", available=2, revision=2),
            {"old": 6}, id="available ones take the place of old ones",
        ),
        pytest.param(
            replicaset("old", 8, available=6),
            replicaset("new", 5, image="web:2", available=1, revision=2),
            {"old": 7}, id="what is unhealthy may go, as availability is short anyway",
        ),
        pytest.param(
            replicaset("old", 0), replicaset("new", 10, image="web:2", revision=2),
            {}, id="done",
        ),
    ],
)  # fmt: skip
def test_a_rolling_update(old: ReplicaSet, new: ReplicaSet, expected: dict[str, int]) -> None:
    marks = {"deployment.kubernetes.io/desired-replicas": "10",
             "deployment.kubernetes.io/max-replicas": "13"}  # fmt: skip
    sets = [
        replace(rs, metadata=replace(rs.metadata, annotations={**rs.metadata.annotations, **marks}))
        for rs in (old, new)
    ]
    assert sizes(decide(deployment(10, image="web:2"), sets, [], NOW)) == expected


def test_undoing_finds_the_old_set_again_and_gives_it_a_new_revision() -> None:
    old = replicaset("old", 0, revision=1, age=7200, desired=3, most=4)
    new = replicaset("new", 3, image="web:2", revision=2, desired=3, most=4)
    plan = decide(deployment(3, image="web:1"), [old, new], [], NOW)
    (update,) = [a for a in plan.actions if isinstance(a, Update)]
    assert update.after.metadata.name == "old"
    assert update.after.metadata.annotations[REVISION] == "3"
    assert update.after.metadata.annotations[revisions.HISTORY] == "1"
    assert plan.revision == "3"
    assert arithmetic.size(update.after) == 1  # the surge


def test_recreate_waits_for_the_last_old_pod() -> None:
    wanted = deployment(3, image="web:2", strategy="Recreate")
    old = replicaset("old", 3, desired=3, most=3)
    assert sizes(decide(wanted, [old], [], NOW)) == {"old": 0}
    old = replicaset("old", 0, actual=0, desired=3, most=3)
    going = pod("a", deleting=True, owner="old")
    assert decide(wanted, [old], [going], NOW).actions == ()
    assert arithmetic.size(created(decide(wanted, [old], [], NOW))) == 3


def test_a_paused_deployment_scales_but_does_not_roll() -> None:
    old = replicaset("old", 3, desired=3, most=4)
    plan = decide(deployment(5, image="web:2", paused=True), [old], [], NOW)
    assert sizes(plan) == {"old": 5}
    assert told(plan, "Progressing") == ("Unknown", "DeploymentPaused", "Deployment is paused")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(20, {"old": 15, "new": 10}, id="up"),
        pytest.param(5, {"old": 4, "new": 3}, id="down"),
        pytest.param(0, {"old": 0, "new": 0}, id="to nothing"),
    ],
)
def test_scaling_in_the_middle_keeps_the_shares(wanted: int, expected: dict[str, int]) -> None:
    old = replicaset("old", 8, desired=10, most=13)
    new = replicaset("new", 5, image="web:2", available=0, revision=2, desired=10, most=13)
    plan = decide(deployment(wanted, image="web:2"), [old, new], [], NOW)
    assert sizes(plan) == expected
    fences = arithmetic.fences(deployment(wanted))
    assert sum(expected.values()) == (wanted + fences.surge if wanted else 0)


def test_old_revisions_beyond_the_limit_are_deleted() -> None:
    olds = [replicaset(f"r{n}", 0, image=f"web:{n}", revision=n) for n in range(1, 5)]
    new = replicaset("new", 3, image="web:9", revision=5, desired=3, most=4)
    plan = decide(deployment(3, image="web:9", revisionHistoryLimit=2), [*olds, new], [], NOW)
    gone = [a.replicaset.metadata.name for a in plan.actions if isinstance(a, Delete)]
    assert gone == ["r1", "r2"]


def progressing(reason: str, at: float, value: str = "True") -> DeploymentStatus:
    condition = DeploymentCondition(
        type="Progressing", status=value, reason=reason,
        lastUpdateTime=ago(at), lastTransitionTime=ago(at),
    )  # fmt: skip
    return DeploymentStatus(
        replicas=3,
        updatedReplicas=1,
        readyReplicas=2,
        availableReplicas=2,
        conditions=(condition,),
    )


def test_a_rollout_without_progress_times_out() -> None:
    old = replicaset("old", 2, desired=3, most=4)
    new = replicaset("new", 2, image="web:2", revision=2, available=0, actual=1, desired=3, most=4)
    stuck = deployment(3, image="web:2", status=progressing("ReplicaSetUpdated", 599))
    plan = decide(stuck, [old, new], [], NOW)
    assert told(plan, "Progressing")[1] == "ReplicaSetUpdated"
    assert plan.check_after == 2
    plan = decide(stuck, [old, new], [], NOW + 2)
    text = 'ReplicaSet "new" has timed out progressing.'
    assert told(plan, "Progressing") == ("False", "ProgressDeadlineExceeded", text)
    assert plan.check_after is None


def test_a_finished_rollout_says_so_and_stays_finished_when_a_pod_fails() -> None:
    new = replicaset("new", 3, desired=3, most=4)
    plan = decide(deployment(3), [new], [], NOW)
    text = 'ReplicaSet "new" has successfully progressed.'
    assert told(plan, "Progressing") == ("True", "NewReplicaSetAvailable", text)
    later = replace(deployment(3), status=plan.status)
    plan = decide(later, [replicaset("new", 3, available=1, desired=3, most=4)], [], NOW + 9000)
    assert told(plan, "Progressing")[1] == "NewReplicaSetAvailable"
    assert told(plan, "Available")[0] == "False"


def test_a_settled_deployment_changes_nothing() -> None:
    new = replicaset("new", 3, desired=3, most=4)
    settled = deployment(3, annotations={REVISION: "1"})
    first = decide(settled, [new], [], NOW)
    again = decide(replace(settled, status=first.status), [new], [], NOW + 60)
    assert again == Plan(status=first.status)


def test_the_hash_depends_on_the_template_and_the_collisions_only() -> None:
    one, other = deployment(3).spec.template, deployment(5, image="web:2").spec.template
    assert revisions.template_hash(one, None) == revisions.template_hash(one, None)
    hashes = {revisions.template_hash(t, c) for t in (one, other) for c in (None, 1, 2)}
    assert len(hashes) == 6
    assert all(set(found) <= set(revisions.SAFE_LETTERS) for found in hashes)


def simulate(wanted: Deployment, sets: list[ReplicaSet], rng: random.Random) -> list[ReplicaSet]:
    """Play ReplicaSet controller and kubelet: carry a plan out, then let some pods come and go."""
    plan = decide(wanted, sets, [], NOW)
    by_name = {rs.metadata.name: rs for rs in sets}
    for action in plan.actions:
        match action:
            case Create(rs):
                meta = replace(rs.metadata, uid=rs.metadata.name, creationTimestamp=ago(0))
                by_name[rs.metadata.name] = replace(rs, metadata=meta)
            case Update(_, after):
                by_name[after.metadata.name] = after
            case Delete(rs):
                del by_name[rs.metadata.name]
    moved = []
    for rs in by_name.values():
        have, available = rs.status.replicas, rs.status.availableReplicas
        have = rs.spec.replicas or 0
        available = min(available, have)
        if available < have and rng.random() < 0.7:
            available += rng.randint(1, have - available)
        moved.append(
            replace(rs, status=replace(rs.status, replicas=have, availableReplicas=available))
        )
    return moved


@pytest.mark.parametrize("seed", range(40))
def test_every_rollout_ends_and_keeps_within_its_fences(seed: int) -> None:
    rng = random.Random(seed)
    surges: list[IntOrString] = [0, 1, 3, "25%", "100%"]
    losses: list[IntOrString] = [0, 1, "25%", "50%"]
    wanted = deployment(
        rng.randint(1, 12),
        image="web:1",
        surge=rng.choice(surges),
        unavailable=rng.choice(losses),
    )
    fences = arithmetic.fences(wanted)
    replicas = wanted.spec.replicas or 0
    sets: list[ReplicaSet] = []
    for image in ("web:1", "web:2", "web:1", "web:3"):
        template = replace(
            wanted.spec.template,
            spec=replace(
                wanted.spec.template.spec,
                containers=(replace(wanted.spec.template.spec.containers[0], image=image),),
            ),
        )
        wanted = replace(wanted, spec=replace(wanted.spec, template=template))
        steps = rng.randint(3, 10) if image != "web:3" else 200
        full = sum(rs.status.availableReplicas for rs in sets) >= replicas - fences.unavailable
        for _ in range(steps):
            sets = simulate(wanted, sets, rng)
            available = sum(rs.status.availableReplicas for rs in sets)
            assert arithmetic.total(sets) <= replicas + fences.surge
            assert not full or available >= replicas - fences.unavailable
            full = full or available >= replicas - fences.unavailable
    alive = {rs.spec.template.spec.containers[0].image: rs for rs in sets if arithmetic.size(rs)}
    assert list(alive) == ["web:3"]
    assert alive["web:3"].status.availableReplicas == replicas
