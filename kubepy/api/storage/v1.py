"""storage.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.core import v1 as core_v1
from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import (
    Int32,
    Int64,
    Quantity,
    Rules,
    Time,
    Wire,
    empty_string,
    false,
    no_items,
    null,
)

PACKAGE = "k8s.io.api.storage.v1"
API_VERSION = "storage.k8s.io/v1"


class CSIDriverSpec(Wire, frozen=True, kw_only=True):
    """How the cluster treats the volumes of a driver."""

    attachRequired: bool | None = None
    podInfoOnMount: bool | None = None
    volumeLifecycleModes: tuple[str, ...] = ()
    storageCapacity: bool | None = None
    fsGroupPolicy: str | None = None
    tokenRequests: tuple[TokenRequest, ...] = ()
    requiresRepublish: bool | None = None
    seLinuxMount: bool | None = None
    nodeAllocatableUpdatePeriodSeconds: Int64 | None = None
    serviceAccountTokenInSecrets: bool | None = None
    preventPodSchedulingIfMissing: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "volumeLifecycleModes": Rules(list_type="set"),
        "tokenRequests": Rules(list_type="atomic"),
    }


class CSIDriver(Wire, frozen=True, kw_only=True):
    """What the driver of this name can do, and what it wants to be told."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: CSIDriverSpec = _field(default_factory=CSIDriverSpec)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class CSIDriverList(Wire, frozen=True, kw_only=True):
    """A list of CSIDrivers."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[CSIDriver, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class CSINodeSpec(Wire, frozen=True, kw_only=True):
    """The drivers on a node."""

    drivers: tuple[CSINodeDriver, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "drivers": Rules(
            list_type="map",
            patch_merge_key="name",
            patch_strategy="merge",
            list_map_keys=("name",),
            required=True,
        ),
    }


class CSINode(Wire, frozen=True, kw_only=True):
    """The drivers that run on the node of the same name."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: CSINodeSpec = _field(default_factory=CSINodeSpec)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }
    __nulls__: ClassVar[tuple[str, ...]] = ("drivers", "topologyKeys")


class CSINodeDriver(Wire, frozen=True, kw_only=True):
    """One driver on a node. Only its `allocatable` may change while it is there."""

    name: str = _field(default_factory=empty_string)
    nodeID: str = _field(default_factory=empty_string)
    topologyKeys: tuple[str, ...] = _field(default_factory=no_items)
    allocatable: VolumeNodeResources | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "nodeID": Rules(required=True),
        "topologyKeys": Rules(list_type="atomic"),
    }


class CSINodeList(Wire, frozen=True, kw_only=True):
    """A list of CSINodes."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[CSINode, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class CSIStorageCapacity(Wire, frozen=True, kw_only=True):
    """How much room a driver has for a class in one part of the cluster."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    nodeTopology: meta_v1.LabelSelector | None = None
    storageClassName: str = _field(default_factory=empty_string)
    capacity: Quantity | None = None
    maximumVolumeSize: Quantity | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "storageClassName": Rules(required=True),
    }


class CSIStorageCapacityList(Wire, frozen=True, kw_only=True):
    """A list of CSIStorageCapacities."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[CSIStorageCapacity, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class StorageClass(Wire, frozen=True, kw_only=True):
    """How volumes are made on demand, and by whom. A claim names its class, or gets the default
    one.
    """

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    provisioner: str = _field(default_factory=empty_string)
    parameters: dict[str, str] = _field(default_factory=dict)
    reclaimPolicy: str | None = None
    mountOptions: tuple[str, ...] = ()
    allowVolumeExpansion: bool | None = None
    volumeBindingMode: str | None = None
    allowedTopologies: tuple[core_v1.TopologySelectorTerm, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "provisioner": Rules(required=True),
        "reclaimPolicy": Rules(values=("Delete", "Recycle", "Retain")),
        "mountOptions": Rules(list_type="atomic"),
        "volumeBindingMode": Rules(values=("Immediate", "WaitForFirstConsumer")),
        "allowedTopologies": Rules(list_type="atomic"),
    }


class StorageClassList(Wire, frozen=True, kw_only=True):
    """A list of StorageClasses."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[StorageClass, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class TokenRequest(Wire, frozen=True, kw_only=True):
    """A token of the pod's service account for a CSI driver."""

    audience: str = _field(default_factory=empty_string)
    expirationSeconds: Int64 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "audience": Rules(required=True),
    }


class VolumeAttachmentSource(Wire, frozen=True, kw_only=True):
    """The volume of a VolumeAttachment. Exactly one of the fields is given."""

    persistentVolumeName: str | None = None
    inlineVolumeSpec: core_v1.PersistentVolumeSpec | None = None


class VolumeAttachmentSpec(Wire, frozen=True, kw_only=True):
    """Which volume is to be attached to which node. It never changes: what is no longer wanted
    is deleted.
    """

    attacher: str = _field(default_factory=empty_string)
    source: VolumeAttachmentSource = _field(default_factory=VolumeAttachmentSource)
    nodeName: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "attacher": Rules(required=True),
        "source": Rules(required=True),
        "nodeName": Rules(required=True),
    }


class VolumeAttachmentStatus(Wire, frozen=True, kw_only=True):
    """How far the attaching or detaching is. Whoever acts for the driver writes it."""

    attached: bool = _field(default_factory=false)
    attachmentMetadata: dict[str, str] = _field(default_factory=dict)
    attachError: VolumeError | None = None
    detachError: VolumeError | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "attached": Rules(required=True),
    }


class VolumeAttachment(Wire, frozen=True, kw_only=True):
    """The wish to have a volume at a node, and how far that is."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: VolumeAttachmentSpec = _field(default_factory=VolumeAttachmentSpec)
    status: VolumeAttachmentStatus = _field(default_factory=VolumeAttachmentStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class VolumeAttachmentList(Wire, frozen=True, kw_only=True):
    """A list of VolumeAttachments."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[VolumeAttachment, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class VolumeAttributesClass(Wire, frozen=True, kw_only=True):
    """Qualities of a volume that its driver can change while it is used."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    driverName: str = _field(default_factory=empty_string)
    parameters: dict[str, str] = _field(default_factory=dict)

    __rules__: ClassVar[dict[str, Rules]] = {
        "driverName": Rules(required=True),
    }


class VolumeAttributesClassList(Wire, frozen=True, kw_only=True):
    """A list of VolumeAttributesClasses."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[VolumeAttributesClass, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class VolumeError(Wire, frozen=True, kw_only=True):
    """A failure of a driver to attach or detach a volume."""

    time: Time | None = _field(default_factory=null)
    message: str = ""
    errorCode: Int32 | None = None


class VolumeNodeResources(Wire, frozen=True, kw_only=True):
    """How many volumes of a driver a node can have."""

    count: Int32 | None = None
