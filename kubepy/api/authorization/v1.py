"""authorization.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Rules, Wire, false, no_items

PACKAGE = "k8s.io.api.authorization.v1"
API_VERSION = "authorization.k8s.io/v1"


class FieldSelectorAttributes(Wire, frozen=True, kw_only=True):
    """The field selector of the request in question. An authorizer may allow only what is
    narrowed down so; one that does not know selectors takes the request as if it had none.
    """

    rawSelector: str = ""
    requirements: tuple[meta_v1.FieldSelectorRequirement, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "requirements": Rules(list_type="atomic"),
    }


class LabelSelectorAttributes(Wire, frozen=True, kw_only=True):
    """The label selector of the request in question. An authorizer may allow only what is
    narrowed down so; one that does not know selectors takes the request as if it had none.
    """

    rawSelector: str = ""
    requirements: tuple[meta_v1.LabelSelectorRequirement, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "requirements": Rules(list_type="atomic"),
    }


class SubjectAccessReviewSpec(Wire, frozen=True, kw_only=True):
    """Who would do what: exactly one of `resourceAttributes` and `nonResourceAttributes`, and a
    user, or groups, or both.
    """

    resourceAttributes: ResourceAttributes | None = None
    nonResourceAttributes: NonResourceAttributes | None = None
    user: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, tuple[str, ...]] = _field(default_factory=dict)
    uid: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "groups": Rules(list_type="atomic"),
    }


class SubjectAccessReviewStatus(Wire, frozen=True, kw_only=True):
    """What the authorizers say."""

    allowed: bool = _field(default_factory=false)
    denied: bool = False
    reason: str = ""
    evaluationError: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "allowed": Rules(required=True),
    }


class LocalSubjectAccessReview(Wire, frozen=True, kw_only=True):
    """May that user do this, within a namespace?"""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: SubjectAccessReviewSpec = _field(default_factory=SubjectAccessReviewSpec)
    status: SubjectAccessReviewStatus = _field(default_factory=SubjectAccessReviewStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class NonResourceAttributes(Wire, frozen=True, kw_only=True):
    """A request for a path of the server that is no resource."""

    path: str = ""
    verb: str = ""


class NonResourceRule(Wire, frozen=True, kw_only=True):
    """Paths of the server that are no resources, and what may be done with them."""

    verbs: tuple[str, ...] = _field(default_factory=no_items)
    nonResourceURLs: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "verbs": Rules(list_type="atomic", required=True),
        "nonResourceURLs": Rules(list_type="atomic"),
    }


class ResourceAttributes(Wire, frozen=True, kw_only=True):
    """A request for a resource."""

    namespace: str = ""
    verb: str = ""
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    fieldSelector: FieldSelectorAttributes | None = None
    labelSelector: LabelSelectorAttributes | None = None


class ResourceRule(Wire, frozen=True, kw_only=True):
    """Resources, and what may be done with them."""

    verbs: tuple[str, ...] = _field(default_factory=no_items)
    apiGroups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resourceNames: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "verbs": Rules(list_type="atomic", required=True),
        "apiGroups": Rules(list_type="atomic"),
        "resources": Rules(list_type="atomic"),
        "resourceNames": Rules(list_type="atomic"),
    }


class SelfSubjectAccessReviewSpec(Wire, frozen=True, kw_only=True):
    """What the caller would do; exactly one of the two fields."""

    resourceAttributes: ResourceAttributes | None = None
    nonResourceAttributes: NonResourceAttributes | None = None


class SelfSubjectAccessReview(Wire, frozen=True, kw_only=True):
    """May the caller do this?"""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: SelfSubjectAccessReviewSpec = _field(default_factory=SelfSubjectAccessReviewSpec)
    status: SubjectAccessReviewStatus = _field(default_factory=SubjectAccessReviewStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class SelfSubjectRulesReviewSpec(Wire, frozen=True, kw_only=True):
    """The question of a SelfSubjectRulesReview."""

    namespace: str = ""


class SubjectRulesReviewStatus(Wire, frozen=True, kw_only=True):
    """What the caller may do. The list is to show in user interfaces, not to decide by: for
    that, ask a SubjectAccessReview.
    """

    resourceRules: tuple[ResourceRule, ...] = _field(default_factory=no_items)
    nonResourceRules: tuple[NonResourceRule, ...] = _field(default_factory=no_items)
    incomplete: bool = _field(default_factory=false)
    evaluationError: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "resourceRules": Rules(list_type="atomic", required=True),
        "nonResourceRules": Rules(list_type="atomic", required=True),
        "incomplete": Rules(required=True),
    }


class SelfSubjectRulesReview(Wire, frozen=True, kw_only=True):
    """All that the caller may do within a namespace, as far as it can be listed."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: SelfSubjectRulesReviewSpec = _field(default_factory=SelfSubjectRulesReviewSpec)
    status: SubjectRulesReviewStatus = _field(default_factory=SubjectRulesReviewStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class SubjectAccessReview(Wire, frozen=True, kw_only=True):
    """May that user do this?"""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: SubjectAccessReviewSpec = _field(default_factory=SubjectAccessReviewSpec)
    status: SubjectAccessReviewStatus = _field(default_factory=SubjectAccessReviewStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }
