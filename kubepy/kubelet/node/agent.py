"""Registers the node, tells how it is, and that it is alive."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Literal

from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.coordination.v1 import Lease, LeaseSpec
from kubepy.api.core.v1 import Node, NodeSpec, NodeStatus, ObjectReference, Taint
from kubepy.api.meta.v1 import ObjectMeta, OwnerReference
from kubepy.api.types import MicroTime, Time
from kubepy.base.backoff import Backoff
from kubepy.base.clock import Clock
from kubepy.client import Client
from kubepy.client.events import Recorder
from kubepy.kubelet.config import Config
from kubepy.kubelet.node import machine as machines
from kubepy.kubelet.node.machine import Machine
from kubepy.kubelet.node.status import Reading, is_news, labels, status, turns
from kubepy.kubelet.runtime.cri import Runtime, RuntimeFault
from kubepy.kubelet.runtime.model import Image, RuntimeInfo, RuntimeStatus
from kubepy.meta import errors

LEASES = "kube-node-lease"
RENEW_FRACTION = 0.25  # of a lease's duration
REGISTER = Backoff(0.1, 7.0)
IMAGES_EVERY = 60.0  # seconds between two looks at the list of images
UNREADY_LOOK = 1.0  # seconds between looks while the node is not ready
# what a node of a cloud begins with: its cloud-controller-manager takes the taint away
UNINITIALIZED = Taint(
    key="node.cloudprovider.kubernetes.io/uninitialized", value="true", effect="NoSchedule"
)
PROVIDED_NODE_IP = "alpha.kubernetes.io/provided-node-ip"

_log = logging.getLogger(__name__)


class Agent:
    """`run` owns the tasks. `on_node` hears of each Node that a write brought back."""

    def __init__(
        self,
        name: str,
        config: Config,
        client: Client,
        runtime: Runtime,
        clock: Clock,
        rng: random.Random,
        *,
        machine: Machine,
        addresses: tuple[str, ...],
        on_node: Callable[[Node], None],
        recorder: Recorder | None = None,
    ) -> None:
        self._name = name
        self._config = config
        self._client = client
        self._runtime = runtime
        self._clock = clock
        self._rng = rng
        self._machine = machine
        self._addresses = addresses
        self._on_node = on_node
        self._recorder = recorder
        self._node: Node | None = None
        self._reported = 0.0
        self._images: list[Image] = []
        self._images_at = float("-inf")
        self._image_directory = ""
        self._info: RuntimeInfo | None = None
        self._ready = False
        self._cidr = ""
        self.registered = asyncio.Event()

    async def run(self) -> None:
        """Register, then report until cancelled."""
        self._tell("Normal", "Starting", "Starting kubelet.")
        await self._register()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._report_for_ever())
            group.create_task(self._renew_for_ever())

    def saw(self, node: Node) -> None:
        """The Node as the watch brings it: labels, taints and podCIDR are others' to set."""
        if self._node is None or int(node.metadata.resourceVersion or 0) >= int(
            self._node.metadata.resourceVersion or 0
        ):
            self._node = node

    def images_changed(self) -> None:
        """An image came or went: look at them soon."""
        self._images_at = float("-inf")

    # Registration

    async def _register(self) -> None:
        failures = 0
        while True:
            try:
                node = await self._create()
                break
            except (errors.ApiError, ConnectionError, TimeoutError) as error:
                failures += 1
                _log.warning("registering node %s: %s", self._name, error)
                await self._clock.sleep(REGISTER.delay(failures, self._rng))
        self._take(node)
        self.registered.set()
        _log.info("node %s is registered", self._name)

    async def _create(self) -> Node:
        """The Node, made or found; an older one gets this node's labels."""
        own = self._described(await self._status(NodeStatus()))
        try:
            if not self._config.file.registerNode:
                return await self._client.get(Node, self._name)
            self._reported = self._clock.monotonic()
            made = await self._client.create(own)
            self._tell_turns(NodeStatus(), own.status)
            return made
        except errors.AlreadyExists:
            found = await self._client.get(Node, self._name)
        wanted = {
            key: value
            for key, value in own.metadata.labels.items()
            if found.metadata.labels.get(key) != value
        }
        if wanted:
            patch = {"metadata": {"labels": wanted}}
            found = await self._client.patch(Node, self._name, patch=patch, style="strategic")
        self._reported = 0.0
        return found

    def _described(self, described: NodeStatus) -> Node:
        config = self._config
        taints: tuple[Taint, ...] = config.register_with_taints or config.file.registerWithTaints
        annotations = {"volumes.kubernetes.io/controller-managed-attach-detach": "true"}
        if config.cloud_provider:
            taints = (*taints, UNINITIALIZED)
            if config.node_ip:
                annotations[PROVIDED_NODE_IP] = config.node_ip
        return Node(
            metadata=ObjectMeta(
                name=self._name,
                labels=labels(self._machine, self._name) | config.node_labels,
                annotations=annotations,
            ),
            spec=NodeSpec(taints=taints, providerID=config.file.providerID),
            status=described,
        )

    # Status

    async def _report_for_ever(self) -> None:
        while True:
            try:
                await self._report()
            except errors.NotFound:
                _log.warning("node %s was deleted: registering again", self._name)
                await self._register()
            except (errors.ApiError, ConnectionError, TimeoutError) as error:
                _log.warning("status of node %s not written: %s", self._name, error)
            period = float(self._config.file.nodeStatusUpdateFrequency)
            await self._clock.sleep(period if self._ready else min(period, UNREADY_LOOK))

    async def _report(self) -> None:
        assert self._node is not None
        new = await self._status(self._node.status)
        self._ready = any(c.type == "Ready" and c.status == "True" for c in new.conditions)
        age = self._clock.monotonic() - self._reported
        if (
            not is_news(self._node.status, new)
            and age < self._config.file.nodeStatusReportFrequency
        ):
            return
        old = self._node.status
        node = await self._client.patch(
            Node,
            self._name,
            patch={"status": _patch(old, new)},
            style="strategic",
            subresource="status",
        )
        self._reported = self._clock.monotonic()
        self._tell_turns(old, new)
        self._take(node)

    def _tell_turns(self, old: NodeStatus, new: NodeStatus) -> None:
        boot = new.nodeInfo.bootID
        if old.nodeInfo.bootID not in ("", boot):
            message = f"Node {self._name} has been rebooted, boot id: {boot}"
            self._tell("Warning", "Rebooted", message)
        for reason in turns(old, new):
            self._tell("Normal", reason, f"Node {self._name} status is now: {reason}")

    def _tell(self, kind: Literal["Normal", "Warning"], reason: str, message: str) -> None:
        if self._recorder is not None:  # a node's events bear its name as uid
            about = ObjectReference(kind="Node", name=self._name, uid=self._name)
            self._recorder.event(about, kind, reason, message)

    def _take(self, node: Node) -> None:
        self._node = node
        self._on_node(node)

    async def _status(self, old: NodeStatus) -> NodeStatus:
        now = Time.from_unix(self._clock.now())
        info, health = await self._ask_runtime()
        reading = Reading(
            machine=self._machine,
            pressure=machines.pressure(self._config.root_dir, self._image_directory),
            addresses=self._addresses,
            runtime=info,
            runtime_status=health,
            images=self._images,
            port=self._config.file.port,
        )
        return status(old, reading, self._config.file, now)

    async def _ask_runtime(self) -> tuple[RuntimeInfo | None, RuntimeStatus | None]:
        try:
            self._info = self._info or await self._runtime.version()
            if self._clock.monotonic() - self._images_at >= IMAGES_EVERY:
                self._images = await self._runtime.images()
                self._images_at = self._clock.monotonic()
                filesystem = await self._runtime.image_filesystem()
                self._image_directory = filesystem.mountpoint if filesystem else ""
            return self._info, await self._runtime.status()
        except RuntimeFault as error:
            _log.warning("the runtime does not answer: %s", error)
            return self._info, None

    # The lease

    async def _renew_for_ever(self) -> None:
        duration = self._config.file.nodeLeaseDurationSeconds
        lease: Lease | None = None
        failures = 0
        while True:
            try:
                lease = await self._renew(lease, duration)
                failures = 0
                pause = duration * RENEW_FRACTION
            except (errors.ApiError, ConnectionError, TimeoutError) as error:
                _log.warning("lease of node %s not renewed: %s", self._name, error)
                lease = None  # another may have written it: read it again
                failures += 1
                pause = REGISTER.delay(failures, self._rng)
            await self._clock.sleep(pause)

    async def _renew(self, lease: Lease | None, duration: int) -> Lease:
        now = MicroTime.from_unix(self._clock.now())
        if lease is None:
            try:
                lease = await self._client.get(Lease, self._name, LEASES)
            except errors.NotFound:
                return await self._client.create(self._new_lease(now, duration))
        spec = replace(
            lease.spec, holderIdentity=self._name, leaseDurationSeconds=duration, renewTime=now
        )
        owners = lease.metadata.ownerReferences or self._owners()
        metadata = replace(lease.metadata, ownerReferences=owners)
        return await self._client.update(replace(lease, metadata=metadata, spec=spec))

    def _new_lease(self, now: MicroTime, duration: int) -> Lease:
        return Lease(
            metadata=ObjectMeta(name=self._name, namespace=LEASES, ownerReferences=self._owners()),
            spec=LeaseSpec(holderIdentity=self._name, leaseDurationSeconds=duration, renewTime=now),
        )

    def _owners(self) -> tuple[OwnerReference, ...]:
        if self._node is None:
            return ()
        meta = self._node.metadata
        return (OwnerReference(apiVersion="v1", kind="Node", name=meta.name, uid=meta.uid),)


def _patch(old: NodeStatus, new: NodeStatus) -> dict[str, object]:
    """The strategic merge patch from one status to the other."""
    before, after = codec.to_builtins(old), codec.to_builtins(new)
    patch: dict[str, object] = {key: None for key in before if key not in after}
    for key, value in after.items():
        if before.get(key) == value:
            continue
        if key == "addresses" and before.get(key):
            patch[key] = [{"$patch": "replace"}, *value]
        else:
            patch[key] = value
    return patch
