"""apiextensions.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Raw
from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import (
    ABSENT,
    Int32,
    Int64,
    Number,
    Rules,
    Time,
    Wire,
    empty_string,
    false,
    no_items,
    null,
)

PACKAGE = "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1"
API_VERSION = "apiextensions.k8s.io/v1"


class ConversionRequest(Wire, frozen=True, kw_only=True):
    """Objects, and the version that they are wanted in."""

    uid: str = _field(default_factory=empty_string)
    desiredAPIVersion: str = _field(default_factory=empty_string)
    objects: tuple[Raw, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "uid": Rules(required=True),
        "desiredAPIVersion": Rules(required=True),
        "objects": Rules(list_type="atomic", required=True),
    }


class ConversionResponse(Wire, frozen=True, kw_only=True):
    """The objects converted, in the same order, or a result that says why not."""

    uid: str = _field(default_factory=empty_string)
    convertedObjects: tuple[Raw, ...] = _field(default_factory=no_items)
    result: meta_v1.Status = _field(default_factory=meta_v1.Status)

    __rules__: ClassVar[dict[str, Rules]] = {
        "uid": Rules(required=True),
        "convertedObjects": Rules(list_type="atomic", required=True),
        "result": Rules(required=True),
    }


class ConversionReview(Wire, frozen=True, kw_only=True):
    """What a conversion webhook is sent and answers."""

    kind: str = ""
    apiVersion: str = ""
    request: ConversionRequest | None = None
    response: ConversionResponse | None = None


class CustomResourceColumnDefinition(Wire, frozen=True, kw_only=True):
    """A column of kubectl get."""

    name: str = _field(default_factory=empty_string)
    type: str = _field(default_factory=empty_string)
    format: str = ""
    description: str = ""
    priority: Int32 = 0
    jsonPath: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "type": Rules(required=True),
        "jsonPath": Rules(required=True),
    }


class CustomResourceConversion(Wire, frozen=True, kw_only=True):
    """How objects change from one version to another."""

    strategy: str = _field(default_factory=empty_string)
    webhook: WebhookConversion | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "strategy": Rules(required=True, values=("None", "Webhook")),
    }


class CustomResourceDefinitionNames(Wire, frozen=True, kw_only=True):
    """What paths and clients call the objects."""

    plural: str = _field(default_factory=empty_string)
    singular: str = ""
    shortNames: tuple[str, ...] = ()
    kind: str = _field(default_factory=empty_string)
    listKind: str = ""
    categories: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "plural": Rules(required=True),
        "shortNames": Rules(list_type="atomic"),
        "kind": Rules(required=True),
        "categories": Rules(list_type="atomic"),
    }


class CustomResourceDefinitionSpec(Wire, frozen=True, kw_only=True):
    """The group, the names, the scope and the versions of a kind of objects."""

    group: str = _field(default_factory=empty_string)
    names: CustomResourceDefinitionNames = _field(default_factory=CustomResourceDefinitionNames)
    scope: str = _field(default_factory=empty_string)
    versions: tuple[CustomResourceDefinitionVersion, ...] = _field(default_factory=no_items)
    conversion: CustomResourceConversion | None = None
    preserveUnknownFields: bool = False

    __rules__: ClassVar[dict[str, Rules]] = {
        "group": Rules(required=True),
        "names": Rules(required=True),
        "scope": Rules(required=True, values=("Cluster", "Namespaced")),
        "versions": Rules(list_type="atomic", required=True),
    }


class CustomResourceDefinitionStatus(Wire, frozen=True, kw_only=True):
    """The names that the kind got, the versions that may be stored, and how far the server is."""

    conditions: tuple[CustomResourceDefinitionCondition, ...] | None = _field(default_factory=null)
    acceptedNames: CustomResourceDefinitionNames = _field(
        default_factory=CustomResourceDefinitionNames
    )
    storedVersions: tuple[str, ...] | None = _field(default_factory=null)
    observedGeneration: Int64 = 0

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(list_type="map", list_map_keys=("type",)),
        "storedVersions": Rules(list_type="atomic"),
    }


class CustomResourceDefinition(Wire, frozen=True, kw_only=True):
    """A kind of objects that the server serves because somebody asked for it."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: CustomResourceDefinitionSpec = _field(default_factory=CustomResourceDefinitionSpec)
    status: CustomResourceDefinitionStatus = _field(default_factory=CustomResourceDefinitionStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class CustomResourceDefinitionCondition(Wire, frozen=True, kw_only=True):
    """Whether something is true of a definition, since when and why."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""
    observedGeneration: Int64 = 0

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(
            required=True,
            values=(
                "Established",
                "NamesAccepted",
                "NonStructuralSchema",
                "Terminating",
                "KubernetesAPIApprovalPolicyConformant",
                "StorageMigrating",
            ),
        ),
        "status": Rules(required=True, values=("True", "False", "Unknown")),
    }


class CustomResourceDefinitionList(Wire, frozen=True, kw_only=True):
    """A list of CustomResourceDefinitions."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[CustomResourceDefinition, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class CustomResourceDefinitionVersion(Wire, frozen=True, kw_only=True):
    """One version of the objects: whether it is served and stored, and what its objects may
    contain.
    """

    name: str = _field(default_factory=empty_string)
    served: bool = _field(default_factory=false)
    storage: bool = _field(default_factory=false)
    deprecated: bool = False
    deprecationWarning: str | None = None
    schema: CustomResourceValidation | None = None
    subresources: CustomResourceSubresources | None = None
    additionalPrinterColumns: tuple[CustomResourceColumnDefinition, ...] = ()
    selectableFields: tuple[SelectableField, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "served": Rules(required=True),
        "storage": Rules(required=True),
        "additionalPrinterColumns": Rules(list_type="atomic"),
        "selectableFields": Rules(list_type="atomic"),
    }


class CustomResourceSubresourceScale(Wire, frozen=True, kw_only=True):
    """Where an object keeps its replicas, as dotted paths."""

    specReplicasPath: str = _field(default_factory=empty_string)
    statusReplicasPath: str = _field(default_factory=empty_string)
    labelSelectorPath: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "specReplicasPath": Rules(required=True),
        "statusReplicasPath": Rules(required=True),
    }


