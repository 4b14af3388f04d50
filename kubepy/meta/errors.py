"""What the API refuses, and the words in which it says so.

    ApiError                     anything that is answered with a Status
    ├── BadRequest           400
    ├── Unauthorized         401
    ├── Forbidden            403
    ├── NotFound             404
    ├── MethodNotAllowed     405
    ├── NotAcceptable        406
    ├── AlreadyExists        409
    ├── Conflict             409
    ├── Gone                 410
    │   └── Expired              a resource version or continue token that is too old
    ├── RequestEntityTooLarge 413
    ├── UnsupportedMediaType 415
    ├── Invalid              422  the object breaks rules; one cause a FieldError
    ├── TooManyRequests      429
    ├── InternalError        500
    ├── ServerTimeout        500  try again
    ├── Unknown              500  a failure that has no reason of its own
    ├── ServiceUnavailable   503
    └── Timeout              504

Clients match on `code`, `reason` and often on the message, so each class builds Kubernetes' own.
A `resource` argument is a `scheme.Resource` or its text: `pods`, `deployments.apps`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self

from msgspec import Struct

from kubepy.api.meta.v1 import Status, StatusCause, StatusDetails
from kubepy.api.scheme import Resource
from kubepy.meta.gotext import quote, show


class ApiError(Exception):
    """A request that failed, with the Status that says why."""

    CODE: ClassVar[int] = 500
    REASON: ClassVar[str] = ""
    warnings: tuple[str, ...] = ()  # what the client should read beside the refusal

    def __init__(self, status: Status) -> None:
        super().__init__(status.message)
        self.status = status

    @property
    def code(self) -> int:
        return self.status.code

    @property
    def reason(self) -> str:
        return self.status.reason

    @property
    def message(self) -> str:
        return self.status.message

    @property
    def causes(self) -> tuple[StatusCause, ...]:
        return self.status.details.causes if self.status.details else ()

    @classmethod
    def make(cls, message: str, details: StatusDetails | None = None) -> Self:
        """An error of this class with any message."""
        status = Status(
            status="Failure",
            message=message,
            reason=cls.REASON,
            details=details,
            code=cls.CODE,
        )
        return cls(status)


def _details(
    resource: Resource | str,
    name: str = "",
    *,
    causes: Iterable[StatusCause] = (),
    retry_after: int = 0,
) -> StatusDetails:
    text = resource.group_resource if isinstance(resource, Resource) else resource
    plural, _, group = text.partition(".")
    return StatusDetails(
        name=name,
        group=group,
        kind=plural,
        causes=tuple(causes),
        retryAfterSeconds=retry_after,
    )


def _text(resource: Resource | str) -> str:
    return resource.group_resource if isinstance(resource, Resource) else resource


class BadRequest(ApiError):
    CODE, REASON = 400, "BadRequest"

    @classmethod
    def of(cls, message: str) -> Self:
        return cls.make(message)


class Unauthorized(ApiError):
    CODE, REASON = 401, "Unauthorized"

    @classmethod
    def of(cls, message: str = "Unauthorized") -> Self:
        return cls.make(message)


class Forbidden(ApiError):
    CODE, REASON = 403, "Forbidden"

    @classmethod
    def of(
        cls, resource: Resource | str, name: str, why: str, causes: Iterable[StatusCause] = ()
    ) -> Self:
        """`resource` may be empty (a path that is no resource), `name` too (a collection)."""
        if not resource:
            return cls.make(f"forbidden: {why}", StatusDetails(name=name, causes=tuple(causes)))
        named = f" {quote(name)}" if name else ""
        details = _details(resource, name, causes=causes)
        return cls.make(f"{_text(resource)}{named} is forbidden: {why}", details)


class NotFound(ApiError):
    CODE, REASON = 404, "NotFound"

    @classmethod
    def of(cls, resource: Resource | str, name: str) -> Self:
        details = _details(resource, name)
        return cls.make(f"{_text(resource)} {quote(name)} not found", details)

    @classmethod
    def path(cls) -> Self:
        """No such path, group, version or resource."""
        return cls.make("the server could not find the requested resource", StatusDetails())


class MethodNotAllowed(ApiError):
    CODE, REASON = 405, "MethodNotAllowed"

    @classmethod
    def of(cls, resource: Resource | str, action: str) -> Self:
        message = f"{action} is not supported on resources of kind {quote(_text(resource))}"
        return cls.make(message, _details(resource))

    @classmethod
    def path(cls) -> Self:
        message = "the server does not allow this method on the requested resource"
        return cls.make(message, StatusDetails())


class NotAcceptable(ApiError):
    CODE, REASON = 406, "NotAcceptable"

    @classmethod
    def of(cls, accepted: Iterable[str]) -> Self:
        return cls.make(f"only the following media types are accepted: {', '.join(accepted)}")


class AlreadyExists(ApiError):
    CODE, REASON = 409, "AlreadyExists"

    @classmethod
    def of(cls, resource: Resource | str, name: str) -> Self:
        details = _details(resource, name)
        return cls.make(f"{_text(resource)} {quote(name)} already exists", details)


STALE = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


class Conflict(ApiError):
    CODE, REASON = 409, "Conflict"

    @classmethod
    def of(cls, resource: Resource | str, name: str, message: str = STALE) -> Self:
        text = f"Operation cannot be fulfilled on {_text(resource)} {quote(name)}: {message}"
        return cls.make(text, _details(resource, name))

    @classmethod
    def apply(cls, message: str, causes: Iterable[StatusCause]) -> Self:
        """Server-side apply met fields of other managers."""
        return cls.make(message, StatusDetails(causes=tuple(causes)))


class Gone(ApiError):
    CODE, REASON = 410, "Gone"

    @classmethod
    def of(cls, message: str) -> Self:
        return cls.make(message)


class Expired(Gone):
    REASON = "Expired"


class RequestEntityTooLarge(ApiError):
    CODE, REASON = 413, "RequestEntityTooLarge"

    @classmethod
    def of(cls, message: str) -> Self:
        return cls.make(f"Request entity is too large: {message}")


class UnsupportedMediaType(ApiError):
    CODE, REASON = 415, "UnsupportedMediaType"

    @classmethod
    def of(cls, accepted: Iterable[str]) -> Self:
        return cls.make(
            "the body of the request was in an unknown format - accepted media types include: "
            + ", ".join(accepted)
        )


class TooManyRequests(ApiError):
    CODE, REASON = 429, "TooManyRequests"

    @classmethod
    def of(cls, message: str, retry_after: int = 0, causes: Iterable[StatusCause] = ()) -> Self:
        details = StatusDetails(causes=tuple(causes), retryAfterSeconds=retry_after)
        return cls.make(message, details)


class InternalError(ApiError):
    CODE, REASON = 500, "InternalError"

    @classmethod
    def of(cls, message: str) -> Self:
        details = StatusDetails(causes=(StatusCause(message=message),))
        return cls.make(f"Internal error occurred: {message}", details)


class ServerTimeout(ApiError):
    CODE, REASON = 500, "ServerTimeout"

    @classmethod
    def of(cls, resource: Resource | str, operation: str, retry_after: int = 0) -> Self:
        message = (
            f"The {operation} operation against {_text(resource)} could not be completed at this "
            "time, please try again."
        )
        return cls.make(message, _details(resource, operation, retry_after=retry_after))


class Unknown(ApiError):
    CODE, REASON = 500, ""

    @classmethod
    def of(cls, message: str) -> Self:
        return cls.make(message)


class ServiceUnavailable(ApiError):
    CODE, REASON = 503, "ServiceUnavailable"

    @classmethod
    def of(cls, message: str) -> Self:
        return cls.make(message)


class Timeout(ApiError):
    CODE, REASON = 504, "Timeout"

    @classmethod
    def of(cls, message: str, retry_after: int = 0) -> Self:
        details = StatusDetails(retryAfterSeconds=retry_after)
        return cls.make(f"Timeout: {message}", details)


# ---- errors of single fields


class Omitted:
    """A bad value that is not worth showing."""


OMITTED = Omitted()

REQUIRED = "FieldValueRequired"
INVALID = "FieldValueInvalid"
NOT_SUPPORTED = "FieldValueNotSupported"
DUPLICATE = "FieldValueDuplicate"
FORBIDDEN = "FieldValueForbidden"
TOO_LONG = "FieldValueTooLong"
TOO_MANY = "FieldValueTooMany"
TYPE_INVALID = "FieldValueTypeInvalid"
NOT_FOUND = "FieldValueNotFound"
INTERNAL = "InternalError"

_WORDS = {
    REQUIRED: "Required value",
    INVALID: "Invalid value",
    NOT_SUPPORTED: "Unsupported value",
    DUPLICATE: "Duplicate value",
    FORBIDDEN: "Forbidden",
    TOO_LONG: "Too long",
    TOO_MANY: "Too many",
    TYPE_INVALID: "Invalid value",
    NOT_FOUND: "Not found",
    INTERNAL: "Internal error",
}
_WITHOUT_VALUE = frozenset({REQUIRED, FORBIDDEN, TOO_LONG, INTERNAL})


class FieldError(Struct, frozen=True):
    """One broken rule. `type` is the reason of the cause; `value` is what the field held.

    `unless`: what a cluster may permit, and then the rule does not hold there.
    """

    type: str
    field: str
    value: Any = OMITTED
    detail: str = ""
    unless: str = ""

    @property
    def body(self) -> str:
        """The message of the cause: `Invalid value: "x": must be ...`."""
        text = _WORDS[self.type]
        if self.type not in _WITHOUT_VALUE and self.value is not OMITTED:
            shown = quote(self.value) if isinstance(self.value, str) else show(self.value)
            text = f"{text}: {shown}"
        return f"{text}: {self.detail}" if self.detail else text

    def __str__(self) -> str:
        return f"{self.field}: {self.body}"

    def cause(self) -> StatusCause:
        return StatusCause(reason=self.type, message=self.body, field=self.field)


def required(path: str, detail: str = "") -> FieldError:
    return FieldError(REQUIRED, path, "", detail)


def invalid(path: str, value: Any, detail: str) -> FieldError:
    return FieldError(INVALID, path, value, detail)


def not_supported(path: str, value: Any, choices: Iterable[str]) -> FieldError:
    """`choices` are named in their order; a set's are sorted."""
    listed = sorted(choices) if isinstance(choices, set | frozenset) else choices
    named = ", ".join(map(quote, listed))
    return FieldError(NOT_SUPPORTED, path, value, f"supported values: {named}" if named else "")


