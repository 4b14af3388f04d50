"""A server that is thrown garbage at, and what must be true of each of its answers."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote, unquote

from hypothesis import settings

from ..conftest import Answer, apiserver_of, client

SECONDS = 20  # for one answer: a guard against hangs, far above what any takes
MERGE, JSON_PATCH = "application/merge-patch+json", "application/json-patch+json"
STRATEGIC, APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
FORMS = ("application/json", "application/yaml", PROTOBUF, TABLE)


LONG = int(
    os.environ.get("FUZZ_EXAMPLES", "0")
)  # what hack/fuzz asks for; others are new each time


def examples(number: int) -> settings:
    """So many examples of a property, the same ones in every run; new ones for hack/fuzz."""
    return settings(max_examples=LONG or number, derandomize=not LONG)


class Hang(BaseException):
    """An answer took so long that the event loop did not get to run its own guard."""


class Bench:
    """One server for many examples. Everything that is asked is checked by `verdict`."""

    def __init__(self, pki: Path) -> None:
        self._pki = pki
        self._runner = asyncio.Runner()
        self._stack, self._clients = AsyncExitStack(), AsyncExitStack()
        self.errors = Errors()

    def open(self) -> None:
        self._runner.run(self._open())

    async def _open(self) -> None:
        self.apiserver = await self._stack.enter_async_context(apiserver_of(self._pki))
        port = self.apiserver.ports.https
        self.rest = await self._clients.enter_async_context(client(self._pki, port, "admin"))
        accounts = "/api/v1/namespaces/default/serviceaccounts"
        await self.rest("POST", accounts, {"metadata": {"name": "default"}})

    def close(self) -> None:
        """Hang if the server still does something for somebody."""
        self._runner.run(self._clients.aclose())
        try:
            self.until(lambda: self._runner.run(connections()) == 0)
        finally:
            self._runner.run(self._stack.aclose())
            self._runner.close()

    def run(self, work: Any) -> Any:
        """The result of a coroutine; Hang if it does not come."""
        with guarded():
            return self._runner.run(within(work))

    def ask(
        self, method: str, path: str, body: Any = None, media_type: str = "", **more: str
    ) -> Answer:
        """One request and its answer, which is a good one whatever was asked."""
        if media_type:
            more["Content_Type"] = media_type
        self.errors.clear()
        answer = self.run(self.rest(method, path, body, **more))
        told = f"{method} {path} {media_type} {short(body)}: {answer.status} {answer.raw[:2000]!r}"
        verdict(answer, told)
        assert self.errors.seen == [], f"{told}\n{self.errors.seen[0]}"
        return answer

    def create(self, path: str, body: bytes, media_type: str = "application/json") -> None:
        """Post an object. What is taken can be read in every form, written back unchanged, and
        deleted."""
        created = self.ask("POST", path, body, media_type)
        if created.status == 201:
            place = f"{path}/{quote(created.json['metadata']['name'], safe='')}"
            self.check_kept(path, place)
            self.remove(place)

    def until(self, holds: Callable[[], bool]) -> None:
        """Ask again until the server's own work is done."""

        async def give_way() -> None:
            await asyncio.sleep(0.001)

        with guarded():
            while not holds():
                self._runner.run(give_way())

    def check_kept(self, path: str, place: str) -> None:
        """An object can be read in every form, and written back as it was read."""
        read = self.check_readable(path, place)
        again = self.ask("PUT", place, read.raw)
        assert again.status == 200, again.raw
        assert again.json == read.json

    def check_readable(self, path: str, place: str) -> Answer:
        for form in FORMS:
            for where in (place, path):
                read = self.ask("GET", where, Accept=form)
                assert read.status == 200, read.raw
        return self.ask("GET", place)

    def remove(self, place: str) -> None:
        """Delete an object, whatever holds it; returns when it is gone."""
        options = b'{"gracePeriodSeconds":0,"propagationPolicy":"Background"}'
        self.ask("DELETE", place, options)

        def gone() -> bool:
            self.ask("PATCH", place, b'{"metadata":{"finalizers":null}}', MERGE)
            if place.startswith("/api/v1/namespaces/") and place.count("/") == 4:
                name = unquote(place.rpartition("/")[2])
                self.ask("PUT", f"{place}/finalize", as_json({"metadata": {"name": name}}))
            return self.ask("GET", place).status == 404

        self.until(gone)


async def connections() -> int:
    """How many the server has, and requests under way on them: each has a task."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return sum(name.startswith(("RequestHandler.", "RestServer.")) for name in names)


async def within(work: Any) -> Any:
    async with asyncio.timeout(SECONDS):
        return await work


@contextmanager
def guarded() -> Iterator[None]:
    """Raises Hang in whatever runs too long, also where it does not give way to the loop, and
    where it consists of parts that are guarded themselves."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    outer = signal.alarm(SECONDS + 5)
    began = time.monotonic()
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.alarm(max(1, outer - int(time.monotonic() - began)) if outer else 0)


class Errors(logging.Handler):
    """What the server logs as an error: there is none that a client can cause."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(self.format(record))

    def clear(self) -> None:
        self.seen.clear()


def verdict(answer: Answer, told: str) -> None:
    """An answer is no failure of the server, and a refusal is a Status that says the same."""
    if answer.status < 400:
        return
    if not answer.headers.get("Content-Type", "").startswith("application/json"):
        # Where Kubernetes itself fails: a path that begins like a resource's, and stops.
        assert answer.status < 500 or b"failed to create RequestInfo" in answer.raw, told
        return
    status = answer.json
    assert status["kind"] == "Status", told
    assert status["status"] == "Failure", told
    assert status["code"] == answer.status, told
    assert status["message"], told
    assert answer.status < 500 or is_its_own(status), told


def is_its_own(status: Any) -> bool:
    """Whether Kubernetes blames the server too: some refusals have no reason of their own there
    (`errors.Unknown`), and a version from the future might still come."""
    if not status.get("reason"):
        return True
    causes = [cause.get("reason") for cause in status.get("details", {}).get("causes", ())]
    return bool(status["code"] == 504 and causes == ["ResourceVersionTooLarge"])


def short(body: Any) -> str:
    text = repr(body)
    return text if len(text) < 3000 else f"{text[:3000]}... ({len(text)})"


def query(**options: str) -> str:
    return "?" + "&".join(f"{name}={quote(value)}" for name, value in options.items())


def as_json(document: Any) -> bytes:
    """Any document, as Python writes it: halves of surrogate pairs and all."""
    return json.dumps(document).encode()
