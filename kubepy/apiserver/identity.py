"""The creates that store nothing: tokens, and reviews of tokens, users and permissions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from kubepy.api.authentication.v1 import SelfSubjectReview, TokenRequest, TokenReview
from kubepy.api.authorization.v1 import (
    LocalSubjectAccessReview,
    SelfSubjectAccessReview,
    SelfSubjectRulesReview,
    SubjectAccessReview,
)
from kubepy.api.meta.v1 import CreateOptions
from kubepy.apiserver import bodies, options, ownership
from kubepy.apiserver.authn import reviews as identities
from kubepy.apiserver.authn.authenticator import Authenticator
from kubepy.apiserver.authn.tokenrequests import TokenRequests
from kubepy.apiserver.authz import reviews as permissions
from kubepy.apiserver.authz.rules import Rule
from kubepy.apiserver.pipeline import Action, Pipeline
from kubepy.apiserver.registry.strategy import keep_status
from kubepy.apiserver.subresources.door import Door
from kubepy.apiserver.verbs.request import Request
from kubepy.base.clock import Clock
from kubepy.meta import errors
from kubepy.meta.calls import Answer, Authorizer, Item, User

Work = Callable[[Request, Any], Awaitable[Any]]
AUTHENTICATION = "authentication.k8s.io"
AUTHORIZATION = "authorization.k8s.io"


def actions(
    authenticator: Authenticator,
    authorize: Authorizer,
    rules_of: Callable[[User], Iterable[Rule]],
    tokens: TokenRequests | None,
    clock: Clock,
) -> Mapping[tuple[str, str], Action]:
    """What a pipeline does for these resources; without `tokens` none are issued."""

    async def token(request: Request, sent: TokenRequest) -> TokenRequest:
        if tokens is None:
            raise errors.NotFound.path()
        return await tokens.create(request.call.namespace, request.call.name, sent)

    async def token_review(request: Request, sent: TokenReview) -> TokenReview:
        return await identities.token_review(sent, authenticator)

    async def self_review(request: Request, sent: SelfSubjectReview) -> SelfSubjectReview:
        return identities.self_review(sent, request.user, now=clock.now())

    async def subject(request: Request, sent: SubjectAccessReview) -> SubjectAccessReview:
        return await permissions.subject(sent, authorize)

    async def local(request: Request, sent: LocalSubjectAccessReview) -> LocalSubjectAccessReview:
        return await permissions.local_subject(sent, request.call.namespace, authorize)

    async def own(request: Request, sent: SelfSubjectAccessReview) -> SelfSubjectAccessReview:
        return await permissions.own(sent, request.user, authorize)

    async def rules(request: Request, sent: SelfSubjectRulesReview) -> SelfSubjectRulesReview:
        return permissions.rules(sent, rules_of(request.user))

    return {
        ("serviceaccounts", "token"): creating(TokenRequest, token),
        (f"tokenreviews.{AUTHENTICATION}", ""): creating(TokenReview, token_review),
        (f"selfsubjectreviews.{AUTHENTICATION}", ""): creating(SelfSubjectReview, self_review),
        (f"subjectaccessreviews.{AUTHORIZATION}", ""): creating(SubjectAccessReview, subject),
        (f"localsubjectaccessreviews.{AUTHORIZATION}", ""): creating(
            LocalSubjectAccessReview, local
        ),
        (f"selfsubjectaccessreviews.{AUTHORIZATION}", ""): creating(SelfSubjectAccessReview, own),
        (f"selfsubjectrulesreviews.{AUTHORIZATION}", ""): creating(SelfSubjectRulesReview, rules),
    }


def creating(type_: type[Any], work: Work) -> Action:
    """An action that decodes a `type_`, lets `work` answer it, and stores nothing."""

    door = Door(type=type_, merge=keep_status)

    async def act(pipeline: Pipeline, request: Request) -> Answer:
        given = request.call.options
        given = given if isinstance(given, CreateOptions) else None
        options.check_write(given)
        mode = (given.fieldValidation if given else "") or bodies.WARN
        sent, problems = bodies.decode(request.call.body, type_, mode)
        request.warn(problems)
        answer = await work(request, ownership.tracked(request, door, sent))
        item = Item(type_, obj=answer)
        return Answer(item=item, code=201, warnings=tuple(request.warnings))

    return act
