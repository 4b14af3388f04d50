"""ServiceAccount: an identity for pods."""

from __future__ import annotations

from kubepy.api.core.v1 import ServiceAccount
from kubepy.apiserver.registry.strategy import Strategy, age_row


def prepare_create(account: ServiceAccount) -> ServiceAccount:
    return account


def prepare_update(new: ServiceAccount, old: ServiceAccount) -> ServiceAccount:
    return new


MOUNTABLE = "kubernetes.io/enforce-mountable-secrets"


def warnings(account: ServiceAccount) -> list[str]:
    if MOUNTABLE not in account.metadata.annotations:
        return []
    why = "deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"
    return [f"metadata.annotations[{MOUNTABLE}]: {why}"]


STRATEGY = Strategy(
    returns_deleted=True,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    warnings=warnings,
    row=age_row,
)
