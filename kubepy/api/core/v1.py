"""v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Raw
from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import (
    Int32,
    Int64,
    IntOrString,
    MicroTime,
    Quantity,
    Rules,
    Time,
    Wire,
    empty_string,
    false,
    no_bytes,
    no_entries,
    no_items,
    no_quantity,
    null,
    zero,
)

PACKAGE = "k8s.io.api.core.v1"
API_VERSION = "v1"


class AWSElasticBlockStoreVolumeSource(Wire, frozen=True, kw_only=True):
    """An EBS volume of AWS, mounted into a pod. The CSI driver `ebs.csi.aws.com` does the work."""

    volumeID: str = _field(default_factory=empty_string)
    fsType: str = ""
    partition: Int32 = 0
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "volumeID": Rules(required=True),
    }


class Affinity(Wire, frozen=True, kw_only=True):
    """Where a pod wants to be, by the nodes, and by the pods that are there."""

    nodeAffinity: NodeAffinity | None = None
    podAffinity: PodAffinity | None = None
    podAntiAffinity: PodAntiAffinity | None = None


class AppArmorProfile(Wire, frozen=True, kw_only=True):
    """Which AppArmor profile confines a container: the runtime's, one on the node, or none."""

    type: str = _field(default_factory=empty_string)
    localhostProfile: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True, values=("Unconfined", "RuntimeDefault", "Localhost")),
    }


class AttachedVolume(Wire, frozen=True, kw_only=True):
    """A volume that is attached to a node, as the node's status lists it."""

    name: str = _field(default_factory=empty_string)
    devicePath: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "devicePath": Rules(required=True),
    }


class AvoidPods(Wire, frozen=True, kw_only=True):
    """Pods that a node would rather not have. It stood in an annotation of the node once; no
    scheduler reads it today.
    """

    preferAvoidPods: tuple[PreferAvoidPodsEntry, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "preferAvoidPods": Rules(list_type="atomic"),
    }


class AzureDiskVolumeSource(Wire, frozen=True, kw_only=True):
    """A disk of Azure, mounted into a pod. The CSI driver `disk.csi.azure.com` does the work."""

    diskName: str = _field(default_factory=empty_string)
    diskURI: str = _field(default_factory=empty_string)
    cachingMode: str | None = None
    fsType: str | None = None
    readOnly: bool | None = None
    kind: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "diskName": Rules(required=True),
        "diskURI": Rules(required=True),
        "cachingMode": Rules(
            default="ref(AzureDataDiskCachingReadWrite)", values=("None", "ReadOnly", "ReadWrite")
        ),
        "fsType": Rules(default='"ext4"'),
        "readOnly": Rules(default="false"),
        "kind": Rules(
            default="ref(AzureSharedBlobDisk)", values=("Shared", "Dedicated", "Managed")
        ),
    }


class AzureFilePersistentVolumeSource(Wire, frozen=True, kw_only=True):
    """A file share of Azure as a PersistentVolume. The CSI driver `file.csi.azure.com` does the
    work.
    """

    secretName: str = _field(default_factory=empty_string)
    shareName: str = _field(default_factory=empty_string)
    readOnly: bool = False
    secretNamespace: str | None = _field(default_factory=null)

    __rules__: ClassVar[dict[str, Rules]] = {
        "secretName": Rules(required=True),
        "shareName": Rules(required=True),
    }


class AzureFileVolumeSource(Wire, frozen=True, kw_only=True):
    """A file share of Azure, mounted into a pod. The CSI driver `file.csi.azure.com` does the
    work.
    """

    secretName: str = _field(default_factory=empty_string)
    shareName: str = _field(default_factory=empty_string)
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "secretName": Rules(required=True),
        "shareName": Rules(required=True),
    }


class ObjectReference(Wire, frozen=True, kw_only=True):
    """Any object, or with fieldPath a part of one. New APIs use a narrower type."""

    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    apiVersion: str = ""
    resourceVersion: str = ""
    fieldPath: str = ""

    __atomic__: ClassVar[bool] = True


class Binding(Wire, frozen=True, kw_only=True):
    """Sends a pod to a node: the scheduler posts it, and spec.nodeName is set by it alone."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    target: ObjectReference = _field(default_factory=ObjectReference)

    __rules__: ClassVar[dict[str, Rules]] = {
        "target": Rules(required=True),
    }


class CSIPersistentVolumeSource(Wire, frozen=True, kw_only=True):
    """A PersistentVolume that a CSI driver provides."""

    driver: str = _field(default_factory=empty_string)
    volumeHandle: str = _field(default_factory=empty_string)
    readOnly: bool = False
    fsType: str = ""
    volumeAttributes: dict[str, str] = _field(default_factory=dict)
    controllerPublishSecretRef: SecretReference | None = None
    nodeStageSecretRef: SecretReference | None = None
    nodePublishSecretRef: SecretReference | None = None
    controllerExpandSecretRef: SecretReference | None = None
    nodeExpandSecretRef: SecretReference | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "driver": Rules(required=True),
        "volumeHandle": Rules(required=True),
    }


class CSIVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume that a CSI driver makes for one pod, inline in the pod's spec; it goes when the
    pod goes. The driver must say that it can do that.
    """

    driver: str = _field(default_factory=empty_string)
    readOnly: bool | None = None
    fsType: str | None = None
    volumeAttributes: dict[str, str] = _field(default_factory=dict)
    nodePublishSecretRef: LocalObjectReference | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "driver": Rules(required=True),
    }


class Capabilities(Wire, frozen=True, kw_only=True):
    """Linux capabilities added to and taken from what the runtime gives a container."""

    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "add": Rules(list_type="atomic"),
        "drop": Rules(list_type="atomic"),
    }


class CephFSPersistentVolumeSource(Wire, frozen=True, kw_only=True):
    """Deprecated: a Ceph filesystem as a PersistentVolume. No kubelet mounts it any more; a CSI
    driver takes its place.
    """

    monitors: tuple[str, ...] = _field(default_factory=no_items)
    path: str = ""
    user: str = ""
    secretFile: str = ""
    secretRef: SecretReference | None = None
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "monitors": Rules(list_type="atomic", required=True),
    }


class CephFSVolumeSource(Wire, frozen=True, kw_only=True):
    """Deprecated: a Ceph filesystem, mounted into a pod. No kubelet mounts it any more; a CSI
    driver takes its place.
    """

    monitors: tuple[str, ...] = _field(default_factory=no_items)
    path: str = ""
    user: str = ""
    secretFile: str = ""
    secretRef: LocalObjectReference | None = None
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "monitors": Rules(list_type="atomic", required=True),
    }


class CinderPersistentVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume of OpenStack's Cinder as a PersistentVolume. The CSI driver
    `cinder.csi.openstack.org` does the work.
    """

    volumeID: str = _field(default_factory=empty_string)
    fsType: str = ""
    readOnly: bool = False
    secretRef: SecretReference | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "volumeID": Rules(required=True),
    }


class CinderVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume of OpenStack's Cinder, mounted into a pod. The CSI driver
    `cinder.csi.openstack.org` does the work.
    """

    volumeID: str = _field(default_factory=empty_string)
    fsType: str = ""
    readOnly: bool = False
    secretRef: LocalObjectReference | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "volumeID": Rules(required=True),
    }


class ClientIPConfig(Wire, frozen=True, kw_only=True):
    """How long a Service keeps sending a client to the same endpoint."""

    timeoutSeconds: Int32 | None = None


class ClusterTrustBundleProjection(Wire, frozen=True, kw_only=True):
    """Certificates of authorities as one PEM file in a projected volume: those of one
    ClusterTrustBundle, or of all that a signer has.
    """

    name: str | None = None
    signerName: str | None = None
    labelSelector: meta_v1.LabelSelector | None = None
    optional: bool | None = None
    path: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "path": Rules(required=True),
    }


class ComponentCondition(Wire, frozen=True, kw_only=True):
    """Whether one component is healthy, as ComponentStatus reports it."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    message: str = ""
    error: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True, values=("Healthy",)),
        "status": Rules(required=True, values=("True", "False", "Unknown")),
    }


class ComponentStatus(Wire, frozen=True, kw_only=True):
    """Deprecated: whether a component of the control plane is healthy."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    conditions: tuple[ComponentCondition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class ComponentStatusList(Wire, frozen=True, kw_only=True):
    """A list of ComponentStatus."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ComponentStatus, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ConfigMap(Wire, frozen=True, kw_only=True):
    """Configuration as text (`data`) or bytes (`binaryData`) by key, a megabyte at the most."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    immutable: bool | None = None
    data: dict[str, str] = _field(default_factory=dict)
    binaryData: dict[str, bytes] = _field(default_factory=dict)


class ConfigMapEnvSource(Wire, frozen=True, kw_only=True):
    """A ConfigMap in the pod's own namespace, whose keys become variables of a container."""

    name: str = ""
    optional: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(default='""'),
    }


class ConfigMapKeySelector(Wire, frozen=True, kw_only=True):
    """One key of a ConfigMap in the pod's own namespace."""

    name: str = ""
    key: str = _field(default_factory=empty_string)
    optional: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(default='""'),
        "key": Rules(required=True),
    }

    __atomic__: ClassVar[bool] = True


class ConfigMapList(Wire, frozen=True, kw_only=True):
    """A list of ConfigMaps."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ConfigMap, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ConfigMapNodeConfigSource(Wire, frozen=True, kw_only=True):
    """Deprecated: a ConfigMap from which a kubelet took its configuration. No kubelet does so
    any more.
    """

    namespace: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)
    uid: str = ""
    resourceVersion: str = ""
    kubeletConfigKey: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "namespace": Rules(required=True),
        "name": Rules(required=True),
        "kubeletConfigKey": Rules(required=True),
    }


class ConfigMapProjection(Wire, frozen=True, kw_only=True):
    """The keys of a ConfigMap as files of a projected volume."""

    name: str = ""
    items: tuple[KeyToPath, ...] = ()
    optional: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(default='""'),
        "items": Rules(list_type="atomic"),
    }


class ConfigMapVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume with the keys of a ConfigMap as files. The files follow the ConfigMap when it
    changes.
    """

    name: str = ""
    items: tuple[KeyToPath, ...] = ()
    defaultMode: Int32 | None = None
    optional: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(default='""'),
        "items": Rules(list_type="atomic"),
    }


class ResourceRequirements(Wire, frozen=True, kw_only=True):
    """`requests` is what scheduling counts with, `limits` what the kernel enforces. A limit
    alone is also the request.
    """

    limits: dict[str, Quantity] = _field(default_factory=dict)
    requests: dict[str, Quantity] = _field(default_factory=dict)
    claims: tuple[ResourceClaim, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "claims": Rules(list_type="map", list_map_keys=("name",)),
    }


class Container(Wire, frozen=True, kw_only=True):
    """One program of a pod, in its own image and cgroup. What a template leaves out is defaulted
    when the object is created, and most of it never changes afterwards.
    """

    name: str = _field(default_factory=empty_string)
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    workingDir: str = ""
    ports: tuple[ContainerPort, ...] = ()
    envFrom: tuple[EnvFromSource, ...] = ()
    env: tuple[EnvVar, ...] = ()
    resources: ResourceRequirements = _field(default_factory=ResourceRequirements)
    resizePolicy: tuple[ContainerResizePolicy, ...] = ()
    restartPolicy: str | None = None
    restartPolicyRules: tuple[ContainerRestartRule, ...] = ()
    volumeMounts: tuple[VolumeMount, ...] = ()
    volumeDevices: tuple[VolumeDevice, ...] = ()
    livenessProbe: Probe | None = None
    readinessProbe: Probe | None = None
    startupProbe: Probe | None = None
    lifecycle: Lifecycle | None = None
    terminationMessagePath: str = ""
    terminationMessagePolicy: str = ""
    imagePullPolicy: str = ""
    securityContext: SecurityContext | None = None
    stdin: bool = False
    stdinOnce: bool = False
    tty: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "command": Rules(list_type="atomic"),
        "args": Rules(list_type="atomic"),
        "ports": Rules(
            list_type="map",
            patch_merge_key="containerPort",
            patch_strategy="merge",
            list_map_keys=("containerPort", "protocol"),
        ),
        "envFrom": Rules(list_type="atomic"),
        "env": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
        "resizePolicy": Rules(list_type="atomic"),
        "restartPolicy": Rules(values=("Always", "Never", "OnFailure")),
        "restartPolicyRules": Rules(list_type="atomic"),
        "volumeMounts": Rules(
            list_type="map",
            patch_merge_key="mountPath",
            patch_strategy="merge",
            list_map_keys=("mountPath",),
        ),
        "volumeDevices": Rules(
            list_type="map",
            patch_merge_key="devicePath",
            patch_strategy="merge",
            list_map_keys=("devicePath",),
        ),
        "terminationMessagePolicy": Rules(values=("File", "FallbackToLogsOnError")),
        "imagePullPolicy": Rules(values=("Always", "Never", "IfNotPresent")),
    }


class ContainerExtendedResourceRequest(Wire, frozen=True, kw_only=True):
    """Which request of a pod's ResourceClaim stands for an extended resource that a container
    asks for.
    """

    containerName: str = _field(default_factory=empty_string)
    resourceName: str = _field(default_factory=empty_string)
    requestName: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "containerName": Rules(required=True),
        "resourceName": Rules(required=True),
        "requestName": Rules(required=True),
    }


