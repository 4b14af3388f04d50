"""What every answer about a deprecated resource warns of."""

from __future__ import annotations

from kubepy.api.scheme import Resource

BUILT_IN = {
    ("", "v1", "endpoints"): (
        "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ),
    ("", "v1", "componentstatuses"): ("v1 ComponentStatus is deprecated in v1.19+",),
}


def warnings_of(resource: Resource) -> tuple[str, ...]:
    if resource.deprecation:
        return (resource.deprecation,)
    return BUILT_IN.get((resource.group, resource.version, resource.plural), ())
