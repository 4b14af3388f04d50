"""The flows and priority levels that every cluster has from its start.

Four of them are mandatory and cannot be changed: `exempt`, which knows no limits, and `catch-all`,
which takes whatever nothing else has taken.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubepy.api.flowcontrol.v1 import (
    ExemptPriorityLevelConfiguration,
    FlowDistinguisherMethod,
    FlowSchema,
    FlowSchemaSpec,
    GroupSubject,
    LimitedPriorityLevelConfiguration,
    LimitResponse,
    NonResourcePolicyRule,
    PolicyRulesWithSubjects,
    PriorityLevelConfiguration,
    PriorityLevelConfigurationReference,
    PriorityLevelConfigurationSpec,
    QueuingConfiguration,
    ResourcePolicyRule,
    ServiceAccountSubject,
    Subject,
    UserSubject,
)
from kubepy.api.meta.v1 import ObjectMeta

AUTO_UPDATE = "apf.kubernetes.io/autoupdate-spec"
EXEMPT, CATCH_ALL = "exempt", "catch-all"
MANDATORY = (EXEMPT, CATCH_ALL)
ALL = ("*",)
QUEUE_LENGTH = 50
BY_USER, BY_NAMESPACE = "ByUser", "ByNamespace"


def _meta(name: str) -> ObjectMeta:
    return ObjectMeta(name=name, annotations={AUTO_UPDATE: "true"})


# ---- priority levels


def _limited(
    name: str, shares: int, lendable: int, queuing: QueuingConfiguration | None
) -> PriorityLevelConfiguration:
    response = LimitResponse(type="Queue" if queuing else "Reject", queuing=queuing)
    limited = LimitedPriorityLevelConfiguration(
        nominalConcurrencyShares=shares, lendablePercent=lendable, limitResponse=response
    )
    spec = PriorityLevelConfigurationSpec(type="Limited", limited=limited)
    return PriorityLevelConfiguration(metadata=_meta(name), spec=spec)


def _queues(count: int, hand: int) -> QueuingConfiguration:
    return QueuingConfiguration(queues=count, handSize=hand, queueLengthLimit=QUEUE_LENGTH)


LEVELS = (
    PriorityLevelConfiguration(
        metadata=_meta(EXEMPT),
        spec=PriorityLevelConfigurationSpec(
            type="Exempt",
            exempt=ExemptPriorityLevelConfiguration(nominalConcurrencyShares=0, lendablePercent=0),
        ),
    ),
    _limited(CATCH_ALL, 5, 0, None),
    _limited("system", 30, 33, _queues(64, 6)),
    _limited("node-high", 40, 25, _queues(64, 6)),
    _limited("leader-election", 10, 0, _queues(16, 4)),
    _limited("workload-high", 40, 50, _queues(128, 6)),
    _limited("workload-low", 100, 90, _queues(128, 6)),
    _limited("global-default", 20, 50, _queues(128, 6)),
)


# ---- flows


def _user(name: str) -> Subject:
    return Subject(kind="User", user=UserSubject(name=name))


def _group(name: str) -> Subject:
    return Subject(kind="Group", group=GroupSubject(name=name))


def _resources(
    groups: tuple[str, ...] = ALL,
    resources: tuple[str, ...] = ALL,
    verbs: tuple[str, ...] = ALL,
    *,
    cluster: bool = True,
) -> ResourcePolicyRule:
    return ResourcePolicyRule(
        verbs=verbs, apiGroups=groups, resources=resources, clusterScope=cluster, namespaces=ALL
    )


EVERYTHING = ((_resources(),), (NonResourcePolicyRule(verbs=ALL, nonResourceURLs=ALL),))
HEALTH = NonResourcePolicyRule(verbs=("get",), nonResourceURLs=("/healthz", "/readyz", "/livez"))
LEASES = (("coordination.k8s.io",), ("leases",))

EVERYBODY = (_group("system:unauthenticated"), _group("system:authenticated"))
NODES = (_group("system:nodes"),)
SYSTEM_ACCOUNTS = Subject(
    kind="ServiceAccount", serviceAccount=ServiceAccountSubject(namespace="kube-system", name="*")
)
MANAGER, SCHEDULER = _user("system:kube-controller-manager"), _user("system:kube-scheduler")

Rules = tuple[tuple[ResourcePolicyRule, ...], tuple[NonResourcePolicyRule, ...]]


def _flow(
    name: str,
    level: str,
    precedence: int,
    by: str,
    subjects: tuple[Subject, ...],
    rules: Rules = EVERYTHING,
) -> FlowSchema:
    resource_rules, other_rules = rules
    rule = PolicyRulesWithSubjects(
        subjects=subjects, resourceRules=resource_rules, nonResourceRules=other_rules
    )
    spec = FlowSchemaSpec(
        priorityLevelConfiguration=PriorityLevelConfigurationReference(name=level),
        matchingPrecedence=precedence,
        distinguisherMethod=FlowDistinguisherMethod(type=by) if by else None,
        rules=(rule,),
    )
    return FlowSchema(metadata=_meta(name), spec=spec)


_ELECTION = ((_resources(*LEASES, ("get", "create", "update"), cluster=False),), ())
_HEARTBEATS = (
    (
        _resources(("",), ("nodes", "nodes/status")),
        _resources(*LEASES, cluster=False),
    ),
    (),
)

FLOWS = (
    _flow(EXEMPT, EXEMPT, 1, "", (_group("system:masters"),)),
    _flow(CATCH_ALL, CATCH_ALL, 10000, BY_USER, EVERYBODY),
    _flow("probes", EXEMPT, 2, "", EVERYBODY, ((), (HEALTH,))),
    _flow(
        "system-leader-election", "leader-election", 100, BY_USER,
        (MANAGER, SCHEDULER, SYSTEM_ACCOUNTS), _ELECTION,
    ),
    _flow("system-node-high", "node-high", 400, BY_USER, NODES, _HEARTBEATS),
    _flow("system-nodes", "system", 500, BY_USER, NODES),
    _flow("kube-controller-manager", "workload-high", 800, BY_NAMESPACE, (MANAGER,)),
    _flow("kube-scheduler", "workload-high", 800, BY_NAMESPACE, (SCHEDULER,)),
    _flow("kube-system-service-accounts", "workload-high", 900, BY_NAMESPACE, (SYSTEM_ACCOUNTS,)),
    _flow("service-accounts", "workload-low", 9000, BY_USER, (_group("system:serviceaccounts"),)),
    _flow("global-default", "global-default", 9900, BY_USER, EVERYBODY),
)  # fmt: skip

MANDATORY_FLOWS: Mapping[str, FlowSchemaSpec] = {
    flow.metadata.name: flow.spec for flow in FLOWS if flow.metadata.name in MANDATORY
}
MANDATORY_LEVELS: Mapping[str, PriorityLevelConfigurationSpec] = {
    level.metadata.name: level.spec for level in LEVELS if level.metadata.name in MANDATORY
}
