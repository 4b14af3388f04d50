"""A request's body into an object, with the complaints that Kubernetes' decoder has."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kubepy.api import codec, scheme
from kubepy.api.meta.v1 import DeleteOptions
from kubepy.meta import errors
from kubepy.meta.calls import JSON, PROTOBUF, YAML, Body
from kubepy.meta.gotext import quote
from kubepy.meta.managed.entries import RESET

ACCEPTED = (JSON, YAML, PROTOBUF)
STRICT, WARN, IGNORE = "Strict", "Warn", "Ignore"
SUMMARY_BYTES = 30
_SCHEME = "pkg/api/legacyscheme/scheme.go:30"  # how messages name Kubernetes' table of kinds
_SCHEMES = {  # of servers within the server
    "apiextensions": "pkg/apiserver/apiserver.go:55",
    "apiregistration": "pkg/apiserver/scheme/scheme.go:28",
}
_META_SCHEME = "pkg/apis/meta/internalversion/scheme/register.go:27"
_GO_TYPE_META = (
    'Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
    'Kind string "json:\\"kind,omitempty\\"" }'
)


_OWNERS = b"managedFields"


class _TypeMeta(Struct):
    kind: str | None = None
    apiVersion: str | None = None


_type_meta = msgspec.json.Decoder(_TypeMeta)


def decode(body: Any, type_: type[Any], mode: str = WARN) -> tuple[Any, tuple[str, ...]]:
    """The object of a body, without kind and apiVersion, and the warnings about it.

    Raises UnsupportedMediaType, BadRequest.
    """
    form = getattr(type_, "FORM", None)  # kinds that are defined at run time have their own
    if form is not None:
        return form.decode(body, type_, mode)  # type: ignore[no-any-return]
    if not isinstance(body, Body):
        return _given(body, type_), ()
    if body.content_type == PROTOBUF:
        return _from_protobuf(body.raw, type_), ()
    if body.content_type not in (JSON, YAML):
        raise errors.UnsupportedMediaType.of(ACCEPTED)
    fmt = "yaml" if body.content_type == YAML else "json"
    if body.raw.strip() == b"null":
        return type_(), ()
    try:
        obj, problems = codec.decode_lenient(type_, body.raw, fmt=fmt)
    except codec.DecodeError as error:
        # What it is comes before what is wrong in it.
        kind, version = type_meta(body.raw, type_, fmt)
        check_type(kind, version, type_)
        raise unfit(kind, version, type_, str(error)) from None
    kind, version = obj.kind or type_.__name__, obj.apiVersion or scheme.api_version(type_)
    check_type(kind, version, type_)
    if problems and mode == STRICT:
        listed = ", ".join(problems)
        raise unfit(kind, version, type_, f"strict decoding error: {listed}")
    if _OWNERS in body.raw and not obj.metadata.managedFields:
        value = codec.load_yaml(body.raw)[0] if fmt == "yaml" else codec.load_json(body.raw)
        obj = with_owners_reset(obj, value)
    return codec.untyped(obj), tuple(problems) if mode != IGNORE else ()


def convert(document: dict[str, Any], type_: type[Any]) -> tuple[Any, list[str]]:
    """The object of a document that a patch or an apply has made, and what in it nobody knows.

    Raises codec.DecodeError.
    """
    form = getattr(type_, "FORM", None)
    if form is None:
        obj, unknown = codec.convert_lenient(type_, document)
    else:
        obj, unknown = form.convert(document, type_)
    return obj, unknown


def with_owners_reset(obj: Any, document: dict[str, Any]) -> Any:
    """The object of a document: an empty list of owners in it says something, where none does not.

    A Struct knows no difference, so the list comes to hold the one entry that means the same.
    """
    meta = document.get("metadata")
    if not isinstance(meta, dict) or meta.get("managedFields") != []:
        return obj
    return replace(obj, metadata=replace(obj.metadata, managedFields=RESET))


def _given(obj: Any, type_: type[Any]) -> Any:
    if not isinstance(obj, type_):
        raise errors.BadRequest.of(
            f"the object provided is unrecognized (must be of type {type_.__name__})"
        )
    return codec.untyped(obj)


def type_meta(raw: bytes, type_: type[Any], fmt: str = "json") -> tuple[str, str]:
    """Kind and apiVersion that the body names; those of `type_` where it is silent."""
    try:
        found = _type_meta.decode(raw) if fmt == "json" else _yaml_type_meta(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, codec.DecodeError):
        raise unreadable(raw, type_, fmt) from None
    return found.kind or type_.__name__, found.apiVersion or scheme.api_version(type_)


def _yaml_type_meta(raw: bytes) -> _TypeMeta:
    # A mapping's own kind is enough here; decode_lenient reads the rest.
    found: _TypeMeta = codec.decode_lenient(_TypeMeta, raw, fmt="yaml").object
    return found


def unreadable(raw: bytes, type_: type[Any], fmt: str) -> errors.ApiError:
    why = _parse_problem(raw, type_, fmt)
    return errors.BadRequest.of(
        f"the object provided is unrecognized (must be of type {type_.__name__}): "
        f"{why} ({summary(raw)})"
    )


def _parse_problem(raw: bytes, type_: type[Any], fmt: str) -> str:
    try:
        codec.decode_lenient(type_, raw, fmt=fmt)
        why = f"json: cannot unmarshal into {_GO_TYPE_META}"
    except codec.DecodeError as error:
        why = re.sub(r"into Go value of type \S+$", lambda _: f"into {_GO_TYPE_META}", str(error))
    if fmt == "json" or why.startswith("json:"):
        why = f"couldn't get version/kind; json parse error: {why}"
    return why


def summary(raw: bytes) -> str:
    """The beginning of a body, to recognise it by."""
    if not raw:
        return "<empty>"
    shown = raw[:SUMMARY_BYTES]
    text = shown.decode("utf-8", "replace") if raw.startswith(b"{") else shown.hex()
    return f"{text} ..." if len(raw) > SUMMARY_BYTES else text


def check_type(kind: str, version: str, type_: type[Any]) -> None:
    """Refuse a body that says it is something else than a `type_`."""
    wanted = scheme.api_version(type_)
    if (kind, version) == (type_.__name__, wanted):
        return
    if scheme.type_of(version, kind) is None:
        table = _SCHEMES.get(type_.__module__.split(".")[-2], _SCHEME)
        raise unfit(kind, version, type_, unregistered(kind, version, table))
    if kind == type_.__name__:
        raise errors.BadRequest.of(
            f"the API version in the data ({version}) does not match the expected API version "
            f"({wanted})"
        )
    raise unfit(kind, version, type_, no_conversion(kind, type_))


def unregistered(kind: str, version: str, table: str = _SCHEME) -> str:
    return f'no kind "{kind}" is registered for version "{version}" in scheme "{table}"'


def no_conversion(kind: str, type_: type[Any]) -> str:
    folder = type_.__module__.split(".")[-2]
    return f"converting (v1.{kind}) to ({folder}.{type_.__name__}): unknown conversion"


def unfit(kind: str, version: str, type_: type[Any], why: str) -> errors.BadRequest:
    last = version.rpartition("/")[2]
    return errors.BadRequest.of(
        f"{kind} in version {quote(last)} cannot be handled as a {type_.__name__}: {why}"
    )


def _from_protobuf(raw: bytes, type_: type[Any]) -> Any:
    from kubepy.api import protobuf  # late: most clients speak JSON

    try:
        version, kind, message = protobuf.unwrap(raw)
        check_type(kind or type_.__name__, version or scheme.api_version(type_), type_)
        return codec.untyped(protobuf.decode(type_, message))
    except ValueError as error:
        raise errors.BadRequest.of(
            f"the object provided is unrecognized (must be of type {type_.__name__}): "
            f"{error} ({summary(raw)})"
        ) from None


def with_version(body: Any, old: str, new: str) -> Any:
    """A JSON body that names an older version with the same content, as one of the newer."""
    if not isinstance(body, Body) or body.content_type != JSON or old.encode() not in body.raw:
        return body
    return Body(body.raw.replace(old.encode(), new.encode(), 1), JSON)


def delete_options(body: Any, given: DeleteOptions | None) -> DeleteOptions:
    """The options of a delete: the body's, which may be of any API group, else the query's."""
    if body is None or (isinstance(body, Body) and not body.raw):
        return given or DeleteOptions()
    if not isinstance(body, Body):
        options: DeleteOptions = codec.untyped(body)
        return options
    if body.content_type == PROTOBUF:
        found: DeleteOptions = _from_protobuf(body.raw, DeleteOptions)
        return found
    if body.content_type not in (JSON, YAML):
        raise errors.UnsupportedMediaType.of(ACCEPTED)
    fmt = "yaml" if body.content_type == YAML else "json"
    try:
        kind, version = type_meta(body.raw, DeleteOptions, fmt)
    except errors.BadRequest:
        raise errors.BadRequest.of(_parse_problem(body.raw, DeleteOptions, fmt)) from None
    if kind != "DeleteOptions":
        raise errors.BadRequest.of(unregistered(kind, version, _META_SCHEME))
    try:
        decoded: DeleteOptions = codec.decode_lenient(DeleteOptions, body.raw, fmt=fmt).object
        return codec.untyped(decoded)
    except codec.DecodeError as error:
        raise errors.BadRequest.of(str(error)) from None