class CustomResourceSubresourceStatus(Wire, frozen=True, kw_only=True):
    """Turns the status subresource on. Then an update of the object leaves its status alone, and
    one of the status leaves the rest.
    """

    pass


class CustomResourceSubresources(Wire, frozen=True, kw_only=True):
    """The subresources that objects of a version have."""

    status: CustomResourceSubresourceStatus | None = None
    scale: CustomResourceSubresourceScale | None = None


class CustomResourceValidation(Wire, frozen=True, kw_only=True):
    """What objects may contain."""

    openAPIV3Schema: JSONSchemaProps | None = None


class ExternalDocumentation(Wire, frozen=True, kw_only=True):
    """A pointer to documentation elsewhere."""

    description: str = ""
    url: str = ""


class JSONSchemaProps(Wire, frozen=True, kw_only=True):
    """A JSON schema, draft 4 with OpenAPI's and Kubernetes' additions."""

    id: str = ""
    schema: str = _field(default="", name="$schema")
    ref: str | None = _field(default=None, name="$ref")
    description: str = ""
    type: str = ""
    format: str = ""
    title: str = ""
    default: Raw = ABSENT
    maximum: Number | None = None
    exclusiveMaximum: bool = False
    minimum: Number | None = None
    exclusiveMinimum: bool = False
    maxLength: Int64 | None = None
    minLength: Int64 | None = None
    pattern: str = ""
    maxItems: Int64 | None = None
    minItems: Int64 | None = None
    uniqueItems: bool = False
    multipleOf: Number | None = None
    enum: tuple[Raw, ...] = ()
    maxProperties: Int64 | None = None
    minProperties: Int64 | None = None
    required: tuple[str, ...] = ()
    items: JSONSchemaProps | tuple[JSONSchemaProps, ...] | None = None
    allOf: tuple[JSONSchemaProps, ...] = ()
    oneOf: tuple[JSONSchemaProps, ...] = ()
    anyOf: tuple[JSONSchemaProps, ...] = ()
    not_: JSONSchemaProps | None = _field(default=None, name="not")
    properties: dict[str, JSONSchemaProps] = _field(default_factory=dict)
    additionalProperties: JSONSchemaProps | bool | None = None
    patternProperties: dict[str, JSONSchemaProps] = _field(default_factory=dict)
    dependencies: dict[str, JSONSchemaProps | tuple[str, ...]] = _field(default_factory=dict)
    additionalItems: JSONSchemaProps | bool | None = None
    definitions: dict[str, JSONSchemaProps] = _field(default_factory=dict)
    externalDocs: ExternalDocumentation | None = None
    example: Raw = ABSENT
    nullable: bool = False
    xKubernetesPreserveUnknownFields: bool | None = _field(
        default=None, name="x-kubernetes-preserve-unknown-fields"
    )
    xKubernetesEmbeddedResource: bool = _field(default=False, name="x-kubernetes-embedded-resource")
    xKubernetesIntOrString: bool = _field(default=False, name="x-kubernetes-int-or-string")
    xKubernetesListMapKeys: tuple[str, ...] = _field(default=(), name="x-kubernetes-list-map-keys")
    xKubernetesListType: str | None = _field(default=None, name="x-kubernetes-list-type")
    xKubernetesMapType: str | None = _field(default=None, name="x-kubernetes-map-type")
    xKubernetesValidations: tuple[ValidationRule, ...] = _field(
        default=(), name="x-kubernetes-validations"
    )

    __rules__: ClassVar[dict[str, Rules]] = {
        "enum": Rules(list_type="atomic"),
        "required": Rules(list_type="atomic"),
        "allOf": Rules(list_type="atomic"),
        "oneOf": Rules(list_type="atomic"),
        "anyOf": Rules(list_type="atomic"),
        "x-kubernetes-list-map-keys": Rules(list_type="atomic"),
        "x-kubernetes-validations": Rules(
            list_type="map", patch_merge_key="rule", patch_strategy="merge", list_map_keys=("rule",)
        ),
    }


