"""What makes one version of a custom kind differ from any other kind: its schema. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.apiextensions.v1 import (
    CustomResourceDefinitionVersion,
    CustomResourceSubresourceScale,
    SelectableField,
)
from kubepy.api.custom import Custom
from kubepy.apiserver.crd import columns, embedded, listtypes, replicas, values
from kubepy.apiserver.crd.defaulting import fill
from kubepy.apiserver.crd.jsonpath import compile_path
from kubepy.apiserver.crd.structural import Schema
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.meta import errors
from kubepy.meta.errors import FieldError, invalid
from kubepy.meta.gotext import verbatim

if TYPE_CHECKING:
    from kubepy.apiserver.crd.rules import Found, Rules

UNCHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing "
    "errors to complete validation"
)
BLOCKING = frozenset(
    {errors.NOT_SUPPORTED, errors.REQUIRED, errors.TOO_LONG, errors.TOO_MANY, errors.TYPE_INVALID}
)


class Version:
    """The rules of one version's objects."""

    def __init__(self, version: CustomResourceDefinitionVersion, schema: Schema) -> None:
        wanted = version.subresources
        self.schema = schema
        self.has_status = wanted is not None and wanted.status is not None
        self.scale: CustomResourceSubresourceScale | None = wanted.scale if wanted else None
        self._rules: Rules | None = None
        self._reads_metadata = "metadata" in schema.properties or bool(schema.rules)
        self.selectable = _selectors(version.selectableFields)

    def whole(self, obj: Custom) -> dict[str, Any]:
        """The object as one value, its metadata as far as the schema looks at it."""
        meta = codec.to_builtins(obj.metadata) if self._reads_metadata else {}
        names = {"apiVersion": obj.API_VERSION, "kind": type(obj).__name__}
        return {**names, "metadata": meta, **obj.content}

    def default(self, obj: Custom) -> Custom:
        content = fill(obj.content, self.schema)
        return obj if content is obj.content else replace(obj, content=content)

    def prepare_create(self, obj: Custom) -> Custom:
        if not self.has_status or "status" not in obj.content:
            return obj
        return replace(obj, content={k: v for k, v in obj.content.items() if k != "status"})

    def prepare_update(self, new: Custom, old: Custom) -> Custom:
        return with_status(new, old) if self.has_status else new

    def prepare_status(self, new: Custom, old: Custom) -> Custom:
        return with_status(old, new)

    def validate_create(self, obj: Custom) -> list[FieldError]:
        found = values.validate(self.whole(obj), self.schema)
        found += replicas.validate(obj, self.scale)
        found += embedded.validate(obj.content, self.schema)
        found += listtypes.duplicates(obj.content, self.schema)
        return self._with_rules(found, obj, None)

    def validate_update(self, new: Custom, old: Custom) -> list[FieldError]:
        found = values.validate(self.whole(new), self.schema, old=self.whole(old))
        found += replicas.validate(new, self.scale)
        found += embedded.validate(new.content, self.schema)
        found += self._new_duplicates(new, old)
        return self._with_rules(found, new, old)

    def validate_status(self, new: Custom, old: Custom) -> list[FieldError]:
        found: list[FieldError] = []
        schema = self.schema.properties.get("status")
        if schema is not None and "status" in new.content:
            before = old.content.get("status", UNSET)
            if before is UNSET or not values.same(new.status, before):
                found += values.validate(new.status, schema, "status", before)
        found += replicas.validate_status(new, self.scale)
        found += self._new_duplicates(new, old)
        return self._with_rules(found, new, old)

    def _new_duplicates(self, new: Custom, old: Custom) -> list[FieldError]:
        """None, if there were some before: that is what an update may leave as it is."""
        found = list(listtypes.duplicates(new.content, self.schema))
        return [] if found and any(listtypes.duplicates(old.content, self.schema)) else found

    def _with_rules(
        self, found: list[FieldError], new: Custom, old: Custom | None
    ) -> list[FieldError]:
        if not self.schema.has_rules:
            return found
        if any(error.type in BLOCKING for error in found):
            return [*found, invalid(values.NOWHERE, None, UNCHECKED)]
        return found + self._judged(new, old).errors

    def _judged(self, new: Custom, old: Custom | None) -> Found:
        """What the CEL rules say; they are compiled for the first object that they judge."""
        if self._rules is None:
            from kubepy.apiserver.crd.rules import Rules  # late: few kinds have rules

            self._rules = Rules(self.schema)
        return self._rules.check(self.whole(new), None if old is None else self.whole(old))

    def update_warnings(self, new: Custom, old: Custom) -> list[str]:
        """What is wrong and was so before: rules that an update need not mend."""
        if not self.schema.has_rules:
            return []
        return [str(each) for each in self._judged(new, old).warnings]

    def fields(self, obj: Custom) -> dict[str, str]:
        return {name: select(obj) for name, select in self.selectable.items()}


def with_status(obj: Custom, source: Custom) -> Custom:
    """An object with the status of another one, or without if that has none."""
    if "status" in source.content:
        return replace(obj, content={**obj.content, "status": source.content["status"]})
    if "status" not in obj.content:
        return obj
    return replace(obj, content={k: v for k, v in obj.content.items() if k != "status"})


def _selectors(fields: tuple[SelectableField, ...]) -> dict[str, Callable[[Custom], str]]:
    """The selectable fields by their names, and how an object's value is read as text."""

    def reader(text: str) -> Callable[[Custom], str]:
        path = compile_path(text)

        def read(obj: Custom) -> str:
            found = columns.first(path, obj)
            return "" if found is UNSET or found is None else verbatim(found)

        return read

    return {field.jsonPath.removeprefix("."): reader(field.jsonPath) for field in fields}


def strategy_of(version: CustomResourceDefinitionVersion, rules: Version) -> Strategy:
    return Strategy(
        default=rules.default,
        prepare_create=rules.prepare_create,
        prepare_update=rules.prepare_update,
        validate_create=rules.validate_create,
        validate_update=rules.validate_update,
        prepare_status=rules.prepare_status,
        validate_status=rules.validate_status,
        update_warnings=rules.update_warnings,
        fields=rules.fields,
        row=columns.row_maker(version.additionalPrinterColumns),
        generation=True,
        unconditional_update=False,
    )
