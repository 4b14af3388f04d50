"""Windows options of security contexts."""

from __future__ import annotations

import re
from typing import Any

from kubepy.api.core.v1 import PodSpec, WindowsSecurityContextOptions
from kubepy.apiserver.registry.permits import PRIVILEGED
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid

SPEC_KIB = 64  # the most that a GMSA credential spec may hold
DOMAIN_LENGTH = 256
USER_LENGTH = 104
_NETBIOS = re.compile(r'[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}')
_DNS = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"{_DNS}(?:\.{_DNS})*")
_BAD_USER = re.compile(r'["/\\:;|=,+*?<>@\[\]]')


def options_errors(options: WindowsSecurityContextOptions | None, path: str) -> list[FieldError]:
    if options is None:
        return []
    errors = []
    name, spec = options.gmsaCredentialSpecName, options.gmsaCredentialSpec
    if name is not None:
        where = f"{path}.gmsaCredentialSpecName"
        errors += [invalid(where, name, text) for text in names.dns1123_subdomain(name)]
    if spec is not None:
        where = f"{path}.gmsaCredentialSpec"
        if not spec:
            why = "gmsaCredentialSpec cannot be an empty string"
            errors.append(invalid(where, spec, why))
        elif len(spec.encode()) > SPEC_KIB << 10:
            why = f"gmsaCredentialSpec size must be under {SPEC_KIB} KiB"
            errors.append(invalid(where, spec, why))
    if options.runAsUserName is not None:
        value = options.runAsUserName
        errors += [invalid(f"{path}.runAsUserName", value, text) for text in _user_problems(value)]
    return errors


def _user_problems(value: str) -> list[str]:
    """What is wrong with `DOMAIN\\user`."""
    if not value:
        return ["runAsUserName cannot be an empty string"]
    if re.search(r"[\x00-\x1f\x7f]", value):
        return ["runAsUserName cannot contain control characters"]
    parts = value.split("\\")
    if len(parts) > 2:
        return ["runAsUserName cannot contain more than one backslash"]
    domain, user = ("", parts[0]) if len(parts) == 1 else parts
    problems = []
    if len(domain) >= DOMAIN_LENGTH:
        problems.append(f"runAsUserName's Domain length must be under {DOMAIN_LENGTH} characters")
    if len(parts) == 2 and not (_NETBIOS.fullmatch(domain) or _DOMAIN.fullmatch(domain)):
        problems.append("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    if not user:
        problems.append("runAsUserName's User cannot be empty")
    elif len(user) > USER_LENGTH:
        problems.append(
            f"runAsUserName's User length must not be longer than {USER_LENGTH} characters"
        )
    if re.fullmatch(r"[. ]+", user):
        problems.append("runAsUserName's User cannot contain only periods or spaces")
    if _BAD_USER.search(user):
        problems.append(
            "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]"
        )
    return problems


def host_process_errors(spec: PodSpec, path: str) -> list[FieldError]:
    """Processes of a Windows host: all containers or none, and on the host's network."""
    whole = _host_process(spec.securityContext)
    errors = []
    total = count = 0
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(getattr(spec, field)):
            total += 1
            own = _host_process(container.securityContext)
            if whole is not None and own is not None and whole != own:
                where = f"{path}.{field}[{index}].securityContext.windowsOptions.hostProcess"
                said = "true" if whole else "false"
                why = f"pod hostProcess value must be identical if both are specified, was {said}"
                errors.append(invalid(where, own, why))
            count += bool(whole if own is None else own)
    if not count:
        return errors
    if count != total:
        why = (
            "If pod contains any hostProcess containers then all containers must be HostProcess "
            "containers"
        )
        errors.append(invalid(path, "", why))
    if not spec.hostNetwork:
        why = "hostNetwork must be true if pod contains any hostProcess containers"
        errors.append(invalid(f"{path}.hostNetwork", False, why))
    why = "hostProcess containers are disallowed by cluster policy"
    return [*errors, forbidden(path, why, unless=PRIVILEGED)]


def _host_process(context: Any) -> bool | None:
    if context is None or context.windowsOptions is None:
        return None
    value: bool | None = context.windowsOptions.hostProcess
    return value
