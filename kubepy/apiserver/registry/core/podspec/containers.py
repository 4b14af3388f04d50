"""Containers: regular ones, init containers, sidecars and ephemeral ones."""

from __future__ import annotations

from collections.abc import Iterable

from kubepy.api.core.v1 import (
    Container,
    ContainerPort,
    ContainerResizePolicy,
    ContainerRestartRule,
    EphemeralContainer,
)
from kubepy.apiserver.registry.core.podspec.env import env_errors, env_from_errors
from kubepy.apiserver.registry.core.podspec.handlers import (
    lifecycle_errors,
    one_success_errors,
    readiness_errors,
)
from kubepy.apiserver.registry.core.podspec.mounts import device_errors, mount_errors
from kubepy.apiserver.registry.core.podspec.resources import requirement_errors
from kubepy.apiserver.registry.core.podspec.security import context_errors
from kubepy.apiserver.registry.core.podspec.setting import Setting
from kubepy.apiserver.registry.core.podspec.volumes import pull_policy_errors
from kubepy.meta import names
from kubepy.meta.errors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_found,
    not_supported,
    required,
    too_many,
)

AnyContainer = Container | EphemeralContainer

ALWAYS = "Always"
RESTART_POLICIES = ("Always", "Never", "OnFailure")
MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
PROTOCOLS = ("SCTP", "TCP", "UDP")
RESIZABLE = ("cpu", "memory")
RESIZE_POLICIES = ("NotRequired", "RestartContainer")
RESTART_RULES_LIMIT = 20
EXIT_CODES_LIMIT = 255


def containers_errors(path: str, setting: Setting) -> list[FieldError]:
    """Of the regular containers."""
    containers = setting.spec.containers
    if not containers:
        return [required(path)]
    errors = []
    seen: set[str] = set()
    for index, container in enumerate(containers):
        where = f"{path}[{index}]"
        errors += _common_errors(container, where, setting)
        if container.name in seen:
            errors.append(duplicate(f"{where}.name", container.name))
        seen.add(container.name)
        errors += _running_errors(container, where, setting)
    return errors + _host_port_errors(containers, path)


def init_containers_errors(path: str, setting: Setting) -> list[FieldError]:
    errors = []
    seen = {container.name for container in setting.spec.containers}
    for index, container in enumerate(setting.spec.initContainers):
        where = f"{path}[{index}]"
        errors += _common_errors(container, where, setting)
        if container.name in seen:
            errors.append(duplicate(f"{where}.name", container.name))
        elif container.name:
            seen.add(container.name)
        # One after the other: only within one container do ports collide.
        errors += _host_port_errors((container,), path)
        if container.restartPolicy == ALWAYS:
            errors += _running_errors(container, where, setting)
            continue
        why = "may not be set for init containers without restartPolicy=Always"
        errors += [
            forbidden(f"{where}.{field}", why)
            for field in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
            if getattr(container, field) is not None
        ]
    return errors


_NOT_EPHEMERAL = (
    "ports", "resources", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
    "resizePolicy", "restartPolicy", "restartPolicyRules",
)  # fmt: skip
_PLAIN = Container()


def ephemeral_containers_errors(path: str, setting: Setting) -> list[FieldError]:
    spec = setting.spec
    others = {container.name for container in (*spec.containers, *spec.initContainers)}
    seen = set(others)
    why = "cannot be set for an Ephemeral Container"
    errors = []
    for index, container in enumerate(spec.ephemeralContainers):
        where = f"{path}[{index}]"
        errors += _common_errors(container, where, setting)
        errors += image_errors(container, where)
        if container.name in seen:
            errors.append(duplicate(f"{where}.name", container.name))
        seen.add(container.name)
        target = container.targetContainerName
        if target and target not in others:
            errors.append(not_found(f"{where}.targetContainerName", target))
        errors += [
            forbidden(f"{where}.{field}", why)
            for field in _NOT_EPHEMERAL
            if getattr(container, field) != getattr(_PLAIN, field)
        ]
        for number, mount in enumerate(container.volumeMounts):
            errors += [
                forbidden(f"{where}.volumeMounts[{number}].{field}", why)
                for field in ("subPath", "subPathExpr")
                if getattr(mount, field)
            ]
    return errors


def image_errors(container: AnyContainer, path: str) -> list[FieldError]:
    """In a Pod; templates may use a blank image as a placeholder."""
    if container.image == container.image.strip():
        return []
    why = "must not have leading or trailing whitespace"
    return [invalid(f"{path}.image", container.image, why)]


