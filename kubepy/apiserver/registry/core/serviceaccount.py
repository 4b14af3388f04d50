"""ServiceAccount: an identity for pods."""

from __future__ import annotations

from kubepy.api.core.v1 import ServiceAccount
from kubepy.apiserver.registry.strategy import Strategy, age_row


def prepare_create(account: ServiceAccount) -> ServiceAccount:
    return account


def prepare_update(new: ServiceAccount, old: ServiceAccount) -> ServiceAccount:
    return new


STRATEGY = Strategy(
    returns_deleted=True, prepare_create=prepare_create, prepare_update=prepare_update, row=age_row
)