class ContainerImage(Wire, frozen=True, kw_only=True):
    """An image that a node has: every name it goes by, and its size in bytes."""

    names: tuple[str, ...] = _field(default_factory=no_items)
    sizeBytes: Int64 = 0

    __rules__: ClassVar[dict[str, Rules]] = {
        "names": Rules(list_type="atomic"),
    }


class ContainerPort(Wire, frozen=True, kw_only=True):
    """A port that a container says it listens at. Only hostPort has an effect; names may be used
    in a Service's targetPort and in probes.
    """

    name: str = ""
    hostPort: Int32 = 0
    containerPort: Int32 = _field(default_factory=zero)
    protocol: str = ""
    hostIP: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "containerPort": Rules(required=True),
        "protocol": Rules(default='"TCP"', values=("TCP", "UDP", "SCTP")),
    }


class ContainerResizePolicy(Wire, frozen=True, kw_only=True):
    """Whether a container lives on when the amount of one of its resources is changed."""

    resourceName: str = _field(default_factory=empty_string)
    restartPolicy: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "resourceName": Rules(
            required=True,
            values=(
                "cpu",
                "memory",
                "storage",
                "ephemeral-storage",
                "pods",
                "services",
                "replicationcontrollers",
                "resourcequotas",
                "secrets",
                "configmaps",
                "persistentvolumeclaims",
                "services.nodeports",
                "services.loadbalancers",
                "requests.cpu",
                "requests.memory",
                "requests.storage",
                "requests.ephemeral-storage",
                "limits.cpu",
                "limits.memory",
                "limits.ephemeral-storage",
            ),
        ),
        "restartPolicy": Rules(required=True, values=("NotRequired", "RestartContainer")),
    }


class ContainerRestartRule(Wire, frozen=True, kw_only=True):
    """What is done about a container that ended in a certain way, whatever its restart policy
    says.
    """

    action: str = ""
    exitCodes: ContainerRestartRuleOnExitCodes | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "action": Rules(required=True, values=("Restart", "RestartAllContainers")),
    }


class ContainerRestartRuleOnExitCodes(Wire, frozen=True, kw_only=True):
    """A set of exit codes, or all codes but those of the set."""

    operator: str = ""
    values: tuple[Int32, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "operator": Rules(required=True, values=("In", "NotIn")),
        "values": Rules(list_type="set"),
    }


class ContainerState(Wire, frozen=True, kw_only=True):
    """At most one field is set; none means waiting."""

    waiting: ContainerStateWaiting | None = None
    running: ContainerStateRunning | None = None
    terminated: ContainerStateTerminated | None = None


class ContainerStateRunning(Wire, frozen=True, kw_only=True):
    """A container that runs."""

    startedAt: Time | None = _field(default_factory=null)


class ContainerStateTerminated(Wire, frozen=True, kw_only=True):
    """How a container ended: exit code 137 with reason OOMKilled is the kernel's memory killer."""

    exitCode: Int32 = _field(default_factory=zero)
    signal: Int32 = 0
    reason: str = ""
    message: str = ""
    startedAt: Time | None = _field(default_factory=null)
    finishedAt: Time | None = _field(default_factory=null)
    containerID: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "exitCode": Rules(required=True),
    }


class ContainerStateWaiting(Wire, frozen=True, kw_only=True):
    """Why a container does not run yet: ContainerCreating, CrashLoopBackOff, ImagePullBackOff …"""

    reason: str = ""
    message: str = ""


class ContainerStatus(Wire, frozen=True, kw_only=True):
    """What the kubelet last saw of a container. `ready` needs a passed readiness probe,
    `started` a passed startup probe; restartCount counts what the runtime still remembers.
    """

    name: str = _field(default_factory=empty_string)
    state: ContainerState = _field(default_factory=ContainerState)
    lastState: ContainerState = _field(default_factory=ContainerState)
    ready: bool = _field(default_factory=false)
    restartCount: Int32 = _field(default_factory=zero)
    image: str = _field(default_factory=empty_string)
    imageID: str = _field(default_factory=empty_string)
    containerID: str = ""
    started: bool | None = None
    allocatedResources: dict[str, Quantity] = _field(default_factory=dict)
    resources: ResourceRequirements | None = None
    volumeMounts: tuple[VolumeMountStatus, ...] = ()
    user: ContainerUser | None = None
    allocatedResourcesStatus: tuple[ResourceStatus, ...] = ()
    stopSignal: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "ready": Rules(required=True),
        "restartCount": Rules(required=True),
        "image": Rules(required=True),
        "imageID": Rules(required=True),
        "volumeMounts": Rules(
            list_type="map",
            patch_merge_key="mountPath",
            patch_strategy="merge",
            list_map_keys=("mountPath",),
        ),
        "allocatedResourcesStatus": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
        "stopSignal": Rules(
            values=(
                "SIGABRT",
                "SIGALRM",
                "SIGBUS",
                "SIGCHLD",
                "SIGCLD",
                "SIGCONT",
                "SIGFPE",
                "SIGHUP",
                "SIGILL",
                "SIGINT",
                "SIGIO",
                "SIGIOT",
                "SIGKILL",
                "SIGPIPE",
                "SIGPOLL",
                "SIGPROF",
                "SIGPWR",
                "SIGQUIT",
                "SIGSEGV",
                "SIGSTKFLT",
                "SIGSTOP",
                "SIGSYS",
                "SIGTERM",
                "SIGTRAP",
                "SIGTSTP",
                "SIGTTIN",
                "SIGTTOU",
                "SIGURG",
                "SIGUSR1",
                "SIGUSR2",
                "SIGVTALRM",
                "SIGWINCH",
                "SIGXCPU",
                "SIGXFSZ",
                "SIGRTMIN",
                "SIGRTMIN+1",
                "SIGRTMIN+2",
                "SIGRTMIN+3",
                "SIGRTMIN+4",
                "SIGRTMIN+5",
                "SIGRTMIN+6",
                "SIGRTMIN+7",
                "SIGRTMIN+8",
                "SIGRTMIN+9",
                "SIGRTMIN+10",
                "SIGRTMIN+11",
                "SIGRTMIN+12",
                "SIGRTMIN+13",
                "SIGRTMIN+14",
                "SIGRTMIN+15",
                "SIGRTMAX-14",
                "SIGRTMAX-13",
                "SIGRTMAX-12",
                "SIGRTMAX-11",
                "SIGRTMAX-10",
                "SIGRTMAX-9",
                "SIGRTMAX-8",
                "SIGRTMAX-7",
                "SIGRTMAX-6",
                "SIGRTMAX-5",
                "SIGRTMAX-4",
                "SIGRTMAX-3",
                "SIGRTMAX-2",
                "SIGRTMAX-1",
                "SIGRTMAX",
            )
        ),
    }


class ContainerUser(Wire, frozen=True, kw_only=True):
    """As whom the first process of a container was started."""

    linux: LinuxContainerUser | None = None


class DaemonEndpoint(Wire, frozen=True, kw_only=True):
    """A port at which a daemon of a node listens."""

    Port: Int32 = _field(default_factory=zero)

    __rules__: ClassVar[dict[str, Rules]] = {
        "Port": Rules(required=True),
    }


class DownwardAPIProjection(Wire, frozen=True, kw_only=True):
    """Facts about the pod as files of a projected volume."""

    items: tuple[DownwardAPIVolumeFile, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(list_type="atomic"),
    }


class DownwardAPIVolumeFile(Wire, frozen=True, kw_only=True):
    """A file whose content is a field of the pod or a resource of one of its containers."""

    path: str = _field(default_factory=empty_string)
    fieldRef: ObjectFieldSelector | None = None
    resourceFieldRef: ResourceFieldSelector | None = None
    mode: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "path": Rules(required=True),
    }


class DownwardAPIVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume with facts about the pod as files. Files with labels or annotations follow their
    changes.
    """

    items: tuple[DownwardAPIVolumeFile, ...] = ()
    defaultMode: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(list_type="atomic"),
    }


class EmptyDirVolumeSource(Wire, frozen=True, kw_only=True):
    """A directory that lives as long as the pod on its node; medium Memory makes it a tmpfs."""

    medium: str = ""
    sizeLimit: Quantity | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "medium": Rules(values=("", "Memory", "HugePages", "HugePages-")),
    }


class EndpointAddress(Wire, frozen=True, kw_only=True):
    """One address behind a Service."""

    ip: str = _field(default_factory=empty_string)
    hostname: str = ""
    nodeName: str | None = None
    targetRef: ObjectReference | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "ip": Rules(required=True),
    }

    __atomic__: ClassVar[bool] = True


class EndpointPort(Wire, frozen=True, kw_only=True):
    """One port at which the addresses of a subset listen."""

    name: str = ""
    port: Int32 = _field(default_factory=zero)
    protocol: str = ""
    appProtocol: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "port": Rules(required=True),
        "protocol": Rules(values=("TCP", "UDP", "SCTP")),
    }

    __atomic__: ClassVar[bool] = True


class EndpointSubset(Wire, frozen=True, kw_only=True):
    """Addresses times ports: every address listens at every port."""

    addresses: tuple[EndpointAddress, ...] = ()
    notReadyAddresses: tuple[EndpointAddress, ...] = ()
    ports: tuple[EndpointPort, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "addresses": Rules(list_type="atomic"),
        "notReadyAddresses": Rules(list_type="atomic"),
        "ports": Rules(list_type="atomic"),
    }


class Endpoints(Wire, frozen=True, kw_only=True):
    """The addresses behind a Service in one object. EndpointSlice is what proxies read; this is
    kept for older clients.
    """

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    subsets: tuple[EndpointSubset, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "subsets": Rules(list_type="atomic"),
    }


class EndpointsList(Wire, frozen=True, kw_only=True):
    """A list of Endpoints."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Endpoints, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class EnvFromSource(Wire, frozen=True, kw_only=True):
    """Every key of a ConfigMap or Secret becomes a variable, with a prefix."""

    prefix: str = ""
    configMapRef: ConfigMapEnvSource | None = None
    secretRef: SecretEnvSource | None = None


class EnvVar(Wire, frozen=True, kw_only=True):
    """A variable of a container. `value` may refer to variables defined before it as $(NAME)."""

    name: str = _field(default_factory=empty_string)
    value: str = ""
    valueFrom: EnvVarSource | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class EnvVarSource(Wire, frozen=True, kw_only=True):
    """Where the value of a variable comes from. Exactly one field is set; the value is read when
    the container starts.
    """

    fieldRef: ObjectFieldSelector | None = None
    resourceFieldRef: ResourceFieldSelector | None = None
    configMapKeyRef: ConfigMapKeySelector | None = None
    secretKeyRef: SecretKeySelector | None = None
    fileKeyRef: FileKeySelector | None = None


class EphemeralContainer(Wire, frozen=True, kw_only=True):
    """A container put into a running pod for debugging. It has no ports, probes or guarantees,
    is never restarted, and cannot be taken out again.
    """

    name: str = _field(default_factory=empty_string)
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    workingDir: str = ""
    ports: tuple[ContainerPort, ...] = ()
    envFrom: tuple[EnvFromSource, ...] = ()
    env: tuple[EnvVar, ...] = ()
    resources: ResourceRequirements = _field(default_factory=ResourceRequirements)
    resizePolicy: tuple[ContainerResizePolicy, ...] = ()
    restartPolicy: str | None = None
    restartPolicyRules: tuple[ContainerRestartRule, ...] = ()
    volumeMounts: tuple[VolumeMount, ...] = ()
    volumeDevices: tuple[VolumeDevice, ...] = ()
    livenessProbe: Probe | None = None
    readinessProbe: Probe | None = None
    startupProbe: Probe | None = None
    lifecycle: Lifecycle | None = None
    terminationMessagePath: str = ""
    terminationMessagePolicy: str = ""
    imagePullPolicy: str = ""
    securityContext: SecurityContext | None = None
    stdin: bool = False
    stdinOnce: bool = False
    tty: bool = False
    targetContainerName: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "command": Rules(list_type="atomic"),
        "args": Rules(list_type="atomic"),
        "ports": Rules(
            list_type="map",
            patch_merge_key="containerPort",
            patch_strategy="merge",
            list_map_keys=("containerPort", "protocol"),
        ),
        "envFrom": Rules(list_type="atomic"),
        "env": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
        "resizePolicy": Rules(list_type="atomic"),
        "restartPolicy": Rules(values=("Always", "Never", "OnFailure")),
        "restartPolicyRules": Rules(list_type="atomic"),
        "volumeMounts": Rules(
            list_type="map",
            patch_merge_key="mountPath",
            patch_strategy="merge",
            list_map_keys=("mountPath",),
        ),
        "volumeDevices": Rules(
            list_type="map",
            patch_merge_key="devicePath",
            patch_strategy="merge",
            list_map_keys=("devicePath",),
        ),
        "terminationMessagePolicy": Rules(values=("File", "FallbackToLogsOnError")),
        "imagePullPolicy": Rules(values=("Always", "Never", "IfNotPresent")),
    }