def duplicate(path: str, value: Any) -> FieldError:
    return FieldError(DUPLICATE, path, value)


def forbidden(path: str, detail: str, *, unless: str = "") -> FieldError:
    return FieldError(FORBIDDEN, path, "", detail, unless)


def too_long(path: str, value: Any, most: int) -> FieldError:
    """`most` in bytes; below 0: the limit is not told."""
    detail = f"may not be more than {most} bytes" if most >= 0 else "value is too long"
    return FieldError(TOO_LONG, path, value, detail)


def too_many(path: str, count: int, most: int) -> FieldError:
    """`most` below 0: the limit is not told."""
    noun = "item" if most == 1 else "items"
    detail = f"must have at most {most} {noun}" if most >= 0 else "has too many items"
    return FieldError(TOO_MANY, path, count, detail)


def type_invalid(path: str, value: Any, detail: str) -> FieldError:
    return FieldError(TYPE_INVALID, path, value, detail)


def not_found(path: str, value: Any) -> FieldError:
    return FieldError(NOT_FOUND, path, value)


def internal(path: str, detail: str) -> FieldError:
    return FieldError(INTERNAL, path, None, detail)


def aggregate(errors: Sequence[FieldError]) -> str:
    """All of them as one text; each said once."""
    texts = list(dict.fromkeys(map(str, errors)))
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


