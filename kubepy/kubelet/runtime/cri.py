"""The CRI client: a method a call, values in and out; protobuf messages stay in here.

A request's configuration (sandbox, container) comes as plain dicts with CRI's own field names,
made by pure functions elsewhere, and becomes a message only here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import grpc
import grpc.aio
from msgspec import Struct

from kubepy import pb
from kubepy.kubelet.runtime import convert
from kubepy.kubelet.runtime.model import (
    POD_UID,
    Image,
    ImageFilesystem,
    RuntimeContainer,
    RuntimeInfo,
    RuntimeStatus,
    Sandbox,
)

MESSAGE_LIMIT = 64 << 20  # bytes; a list of all containers of a large node
CALL_TIMEOUT = 120.0  # seconds; Kubernetes' runtimeRequestTimeout
PULL_TIMEOUT = 3600.0  # seconds without an end; a pull that hangs is the runtime's to end
STOP_MARGIN = 120.0  # seconds beyond a container's grace


class RuntimeFault(Exception):
    """The runtime refused or failed; the message is as Go's gRPC tells it, `words` its own part."""

    def __init__(self, message: str, words: str = "") -> None:
        super().__init__(message)
        self.words = words or message


class NoSuchThing(RuntimeFault):
    """The container, sandbox or image does not exist."""


class RuntimeGone(RuntimeFault):
    """The runtime does not answer; the call may or may not have been done."""


class CallTimeout(RuntimeFault):
    """The call took longer than it was given."""


class Unsupported(RuntimeFault):
    """This runtime does not have the call."""


class Executed(Struct, frozen=True):
    """The end of a command that ran in a container."""

    exit_code: int
    stdout: bytes
    stderr: bytes


_FAULTS = {
    grpc.StatusCode.NOT_FOUND: NoSuchThing,
    grpc.StatusCode.UNAVAILABLE: RuntimeGone,
    grpc.StatusCode.DEADLINE_EXCEEDED: CallTimeout,
    grpc.StatusCode.UNIMPLEMENTED: Unsupported,
}


_STOPPED, _DELETED = 2, 3  # runtime.v1.ContainerEventType


def socket_target(endpoint: str) -> str:
    """gRPC's name of `unix:///run/x.sock`, `/run/x.sock` or anything it knows itself."""
    if endpoint.startswith("unix://"):
        return "unix:" + endpoint.removeprefix("unix://")
    return f"unix:{endpoint}" if endpoint.startswith("/") else endpoint


