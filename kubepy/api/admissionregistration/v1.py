"""admissionregistration.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int32, Int64, Rules, Wire, empty_string, no_items, null

PACKAGE = "k8s.io.api.admissionregistration.v1"
API_VERSION = "admissionregistration.k8s.io/v1"


class ApplyConfiguration(Wire, frozen=True, kw_only=True):
    """A change that is written as the part of the object that it sets."""

    expression: str = ""


class AuditAnnotation(Wire, frozen=True, kw_only=True):
    """Something that a policy adds to the audit event of a request."""

    key: str = _field(default_factory=empty_string)
    valueExpression: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "key": Rules(required=True),
        "valueExpression": Rules(required=True),
    }


class ExpressionWarning(Wire, frozen=True, kw_only=True):
    """What the type check found about one expression of a policy."""

    fieldRef: str = _field(default_factory=empty_string)
    warning: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "fieldRef": Rules(required=True),
        "warning": Rules(required=True),
    }


class JSONPatch(Wire, frozen=True, kw_only=True):
    """A change that is written as a row of operations of a JSON patch."""

    expression: str = ""


class MatchCondition(Wire, frozen=True, kw_only=True):
    """A condition in CEL for a webhook or a policy to take part in a request."""

    name: str = _field(default_factory=empty_string)
    expression: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "expression": Rules(required=True),
    }


class MatchResources(Wire, frozen=True, kw_only=True):
    """Which requests a policy or a binding is about: those that fit a rule, both selectors, and
    no rule of exclusion.
    """

    namespaceSelector: meta_v1.LabelSelector | None = None
    objectSelector: meta_v1.LabelSelector | None = None
    resourceRules: tuple[NamedRuleWithOperations, ...] = ()
    excludeResourceRules: tuple[NamedRuleWithOperations, ...] = ()
    matchPolicy: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "resourceRules": Rules(list_type="atomic"),
        "excludeResourceRules": Rules(list_type="atomic"),
        "matchPolicy": Rules(values=("Exact", "Equivalent")),
    }

    __atomic__: ClassVar[bool] = True


class MutatingAdmissionPolicySpec(Wire, frozen=True, kw_only=True):
    """What a policy changes, and in which requests."""

    paramKind: ParamKind | None = None
    matchConstraints: MatchResources | None = None
    variables: tuple[Variable, ...] = ()
    mutations: tuple[Mutation, ...] = ()
    failurePolicy: str | None = None
    matchConditions: tuple[MatchCondition, ...] = ()
    reinvocationPolicy: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "variables": Rules(list_type="atomic"),
        "mutations": Rules(list_type="atomic"),
        "failurePolicy": Rules(values=("Ignore", "Fail")),
        "matchConditions": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
        "reinvocationPolicy": Rules(values=("Never", "IfNeeded")),
    }


class MutatingAdmissionPolicy(Wire, frozen=True, kw_only=True):
    """Changes in CEL to requests, where a binding puts them into force."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: MutatingAdmissionPolicySpec = _field(default_factory=MutatingAdmissionPolicySpec)


class MutatingAdmissionPolicyBindingSpec(Wire, frozen=True, kw_only=True):
    """Which policy a binding puts into force, for which requests and with which parameters."""

    policyName: str = ""
    paramRef: ParamRef | None = None
    matchResources: MatchResources | None = None


class MutatingAdmissionPolicyBinding(Wire, frozen=True, kw_only=True):
    """Where a policy is in force, and with which parameters."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: MutatingAdmissionPolicyBindingSpec = _field(
        default_factory=MutatingAdmissionPolicyBindingSpec
    )


class MutatingAdmissionPolicyBindingList(Wire, frozen=True, kw_only=True):
    """A list of MutatingAdmissionPolicyBindings."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[MutatingAdmissionPolicyBinding, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class MutatingAdmissionPolicyList(Wire, frozen=True, kw_only=True):
    """A list of MutatingAdmissionPolicies."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[MutatingAdmissionPolicy, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class WebhookClientConfig(Wire, frozen=True, kw_only=True):
    """How a webhook's server is reached. Exactly one of `url` and `service` is given."""

    url: str | None = None
    service: ServiceReference | None = None
    caBundle: bytes = b""


