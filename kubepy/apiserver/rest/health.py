"""/healthz, /livez, /readyz: named checks, one or all, in Kubernetes' format."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from msgspec import Struct

from kubepy.apiserver.query import Query

Check = Callable[[], Awaitable[str]]  # empty if all is well, otherwise what is not
Checks = Mapping[str, Check]


class Verdict(Struct, frozen=True):
    code: int
    text: str


async def ask(place: str, checks: Checks, only: str, query: Query) -> Verdict | None:
    """The answer of /`place` or /`place`/`only`; None if there is no such check.

    `?verbose` lists the checks, `?exclude=` leaves some out. What failed is named, why is not:
    the page is public.
    """
    if only:
        check = checks.get(only)
        if check is None:
            return None
        if await check():
            return Verdict(
                HTTPStatus.INTERNAL_SERVER_ERROR, "internal server error: reason withheld\n"
            )
        return Verdict(HTTPStatus.OK, "ok")
    excluded = set(query.get("exclude", ()))
    lines = []
    failed = False
    for name, check in checks.items():
        if name in excluded:
            lines.append(f"[+]{name} excluded: ok")
        elif await check():
            failed = True
            lines.append(f"[-]{name} failed: reason withheld")
        else:
            lines.append(f"[+]{name} ok")
    unmatched = sorted(excluded - set(checks))
    if unmatched:
        quoted = ",".join(f'"{name}"' for name in unmatched)
        lines.append(f"warn: some health checks cannot be excluded: no matches for {quoted}")
    if failed:
        text = "\n".join([*lines, f"{place} check failed", ""])
        return Verdict(HTTPStatus.INTERNAL_SERVER_ERROR, text)
    if "verbose" in query:
        return Verdict(HTTPStatus.OK, "\n".join([*lines, f"{place} check passed", ""]))
    return Verdict(HTTPStatus.OK, "ok")
