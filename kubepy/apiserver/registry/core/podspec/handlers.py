"""Probes and lifecycle hooks: what a node does to a running container."""

from __future__ import annotations

from typing import Any

from kubepy.api.core.v1 import HTTPGetAction, Lifecycle, Probe
from kubepy.apiserver.registry.core.podspec.setting import Setting
from kubepy.apiserver.registry.numbers import nonnegative
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, not_supported, required

SCHEMES = ("HTTP", "HTTPS")
SIGNALS = frozenset(Lifecycle.__rules__["stopSignal"].values)

_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")


def handler_errors(handler: Any, path: str, setting: Setting) -> list[FieldError]:
    """Exactly one way to act; of several the first is checked."""
    errors: list[FieldError] = []
    found = False
    for kind in _HANDLERS:
        action = getattr(handler, kind, None)
        if action is None:
            continue
        if found:
            errors.append(forbidden(f"{path}.{kind}", "may not specify more than 1 handler type"))
        else:
            errors += _action_errors(kind, action, f"{path}.{kind}", setting)
        found = True
    return errors if found else [required(path, "must specify a handler type")]


def _action_errors(kind: str, action: Any, path: str, setting: Setting) -> list[FieldError]:
    match kind:
        case "exec":
            return [] if action.command else [required(f"{path}.command")]
        case "httpGet":
            return _http_errors(action, path)
        case "sleep":
            grace = setting.spec.terminationGracePeriodSeconds
            if grace is None or 0 <= action.seconds <= grace:
                return []
            why = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
            return [invalid(path, action.seconds, why)]
        case _:
            return port_errors(action.port, f"{path}.port")


def _http_errors(action: HTTPGetAction, path: str) -> list[FieldError]:
    errors = [] if action.path else [required(f"{path}.path")]
    errors += port_errors(action.port, f"{path}.port")
    if action.scheme not in SCHEMES:
        errors.append(not_supported(f"{path}.scheme", action.scheme, SCHEMES))
    for header in action.httpHeaders:
        messages = names.http_header_name(header.name)
        errors += [invalid(f"{path}.httpHeaders", header.name, text) for text in messages]
    return errors


def port_errors(port: int | str, path: str) -> list[FieldError]:
    """A port's number or name."""
    messages = names.port_number(port) if isinstance(port, int) else names.port_name(port)
    return [invalid(path, port, text) for text in messages]


def probe_errors(probe: Probe | None, path: str, setting: Setting) -> list[FieldError]:
    if probe is None:
        return []
    errors = handler_errors(probe, path, setting)
    for field in (
        "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold",
        "failureThreshold",
    ):  # fmt: skip
        errors += nonnegative(getattr(probe, field), f"{path}.{field}")
    grace = probe.terminationGracePeriodSeconds
    if grace is not None and grace <= 0:
        where = f"{path}.terminationGracePeriodSeconds"
        errors.append(invalid(where, grace, "must be greater than 0"))
    return errors


def one_success_errors(probe: Probe | None, path: str, setting: Setting) -> list[FieldError]:
    """Liveness and startup probes: a single success counts."""
    errors = probe_errors(probe, path, setting)
    if probe is not None and probe.successThreshold != 1:
        where = f"{path}.successThreshold"
        errors.append(invalid(where, probe.successThreshold, "must be 1"))
    return errors


def readiness_errors(probe: Probe | None, path: str, setting: Setting) -> list[FieldError]:
    errors = probe_errors(probe, path, setting)
    if probe is not None and probe.terminationGracePeriodSeconds is not None:
        where = f"{path}.terminationGracePeriodSeconds"
        why = "must not be set for readinessProbes"
        errors.append(invalid(where, probe.terminationGracePeriodSeconds, why))
    return errors


def lifecycle_errors(lifecycle: Lifecycle | None, path: str, setting: Setting) -> list[FieldError]:
    errors: list[FieldError] = []
    if lifecycle is None:
        return errors
    if lifecycle.postStart is not None:
        errors += handler_errors(lifecycle.postStart, f"{path}.postStart", setting)
    if lifecycle.preStop is not None:
        errors += handler_errors(lifecycle.preStop, f"{path}.preStop", setting)
    signal = lifecycle.stopSignal
    if signal is not None:
        where = f"{path}.stopSignal"
        if setting.spec.os is None:
            why = "may not be set for containers with empty `spec.os.name`"
            errors.append(forbidden(where, why))
        elif setting.spec.os.name == "windows":
            if signal not in ("SIGTERM", "SIGKILL"):
                errors.append(not_supported(where, signal, ("SIGKILL", "SIGTERM")))
        elif signal not in SIGNALS:
            errors.append(not_supported(where, signal, SIGNALS))
    return errors
