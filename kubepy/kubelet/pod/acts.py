"""Performs a plan's actions on the runtime and the node's disk.

What a container waits for is raised as `Held`; what keeps the whole pod from going on as
`PodProblem`. Both carry the words that status and events show.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from msgspec import Struct

from kubepy.api.core.v1 import ObjectReference, Pod, Service
from kubepy.api.types import Quantity
from kubepy.base.clock import Clock
from kubepy.client.events import Recorder, reference
from kubepy.kubelet import logs
from kubepy.kubelet.cgroups import CgroupProblem, Cgroups
from kubepy.kubelet.figures import Figures
from kubepy.kubelet.images.credentials import Auth, from_secrets
from kubepy.kubelet.images.puller import ImageProblem, Present, Puller
from kubepy.kubelet.lifecycle import HookFailed, run_hook, run_pre_stop
from kubepy.kubelet.objects import Objects
from kubepy.kubelet.pod import dns
from kubepy.kubelet.pod.configs import (
    ContainerInputs,
    addresses,
    container_config,
    log_directory,
    sandbox_config,
)
from kubepy.kubelet.pod.containers import AnyContainer, find
from kubepy.kubelet.pod.env import (
    EnvProblem,
    EnvSources,
    environment,
    references,
    service_variables,
)
from kubepy.kubelet.pod.plan import SHORTEST_GRACE, Start, Stop
from kubepy.kubelet.pod.resources import linux_resources
from kubepy.kubelet.pod.security import SecurityProblem
from kubepy.kubelet.pod.turns import Turns
from kubepy.kubelet.runtime.cache import Cache
from kubepy.kubelet.runtime.cri import Runtime, RuntimeFault
from kubepy.kubelet.runtime.model import Observed, Sandbox
from kubepy.kubelet.volumes.mounts import Located, Mount, mounts
from kubepy.kubelet.volumes.payload import VolumeError
from kubepy.kubelet.volumes.volumes import Volumes, make_sub_path
from kubepy.meta.errors import ApiError

T = TypeVar("T")

RETRY = 5.0  # seconds until a container that could not be made is tried again
MESSAGE_FILE_MODE = 0o666
HOSTS_MODE = 0o644

_log = logging.getLogger(__name__)


_TYPES = {"init": "init_container", "regular": "container", "ephemeral": "ephemeral_container"}


class Held(Exception):
    """A container cannot be started now; `until`: when to try again (unix)."""

    def __init__(self, reason: str, message: str, until: float) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.until = until


class PodProblem(Exception):
    """Nothing of the pod can go on now; the event says why."""

    def __init__(self, event: str, message: str) -> None:
        super().__init__(message)
        self.event = event
        self.message = message


class Events:
    """Events about pods and their containers."""

    def __init__(self, recorder: Recorder | None) -> None:
        self._recorder = recorder

    def __call__(
        self,
        pod: Pod,
        kind: Literal["Normal", "Warning"],
        reason: str,
        message: str,
        container: str = "",
    ) -> None:
        _log.debug("%s/%s: %s: %s", pod.metadata.namespace, pod.metadata.name, reason, message)
        if self._recorder is None:
            return
        about: Pod | ObjectReference = pod
        if container:
            about = reference(pod, _field_path(pod, container))
        self._recorder.event(about, kind, reason, message)


def _field_path(pod: Pod, container: str) -> str:
    found = find(pod, container)
    if found is None:
        return ""
    kinds = {"init": "initContainers", "regular": "containers", "ephemeral": "ephemeralContainers"}
    return f"spec.{kinds[found[0]]}{{{container}}}"


class Host(Struct, frozen=True):
    """The node as pods see it."""

    ips: tuple[str, ...]
    root: str = "/var/lib/kubelet"
    log_root: str = "/var/log/pods"
    resolv_conf: str = "/etc/resolv.conf"
    cluster_dns: tuple[str, ...] = ()
    cluster_domain: str = ""
    memory: int = 0  # bytes
    allocatable: Mapping[str, Quantity] = {}
    seccomp_default: bool = False
    max_restart_period: float = 300.0


class Acts(Struct, frozen=True):
    """Everything that performing needs; shared by all pods."""

    runtime: Runtime
    cache: Cache
    puller: Puller
    volumes: Volumes
    objects: Objects
    cgroups: Cgroups
    tell: Events
    clock: Clock
    rng: random.Random
    figures: Figures
    turns: Turns
    host: Host
    services: Callable[[], list[Service]]
    node_auth: Callable[[], Mapping[str, Auth]]

    async def furnish(self, pod: Pod) -> None:
        """The pod's cgroup and directories; fine if they are there."""
        try:
            await self.cgroups.ensure(pod)
        except CgroupProblem as error:
            raise PodProblem("FailedCreatePodContainer", str(error)) from error
        try:
            for directory in (self._pod_directory(pod), log_directory(self.host.log_root, pod)):
                logs.make_directory(directory)
        except OSError as error:
            message = f"error making pod data directories: {error.filename}: {error.strerror}"
            raise PodProblem("FailedMakePodDataDirectories", message) from error

    async def mount(self, pod: Pod, ips: tuple[str, ...]) -> dict[str, Located]:
        """The pod's volumes, made or brought up to date; name → where it is."""
        try:
            return await self.volumes.prepare(
                pod, self.host.allocatable, addresses(ips, self.host.ips)
            )
        except VolumeError as error:
            raise PodProblem("FailedMount", str(error)) from error

    async def create_sandbox(self, pod: Pod, attempt: int) -> Sandbox:
        config = self._sandbox_config(pod, attempt)
        if pod.spec.hostUsers is False:
            raise PodProblem(
                "FailedCreatePodSandBox",
                "Failed to create pod sandbox: user namespaces are not supported",
            )
        self.figures.started_pods += 1
        try:
            async with self.turns.one():
                id = await self.runtime.run_sandbox(config, pod.spec.runtimeClassName or "")
            return await self.cache.note_sandbox(id)
        except RuntimeFault as error:
            raise PodProblem(
                "FailedCreatePodSandBox", f"Failed to create pod sandbox: {error}"
            ) from error

    async def start(
        self,
        pod: Pod,
        sandbox: Sandbox,
        action: Start,
        located: Mapping[str, Located],
        slow: Callable[[], None],
    ) -> None:
        """Pull, create and start a container; Held if it cannot be. A postStart hook is not run."""
        found = find(pod, action.name)
        assert found is not None
        kind, container = found
        self.figures.started_containers[_TYPES[kind]] += 1
        config = self._sandbox_config(pod, sandbox.attempt)
        present = await self._image(pod, container, config, slow)
        restarts = action.restarts or logs.next_number(
            f"{log_directory(self.host.log_root, pod)}/{container.name}"
        )
        inputs = await self._inputs(pod, container, sandbox, present, restarts, located)
        try:
            described = container_config(pod, container, inputs)
        except SecurityProblem as error:
            raise self._fail(pod, container, "CreateContainerConfigError", str(error)) from error
        logs.make_directory(f"{log_directory(self.host.log_root, pod)}/{container.name}")
        id = await self._create(pod, container, sandbox, described, config)
        self._link_log(pod, container, id, restarts)

    async def _create(
        self,
        pod: Pod,
        container: AnyContainer,
        sandbox: Sandbox,
        described: Mapping[str, Any],
        config: Mapping[str, Any],
    ) -> str:
        try:
            id = await self.runtime.create_container(sandbox.id, described, config)
        except RuntimeFault as error:
            raise self._fail(pod, container, "CreateContainerError", error.words) from error
        self.tell(pod, "Normal", "Created", "Container created", container.name)
        try:
            await self.runtime.start_container(id)
        except RuntimeFault as error:
            await self.cache.note_container(id, sandbox.id, pod.metadata.uid)
            raise self._fail(pod, container, "RunContainerError", error.words) from error
        self.tell(pod, "Normal", "Started", "Container started", container.name)
        await self.cache.note_container(id, sandbox.id, pod.metadata.uid)
        return id

    async def post_start(self, pod: Pod, name: str, observed: Observed, address: str) -> bool:
        """Run the container's postStart hook, if any; False if it failed, which ends it."""
        found, record = find(pod, name), observed.latest(name)
        if found is None or record is None or found[1].lifecycle is None:
            return True
        handler = found[1].lifecycle.postStart
        if handler is None:
            return True
        try:
            await run_hook(handler, found[1], record.id, address, self.runtime, self.clock)
        except HookFailed as error:
            self.tell(pod, "Warning", "FailedPostStartHook", "PostStartHook failed", name)
            _log.info("postStart hook of %s in %s: %s", name, pod.metadata.name, error)
            return False
        return True

    async def stop(self, pod: Pod, action: Stop, address: str) -> None:
        """preStop hook, stop signal, kill: all within the grace, but for a last two seconds."""
        self.tell(pod, "Normal", "Killing", action.message, action.name)
        grace = float(action.grace)
        found = find(pod, action.name)
        lifecycle = found[1].lifecycle if found else None
        if found and lifecycle is not None and lifecycle.preStop is not None:
            began = self.clock.monotonic()
            try:
                await run_pre_stop(
                    lifecycle.preStop, found[1], action.id, address, self.runtime, self.clock, grace
                )
            except HookFailed as error:
                self.tell(pod, "Warning", "FailedPreStopHook", "PreStopHook failed", action.name)
                _log.info("preStop hook of %s: %s", action.name, error)
            grace -= self.clock.monotonic() - began
        await self.runtime.stop_container(action.id, max(SHORTEST_GRACE, round(grace)))
        await self.cache.refresh(action.id)

    async def teardown(self, pod: Pod) -> None:
        """Everything of an ended pod on the node but its containers' records and logs."""
        uid = pod.metadata.uid
        await self.volumes.teardown(uid)
        await self.cgroups.remove(uid)
        self.puller.forget(uid)

    async def remove(self, pod: Pod, observed: Observed) -> None:
        """The last traces of a pod that no longer exists: containers, sandboxes, logs."""
        refused: RuntimeFault | None = None
        for record in observed.containers:
            try:
                await self.runtime.remove_container(record.id)
            except RuntimeFault as error:  # the others go all the same
                refused = error
        if refused is not None:
            await self.cache.look(pod.metadata.uid)
            raise refused
        for sandbox in observed.sandboxes:
            await self.runtime.remove_sandbox(sandbox.id)
        logs.remove_pod_directory(log_directory(self.host.log_root, pod))
        logs.unlink_dangling(self.host.log_root)
        await self.cache.look(pod.metadata.uid)

    async def _image(
        self,
        pod: Pod,
        container: AnyContainer,
        config: Mapping[str, Any],
        slow: Callable[[], None],
    ) -> Present:
        async def credentials() -> Mapping[str, Auth]:
            return await self._credentials(pod)

        try:
            return await self.puller.ensure(pod, container, credentials, config, slow)
        except ImageProblem as error:
            self.tell(pod, "Warning", "Failed", f"Error: {error.reason}", container.name)
            raise Held(error.reason, error.message, error.until) from error

    async def _credentials(self, pod: Pod) -> Mapping[str, Auth]:
        secrets = []
        for entry in pod.spec.imagePullSecrets:
            secret = await self._fetched(self.objects.secret(pod.metadata.namespace, entry.name))
            if secret is not None:
                secrets.append(secret)
            else:
                self.tell(
                    pod, "Warning", "FailedToRetrieveImagePullSecret",
                    f"Unable to retrieve some image pull secrets ({entry.name}); "
                    "attempting to pull the image may not succeed.",
                )  # fmt: skip
        return {**self.node_auth(), **from_secrets(secrets)}

    async def _inputs(
        self,
        pod: Pod,
        container: AnyContainer,
        sandbox: Sandbox,
        present: Present,
        restarts: int,
        located: Mapping[str, Located],
    ) -> ContainerInputs:
        ips = self.host.ips if pod.spec.hostNetwork else sandbox.ips
        try:
            variables = await self._environment(pod, container, ips)
            bound, sub_paths = mounts(container, located, variables)  # type: ignore[arg-type]
            for sub_path in sub_paths:
                await asyncio.to_thread(make_sub_path, sub_path)
        except EnvProblem as error:
            raise self._fail(pod, container, "CreateContainerConfigError", str(error)) from error
        except VolumeError as error:
            raise self._fail(pod, container, "CreateContainerConfigError", str(error)) from error
        target = ""
        wanted = getattr(container, "targetContainerName", "")
        if wanted and (record := self.cache.observed(pod.metadata.uid).latest(wanted)):
            target = record.id
        return ContainerInputs(
            restarts=restarts,
            image=present.image,
            image_ref=present.ref,
            environment=variables,
            mounts=[*bound, *self._own_mounts(pod, container, ips)],
            resources=linux_resources(
                pod, container, self.host.memory, unified=self.cgroups.unified
            ),
            target=target,
            seccomp_default=self.host.seccomp_default,
        )

    async def _environment(
        self, pod: Pod, container: AnyContainer, ips: tuple[str, ...]
    ) -> dict[str, str]:
        maps, secrets = references(container)
        namespace = pod.metadata.namespace
        found_maps = {
            n: await self._fetched(self.objects.config_map(namespace, n)) for n in sorted(maps)
        }
        found_secrets = {
            n: await self._fetched(self.objects.secret(namespace, n)) for n in sorted(secrets)
        }
        sources = EnvSources(
            config_maps={name: found for name, found in found_maps.items() if found},
            secrets={name: found for name, found in found_secrets.items() if found},
            services=service_variables(pod, self.services()),
            allocatable=self.host.allocatable,
            addresses=addresses(ips, self.host.ips),
        )
        return environment(pod, container, sources)

    async def _fetched(self, asked: Awaitable[T]) -> T:
        """The answer of the apiserver; EnvProblem with its words if it refuses."""
        try:
            return await asked
        except (ApiError, ConnectionError) as error:
            raise EnvProblem(str(error)) from error

    def _own_mounts(self, pod: Pod, container: AnyContainer, ips: tuple[str, ...]) -> list[Mount]:
        """The hosts file and the file for last words, where the manifest mounts nothing there."""
        taken = {mount.mountPath.rstrip("/") for mount in container.volumeMounts}
        found = []
        directory = self._pod_directory(pod)
        if "/etc/hosts" not in taken:
            path = f"{directory}/etc-hosts"
            host_file = _read("/etc/hosts") if pod.spec.hostNetwork else ""
            text = dns.hosts(pod, ips, self.host.cluster_domain, host_file)
            _write(path, text, HOSTS_MODE)
            found.append(Mount("/etc/hosts", path))
        if container.terminationMessagePath:
            below = Path(directory, "containers", container.name)
            below.mkdir(parents=True, exist_ok=True)
            path = f"{below}/{self.rng.getrandbits(32):08x}"
            _write(path, "", MESSAGE_FILE_MODE)
            found.append(Mount(container.terminationMessagePath, path))
        return found

    def _sandbox_config(self, pod: Pod, attempt: int) -> dict[str, Any]:
        host = self.host
        name, domain = dns.hostname(pod, host.cluster_domain)
        if domain and pod.spec.setHostnameAsFQDN:
            name = f"{name}.{domain}"
        return sandbox_config(
            pod,
            attempt,
            hostname=name,
            resolver=dns.resolver(
                pod, dns.parse(_read(host.resolv_conf)), host.cluster_dns, host.cluster_domain
            ),
            log_root=host.log_root,
            cgroup_parent=self.cgroups.parent_of(pod),
        )

    def _fail(self, pod: Pod, container: AnyContainer, reason: str, message: str) -> Held:
        self.tell(pod, "Warning", "Failed", f"Error: {message}", container.name)
        return Held(reason, message, self.clock.now() + RETRY)

    def _link_log(self, pod: Pod, container: AnyContainer, id: str, restarts: int) -> None:
        meta = pod.metadata
        path = f"{log_directory(self.host.log_root, pod)}/{container.name}/{restarts}.log"
        logs.link(self.host.log_root, meta.name, meta.namespace, container.name, id, path)

    def _pod_directory(self, pod: Pod) -> str:
        return f"{self.host.root}/pods/{pod.metadata.uid}"


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _write(path: str, text: str, mode: int) -> None:
    """Write in place: the file may be mounted in a container already."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
