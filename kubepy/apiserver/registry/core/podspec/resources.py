"""Requests, limits and claims of containers and of whole pods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from msgspec.structs import replace

from kubepy.api.core.v1 import PodSpec, ResourceClaim, ResourceRequirements
from kubepy.api.types import Quantity
from kubepy.apiserver.registry.core.podspec.setting import Setting
from kubepy.apiserver.registry.numbers import NEGATIVE
from kubepy.meta import names
from kubepy.meta.errors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_found,
    required,
)

HUGE_PAGES = "hugepages-"
_OF_CONTAINERS = frozenset({"cpu", "memory", "ephemeral-storage"})
_OF_PODS = frozenset({"cpu", "memory"})
_COUNTED = frozenset({
    "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps",
    "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
})  # fmt: skip
_STANDARD = _COUNTED | {
    "cpu", "memory", "ephemeral-storage", "storage", "requests.cpu", "requests.memory",
    "requests.ephemeral-storage", "requests.storage", "limits.cpu", "limits.memory",
    "limits.ephemeral-storage",
}  # fmt: skip

NameRule = Callable[[str, str], list[FieldError]]


def is_huge_page(name: str) -> bool:
    return name.startswith(HUGE_PAGES)


def is_native(name: str) -> bool:
    """Kubernetes' own: without a domain, or in kubernetes.io."""
    return "/" not in name or "kubernetes.io/" in name


def is_extended(name: str) -> bool:
    """Of a device plugin or an operator."""
    if is_native(name) or name.startswith("requests."):
        return False
    return not names.label_key(f"requests.{name}")


def may_overcommit(name: str) -> bool:
    return is_native(name) and not is_huge_page(name)


def name_errors(name: str, path: str) -> list[FieldError]:
    """The rule of all resource names."""
    errors = [invalid(path, name, text) for text in names.label_key(name)]
    if errors or "/" in name or name in _STANDARD:
        return errors
    if name.startswith((HUGE_PAGES, f"requests.{HUGE_PAGES}")):
        return errors
    return [invalid(path, name, "must be a standard resource type or fully qualified")]


def container_name_errors(name: str, path: str) -> list[FieldError]:
    errors = name_errors(name, path)
    if "/" not in name:
        if name not in _OF_CONTAINERS and not is_huge_page(name):
            why = "must be a standard resource for containers"
            errors.append(invalid(path, name, why))
    elif not is_native(name) and not is_extended(name):
        why = "doesn't follow extended resource name standard"
        errors.append(invalid(path, name, why))
    return errors


def _pod_name_errors(name: str, path: str) -> list[FieldError]:
    errors = name_errors(name, path)
    if name not in _OF_PODS and not is_huge_page(name):
        supported = "'cpu', 'memory', and 'hugepages-'"
        why = f"must be one of the supported pod-level resource names: {supported}"
        errors.append(invalid(path, name, why))
    return errors


def amount_errors(name: str, amount: Quantity, path: str) -> list[FieldError]:
    errors = [invalid(path, amount, NEGATIVE)] if amount.exact() < 0 else []
    if (name in _COUNTED or is_extended(name)) and amount.exact().denominator != 1:
        errors.append(invalid(path, amount, "must be an integer"))
    return errors


def _huge_page_errors(name: str, amount: Quantity, path: str) -> list[FieldError]:
    """The amount must be a whole number of pages."""
    if not is_huge_page(name):
        return []
    try:
        size = Quantity.of(name[len(HUGE_PAGES) :]).exact()
    except ValueError:
        size = Fraction(0)
    if size > 0 and (amount.exact() / size).denominator == 1:
        return []
    return [invalid(path, amount, f"{amount} is not positive integer multiple of {name}")]


def requirement_errors(
    resources: ResourceRequirements,
    path: str,
    setting: Setting,
    name_rule: NameRule = container_name_errors,
) -> list[FieldError]:
    limits, requests = resources.limits, resources.requests
    errors = limits_errors(limits, f"{path}.limits", name_rule)
    for name in sorted(requests):
        where = f"{path}.requests[{name}]"
        errors += name_rule(name, where) + amount_errors(name, requests[name], where)
        errors += _limit_errors(name, requests[name], limits.get(name), path)
        errors += _huge_page_errors(name, requests[name], where)
    asked = {*limits, *requests}
    if any(map(is_huge_page, asked)) and not asked & _OF_PODS:
        errors.append(forbidden(path, "HugePages require cpu or memory"))
    return errors + _claim_errors(resources.claims, f"{path}.claims", setting)