class MutatingWebhook(Wire, frozen=True, kw_only=True):
    """An HTTP server that is asked about some requests before they are stored, and may change or
    refuse them.
    """

    name: str = _field(default_factory=empty_string)
    clientConfig: WebhookClientConfig = _field(default_factory=WebhookClientConfig)
    rules: tuple[RuleWithOperations, ...] = ()
    failurePolicy: str | None = None
    matchPolicy: str | None = None
    namespaceSelector: meta_v1.LabelSelector | None = None
    objectSelector: meta_v1.LabelSelector | None = None
    sideEffects: str | None = _field(default_factory=null)
    timeoutSeconds: Int32 | None = None
    admissionReviewVersions: tuple[str, ...] = _field(default_factory=no_items)
    reinvocationPolicy: str | None = None
    matchConditions: tuple[MatchCondition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "clientConfig": Rules(required=True),
        "rules": Rules(list_type="atomic"),
        "failurePolicy": Rules(values=("Ignore", "Fail")),
        "matchPolicy": Rules(values=("Exact", "Equivalent")),
        "sideEffects": Rules(required=True, values=("Unknown", "None", "Some", "NoneOnDryRun")),
        "admissionReviewVersions": Rules(list_type="atomic", required=True),
        "reinvocationPolicy": Rules(values=("Never", "IfNeeded")),
        "matchConditions": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
    }


class MutatingWebhookConfiguration(Wire, frozen=True, kw_only=True):
    """HTTP servers that may change requests."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    webhooks: tuple[MutatingWebhook, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "webhooks": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
    }


class MutatingWebhookConfigurationList(Wire, frozen=True, kw_only=True):
    """A list of MutatingWebhookConfigurations."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[MutatingWebhookConfiguration, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class Mutation(Wire, frozen=True, kw_only=True):
    """One change of a policy, in either of two forms."""

    patchType: str = _field(default_factory=empty_string)
    applyConfiguration: ApplyConfiguration | None = None
    jsonPatch: JSONPatch | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "patchType": Rules(required=True, values=("ApplyConfiguration", "JSONPatch")),
    }


class NamedRuleWithOperations(Wire, frozen=True, kw_only=True):
    """Which requests, by operation, resource and name of the object."""

    resourceNames: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    apiGroups: tuple[str, ...] = ()
    apiVersions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    scope: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "resourceNames": Rules(list_type="atomic"),
        "operations": Rules(
            list_type="atomic", values=("*", "CREATE", "UPDATE", "DELETE", "CONNECT")
        ),
        "apiGroups": Rules(list_type="atomic"),
        "apiVersions": Rules(list_type="atomic"),
        "resources": Rules(list_type="atomic"),
        "scope": Rules(values=("Cluster", "Namespaced", "*")),
    }

    __atomic__: ClassVar[bool] = True


class ParamKind(Wire, frozen=True, kw_only=True):
    """The kind of a policy's parameters."""

    apiVersion: str = ""
    kind: str = ""

    __atomic__: ClassVar[bool] = True


class ParamRef(Wire, frozen=True, kw_only=True):
    """Which objects are the parameters of a policy. Exactly one of `name` and `selector` is
    given.
    """

    name: str = ""
    namespace: str = ""
    selector: meta_v1.LabelSelector | None = None
    parameterNotFoundAction: str | None = None

    __atomic__: ClassVar[bool] = True


class Rule(Wire, frozen=True, kw_only=True):
    """Some resources, by group, version and name."""

    apiGroups: tuple[str, ...] = ()
    apiVersions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    scope: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "apiGroups": Rules(list_type="atomic"),
        "apiVersions": Rules(list_type="atomic"),
        "resources": Rules(list_type="atomic"),
        "scope": Rules(values=("Cluster", "Namespaced", "*")),
    }


class RuleWithOperations(Wire, frozen=True, kw_only=True):
    """Some requests, by operation and resource."""

    operations: tuple[str, ...] = ()
    apiGroups: tuple[str, ...] = ()
    apiVersions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    scope: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "operations": Rules(
            list_type="atomic", values=("*", "CREATE", "UPDATE", "DELETE", "CONNECT")
        ),
        "apiGroups": Rules(list_type="atomic"),
        "apiVersions": Rules(list_type="atomic"),
        "resources": Rules(list_type="atomic"),
        "scope": Rules(values=("Cluster", "Namespaced", "*")),
    }


class ServiceReference(Wire, frozen=True, kw_only=True):
    """A Service in front of a webhook's server."""

    namespace: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)
    path: str | None = None
    port: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "namespace": Rules(required=True),
        "name": Rules(required=True),
    }


class TypeChecking(Wire, frozen=True, kw_only=True):
    """What the type check found about a policy's expressions."""

    expressionWarnings: tuple[ExpressionWarning, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "expressionWarnings": Rules(list_type="atomic"),
    }


