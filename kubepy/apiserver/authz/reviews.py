"""SubjectAccessReview and its kin: what the authorizer would say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import replace

from kubepy.api.authorization.v1 import (
    LocalSubjectAccessReview,
    NonResourceAttributes,
    NonResourceRule,
    ResourceAttributes,
    ResourceRule,
    SelfSubjectAccessReview,
    SelfSubjectRulesReview,
    SubjectAccessReview,
    SubjectAccessReviewSpec,
    SubjectAccessReviewStatus,
    SubjectRulesReviewStatus,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.authz.rules import Rule
from kubepy.meta import errors
from kubepy.meta.calls import Attributes, Authorizer, User
from kubepy.meta.errors import FieldError

GROUP = "authorization.k8s.io"
Review = TypeVar("Review", SubjectAccessReview, LocalSubjectAccessReview)
ONE_OF_BOTH = "exactly one of nonResourceAttributes or resourceAttributes must be specified"


async def subject(review: SubjectAccessReview, authorize: Authorizer) -> SubjectAccessReview:
    """May that user do that? Raises Invalid."""
    problems = _attribute_problems(review.spec) + _subject_problems(review.spec)
    _refuse(problems + _metadata_problems(review.metadata))
    return replace(review, status=await _decide(review.spec, user_of(review.spec), authorize))


async def local_subject(
    review: LocalSubjectAccessReview, namespace: str, authorize: Authorizer
) -> LocalSubjectAccessReview:
    """The same within one namespace. Raises Invalid."""
    spec = review.spec
    problems = _attribute_problems(spec) + _subject_problems(spec)
    if spec.resourceAttributes and spec.resourceAttributes.namespace != namespace:
        sent = spec.resourceAttributes.namespace
        field = "spec.resourceAttributes.namespace"
        problems.append(errors.invalid(field, sent, "must match metadata.namespace"))
    if spec.nonResourceAttributes is not None:
        sent_path = _go(spec.nonResourceAttributes)
        field = "spec.nonResourceAttributes"
        problems.append(errors.invalid(field, sent_path, "disallowed on this kind of request"))
    _refuse(problems + _metadata_problems(replace(review.metadata, namespace="")))
    meta = replace(review.metadata, namespace=namespace)
    status = await _decide(spec, user_of(spec), authorize)
    return replace(review, metadata=meta, status=status)


async def own(
    review: SelfSubjectAccessReview, user: User, authorize: Authorizer
) -> SelfSubjectAccessReview:
    """May the caller do that? Raises Invalid."""
    spec = SubjectAccessReviewSpec(
        resourceAttributes=review.spec.resourceAttributes,
        nonResourceAttributes=review.spec.nonResourceAttributes,
    )
    _refuse(_attribute_problems(spec) + _metadata_problems(review.metadata))
    return replace(review, status=await _decide(spec, user, authorize))


def rules(review: SelfSubjectRulesReview, granted: Iterable[Rule]) -> SelfSubjectRulesReview:
    """What the caller may do in a namespace. Raises BadRequest."""
    if not review.spec.namespace:
        raise errors.BadRequest.of("no namespace on request")
    resources = []
    paths = []
    for rule in granted:
        if rule.resources:
            resources.append(
                ResourceRule(
                    verbs=rule.verbs,
                    apiGroups=rule.groups,
                    resources=rule.resources,
                    resourceNames=rule.names,
                )
            )
        if rule.paths:
            paths.append(NonResourceRule(verbs=rule.verbs, nonResourceURLs=rule.paths))
    status = SubjectRulesReviewStatus(resourceRules=tuple(resources), nonResourceRules=tuple(paths))
    return replace(review, spec=replace(review.spec, namespace=""), status=status)


async def _decide(
    spec: SubjectAccessReviewSpec, user: User, authorize: Authorizer
) -> SubjectAccessReviewStatus:
    decision = await authorize(attributes(spec, user))
    return SubjectAccessReviewStatus(allowed=decision.allowed, reason=decision.reason)


def user_of(spec: SubjectAccessReviewSpec) -> User:
    return User(name=spec.user, uid=spec.uid, groups=spec.groups, extra=spec.extra)


def attributes(spec: SubjectAccessReviewSpec, user: User) -> Attributes:
    """What an authorizer is asked for a review."""
    if spec.nonResourceAttributes is not None:
        path = spec.nonResourceAttributes
        return Attributes(user=user, verb=path.verb, path=path.path)
    asked = spec.resourceAttributes
    assert asked is not None
    return Attributes(
        user=user,
        verb=asked.verb,
        group=asked.group,
        version=asked.version,
        resource=asked.resource,
        subresource=asked.subresource,
        namespace=asked.namespace,
        name=asked.name,
    )


def _attribute_problems(spec: SubjectAccessReviewSpec) -> list[FieldError]:
    problems = []
    resource, path = spec.resourceAttributes, spec.nonResourceAttributes
    if resource is not None and path is not None:
        field = "spec.nonResourceAttributes"
        reason = "cannot be specified in combination with resourceAttributes"
        problems.append(errors.invalid(field, _go(path), reason))
    if resource is None and path is None:
        problems.append(errors.invalid("spec.resourceAttributes", None, ONE_OF_BOTH))
    if resource is not None:
        problems += _selector_problems(resource)
    return problems


def _selector_problems(resource: ResourceAttributes) -> list[FieldError]:
    problems = []
    selectors = (
        ("labelSelector", resource.labelSelector),
        ("fieldSelector", resource.fieldSelector),
    )
    for name, selector in selectors:
        if selector is None:
            continue
        field = f"spec.resourceAttributes.{name}"
        if selector.rawSelector and selector.requirements:
            reason = "may not specified at the same time as requirements"
            problems.append(errors.invalid(f"{field}.rawSelector", selector.rawSelector, reason))
        if not selector.rawSelector and not selector.requirements:
            reason = f"when {field} is specified, requirements or rawSelector is required"
            problems.append(errors.required(f"{field}.requirements", reason))
    return problems


def _metadata_problems(metadata: ObjectMeta) -> list[FieldError]:
    """A review is a question, no object: it has no name."""
    if replace(metadata, managedFields=()) == ObjectMeta():
        return []
    return [errors.invalid("metadata", metadata, "must be empty")]


def _subject_problems(spec: SubjectAccessReviewSpec) -> list[FieldError]:
    if spec.user or spec.groups:
        return []
    return [errors.invalid("spec.user", "", "at least one of user or group must be specified")]


def _refuse(problems: list[FieldError]) -> None:
    if problems:
        raise errors.Invalid.of(GROUP, "", "", problems)


def _go(path: NonResourceAttributes) -> dict[str, str]:
    """As Go prints the value: its internal type has no JSON names."""
    return {"Path": path.path, "Verb": path.verb}
