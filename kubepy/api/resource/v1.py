"""resource.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Raw
from msgspec import field as _field

from kubepy.api.core import v1 as core_v1
from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import (
    ABSENT,
    Int64,
    Quantity,
    Rules,
    Time,
    Wire,
    empty_string,
    json_null,
    no_items,
    no_quantity,
    null,
    zero,
)

PACKAGE = "k8s.io.api.resource.v1"
API_VERSION = "resource.k8s.io/v1"


class AllocatedDeviceStatus(Wire, frozen=True, kw_only=True):
    """What a driver reports about one device that is allocated to a claim."""

    driver: str = _field(default_factory=empty_string)
    pool: str = _field(default_factory=empty_string)
    device: str = _field(default_factory=empty_string)
    shareID: str | None = None
    conditions: tuple[meta_v1.Condition, ...] = _field(default_factory=no_items)
    data: Raw = ABSENT
    networkData: NetworkDeviceData | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "driver": Rules(required=True),
        "pool": Rules(required=True),
        "device": Rules(required=True),
        "conditions": Rules(list_type="map", list_map_keys=("type",)),
    }


class DeviceAllocationResult(Wire, frozen=True, kw_only=True):
    """The devices of an allocation, and their configuration."""

    results: tuple[DeviceRequestAllocationResult, ...] = ()
    config: tuple[DeviceAllocationConfiguration, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "results": Rules(list_type="atomic"),
        "config": Rules(list_type="atomic"),
    }


class AllocationResult(Wire, frozen=True, kw_only=True):
    """What was allocated for a claim, and where it can be used. It never changes until it is
    given up.
    """

    devices: DeviceAllocationResult = _field(default_factory=DeviceAllocationResult)
    nodeSelector: core_v1.NodeSelector | None = None
    allocationTimestamp: Time | None = None


class CELDeviceSelector(Wire, frozen=True, kw_only=True):
    """Chooses devices by an expression."""

    expression: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "expression": Rules(required=True),
    }


class CapacityRequestPolicy(Wire, frozen=True, kw_only=True):
    """How much of a capacity one claim may take of a device that is shared. At most one of
    `validValues` and `validRange` may be given.
    """

    default: Quantity | None = _field(default_factory=null)
    validValues: tuple[Quantity, ...] = ()
    validRange: CapacityRequestPolicyRange | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "validValues": Rules(list_type="atomic"),
    }


class CapacityRequestPolicyRange(Wire, frozen=True, kw_only=True):
    """Amounts between two bounds, perhaps in steps."""

    min: Quantity | None = None
    max: Quantity | None = None
    step: Quantity | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "min": Rules(required=True),
    }


class CapacityRequirements(Wire, frozen=True, kw_only=True):
    """How much of a device's capacities a request needs."""

    requests: dict[str, Quantity] = _field(default_factory=dict)


class Counter(Wire, frozen=True, kw_only=True):
    """An amount of something that devices use up."""

    value: Quantity = _field(default_factory=no_quantity)

    __rules__: ClassVar[dict[str, Rules]] = {
        "value": Rules(required=True),
    }


class CounterSet(Wire, frozen=True, kw_only=True):
    """Amounts that devices of a pool share, such as the memory of a card that they are parts of.
    A device is only allocated if enough is left.
    """

    name: str = _field(default_factory=empty_string)
    counters: dict[str, Counter] = _field(default_factory=dict)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "counters": Rules(required=True),
    }


class Device(Wire, frozen=True, kw_only=True):
    """One device that a driver offers: its properties, what it uses up, and perhaps where it is."""

    name: str = _field(default_factory=empty_string)
    attributes: dict[str, DeviceAttribute] = _field(default_factory=dict)
    capacity: dict[str, DeviceCapacity] = _field(default_factory=dict)
    consumesCounters: tuple[DeviceCounterConsumption, ...] = ()
    nodeName: str | None = None
    nodeSelector: core_v1.NodeSelector | None = None
    allNodes: bool | None = None
    taints: tuple[DeviceTaint, ...] = ()
    bindsToNode: bool | None = None
    bindingConditions: tuple[str, ...] = ()
    bindingFailureConditions: tuple[str, ...] = ()
    allowMultipleAllocations: bool | None = None
    nodeAllocatableResourceMappings: dict[str, NodeAllocatableResourceMapping] = _field(
        default_factory=dict
    )

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "consumesCounters": Rules(list_type="atomic"),
        "taints": Rules(list_type="atomic"),
        "bindingConditions": Rules(list_type="atomic"),
        "bindingFailureConditions": Rules(list_type="atomic"),
    }


