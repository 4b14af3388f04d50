"""How the group versions of this server rank, and the APIServices that say so. Pure.

The numbers are Kubernetes': clients search kinds and print groups in this order.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubepy.api.apiregistration.v1 import APIService, APIServiceSpec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.registry.apiregistration.apiservice import name_of

GroupVersion = tuple[str, str]

AUTOMANAGED = "kube-aggregator.kubernetes.io/automanaged"
ON_START, ALWAYS = "onstart", "true"  # the label's values: kept once a start, or all the time
CUSTOM = (1000, 100)  # of what is defined at run time: behind everything that is built in
OWN_GROUP, OWN_PRIORITY = "apiregistration.k8s.io", 20_000  # before all others, without an object
PRIORITIES: dict[GroupVersion, tuple[int, int]] = {  # of the group, of the version within it
    ("", "v1"): (18000, 1),
    ("apps", "v1"): (17800, 15),
    ("events.k8s.io", "v1"): (17750, 15),
    ("authentication.k8s.io", "v1"): (17700, 15),
    ("authorization.k8s.io", "v1"): (17600, 15),
    ("autoscaling", "v1"): (17500, 15),
    ("autoscaling", "v2"): (17500, 30),
    ("batch", "v1"): (17400, 15),
    ("certificates.k8s.io", "v1"): (17300, 15),
    ("networking.k8s.io", "v1"): (17200, 15),
    ("policy", "v1"): (17100, 15),
    ("rbac.authorization.k8s.io", "v1"): (17000, 15),
    ("storage.k8s.io", "v1"): (16800, 15),
    ("admissionregistration.k8s.io", "v1"): (16700, 15),
    ("apiextensions.k8s.io", "v1"): (16700, 15),
    ("scheduling.k8s.io", "v1"): (16600, 15),
    ("coordination.k8s.io", "v1"): (16500, 15),
    ("node.k8s.io", "v1"): (16300, 15),
    ("discovery.k8s.io", "v1"): (16200, 15),
    ("resource.k8s.io", "v1"): (16200, 20),
    ("flowcontrol.apiserver.k8s.io", "v1"): (16100, 21),
}


def built_in(served: Iterable[GroupVersion]) -> list[APIService]:
    """The APIServices of what this server has from its start."""
    return [
        local(each, PRIORITIES[each], ON_START)
        for each in sorted(set(served))
        if each in PRIORITIES
    ]


def custom(group_version: GroupVersion) -> APIService:
    """The APIService of a group version with custom resources."""
    return local(group_version, CUSTOM, ALWAYS)


def local(group_version: GroupVersion, priority: tuple[int, int], managed: str) -> APIService:
    group, version = group_version
    return APIService(
        metadata=ObjectMeta(name=name_of(group, version), labels={AUTOMANAGED: managed}),
        spec=APIServiceSpec(
            group=group,
            version=version,
            groupPriorityMinimum=priority[0],
            versionPriority=priority[1],
        ),
    )
