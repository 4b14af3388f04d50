"""apply: a patch that says what its manager wants of an object, and owns from then on.

Also creates what is not there. The configuration is a partial object, checked against the schema
and merged with the live one; who owns what decides about conflicts and about what goes.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.meta.v1 import PatchOptions
from kubepy.apiserver import bodies, options, ownership
from kubepy.apiserver.registry.objectmeta import ANNOTATION_BYTES
from kubepy.apiserver.subresources.door import Door
from kubepy.apiserver.verbs import create
from kubepy.apiserver.verbs.request import MayCreate, Request
from kubepy.apiserver.verbs.update import change_object
from kubepy.meta import errors
from kubepy.meta.calls import Answer, Body
from kubepy.meta.gotext import json_kind
from kubepy.meta.managed import checks, entries, manager
from kubepy.meta.managed.entries import Owners
from kubepy.meta.managed.fieldset import Malformed
from kubepy.meta.managed.manager import Conflicts, Document, Scope
from kubepy.meta.managed.typed import Unfit

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


async def apply(request: Request, door: Door, may_create: MayCreate) -> Answer:
    """Raises Invalid, BadRequest, Conflict, NotFound (of a subresource), ..."""
    call, target = request.call, request.target
    options.check_patch(call.options, apply=True)
    assert isinstance(call.options, PatchOptions), "an apply names its manager"
    application = Application(request, door, call.options)
    if not call.subresource and await target.current(call.namespace, call.name) is None:
        try:
            return await application.create(may_create)
        except errors.AlreadyExists:
            pass  # somebody was quicker

    async def change(shown: Any) -> Any:
        return application.applied(shown)

    return await change_object(request, door, change)


class Application:
    """One configuration and what it makes of an object."""

    def __init__(self, request: Request, door: Door, given: PatchOptions) -> None:
        self.request = request
        self.door = door
        self.manager = given.fieldManager
        self.force = bool(given.force)
        self.mode = given.fieldValidation or bodies.WARN
        self.scope = ownership.scope_of(request, door)

    async def create(self, may_create: MayCreate) -> Answer:
        request = self.request
        obj = self.applied(self.door.type())
        meta = obj.metadata
        if meta.uid:
            raise errors.Conflict.of(
                request.target.resource,
                request.call.name,
                f"uid mismatch: the provided object specified uid {meta.uid}, and no existing "
                "object was found",
            )
        await may_create()
        return await create.create_object(
            request, replace(obj, metadata=replace(meta, resourceVersion=""))
        )

    def applied(self, shown: Any) -> Any:
        """The object with the configuration in it. Raises ApiError."""
        config, problems = decode(self.request.call.body)
        self._check(config)
        try:
            new, found = self._merged(config, shown)
        except Unfit as problem:  # the configuration is fit
            who = _who(shown.metadata.namespace, shown.metadata.name)
            raise errors.Unknown.of(
                f"failed to create typed live object ({who}): {problem}"
            ) from None
        self._report(problems)
        obj = ownership.with_entries(self._object(new, config), found)
        if self.manager == manager.KUBECTL and obj.metadata.annotations.get(LAST_APPLIED):
            obj = _annotated(obj, config)
        return self._placed(obj)

    def _merged(self, config: Document, shown: Any) -> tuple[Document, ownership.Entries]:
        """The document that comes of it, and its owners. Raises Unfit, ApiError."""
        live = ownership.document_of(shown)
        now = ownership.now_of(self.request)
        before = shown.metadata.managedFields
        try:
            owners = entries.decode(before, self.scope.shape, self.scope.version)
        except Malformed as problem:
            raise errors.Unknown.of(f"failed to decode managed fields: {problem}") from None
        if not owners:
            empty = ownership.document_of(self.door.type())
            owners = manager.first_owner(self.scope, empty, live, now)
        plain = {name: config[name] for name in config if name not in ("kind", "apiVersion")}

        def attempt(*, force: bool) -> tuple[Document, Owners]:
            return manager.apply(self.scope, live, plain, owners, self.manager, now, force=force)

        try:
            new, owners = attempt(force=self.force)
        except Conflicts as conflicts:
            rest = self._beyond_client_side(conflicts, shown, live)
            if rest is not None:
                raise rest.refusal() from None
            new, owners = attempt(force=True)
        return new, entries.encode(owners)

    def _beyond_client_side(
        self, conflicts: Conflicts, shown: Any, live: Document
    ) -> Conflicts | None:
        """The conflicts that are left when kubectl takes over what it applied client-side."""
        text = shown.metadata.annotations.get(LAST_APPLIED, "")
        if self.manager != manager.KUBECTL or not text:
            return conflicts
        last = _last_applied(text, self.scope)
        if last is None:
            return conflicts
        return manager.beyond(conflicts, manager.allowed(self.scope, live, last))

    def _check(self, config: Document) -> None:
        """Raises BadRequest; a 500 for what does not fit the schema, as Kubernetes does."""
        kind, version = _text(config, "kind"), _text(config, "apiVersion")
        named = f"{version if '/' in version else '/' + version}, Kind={kind}"
        if (kind, version) != (self.door.type.__name__, self.scope.version):
            raise errors.BadRequest.of(f"invalid object type: {named}")
        meta = config.get("metadata")
        meta = meta if isinstance(meta, dict) else {}
        if isinstance(meta.get("managedFields"), list):
            raise errors.BadRequest.of("metadata.managedFields must be nil")
        problem = checks.complaint(self.scope.shape, config)
        if problem:
            who = _who(_text(meta, "namespace"), _text(meta, "name"))
            raise errors.Unknown.of(
                f"failed to create typed patch object ({who}; {named}): {problem}"
            )

    def _object(self, new: Document, config: Document) -> Any:
        try:
            obj, _ = bodies.convert(new, self.door.type)
        except codec.DecodeError as problem:
            meta = config.get("metadata") or {}
            who = _who(_text(meta, "namespace"), _text(meta, "name"))
            raise errors.Unknown.of(
                f"failed to convert new typed object ({who}) to object: {problem}"
            ) from None
        return self.door.default(codec.untyped(obj))

    def _report(self, problems: list[str]) -> None:
        """Keys that the configuration has twice. Raises BadRequest."""
        if not problems or self.mode == bodies.IGNORE:
            return
        listed = "".join(f"\n  {problem}" for problem in problems)
        text = f"error converting YAML to JSON: yaml: unmarshal errors:{listed}"
        if self.mode == bodies.STRICT:
            raise errors.BadRequest.of(f"error strict decoding YAML: {text}")
        self.request.warn((text,))

    def _placed(self, obj: Any) -> Any:
        """The object under the name and namespace of the path. Raises BadRequest."""
        call = self.request.call
        obj = create.placed(obj, self.request.target, call.namespace)
        name = obj.metadata.name
        if name != call.name:
            if not name:
                raise errors.BadRequest.of(
                    f"the name of the object ({call.name} based on URL) was undeterminable: name "
                    "must be provided"
                )
            raise errors.BadRequest.of(
                f"the name of the object ({name}) does not match the name on the URL ({call.name})"
            )
        return obj


def _who(namespace: str, name: str) -> str:
    """An object as these messages name it."""
    return f"{namespace}/{name}"


def _text(value: Document, name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def decode(body: Any) -> tuple[Document, list[str]]:
    """The configuration, and what is twice in it. Raises BadRequest."""
    if not isinstance(body, Body):
        raise TypeError("an apply is a Body")
    try:
        codec.check_depth(body.raw)
        value = msgspec.json.decode(body.raw)
        problems: list[str] = []
        if codec.has_duplicates(body.raw, value):
            value, problems = codec.load_yaml(body.raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, codec.DecodeError):
        try:
            value, problems = codec.load_yaml(body.raw)
        except codec.DecodeError as problem:
            raise errors.BadRequest.of(f"error decoding YAML: {problem}") from None
    if value is None:
        return {}, problems
    if not isinstance(value, dict):
        raise errors.BadRequest.of(
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot "
            f"unmarshal {json_kind(value)} into Go value of type map[string]interface {{}}"
        )
    return value, problems


# ---- what kubectl's client-side apply remembers


def _last_applied(text: str, scope: Scope) -> Document | None:
    """The configuration in the annotation; None if it is none of this version."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("apiVersion") != scope.version:
        return None
    if checks.complaint(scope.shape, found):
        return None
    return {name: found[name] for name in found if name not in ("kind", "apiVersion")}


def _annotated(obj: Any, config: Document) -> Any:
    """The object with the annotation that a client-side apply of the configuration would leave,
    if there is room for it."""
    meta = dict(config.get("metadata") or {})
    if isinstance(meta.get("annotations"), dict):
        notes = {k: v for k, v in meta["annotations"].items() if k != LAST_APPLIED}
        meta["annotations"] = notes
    text = msgspec.json.encode({**config, "metadata": meta}, order="deterministic").decode() + "\n"
    annotations = {**obj.metadata.annotations, LAST_APPLIED: text}
    if sum(len(k.encode()) + len(v.encode()) for k, v in annotations.items()) > ANNOTATION_BYTES:
        del annotations[LAST_APPLIED]
    return replace(obj, metadata=replace(obj.metadata, annotations=annotations))


__all__ = ["apply", "decode"]