class SelectableField(Wire, frozen=True, kw_only=True):
    """A field that field selectors may name."""

    jsonPath: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "jsonPath": Rules(required=True),
    }


class ServiceReference(Wire, frozen=True, kw_only=True):
    """The Service in front of a webhook."""

    namespace: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)
    path: str | None = None
    port: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "namespace": Rules(required=True),
        "name": Rules(required=True),
    }


class ValidationRule(Wire, frozen=True, kw_only=True):
    """A CEL expression that objects must fulfil."""

    rule: str = _field(default_factory=empty_string)
    message: str = ""
    messageExpression: str = ""
    reason: str | None = None
    fieldPath: str = ""
    optionalOldSelf: bool | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "rule": Rules(required=True),
        "reason": Rules(
            values=(
                "FieldValueRequired",
                "FieldValueDuplicate",
                "FieldValueInvalid",
                "FieldValueForbidden",
            )
        ),
    }


class WebhookClientConfig(Wire, frozen=True, kw_only=True):
    """Where a webhook listens: a URL, or a Service."""

    url: str | None = None
    service: ServiceReference | None = None
    caBundle: bytes = b""


class WebhookConversion(Wire, frozen=True, kw_only=True):
    """The webhook that converts objects."""

    clientConfig: WebhookClientConfig | None = None
    conversionReviewVersions: tuple[str, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "conversionReviewVersions": Rules(list_type="atomic", required=True),
    }
