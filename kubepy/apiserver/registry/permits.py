"""What one cluster permits and another does not.

Rules stay functions of the object alone: they report what any cluster may object to, and name in
`FieldError.unless` the permit that lifts it. Verbs drop what their cluster permits.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubepy.meta.errors import FieldError

PRIVILEGED = "privileged"
"""Containers with all the power that the node itself has: --allow-privileged."""


def upheld(problems: Iterable[FieldError], permits: frozenset[str]) -> list[FieldError]:
    """The problems that hold in a cluster with these permits, in their order."""
    return [problem for problem in problems if problem.unless not in permits]
