"""What both kinds of webhooks have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from kubepy.api.admissionregistration.v1 import (
    MutatingWebhook,
    ServiceReference,
    ValidatingWebhook,
    WebhookClientConfig,
)
from kubepy.api.meta.v1 import LabelSelector
from kubepy.apiserver.registry.admissionregistration.matching import (
    FAILURE_POLICIES,
    MATCH_POLICIES,
    condition_errors,
    rule_errors,
    with_scopes,
)
from kubepy.apiserver.registry.strategy import age
from kubepy.apiserver.registry.values import choice
from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate, invalid, required
from kubepy.meta.labels import check_label_selector

Webhook = MutatingWebhook | ValidatingWebhook

SIDE_EFFECTS = ("None", "NoneOnDryRun")
REVIEW_VERSIONS = ("v1", "v1beta1")
DEFAULT_TIMEOUT = 10  # seconds
LONGEST_TIMEOUT = 30  # seconds
DEFAULT_PORT = 443
URL_FORM = "; desired format: https://host[/path]"


def default_webhook(hook: Any) -> Any:
    """A webhook of either kind with what was left out."""
    failure, match, timeout = hook.failurePolicy, hook.matchPolicy, hook.timeoutSeconds
    client = hook.clientConfig
    if client.service is not None and client.service.port is None:
        client = replace(client, service=replace(client.service, port=DEFAULT_PORT))
    return replace(
        hook,
        clientConfig=client,
        failurePolicy="Fail" if failure is None else failure,
        matchPolicy="Equivalent" if match is None else match,
        namespaceSelector=hook.namespaceSelector or LabelSelector(),
        objectSelector=hook.objectSelector or LabelSelector(),
        timeoutSeconds=DEFAULT_TIMEOUT if timeout is None else timeout,
        rules=with_scopes(hook.rules),
    )


def webhooks_errors(hooks: Sequence[Webhook], old: Sequence[Webhook] = ()) -> list[FieldError]:
    """`old`: what an update changes. If all their conditions are as they were, these stay
    unquestioned."""
    known = [hook.matchConditions for hook in old] == [hook.matchConditions for hook in hooks]
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, hook in enumerate(hooks):
        path = f"webhooks[{index}]"
        errors += _webhook_errors(hook, path)
        if not known:
            errors += condition_errors(hook.matchConditions, f"{path}.matchConditions")
        errors += _version_errors(hook.admissionReviewVersions, f"{path}.admissionReviewVersions")
        if hook.name and hook.name in seen:
            errors.append(duplicate(f"{path}.name", hook.name))
        seen.add(hook.name)
    return errors


def _webhook_errors(hook: Webhook, path: str) -> list[FieldError]:
    errors = _name_errors(hook.name, f"{path}.name")
    for index, rule in enumerate(hook.rules):
        errors += rule_errors(rule, f"{path}.rules[{index}]")
    errors += choice(hook.failurePolicy, FAILURE_POLICIES, f"{path}.failurePolicy")
    errors += choice(hook.matchPolicy, MATCH_POLICIES, f"{path}.matchPolicy")
    if hook.sideEffects is None:
        why = f"must specify one of {', '.join(SIDE_EFFECTS)}"
        errors.append(required(f"{path}.sideEffects", why))
    errors += choice(hook.sideEffects, SIDE_EFFECTS, f"{path}.sideEffects")
    seconds = hook.timeoutSeconds
    if seconds is not None and not 1 <= seconds <= LONGEST_TIMEOUT:
        why = "the timeout value must be between 1 and 30 seconds"
        errors.append(invalid(f"{path}.timeoutSeconds", seconds, why))
    errors += check_label_selector(hook.namespaceSelector, f"{path}.namespaceSelector")
    errors += check_label_selector(hook.objectSelector, f"{path}.objectSelector")
    return errors + _client_errors(hook.clientConfig, f"{path}.clientConfig")


def _name_errors(name: str, path: str) -> list[FieldError]:
    if not name:
        return [required(path)]
    if problems := names.dns1123_subdomain(name):
        return [invalid(path, name, ",".join(problems))]
    if name.count(".") < 2:
        why = "should be a domain with at least three segments separated by dots"
        return [invalid(path, name, why)]
    return []


def _version_errors(versions: Sequence[str], path: str) -> list[FieldError]:
    known = ", ".join(REVIEW_VERSIONS)
    if not versions:
        return [required(path, f"must specify one of {known}")]
    errors = []
    for index, version in enumerate(versions):
        where = f"{path}[{index}]"
        if version in versions[:index]:
            errors.append(invalid(where, version, "duplicate version"))
            continue
        errors += [invalid(where, version, text) for text in names.dns1035_label(version)]
    if not set(versions) & set(REVIEW_VERSIONS):
        errors.append(invalid(path, versions, f"must include at least one of {known}"))
    return errors


def _client_errors(client: WebhookClientConfig, path: str) -> list[FieldError]:
    if (client.url is None) == (client.service is None):
        return [required(path, "exactly one of url or service is required")]
    if client.url is not None:
        return url_errors(client.url, f"{path}.url")
    assert client.service is not None
    return service_errors(client.service, f"{path}.service")


def url_errors(text: str, path: str) -> list[FieldError]:
    try:
        url = urlsplit(text)
    except ValueError as problem:
        return [required(path, f"url must be a valid URL: {problem}{URL_FORM}")]
    errors = []
    if url.scheme != "https":
        why = f"'https' is the only allowed URL scheme{URL_FORM}"
        errors.append(invalid(path, url.scheme, why))
    user, at, host = url.netloc.rpartition("@")
    if not host:
        errors.append(invalid(path, host, f"host must be specified{URL_FORM}"))
    if at:
        errors.append(invalid(path, user, "user information is not permitted in the URL"))
    if url.fragment:
        errors.append(invalid(path, url.fragment, "fragments are not permitted in the URL"))
    if url.query:
        errors.append(invalid(path, url.query, "query parameters are not permitted in the URL"))
    return errors


def service_errors(service: ServiceReference, path: str) -> list[FieldError]:
    errors = []
    if not service.name:
        errors.append(required(f"{path}.name", "service name is required"))
    if not service.namespace:
        errors.append(required(f"{path}.namespace", "service namespace is required"))
    port = service.port or 0
    if problems := names.port_number(port):
        why = f"port is not valid: {','.join(problems)}"
        errors.append(invalid(f"{path}.port", port, why))
    return errors + _path_errors(service.path or "/", f"{path}.path")


def _path_errors(text: str, path: str) -> list[FieldError]:
    """The path on the server, segment by segment."""
    if text == "/":
        return []
    if text == "//":
        return [invalid(path, text, "segment[0] may not be empty")]
    errors = []
    if not text.startswith("/"):
        errors.append(invalid(path, text, "must start with a '/'"))
    for index, segment in enumerate(text[1:].removesuffix("/").split("/")):
        if not segment:
            errors.append(invalid(path, text, f"segment[{index}] may not be empty"))
            continue
        problems = names.dns1123_subdomain(segment)
        errors += [invalid(path, text, f"segment[{index}]: {problem}") for problem in problems]
    return errors


def row(configuration: Any, now: float) -> tuple[Any, ...]:
    meta = configuration.metadata
    return meta.name, len(configuration.webhooks), age(meta.creationTimestamp, now)
