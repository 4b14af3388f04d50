"""flowcontrol.apiserver.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int32, Rules, Time, Wire, empty_string, no_items, null, zero

PACKAGE = "k8s.io.api.flowcontrol.v1"
API_VERSION = "flowcontrol.apiserver.k8s.io/v1"


class ExemptPriorityLevelConfiguration(Wire, frozen=True, kw_only=True):
    """What the priority level `exempt` has. Its requests never wait, but the seats that it
    leaves unused can be lent to other levels.
    """

    nominalConcurrencyShares: Int32 | None = None
    lendablePercent: Int32 | None = None


class FlowDistinguisherMethod(Wire, frozen=True, kw_only=True):
    """How the requests of one FlowSchema are divided into flows."""

    type: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True),
    }


class PriorityLevelConfigurationReference(Wire, frozen=True, kw_only=True):
    """Names a priority level."""

    name: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class FlowSchemaSpec(Wire, frozen=True, kw_only=True):
    """Which requests are meant, and how they are treated."""

    priorityLevelConfiguration: PriorityLevelConfigurationReference = _field(
        default_factory=PriorityLevelConfigurationReference
    )
    matchingPrecedence: Int32 = _field(default_factory=zero)
    distinguisherMethod: FlowDistinguisherMethod | None = None
    rules: tuple[PolicyRulesWithSubjects, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "priorityLevelConfiguration": Rules(required=True),
        "rules": Rules(list_type="atomic"),
    }


class FlowSchemaStatus(Wire, frozen=True, kw_only=True):
    """What the controller has found out about a FlowSchema."""

    conditions: tuple[FlowSchemaCondition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class FlowSchema(Wire, frozen=True, kw_only=True):
    """Which requests belong to one flow, and at which priority level they wait."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: FlowSchemaSpec = _field(default_factory=FlowSchemaSpec)
    status: FlowSchemaStatus = _field(default_factory=FlowSchemaStatus)


class FlowSchemaCondition(Wire, frozen=True, kw_only=True):
    """One thing that is known of a FlowSchema's state."""

    type: str = ""
    status: str = ""
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""


class FlowSchemaList(Wire, frozen=True, kw_only=True):
    """A list of FlowSchemas."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[FlowSchema, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class GroupSubject(Wire, frozen=True, kw_only=True):
    """A group of users."""

    name: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class LimitResponse(Wire, frozen=True, kw_only=True):
    """What becomes of a request for which there is no seat at once."""

    type: str = _field(default_factory=empty_string)
    queuing: QueuingConfiguration | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True),
    }


class LimitedPriorityLevelConfiguration(Wire, frozen=True, kw_only=True):
    """How many requests of the level are worked on at once. Each takes a seat, or several."""

    nominalConcurrencyShares: Int32 | None = _field(default_factory=null)
    limitResponse: LimitResponse = _field(default_factory=LimitResponse)
    lendablePercent: Int32 | None = None
    borrowingLimitPercent: Int32 | None = None


class NonResourcePolicyRule(Wire, frozen=True, kw_only=True):
    """Matches requests for paths that are no resources, if both their verb and their path match."""

    verbs: tuple[str, ...] = _field(default_factory=no_items)
    nonResourceURLs: tuple[str, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "verbs": Rules(list_type="set", required=True),
        "nonResourceURLs": Rules(list_type="set", required=True),
    }


class PolicyRulesWithSubjects(Wire, frozen=True, kw_only=True):
    """Matches the requests of one of the subjects that also one of the rules of either kind
    matches. At least one rule is needed.
    """

    subjects: tuple[Subject, ...] = _field(default_factory=no_items)
    resourceRules: tuple[ResourcePolicyRule, ...] = ()
    nonResourceRules: tuple[NonResourcePolicyRule, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "subjects": Rules(list_type="atomic", required=True),
        "resourceRules": Rules(list_type="atomic"),
        "nonResourceRules": Rules(list_type="atomic"),
    }


class PriorityLevelConfigurationSpec(Wire, frozen=True, kw_only=True):
    """Whether requests of the level are limited, and how."""

    type: str = _field(default_factory=empty_string)
    limited: LimitedPriorityLevelConfiguration | None = None
    exempt: ExemptPriorityLevelConfiguration | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True),
    }


class PriorityLevelConfigurationStatus(Wire, frozen=True, kw_only=True):
    """What the server has found out about a priority level."""

    conditions: tuple[PriorityLevelConfigurationCondition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class PriorityLevelConfiguration(Wire, frozen=True, kw_only=True):
    """How many requests of a priority level are worked on at once, and what becomes of the
    others.
    """

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: PriorityLevelConfigurationSpec = _field(default_factory=PriorityLevelConfigurationSpec)
    status: PriorityLevelConfigurationStatus = _field(
        default_factory=PriorityLevelConfigurationStatus
    )


class PriorityLevelConfigurationCondition(Wire, frozen=True, kw_only=True):
    """One thing that is known of a priority level's state."""

    type: str = ""
    status: str = ""
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""


class PriorityLevelConfigurationList(Wire, frozen=True, kw_only=True):
    """A list of PriorityLevelConfigurations."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[PriorityLevelConfiguration, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class QueuingConfiguration(Wire, frozen=True, kw_only=True):
    """The queues of a priority level. Each flow is dealt a hand of them, and its requests go to
    the shortest of the hand: so few flows can get in the way of all others.
    """

    queues: Int32 = _field(default_factory=zero)
    handSize: Int32 = _field(default_factory=zero)
    queueLengthLimit: Int32 = _field(default_factory=zero)


class ResourcePolicyRule(Wire, frozen=True, kw_only=True):
    """Matches requests for resources, if their verb, group, resource and namespace all match."""

    verbs: tuple[str, ...] = _field(default_factory=no_items)
    apiGroups: tuple[str, ...] = _field(default_factory=no_items)
    resources: tuple[str, ...] = _field(default_factory=no_items)
    clusterScope: bool = False
    namespaces: tuple[str, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "verbs": Rules(list_type="set", required=True),
        "apiGroups": Rules(list_type="set", required=True),
        "resources": Rules(list_type="set", required=True),
        "namespaces": Rules(list_type="set"),
    }


class ServiceAccountSubject(Wire, frozen=True, kw_only=True):
    """A service account, or all of a namespace."""

    namespace: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "namespace": Rules(required=True),
        "name": Rules(required=True),
    }


class Subject(Wire, frozen=True, kw_only=True):
    """Who sends a request: exactly the one of the fields that `kind` says."""

    kind: str = _field(default_factory=empty_string)
    user: UserSubject | None = None
    group: GroupSubject | None = None
    serviceAccount: ServiceAccountSubject | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "kind": Rules(required=True),
    }


class UserSubject(Wire, frozen=True, kw_only=True):
    """A user."""

    name: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }
