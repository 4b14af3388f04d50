"""What a conversion webhook is asked, and what may be made of its answer. Pure.

The webhook may change everything but the metadata; of that, labels and annotations only.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from kubepy.api import codec
from kubepy.api.apiextensions.v1 import ConversionRequest, ConversionReview
from kubepy.meta.errors import ApiError, FieldError, Unknown, aggregate
from kubepy.meta.labels import check_annotations, check_labels

REVIEWS = ("v1beta1", "v1")
GROUP = "apiextensions.k8s.io"
Document = dict[str, Any]
_GO_TYPES = {str: "string", bool: "bool", int: "int64", float: "float64", list: "[]interface {}"}


_CHECKS: dict[str, Callable[[dict[str, str]], list[FieldError]]] = {
    "labels": lambda given: check_labels(given, "metadata.labels"),
    "annotations": lambda given: check_annotations(given, "metadata.annotation"),
}


class Head(Struct, frozen=True):
    """What a stored object says that it is."""

    kind: str = ""
    apiVersion: str = ""

    def __str__(self) -> str:
        return f"{self.apiVersion}, Kind={self.kind}"


class _Mismatch(Exception):
    pass


def foreign(values: Sequence[bytes], kind: str, target: str) -> list[int]:
    """Which of stored objects are not of the version `target`."""
    opening = b'{"kind":"%s","apiVersion":"%s",' % (kind.encode(), target.encode())
    return [
        index
        for index, value in enumerate(values)
        if not value.startswith(opening) and head(value).apiVersion != target
    ]


def head(value: bytes) -> Head:
    return msgspec.json.decode(value, type=Head)


def review(values: Sequence[bytes], target: str, uid: str, version: str) -> bytes:
    """The question: these objects, all of other versions, as `target`."""
    objects = tuple(Raw(value) for value in values)
    request = ConversionRequest(uid=uid, desiredAPIVersion=target, objects=objects)
    return codec.encode(
        ConversionReview(kind="ConversionReview", apiVersion=f"{GROUP}/{version}", request=request)
    )


def answer(
    values: Sequence[bytes], target: str, uid: str, version: str, content: bytes
) -> list[bytes]:
    """The objects converted. Raises Unknown, in Kubernetes' words."""
    what = head(values[0])
    try:
        found = _response(content, uid, version)
    except _Mismatch as problem:
        raise failed(what, str(problem)) from None
    if len(found) != len(values):
        raise Unknown.of(
            f"conversion webhook for {what} returned {len(found)} objects, expected {len(values)}"
        )
    return [
        codec.encode(_checked(msgspec.json.decode(value), each, target, what))
        for value, each in zip(values, found, strict=True)
    ]


def failed(what: Head, why: str) -> ApiError:
    return Unknown.of(f"conversion webhook for {what} failed: {why}")


def _response(content: bytes, uid: str, version: str) -> list[Any]:
    try:
        document = msgspec.json.decode(content)
    except msgspec.DecodeError as problem:
        raise _Mismatch(str(problem)) from None
    if not isinstance(document, dict):
        raise _Mismatch("no response provided")
    if version == "v1":
        expected = f"{GROUP}/v1, Kind=ConversionReview"
        got = f"{document.get('apiVersion', '')}, Kind={document.get('kind', '')}"
        if got != expected:
            raise _Mismatch(f"expected webhook response of {expected}, got {got}")
    response = document.get("response")
    if not isinstance(response, dict):
        raise _Mismatch("no response provided")
    if version == "v1" and response.get("uid", "") != uid:
        raise _Mismatch(f'expected response.uid="{uid}", got "{response.get("uid", "")}"')
    result = response.get("result") or {}
    if result.get("status") != "Success":
        why = f"response.result.status was '{result.get('status', '')}', not 'Success'"
        raise _Mismatch(result.get("message") or why)
    return response.get("convertedObjects") or []


def _checked(original: Document, converted: Any, target: str, what: Head) -> Document:
    """The converted object under the original's metadata. Raises Unknown."""
    begin = f"conversion webhook for {what} returned invalid"
    if not isinstance(converted, dict):
        raise Unknown.of(f"{begin} object at index 0: {_type_of(converted)}")
    if (got := converted.get("apiVersion", "")) != target:
        raise Unknown.of(
            f"{begin} object at index 0: invalid groupVersion (expected {target}, received {got})"
        )
    kind = original.get("kind", "")
    if (got := converted.get("kind", "")) != kind:
        raise Unknown.of(
            f"{begin} object at index 0: invalid kind (expected {kind}, received {got})"
        )
    try:
        _same_object(original.get("metadata") or {}, converted.get("metadata") or {})
    except _Mismatch as problem:
        raise Unknown.of(f"{begin} object: {problem}") from None
    try:
        return {**converted, "metadata": _restored(original, converted)}
    except _Mismatch as problem:
        raise Unknown.of(f"{begin} metadata: {problem}") from None


def _same_object(old: Document, new: Any) -> None:
    found = new if isinstance(new, dict) else {}
    for field, word in (("name", "name"), ("namespace", "namespace"), ("uid", "UID")):
        before, after = old.get(field, ""), found.get(field, "")
        if before != after:
            raise _Mismatch(f"must have the same {word}: {before} != {after}")


def _restored(original: Document, converted: Document) -> Document:
    """The original's metadata, with the labels and annotations of the answer."""
    if "metadata" not in converted:
        raise _Mismatch("missing metadata in converted object")
    given = converted["metadata"]
    if not isinstance(given, dict):
        raise _Mismatch(f"invalid metadata of type {_type_of(given)} in converted object")
    found = copy.deepcopy(original.get("metadata") or {})
    for field in ("labels", "annotations"):
        old = found.pop(field, None)
        new = given.get(field)
        if new is None:
            continue
        if not isinstance(new, dict):
            type_ = _type_of(new)
            raise _Mismatch(f"invalid metadata.{field} of type {type_} in converted object")
        for key, value in new.items():
            if not isinstance(value, str):
                raise _Mismatch(
                    f"metadata.{field}[{key}] must be a string, "
                    f"but is {_type_of(value)} in converted object"
                )
        if new != old and (problems := _CHECKS[field](new)):
            raise _Mismatch(aggregate(problems))
        found[field] = new
    return found


def _type_of(value: Any) -> str:
    if value is None:
        return "<nil>"
    return _GO_TYPES.get(type(value), "map[string]interface {}")
