"""A query string as the wire type of a verb's options. Pure.

Conversion is Kubernetes': the first value counts, a boolean is true unless plainly false, a number
that is none is a bad request. What the values mean is the pipeline's business.
"""

from __future__ import annotations

from kubepy.api.meta.v1 import (
    CreateOptions,
    DeleteOptions,
    GetOptions,
    ListOptions,
    PatchOptions,
    UpdateOptions,
)
from kubepy.apiserver.rest.requestinfo import Query
from kubepy.meta import errors
from kubepy.meta.calls import Options

FALSE = frozenset({"0", "false"})
INT64 = range(-(2**63), 2**63)
INT64_DIGITS = 19

GET, LIST, CREATE, UPDATE, PATCH, DELETE = (
    GetOptions(),
    ListOptions(),
    CreateOptions(),
    UpdateOptions(),
    PatchOptions(),
    DeleteOptions(),
)


def of_verb(verb: str, query: Query) -> Options:
    """The options of a call. Raises BadRequest."""
    match verb:
        case "get":
            return GetOptions(resourceVersion=text(query, "resourceVersion")) if query else GET
        case "list" | "watch":
            return listing(query)
        case "create":
            return CreateOptions(**_writing(query)) if query else CREATE
        case "update":
            return UpdateOptions(**_writing(query)) if query else UPDATE
        case "patch":
            if not query:
                return PATCH
            return PatchOptions(**_writing(query), force=flag(query, "force"))
        case "delete" | "deletecollection":
            return deleting(query)
    return None


def listing(query: Query) -> ListOptions:
    if not query:
        return LIST
    return ListOptions(
        labelSelector=text(query, "labelSelector"),
        fieldSelector=text(query, "fieldSelector"),
        watch=bool(flag(query, "watch")),
        allowWatchBookmarks=bool(flag(query, "allowWatchBookmarks")),
        resourceVersion=text(query, "resourceVersion"),
        resourceVersionMatch=text(query, "resourceVersionMatch"),
        timeoutSeconds=number(query, "timeoutSeconds"),
        limit=number(query, "limit") or 0,
        continue_=text(query, "continue"),
        sendInitialEvents=flag(query, "sendInitialEvents"),
    )


def deleting(query: Query) -> DeleteOptions:
    if not query:
        return DELETE
    return DeleteOptions(
        gracePeriodSeconds=number(query, "gracePeriodSeconds"),
        orphanDependents=flag(query, "orphanDependents"),
        propagationPolicy=text(query, "propagationPolicy") or None,
        dryRun=tuple(query.get("dryRun", ())),
    )


def _writing(query: Query) -> dict[str, object]:
    return {
        "dryRun": tuple(query.get("dryRun", ())),
        "fieldManager": text(query, "fieldManager"),
        "fieldValidation": text(query, "fieldValidation"),
    }


def text(query: Query, key: str) -> str:
    values = query.get(key)
    return values[0] if values else ""


def flag(query: Query, key: str) -> bool | None:
    """None: not given."""
    values = query.get(key)
    return values[0].lower() not in FALSE if values else None


def number(query: Query, key: str) -> int | None:
    """None: not given. Raises BadRequest."""
    value = text(query, key)
    if not value:
        return None
    digits = value.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise errors.BadRequest.of(f'strconv.ParseInt: parsing "{value}": invalid syntax')
    if len(digits) > INT64_DIGITS or int(value) not in INT64:
        raise errors.BadRequest.of(f'strconv.ParseInt: parsing "{value}": value out of range')
    return int(value)