class DeviceAllocationConfiguration(Wire, frozen=True, kw_only=True):
    """Configuration for allocated devices, and where it came from."""

    source: str = _field(default_factory=empty_string)
    requests: tuple[str, ...] = ()
    opaque: OpaqueDeviceConfiguration | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "source": Rules(required=True, values=("FromClass", "FromClaim")),
        "requests": Rules(list_type="atomic"),
    }


class DeviceAttribute(Wire, frozen=True, kw_only=True):
    """A property of a device. Exactly one of its fields is set."""

    int: Int64 | None = None
    bool_: bool | None = _field(default=None, name="bool")
    string: str | None = None
    version: str | None = None
    ints: tuple[Int64, ...] = ()
    bools: tuple[bool, ...] = ()
    strings: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ints": Rules(list_type="atomic"),
        "bools": Rules(list_type="atomic"),
        "strings": Rules(list_type="atomic"),
        "versions": Rules(list_type="atomic"),
    }


class DeviceCapacity(Wire, frozen=True, kw_only=True):
    """An amount that a device has, and how claims share it."""

    value: Quantity = _field(default_factory=no_quantity)
    requestPolicy: CapacityRequestPolicy | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "value": Rules(required=True),
    }


class DeviceClaim(Wire, frozen=True, kw_only=True):
    """The devices that a claim asks for."""

    requests: tuple[DeviceRequest, ...] = _field(default_factory=no_items)
    constraints: tuple[DeviceConstraint, ...] = ()
    config: tuple[DeviceClaimConfiguration, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "requests": Rules(list_type="atomic"),
        "constraints": Rules(list_type="atomic"),
        "config": Rules(list_type="atomic"),
    }


class DeviceClaimConfiguration(Wire, frozen=True, kw_only=True):
    """Configuration that a claim gives for its devices."""

    requests: tuple[str, ...] = ()
    opaque: OpaqueDeviceConfiguration | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "requests": Rules(list_type="atomic"),
    }


class DeviceClassSpec(Wire, frozen=True, kw_only=True):
    """Which devices are of a class, and how they are configured."""

    selectors: tuple[DeviceSelector, ...] = ()
    config: tuple[DeviceClassConfiguration, ...] = ()
    extendedResourceName: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "selectors": Rules(list_type="atomic"),
        "config": Rules(list_type="atomic"),
    }


class DeviceClass(Wire, frozen=True, kw_only=True):
    """A kind of device that claims can name: selectors and configuration."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: DeviceClassSpec = _field(default_factory=DeviceClassSpec)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class DeviceClassConfiguration(Wire, frozen=True, kw_only=True):
    """Configuration that a class gives for its devices."""

    opaque: OpaqueDeviceConfiguration | None = None


class DeviceClassList(Wire, frozen=True, kw_only=True):
    """A list of DeviceClasses."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[DeviceClass, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class DeviceConfiguration(Wire, frozen=True, kw_only=True):
    """Parameters for a device. The one kind there is must be given."""

    opaque: OpaqueDeviceConfiguration | None = None


class DeviceConstraint(Wire, frozen=True, kw_only=True):
    """What devices of a claim must have in common, or must not. Exactly one of the two
    attributes is given.
    """

    requests: tuple[str, ...] = ()
    matchAttribute: str | None = None
    distinctAttribute: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "requests": Rules(list_type="atomic"),
    }


class DeviceCounterConsumption(Wire, frozen=True, kw_only=True):
    """What a device uses up of a set of shared counters while it is allocated."""

    counterSet: str = _field(default_factory=empty_string)
    counters: dict[str, Counter] = _field(default_factory=dict)

    __rules__: ClassVar[dict[str, Rules]] = {
        "counterSet": Rules(required=True),
        "counters": Rules(required=True),
    }


