"""How a definition says that objects change from one version to another. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cryptography import x509

from kubepy.api.apiextensions.v1 import (
    CustomResourceConversion,
    ServiceReference,
    WebhookClientConfig,
)
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, not_supported, required

NONE, WEBHOOK = "None", "Webhook"
KNOWN_REVIEWS = ("v1", "v1beta1")
DEFAULT_PORT = 443


def validate(given: CustomResourceConversion, path: str, *, any_ca: bool) -> Iterator[FieldError]:
    """`any_ca`: a bundle that holds no certificates is let through, for nobody uses it yet."""
    if not given.strategy:
        yield required(f"{path}.strategy")
    elif given.strategy not in (NONE, WEBHOOK):
        yield not_supported(f"{path}.strategy", given.strategy, (NONE, WEBHOOK))
    client = given.webhook.clientConfig if given.webhook else None
    reviews = given.webhook.conversionReviewVersions if given.webhook else ()
    config, versions = f"{path}.webhookClientConfig", f"{path}.conversionReviewVersions"
    if given.strategy == WEBHOOK:
        if client is None:
            yield required(config, "required when strategy is set to Webhook")
        else:
            yield from _client(client, config, any_ca)
        yield from _reviews(reviews, versions)
        return
    why = "should not be set when strategy is not set to Webhook"
    if client is not None:
        yield forbidden(config, why)
    if reviews:
        yield forbidden(versions, why)


def _client(client: WebhookClientConfig, path: str, any_ca: bool) -> Iterator[FieldError]:
    if (client.url is None) == (client.service is None):
        yield required(path, "exactly one of url or service is required")
    elif client.url is not None:
        yield from _url(client.url, f"{path}.url")
    elif client.service is not None:
        yield from _service(client.service, f"{path}.service")
    if client.caBundle and not any_ca:
        try:
            x509.load_pem_x509_certificates(client.caBundle)
        except ValueError:
            why = "unable to load root certificates: unable to parse bytes as PEM block"
            yield invalid(f"{path}.caBundle", client.caBundle, why)


def _url(text: str, path: str) -> Iterator[FieldError]:
    form = "; desired format: https://host[/path]"
    try:
        parts = urlsplit(text)
    except ValueError as error:
        yield required(path, f"url must be a valid URL: {error}{form}")
        return
    if parts.scheme != "https":
        why = f"'https' is the only allowed URL scheme{form}"
        yield invalid(path, parts.scheme, why)
    if not parts.netloc:
        yield invalid(path, parts.netloc, f"host must be specified{form}")
    if parts.username is not None:
        yield invalid(path, parts.username, "user information is not permitted in the URL")
    if parts.fragment:
        yield invalid(path, parts.fragment, "fragments are not permitted in the URL")
    if parts.query:
        yield invalid(path, parts.query, "query parameters are not permitted in the URL")


def _service(service: ServiceReference, path: str) -> Iterator[FieldError]:
    for field in ("name", "namespace"):
        if not getattr(service, field):
            yield required(f"{path}.{field}", f"service {field} is required")
    port = DEFAULT_PORT if service.port is None else service.port
    for message in names.port_number(port):
        yield invalid(f"{path}.port", port, f"port is not valid: {message}")
    text = service.path
    if text is None:
        return
    where = f"{path}.path"
    if not text.startswith("/"):
        yield invalid(where, text, "must start with a '/'")
    if text == "/":
        return
    if "//" in text:
        yield invalid(where, text, "segment[0] may not be empty")
    for index, segment in enumerate(text.strip("/").split("/")):
        for message in names.dns1123_subdomain(segment):
            yield invalid(where, text, f"segment[{index}]: {message}")


def _reviews(versions: tuple[str, ...], path: str) -> Iterator[FieldError]:
    if not versions:
        yield required(path)
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            yield invalid(f"{path}[{index}]", version, "duplicate version")
            continue
        for message in names.dns1035_label(version):
            yield invalid(f"{path}[{index}]", version, message)
    if not set(versions) & set(KNOWN_REVIEWS):
        why = f"must include at least one of {', '.join(KNOWN_REVIEWS)}"
        yield invalid(path, list(versions), why)
