"""Which controllers there are, and which of them `--controllers` turns on."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller
from kubepy.controllers.deployment.controller import DeploymentController
from kubepy.controllers.endpoints.controller import EndpointsController
from kubepy.controllers.endpointslice.controller import EndpointSliceController
from kubepy.controllers.garbagecollector.controller import GarbageCollector
from kubepy.controllers.namespace.controller import NamespaceController
from kubepy.controllers.nodeipam.controller import NodeIpamController
from kubepy.controllers.nodelifecycle.controller import NodeLifecycleController
from kubepy.controllers.nodelifecycle.plan import Patience
from kubepy.controllers.podgc.controller import PodGarbageCollector
from kubepy.controllers.replicaset.controller import ReplicaSetController
from kubepy.controllers.replicationcontroller.controller import ReplicationControllerController
from kubepy.controllers.rootca.controller import RootCaPublisher
from kubepy.controllers.serviceaccount.controller import ServiceAccountController
from kubepy.controllers.servicecidr.controller import ServiceCIDRController
from kubepy.controllers.storageprotection.controller import ClaimProtection, VolumeProtection
from kubepy.controllers.tainteviction.controller import TaintEvictionController

if TYPE_CHECKING:
    from kubepy.controllers.config import Config


class Settings(Struct, frozen=True, kw_only=True):
    """What controllers are made with: the configuration, and what its files hold."""

    config: Config
    root_ca: str = ""  # PEM


Factory = Callable[[Context, Settings], Controller | None]  # None: nothing for it to do


def _node_ipam(context: Context, settings: Settings) -> Controller | None:
    found = settings.config.pools()
    services = settings.config.service_cluster_ip_range
    reserved = tuple(part.strip() for part in services.split(",") if part.strip())
    return NodeIpamController(context, found, reserved) if found else None


def _node_lifecycle(context: Context, settings: Settings) -> Controller:
    config = settings.config
    patience = Patience(
        monitor_period=config.node_monitor_period,
        grace=config.node_monitor_grace_period,
        startup_grace=config.node_startup_grace_period,
        eviction_rate=config.node_eviction_rate,
        secondary_rate=config.secondary_node_eviction_rate,
        large_zone=config.large_cluster_size_threshold,
        unhealthy_zone=config.unhealthy_zone_threshold,
    )
    return NodeLifecycleController(context, patience)


def _garbage_collector(context: Context, settings: Settings) -> Controller | None:
    return GarbageCollector(context) if settings.config.enable_garbage_collector else None


CONTROLLERS: Mapping[str, Factory] = {
    "deployment-controller": lambda context, _: DeploymentController(context),
    "endpoints-controller": lambda context, _: EndpointsController(context),
    "endpointslice-controller": lambda context, settings: EndpointSliceController(
        context, max_endpoints=settings.config.max_endpoints_per_slice
    ),
    "garbage-collector-controller": _garbage_collector,
    "namespace-controller": lambda context, _: NamespaceController(context),
    "node-ipam-controller": _node_ipam,
    "node-lifecycle-controller": _node_lifecycle,
    "persistentvolume-protection-controller": lambda context, _: VolumeProtection(context),
    "persistentvolumeclaim-protection-controller": lambda context, _: ClaimProtection(context),
    "pod-garbage-collector-controller": lambda context, settings: PodGarbageCollector(
        context, finished_limit=settings.config.terminated_pod_gc_threshold
    ),
    "replicaset-controller": lambda context, _: ReplicaSetController(context),
    "replicationcontroller-controller": lambda context, _: ReplicationControllerController(context),
    "root-ca-certificate-publisher-controller": lambda context, settings: (
        RootCaPublisher(context, settings.root_ca) if settings.root_ca else None
    ),
    "service-cidr-controller": lambda context, _: ServiceCIDRController(context),
    "serviceaccount-controller": lambda context, _: ServiceAccountController(context),
    "taint-eviction-controller": lambda context, _: TaintEvictionController(context),
}

# The names of old, which manifests still bear.
ALIASES: Mapping[str, str] = {
    "deployment": "deployment-controller",
    "endpoint": "endpoints-controller",
    "endpointslice": "endpointslice-controller",
    "garbagecollector": "garbage-collector-controller",
    "namespace": "namespace-controller",
    "nodeipam": "node-ipam-controller",
    "nodelifecycle": "node-lifecycle-controller",
    "podgc": "pod-garbage-collector-controller",
    "pv-protection": "persistentvolume-protection-controller",
    "pvc-protection": "persistentvolumeclaim-protection-controller",
    "replicaset": "replicaset-controller",
    "replicationcontroller": "replicationcontroller-controller",
    "root-ca-cert-publisher": "root-ca-certificate-publisher-controller",
    "serviceaccount": "serviceaccount-controller",
}

# Kubernetes' other controllers, by both names: who turns them on or off means no mistake.
_ELSEWHERE = (
    "attachdetach bootstrap-signer-controller bootstrapsigner "
    "certificatesigningrequest-approving-controller "
    "certificatesigningrequest-cleaner-controller certificatesigningrequest-signing-controller "
    "cloud-node-lifecycle cloud-node-lifecycle-controller clusterrole-aggregation "
    "clusterrole-aggregation-controller cronjob cronjob-controller csrapproving csrcleaner "
    "csrsigning daemonset daemonset-controller device-taint-eviction-controller disruption "
    "disruption-controller endpointslice-mirroring-controller endpointslicemirroring "
    "ephemeral-volume ephemeral-volume-controller horizontal-pod-autoscaler-controller "
    "horizontalpodautoscaling job job-controller "
    "kube-apiserver-serving-clustertrustbundle-publisher-controller "
    "legacy-serviceaccount-token-cleaner legacy-serviceaccount-token-cleaner-controller "
    "node-route-controller persistentvolume-attach-detach-controller persistentvolume-binder "
    "persistentvolume-binder-controller persistentvolume-expander "
    "persistentvolume-expander-controller podcertificaterequest-cleaner-controller "
    "resource-claim-controller resource-claim-extended-resource "
    "resourceclaim-controller resourcequota resourcequota-controller route "
    "selinux-warning-controller service service-lb-controller "
    "serviceaccount-token serviceaccount-token-controller statefulset statefulset-controller "
    "storage-version-gc storage-version-migrator-controller "
    "storageversion-garbage-collector-controller taint-eviction token-cleaner-controller "
    "tokencleaner ttl ttl-after-finished ttl-after-finished-controller ttl-controller "
    "validatingadmissionpolicy-status-controller volumeattributesclass-protection-controller "
)
ELSEWHERE = frozenset(_ELSEWHERE.split())


def check_selection(selection: Sequence[str]) -> Iterator[str]:
    """What is wrong with `--controllers`."""
    for word in selection:
        name = word.removeprefix("-")
        if name == "*" or name in CONTROLLERS or name in ALIASES or name in ELSEWHERE:
            continue
        close = difflib.get_close_matches(name, [*CONTROLLERS, *ALIASES], n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        yield f'--controllers: "{name}" is not in the list of known controllers{hint}'


def selected(selection: Sequence[str]) -> list[str]:
    """The names of the controllers to run. What is named counts before `*`; the first word wins."""
    said: dict[str, bool] = {}
    for word in selection:
        name = word.removeprefix("-")
        said.setdefault(ALIASES.get(name, name), not word.startswith("-"))
    return [name for name in CONTROLLERS if said.get(name, said.get("*", False))]