class DeviceRequest(Wire, frozen=True, kw_only=True):
    """One thing that a claim asks for. Exactly one of `exactly` and `firstAvailable` is given."""

    name: str = _field(default_factory=empty_string)
    exactly: ExactDeviceRequest | None = None
    firstAvailable: tuple[DeviceSubRequest, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "firstAvailable": Rules(list_type="atomic"),
    }


class DeviceRequestAllocationResult(Wire, frozen=True, kw_only=True):
    """One device that was allocated for a request."""

    request: str = _field(default_factory=empty_string)
    driver: str = _field(default_factory=empty_string)
    pool: str = _field(default_factory=empty_string)
    device: str = _field(default_factory=empty_string)
    adminAccess: bool | None = None
    tolerations: tuple[DeviceToleration, ...] = ()
    bindingConditions: tuple[str, ...] = ()
    bindingFailureConditions: tuple[str, ...] = ()
    shareID: str | None = None
    consumedCapacity: dict[str, Quantity] = _field(default_factory=dict)

    __rules__: ClassVar[dict[str, Rules]] = {
        "request": Rules(required=True),
        "driver": Rules(required=True),
        "pool": Rules(required=True),
        "device": Rules(required=True),
        "tolerations": Rules(list_type="atomic"),
        "bindingConditions": Rules(list_type="atomic"),
        "bindingFailureConditions": Rules(list_type="atomic"),
    }


class DeviceSelector(Wire, frozen=True, kw_only=True):
    """A rule that devices must fit. The one kind there is must be given."""

    cel: CELDeviceSelector | None = None


class DeviceSubRequest(Wire, frozen=True, kw_only=True):
    """One alternative of a request."""

    name: str = _field(default_factory=empty_string)
    deviceClassName: str = _field(default_factory=empty_string)
    selectors: tuple[DeviceSelector, ...] = ()
    allocationMode: str = ""
    count: Int64 = 0
    tolerations: tuple[DeviceToleration, ...] = ()
    capacity: CapacityRequirements | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "deviceClassName": Rules(required=True),
        "selectors": Rules(list_type="atomic"),
        "allocationMode": Rules(values=("All", "ExactCount")),
        "tolerations": Rules(list_type="atomic"),
    }


class DeviceTaint(Wire, frozen=True, kw_only=True):
    """A reason not to use a device, except for requests that tolerate it."""

    key: str = _field(default_factory=empty_string)
    value: str = ""
    effect: str = _field(default_factory=empty_string)
    timeAdded: Time | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "key": Rules(required=True),
        "effect": Rules(required=True, values=("None", "NoSchedule", "NoExecute")),
    }


class DeviceToleration(Wire, frozen=True, kw_only=True):
    """Taints that the devices of a request may have all the same."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    tolerationSeconds: Int64 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "operator": Rules(default='"Equal"', values=("Exists", "Equal")),
        "effect": Rules(values=("None", "NoSchedule", "NoExecute")),
    }


class ExactDeviceRequest(Wire, frozen=True, kw_only=True):
    """Devices of one class, so many of them."""

    deviceClassName: str = _field(default_factory=empty_string)
    selectors: tuple[DeviceSelector, ...] = ()
    allocationMode: str = ""
    count: Int64 = 0
    adminAccess: bool | None = None
    tolerations: tuple[DeviceToleration, ...] = ()
    capacity: CapacityRequirements | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "deviceClassName": Rules(required=True),
        "selectors": Rules(list_type="atomic"),
        "allocationMode": Rules(values=("All", "ExactCount")),
        "tolerations": Rules(list_type="atomic"),
    }


class NetworkDeviceData(Wire, frozen=True, kw_only=True):
    """What the network knows a device by."""

    interfaceName: str = ""
    ips: tuple[str, ...] = ()
    hardwareAddress: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "ips": Rules(list_type="atomic"),
    }


class NodeAllocatableResourceMapping(Wire, frozen=True, kw_only=True):
    """How much of one of the node's own resources an allocation of a device uses."""

    capacityKey: str | None = None
    allocationMultiplier: Quantity | None = None


