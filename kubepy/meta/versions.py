"""The order of API versions: stable ones first, then beta, alpha, and whatever else. Pure.

v10, v2, v1, v11beta2, v10beta3, v3beta1, v12alpha1, v11alpha2, foo1, foo10
"""

from __future__ import annotations

import re

_NAME = re.compile(r"v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?", re.ASCII)
_STAGES = {None: 0, "beta": 1, "alpha": 2}
_OTHER = 3


def rank(version: str) -> tuple[int, int, int, str]:
    """A key to sort by, the preferred version first."""
    match = _NAME.fullmatch(version)
    if match is None:
        return _OTHER, 0, 0, version
    return _STAGES[match[2]], -int(match[1]), -int(match[3] or 0), ""