def limits_errors(
    limits: Mapping[str, Quantity], path: str, name_rule: NameRule = container_name_errors
) -> list[FieldError]:
    """Amounts that a container may use."""
    errors = []
    for name in sorted(limits):
        where = f"{path}[{name}]"
        errors += name_rule(name, where) + amount_errors(name, limits[name], where)
        errors += _huge_page_errors(name, limits[name], where)
    return errors


def _limit_errors(
    name: str, request: Quantity, limit: Quantity | None, path: str
) -> list[FieldError]:
    """A request fits into its limit; of what cannot be overcommitted it is the limit."""
    strict = not may_overcommit(name)
    if limit is None:
        why = "Limit must be set for non overcommitable resources"
        return [required(f"{path}.limits", why)] if strict else []
    if strict and request.exact() != limit.exact():
        why = f"must be equal to {name} limit of {limit}"
        return [invalid(f"{path}.requests", request, why)]
    if request.exact() > limit.exact():
        why = f"must be less than or equal to {name} limit of {limit}"
        return [invalid(f"{path}.requests", request, why)]
    return []


def _claim_errors(claims: Sequence[ResourceClaim], path: str, setting: Setting) -> list[FieldError]:
    errors: list[FieldError] = []
    known = setting.claims
    used: set[str] = set()
    for index, claim in enumerate(claims):
        where = f"{path}[{index}]"
        name = claim.name
        if not name:
            errors.append(required(where))
            continue
        if name in used:
            errors.append(duplicate(where, name))
        else:
            key = f"{name}/{claim.request}" if claim.request else name
            if claim.request:
                messages = names.dns1123_label(claim.request)
                errors += [invalid(f"{where}.request", claim.request, text) for text in messages]
            partly = any(other.startswith(f"{name}/") for other in used)
            if key in used or (not claim.request and partly):
                errors.append(duplicate(where, key))
            used.add(key)
        if name not in known:
            listed = f": {', '.join(sorted(known))}" if known else " which is empty"
            detail = f"must be one of the names in pod.spec.resourceClaims{listed}"
            errors.append(replace(not_found(where, name), detail=detail))
    return errors


def pod_requirement_errors(spec: PodSpec, path: str, setting: Setting) -> list[FieldError]:
    """Requests and limits of the pod as a whole: its containers' must fit into them."""
    resources = spec.resources
    if resources is None:
        return []
    errors = []
    if resources.claims:
        why = "claims cannot be set for Resources at pod-level"
        errors.append(forbidden(f"{path}.claims", why))
    errors += requirement_errors(resources, path, setting, _pod_name_errors)
    for name, total in sorted(_container_requests(spec).items()):
        asked = resources.requests.get(name, Quantity("0"))
        if name in _OF_PODS and total > asked.exact():
            shown = Quantity.of(total, asked.style() if asked != "0" else "decimal")
            why = f"must be greater than or equal to aggregate container requests of {shown}"
            errors.append(invalid(f"{path}.requests[{name}]", asked, why))
    for index, container in enumerate(spec.containers):
        for name, limit in sorted(container.resources.limits.items()):
            whole = resources.limits.get(name)
            if whole is not None and limit.exact() > whole.exact():
                where = f"{path}.containers[{index}][{name}].limits"
                why = f"must be less than or equal to pod limits of {whole}"
                errors.append(invalid(where, limit, why))
    return errors


def _container_requests(spec: PodSpec) -> dict[str, Fraction]:
    """What the containers need at their busiest moment: all of them with the sidecars, or an init
    container with the sidecars that were started before it."""
    sidecars: dict[str, Fraction] = {}
    busiest: dict[str, Fraction] = {}
    for container in spec.initContainers:
        needs = {name: amount.exact() for name, amount in container.resources.requests.items()}
        if container.restartPolicy == "Always":
            for name, amount in needs.items():
                sidecars[name] = sidecars.get(name, Fraction(0)) + amount
            needs = sidecars
        else:
            needs = {n: needs.get(n, Fraction(0)) + sidecars.get(n, 0) for n in {*needs, *sidecars}}
        for name, amount in needs.items():
            busiest[name] = max(busiest.get(name, Fraction(0)), amount)
    running = dict(sidecars)
    for container in spec.containers:
        for name, quantity in container.resources.requests.items():
            running[name] = running.get(name, Fraction(0)) + quantity.exact()
    for name, amount in running.items():
        busiest[name] = max(busiest.get(name, Fraction(0)), amount)
    return busiest