class EphemeralContainerCommon(Wire, frozen=True, kw_only=True):
    """The fields that an ephemeral container has in common with other containers. Those that
    make no sense for it are there but must be empty.
    """

    name: str = _field(default_factory=empty_string)
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    workingDir: str = ""
    ports: tuple[ContainerPort, ...] = ()
    envFrom: tuple[EnvFromSource, ...] = ()
    env: tuple[EnvVar, ...] = ()
    resources: ResourceRequirements = _field(default_factory=ResourceRequirements)
    resizePolicy: tuple[ContainerResizePolicy, ...] = ()
    restartPolicy: str | None = None
    restartPolicyRules: tuple[ContainerRestartRule, ...] = ()
    volumeMounts: tuple[VolumeMount, ...] = ()
    volumeDevices: tuple[VolumeDevice, ...] = ()
    livenessProbe: Probe | None = None
    readinessProbe: Probe | None = None
    startupProbe: Probe | None = None
    lifecycle: Lifecycle | None = None
    terminationMessagePath: str = ""
    terminationMessagePolicy: str = ""
    imagePullPolicy: str = ""
    securityContext: SecurityContext | None = None
    stdin: bool = False
    stdinOnce: bool = False
    tty: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "command": Rules(list_type="atomic"),
        "args": Rules(list_type="atomic"),
        "ports": Rules(
            list_type="map",
            patch_merge_key="containerPort",
            patch_strategy="merge",
            list_map_keys=("containerPort", "protocol"),
        ),
        "envFrom": Rules(list_type="atomic"),
        "env": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
        "resizePolicy": Rules(list_type="atomic"),
        "restartPolicy": Rules(values=("Always", "Never", "OnFailure")),
        "restartPolicyRules": Rules(list_type="atomic"),
        "volumeMounts": Rules(
            list_type="map",
            patch_merge_key="mountPath",
            patch_strategy="merge",
            list_map_keys=("mountPath",),
        ),
        "volumeDevices": Rules(
            list_type="map",
            patch_merge_key="devicePath",
            patch_strategy="merge",
            list_map_keys=("devicePath",),
        ),
        "terminationMessagePolicy": Rules(values=("File", "FallbackToLogsOnError")),
        "imagePullPolicy": Rules(values=("Always", "Never", "IfNotPresent")),
    }


class EphemeralVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume whose claim is made for one pod and goes with it."""

    volumeClaimTemplate: PersistentVolumeClaimTemplate | None = None


class EventSource(Wire, frozen=True, kw_only=True):
    """Who wrote an event."""

    component: str = ""
    host: str = ""


class Event(Wire, frozen=True, kw_only=True):
    """What happened to an object, told once: a component writes it, nobody depends on it, and it
    goes after an hour. Repetitions raise `count` (old style) or `series` (new style).
    """

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    involvedObject: ObjectReference = _field(default_factory=ObjectReference)
    reason: str = ""
    message: str = ""
    source: EventSource = _field(default_factory=EventSource)
    firstTimestamp: Time | None = _field(default_factory=null)
    lastTimestamp: Time | None = _field(default_factory=null)
    count: Int32 = 0
    type: str = ""
    eventTime: MicroTime | None = _field(default_factory=null)
    series: EventSeries | None = None
    action: str = ""
    related: ObjectReference | None = None
    reportingComponent: str = _field(default_factory=empty_string)
    reportingInstance: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "metadata": Rules(required=True),
        "involvedObject": Rules(required=True),
    }


class EventList(Wire, frozen=True, kw_only=True):
    """A list of Events."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Event, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class EventSeries(Wire, frozen=True, kw_only=True):
    """Repetitions of one event, told in the event itself."""

    count: Int32 = 0
    lastObservedTime: MicroTime | None = _field(default_factory=null)


class ExecAction(Wire, frozen=True, kw_only=True):
    """A command run in the container; exit status 0 is success. No shell is in between."""

    command: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "command": Rules(list_type="atomic"),
    }


class FCVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume reached over Fibre Channel. Only one node at a time can mount it for writing."""

    targetWWNs: tuple[str, ...] = ()
    lun: Int32 | None = None
    fsType: str = ""
    readOnly: bool = False
    wwids: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "targetWWNs": Rules(list_type="atomic"),
        "wwids": Rules(list_type="atomic"),
    }


class FileKeySelector(Wire, frozen=True, kw_only=True):
    """One variable from a file of variables that another container of the pod has written."""

    volumeName: str = _field(default_factory=empty_string)
    path: str = _field(default_factory=empty_string)
    key: str = _field(default_factory=empty_string)
    optional: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "volumeName": Rules(required=True),
        "path": Rules(required=True),
        "key": Rules(required=True),
        "optional": Rules(default="false"),
    }

    __atomic__: ClassVar[bool] = True


class FlexPersistentVolumeSource(Wire, frozen=True, kw_only=True):
    """Deprecated: a PersistentVolume that a program on the node mounts. CSI takes its place."""

    driver: str = _field(default_factory=empty_string)
    fsType: str = ""
    secretRef: SecretReference | None = None
    readOnly: bool = False
    options: dict[str, str] = _field(default_factory=dict)

    __rules__: ClassVar[dict[str, Rules]] = {
        "driver": Rules(required=True),
    }


class FlexVolumeSource(Wire, frozen=True, kw_only=True):
    """Deprecated: a volume that a program on the node mounts. CSI takes its place."""

    driver: str = _field(default_factory=empty_string)
    fsType: str = ""
    secretRef: LocalObjectReference | None = None
    readOnly: bool = False
    options: dict[str, str] = _field(default_factory=dict)

    __rules__: ClassVar[dict[str, Rules]] = {
        "driver": Rules(required=True),
    }


class FlockerVolumeSource(Wire, frozen=True, kw_only=True):
    """Deprecated: a dataset of Flocker. No kubelet mounts it any more."""

    datasetName: str = ""
    datasetUUID: str = ""


class GCEPersistentDiskVolumeSource(Wire, frozen=True, kw_only=True):
    """A persistent disk of Google Compute Engine. The CSI driver `pd.csi.storage.gke.io` does
    the work.
    """

    pdName: str = _field(default_factory=empty_string)
    fsType: str = ""
    partition: Int32 = 0
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "pdName": Rules(required=True),
    }


class GRPCAction(Wire, frozen=True, kw_only=True):
    """A call of gRPC's standard health service at the pod's address; the answer `SERVING` is
    success.
    """

    port: Int32 = _field(default_factory=zero)
    service: str | None = _field(default_factory=null)

    __rules__: ClassVar[dict[str, Rules]] = {
        "port": Rules(required=True),
        "service": Rules(default='""'),
    }


class GitRepoVolumeSource(Wire, frozen=True, kw_only=True):
    """Deprecated: a volume with a git repository cloned into it; kubelets refuse it unless told
    otherwise. Let an init container clone into an emptyDir.
    """

    repository: str = _field(default_factory=empty_string)
    revision: str = ""
    directory: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "repository": Rules(required=True),
    }


class GlusterfsPersistentVolumeSource(Wire, frozen=True, kw_only=True):
    """Deprecated: a Gluster volume as a PersistentVolume. No kubelet mounts it any more."""

    endpoints: str = _field(default_factory=empty_string)
    path: str = _field(default_factory=empty_string)
    readOnly: bool = False
    endpointsNamespace: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "endpoints": Rules(required=True),
        "path": Rules(required=True),
    }


class GlusterfsVolumeSource(Wire, frozen=True, kw_only=True):
    """Deprecated: a Gluster volume, mounted into a pod. No kubelet mounts it any more."""

    endpoints: str = _field(default_factory=empty_string)
    path: str = _field(default_factory=empty_string)
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "endpoints": Rules(required=True),
        "path": Rules(required=True),
    }


class HTTPGetAction(Wire, frozen=True, kw_only=True):
    """An HTTP request; 200 to 399 is success. An empty host means the pod's address."""

    path: str = ""
    port: IntOrString = _field(default_factory=zero)
    host: str = ""
    scheme: str = ""
    httpHeaders: tuple[HTTPHeader, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "port": Rules(required=True),
        "scheme": Rules(values=("HTTP", "HTTPS")),
        "httpHeaders": Rules(list_type="atomic"),
    }


class HTTPHeader(Wire, frozen=True, kw_only=True):
    """One header of an HTTP request."""

    name: str = _field(default_factory=empty_string)
    value: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "value": Rules(required=True),
    }


class HostAlias(Wire, frozen=True, kw_only=True):
    """Lines for the pod's /etc/hosts."""

    ip: str = _field(default_factory=empty_string)
    hostnames: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ip": Rules(required=True),
        "hostnames": Rules(list_type="atomic"),
    }


class HostIP(Wire, frozen=True, kw_only=True):
    """One address of the node where a pod is."""

    ip: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "ip": Rules(required=True),
    }


class HostPathVolumeSource(Wire, frozen=True, kw_only=True):
    """A path of the node itself; `type` says what must be there, or be made, before the pod
    starts.
    """

    path: str = _field(default_factory=empty_string)
    type: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "path": Rules(required=True),
        "type": Rules(
            values=(
                "",
                "DirectoryOrCreate",
                "Directory",
                "FileOrCreate",
                "File",
                "Socket",
                "CharDevice",
                "BlockDevice",
            )
        ),
    }


class ISCSIPersistentVolumeSource(Wire, frozen=True, kw_only=True):
    """A unit of an iSCSI target as a PersistentVolume. Only one node at a time can mount it for
    writing.
    """

    targetPortal: str = _field(default_factory=empty_string)
    iqn: str = _field(default_factory=empty_string)
    lun: Int32 = _field(default_factory=zero)
    iscsiInterface: str = ""
    fsType: str = ""
    readOnly: bool = False
    portals: tuple[str, ...] = ()
    chapAuthDiscovery: bool = False
    chapAuthSession: bool = False
    secretRef: SecretReference | None = None
    initiatorName: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "targetPortal": Rules(required=True),
        "iqn": Rules(required=True),
        "lun": Rules(required=True),
        "iscsiInterface": Rules(default='"default"'),
        "portals": Rules(list_type="atomic"),
    }


class ISCSIVolumeSource(Wire, frozen=True, kw_only=True):
    """A unit of an iSCSI target, mounted into a pod. Only one node at a time can mount it for
    writing.
    """

    targetPortal: str = _field(default_factory=empty_string)
    iqn: str = _field(default_factory=empty_string)
    lun: Int32 = _field(default_factory=zero)
    iscsiInterface: str = ""
    fsType: str = ""
    readOnly: bool = False
    portals: tuple[str, ...] = ()
    chapAuthDiscovery: bool = False
    chapAuthSession: bool = False
    secretRef: LocalObjectReference | None = None
    initiatorName: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "targetPortal": Rules(required=True),
        "iqn": Rules(required=True),
        "lun": Rules(required=True),
        "iscsiInterface": Rules(default='"default"'),
        "portals": Rules(list_type="atomic"),
    }


class ImageVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume with the files of an image or of another artifact of a registry, read-only."""

    reference: str = ""
    pullPolicy: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "pullPolicy": Rules(values=("Always", "Never", "IfNotPresent")),
    }


class ImageVolumeStatus(Wire, frozen=True, kw_only=True):
    """Which image a volume of an image came to have."""

    imageRef: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "imageRef": Rules(required=True),
    }


class KeyToPath(Wire, frozen=True, kw_only=True):
    """Puts a key at a path of its own, with its own mode."""

    key: str = _field(default_factory=empty_string)
    path: str = _field(default_factory=empty_string)
    mode: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "key": Rules(required=True),
        "path": Rules(required=True),
    }


class Lifecycle(Wire, frozen=True, kw_only=True):
    """What to do right after a container started and right before it is stopped."""

    postStart: LifecycleHandler | None = None
    preStop: LifecycleHandler | None = None
    stopSignal: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "stopSignal": Rules(
            values=(
                "SIGABRT",
                "SIGALRM",
                "SIGBUS",
                "SIGCHLD",
                "SIGCLD",
                "SIGCONT",
                "SIGFPE",
                "SIGHUP",
                "SIGILL",
                "SIGINT",
                "SIGIO",
                "SIGIOT",
                "SIGKILL",
                "SIGPIPE",
                "SIGPOLL",
                "SIGPROF",
                "SIGPWR",
                "SIGQUIT",
                "SIGSEGV",
                "SIGSTKFLT",
                "SIGSTOP",
                "SIGSYS",
                "SIGTERM",
                "SIGTRAP",
                "SIGTSTP",
                "SIGTTIN",
                "SIGTTOU",
                "SIGURG",
                "SIGUSR1",
                "SIGUSR2",
                "SIGVTALRM",
                "SIGWINCH",
                "SIGXCPU",
                "SIGXFSZ",
                "SIGRTMIN",
                "SIGRTMIN+1",
                "SIGRTMIN+2",
                "SIGRTMIN+3",
                "SIGRTMIN+4",
                "SIGRTMIN+5",
                "SIGRTMIN+6",
                "SIGRTMIN+7",
                "SIGRTMIN+8",
                "SIGRTMIN+9",
                "SIGRTMIN+10",
                "SIGRTMIN+11",
                "SIGRTMIN+12",
                "SIGRTMIN+13",
                "SIGRTMIN+14",
                "SIGRTMIN+15",
                "SIGRTMAX-14",
                "SIGRTMAX-13",
                "SIGRTMAX-12",
                "SIGRTMAX-11",
                "SIGRTMAX-10",
                "SIGRTMAX-9",
                "SIGRTMAX-8",
                "SIGRTMAX-7",
                "SIGRTMAX-6",
                "SIGRTMAX-5",
                "SIGRTMAX-4",
                "SIGRTMAX-3",
                "SIGRTMAX-2",
                "SIGRTMAX-1",
                "SIGRTMAX",
            )
        ),
    }


class LifecycleHandler(Wire, frozen=True, kw_only=True):
    """At most one action."""

    exec: ExecAction | None = None
    httpGet: HTTPGetAction | None = None
    tcpSocket: TCPSocketAction | None = None
    sleep: SleepAction | None = None


class LimitRangeSpec(Wire, frozen=True, kw_only=True):
    """What a LimitRange demands of new pods and claims of its namespace."""

    limits: tuple[LimitRangeItem, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "limits": Rules(list_type="atomic", required=True),
    }


class LimitRange(Wire, frozen=True, kw_only=True):
    """Bounds of resources in a namespace, and what a container gets that asks for nothing."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: LimitRangeSpec = _field(default_factory=LimitRangeSpec)


