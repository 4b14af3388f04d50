"""Has images on the node before containers start: by policy, one at a time, with back-off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, NoReturn, Protocol

from msgspec import Struct

from kubepy.api.core.v1 import Pod
from kubepy.base.clock import Clock
from kubepy.kubelet.images.credentials import Auth, matching
from kubepy.kubelet.images.names import problem, with_tag
from kubepy.kubelet.pod.backoff import Backoff, advance, wait_until
from kubepy.kubelet.pod.containers import AnyContainer
from kubepy.kubelet.runtime.cri import Runtime, RuntimeFault
from kubepy.kubelet.runtime.model import Image

SOON = 5.0  # seconds until a failed pull says that it is backing off
FORGET = 3600.0  # seconds after which a back-off that nobody asked for is dropped

_log = logging.getLogger(__name__)


class Tell(Protocol):
    """Records an event about a pod's container."""

    def __call__(
        self,
        pod: Pod,
        kind: Literal["Normal", "Warning"],
        reason: str,
        message: str,
        container: str = "",
    ) -> None: ...


class ImageProblem(Exception):
    """The image is not here; `reason` is the container's waiting reason, `until` when to retry."""

    def __init__(self, reason: str, message: str, until: float) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.until = until


class Present(Struct, frozen=True):
    """An image on the node; `ref` is what a container is started from."""

    image: Image
    ref: str


class _Failure(Struct, frozen=True):
    backoff: Backoff
    at: float
    message: str


class Puller:
    def __init__(
        self, runtime: Runtime, tell: Tell, clock: Clock, *, parallel: int | None = 1
    ) -> None:
        """`parallel`: pulls at a time, None for any number."""
        self._runtime = runtime
        self._tell = tell
        self._clock = clock
        self._turn = asyncio.Semaphore(parallel) if parallel else None
        self._failures: dict[tuple[str, str], _Failure] = {}  # by pod uid and image

    async def ensure(
        self,
        pod: Pod,
        container: AnyContainer,
        credentials: Callable[[], Awaitable[Mapping[str, Auth]]],
        sandbox_config: Mapping[str, Any],
        slow: Callable[[], None],
    ) -> Present:
        """The container's image, pulled if its policy says so; ImageProblem if it cannot be had.

        `slow` is called before a pull starts: it may take long.
        """
        self._check(pod, container)
        name = with_tag(container.image)
        policy = container.imagePullPolicy or _default_policy(name)
        image = await self._look(pod, container, name)
        if policy == "Never" and image is None:
            message = (
                f'Container image "{container.image}" is not present with pull policy of Never'
            )
            self._tell(pod, "Warning", "ErrImageNeverPull", message, container.name)
            raise ImageProblem("ErrImageNeverPull", message, self._clock.now() + SOON)
        if policy != "Always" and image is not None:
            message = (
                f'Container image "{container.image}" already present on machine'
                " and can be accessed by the pod"
            )
            self._tell(pod, "Normal", "Pulled", message, container.name)
            return Present(image, image.id)
        self._back_off(pod, container)
        slow()
        return await self._pull(pod, container, name, await credentials(), sandbox_config)

    def forget(self, uid: str) -> None:
        """The pod is gone."""
        for key in [key for key in self._failures if key[0] == uid]:
            del self._failures[key]

    def _check(self, pod: Pod, container: AnyContainer) -> None:
        why = problem(container.image)
        if not why:
            return
        message = (
            f'Failed to apply default image tag "{container.image}": '
            f'couldn\'t parse image name "{container.image}": {why}'
        )
        self._tell(pod, "Warning", "InspectFailed", message, container.name)
        raise ImageProblem("InvalidImageName", message, self._clock.now() + SOON)

    async def _look(self, pod: Pod, container: AnyContainer, name: str) -> Image | None:
        try:
            return await self._runtime.image(name)
        except RuntimeFault as error:
            message = f'Failed to inspect image "{container.image}": {error}'
            self._tell(pod, "Warning", "InspectFailed", message, container.name)
            raise ImageProblem("ImageInspectError", message, self._clock.now() + SOON) from error

    def _back_off(self, pod: Pod, container: AnyContainer) -> None:
        failure = self._failures.get((pod.metadata.uid, container.image))
        if failure is None:
            return
        until = wait_until(failure.backoff, failure.at)
        if until > self._clock.now():
            message = f'Back-off pulling image "{container.image}"'
            self._tell(pod, "Normal", "BackOff", message, container.name)
            raise ImageProblem("ImagePullBackOff", f"{message}: {failure.message}", until)

    async def _pull(
        self,
        pod: Pod,
        container: AnyContainer,
        name: str,
        known: Mapping[str, Auth],
        sandbox_config: Mapping[str, Any],
    ) -> Present:
        asked = self._clock.monotonic()
        try:
            if self._turn is None:
                ref, took = await self._fetch(pod, container, name, known, sandbox_config)
            else:
                async with self._turn:
                    ref, took = await self._fetch(pod, container, name, known, sandbox_config)
            image = await self._runtime.image(ref or name)
        except RuntimeFault as error:
            self._fail(pod, container, str(error))
        if image is None:
            self._fail(pod, container, f'image "{name}" is gone right after it was pulled')
        waited = self._clock.monotonic() - asked
        self._failures.pop((pod.metadata.uid, container.image), None)
        message = (
            f'Successfully pulled image "{container.image}" in {_span(took)} '
            f"({_span(waited)} including waiting). Image size: {image.size} bytes."
        )
        self._tell(pod, "Normal", "Pulled", message, container.name)
        return Present(image, image.id)

    async def _fetch(
        self,
        pod: Pod,
        container: AnyContainer,
        name: str,
        known: Mapping[str, Auth],
        sandbox_config: Mapping[str, Any],
    ) -> tuple[str, float]:
        """(reference, seconds) of a pull, with whichever credentials open the registry."""
        started = self._clock.monotonic()
        self._tell(pod, "Normal", "Pulling", f'Pulling image "{container.image}"', container.name)
        problem: RuntimeFault | None = None
        for auth in matching(name, known) or [{}]:
            try:
                ref = await self._runtime.pull(name, auth, sandbox_config)
                return ref, self._clock.monotonic() - started
            except RuntimeFault as error:
                problem = error
        assert problem is not None
        raise problem

    def _fail(self, pod: Pod, container: AnyContainer, why: str) -> NoReturn:
        message = f'Failed to pull image "{container.image}": {why}'
        self._tell(pod, "Warning", "Failed", message, container.name)
        now = self._clock.now()
        key = (pod.metadata.uid, container.image)
        known = self._failures.get(key)
        backoff = advance(known.backoff if known else None, now)
        text = f"ErrImagePull: {why}"
        self._failures[key] = _Failure(backoff, now, text)
        raise ImageProblem("ErrImagePull", why, now + SOON)


def _default_policy(name: str) -> str:
    return "Always" if name.endswith(":latest") and "@" not in name else "IfNotPresent"


def _span(seconds: float) -> str:
    """As Go prints a duration to the millisecond: 1.234s, 250ms, 1m3.5s."""
    millis = round(seconds * 1000)
    if millis < 1000:
        return f"{millis}ms"
    minutes, millis = divmod(millis, 60_000)
    text = f"{millis / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    return f"{minutes}m{text}" if minutes else text
