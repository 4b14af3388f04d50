"""v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Raw
from msgspec import field as _field

from kubepy.api.types import (
    ABSENT,
    Int32,
    Int64,
    Rules,
    Time,
    Wire,
    empty_string,
    false,
    json_null,
    no_items,
    null,
)

PACKAGE = "k8s.io.apimachinery.pkg.apis.meta.v1"
API_VERSION = "v1"


class GroupVersionForDiscovery(Wire, frozen=True, kw_only=True):
    """A version of a group, both together and apart, as discovery shows it."""

    groupVersion: str = _field(default_factory=empty_string)
    version: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "groupVersion": Rules(required=True),
        "version": Rules(required=True),
    }


class APIGroup(Wire, frozen=True, kw_only=True):
    """A group of kinds and the versions in which the server speaks it, as discovery under /apis
    shows it.
    """

    kind: str = ""
    apiVersion: str = ""
    name: str = _field(default_factory=empty_string)
    versions: tuple[GroupVersionForDiscovery, ...] = _field(default_factory=no_items)
    preferredVersion: GroupVersionForDiscovery = _field(default_factory=GroupVersionForDiscovery)
    serverAddressByClientCIDRs: tuple[ServerAddressByClientCIDR, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "versions": Rules(list_type="atomic", required=True),
        "serverAddressByClientCIDRs": Rules(list_type="atomic"),
    }


class APIGroupList(Wire, frozen=True, kw_only=True):
    """The groups that the server speaks, as /apis answers. The legacy group is not among them."""

    kind: str = ""
    apiVersion: str = ""
    groups: tuple[APIGroup, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "groups": Rules(list_type="atomic", required=True),
    }


class APIResource(Wire, frozen=True, kw_only=True):
    """A resource of a group version as discovery shows it: what it is called, and what can be
    done with it.
    """

    name: str = _field(default_factory=empty_string)
    singularName: str = _field(default_factory=empty_string)
    namespaced: bool = _field(default_factory=false)
    group: str = ""
    version: str = ""
    kind: str = _field(default_factory=empty_string)
    verbs: tuple[str, ...] = _field(default_factory=no_items)
    shortNames: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    storageVersionHash: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "singularName": Rules(required=True),
        "namespaced": Rules(required=True),
        "kind": Rules(required=True),
        "verbs": Rules(required=True),
        "shortNames": Rules(list_type="atomic"),
        "categories": Rules(list_type="atomic"),
    }


class APIResourceList(Wire, frozen=True, kw_only=True):
    """The resources of one group version, as discovery answers."""

    kind: str = ""
    apiVersion: str = ""
    groupVersion: str = _field(default_factory=empty_string)
    resources: tuple[APIResource, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "groupVersion": Rules(required=True),
        "resources": Rules(list_type="atomic", required=True),
    }


class APIVersions(Wire, frozen=True, kw_only=True):
    """The versions of the legacy group, as /api answers."""

    kind: str = ""
    apiVersion: str = ""
    versions: tuple[str, ...] = _field(default_factory=no_items)
    serverAddressByClientCIDRs: tuple[ServerAddressByClientCIDR, ...] = _field(
        default_factory=no_items
    )

    __rules__: ClassVar[dict[str, Rules]] = {
        "versions": Rules(list_type="atomic", required=True),
        "serverAddressByClientCIDRs": Rules(list_type="atomic", required=True),
    }


class ApplyOptions(Wire, frozen=True, kw_only=True):
    """The query of a server-side apply."""

    kind: str = ""
    apiVersion: str = ""
    dryRun: tuple[str, ...] = ()
    force: bool = _field(default_factory=false)
    fieldManager: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "dryRun": Rules(list_type="atomic"),
        "force": Rules(required=True),
        "fieldManager": Rules(required=True),
    }


class Condition(Wire, frozen=True, kw_only=True):
    """One aspect of an object's state; lastTransitionTime changes with `status` only."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    observedGeneration: Int64 = 0
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = _field(default_factory=empty_string)
    message: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True),
        "status": Rules(required=True, values=("True", "False", "Unknown")),
        "lastTransitionTime": Rules(required=True),
        "reason": Rules(required=True),
        "message": Rules(required=True),
    }


