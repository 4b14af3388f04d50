"""Secret: bytes by key; some types promise certain keys."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.core.v1 import Secret
from kubepy.apiserver.registry.core.configmap import MAX_BYTES
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, required, too_long

OPAQUE = "Opaque"
REDACTED = "<secret contents redacted>"
ACCOUNT_NAME = "kubernetes.io/service-account.name"
IMMUTABLE = "field is immutable when `immutable` is set"


def default(secret: Secret) -> Secret:
    secret = merge_text(secret)
    return secret if secret.type else replace(secret, type=OPAQUE)


def merge_text(secret: Secret) -> Secret:
    """stringData is a way to write: its keys become data."""
    if not secret.stringData:
        return secret
    text = {key: value.encode() for key, value in secret.stringData.items()}
    return replace(secret, data=dict(sorted((secret.data | text).items())), stringData={})


def prepare_update(new: Secret, old: Secret) -> Secret:
    return new if new.type else replace(new, type=old.type)


def validate(secret: Secret) -> list[FieldError]:
    errors: list[FieldError] = []
    for key in sorted(secret.data):
        messages = names.config_map_key(key)
        errors += [invalid(f"data[{key}]", key, message) for message in messages]
    if sum(map(len, secret.data.values())) > MAX_BYTES:
        errors.append(too_long("data", "", MAX_BYTES))
    return errors + _type_errors(secret)


def _type_errors(secret: Secret) -> list[FieldError]:
    def missing(*keys: str) -> list[FieldError]:
        return [required(f"data[{key}]") for key in keys if key not in secret.data]

    match secret.type:
        case "kubernetes.io/service-account-token":
            if not secret.metadata.annotations.get(ACCOUNT_NAME):
                return [required(f"metadata.annotations[{ACCOUNT_NAME}]")]
        case "kubernetes.io/dockercfg":
            return _json_errors(secret, ".dockercfg")
        case "kubernetes.io/dockerconfigjson":
            return _json_errors(secret, ".dockerconfigjson")
        case "kubernetes.io/basic-auth":
            if not {"username", "password"} & secret.data.keys():
                return missing("username", "password")
        case "kubernetes.io/ssh-auth":
            if not secret.data.get("ssh-privatekey"):
                return [required("data[ssh-privatekey]")]
        case "kubernetes.io/tls":
            return missing("tls.crt", "tls.key")
    return []


def _json_errors(secret: Secret, key: str) -> list[FieldError]:
    if key not in secret.data:
        return [required(f"data[{key}]")]
    try:
        codec.load_json(secret.data[key])
    except codec.DecodeError:
        return [invalid(f"data[{key}]", REDACTED, _json_problem(secret.data[key]))]
    return []


_LITERALS = ("null", "true", "false")


def _json_problem(raw: bytes) -> str:
    """What Go's decoder says about these bytes."""
    text = raw.decode("utf-8", "replace").lstrip()
    if not text:
        return "unexpected end of JSON input"
    for literal in _LITERALS:
        if text[0] == literal[0]:
            for at, char in enumerate(literal):
                if at >= len(text):
                    return "unexpected end of JSON input"
                if text[at] != char:
                    where = f"in literal {literal} (expecting '{char}')"
                    return f"invalid character '{text[at]}' {where}"
    return f"invalid character '{text[0]}' looking for beginning of value"


def validate_update(new: Secret, old: Secret) -> list[FieldError]:
    errors = []
    if new.type != old.type:
        errors.append(invalid("type", new.type, "field is immutable"))
    if old.immutable:
        if not new.immutable:
            errors.append(forbidden("immutable", IMMUTABLE))
        if new.data != old.data:
            errors.append(forbidden("data", IMMUTABLE))
    return errors + validate(new)


def row(secret: Secret, now: float) -> tuple[Any, ...]:
    since = age(secret.metadata.creationTimestamp, now)
    return secret.metadata.name, secret.type, len(secret.data), since


def fields(secret: Secret) -> dict[str, str]:
    return {"type": secret.type}


STRATEGY = Strategy(
    repeats_create_checks=True,
    default=default,
    prepare_update=prepare_update,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
    fields=fields,
)
