"""Which media type answers a request, and which one its body is in. Pure.

Kubernetes looks twice, and says no in two ways: its router compares media types only ("406: Not
Acceptable ..."), then the handler weighs parameters and quality ("only the following media types
are accepted ..."). Clients and the recorded answers tell them apart, so both are here.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from kubepy.apiserver.rest import refusals
from kubepy.meta import errors

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
OBJECT_TYPES = (JSON, YAML, PROTOBUF)
WATCH_OFFERED = (JSON, PROTOBUF)  # YAML has no frames
WATCH_TYPES = (*OBJECT_TYPES, f"{JSON};stream=watch", f"{PROTOBUF};stream=watch")
PATCH_TYPES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)
# Custom kinds have no messages, and no merge keys; only their metadata has.
CUSTOM_TYPES = (JSON, YAML)
CUSTOM_PATCH_TYPES = tuple(each for each in PATCH_TYPES if "strategic" not in each)
SHAPES = {  # `as=` by kind, in meta.k8s.io
    "Table": (JSON, YAML),
    "PartialObjectMetadata": OBJECT_TYPES,
    "PartialObjectMetadataList": OBJECT_TYPES,
}
METADATA = ("PartialObjectMetadata", "PartialObjectMetadataList")
SHAPE_VERSIONS = ("v1", "v1beta1")


class Accepted(Struct, frozen=True, gc=False):
    """The media type of an answer, and the shape asked for: "" or a key of SHAPES."""

    media_type: str
    shape: str = ""
    shape_version: str = "v1"
    pretty: bool = False


PLAIN = Accepted(JSON)


class Clause(Struct, frozen=True, gc=False):
    """One alternative of an Accept header."""

    type: str
    parameters: dict[str, str]
    quality: float


def clauses(header: str) -> list[Clause]:
    """The alternatives of an Accept header, the most wanted first, otherwise in their order."""
    found = []
    for part in header.split(","):
        media_type, *rest = (piece.strip() for piece in part.split(";"))
        parameters = {}
        quality = 1.0
        for piece in rest:
            key, _, value = piece.partition("=")
            if key == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
            else:
                parameters[key] = value.strip('"')
        if media_type:
            found.append(Clause(media_type.lower(), parameters, quality))
    return sorted(found, key=lambda clause: -clause.quality)


@lru_cache(maxsize=512)
def accept(
    header: str,
    *,
    watch: bool = False,
    offered: tuple[str, ...] = OBJECT_TYPES,
    custom: bool = False,
) -> Accepted:
    """The answer's media type for a resource request. Raises a 406."""
    if not header:
        return PLAIN
    wanted = clauses(header)
    if not any(clause.type == "*/*" or clause.type in offered for clause in wanted):
        produced = WATCH_TYPES if watch else offered
        raise refusals.unroutable_accept(produced)
    for clause in wanted:
        for media_type in offered:
            if matches(clause.type, media_type):
                accepted = _with_parameters(media_type, clause.parameters)
                if accepted is None or (
                    custom and media_type not in CUSTOM_TYPES and accepted.shape not in METADATA
                ):
                    continue
                return accepted
    raise errors.NotAcceptable.of(offered)


def matches(pattern: str, media_type: str) -> bool:
    if pattern in ("*/*", media_type):
        return True
    return pattern.endswith("/*") and media_type.startswith(pattern[:-1])


def _with_parameters(media_type: str, parameters: dict[str, str]) -> Accepted | None:
    shape = parameters.get("as", "")
    version = parameters.get("v", "v1")
    stream = parameters.get("stream", "")
    if shape:
        served = media_type in SHAPES.get(shape, ())
        if not served or parameters.get("g") != "meta.k8s.io" or version not in SHAPE_VERSIONS:
            return None
    elif "g" in parameters or "v" in parameters:
        return None
    if stream not in ("", "watch"):
        return None
    return Accepted(media_type, shape, version if shape else "v1", parameters.get("pretty") == "1")


@lru_cache(maxsize=128)
def body_type(header: str) -> str:
    """The media type of a request's body; JSON if it does not say. Raises a 415."""
    media_type = header.partition(";")[0].strip().lower()
    if not media_type:
        return JSON
    if media_type not in OBJECT_TYPES:
        raise errors.UnsupportedMediaType.of(OBJECT_TYPES)
    return media_type


@lru_cache(maxsize=128)
def patch_type(header: str) -> str:
    """The media type of a patch. Raises a 415."""
    media_type = header.partition(";")[0].strip().lower()
    if media_type not in PATCH_TYPES:
        raise refusals.unroutable_body()
    return media_type
