"""What is wrong with a CustomResourceDefinition, in Kubernetes' words and order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from kubepy.api import codec
from kubepy.api.apiextensions.v1 import (
    CustomResourceColumnDefinition,
    CustomResourceDefinition,
    CustomResourceDefinitionNames,
    CustomResourceDefinitionSpec,
    CustomResourceDefinitionVersion,
    CustomResourceSubresources,
    CustomResourceSubresourceScale,
    JSONSchemaProps,
    SelectableField,
)
from kubepy.apiserver.crd import approval
from kubepy.apiserver.crd.definition import conversion, hoisted, schemas, structure
from kubepy.apiserver.crd.definition.fieldpaths import BadPath, resolve
from kubepy.apiserver.crd.definition.hoisted import Part
from kubepy.apiserver.crd.names import is_established
from kubepy.apiserver.crd.structural import RULES, Props
from kubepy.meta import names
from kubepy.meta.errors import (
    FieldError,
    duplicate,
    invalid,
    not_supported,
    required,
    too_many,
)

COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
COLUMN_FORMATS = (
    "byte", "date", "date-time", "double", "float", "int32", "int64", "password",
)  # fmt: skip
MOST_SELECTABLE = 8
WARNING_CHARACTERS = 256
SIMPLE = "must be a simple json path starting with ."
MIXED = "may have mixed case, but should otherwise match: "


def validate_create(new: CustomResourceDefinition) -> list[FieldError]:
    return _all(new, None)


def name_rule(new: CustomResourceDefinition) -> Callable[[str], list[str]]:
    """What a definition may be called."""

    def check(name: str) -> list[str]:
        problems = names.dns1123_subdomain(name)
        if name != f"{new.spec.names.plural}.{new.spec.group}":
            problems = [*problems, 'must be spec.names.plural+"."+spec.group']
        return problems

    return check


def validate_update(
    new: CustomResourceDefinition, old: CustomResourceDefinition
) -> list[FieldError]:
    return _all(new, old)


def validate_status(
    new: CustomResourceDefinition, old: CustomResourceDefinition
) -> list[FieldError]:
    return list(_names(new.status.acceptedNames, "status.acceptedNames"))


def _all(new: CustomResourceDefinition, old: CustomResourceDefinition | None) -> list[FieldError]:
    errors = list(_spec(new, old))
    if old is not None:
        errors += _immutable(new, old)
    errors += _names(new.status.acceptedNames, "status.acceptedNames")
    errors += _stored(new)
    errors += approval.validate(new, old)
    if new.spec.preserveUnknownFields and not (old and old.spec.preserveUnknownFields):
        why = (
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
            "spec.versions[*].schema instead"
        )
        errors.append(invalid("spec.preserveUnknownFields", True, why))
    return errors


def _spec(
    new: CustomResourceDefinition, old: CustomResourceDefinition | None
) -> Iterator[FieldError]:
    spec = new.spec
    yield from _group(spec.group)
    if not spec.scope:
        yield required("spec.scope")
    elif spec.scope not in ("Cluster", "Namespaced"):
        yield not_supported("spec.scope", spec.scope, ("Cluster", "Namespaced"))
    for index, version in enumerate(spec.versions):
        if schema_of(version) is None:
            yield required(f"spec.versions[{index}].schema.openAPIV3Schema")
    for index, version in enumerate(spec.versions):
        yield from _version(new, old, index, version)
    if len({version.name for version in spec.versions}) < len(spec.versions):
        yield invalid("spec.versions", hoisted.shown(spec), "must contain unique version names")
    if sum(version.storage for version in spec.versions) != 1:
        why = "must have exactly one version marked as storage version"
        yield invalid("spec.versions", hoisted.shown(spec), why)
    if spec.versions:
        yield from _label("spec.version", spec.versions[0].name)
    for field in ("plural", "singular", "kind", "listKind"):
        if not getattr(spec.names, field):
            yield required(f"spec.names.{field}")
    yield from _names(spec.names, "spec.names")
    for part in hoisted.PARTS:
        yield from _part(hoisted.common(spec, part), part, new, old)
    if spec.conversion is not None:
        lenient = old is None or not is_established(old)
        yield from conversion.validate(spec.conversion, "spec.conversion", any_ca=lenient)


def _group(group: str) -> Iterator[FieldError]:
    problems = names.dns1123_subdomain(group)
    if not group:
        yield required("spec.group")
    elif problems:
        yield invalid("spec.group", group, ",".join(problems))
    elif "." not in group:
        yield invalid("spec.group", group, "should be a domain with at least one dot")


def _label(path: str, text: str, words: str = "") -> Iterator[FieldError]:
    problems = names.dns1035_label(text.lower() if words else text)
    if problems:
        yield invalid(path, text, words + ",".join(problems))


def _names(given: CustomResourceDefinitionNames, path: str) -> Iterator[FieldError]:
    for field, words in (("plural", ""), ("singular", ""), ("kind", MIXED), ("listKind", MIXED)):
        if text := getattr(given, field):
            yield from _label(f"{path}.{field}", text, words)
    for index, text in enumerate(given.shortNames):
        yield from _label(f"{path}.shortNames[{index}]", text)
    if given.kind and given.kind == given.listKind:
        why = "kind and listKind may not be the same"
        yield invalid(f"{path}.listKind", given.listKind, why)
    for index, text in enumerate(given.categories):
        yield from _label(f"{path}.categories[{index}]", text)


def _version(
    new: CustomResourceDefinition,
    old: CustomResourceDefinition | None,
    index: int,
    version: CustomResourceDefinitionVersion,
) -> Iterator[FieldError]:
    path = f"spec.versions[{index}]"
    yield from _label(f"{path}.name", version.name)
    for why in _deprecation(version):
        yield invalid(f"{path}.deprecationWarning", version.deprecationWarning, why)
    for part in hoisted.PARTS:
        yield from _part(hoisted.own(new.spec, index, part), part, new, old)


def _deprecation(version: CustomResourceDefinitionVersion) -> Iterator[str]:
    text = version.deprecationWarning
    if text is None:
        return
    if not version.deprecated:
        yield "can only be set for deprecated versions"
        return
    if len(text) > WARNING_CHARACTERS:
        yield f"must be <= {WARNING_CHARACTERS} characters long"
    if not text:
        yield "must not be an empty string"
    for index, char in enumerate(text):
        if not char.isprintable():
            yield (
                "must only contain printable UTF-8 characters; non-printable character found at "
                f"index {index}"
            )
            break


def _part(
    part: Part | None,
    name: str,
    new: CustomResourceDefinition,
    old: CustomResourceDefinition | None,
) -> Iterator[FieldError]:
    if part is None:
        return
    match name:
        case "schema":
            yield from _schema(part, old)
        case "subresources":
            yield from _subresources(part.value, part.path)
        case "additionalPrinterColumns":
            for index, column in enumerate(part.value):
                yield from _column(column, f"{part.path}[{index}]")
        case "selectableFields":
            schema = props_of(part.versions[0])
            if len(part.versions) < len(new.spec.versions) and hoisted.is_common(
                new.spec, "schema"
            ):
                why = "may only be set when `version.schema.openAPIV3Schema` is not included"
                yield invalid(part.path, "", why)
                return
            yield from _selectable(part.value, schema, part.path)


def schema_of(version: CustomResourceDefinitionVersion) -> JSONSchemaProps | None:
    return version.schema.openAPIV3Schema if version.schema else None


def props_of(version: CustomResourceDefinitionVersion) -> Props:
    """A version's schema as plain JSON."""
    schema = schema_of(version)
    found: Props = codec.to_builtins(schema) if schema is not None else {}
    return found