class LimitRangeItem(Wire, frozen=True, kw_only=True):
    """The limits of one kind of thing in a namespace: of pods, of containers or of claims. Each
    map goes from a resource's name to an amount.
    """

    type: str = _field(default_factory=empty_string)
    max: dict[str, Quantity] = _field(default_factory=dict)
    min: dict[str, Quantity] = _field(default_factory=dict)
    default: dict[str, Quantity] = _field(default_factory=dict)
    defaultRequest: dict[str, Quantity] = _field(default_factory=dict)
    maxLimitRequestRatio: dict[str, Quantity] = _field(default_factory=dict)

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True, values=("Pod", "Container", "PersistentVolumeClaim")),
    }


class LimitRangeList(Wire, frozen=True, kw_only=True):
    """A list of LimitRanges."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[LimitRange, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class LinuxContainerUser(Wire, frozen=True, kw_only=True):
    """The user and the groups that the first process of a container started with, on Linux."""

    uid: Int64 = _field(default_factory=zero)
    gid: Int64 = _field(default_factory=zero)
    supplementalGroups: tuple[Int64, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "uid": Rules(required=True),
        "gid": Rules(required=True),
        "supplementalGroups": Rules(list_type="atomic"),
    }


class List(Wire, frozen=True, kw_only=True):
    """A list of objects of any kinds, as kubectl makes it out of several."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Raw, ...] = ()


class LoadBalancerIngress(Wire, frozen=True, kw_only=True):
    """One point at which a load balancer takes traffic: an address or a host name."""

    ip: str = ""
    hostname: str = ""
    ipMode: str | None = None
    ports: tuple[PortStatus, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ipMode": Rules(values=("VIP", "Proxy")),
        "ports": Rules(list_type="atomic"),
    }


class LoadBalancerStatus(Wire, frozen=True, kw_only=True):
    """Where a load balancer can be reached; empty until the cloud has made it."""

    ingress: tuple[LoadBalancerIngress, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ingress": Rules(list_type="atomic"),
    }


class LocalObjectReference(Wire, frozen=True, kw_only=True):
    """An object of the same namespace by its name."""

    name: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(default='""'),
    }

    __atomic__: ClassVar[bool] = True


class LocalVolumeSource(Wire, frozen=True, kw_only=True):
    """A disk, partition or directory of one node as a PersistentVolume; the volume's
    nodeAffinity says which node.
    """

    path: str = _field(default_factory=empty_string)
    fsType: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "path": Rules(required=True),
    }


class ModifyVolumeStatus(Wire, frozen=True, kw_only=True):
    """How far the change of a volume to another VolumeAttributesClass is."""

    targetVolumeAttributesClassName: str = ""
    status: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "status": Rules(required=True, values=("Pending", "InProgress", "Infeasible")),
    }


class NFSVolumeSource(Wire, frozen=True, kw_only=True):
    """A directory that an NFS server exports; its contents outlive the pod."""

    server: str = _field(default_factory=empty_string)
    path: str = _field(default_factory=empty_string)
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "server": Rules(required=True),
        "path": Rules(required=True),
    }


class NamespaceSpec(Wire, frozen=True, kw_only=True):
    """`finalizers` change through the subresource finalize alone."""

    finalizers: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "finalizers": Rules(list_type="atomic", values=("kubernetes",)),
    }


class NamespaceStatus(Wire, frozen=True, kw_only=True):
    """In what phase a namespace is, and what its deletion waits for."""

    phase: str = ""
    conditions: tuple[NamespaceCondition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "phase": Rules(values=("Active", "Terminating")),
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class Namespace(Wire, frozen=True, kw_only=True):
    """A scope of names. Deleting it deletes everything in it; it stays Terminating until the
    finalizers of its spec are gone.
    """

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: NamespaceSpec = _field(default_factory=NamespaceSpec)
    status: NamespaceStatus = _field(default_factory=NamespaceStatus)


class NamespaceCondition(Wire, frozen=True, kw_only=True):
    """One thing that is true or false of a namespace, mostly why its deletion has not ended."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(
            required=True,
            values=(
                "NamespaceDeletionDiscoveryFailure",
                "NamespaceDeletionContentFailure",
                "NamespaceDeletionGroupVersionParsingFailure",
                "NamespaceContentRemaining",
                "NamespaceFinalizersRemaining",
            ),
        ),
        "status": Rules(required=True, values=("True", "False", "Unknown")),
    }


class NamespaceList(Wire, frozen=True, kw_only=True):
    """A list of Namespaces."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Namespace, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class NodeSpec(Wire, frozen=True, kw_only=True):
    """`podCIDR` is the first of `podCIDRs`; neither may change once it is set."""

    podCIDR: str = ""
    podCIDRs: tuple[str, ...] = ()
    providerID: str = ""
    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()
    configSource: NodeConfigSource | None = None
    externalID: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "podCIDRs": Rules(list_type="set", patch_strategy="merge"),
        "taints": Rules(list_type="atomic"),
    }


class NodeDaemonEndpoints(Wire, frozen=True, kw_only=True):
    """The ports at which the programs of a node listen."""

    kubeletEndpoint: DaemonEndpoint = _field(default_factory=DaemonEndpoint)


class NodeSystemInfo(Wire, frozen=True, kw_only=True):
    """What the node runs. machineID and systemUUID identify the machine, bootID its last boot."""

    machineID: str = _field(default_factory=empty_string)
    systemUUID: str = _field(default_factory=empty_string)
    bootID: str = _field(default_factory=empty_string)
    kernelVersion: str = _field(default_factory=empty_string)
    osImage: str = _field(default_factory=empty_string)
    containerRuntimeVersion: str = _field(default_factory=empty_string)
    kubeletVersion: str = _field(default_factory=empty_string)
    kubeProxyVersion: str = _field(default_factory=empty_string)
    operatingSystem: str = _field(default_factory=empty_string)
    architecture: str = _field(default_factory=empty_string)
    swap: NodeSwapStatus | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "machineID": Rules(required=True),
        "systemUUID": Rules(required=True),
        "bootID": Rules(required=True),
        "kernelVersion": Rules(required=True),
        "osImage": Rules(required=True),
        "containerRuntimeVersion": Rules(required=True),
        "kubeletVersion": Rules(required=True),
        "kubeProxyVersion": Rules(required=True),
        "operatingSystem": Rules(required=True),
        "architecture": Rules(required=True),
    }


class NodeStatus(Wire, frozen=True, kw_only=True):
    """`capacity` is what the machine has, `allocatable` what is left for pods."""

    capacity: dict[str, Quantity] = _field(default_factory=dict)
    allocatable: dict[str, Quantity] = _field(default_factory=dict)
    phase: str = ""
    conditions: tuple[NodeCondition, ...] = ()
    addresses: tuple[NodeAddress, ...] = ()
    daemonEndpoints: NodeDaemonEndpoints = _field(default_factory=NodeDaemonEndpoints)
    nodeInfo: NodeSystemInfo = _field(default_factory=NodeSystemInfo)
    images: tuple[ContainerImage, ...] = ()
    volumesInUse: tuple[str, ...] = ()
    volumesAttached: tuple[AttachedVolume, ...] = ()
    config: NodeConfigStatus | None = None
    runtimeHandlers: tuple[NodeRuntimeHandler, ...] = ()
    features: NodeFeatures | None = None
    declaredFeatures: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "phase": Rules(values=("Pending", "Running", "Terminated")),
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
        "addresses": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
        "images": Rules(list_type="atomic"),
        "volumesInUse": Rules(list_type="atomic"),
        "volumesAttached": Rules(list_type="atomic"),
        "runtimeHandlers": Rules(list_type="atomic"),
        "declaredFeatures": Rules(list_type="atomic"),
    }


class Node(Wire, frozen=True, kw_only=True):
    """A machine that runs pods. Its kubelet writes the status and renews a Lease of the same
    name in kube-node-lease.
    """

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: NodeSpec = _field(default_factory=NodeSpec)
    status: NodeStatus = _field(default_factory=NodeStatus)


class NodeAddress(Wire, frozen=True, kw_only=True):
    """type is Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS."""

    type: str = _field(default_factory=empty_string)
    address: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(
            required=True,
            values=("Hostname", "InternalIP", "ExternalIP", "InternalDNS", "ExternalDNS"),
        ),
        "address": Rules(required=True),
    }


class NodeAffinity(Wire, frozen=True, kw_only=True):
    """By which labels and fields of nodes a pod is placed."""

    requiredDuringSchedulingIgnoredDuringExecution: NodeSelector | None = None
    preferredDuringSchedulingIgnoredDuringExecution: tuple[PreferredSchedulingTerm, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "preferredDuringSchedulingIgnoredDuringExecution": Rules(list_type="atomic"),
    }


class NodeAllocatableResourceClaimStatus(Wire, frozen=True, kw_only=True):
    """What a pod draws from the node's own allocatable resources, e.g. cpu and memory, by way of
    a ResourceClaim.
    """

    resourceClaimName: str = _field(default_factory=empty_string)
    containers: tuple[str, ...] = ()
    resources: dict[str, Quantity] = _field(default_factory=no_entries)

    __rules__: ClassVar[dict[str, Rules]] = {
        "resourceClaimName": Rules(required=True),
        "containers": Rules(list_type="set"),
        "resources": Rules(required=True),
    }


class NodeCondition(Wire, frozen=True, kw_only=True):
    """Ready, MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable; Unknown when the
    node has not been heard of for a while.
    """

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastHeartbeatTime: Time | None = _field(default_factory=null)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(
            required=True,
            values=("Ready", "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"),
        ),
        "status": Rules(required=True, values=("True", "False", "Unknown")),
    }


class NodeConfigSource(Wire, frozen=True, kw_only=True):
    """Where a kubelet was to take its configuration from. Kubelets no longer do so: the field
    that holds it has no effect.
    """

    configMap: ConfigMapNodeConfigSource | None = None


class NodeConfigStatus(Wire, frozen=True, kw_only=True):
    """Which configuration from the API a kubelet used. Kubelets no longer report it."""

    assigned: NodeConfigSource | None = None
    active: NodeConfigSource | None = None
    lastKnownGood: NodeConfigSource | None = None
    error: str = ""


class NodeFeatures(Wire, frozen=True, kw_only=True):
    """What a node's container runtime can do, whatever the handler."""

    supplementalGroupsPolicy: bool | None = None


class NodeList(Wire, frozen=True, kw_only=True):
    """A list of Nodes."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Node, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class NodeProxyOptions(Wire, frozen=True, kw_only=True):
    """The query of nodes/proxy."""

    kind: str = ""
    apiVersion: str = ""
    path: str = ""


class NodeRuntimeHandler(Wire, frozen=True, kw_only=True):
    """One handler of a node's container runtime, to which a RuntimeClass can refer."""

    name: str = _field(default_factory=empty_string)
    features: NodeRuntimeHandlerFeatures | None = None


class NodeRuntimeHandlerFeatures(Wire, frozen=True, kw_only=True):
    """What a handler of a container runtime can do."""

    recursiveReadOnlyMounts: bool | None = None
    userNamespaces: bool | None = None


class NodeSelector(Wire, frozen=True, kw_only=True):
    """Terms are alternatives: one that matches is enough."""

    nodeSelectorTerms: tuple[NodeSelectorTerm, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "nodeSelectorTerms": Rules(list_type="atomic", required=True),
    }

    __atomic__: ClassVar[bool] = True


class NodeSelectorRequirement(Wire, frozen=True, kw_only=True):
    """A label (or field) of a node and what it must be; Gt and Lt compare integers."""

    key: str = _field(default_factory=empty_string)
    operator: str = _field(default_factory=empty_string)
    values: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "key": Rules(required=True),
        "operator": Rules(
            required=True, values=("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
        ),
        "values": Rules(list_type="atomic"),
    }


class NodeSelectorTerm(Wire, frozen=True, kw_only=True):
    """All requirements of a term must hold; an empty term matches nothing."""

    matchExpressions: tuple[NodeSelectorRequirement, ...] = ()
    matchFields: tuple[NodeSelectorRequirement, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "matchExpressions": Rules(list_type="atomic"),
        "matchFields": Rules(list_type="atomic"),
    }

    __atomic__: ClassVar[bool] = True


class NodeSwapStatus(Wire, frozen=True, kw_only=True):
    """The swap memory of a node."""

    capacity: Int64 | None = None


class ObjectFieldSelector(Wire, frozen=True, kw_only=True):
    """Picks a field of the pod as a value, for an environment variable or a file."""

    apiVersion: str = ""
    fieldPath: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "fieldPath": Rules(required=True),
    }

    __atomic__: ClassVar[bool] = True


