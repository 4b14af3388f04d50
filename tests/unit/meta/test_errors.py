import pytest

from kubepy.api import scheme
from kubepy.api.meta.v1 import LabelSelector, Status
from kubepy.meta import errors

PODS = scheme.by_plural("", "v1", "pods")
CHOICES = 'supported values: "a", "b"'
DEPLOYMENTS = scheme.by_plural("apps", "v1", "deployments")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (errors.NotFound.of(PODS, "a"), 404, 'pods "a" not found'),
        (errors.NotFound.of(DEPLOYMENTS, "a"), 404, 'deployments.apps "a" not found'),
        (errors.AlreadyExists.of(PODS, "a"), 409, 'pods "a" already exists'),
        (
            errors.Conflict.of("deployments.apps", "a"),
            409,
            'Operation cannot be fulfilled on deployments.apps "a": the object has been modified; '
            "please apply your changes to the latest version and try again",
        ),
        (errors.Forbidden.of(PODS, "a", "no"), 403, 'pods "a" is forbidden: no'),
        (errors.Forbidden.of(PODS, "", "no"), 403, "pods is forbidden: no"),
        (errors.Forbidden.of("", "", "no"), 403, "forbidden: no"),
        (errors.InternalError.of("x"), 500, "Internal error occurred: x"),
        (errors.Timeout.of("x"), 504, "Timeout: x"),
    ],
)
def test_messages(error, code, message):
    assert (error.code, error.message) == (code, message)
    assert error.status.status == "Failure"
    assert type(errors.from_status(error.status)) is type(error)


def test_details_name_the_resource():
    details = errors.NotFound.of(DEPLOYMENTS, "a").status.details
    assert (details.kind, details.group, details.name) == ("deployments", "apps", "a")


def test_one_broken_field():
    error = errors.Invalid.of("", "Pod", "p", [errors.required("spec.containers")])
    assert error.message == 'Pod "p" is invalid: spec.containers: Required value'
    assert error.causes[0].reason == "FieldValueRequired"


def test_each_message_is_said_once_but_every_cause_is_kept():
    bad = errors.required("a")
    error = errors.Invalid.of("apps", "Deployment", "d", [bad, bad, errors.duplicate("b", 1)])
    assert error.message == (
        'Deployment.apps "d" is invalid: [a: Required value, b: Duplicate value: 1]'
    )
    assert len(error.causes) == 3


@pytest.mark.parametrize(
    ("error", "body"),
    [
        (errors.invalid("f", "a\n", "bad"), 'Invalid value: "a\\n": bad'),
        (errors.invalid("f", -1, "bad"), "Invalid value: -1: bad"),
        (errors.invalid("f", True, "bad"), "Invalid value: true: bad"),
        (errors.invalid("f", None, "bad"), "Invalid value: null: bad"),
        (errors.invalid("f", [], "bad"), "Invalid value: []: bad"),
        (errors.invalid("f", errors.OMITTED, "bad"), "Invalid value: bad"),
        (errors.invalid("f", {"a": "<"}, "bad"), 'Invalid value: {"a":"\\u003c"}: bad'),
        (errors.invalid("f", LabelSelector(), "bad"), "Invalid value: {}: bad"),
        (errors.not_supported("f", 1, {"b", "a"}), 'Unsupported value: 1: ' + CHOICES),
        (errors.not_supported("f", 1, ["z"]), 'Unsupported value: 1: supported values: "z"'),
        (errors.forbidden("f", "no"), "Forbidden: no"),
        (errors.too_long("f", "x" * 9, 3), "Too long: may not be more than 3 bytes"),
        (errors.too_many("f", 9, 3), "Too many: 9: must have at most 3 items"),
        (errors.not_found("f", "x"), 'Not found: "x"'),
    ],
)  # fmt: skip
def test_field_errors(error, body):
    assert error.body == body
    assert str(error) == f"f: {body}"


def test_a_status_without_reason_is_found_by_its_code():
    assert type(errors.from_status(Status(code=404))) is errors.NotFound
    assert type(errors.from_status(Status(code=500))) is errors.Unknown
    assert type(errors.from_status(Status(code=418))) is errors.ApiError