def _schema(part: Part, old: CustomResourceDefinition | None) -> Iterator[FieldError]:
    schema = schema_of(part.versions[0])
    if schema is None:
        return
    before = [props_of(version) for version in old.spec.versions] if old else []
    props: Props = codec.to_builtins(schema)
    yield from schemas.validate(
        props,
        f"{part.path}.openAPIV3Schema",
        has_status=any(v.subresources is not None and v.subresources.status for v in part.versions),
        structural=not any(structure.violations(each, "") for each in before),
        known_rules=frozenset(rule for each in before for rule in rules_in(each)),
    )


def rules_in(value: Any) -> Iterator[str]:
    """Every CEL rule of a schema."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == RULES and isinstance(inner, list):
                yield from (each.get("rule", "") for each in inner)
            else:
                yield from rules_in(inner)
    elif isinstance(value, list):
        for each in value:
            yield from rules_in(each)


def _subresources(given: CustomResourceSubresources, path: str) -> Iterator[FieldError]:
    if given.scale is None:
        return
    scale: CustomResourceSubresourceScale = given.scale
    for field, root in (("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")):
        text = getattr(scale, field)
        where = f"{path}.scale.{field}"
        if not text:
            yield required(where)
        elif not text.startswith("."):
            yield invalid(where, text, SIMPLE)
        elif not text.startswith(root):
            yield invalid(where, text, f"should be a json path under {root[:-1]}")
    text = scale.labelSelectorPath
    where = f"{path}.scale.labelSelectorPath"
    if text and not text.startswith("."):
        yield invalid(where, text, SIMPLE)
    elif text and not text.startswith((".spec.", ".status.")):
        yield invalid(where, text, "should be a json path under either .spec or .status")


def _column(column: CustomResourceColumnDefinition, path: str) -> Iterator[FieldError]:
    if not column.name:
        yield required(f"{path}.name")
    choices = f"must be one of {','.join(COLUMN_TYPES)}"
    if not column.type:
        yield required(f"{path}.type", choices)
    elif column.type not in COLUMN_TYPES:
        yield invalid(f"{path}.type", column.type, choices)
    if column.format and column.format not in COLUMN_FORMATS:
        why = f"must be one of {','.join(COLUMN_FORMATS)}"
        yield invalid(f"{path}.format", column.format, why)
    if not column.jsonPath:
        yield required(f"{path}.JSONPath")
    elif not column.jsonPath.startswith("."):
        yield invalid(f"{path}.JSONPath", column.jsonPath, SIMPLE)


def _selectable(
    fields: Sequence[SelectableField], schema: Props, path: str
) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, field in enumerate(fields):
        where, text = f"{path}[{index}].jsonPath", field.jsonPath
        if not text:
            yield required(where)
            continue
        try:
            found, leaf = resolve(text, schema, brackets=False)
        except BadPath as problem:
            yield invalid(where, text, f"is an invalid path: {problem}")
            continue
        if found.split(".")[0] == "metadata":
            yield invalid(where, text, "must not point to fields in metadata")
        if leaf.get("type") not in ("string", "boolean", "integer"):
            why = (
                "must point to a field of type string, boolean or integer. Enum string fields and "
                "strings with formats are allowed."
            )
            yield invalid(where, text, why)
        if found in seen:
            yield duplicate(where, text)
        seen.add(found)
    if len(seen) > MOST_SELECTABLE:
        yield too_many(path, len(seen), MOST_SELECTABLE)


def _immutable(
    new: CustomResourceDefinition, old: CustomResourceDefinition
) -> Iterator[FieldError]:
    fields = ["spec.group", "spec.names.plural"]
    if is_established(old):
        fields = ["spec.scope", "spec.names.kind", *fields]
    for path in fields:
        one: Any = new
        other: Any = old
        for part in path.split("."):
            one, other = getattr(one, part), getattr(other, part)
        if one != other:
            yield invalid(path, one, "field is immutable")


def _stored(new: CustomResourceDefinition) -> Iterator[FieldError]:
    path, stored = "status.storedVersions", new.status.storedVersions
    if not stored:
        yield invalid(path, None, "must have at least one stored version")
        return
    spec: CustomResourceDefinitionSpec = new.spec
    for version in spec.versions:
        if version.storage and version.name not in stored:
            yield invalid(path, list(stored), f"must have the storage version {version.name}")
    for index, name in enumerate(stored):
        if all(version.name != name for version in spec.versions):
            why = (
                f"missing from spec.versions; {name} was previously a storage version, and must "
                "remain in spec.versions until a storage migration ensures no data remains "
                f"persisted in {name} and removes {name} from status.storedVersions"
            )
            yield invalid(f"{path}[{index}]", name, why)