class CreateOptions(Wire, frozen=True, kw_only=True):
    """The query of a create."""

    kind: str = ""
    apiVersion: str = ""
    dryRun: tuple[str, ...] = ()
    fieldManager: str = ""
    fieldValidation: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "dryRun": Rules(list_type="atomic"),
    }


class DeleteOptions(Wire, frozen=True, kw_only=True):
    """gracePeriodSeconds 0 deletes at once. orphanDependents is the old word for a
    propagationPolicy.
    """

    kind: str = ""
    apiVersion: str = ""
    gracePeriodSeconds: Int64 | None = None
    preconditions: Preconditions | None = None
    orphanDependents: bool | None = None
    propagationPolicy: str | None = None
    dryRun: tuple[str, ...] = ()
    ignoreStoreReadErrorWithClusterBreakingPotential: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "propagationPolicy": Rules(values=("Orphan", "Background", "Foreground")),
        "dryRun": Rules(list_type="atomic"),
    }


class FieldSelectorRequirement(Wire, frozen=True, kw_only=True):
    """One demand on a field, in a selection by fields: the field, an operator, and values where
    the operator needs them.
    """

    key: str = _field(default_factory=empty_string)
    operator: str = _field(default_factory=empty_string)
    values: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "key": Rules(required=True),
        "operator": Rules(required=True, values=("In", "NotIn", "Exists", "DoesNotExist")),
        "values": Rules(list_type="atomic"),
    }


class GetOptions(Wire, frozen=True, kw_only=True):
    """The query of a get."""

    kind: str = ""
    apiVersion: str = ""
    resourceVersion: str = ""


class GroupKind(Wire, frozen=True, kw_only=True):
    """A kind in a group, whatever its version."""

    group: str = _field(default_factory=empty_string)
    kind: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "group": Rules(required=True),
        "kind": Rules(required=True),
    }


class GroupResource(Wire, frozen=True, kw_only=True):
    """A resource in a group, whatever its version."""

    group: str = _field(default_factory=empty_string)
    resource: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "group": Rules(required=True),
        "resource": Rules(required=True),
    }


class GroupVersion(Wire, frozen=True, kw_only=True):
    """A version of a group."""

    group: str = _field(default_factory=empty_string)
    version: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "group": Rules(required=True),
        "version": Rules(required=True),
    }


class GroupVersionKind(Wire, frozen=True, kw_only=True):
    """A kind in a version of a group: what tells the type of an object."""

    group: str = _field(default_factory=empty_string)
    version: str = _field(default_factory=empty_string)
    kind: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "group": Rules(required=True),
        "version": Rules(required=True),
        "kind": Rules(required=True),
    }


class GroupVersionResource(Wire, frozen=True, kw_only=True):
    """A resource in a version of a group: what tells where objects are found."""

    group: str = _field(default_factory=empty_string)
    version: str = _field(default_factory=empty_string)
    resource: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "group": Rules(required=True),
        "version": Rules(required=True),
        "resource": Rules(required=True),
    }


class LabelSelector(Wire, frozen=True, kw_only=True):
    """All requirements must hold. Empty selects everything, absent nothing."""

    matchLabels: dict[str, str] = _field(default_factory=dict)
    matchExpressions: tuple[LabelSelectorRequirement, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "matchExpressions": Rules(list_type="atomic"),
    }

    __atomic__: ClassVar[bool] = True


class LabelSelectorRequirement(Wire, frozen=True, kw_only=True):
    """One demand on a label: its key, an operator, and values where the operator needs them."""

    key: str = _field(default_factory=empty_string)
    operator: str = _field(default_factory=empty_string)
    values: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "key": Rules(required=True),
        "operator": Rules(required=True, values=("In", "NotIn", "Exists", "DoesNotExist")),
        "values": Rules(list_type="atomic"),
    }