class PersistentVolumeSpec(Wire, frozen=True, kw_only=True):
    """What storage a PersistentVolume is, who may use it and what becomes of it afterwards."""

    capacity: dict[str, Quantity] = _field(default_factory=dict)
    gcePersistentDisk: GCEPersistentDiskVolumeSource | None = None
    awsElasticBlockStore: AWSElasticBlockStoreVolumeSource | None = None
    hostPath: HostPathVolumeSource | None = None
    glusterfs: GlusterfsPersistentVolumeSource | None = None
    nfs: NFSVolumeSource | None = None
    rbd: RBDPersistentVolumeSource | None = None
    iscsi: ISCSIPersistentVolumeSource | None = None
    cinder: CinderPersistentVolumeSource | None = None
    cephfs: CephFSPersistentVolumeSource | None = None
    fc: FCVolumeSource | None = None
    flocker: FlockerVolumeSource | None = None
    flexVolume: FlexPersistentVolumeSource | None = None
    azureFile: AzureFilePersistentVolumeSource | None = None
    vsphereVolume: VsphereVirtualDiskVolumeSource | None = None
    quobyte: QuobyteVolumeSource | None = None
    azureDisk: AzureDiskVolumeSource | None = None
    photonPersistentDisk: PhotonPersistentDiskVolumeSource | None = None
    portworxVolume: PortworxVolumeSource | None = None
    scaleIO: ScaleIOPersistentVolumeSource | None = None
    local: LocalVolumeSource | None = None
    storageos: StorageOSPersistentVolumeSource | None = None
    csi: CSIPersistentVolumeSource | None = None
    accessModes: tuple[str, ...] = ()
    claimRef: ObjectReference | None = None
    persistentVolumeReclaimPolicy: str = ""
    storageClassName: str = ""
    mountOptions: tuple[str, ...] = ()
    volumeMode: str | None = None
    nodeAffinity: VolumeNodeAffinity | None = None
    volumeAttributesClassName: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "accessModes": Rules(
            list_type="atomic",
            values=("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"),
        ),
        "claimRef": Rules(struct_type="granular"),
        "persistentVolumeReclaimPolicy": Rules(values=("Recycle", "Delete", "Retain")),
        "mountOptions": Rules(list_type="atomic"),
        "volumeMode": Rules(values=("Block", "Filesystem")),
    }


class PersistentVolumeStatus(Wire, frozen=True, kw_only=True):
    """In what phase a volume is."""

    phase: str = ""
    message: str = ""
    reason: str = ""
    lastPhaseTransitionTime: Time | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "phase": Rules(values=("Pending", "Available", "Bound", "Released", "Failed")),
    }


class PersistentVolume(Wire, frozen=True, kw_only=True):
    """A piece of storage of the cluster; `spec.claimRef` is the claim that has it."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: PersistentVolumeSpec = _field(default_factory=PersistentVolumeSpec)
    status: PersistentVolumeStatus = _field(default_factory=PersistentVolumeStatus)


class VolumeResourceRequirements(Wire, frozen=True, kw_only=True):
    """How much storage a claim asks for."""

    limits: dict[str, Quantity] = _field(default_factory=dict)
    requests: dict[str, Quantity] = _field(default_factory=dict)


class PersistentVolumeClaimSpec(Wire, frozen=True, kw_only=True):
    """What storage a claim asks for. After creation only a larger request, another
    volumeAttributesClassName and the binding can change it.
    """

    accessModes: tuple[str, ...] = ()
    selector: meta_v1.LabelSelector | None = None
    resources: VolumeResourceRequirements = _field(default_factory=VolumeResourceRequirements)
    volumeName: str = ""
    storageClassName: str | None = None
    volumeMode: str | None = None
    dataSource: TypedLocalObjectReference | None = None
    dataSourceRef: TypedObjectReference | None = None
    volumeAttributesClassName: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "accessModes": Rules(
            list_type="atomic",
            values=("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"),
        ),
        "volumeMode": Rules(values=("Block", "Filesystem")),
    }


class PersistentVolumeClaimStatus(Wire, frozen=True, kw_only=True):
    """The state of a claim and of the volume that it has."""

    phase: str = ""
    accessModes: tuple[str, ...] = ()
    capacity: dict[str, Quantity] = _field(default_factory=dict)
    conditions: tuple[PersistentVolumeClaimCondition, ...] = ()
    allocatedResources: dict[str, Quantity] = _field(default_factory=dict)
    allocatedResourceStatuses: dict[str, str] = _field(default_factory=dict)
    currentVolumeAttributesClassName: str | None = None
    modifyVolumeStatus: ModifyVolumeStatus | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "phase": Rules(values=("Pending", "Bound", "Lost")),
        "accessModes": Rules(
            list_type="atomic",
            values=("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"),
        ),
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
        "allocatedResourceStatuses": Rules(map_type="granular"),
    }


class PersistentVolumeClaim(Wire, frozen=True, kw_only=True):
    """A wish for storage; bound to one volume, whose name is then in `spec.volumeName`."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: PersistentVolumeClaimSpec = _field(default_factory=PersistentVolumeClaimSpec)
    status: PersistentVolumeClaimStatus = _field(default_factory=PersistentVolumeClaimStatus)


class PersistentVolumeClaimCondition(Wire, frozen=True, kw_only=True):
    """One thing that is true or false of a claim, e.g. that its volume is being resized."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastProbeTime: Time | None = _field(default_factory=null)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(
            required=True,
            values=(
                "Resizing",
                "FileSystemResizePending",
                "ControllerResizeError",
                "NodeResizeError",
                "ModifyVolumeError",
                "ModifyingVolume",
                "Unused",
            ),
        ),
        "status": Rules(required=True, values=("True", "False", "Unknown")),
    }


class PersistentVolumeClaimList(Wire, frozen=True, kw_only=True):
    """A list of PersistentVolumeClaims."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[PersistentVolumeClaim, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class PersistentVolumeClaimTemplate(Wire, frozen=True, kw_only=True):
    """The claim that is made along with a pod for an ephemeral volume."""

    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: PersistentVolumeClaimSpec = _field(default_factory=PersistentVolumeClaimSpec)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class PersistentVolumeClaimVolumeSource(Wire, frozen=True, kw_only=True):
    """The volume of a claim in the pod's namespace."""

    claimName: str = _field(default_factory=empty_string)
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "claimName": Rules(required=True),
    }


class PersistentVolumeList(Wire, frozen=True, kw_only=True):
    """A list of PersistentVolumes."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[PersistentVolume, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class PersistentVolumeSource(Wire, frozen=True, kw_only=True):
    """What storage a PersistentVolume is; exactly one is set, and it stays as created."""

    gcePersistentDisk: GCEPersistentDiskVolumeSource | None = None
    awsElasticBlockStore: AWSElasticBlockStoreVolumeSource | None = None
    hostPath: HostPathVolumeSource | None = None
    glusterfs: GlusterfsPersistentVolumeSource | None = None
    nfs: NFSVolumeSource | None = None
    rbd: RBDPersistentVolumeSource | None = None
    iscsi: ISCSIPersistentVolumeSource | None = None
    cinder: CinderPersistentVolumeSource | None = None
    cephfs: CephFSPersistentVolumeSource | None = None
    fc: FCVolumeSource | None = None
    flocker: FlockerVolumeSource | None = None
    flexVolume: FlexPersistentVolumeSource | None = None
    azureFile: AzureFilePersistentVolumeSource | None = None
    vsphereVolume: VsphereVirtualDiskVolumeSource | None = None
    quobyte: QuobyteVolumeSource | None = None
    azureDisk: AzureDiskVolumeSource | None = None
    photonPersistentDisk: PhotonPersistentDiskVolumeSource | None = None
    portworxVolume: PortworxVolumeSource | None = None
    scaleIO: ScaleIOPersistentVolumeSource | None = None
    local: LocalVolumeSource | None = None
    storageos: StorageOSPersistentVolumeSource | None = None
    csi: CSIPersistentVolumeSource | None = None


class PhotonPersistentDiskVolumeSource(Wire, frozen=True, kw_only=True):
    """A disk of VMware's Photon Controller; nodes no longer support it."""

    pdID: str = _field(default_factory=empty_string)
    fsType: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "pdID": Rules(required=True),
    }


class PodSpec(Wire, frozen=True, kw_only=True):
    """What a pod is to be. After its creation only images, activeDeadlineSeconds, tolerations
    (added) and the termination grace period of a -1 may change; resources through the
    subresource resize.
    """

    volumes: tuple[Volume, ...] = ()
    initContainers: tuple[Container, ...] = ()
    containers: tuple[Container, ...] = _field(default_factory=no_items)
    ephemeralContainers: tuple[EphemeralContainer, ...] = ()
    restartPolicy: str = ""
    terminationGracePeriodSeconds: Int64 | None = None
    activeDeadlineSeconds: Int64 | None = None
    dnsPolicy: str = ""
    nodeSelector: dict[str, str] = _field(default_factory=dict)
    serviceAccountName: str = ""
    serviceAccount: str = ""
    automountServiceAccountToken: bool | None = None
    nodeName: str = ""
    hostNetwork: bool = False
    hostPID: bool = False
    hostIPC: bool = False
    shareProcessNamespace: bool | None = None
    securityContext: PodSecurityContext | None = None
    imagePullSecrets: tuple[LocalObjectReference, ...] = ()
    hostname: str = ""
    subdomain: str = ""
    affinity: Affinity | None = None
    schedulerName: str = ""
    tolerations: tuple[Toleration, ...] = ()
    hostAliases: tuple[HostAlias, ...] = ()
    priorityClassName: str = ""
    priority: Int32 | None = None
    dnsConfig: PodDNSConfig | None = None
    readinessGates: tuple[PodReadinessGate, ...] = ()
    runtimeClassName: str | None = None
    enableServiceLinks: bool | None = None
    preemptionPolicy: str | None = None
    overhead: dict[str, Quantity] = _field(default_factory=dict)
    topologySpreadConstraints: tuple[TopologySpreadConstraint, ...] = ()
    setHostnameAsFQDN: bool | None = None
    os: PodOS | None = None
    hostUsers: bool | None = None
    schedulingGates: tuple[PodSchedulingGate, ...] = ()
    resourceClaims: tuple[PodResourceClaim, ...] = ()
    resources: ResourceRequirements | None = None
    hostnameOverride: str | None = None
    schedulingGroup: PodSchedulingGroup | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "volumes": Rules(
            list_type="map",
            patch_merge_key="name",
            patch_strategy="merge,retainKeys",
            list_map_keys=("name",),
        ),
        "initContainers": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
        "containers": Rules(
            list_type="map",
            patch_merge_key="name",
            patch_strategy="merge",
            list_map_keys=("name",),
            required=True,
        ),
        "ephemeralContainers": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
        "restartPolicy": Rules(values=("Always", "OnFailure", "Never")),
        "dnsPolicy": Rules(values=("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")),
        "nodeSelector": Rules(map_type="atomic"),
        "imagePullSecrets": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
        "tolerations": Rules(list_type="atomic"),
        "hostAliases": Rules(
            list_type="map", patch_merge_key="ip", patch_strategy="merge", list_map_keys=("ip",)
        ),
        "readinessGates": Rules(list_type="atomic"),
        "preemptionPolicy": Rules(values=("PreemptLowerPriority", "Never")),
        "topologySpreadConstraints": Rules(
            list_type="map",
            patch_merge_key="topologyKey",
            patch_strategy="merge",
            list_map_keys=("topologyKey", "whenUnsatisfiable"),
        ),
        "schedulingGates": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
        "resourceClaims": Rules(
            list_type="map",
            patch_merge_key="name",
            patch_strategy="merge,retainKeys",
            list_map_keys=("name",),
        ),
    }


class PodStatus(Wire, frozen=True, kw_only=True):
    """What the kubelet reports. `phase` sums up; the conditions and container statuses say why."""

    observedGeneration: Int64 = 0
    phase: str = ""
    conditions: tuple[PodCondition, ...] = ()
    message: str = ""
    reason: str = ""
    nominatedNodeName: str = ""
    hostIP: str = ""
    hostIPs: tuple[HostIP, ...] = ()
    podIP: str = ""
    podIPs: tuple[PodIP, ...] = ()
    startTime: Time | None = None
    initContainerStatuses: tuple[ContainerStatus, ...] = ()
    containerStatuses: tuple[ContainerStatus, ...] = ()
    qosClass: str = ""
    ephemeralContainerStatuses: tuple[ContainerStatus, ...] = ()
    resize: str = ""
    resourceClaimStatuses: tuple[PodResourceClaimStatus, ...] = ()
    extendedResourceClaimStatus: PodExtendedResourceClaimStatus | None = None
    allocatedResources: dict[str, Quantity] = _field(default_factory=dict)
    resources: ResourceRequirements | None = None
    nodeAllocatableResourceClaimStatuses: tuple[NodeAllocatableResourceClaimStatus, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "phase": Rules(values=("Pending", "Running", "Succeeded", "Failed", "Unknown")),
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
        "hostIPs": Rules(list_type="atomic", patch_merge_key="ip", patch_strategy="merge"),
        "podIPs": Rules(
            list_type="map", patch_merge_key="ip", patch_strategy="merge", list_map_keys=("ip",)
        ),
        "initContainerStatuses": Rules(list_type="atomic"),
        "containerStatuses": Rules(list_type="atomic"),
        "qosClass": Rules(values=("Guaranteed", "Burstable", "BestEffort")),
        "ephemeralContainerStatuses": Rules(list_type="atomic"),
        "resize": Rules(values=("InProgress", "Deferred", "Infeasible")),
        "resourceClaimStatuses": Rules(
            list_type="map",
            patch_merge_key="name",
            patch_strategy="merge,retainKeys",
            list_map_keys=("name",),
        ),
        "nodeAllocatableResourceClaimStatuses": Rules(list_type="atomic"),
    }


