"""Static bearer tokens: `--token-auth-file`, a CSV of token, user, uid and optional groups."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from kubepy.meta.calls import User


class BadTokenFile(ValueError):
    """The file cannot be used; the message names the line, never the token."""


def parse(text: str) -> Mapping[str, User]:
    """`secret,alice,uid-1,"dev,ops"` a line. Raises BadTokenFile."""
    users: dict[str, User] = {}
    for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        if not row:
            continue
        if len(row) < 3:
            raise BadTokenFile(
                f"line {number}: expected token, user and uid, found {len(row)} columns"
            )
        token, name, uid, *rest = row
        if not token or not name:
            raise BadTokenFile(f"line {number}: token and user must not be empty")
        groups = (
            tuple(group.strip() for group in rest[0].split(",") if group.strip()) if rest else ()
        )
        users[token] = User(name=name, uid=uid, groups=groups)
    return users