class ListMeta(Wire, frozen=True, kw_only=True):
    """resourceVersion is the moment that the list shows; `continue` asks for the next page of
    it.
    """

    selfLink: str = ""
    resourceVersion: str = ""
    continue_: str = _field(default="", name="continue")
    remainingItemCount: Int64 | None = None
    shardInfo: ShardInfo | None = None


class List(Wire, frozen=True, kw_only=True):
    """Objects of any kinds in one document."""

    kind: str = ""
    apiVersion: str = ""
    metadata: ListMeta = _field(default_factory=ListMeta)
    items: tuple[Raw, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ListOptions(Wire, frozen=True, kw_only=True):
    """The query of lists and watches."""

    kind: str = ""
    apiVersion: str = ""
    labelSelector: str = ""
    fieldSelector: str = ""
    watch: bool = False
    allowWatchBookmarks: bool = False
    resourceVersion: str = ""
    resourceVersionMatch: str = ""
    timeoutSeconds: Int64 | None = None
    limit: Int64 = 0
    continue_: str = _field(default="", name="continue")
    sendInitialEvents: bool | None = None
    shardSelector: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "resourceVersionMatch": Rules(values=("NotOlderThan", "Exact")),
    }


class ManagedFieldsEntry(Wire, frozen=True, kw_only=True):
    """Which fields a manager owns, since which of its writes."""

    manager: str = ""
    operation: str = ""
    apiVersion: str = ""
    time: Time | None = None
    fieldsType: str = ""
    fieldsV1: Raw = ABSENT
    subresource: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "operation": Rules(values=("Apply", "Update")),
    }


class ObjectMeta(Wire, frozen=True, kw_only=True):
    """What every stored object has. uid, resourceVersion, generation and the time stamps are the
    server's; resourceVersion is opaque, and changes with every write.
    """

    name: str = ""
    generateName: str = ""
    namespace: str = ""
    selfLink: str = ""
    uid: str = ""
    resourceVersion: str = ""
    generation: Int64 = 0
    creationTimestamp: Time | None = None
    deletionTimestamp: Time | None = None
    deletionGracePeriodSeconds: Int64 | None = None
    labels: dict[str, str] = _field(default_factory=dict)
    annotations: dict[str, str] = _field(default_factory=dict)
    ownerReferences: tuple[OwnerReference, ...] = ()
    finalizers: tuple[str, ...] = ()
    managedFields: tuple[ManagedFieldsEntry, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ownerReferences": Rules(
            list_type="map", patch_merge_key="uid", patch_strategy="merge", list_map_keys=("uid",)
        ),
        "finalizers": Rules(list_type="set", patch_strategy="merge"),
        "managedFields": Rules(list_type="atomic"),
    }


class OwnerReference(Wire, frozen=True, kw_only=True):
    """The object goes when all of its owners are gone. At most one is the controller."""

    apiVersion: str = _field(default_factory=empty_string)
    kind: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)
    uid: str = _field(default_factory=empty_string)
    controller: bool | None = None
    blockOwnerDeletion: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "apiVersion": Rules(required=True),
        "kind": Rules(required=True),
        "name": Rules(required=True),
        "uid": Rules(required=True),
    }

    __atomic__: ClassVar[bool] = True


class PartialObjectMetadata(Wire, frozen=True, kw_only=True):
    """An object of any kind of which only the metadata is shown."""

    kind: str = ""
    apiVersion: str = ""
    metadata: ObjectMeta = _field(default_factory=ObjectMeta)


class PartialObjectMetadataList(Wire, frozen=True, kw_only=True):
    """A list of objects with nothing but their metadata."""

    kind: str = ""
    apiVersion: str = ""
    metadata: ListMeta = _field(default_factory=ListMeta)
    items: tuple[PartialObjectMetadata, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class PatchOptions(Wire, frozen=True, kw_only=True):
    """The query of a patch."""

    kind: str = ""
    apiVersion: str = ""
    dryRun: tuple[str, ...] = ()
    force: bool | None = None
    fieldManager: str = ""
    fieldValidation: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "dryRun": Rules(list_type="atomic"),
    }


