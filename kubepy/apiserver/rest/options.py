"""A query string as the wire type of a verb's options. Pure.

What the values mean together is the pipeline's business.
"""

from __future__ import annotations

from typing import Any

from kubepy.api.meta.v1 import (
    CreateOptions,
    DeleteOptions,
    GetOptions,
    ListOptions,
    PatchOptions,
    UpdateOptions,
)
from kubepy.apiserver.query import Query, flag, number, text
from kubepy.meta.calls import Options

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


def _writing(query: Query) -> dict[str, Any]:
    return {
        "dryRun": tuple(query.get("dryRun", ())),
        "fieldManager": text(query, "fieldManager"),
        "fieldValidation": text(query, "fieldValidation"),
    }