def _common_errors(container: AnyContainer, path: str, setting: Setting) -> list[FieldError]:
    errors = []
    if not container.name:
        errors.append(required(f"{path}.name"))
    else:
        messages = names.dns1123_label(container.name)
        errors += [invalid(f"{path}.name", container.name, text) for text in messages]
    if not container.image:
        errors.append(required(f"{path}.image"))
    policy = container.terminationMessagePolicy
    if policy not in MESSAGE_POLICIES:
        where = f"{path}.terminationMessagePolicy"
        errors.append(not_supported(where, policy, MESSAGE_POLICIES) if policy else required(where))
    errors += _port_errors(container.ports, f"{path}.ports")
    errors += env_errors(container.env, f"{path}.env", setting)
    errors += env_from_errors(container.envFrom, f"{path}.envFrom")
    errors += mount_errors(container, f"{path}.volumeMounts", setting)
    errors += device_errors(container, f"{path}.volumeDevices", setting)
    errors += pull_policy_errors(container.imagePullPolicy, f"{path}.imagePullPolicy")
    errors += requirement_errors(container.resources, f"{path}.resources", setting)
    errors += _resize_errors(container.resizePolicy, f"{path}.resizePolicy", setting)
    where = f"{path}.securityContext"
    errors += context_errors(container.securityContext, where, host_users=setting.host_users)
    return errors + _restart_errors(container, path)


def _running_errors(container: Container, path: str, setting: Setting) -> list[FieldError]:
    """What only containers have that go on running."""
    errors = lifecycle_errors(container.lifecycle, f"{path}.lifecycle", setting)
    errors += one_success_errors(container.livenessProbe, f"{path}.livenessProbe", setting)
    errors += readiness_errors(container.readinessProbe, f"{path}.readinessProbe", setting)
    return errors + one_success_errors(container.startupProbe, f"{path}.startupProbe", setting)


def _port_errors(ports: Iterable[ContainerPort], path: str) -> list[FieldError]:
    errors = []
    seen = set()
    for index, port in enumerate(ports):
        where = f"{path}[{index}]"
        if port.name:
            messages = names.port_name(port.name)
            errors += [invalid(f"{where}.name", port.name, text) for text in messages]
            if not messages and port.name in seen:
                errors.append(duplicate(f"{where}.name", port.name))
            seen.add(port.name)
        if not port.containerPort:
            errors.append(required(f"{where}.containerPort"))
        for field in ("containerPort", "hostPort"):
            number = getattr(port, field)
            if number:
                messages = names.port_number(number)
                errors += [invalid(f"{where}.{field}", number, text) for text in messages]
        if not port.protocol:
            errors.append(required(f"{where}.protocol"))
        elif port.protocol not in PROTOCOLS:
            errors.append(not_supported(f"{where}.protocol", port.protocol, PROTOCOLS))
    return errors


def _host_port_errors(containers: Iterable[Container], path: str) -> list[FieldError]:
    """Two containers cannot listen on the same port of the host."""
    errors = []
    taken = set()
    for index, container in enumerate(containers):
        for number, port in enumerate(container.ports):
            if not port.hostPort:
                continue
            key = f"{port.protocol}/{port.hostIP}/{port.hostPort}"
            if key in taken:
                errors.append(duplicate(f"{path}[{index}].ports[{number}].hostPort", key))
            taken.add(key)
    return errors


def _resize_errors(
    policies: Iterable[ContainerResizePolicy], path: str, setting: Setting
) -> list[FieldError]:
    errors = []
    seen = set()
    for index, policy in enumerate(policies):
        if policy.resourceName in seen:
            errors.append(duplicate(f"{path}[{index}]", policy.resourceName))
        seen.add(policy.resourceName)
        for value, choices in (
            (policy.resourceName, RESIZABLE),
            (policy.restartPolicy, RESIZE_POLICIES),
        ):
            if not value:
                errors.append(required(path))
            elif value not in choices:
                errors.append(not_supported(path, value, choices))
        if setting.spec.restartPolicy == "Never" and policy.restartPolicy != "NotRequired":
            why = "must be 'NotRequired' when `restartPolicy` is 'Never'"
            errors.append(invalid(path, policy.restartPolicy, why))
    return errors


def _restart_errors(container: AnyContainer, path: str) -> list[FieldError]:
    """When this container, unlike the pod, is started again."""
    policy, rules = container.restartPolicy, container.restartPolicyRules
    errors = []
    if policy is not None and policy not in RESTART_POLICIES:
        errors.append(not_supported(f"{path}.restartPolicy", policy, RESTART_POLICIES))
    if not rules:
        return errors
    where = f"{path}.restartPolicyRules"
    if policy is None:
        why = "must specify restartPolicy when restart rules are used"
        errors.append(required(f"{path}.restartPolicy", why))
    if len(rules) > RESTART_RULES_LIMIT:
        errors.append(too_many(where, len(rules), RESTART_RULES_LIMIT))
    for index, rule in enumerate(rules):
        errors += _restart_rule_errors(rule, f"{where}[{index}]")
    return errors


def _restart_rule_errors(rule: ContainerRestartRule, path: str) -> list[FieldError]:
    errors = []
    if rule.action != "Restart":
        errors.append(not_supported(f"{path}.action", rule.action, ("Restart",)))
    codes = rule.exitCodes
    if codes is None:
        return [*errors, required(f"{path}.exitCodes", "must be specified")]
    where = f"{path}.exitCodes"
    if codes.operator not in ("In", "NotIn"):
        errors.append(not_supported(f"{where}.operator", codes.operator, ("In", "NotIn")))
    if not codes.values:
        errors.append(required(f"{where}.values", "must specify at least one value"))
    elif len(codes.values) > EXIT_CODES_LIMIT:
        errors.append(too_many(f"{where}.values", len(codes.values), EXIT_CODES_LIMIT))
    return errors