class Pod(Wire, frozen=True, kw_only=True):
    """Containers that share a network and are placed, started and deleted together: the smallest
    thing that runs. It is bound to a node once, and never moves.
    """

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: PodSpec = _field(default_factory=PodSpec)
    status: PodStatus = _field(default_factory=PodStatus)


class PodAffinity(Wire, frozen=True, kw_only=True):
    """Near which other pods a pod is placed."""

    requiredDuringSchedulingIgnoredDuringExecution: tuple[PodAffinityTerm, ...] = ()
    preferredDuringSchedulingIgnoredDuringExecution: tuple[WeightedPodAffinityTerm, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "requiredDuringSchedulingIgnoredDuringExecution": Rules(list_type="atomic"),
        "preferredDuringSchedulingIgnoredDuringExecution": Rules(list_type="atomic"),
    }


class PodAffinityTerm(Wire, frozen=True, kw_only=True):
    """A set of pods, and the topology (a node label) in which they are looked for."""

    labelSelector: meta_v1.LabelSelector | None = None
    namespaces: tuple[str, ...] = ()
    topologyKey: str = _field(default_factory=empty_string)
    namespaceSelector: meta_v1.LabelSelector | None = None
    matchLabelKeys: tuple[str, ...] = ()
    mismatchLabelKeys: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "namespaces": Rules(list_type="atomic"),
        "topologyKey": Rules(required=True),
        "matchLabelKeys": Rules(list_type="atomic"),
        "mismatchLabelKeys": Rules(list_type="atomic"),
    }


class PodAntiAffinity(Wire, frozen=True, kw_only=True):
    """From which other pods a pod is kept apart."""

    requiredDuringSchedulingIgnoredDuringExecution: tuple[PodAffinityTerm, ...] = ()
    preferredDuringSchedulingIgnoredDuringExecution: tuple[WeightedPodAffinityTerm, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "requiredDuringSchedulingIgnoredDuringExecution": Rules(list_type="atomic"),
        "preferredDuringSchedulingIgnoredDuringExecution": Rules(list_type="atomic"),
    }


class PodAttachOptions(Wire, frozen=True, kw_only=True):
    """The query of pods/attach, which joins the streams of a running container."""

    kind: str = ""
    apiVersion: str = ""
    stdin: bool = False
    stdout: bool = False
    stderr: bool = False
    tty: bool = False
    container: str = ""


class PodCertificateProjection(Wire, frozen=True, kw_only=True):
    """Files with a private key that the kubelet makes, and a certificate for it that a signer
    issues to the pod. The kubelet renews both in time.
    """

    signerName: str = ""
    keyType: str = ""
    maxExpirationSeconds: Int32 | None = None
    credentialBundlePath: str = ""
    keyPath: str = ""
    certificateChainPath: str = ""
    userAnnotations: dict[str, str] = _field(default_factory=dict)

    __rules__: ClassVar[dict[str, Rules]] = {
        "signerName": Rules(required=True),
        "keyType": Rules(required=True),
    }


class PodCondition(Wire, frozen=True, kw_only=True):
    """PodScheduled, PodReadyToStartContainers, Initialized, ContainersReady, Ready,
    DisruptionTarget.
    """

    type: str = _field(default_factory=empty_string)
    observedGeneration: Int64 = 0
    status: str = _field(default_factory=empty_string)
    lastProbeTime: Time | None = _field(default_factory=null)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(
            required=True,
            values=(
                "ContainersReady",
                "Initialized",
                "Ready",
                "PodScheduled",
                "DisruptionTarget",
                "PodReadyToStartContainers",
                "PodResizePending",
                "PodResizeInProgress",
                "AllContainersRestarting",
            ),
        ),
        "status": Rules(required=True, values=("True", "False", "Unknown")),
    }


class PodDNSConfig(Wire, frozen=True, kw_only=True):
    """Added to, or with dnsPolicy None instead of, what the policy gives."""

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[PodDNSConfigOption, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "nameservers": Rules(list_type="atomic"),
        "searches": Rules(list_type="atomic"),
        "options": Rules(list_type="atomic"),
    }


class PodDNSConfigOption(Wire, frozen=True, kw_only=True):
    """A line of options in the pod's resolv.conf."""

    name: str = ""
    value: str | None = None


class PodExecOptions(Wire, frozen=True, kw_only=True):
    """The query of pods/exec; `command` is repeated, a word each."""

    kind: str = ""
    apiVersion: str = ""
    stdin: bool = False
    stdout: bool = False
    stderr: bool = False
    tty: bool = False
    container: str = ""
    command: tuple[str, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "command": Rules(list_type="atomic", required=True),
    }


class PodExtendedResourceClaimStatus(Wire, frozen=True, kw_only=True):
    """The ResourceClaim that the scheduler made for extended resources which the pod's
    containers ask for like cpu and memory, but which devices of a driver serve.
    """

    requestMappings: tuple[ContainerExtendedResourceRequest, ...] = _field(default_factory=no_items)
    resourceClaimName: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "requestMappings": Rules(list_type="atomic", required=True),
        "resourceClaimName": Rules(required=True),
    }


class PodIP(Wire, frozen=True, kw_only=True):
    """One of the pod's addresses, at most one of each family."""

    ip: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "ip": Rules(required=True),
    }


class PodList(Wire, frozen=True, kw_only=True):
    """A list of Pods."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Pod, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class PodLogOptions(Wire, frozen=True, kw_only=True):
    """The query of pods/log; sinceSeconds and sinceTime exclude each other."""

    kind: str = ""
    apiVersion: str = ""
    container: str = ""
    follow: bool = False
    previous: bool = False
    sinceSeconds: Int64 | None = None
    sinceTime: Time | None = None
    timestamps: bool = False
    tailLines: Int64 | None = None
    limitBytes: Int64 | None = None
    insecureSkipTLSVerifyBackend: bool = False
    stream: str | None = None


class PodOS(Wire, frozen=True, kw_only=True):
    """The operating system that a pod is made for."""

    name: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True, values=("linux", "windows")),
    }


class PodPortForwardOptions(Wire, frozen=True, kw_only=True):
    """The query of pods/portforward, which connects a client to ports of a pod."""

    kind: str = ""
    apiVersion: str = ""
    ports: tuple[Int32, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ports": Rules(list_type="atomic"),
    }


class PodProxyOptions(Wire, frozen=True, kw_only=True):
    """The query of pods/proxy."""

    kind: str = ""
    apiVersion: str = ""
    path: str = ""


class PodReadinessGate(Wire, frozen=True, kw_only=True):
    """A condition, set by somebody else, without which a pod is not ready."""

    conditionType: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditionType": Rules(
            required=True,
            values=(
                "ContainersReady",
                "Initialized",
                "Ready",
                "PodScheduled",
                "DisruptionTarget",
                "PodReadyToStartContainers",
                "PodResizePending",
                "PodResizeInProgress",
                "AllContainersRestarting",
            ),
        ),
    }


class PodResourceClaim(Wire, frozen=True, kw_only=True):
    """A ResourceClaim that a pod uses: one that exists, or one made for it from a template. The
    devices are there for the containers that name it in `resources.claims`.
    """

    name: str = _field(default_factory=empty_string)
    resourceClaimName: str | None = None
    resourceClaimTemplateName: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class PodResourceClaimStatus(Wire, frozen=True, kw_only=True):
    """Which ResourceClaim stands behind an entry of a pod's `resourceClaims` that names a
    template.
    """

    name: str = _field(default_factory=empty_string)
    resourceClaimName: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class PodSchedulingGate(Wire, frozen=True, kw_only=True):
    """While a pod has gates it is not scheduled; they can be taken away and never be added."""

    name: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class PodSchedulingGroup(Wire, frozen=True, kw_only=True):
    """The group together with which a pod is scheduled."""

    podGroupName: str | None = None


class PodSecurityContext(Wire, frozen=True, kw_only=True):
    """For all containers of the pod; a container's own security context goes before it."""

    seLinuxOptions: SELinuxOptions | None = None
    windowsOptions: WindowsSecurityContextOptions | None = None
    runAsUser: Int64 | None = None
    runAsGroup: Int64 | None = None
    runAsNonRoot: bool | None = None
    supplementalGroups: tuple[Int64, ...] = ()
    supplementalGroupsPolicy: str | None = None
    fsGroup: Int64 | None = None
    sysctls: tuple[Sysctl, ...] = ()
    fsGroupChangePolicy: str | None = None
    seccompProfile: SeccompProfile | None = None
    appArmorProfile: AppArmorProfile | None = None
    seLinuxChangePolicy: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "supplementalGroups": Rules(list_type="atomic"),
        "supplementalGroupsPolicy": Rules(values=("Merge", "Strict")),
        "sysctls": Rules(list_type="atomic"),
        "fsGroupChangePolicy": Rules(values=("OnRootMismatch", "Always")),
        "seLinuxChangePolicy": Rules(values=("Recursive", "MountOption")),
    }


class PodSignature(Wire, frozen=True, kw_only=True):
    """Which pods a node is to be spared: those of one controller."""

    podController: meta_v1.OwnerReference | None = None


class PodStatusResult(Wire, frozen=True, kw_only=True):
    """The status of one pod by itself. A kind that older kubelets know; no resource serves it."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    status: PodStatus = _field(default_factory=PodStatus)


class PodTemplateSpec(Wire, frozen=True, kw_only=True):
    """The pod that a controller makes: its labels must match the controller's selector."""

    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: PodSpec = _field(default_factory=PodSpec)


class PodTemplate(Wire, frozen=True, kw_only=True):
    """A pod template by itself; nothing in the cluster uses it."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    template: PodTemplateSpec = _field(default_factory=PodTemplateSpec)


class PodTemplateList(Wire, frozen=True, kw_only=True):
    """A list of PodTemplates."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[PodTemplate, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class PortStatus(Wire, frozen=True, kw_only=True):
    """What a load balancer says of one port of a Service."""

    port: Int32 = _field(default_factory=zero)
    protocol: str = _field(default_factory=empty_string)
    error: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "port": Rules(required=True),
        "protocol": Rules(required=True, values=("TCP", "UDP", "SCTP")),
    }


class PortworxVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume of Portworx; the node must run its software. Served by the CSI driver of Portworx
    today.
    """

    volumeID: str = _field(default_factory=empty_string)
    fsType: str = ""
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "volumeID": Rules(required=True),
    }


class Preconditions(Wire, frozen=True, kw_only=True):
    """What must hold of an object for a change to be carried out."""

    uid: str | None = None


class PreferAvoidPodsEntry(Wire, frozen=True, kw_only=True):
    """One kind of pods that a node would rather not be given, as an annotation of the node says
    it.
    """

    podSignature: PodSignature = _field(default_factory=PodSignature)
    evictionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "podSignature": Rules(required=True),
    }


class PreferredSchedulingTerm(Wire, frozen=True, kw_only=True):
    """A wish about the node: the weights of all terms that a node matches are added up to its
    score.
    """

    weight: Int32 = _field(default_factory=zero)
    preference: NodeSelectorTerm = _field(default_factory=NodeSelectorTerm)

    __rules__: ClassVar[dict[str, Rules]] = {
        "weight": Rules(required=True),
        "preference": Rules(required=True),
    }


class Probe(Wire, frozen=True, kw_only=True):
    """Asked every periodSeconds; the result turns after successThreshold or failureThreshold
    equal answers.
    """

    exec: ExecAction | None = None
    httpGet: HTTPGetAction | None = None
    tcpSocket: TCPSocketAction | None = None
    grpc: GRPCAction | None = None
    initialDelaySeconds: Int32 = 0
    timeoutSeconds: Int32 = 0
    periodSeconds: Int32 = 0
    successThreshold: Int32 = 0
    failureThreshold: Int32 = 0
    terminationGracePeriodSeconds: Int64 | None = None


class ProbeHandler(Wire, frozen=True, kw_only=True):
    """Exactly one action."""

    exec: ExecAction | None = None
    httpGet: HTTPGetAction | None = None
    tcpSocket: TCPSocketAction | None = None
    grpc: GRPCAction | None = None


class ProjectedVolumeSource(Wire, frozen=True, kw_only=True):
    """Several sources in one directory."""

    sources: tuple[VolumeProjection, ...] = _field(default_factory=no_items)
    defaultMode: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "sources": Rules(list_type="atomic"),
    }


class QuobyteVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume of Quobyte. Deprecated; no kubelet of today mounts it."""

    registry: str = _field(default_factory=empty_string)
    volume: str = _field(default_factory=empty_string)
    readOnly: bool = False
    user: str = ""
    group: str = ""
    tenant: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "registry": Rules(required=True),
        "volume": Rules(required=True),
    }


class RBDPersistentVolumeSource(Wire, frozen=True, kw_only=True):
    """An image of a Ceph cluster as the storage of a PersistentVolume. Deprecated; use the CSI
    driver of Ceph.
    """

    monitors: tuple[str, ...] = _field(default_factory=no_items)
    image: str = _field(default_factory=empty_string)
    fsType: str = ""
    pool: str = ""
    user: str = ""
    keyring: str = ""
    secretRef: SecretReference | None = None
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "monitors": Rules(list_type="atomic", required=True),
        "image": Rules(required=True),
        "pool": Rules(default='"rbd"'),
        "user": Rules(default='"admin"'),
        "keyring": Rules(default='"/etc/ceph/keyring"'),
    }


