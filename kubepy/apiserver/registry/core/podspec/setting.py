"""What the parts of a pod's spec must know of the whole."""

from __future__ import annotations

from msgspec import Struct

from kubepy.api.core.v1 import PodSpec, Volume


class Setting(Struct, frozen=True, kw_only=True):
    """Around the spec that is being checked."""

    spec: PodSpec
    volumes: dict[str, Volume]  # the well-formed ones, by name
    pod: bool  # a Pod's spec, not a template's: some rules wait until there is a pod

    @property
    def claims(self) -> set[str]:
        """The names that containers may use to claim resources."""
        return {claim.name for claim in self.spec.resourceClaims if claim.name}

    @property
    def host_users(self) -> bool:
        return self.spec.hostUsers is not False