class Preconditions(Wire, frozen=True, kw_only=True):
    """The delete happens only if these hold."""

    uid: str | None = None
    resourceVersion: str | None = None


class RootPaths(Wire, frozen=True, kw_only=True):
    """The paths that the server answers to, as / shows them."""

    paths: tuple[str, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "paths": Rules(list_type="atomic", required=True),
    }


class ServerAddressByClientCIDR(Wire, frozen=True, kw_only=True):
    """An address of the server, for the clients of one network."""

    clientCIDR: str = _field(default_factory=empty_string)
    serverAddress: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "clientCIDR": Rules(required=True),
        "serverAddress": Rules(required=True),
    }


class ShardInfo(Wire, frozen=True, kw_only=True):
    """Which shard of the objects a list holds."""

    selector: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "selector": Rules(required=True),
    }


class Status(Wire, frozen=True, kw_only=True):
    """The answer to a request that failed, or that has no object to give back."""

    kind: str = ""
    apiVersion: str = ""
    metadata: ListMeta = _field(default_factory=ListMeta)
    status: str = ""
    message: str = ""
    reason: str = ""
    details: StatusDetails | None = None
    code: Int32 = 0

    __rules__: ClassVar[dict[str, Rules]] = {
        "reason": Rules(
            values=(
                "",
                "Unauthorized",
                "Forbidden",
                "NotFound",
                "AlreadyExists",
                "Conflict",
                "Gone",
                "Invalid",
                "ServerTimeout",
                "StorageReadError",
                "Timeout",
                "TooManyRequests",
                "BadRequest",
                "MethodNotAllowed",
                "NotAcceptable",
                "RequestEntityTooLarge",
                "UnsupportedMediaType",
                "InternalError",
                "Expired",
                "ServiceUnavailable",
            )
        ),
    }


class StatusCause(Wire, frozen=True, kw_only=True):
    """One reason of several; `field` is a path as in spec.containers[0].name."""

    reason: str = ""
    message: str = ""
    field: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "reason": Rules(
            values=(
                "FieldValueNotFound",
                "FieldValueRequired",
                "FieldValueDuplicate",
                "FieldValueInvalid",
                "FieldValueNotSupported",
                "FieldValueForbidden",
                "FieldValueTooLong",
                "FieldValueTooMany",
                "InternalError",
                "FieldValueTypeInvalid",
                "UnexpectedServerResponse",
                "FieldManagerConflict",
                "ResourceVersionTooLarge",
            )
        ),
    }


class StatusDetails(Wire, frozen=True, kw_only=True):
    """More about an answer: the object it speaks of, and the single causes."""

    name: str = ""
    group: str = ""
    kind: str = ""
    uid: str = ""
    causes: tuple[StatusCause, ...] = ()
    retryAfterSeconds: Int32 = 0

    __rules__: ClassVar[dict[str, Rules]] = {
        "causes": Rules(list_type="atomic"),
    }


class TableOptions(Wire, frozen=True, kw_only=True):
    """The query of an answer as a table."""

    kind: str = ""
    apiVersion: str = ""
    includeObject: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "includeObject": Rules(values=("None", "Metadata", "Object")),
    }


class UpdateOptions(Wire, frozen=True, kw_only=True):
    """The query of an update."""

    kind: str = ""
    apiVersion: str = ""
    dryRun: tuple[str, ...] = ()
    fieldManager: str = ""
    fieldValidation: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "dryRun": Rules(list_type="atomic"),
    }


class WatchEvent(Wire, frozen=True, kw_only=True):
    """ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, with the object."""

    type: str = _field(default_factory=empty_string)
    object: Raw = _field(default_factory=json_null)

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True),
        "object": Rules(required=True),
    }
