"""Which ReplicaSet belongs to a Deployment's template, and the numbers of its revisions.

template changed             a new set gets the highest revision + 1
template changed back        the old set is found again (equal template), and gets the highest
                             revision + 1; its former number goes into the history annotation
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from kubepy.api.apps.v1 import Deployment, ReplicaSet, ReplicaSetSpec
from kubepy.api.core.v1 import PodTemplateSpec
from kubepy.api.meta.v1 import LabelSelector, ObjectMeta
from kubepy.controllers.deployment.arithmetic import MAX_REPLICAS, age, fences
from kubepy.meta.owners import controller_ref

HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
ROLLBACK_TO = "deprecated.deployment.rollback.to"
MAX_HISTORY = 2000  # characters of the history annotation

# A Deployment's annotations go on to its sets, but for these.
OWN_ANNOTATIONS = frozenset(
    {LAST_APPLIED, REVISION, HISTORY, DESIRED_REPLICAS, MAX_REPLICAS, ROLLBACK_TO}
)
# Letters that form no words, as Kubernetes' generated names have them.
SAFE_LETTERS = "bcdfghjklmnpqrstvwxz2456789"

_canonical = msgspec.json.Encoder(enc_hook=str, order="deterministic")


def template_hash(template: PodTemplateSpec, collisions: int | None) -> str:
    """A short name for a template. `collisions` tells apart templates that hash alike."""
    data = _canonical.encode(template)
    if collisions is not None:
        data += collisions.to_bytes(8, "little", signed=True)
    digest = 0x811C9DC5
    for byte in data:  # FNV-1a
        digest = ((digest ^ byte) * 0x01000193) & 0xFFFFFFFF
    return "".join(SAFE_LETTERS[ord(char) % len(SAFE_LETTERS)] for char in str(digest))


def same_template(one: PodTemplateSpec, other: PodTemplateSpec) -> bool:
    """Equal but for the label that only tells sets apart."""
    return _without_hash(one) == _without_hash(other)


def _without_hash(template: PodTemplateSpec) -> PodTemplateSpec:
    if HASH not in template.metadata.labels:
        return template
    labels = {key: value for key, value in template.metadata.labels.items() if key != HASH}
    return replace(template, metadata=replace(template.metadata, labels=labels))


def find_new(deployment: Deployment, sets: Iterable[ReplicaSet]) -> ReplicaSet | None:
    """The set of the current template; of several, which should not be, the oldest."""
    for rs in sorted(sets, key=age):
        if same_template(rs.spec.template, deployment.spec.template):
            return rs
    return None


def revision_of(rs: ReplicaSet) -> int:
    """The revision that a set bears; 0 if none."""
    text = rs.metadata.annotations.get(REVISION, "")
    return int(text) if text.isdecimal() else 0


def next_revision(old: Iterable[ReplicaSet]) -> int:
    return max(map(revision_of, old), default=0) + 1


def set_annotations(deployment: Deployment, rs: ReplicaSet, revision: int) -> dict[str, str]:
    """The annotations that the set of the current template should have."""
    had = rs.metadata.annotations
    copied = {
        key: value
        for key, value in deployment.metadata.annotations.items()
        if key not in OWN_ANNOTATIONS
    }
    result = {**had, **copied}
    before = revision_of(rs)
    if before < revision:
        result[REVISION] = str(revision)
        if before:
            result[HISTORY] = _history(had.get(HISTORY, ""), before)
    return result


def _history(history: str, revision: int) -> str:
    past = [*(part for part in history.split(",") if part), str(revision)]
    while len(",".join(past)) > MAX_HISTORY:
        past.pop(0)
    return ",".join(past)


def scale_annotations(deployment: Deployment) -> dict[str, str]:
    """What tells a later pass that the Deployment was scaled since, and from what."""
    wanted = deployment.spec.replicas or 0
    return {
        DESIRED_REPLICAS: str(wanted),
        MAX_REPLICAS: str(wanted + fences(deployment).surge),
    }


def new_set(deployment: Deployment, replicas: int, revision: int) -> ReplicaSet:
    """The ReplicaSet of the current template, to be created."""
    template = deployment.spec.template
    hashed = template_hash(template, deployment.status.collisionCount)
    labels: Mapping[str, str] = {**template.metadata.labels, HASH: hashed}
    selector = deployment.spec.selector or LabelSelector()
    empty = ReplicaSet()
    return ReplicaSet(
        metadata=ObjectMeta(
            name=f"{deployment.metadata.name}-{hashed}",
            namespace=deployment.metadata.namespace,
            labels=dict(labels),
            annotations={
                **set_annotations(deployment, empty, revision),
                **scale_annotations(deployment),
            },
            ownerReferences=(controller_ref(deployment),),
        ),
        spec=ReplicaSetSpec(
            replicas=replicas,
            minReadySeconds=deployment.spec.minReadySeconds,
            selector=replace(selector, matchLabels={**selector.matchLabels, HASH: hashed}),
            template=replace(template, metadata=replace(template.metadata, labels=dict(labels))),
        ),
    )