class Runtime:
    """A CRI v1 runtime behind a socket. Made inside a running event loop.

    `timed` is entered around each call, with its name as metrics have it: `run_podsandbox`.
    """

    def __init__(
        self,
        endpoint: str,
        image_endpoint: str = "",
        timed: Callable[[str], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self._timed = timed
        self._channel = _channel(endpoint)
        self._image_channel = _channel(image_endpoint) if image_endpoint else self._channel
        self._runtime = pb.stub(self._channel, "runtime.v1.RuntimeService")
        self._images = pb.stub(self._image_channel, "runtime.v1.ImageService")

    @property
    def channel(self) -> grpc.aio.Channel:
        """For other services on the runtime's socket."""
        return self._channel

    async def close(self) -> None:
        await self._channel.close()
        if self._image_channel is not self._channel:
            await self._image_channel.close()

    # The runtime itself

    async def version(self) -> RuntimeInfo:
        answer = await self._call("Version", _request("VersionRequest", version="0.1.0"))
        return RuntimeInfo(answer.runtime_name, answer.runtime_version)

    async def status(self) -> RuntimeStatus:
        return convert.status(await self._call("Status", _request("StatusRequest")))

    async def sandbox_image(self) -> str:
        """What sandboxes are made from, as containerd tells it; "" where a runtime keeps it back.

        A runtime that can pins that image. containerd can from 1.7 on.
        """
        answer = await self._call("Status", _request("StatusRequest", verbose=True))
        return convert.sandbox_image(answer)

    async def cgroup_driver(self) -> str | None:
        """`systemd` or `cgroupfs`; None if the runtime does not say."""
        try:
            answer = await self._call("RuntimeConfig", _request("RuntimeConfigRequest"))
        except Unsupported:
            return None
        return "cgroupfs" if answer.linux.cgroup_driver else "systemd"

    async def update_pod_cidr(self, cidr: str) -> None:
        config = {"network_config": {"pod_cidr": cidr}}
        await self._call(
            "UpdateRuntimeConfig", _request("UpdateRuntimeConfigRequest", runtime_config=config)
        )

    # Sandboxes

    async def run_sandbox(self, config: Mapping[str, Any], handler: str = "") -> str:
        """Create and start a sandbox with its network; its id."""
        request = _request("RunPodSandboxRequest", config=config, runtime_handler=handler)
        return str((await self._call("RunPodSandbox", request)).pod_sandbox_id)

    async def stop_sandbox(self, id: str) -> None:
        """Stop it and all in it, release its network. Fine if it is stopped or gone."""
        request = _request("StopPodSandboxRequest", pod_sandbox_id=id)
        try:
            await self._call("StopPodSandbox", request)
        except NoSuchThing:
            return

    async def remove_sandbox(self, id: str) -> None:
        request = _request("RemovePodSandboxRequest", pod_sandbox_id=id)
        try:
            await self._call("RemovePodSandbox", request)
        except NoSuchThing:
            return

    async def sandbox(self, id: str) -> Sandbox:
        request = _request("PodSandboxStatusRequest", pod_sandbox_id=id)
        return convert.sandbox((await self._call("PodSandboxStatus", request)).status)

    async def sandboxes(self, uid: str = "") -> list[Sandbox]:
        """All sandboxes, or one pod's; without addresses and namespaces."""
        request = _request("ListPodSandboxRequest", filter=_by_uid(uid))
        answer = await self._call("ListPodSandbox", request)
        return [convert.listed_sandbox(item) for item in answer.items]

    # Containers

    async def create_container(
        self, sandbox_id: str, config: Mapping[str, Any], sandbox_config: Mapping[str, Any]
    ) -> str:
        request = _request(
            "CreateContainerRequest",
            pod_sandbox_id=sandbox_id,
            config=config,
            sandbox_config=sandbox_config,
        )
        return str((await self._call("CreateContainer", request)).container_id)

    async def start_container(self, id: str) -> None:
        await self._call("StartContainer", _request("StartContainerRequest", container_id=id))

    async def stop_container(self, id: str, grace: int) -> None:
        """Its stop signal, after `grace` seconds a kill; returns once it has ended."""
        request = _request("StopContainerRequest", container_id=id, timeout=grace)
        try:
            await self._call("StopContainer", request, timeout=grace + STOP_MARGIN)
        except NoSuchThing:
            return

    async def remove_container(self, id: str) -> None:
        request = _request("RemoveContainerRequest", container_id=id)
        try:
            await self._call("RemoveContainer", request)
        except NoSuchThing:
            return

    async def container(self, id: str) -> RuntimeContainer:
        request = _request("ContainerStatusRequest", container_id=id)
        answer = await self._call("ContainerStatus", request)
        return convert.container(answer.status)

    async def containers(self, uid: str = "") -> list[RuntimeContainer]:
        """All containers, or one pod's; without times, exit codes and reasons."""
        request = _request("ListContainersRequest", filter=_by_uid(uid))
        answer = await self._call("ListContainers", request)
        return [convert.listed_container(item) for item in answer.containers]

    async def update_resources(self, id: str, linux: Mapping[str, Any]) -> None:
        request = _request("UpdateContainerResourcesRequest", container_id=id, linux=linux)
        await self._call("UpdateContainerResources", request)

    async def reopen_log(self, id: str) -> None:
        request = _request("ReopenContainerLogRequest", container_id=id)
        await self._call("ReopenContainerLog", request)

    async def execute(self, id: str, command: Sequence[str], timeout: int = 0) -> Executed:
        """Run a command in a container. CallTimeout after `timeout` seconds (0: never)."""
        request = _request("ExecSyncRequest", container_id=id, cmd=list(command), timeout=timeout)
        limit = timeout + CALL_TIMEOUT if timeout else PULL_TIMEOUT
        answer = await self._call("ExecSync", request, timeout=limit)
        return Executed(answer.exit_code, answer.stdout, answer.stderr)

    async def container_stats(self) -> list[Any]:
        """`runtime.v1.ContainerStats` messages of all containers."""
        answer = await self._call("ListContainerStats", _request("ListContainerStatsRequest"))
        return list(answer.stats)

    # Where the runtime streams

    async def exec_url(self, id: str, command: Sequence[str], streams: Mapping[str, bool]) -> str:
        """`streams`: tty, stdin, stdout, stderr."""
        request = _request("ExecRequest", container_id=id, cmd=list(command), **streams)
        return str((await self._call("Exec", request)).url)

    async def attach_url(self, id: str, streams: Mapping[str, bool]) -> str:
        request = _request("AttachRequest", container_id=id, **streams)
        return str((await self._call("Attach", request)).url)

    async def port_forward_url(self, sandbox_id: str, ports: Sequence[int]) -> str:
        request = _request("PortForwardRequest", pod_sandbox_id=sandbox_id, port=list(ports))
        return str((await self._call("PortForward", request)).url)

    async def ends(self) -> AsyncIterator[tuple[str, str, bool]]:
        """(container or sandbox id, pod uid, removed) of what stops or is removed.

        Unsupported before containerd 1.7.
        """
        try:
            async for event in self._runtime.GetContainerEvents(_request("GetEventsRequest")):
                if event.container_event_type in (_STOPPED, _DELETED):
                    uid = event.pod_sandbox_status.metadata.uid
                    yield event.container_id, uid, event.container_event_type == _DELETED
        except grpc.aio.AioRpcError as error:
            raise _fault(error) from error

    # Images

    async def pull(
        self,
        image: str,
        auth: Mapping[str, str] | None = None,
        sandbox_config: Mapping[str, Any] | None = None,
    ) -> str:
        """Fetch an image; the reference to start containers from."""
        request = _request(
            "PullImageRequest",
            image={"image": image},
            auth=auth or None,
            sandbox_config=sandbox_config,
        )
        answer = await self._call("PullImage", request, timeout=PULL_TIMEOUT, images=True)
        return str(answer.image_ref)

    async def image(self, name: str) -> Image | None:
        """The image of that name or id, if it is here."""
        request = _request("ImageStatusRequest", image={"image": name})
        answer = await self._call("ImageStatus", request, images=True)
        return convert.image(answer.image) if answer.image.id else None

    async def images(self) -> list[Image]:
        answer = await self._call("ListImages", _request("ListImagesRequest"), images=True)
        return [convert.image(item) for item in answer.images]

    async def remove_image(self, id: str) -> None:
        await self._call(
            "RemoveImage", _request("RemoveImageRequest", image={"image": id}), images=True
        )

    async def image_filesystem(self) -> ImageFilesystem | None:
        answer = await self._call("ImageFsInfo", _request("ImageFsInfoRequest"), images=True)
        for usage in answer.image_filesystems:
            return ImageFilesystem(usage.fs_id.mountpoint, usage.used_bytes.value)
        return None

    async def _call(
        self, method: str, request: Any, *, timeout: float = CALL_TIMEOUT, images: bool = False
    ) -> Any:
        stub = self._images if images else self._runtime
        try:
            with self._timed(_operation(method)):
                return await getattr(stub, method)(request, timeout=timeout)
        except grpc.aio.AioRpcError as error:
            raise _fault(error) from error


def _channel(endpoint: str) -> grpc.aio.Channel:
    options = [
        ("grpc.max_receive_message_length", MESSAGE_LIMIT),
        ("grpc.default_authority", "localhost"),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 3000),
    ]
    return grpc.aio.insecure_channel(socket_target(endpoint), options=options)


@cache
def _operation(method: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", method).lower()
    return words.replace("pod_sandbox", "podsandbox")


def _request(name: str, **fields: Any) -> Any:
    given = {key: value for key, value in fields.items() if value is not None}
    return pb.message(f"runtime.v1.{name}")(**given)


def _by_uid(uid: str) -> dict[str, Any] | None:
    return {"label_selector": {POD_UID: uid}} if uid else None


def _fault(error: grpc.aio.AioRpcError) -> RuntimeFault:
    details = error.details() or error.code().name
    fault = _FAULTS.get(error.code(), RuntimeFault)
    return fault(f"rpc error: code = {_go_code(error.code())} desc = {details}", details)


def _go_code(code: grpc.StatusCode) -> str:
    """The code as Go prints it: DeadlineExceeded."""
    return "".join(part.capitalize() for part in code.name.split("_"))