class RBDVolumeSource(Wire, frozen=True, kw_only=True):
    """An image of a Ceph cluster as a volume of a pod. Deprecated; use the CSI driver of Ceph."""

    monitors: tuple[str, ...] = _field(default_factory=no_items)
    image: str = _field(default_factory=empty_string)
    fsType: str = ""
    pool: str = ""
    user: str = ""
    keyring: str = ""
    secretRef: LocalObjectReference | None = None
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "monitors": Rules(list_type="atomic", required=True),
        "image": Rules(required=True),
        "pool": Rules(default='"rbd"'),
        "user": Rules(default='"admin"'),
        "keyring": Rules(default='"/etc/ceph/keyring"'),
    }


class RangeAllocation(Wire, frozen=True, kw_only=True):
    """Which addresses or ports of a range are taken, as a bitmap; kept by older apiservers."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    range: str = _field(default_factory=empty_string)
    data: bytes = _field(default_factory=no_bytes)

    __rules__: ClassVar[dict[str, Rules]] = {
        "range": Rules(required=True),
        "data": Rules(required=True),
    }


class ReplicationControllerSpec(Wire, frozen=True, kw_only=True):
    """How many pods of which template a ReplicationController keeps."""

    replicas: Int32 | None = None
    minReadySeconds: Int32 = 0
    selector: dict[str, str] = _field(default_factory=dict)
    template: PodTemplateSpec | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "replicas": Rules(default="1"),
        "minReadySeconds": Rules(default="0"),
        "selector": Rules(map_type="atomic"),
    }


class ReplicationControllerStatus(Wire, frozen=True, kw_only=True):
    """What a ReplicationController has. Set by the controller."""

    replicas: Int32 = _field(default_factory=zero)
    fullyLabeledReplicas: Int32 = 0
    readyReplicas: Int32 = 0
    availableReplicas: Int32 = 0
    observedGeneration: Int64 = 0
    conditions: tuple[ReplicationControllerCondition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "replicas": Rules(required=True),
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class ReplicationController(Wire, frozen=True, kw_only=True):
    """The ancestor of ReplicaSet: its selector knows equality only."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ReplicationControllerSpec = _field(default_factory=ReplicationControllerSpec)
    status: ReplicationControllerStatus = _field(default_factory=ReplicationControllerStatus)


class ReplicationControllerCondition(Wire, frozen=True, kw_only=True):
    """Something that is true or false of a ReplicationController, and since when."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True, values=("ReplicaFailure",)),
        "status": Rules(required=True, values=("True", "False", "Unknown")),
    }


class ReplicationControllerList(Wire, frozen=True, kw_only=True):
    """A list of ReplicationControllers."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ReplicationController, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ResourceClaim(Wire, frozen=True, kw_only=True):
    """Which of the pod's claims of devices a container uses."""

    name: str = _field(default_factory=empty_string)
    request: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class ResourceFieldSelector(Wire, frozen=True, kw_only=True):
    """A request or limit of a container, divided by `divisor` and rounded up."""

    containerName: str = ""
    resource: str = _field(default_factory=empty_string)
    divisor: Quantity = _field(default_factory=no_quantity)

    __rules__: ClassVar[dict[str, Rules]] = {
        "resource": Rules(required=True),
    }

    __atomic__: ClassVar[bool] = True


class ResourceHealth(Wire, frozen=True, kw_only=True):
    """Whether one device that a container has is well, as its plugin or driver says."""

    resourceID: str = _field(default_factory=empty_string)
    health: str = ""
    message: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "resourceID": Rules(required=True),
        "health": Rules(values=("Healthy", "Unhealthy", "Unknown")),
    }


class ResourceQuotaSpec(Wire, frozen=True, kw_only=True):
    """How much of what a namespace may hold. A request that would go over it is refused."""

    hard: dict[str, Quantity] = _field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    scopeSelector: ScopeSelector | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "scopes": Rules(
            list_type="atomic",
            values=(
                "Terminating",
                "NotTerminating",
                "BestEffort",
                "NotBestEffort",
                "PriorityClass",
                "CrossNamespacePodAffinity",
                "VolumeAttributesClass",
            ),
        ),
    }


class ResourceQuotaStatus(Wire, frozen=True, kw_only=True):
    """What a ResourceQuota enforces and what is used of it."""

    hard: dict[str, Quantity] = _field(default_factory=dict)
    used: dict[str, Quantity] = _field(default_factory=dict)


class ResourceQuota(Wire, frozen=True, kw_only=True):
    """How much a namespace may hold; `status.used` is what it does hold."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ResourceQuotaSpec = _field(default_factory=ResourceQuotaSpec)
    status: ResourceQuotaStatus = _field(default_factory=ResourceQuotaStatus)


class ResourceQuotaList(Wire, frozen=True, kw_only=True):
    """A list of ResourceQuotas."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ResourceQuota, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ResourceStatus(Wire, frozen=True, kw_only=True):
    """How the devices of one resource are that a container was given."""

    name: str = _field(default_factory=empty_string)
    resources: tuple[ResourceHealth, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(
            required=True,
            values=(
                "cpu",
                "memory",
                "storage",
                "ephemeral-storage",
                "pods",
                "services",
                "replicationcontrollers",
                "resourcequotas",
                "secrets",
                "configmaps",
                "persistentvolumeclaims",
                "services.nodeports",
                "services.loadbalancers",
                "requests.cpu",
                "requests.memory",
                "requests.storage",
                "requests.ephemeral-storage",
                "limits.cpu",
                "limits.memory",
                "limits.ephemeral-storage",
            ),
        ),
        "resources": Rules(list_type="map", list_map_keys=("resourceID",)),
    }


class SELinuxOptions(Wire, frozen=True, kw_only=True):
    """The SELinux label of a container. A part that is left out is chosen by the container
    runtime.
    """

    user: str = ""
    role: str = ""
    type: str = ""
    level: str = ""


class ScaleIOPersistentVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume of ScaleIO as the storage of a PersistentVolume. Deprecated; no kubelet of today
    mounts it.
    """

    gateway: str = _field(default_factory=empty_string)
    system: str = _field(default_factory=empty_string)
    secretRef: SecretReference | None = _field(default_factory=null)
    sslEnabled: bool = False
    protectionDomain: str = ""
    storagePool: str = ""
    storageMode: str = ""
    volumeName: str = ""
    fsType: str = ""
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "gateway": Rules(required=True),
        "system": Rules(required=True),
        "secretRef": Rules(required=True),
        "storageMode": Rules(default='"ThinProvisioned"'),
        "fsType": Rules(default='"xfs"'),
    }


class ScaleIOVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume of ScaleIO as a volume of a pod. Deprecated; no kubelet of today mounts it."""

    gateway: str = _field(default_factory=empty_string)
    system: str = _field(default_factory=empty_string)
    secretRef: LocalObjectReference | None = _field(default_factory=null)
    sslEnabled: bool = False
    protectionDomain: str = ""
    storagePool: str = ""
    storageMode: str = ""
    volumeName: str = ""
    fsType: str = ""
    readOnly: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "gateway": Rules(required=True),
        "system": Rules(required=True),
        "secretRef": Rules(required=True),
        "storageMode": Rules(default='"ThinProvisioned"'),
        "fsType": Rules(default='"xfs"'),
    }


class ScopeSelector(Wire, frozen=True, kw_only=True):
    """Which objects a quota counts: those that every requirement fits."""

    matchExpressions: tuple[ScopedResourceSelectorRequirement, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "matchExpressions": Rules(list_type="atomic"),
    }

    __atomic__: ClassVar[bool] = True


class ScopedResourceSelectorRequirement(Wire, frozen=True, kw_only=True):
    """One scope of a quota, with the values that it may have."""

    scopeName: str = _field(default_factory=empty_string)
    operator: str = _field(default_factory=empty_string)
    values: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "scopeName": Rules(
            required=True,
            values=(
                "Terminating",
                "NotTerminating",
                "BestEffort",
                "NotBestEffort",
                "PriorityClass",
                "CrossNamespacePodAffinity",
                "VolumeAttributesClass",
            ),
        ),
        "operator": Rules(required=True, values=("In", "NotIn", "Exists", "DoesNotExist")),
        "values": Rules(list_type="atomic"),
    }


class SeccompProfile(Wire, frozen=True, kw_only=True):
    """Which system calls a container may make: those of the runtime's profile, of one on the
    node, or all.
    """

    type: str = _field(default_factory=empty_string)
    localhostProfile: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True, values=("Unconfined", "RuntimeDefault", "Localhost")),
    }


class Secret(Wire, frozen=True, kw_only=True):
    """Bytes by key. `stringData` is for writing: it is merged into `data` and never read back."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    immutable: bool | None = None
    data: dict[str, bytes] = _field(default_factory=dict)
    stringData: dict[str, str] = _field(default_factory=dict)
    type: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(
            values=(
                "Opaque",
                "kubernetes.io/service-account-token",
                "kubernetes.io/dockercfg",
                "kubernetes.io/dockerconfigjson",
                "kubernetes.io/basic-auth",
                "kubernetes.io/ssh-auth",
                "kubernetes.io/tls",
                "bootstrap.kubernetes.io/token",
            )
        ),
    }


class SecretEnvSource(Wire, frozen=True, kw_only=True):
    """All keys of a Secret of the pod's namespace, as variables of a container."""

    name: str = ""
    optional: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(default='""'),
    }


class SecretKeySelector(Wire, frozen=True, kw_only=True):
    """One key of a Secret in the pod's own namespace."""

    name: str = ""
    key: str = _field(default_factory=empty_string)
    optional: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(default='""'),
        "key": Rules(required=True),
    }

    __atomic__: ClassVar[bool] = True


class SecretList(Wire, frozen=True, kw_only=True):
    """A list of Secrets."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Secret, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class SecretProjection(Wire, frozen=True, kw_only=True):
    """A Secret of the pod's namespace as files of a projected volume."""

    name: str = ""
    items: tuple[KeyToPath, ...] = ()
    optional: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(default='""'),
        "items": Rules(list_type="atomic"),
    }


class SecretReference(Wire, frozen=True, kw_only=True):
    """A Secret in any namespace, for cluster-wide objects such as a PersistentVolume."""

    name: str = ""
    namespace: str = ""

    __atomic__: ClassVar[bool] = True


class SecretVolumeSource(Wire, frozen=True, kw_only=True):
    """A Secret of the pod's namespace as a directory: one file for each key, kept up to date."""

    secretName: str = ""
    items: tuple[KeyToPath, ...] = ()
    defaultMode: Int32 | None = None
    optional: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(list_type="atomic"),
    }


class SecurityContext(Wire, frozen=True, kw_only=True):
    """What a container may do. Fields that the pod's context has too go before it."""

    capabilities: Capabilities | None = None
    privileged: bool | None = None
    seLinuxOptions: SELinuxOptions | None = None
    windowsOptions: WindowsSecurityContextOptions | None = None
    runAsUser: Int64 | None = None
    runAsGroup: Int64 | None = None
    runAsNonRoot: bool | None = None
    readOnlyRootFilesystem: bool | None = None
    allowPrivilegeEscalation: bool | None = None
    procMount: str | None = None
    seccompProfile: SeccompProfile | None = None
    appArmorProfile: AppArmorProfile | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "procMount": Rules(values=("Default", "Unmasked")),
    }


class SerializedReference(Wire, frozen=True, kw_only=True):
    """A reference to an object as a document by itself. No resource serves it."""

    kind: str = ""
    apiVersion: str = ""
    reference: ObjectReference = _field(default_factory=ObjectReference)


class ServiceSpec(Wire, frozen=True, kw_only=True):
    """clusterIP (`None`: headless) is the first of clusterIPs and is given out by the apiserver,
    as are node ports. Neither changes while the type needs it.
    """

    ports: tuple[ServicePort, ...] = ()
    selector: dict[str, str] = _field(default_factory=dict)
    clusterIP: str = ""
    clusterIPs: tuple[str, ...] = ()
    type: str = ""
    externalIPs: tuple[str, ...] = ()
    sessionAffinity: str = ""
    loadBalancerIP: str = ""
    loadBalancerSourceRanges: tuple[str, ...] = ()
    externalName: str = ""
    externalTrafficPolicy: str = ""
    healthCheckNodePort: Int32 = 0
    publishNotReadyAddresses: bool = False
    sessionAffinityConfig: SessionAffinityConfig | None = None
    ipFamilies: tuple[str, ...] = ()
    ipFamilyPolicy: str | None = None
    allocateLoadBalancerNodePorts: bool | None = None
    loadBalancerClass: str | None = None
    internalTrafficPolicy: str | None = None
    trafficDistribution: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "ports": Rules(
            list_type="map",
            patch_merge_key="port",
            patch_strategy="merge",
            list_map_keys=("port", "protocol"),
        ),
        "selector": Rules(map_type="atomic"),
        "clusterIPs": Rules(list_type="atomic"),
        "type": Rules(values=("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")),
        "externalIPs": Rules(list_type="atomic"),
        "sessionAffinity": Rules(values=("ClientIP", "None")),
        "loadBalancerSourceRanges": Rules(list_type="atomic"),
        "externalTrafficPolicy": Rules(values=("Cluster", "Local")),
        "ipFamilies": Rules(list_type="atomic", values=("IPv4", "IPv6", "")),
        "ipFamilyPolicy": Rules(values=("SingleStack", "PreferDualStack", "RequireDualStack")),
        "internalTrafficPolicy": Rules(values=("Cluster", "Local")),
    }


