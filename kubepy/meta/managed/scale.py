"""The owners of an object's replicas, as its scale shows them and gives them back."""

from __future__ import annotations

from kubepy.api.autoscaling.v1 import API_VERSION
from kubepy.meta.managed import fieldset
from kubepy.meta.managed.entries import Owner, Owners

REPLICAS = ("f:spec", "f:replicas")  # in a Scale, and in every kind that has one


def shown(owners: Owners, version: str) -> Owners:
    """Who owns the replicas, in the words of a Scale; `version` is the object's own."""
    fields = fieldset.of(*REPLICAS)
    return {
        key: Owner(fields, API_VERSION, owner.time)
        for key, owner in owners.items()
        if owner.version == version and fieldset.is_member(owner.fields, *REPLICAS)
    }


def given_back(owners: Owners, of_scale: Owners, version: str) -> Owners:
    """The object's owners after its scale has been written.

    Who is new here has no time: Kubernetes takes it from the object's own entry, which there is
    none of.
    """
    replicas = fieldset.of(*REPLICAS)
    found: Owners = {}
    for key, owner in owners.items():
        if owner.version != version:
            continue
        if not fieldset.is_member(owner.fields, *REPLICAS) or key in of_scale:
            found[key] = owner
        elif rest := fieldset.difference(owner.fields, replicas):
            found[key] = Owner(rest, version, owner.time)
    for key, owner in of_scale.items():
        if key in found and fieldset.is_member(owners[key].fields, *REPLICAS):
            continue  # it owned them before, and has everything else that it owned
        if fieldset.is_member(owner.fields, *REPLICAS):
            time = owners[key].time if key in owners else None
            found[key] = Owner(replicas, version, time)
    return found