class ValidatingAdmissionPolicySpec(Wire, frozen=True, kw_only=True):
    """What a policy demands, and of which requests. There is at least one validation or audit
    annotation.
    """

    paramKind: ParamKind | None = None
    matchConstraints: MatchResources | None = None
    validations: tuple[Validation, ...] = ()
    failurePolicy: str | None = None
    auditAnnotations: tuple[AuditAnnotation, ...] = ()
    matchConditions: tuple[MatchCondition, ...] = ()
    variables: tuple[Variable, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "validations": Rules(list_type="atomic"),
        "failurePolicy": Rules(values=("Ignore", "Fail")),
        "auditAnnotations": Rules(list_type="atomic"),
        "matchConditions": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
        "variables": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
    }


class ValidatingAdmissionPolicyStatus(Wire, frozen=True, kw_only=True):
    """What the control plane found about a policy."""

    observedGeneration: Int64 = 0
    typeChecking: TypeChecking | None = None
    conditions: tuple[meta_v1.Condition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(list_type="map", list_map_keys=("type",)),
    }


class ValidatingAdmissionPolicy(Wire, frozen=True, kw_only=True):
    """Rules in CEL that may refuse requests, where a binding puts them into force."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ValidatingAdmissionPolicySpec = _field(default_factory=ValidatingAdmissionPolicySpec)
    status: ValidatingAdmissionPolicyStatus = _field(
        default_factory=ValidatingAdmissionPolicyStatus
    )


class ValidatingAdmissionPolicyBindingSpec(Wire, frozen=True, kw_only=True):
    """Which policy a binding puts into force, for which requests, with which parameters and
    consequences.
    """

    policyName: str = ""
    paramRef: ParamRef | None = None
    matchResources: MatchResources | None = None
    validationActions: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "policyName": Rules(required=True),
        "validationActions": Rules(
            list_type="set", required=True, values=("Deny", "Warn", "Audit")
        ),
    }


class ValidatingAdmissionPolicyBinding(Wire, frozen=True, kw_only=True):
    """Where a policy is in force, with which parameters, and what follows from a violation."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ValidatingAdmissionPolicyBindingSpec = _field(
        default_factory=ValidatingAdmissionPolicyBindingSpec
    )

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class ValidatingAdmissionPolicyBindingList(Wire, frozen=True, kw_only=True):
    """A list of ValidatingAdmissionPolicyBindings."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ValidatingAdmissionPolicyBinding, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ValidatingAdmissionPolicyList(Wire, frozen=True, kw_only=True):
    """A list of ValidatingAdmissionPolicies."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ValidatingAdmissionPolicy, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ValidatingWebhook(Wire, frozen=True, kw_only=True):
    """An HTTP server that is asked about some requests before they are stored, and may refuse
    them.
    """

    name: str = _field(default_factory=empty_string)
    clientConfig: WebhookClientConfig = _field(default_factory=WebhookClientConfig)
    rules: tuple[RuleWithOperations, ...] = ()
    failurePolicy: str | None = None
    matchPolicy: str | None = None
    namespaceSelector: meta_v1.LabelSelector | None = None
    objectSelector: meta_v1.LabelSelector | None = None
    sideEffects: str | None = _field(default_factory=null)
    timeoutSeconds: Int32 | None = None
    admissionReviewVersions: tuple[str, ...] = _field(default_factory=no_items)
    matchConditions: tuple[MatchCondition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "clientConfig": Rules(required=True),
        "rules": Rules(list_type="atomic"),
        "failurePolicy": Rules(values=("Ignore", "Fail")),
        "matchPolicy": Rules(values=("Exact", "Equivalent")),
        "sideEffects": Rules(required=True, values=("Unknown", "None", "Some", "NoneOnDryRun")),
        "admissionReviewVersions": Rules(list_type="atomic", required=True),
        "matchConditions": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
    }


class ValidatingWebhookConfiguration(Wire, frozen=True, kw_only=True):
    """HTTP servers that may refuse requests."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    webhooks: tuple[ValidatingWebhook, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "webhooks": Rules(
            list_type="map", patch_merge_key="name", patch_strategy="merge", list_map_keys=("name",)
        ),
    }


class ValidatingWebhookConfigurationList(Wire, frozen=True, kw_only=True):
    """A list of ValidatingWebhookConfigurations."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ValidatingWebhookConfiguration, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class Validation(Wire, frozen=True, kw_only=True):
    """One demand of a policy."""

    expression: str = _field(default_factory=empty_string)
    message: str = ""
    reason: str | None = None
    messageExpression: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "expression": Rules(required=True),
    }


class Variable(Wire, frozen=True, kw_only=True):
    """An expression with a name, which others may use."""

    name: str = _field(default_factory=empty_string)
    expression: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "expression": Rules(required=True),
    }

    __atomic__: ClassVar[bool] = True
