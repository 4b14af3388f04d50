"""What was allocated for a claim, and for whom."""

from __future__ import annotations

import ipaddress

from kubepy.api.resource.v1 import (
    AllocatedDeviceStatus,
    AllocationResult,
    DeviceAllocationConfiguration,
    DeviceRequestAllocationResult,
    NetworkDeviceData,
    ResourceClaim,
    ResourceClaimConsumerReference,
)
from kubepy.api.types import ABSENT
from kubepy.apiserver.registry.conditions import condition_errors
from kubepy.apiserver.registry.core.podspec.placement import node_selector_errors
from kubepy.apiserver.registry.network import NOT_A_CIDR
from kubepy.apiserver.registry.resource.claims import (
    MAX_REQUESTS,
    Requests,
    names_of,
    reference_errors,
    references_errors,
)
from kubepy.apiserver.registry.resource.devices import (
    MAX_CONFIGURATIONS,
    binding_errors,
    configuration_errors,
    each,
    label,
    pool_name,
    raw_errors,
    uid_errors,
    unique,
)
from kubepy.apiserver.registry.values import choice, driver_name, immutable
from kubepy.meta.errors import FieldError, forbidden, invalid, required, too_long, too_many

MAX_CONSUMERS = 256
MAX_RESULTS = MAX_REQUESTS
MAX_CONDITIONS = 8
MAX_IPS = 16
INTERFACE_LENGTH, HARDWARE_LENGTH = 256, 128  # bytes
NO_LIMIT = 1 << 31
SOURCES = ("FromClaim", "FromClass")


def status_errors(new: ResourceClaim, old: ResourceClaim) -> list[FieldError]:
    status, before = new.status, old.status
    errors = unique(
        status.reservedFor,
        MAX_CONSUMERS,
        _consumer_errors,
        "status.reservedFor",
        lambda consumer: consumer.uid,
    )
    allocated = set(map(_identity, status.allocation.devices.results)) if status.allocation else ()

    def check_device(device: AllocatedDeviceStatus, path: str) -> list[FieldError]:
        errors = _device_errors(device, path)
        if _identity(device) not in allocated:
            shown = "/".join(part for part in _identity(device) if part)
            why = "must be an allocated device in the claim"
            errors.append(invalid(path, shown, why))
        return errors

    errors += unique(status.devices, NO_LIMIT, check_device, "status.devices", _identity)
    errors += _reservation_errors(new, old)
    if before.allocation is not None and status.allocation is not None:
        return errors + immutable(status.allocation, before.allocation, "status.allocation")
    if status.allocation is None:
        return errors
    requests = names_of(new.spec.devices.requests)
    return errors + _allocation_errors(status.allocation, requests, "status.allocation")


def _identity(
    device: AllocatedDeviceStatus | DeviceRequestAllocationResult,
) -> tuple[str, str, str, str]:
    return device.driver, device.pool, device.device, device.shareID or ""


def _consumer_errors(consumer: ResourceClaimConsumerReference, path: str) -> list[FieldError]:
    fields = ("resource", "name", "uid")
    return [required(f"{path}.{field}") for field in fields if not getattr(consumer, field)]


def _reservation_errors(new: ResourceClaim, old: ResourceClaim) -> list[FieldError]:
    path = "status.reservedFor"
    if not new.status.reservedFor:
        return []
    if new.status.allocation is None:
        return [forbidden(path, "may not be specified when `allocated` is not set")]
    added = [c for c in new.status.reservedFor if c not in old.status.reservedFor]
    if new.metadata.deletionTimestamp is None or not added:
        return []
    why = (
        "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set"
    )
    return [forbidden(path, why)]


def _device_errors(device: AllocatedDeviceStatus, path: str) -> list[FieldError]:
    errors = driver_name(device.driver, f"{path}.driver")
    errors += pool_name(device.pool, f"{path}.pool")
    errors += label(device.device, f"{path}.device")
    if device.shareID is not None:
        errors += uid_errors(device.shareID, f"{path}.shareID")
    if len(device.conditions) > MAX_CONDITIONS:
        errors.append(too_many(f"{path}.conditions", len(device.conditions), MAX_CONDITIONS))
    errors += condition_errors(device.conditions, f"{path}.conditions")
    if device.data != ABSENT:
        errors += raw_errors(device.data, f"{path}.data")
    if device.networkData is not None:
        errors += _network_errors(device.networkData, f"{path}.networkData")
    return errors


def _network_errors(data: NetworkDeviceData, path: str) -> list[FieldError]:
    errors = []
    if len(data.interfaceName.encode()) > INTERFACE_LENGTH:
        errors.append(too_long(f"{path}.interfaceName", "", INTERFACE_LENGTH))
    if len(data.hardwareAddress.encode()) > HARDWARE_LENGTH:
        errors.append(too_long(f"{path}.hardwareAddress", "", HARDWARE_LENGTH))
    return errors + unique(data.ips, MAX_IPS, _interface_errors, f"{path}.ips", str)


def _interface_errors(text: str, path: str) -> list[FieldError]:
    """An address with the length of its network: `192.168.1.5/24`."""
    try:
        canonical = str(ipaddress.ip_interface(text))
    except ValueError:
        return [invalid(path, text, NOT_A_CIDR)]
    if canonical == text:
        return []
    return [invalid(path, text, f'must be in canonical form ("{canonical}")')]


def _allocation_errors(
    allocation: AllocationResult, requests: Requests, path: str
) -> list[FieldError]:
    def check_result(result: DeviceRequestAllocationResult, where: str) -> list[FieldError]:
        return _result_errors(result, requests, where)

    def check_config(config: DeviceAllocationConfiguration, where: str) -> list[FieldError]:
        return _config_errors(config, requests, where)

    devices, where = allocation.devices, f"{path}.devices"
    errors = each(devices.results, MAX_RESULTS, check_result, f"{where}.results")
    # Those of the class, and those of the claim.
    errors += each(devices.config, 2 * MAX_CONFIGURATIONS, check_config, f"{where}.config")
    if allocation.nodeSelector is not None:
        errors += node_selector_errors(allocation.nodeSelector, f"{path}.nodeSelector")
    return errors


def _result_errors(
    result: DeviceRequestAllocationResult, requests: Requests, path: str
) -> list[FieldError]:
    errors = reference_errors(result.request, requests, f"{path}.request")
    errors += driver_name(result.driver, f"{path}.driver")
    errors += pool_name(result.pool, f"{path}.pool")
    errors += label(result.device, f"{path}.device")
    errors += binding_errors(result.bindingConditions, result.bindingFailureConditions, path)
    if result.shareID is not None:
        errors += uid_errors(result.shareID, f"{path}.shareID")
    return errors


def _config_errors(
    config: DeviceAllocationConfiguration, requests: Requests, path: str
) -> list[FieldError]:
    if config.source:
        errors = choice(config.source, SOURCES, f"{path}.source")
    else:
        errors = [required(f"{path}.source")]
    errors += references_errors(config.requests, requests, f"{path}.requests")
    return errors + configuration_errors(config.opaque, path)