class Invalid(ApiError):
    CODE, REASON = 422, "Invalid"

    @classmethod
    def of(cls, group: str, kind: str, name: str, errors: Sequence[FieldError]) -> Self:
        qualified = f"{kind}.{group}" if group else kind
        message = f"{qualified} {quote(name)} is invalid"
        if errors:
            message = f"{message}: {aggregate(errors)}"
        causes = tuple(error.cause() for error in errors)
        return cls.make(message, StatusDetails(name=name, group=group, kind=kind, causes=causes))

    @classmethod
    def rejected(cls) -> Self:
        """A patch that is well formed but does not fit the object."""
        message = "the server rejected our request due to an error in our request"
        return cls.make(message, StatusDetails())


_CLASSES: tuple[type[ApiError], ...] = (
    BadRequest, Unauthorized, Forbidden, NotFound, MethodNotAllowed, NotAcceptable, AlreadyExists,
    Conflict, Gone, Expired, RequestEntityTooLarge, UnsupportedMediaType, Invalid,
    TooManyRequests, InternalError, ServerTimeout, ServiceUnavailable, Timeout,
)  # fmt: skip
_BY_REASON = {cls.REASON: cls for cls in _CLASSES}
_BY_CODE = {cls.CODE: cls for cls in reversed(_CLASSES)} | {409: Conflict, 500: InternalError}


def from_status(status: Status) -> ApiError:
    """The error that a server answered with; by its reason, else by its code."""
    found = _BY_REASON.get(status.reason) or _BY_CODE.get(status.code, ApiError)
    if not status.reason and status.code == Unknown.CODE:
        found = Unknown
    return found(status)
