"""How what clients send becomes a custom object, with the complaints of Kubernetes' decoder. Pure.

Unknown fields are pruned here, by the schema of the object's own version, and told of: as warnings,
or as a refusal, as the request's fieldValidation says.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec

from kubepy.api import codec
from kubepy.api.custom import Custom
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver import bodies
from kubepy.apiserver.crd import shapes
from kubepy.apiserver.crd.pruning import META, TYPE_META, prune
from kubepy.apiserver.crd.structural import Schema
from kubepy.meta import errors
from kubepy.meta.calls import JSON, YAML, Body
from kubepy.meta.errors import BadRequest, Invalid, invalid
from kubepy.meta.managed.shapes import Shape

ACCEPTED = (JSON, YAML)
Document = dict[str, Any]


class Form:
    """The form of one version's objects; `schema` is None where nothing is pruned."""

    def __init__(self, kind: str, group_version: str, schema: Schema, *, keep_all: bool) -> None:
        self.kind = kind
        self.group_version = group_version
        self.schema = schema
        self._keep_all = keep_all

    @cached_property
    def shape(self) -> Shape:
        """As owners of fields see an object."""
        return shapes.shape_of(self.schema, keep_all=self._keep_all)

    def decode(self, body: Any, type_: type[Custom], mode: str) -> tuple[Any, tuple[str, ...]]:
        """The object of a body and the warnings about it. Raises UnsupportedMediaType, BadRequest,
        Invalid."""
        if not isinstance(body, Body):
            return codec.untyped(body), ()
        if body.content_type not in ACCEPTED:
            raise errors.UnsupportedMediaType.of(ACCEPTED)
        fmt = "yaml" if body.content_type == YAML else "json"
        try:
            document, problems = codec.load(body.raw, fmt)
        except codec.DecodeError:
            document = None
        if not isinstance(document, dict):
            raise bodies.unreadable(body.raw, type_, fmt)
        for name, word in (("kind", "Kind"), ("apiVersion", "apiVersion")):
            if not document.get(name):
                raise self._missing(word, body.raw)
        self._check_version(document)
        obj, unknown = self._object(document, type_)
        problems = [*problems, *unknown]
        if problems and mode == bodies.STRICT:
            why = f"strict decoding error: {', '.join(problems)}"
            raise bodies.unfit(self.kind, self.group_version, type_, why)
        return obj, tuple(problems) if mode != bodies.IGNORE else ()

    def convert(self, document: Document, type_: type[Custom]) -> tuple[Any, list[str]]:
        """The same for a document that a patch has made. Raises codec.DecodeError."""
        return self._object(document, type_)

    def _missing(self, field: str, raw: bytes) -> BadRequest:
        text = raw.decode("utf-8", "replace")
        return BadRequest.of(
            f"the object provided is unrecognized (must be of type {self.kind}): "
            f"Object '{field}' is missing in '{text}' ({bodies.summary(raw)})"
        )

    def _check_version(self, document: Document) -> None:
        """Raises BadRequest for another version, Invalid for another kind."""
        version, kind = document["apiVersion"], document["kind"]
        if version != self.group_version:
            problem = BadRequest.of(
                f"the API version in the data ({version}) does not match the expected API version "
                f"({self.group_version})"
            )
            unknown = sorted(key for key in document if key not in META)
            problem.warnings = tuple(f'unknown field "{key}"' for key in unknown)
            raise problem
        if kind != self.kind:
            meta = document.get("metadata")
            name = meta.get("name", "") if isinstance(meta, dict) else ""
            group = self.group_version.partition("/")[0]
            raise Invalid.of(group, kind, name, [invalid("kind", kind, f"must be {self.kind}")])

    def _object(self, document: Document, type_: type[Custom]) -> tuple[Any, list[str]]:
        raw_meta = document.get("metadata") or {}
        if not isinstance(raw_meta, dict):
            raise bodies.unfit(self.kind, self.group_version, type_, "metadata must be an object")
        try:
            meta, problems = codec.convert_lenient(ObjectMeta, raw_meta)
        except codec.DecodeError as error:
            raise bodies.unfit(self.kind, self.group_version, type_, str(error)) from None
        problems = [problem.replace('"', '"metadata.', 1) for problem in problems]
        content = {key: value for key, value in document.items() if key not in META}
        if not self._keep_all:
            content, unknown = prune(content, self.schema)
            problems += [f'unknown field "{path}"' for path in unknown]
        return type_(metadata=meta, content=content), problems

    def read(self, raw: bytes, type_: type[Custom]) -> Custom:
        """A stored object, whatever version it was stored as: pruned by this one's schema."""
        document = msgspec.json.decode(raw)
        meta = codec.from_builtins(ObjectMeta, document.get("metadata", {}))
        content = {key: value for key, value in document.items() if key not in META}
        if not self._keep_all:
            content, _ = prune(content, self.schema)
        return type_(metadata=meta, content=content)


__all__ = ["ACCEPTED", "TYPE_META", "Form"]