class ServiceStatus(Wire, frozen=True, kw_only=True):
    """What a Service has got outside of the cluster."""

    loadBalancer: LoadBalancerStatus = _field(default_factory=LoadBalancerStatus)
    conditions: tuple[meta_v1.Condition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class Service(Wire, frozen=True, kw_only=True):
    """A name and address for a changing set of pods. The selector is evaluated by the endpoint
    controllers; without one somebody else writes the endpoints.
    """

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ServiceSpec = _field(default_factory=ServiceSpec)
    status: ServiceStatus = _field(default_factory=ServiceStatus)


class ServiceAccount(Wire, frozen=True, kw_only=True):
    """An identity for pods: system:serviceaccount:<namespace>:<name>."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    secrets: tuple[ObjectReference, ...] = ()
    imagePullSecrets: tuple[LocalObjectReference, ...] = ()
    automountServiceAccountToken: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "secrets": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
        "imagePullSecrets": Rules(list_type="atomic"),
    }


class ServiceAccountList(Wire, frozen=True, kw_only=True):
    """A list of ServiceAccounts."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ServiceAccount, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ServiceAccountTokenProjection(Wire, frozen=True, kw_only=True):
    """A token that is bound to the pod and renewed by the kubelet before it expires."""

    audience: str = ""
    expirationSeconds: Int64 | None = None
    path: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "path": Rules(required=True),
    }


class ServiceList(Wire, frozen=True, kw_only=True):
    """A list of Services."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Service, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ServicePort(Wire, frozen=True, kw_only=True):
    """`targetPort` is a number or the name of a container's port, which may differ from pod to
    pod.
    """

    name: str = ""
    protocol: str = ""
    appProtocol: str | None = None
    port: Int32 = _field(default_factory=zero)
    targetPort: IntOrString = _field(default_factory=zero)
    nodePort: Int32 = 0

    __rules__: ClassVar[dict[str, Rules]] = {
        "protocol": Rules(default='"TCP"', values=("TCP", "UDP", "SCTP")),
        "port": Rules(required=True),
    }


class ServiceProxyOptions(Wire, frozen=True, kw_only=True):
    """The query parameters of the `proxy` subresource of a Service."""

    kind: str = ""
    apiVersion: str = ""
    path: str = ""


class SessionAffinityConfig(Wire, frozen=True, kw_only=True):
    """How long a client stays with the pod that it had first."""

    clientIP: ClientIPConfig | None = None


class SleepAction(Wire, frozen=True, kw_only=True):
    """A hook of a container's life that only waits."""

    seconds: Int64 = _field(default_factory=zero)

    __rules__: ClassVar[dict[str, Rules]] = {
        "seconds": Rules(required=True),
    }


class StorageOSPersistentVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume of StorageOS as the storage of a PersistentVolume. Deprecated; no kubelet of
    today mounts it.
    """

    volumeName: str = ""
    volumeNamespace: str = ""
    fsType: str = ""
    readOnly: bool = False
    secretRef: ObjectReference | None = None


class StorageOSVolumeSource(Wire, frozen=True, kw_only=True):
    """A volume of StorageOS as a volume of a pod. Deprecated; no kubelet of today mounts it."""

    volumeName: str = ""
    volumeNamespace: str = ""
    fsType: str = ""
    readOnly: bool = False
    secretRef: LocalObjectReference | None = None


class Sysctl(Wire, frozen=True, kw_only=True):
    """A kernel parameter of a pod's own namespaces. Those that are not known to be safe the
    kubelet must be told to allow.
    """

    name: str = _field(default_factory=empty_string)
    value: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "value": Rules(required=True),
    }


class TCPSocketAction(Wire, frozen=True, kw_only=True):
    """Opens a TCP connection and closes it again."""

    port: IntOrString = _field(default_factory=zero)
    host: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "port": Rules(required=True),
    }


class Taint(Wire, frozen=True, kw_only=True):
    """Keeps pods away that do not tolerate it: NoSchedule for new ones, NoExecute also for those
    that run.
    """

    key: str = _field(default_factory=empty_string)
    value: str = ""
    effect: str = _field(default_factory=empty_string)
    timeAdded: Time | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "key": Rules(required=True),
        "effect": Rules(required=True, values=("NoSchedule", "PreferNoSchedule", "NoExecute")),
    }


class Toleration(Wire, frozen=True, kw_only=True):
    """Answers a taint of that key, value and effect; an empty key with Exists answers all.
    tolerationSeconds bounds how long a NoExecute taint is borne.
    """

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    tolerationSeconds: Int64 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "operator": Rules(values=("Exists", "Equal", "Lt", "Gt")),
        "effect": Rules(values=("NoSchedule", "PreferNoSchedule", "NoExecute")),
    }


class TopologySelectorLabelRequirement(Wire, frozen=True, kw_only=True):
    """One label of the places where volumes may be made, with the values that it may have."""

    key: str = _field(default_factory=empty_string)
    values: tuple[str, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "key": Rules(required=True),
        "values": Rules(list_type="atomic", required=True),
    }


class TopologySelectorTerm(Wire, frozen=True, kw_only=True):
    """Places where volumes of a StorageClass may be made, by node labels."""

    matchLabelExpressions: tuple[TopologySelectorLabelRequirement, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "matchLabelExpressions": Rules(list_type="atomic"),
    }

    __atomic__: ClassVar[bool] = True


class TopologySpreadConstraint(Wire, frozen=True, kw_only=True):
    """How evenly pods are spread over the values of a node label."""

    maxSkew: Int32 = _field(default_factory=zero)
    topologyKey: str = _field(default_factory=empty_string)
    whenUnsatisfiable: str = _field(default_factory=empty_string)
    labelSelector: meta_v1.LabelSelector | None = None
    minDomains: Int32 | None = None
    nodeAffinityPolicy: str | None = None
    nodeTaintsPolicy: str | None = None
    matchLabelKeys: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "maxSkew": Rules(required=True),
        "topologyKey": Rules(required=True),
        "whenUnsatisfiable": Rules(required=True, values=("DoNotSchedule", "ScheduleAnyway")),
        "nodeAffinityPolicy": Rules(values=("Ignore", "Honor")),
        "nodeTaintsPolicy": Rules(values=("Ignore", "Honor")),
        "matchLabelKeys": Rules(list_type="atomic"),
    }


class TypedLocalObjectReference(Wire, frozen=True, kw_only=True):
    """An object of any kind in the same namespace."""

    apiGroup: str | None = _field(default_factory=null)
    kind: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "kind": Rules(required=True),
        "name": Rules(required=True),
    }

    __atomic__: ClassVar[bool] = True


class TypedObjectReference(Wire, frozen=True, kw_only=True):
    """An object of any kind, perhaps in another namespace."""

    apiGroup: str | None = _field(default_factory=null)
    kind: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)
    namespace: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "kind": Rules(required=True),
        "name": Rules(required=True),
    }


class Volume(Wire, frozen=True, kw_only=True):
    """A directory for the pod's containers, of exactly one kind."""

    name: str = _field(default_factory=empty_string)
    hostPath: HostPathVolumeSource | None = None
    emptyDir: EmptyDirVolumeSource | None = None
    gcePersistentDisk: GCEPersistentDiskVolumeSource | None = None
    awsElasticBlockStore: AWSElasticBlockStoreVolumeSource | None = None
    gitRepo: GitRepoVolumeSource | None = None
    secret: SecretVolumeSource | None = None
    nfs: NFSVolumeSource | None = None
    iscsi: ISCSIVolumeSource | None = None
    glusterfs: GlusterfsVolumeSource | None = None
    persistentVolumeClaim: PersistentVolumeClaimVolumeSource | None = None
    rbd: RBDVolumeSource | None = None
    flexVolume: FlexVolumeSource | None = None
    cinder: CinderVolumeSource | None = None
    cephfs: CephFSVolumeSource | None = None
    flocker: FlockerVolumeSource | None = None
    downwardAPI: DownwardAPIVolumeSource | None = None
    fc: FCVolumeSource | None = None
    azureFile: AzureFileVolumeSource | None = None
    configMap: ConfigMapVolumeSource | None = None
    vsphereVolume: VsphereVirtualDiskVolumeSource | None = None
    quobyte: QuobyteVolumeSource | None = None
    azureDisk: AzureDiskVolumeSource | None = None
    photonPersistentDisk: PhotonPersistentDiskVolumeSource | None = None
    projected: ProjectedVolumeSource | None = None
    portworxVolume: PortworxVolumeSource | None = None
    scaleIO: ScaleIOVolumeSource | None = None
    storageos: StorageOSVolumeSource | None = None
    csi: CSIVolumeSource | None = None
    ephemeral: EphemeralVolumeSource | None = None
    image: ImageVolumeSource | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class VolumeDevice(Wire, frozen=True, kw_only=True):
    """Gives a container a raw block volume as a device file."""

    name: str = _field(default_factory=empty_string)
    devicePath: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "devicePath": Rules(required=True),
    }


class VolumeMount(Wire, frozen=True, kw_only=True):
    """Where a container sees a volume, or with subPath a part of it."""

    name: str = _field(default_factory=empty_string)
    readOnly: bool = False
    recursiveReadOnly: str | None = None
    mountPath: str = _field(default_factory=empty_string)
    subPath: str = ""
    mountPropagation: str | None = None
    subPathExpr: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "recursiveReadOnly": Rules(values=("Disabled", "IfPossible", "Enabled")),
        "mountPath": Rules(required=True),
        "mountPropagation": Rules(values=("None", "HostToContainer", "Bidirectional")),
    }


class VolumeMountStatus(Wire, frozen=True, kw_only=True):
    """How a volume is mounted in a running container."""

    name: str = _field(default_factory=empty_string)
    mountPath: str = _field(default_factory=empty_string)
    readOnly: bool = False
    recursiveReadOnly: str | None = None
    volumeStatus: VolumeStatus | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "mountPath": Rules(required=True),
        "recursiveReadOnly": Rules(values=("Disabled", "IfPossible", "Enabled")),
    }


class VolumeNodeAffinity(Wire, frozen=True, kw_only=True):
    """From which nodes a volume can be reached."""

    required: NodeSelector | None = None


class VolumeProjection(Wire, frozen=True, kw_only=True):
    """One source of a projected volume: exactly one kind."""

    secret: SecretProjection | None = None
    downwardAPI: DownwardAPIProjection | None = None
    configMap: ConfigMapProjection | None = None
    serviceAccountToken: ServiceAccountTokenProjection | None = None
    clusterTrustBundle: ClusterTrustBundleProjection | None = None
    podCertificate: PodCertificateProjection | None = None


class VolumeSource(Wire, frozen=True, kw_only=True):
    """Exactly one kind."""

    hostPath: HostPathVolumeSource | None = None
    emptyDir: EmptyDirVolumeSource | None = None
    gcePersistentDisk: GCEPersistentDiskVolumeSource | None = None
    awsElasticBlockStore: AWSElasticBlockStoreVolumeSource | None = None
    gitRepo: GitRepoVolumeSource | None = None
    secret: SecretVolumeSource | None = None
    nfs: NFSVolumeSource | None = None
    iscsi: ISCSIVolumeSource | None = None
    glusterfs: GlusterfsVolumeSource | None = None
    persistentVolumeClaim: PersistentVolumeClaimVolumeSource | None = None
    rbd: RBDVolumeSource | None = None
    flexVolume: FlexVolumeSource | None = None
    cinder: CinderVolumeSource | None = None
    cephfs: CephFSVolumeSource | None = None
    flocker: FlockerVolumeSource | None = None
    downwardAPI: DownwardAPIVolumeSource | None = None
    fc: FCVolumeSource | None = None
    azureFile: AzureFileVolumeSource | None = None
    configMap: ConfigMapVolumeSource | None = None
    vsphereVolume: VsphereVirtualDiskVolumeSource | None = None
    quobyte: QuobyteVolumeSource | None = None
    azureDisk: AzureDiskVolumeSource | None = None
    photonPersistentDisk: PhotonPersistentDiskVolumeSource | None = None
    projected: ProjectedVolumeSource | None = None
    portworxVolume: PortworxVolumeSource | None = None
    scaleIO: ScaleIOVolumeSource | None = None
    storageos: StorageOSVolumeSource | None = None
    csi: CSIVolumeSource | None = None
    ephemeral: EphemeralVolumeSource | None = None
    image: ImageVolumeSource | None = None


class VolumeStatus(Wire, frozen=True, kw_only=True):
    """What is known of a mounted volume, by its kind."""

    image: ImageVolumeStatus | None = None


class VsphereVirtualDiskVolumeSource(Wire, frozen=True, kw_only=True):
    """A virtual disk of vSphere. Deprecated; served by the CSI driver of vSphere."""

    volumePath: str = _field(default_factory=empty_string)
    fsType: str = ""
    storagePolicyName: str = ""
    storagePolicyID: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "volumePath": Rules(required=True),
    }


class WeightedPodAffinityTerm(Wire, frozen=True, kw_only=True):
    """A wish about pods nearby: the weights of all terms that a node matches are added up to its
    score.
    """

    weight: Int32 = _field(default_factory=zero)
    podAffinityTerm: PodAffinityTerm = _field(default_factory=PodAffinityTerm)

    __rules__: ClassVar[dict[str, Rules]] = {
        "weight": Rules(required=True),
        "podAffinityTerm": Rules(required=True),
    }


class WindowsSecurityContextOptions(Wire, frozen=True, kw_only=True):
    """What a container on Windows runs as. A container's fields go before the pod's."""

    gmsaCredentialSpecName: str | None = None
    gmsaCredentialSpec: str | None = None
    runAsUserName: str | None = None
    hostProcess: bool | None = None
