"""Errors that only Kubernetes' HTTP router makes; `details: {}` tells them from its handlers'."""

from __future__ import annotations

from collections.abc import Sequence

from kubepy.api.meta.v1 import StatusDetails
from kubepy.meta import errors


def unroutable_accept(produced: Sequence[str]) -> errors.ApiError:
    return errors.NotAcceptable.make(
        f"406: Not Acceptable\n\nAvailable representations: {', '.join(produced)}", StatusDetails()
    )


def unroutable_body() -> errors.ApiError:
    return errors.UnsupportedMediaType.make("415: Unsupported Media Type", StatusDetails())
