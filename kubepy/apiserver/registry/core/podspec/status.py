"""What a node may report about a pod."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from kubepy.api.core.v1 import ContainerStatus, Pod, PodStatus
from kubepy.apiserver.registry.network import ip_errors
from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate, forbidden, invalid

SYSTEM_CONDITIONS = ("PodScheduled", "Ready", "Initialized")
STATUSES = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")


def status_update_errors(new: Pod, old: Pod, path: str) -> list[FieldError]:
    status, before = new.status, old.status
    errors = _condition_errors(status, f"{path}.conditions")
    nominated = status.nominatedNodeName
    if nominated and nominated != before.nominatedNodeName:
        messages = names.dns1123_subdomain(nominated)
        errors += [invalid(f"{path}.nominatedNodeName", nominated, text) for text in messages]
    if status.qosClass != before.qosClass:
        errors.append(invalid(f"{path}.qosClass", status.qosClass, "field is immutable"))
    for field in STATUSES:
        errors += _restart_errors(new, old, field, f"{path}.{field}")
    errors += _claim_errors(new, f"{path}.resourceClaimStatuses")
    errors += _address_errors(status.podIPs, f"{path}.podIPs")
    if status.hostIPs:
        first = status.hostIPs[0].ip
        if status.hostIP != first:
            why = "must be equal to `hostIP`"
            errors.append(invalid(f"{path}.hostIPs[0].ip", first, why))
        errors += _address_errors(status.hostIPs, f"{path}.hostIPs")
    return errors


def _condition_errors(status: PodStatus, path: str) -> list[FieldError]:
    errors = []
    for index, condition in enumerate(status.conditions):
        if condition.type not in SYSTEM_CONDITIONS:
            where = f"{path}[{index}].Type"
            messages = names.qualified_name(condition.type)
            errors += [invalid(where, condition.type, text) for text in messages]
    return errors


def _restart_errors(new: Pod, old: Pod, field: str, path: str) -> list[FieldError]:
    """A container that ended for good cannot come back."""
    policy = "Never" if field == "ephemeralContainerStatuses" else old.spec.restartPolicy
    if policy == "Always":
        return []
    sidecars = {c.name for c in old.spec.initContainers if c.restartPolicy == "Always"}
    errors = []
    for index, container in enumerate(getattr(old.status, field)):
        ended = container.state.terminated
        if ended is None or (ended.exitCode != 0 and policy == "OnFailure"):
            continue
        if field == "initContainerStatuses" and container.name in sidecars:
            continue
        if _may_restart(old, container):
            continue
        for now in getattr(new.status, field):
            if now.name == container.name and now.state.terminated is None:
                why = "may not be transitioned to non-terminated state"
                errors.append(forbidden(f"{path}[{index}].state", why))
    return errors


def _may_restart(pod: Pod, container: ContainerStatus) -> bool:
    """Whether the container's own restart policy wins over the pod's."""
    for own in (*pod.spec.containers, *pod.spec.initContainers):
        if own.name == container.name and own.restartPolicy is not None:
            return True
    return False


def _claim_errors(pod: Pod, path: str) -> list[FieldError]:
    known = {claim.name for claim in pod.spec.resourceClaims}
    seen = set()
    errors = []
    for index, claim in enumerate(pod.status.resourceClaimStatuses):
        where = f"{path}[{index}].name"
        if claim.name not in known:
            why = "must match the name of an entry in `spec.resourceClaims`"
            errors.append(invalid(where, claim.name, why))
        if claim.name in seen:
            errors.append(duplicate(where, claim.name))
        seen.add(claim.name)
        name = claim.resourceClaimName
        if name is not None:
            errors += [invalid(where, name, text) for text in names.dns1123_subdomain(name)]
    return errors


def _address_errors(addresses: Sequence[Any], path: str) -> list[FieldError]:
    """At most one address of each family."""
    errors = []
    for index, address in enumerate(addresses):
        errors += ip_errors(f"{path}[{index}]", address.ip)
    if errors or len(addresses) < 2:
        return errors
    families = {ipaddress.ip_address(address.ip).version for address in addresses}
    if len(families) < 2 or len(addresses) > 2:
        why = "may specify no more than one IP for each IP family"
        errors.append(invalid(path, addresses, why))
    seen = set()
    for index, address in enumerate(addresses):
        if address.ip in seen:
            errors.append(duplicate(f"{path}[{index}]", address))
        seen.add(address.ip)
    return errors
