"""Errors as gRPC carries them."""

from __future__ import annotations

import pytest

from kubepy import pb
from kubepy.api.meta.v1 import Status, StatusCause
from kubepy.apiserver.rpc import statuses
from kubepy.base.varint import fields
from kubepy.meta import errors

STATUS = pb.message("k8s.io.apimachinery.pkg.apis.meta.v1.Status")
MAX_METADATA_BYTES = 8 * 1024  # what many clients take


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (errors.BadRequest.of("x"), "INVALID_ARGUMENT"),
        (errors.Unauthorized.of(), "UNAUTHENTICATED"),
        (errors.Forbidden.of("pods", "a", "no"), "PERMISSION_DENIED"),
        (errors.NotFound.of("pods", "a"), "NOT_FOUND"),
        (errors.MethodNotAllowed.path(), "UNIMPLEMENTED"),
        (errors.NotAcceptable.of(["x"]), "FAILED_PRECONDITION"),
        (errors.AlreadyExists.of("pods", "a"), "ALREADY_EXISTS"),
        (errors.Conflict.of("pods", "a"), "ABORTED"),
        (errors.Expired.of("x"), "OUT_OF_RANGE"),
        (errors.RequestEntityTooLarge.of("x"), "RESOURCE_EXHAUSTED"),
        (errors.UnsupportedMediaType.of(["x"]), "INVALID_ARGUMENT"),
        (errors.Invalid.of("", "Pod", "a", []), "INVALID_ARGUMENT"),
        (errors.TooManyRequests.of("x"), "RESOURCE_EXHAUSTED"),
        (errors.InternalError.of("x"), "INTERNAL"),
        (errors.ServiceUnavailable.of("x"), "UNAVAILABLE"),
        (errors.Timeout.of("x"), "DEADLINE_EXCEEDED"),
        (errors.ApiError(Status(status="Failure", code=418)), "UNKNOWN"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.reason or "another",
)
def test_codes(problem, code):
    assert statuses.code_of(problem).name == code


def detail(problem):
    """Code, message and the Kubernetes Status of a google.rpc.Status."""
    found = dict(fields(statuses.details_of(problem)))
    any_ = dict(fields(found[3]))
    assert any_[1] == b"type.googleapis.com/" + STATUS.DESCRIPTOR.full_name.encode()
    return found[1], found[2].decode(), STATUS.FromString(any_[2])


def test_details_bear_the_whole_status():
    problem = errors.Conflict.of("pods", "a")
    code, message, status = detail(problem)
    assert (code, message) == (10, problem.message)
    assert (status.reason, status.code, status.details.name) == ("Conflict", 409, "a")


def test_what_is_too_long_is_told_in_short():
    cause = StatusCause(reason="FieldValueInvalid", message="y" * 300, field="spec")
    problem = errors.Forbidden.of("pods", "ü" * 5000, "z" * 5000, causes=[cause] * 50)
    problem.warnings = ("w" * 5000, "ä" * 5000, "w" * 5000, "v" * 5000)
    _, _, status = detail(problem)
    assert (status.reason, status.code) == ("Forbidden", 403)
    assert status.message == statuses.message_of(problem)
    assert status.message.startswith('pods "üüü')
    assert status.message.endswith("ü...")
    assert list(status.details.causes) == []
    pairs = statuses.warnings_of(problem.warnings)
    assert [text[:1] for _, text in pairs] == ["w", "%"]
    sizes = [len(text) for _, text in pairs]
    encoded = len(statuses.details_of(problem)) * 4 / 3 + statuses.MESSAGE_BYTES
    assert sum(sizes) + encoded < MAX_METADATA_BYTES


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        pytest.param("abc", 3, "abc", id="fits"),
        pytest.param("abcdefgh", 6, "abc...", id="cut"),
        pytest.param("üb", 7, "üb", id="six bytes a letter"),
        pytest.param("üüü", 10, "ü...", id="no half letters"),
        pytest.param("100%", 6, "100%", id="percent is three"),
    ],
)
def test_cutting(text, limit, shown):
    assert statuses.cut(text, limit) == shown


def test_warnings_are_printable():
    texts = ['unknown field "spec.ü"', 'unknown field "spec.ü"', "two\nlines, 100%"]
    assert statuses.warnings_of(texts) == [
        ("warning", 'unknown field "spec.%C3%BC"'),
        ("warning", "two%0Alines, 100%25"),
    ]