class OpaqueDeviceConfiguration(Wire, frozen=True, kw_only=True):
    """Parameters that only a driver understands."""

    driver: str = _field(default_factory=empty_string)
    parameters: Raw = _field(default_factory=json_null)

    __rules__: ClassVar[dict[str, Rules]] = {
        "driver": Rules(required=True),
        "parameters": Rules(required=True),
    }


class ResourceClaimSpec(Wire, frozen=True, kw_only=True):
    """What a claim asks for. It never changes."""

    devices: DeviceClaim = _field(default_factory=DeviceClaim)


class ResourceClaimStatus(Wire, frozen=True, kw_only=True):
    """What was allocated for a claim, and who uses it."""

    allocation: AllocationResult | None = None
    reservedFor: tuple[ResourceClaimConsumerReference, ...] = ()
    devices: tuple[AllocatedDeviceStatus, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "reservedFor": Rules(
            list_type="map", patch_merge_key="uid", patch_strategy="merge", list_map_keys=("uid",)
        ),
        "devices": Rules(list_type="map", list_map_keys=("driver", "device", "pool", "shareID")),
    }


class ResourceClaim(Wire, frozen=True, kw_only=True):
    """Devices that somebody wants, and once they are allocated, which ones they are."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ResourceClaimSpec = _field(default_factory=ResourceClaimSpec)
    status: ResourceClaimStatus = _field(default_factory=ResourceClaimStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class ResourceClaimConsumerReference(Wire, frozen=True, kw_only=True):
    """Somebody who uses a claim, usually a pod."""

    apiGroup: str = ""
    resource: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)
    uid: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "resource": Rules(required=True),
        "name": Rules(required=True),
        "uid": Rules(required=True),
    }


class ResourceClaimList(Wire, frozen=True, kw_only=True):
    """A list of ResourceClaims."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ResourceClaim, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ResourceClaimTemplateSpec(Wire, frozen=True, kw_only=True):
    """What each claim of a template gets."""

    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ResourceClaimSpec = _field(default_factory=ResourceClaimSpec)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class ResourceClaimTemplate(Wire, frozen=True, kw_only=True):
    """The ResourceClaim that each pod gets its own one of."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ResourceClaimTemplateSpec = _field(default_factory=ResourceClaimTemplateSpec)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class ResourceClaimTemplateList(Wire, frozen=True, kw_only=True):
    """A list of ResourceClaimTemplates."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ResourceClaimTemplate, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ResourcePool(Wire, frozen=True, kw_only=True):
    """The pool that the devices of a slice are in. Several slices may describe one pool
    together.
    """

    name: str = _field(default_factory=empty_string)
    generation: Int64 = _field(default_factory=zero)
    resourceSliceCount: Int64 = _field(default_factory=zero)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "generation": Rules(required=True),
        "resourceSliceCount": Rules(required=True),
    }


class ResourceSliceSpec(Wire, frozen=True, kw_only=True):
    """Whose the devices are, where they can be used, and what they are. Exactly one of
    `nodeName`, `nodeSelector`, `allNodes` and `perDeviceNodeSelection` is given.
    """

    driver: str = _field(default_factory=empty_string)
    pool: ResourcePool = _field(default_factory=ResourcePool)
    nodeName: str | None = None
    nodeSelector: core_v1.NodeSelector | None = None
    allNodes: bool | None = None
    devices: tuple[Device, ...] = ()
    perDeviceNodeSelection: bool | None = None
    sharedCounters: tuple[CounterSet, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "driver": Rules(required=True),
        "pool": Rules(required=True),
        "devices": Rules(list_type="atomic"),
        "sharedCounters": Rules(list_type="atomic"),
    }


class ResourceSlice(Wire, frozen=True, kw_only=True):
    """Some of the devices of a pool, published by their driver."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ResourceSliceSpec = _field(default_factory=ResourceSliceSpec)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class ResourceSliceList(Wire, frozen=True, kw_only=True):
    """A list of ResourceSlices."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ResourceSlice, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }
