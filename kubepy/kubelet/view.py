"""The kubelet as its server sees it: what runs here, and the way to each container."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kubepy.api import codec
from kubepy.api.core.v1 import Container, Pod, PodSpec, PodStatus
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.kubelet.config import API_VERSION, KubeletConfiguration
from kubepy.kubelet.pod.containers import find
from kubepy.kubelet.pods import Pods
from kubepy.kubelet.runtime.cache import Cache
from kubepy.kubelet.runtime.cri import Runtime, RuntimeFault
from kubepy.kubelet.runtime.model import RuntimeContainer
from kubepy.kubelet.server.server import ContainerView, Unavailable
from kubepy.kubelet.server.streams import Wanted

_STREAMS = ("tty", "stdin", "stdout", "stderr")


class View:
    """What `kubelet.server` asks for."""

    def __init__(
        self,
        pods: Pods,
        cache: Cache,
        runtime: Runtime,
        config: KubeletConfiguration,
        addresses: tuple[str, ...],
    ) -> None:
        self.addresses = addresses
        self._pods = pods
        self._cache = cache
        self._runtime = runtime
        self._config = config

    def pods(self) -> Sequence[Pod]:
        return self._pods.all()

    def running_pods(self) -> Sequence[Pod]:
        found = []
        for uid, observed in self._cache.pods():
            sandbox = observed.sandbox()
            if sandbox is None or not observed.alive():
                continue
            containers = tuple(
                Container(name=c.name, image=c.image, resources=Container().resources)
                for c in observed.running()
            )
            metadata = ObjectMeta(name=sandbox.name, namespace=sandbox.namespace, uid=uid)
            spec = PodSpec(containers=containers)
            found.append(Pod(metadata=metadata, spec=spec, status=PodStatus()))
        return found

    def container(self, namespace: str, pod: str, name: str, previous: bool) -> ContainerView:
        found = self._find(namespace, pod)
        known = find(found, name)
        if known is None:
            raise Unavailable(f"container {name} not found in pod {pod}_{namespace}", 404)
        records = [
            c
            for c in self._cache.observed(found.metadata.uid).containers
            if c.name == name and c.state != "created"
        ]
        if previous:
            records = records[1:]
            if not records:
                raise Unavailable(
                    f'previous terminated container "{name}" in pod "{pod}" not found'
                )
        if not records:
            raise Unavailable(self._why_not(found, name))
        record = records[0]
        return ContainerView(record.id, Path(record.log_path), lambda: self._runs(record))

    async def exec_url(self, container: str, command: Sequence[str], wanted: Wanted) -> str:
        return await self._asked(self._runtime.exec_url(container, command, _streams(wanted)))

    async def attach_url(self, container: str, wanted: Wanted) -> str:
        return await self._asked(self._runtime.attach_url(container, _streams(wanted)))

    async def port_forward_url(self, namespace: str, pod: str, ports: Sequence[int]) -> str:
        found = self._find(namespace, pod)
        sandbox = self._cache.observed(found.metadata.uid).sandbox()
        if sandbox is None or not sandbox.ready:
            raise Unavailable(f'sandbox of pod "{pod}_{namespace}" is not running', 404)
        return await self._asked(self._runtime.port_forward_url(sandbox.id, ports))

    def metrics(self) -> bytes:
        """The few figures that are at hand without asking the runtime."""
        pods = self._pods.all()
        running = sum(len(o.running()) for _, o in self._cache.pods())
        sandboxes = sum(any(s.ready for s in o.sandboxes) for _, o in self._cache.pods())
        lines = [
            "# HELP kubelet_running_pods Number of pods that have a running pod sandbox",
            "# TYPE kubelet_running_pods gauge",
            f"kubelet_running_pods {sandboxes}",
            "# HELP kubelet_running_containers Number of containers currently running",
            "# TYPE kubelet_running_containers gauge",
            f'kubelet_running_containers{{container_state="running"}} {running}',
            "# HELP kubelet_desired_pods The number of pods the kubelet is being instructed to run",
            "# TYPE kubelet_desired_pods gauge",
            f'kubelet_desired_pods{{static=""}} {len(pods)}',
        ]
        return ("\n".join(lines) + "\n").encode()

    def healthy(self) -> bool:
        return True

    def config(self) -> bytes:
        body = codec.to_builtins(self._config)
        return codec.encode({"kubeletconfig": {"apiVersion": API_VERSION, **body}})

    def _find(self, namespace: str, name: str) -> Pod:
        pod = self._pods.find(namespace, name)
        if pod is None:
            raise Unavailable(f'pod "{name}_{namespace}" does not exist', 404)
        return pod

    def _runs(self, record: RuntimeContainer) -> bool:
        now = self._cache.container(record.id)
        return now is not None and now.state == "running"

    def _why_not(self, pod: Pod, name: str) -> str:
        status = pod.status
        reason = ""
        for entry in (
            *status.containerStatuses,
            *status.initContainerStatuses,
            *status.ephemeralContainerStatuses,
        ):
            if entry.name == name and entry.state.waiting is not None:
                reason = entry.state.waiting.reason
        what = {
            "ErrImagePull": "image can't be pulled",
            "ImagePullBackOff": "trying and failing to pull image",
        }.get(reason, reason or "ContainerCreating")
        return f'container "{name}" in pod "{pod.metadata.name}" is waiting to start: {what}'

    async def _asked(self, question) -> str:  # type: ignore[no-untyped-def]
        try:
            return str(await question)
        except RuntimeFault as error:
            raise Unavailable(str(error), 500) from error


def _streams(wanted: Wanted) -> dict[str, bool]:
    return {name: name in wanted for name in _STREAMS}
