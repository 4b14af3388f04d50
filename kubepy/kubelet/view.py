"""The kubelet as its server sees it: what runs here, and the way to each container."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kubepy.api import codec
from kubepy.api.core.v1 import Container, Pod, PodSpec, PodStatus
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.kubelet.config import API_VERSION, KubeletConfiguration
from kubepy.kubelet.figures import Figures
from kubepy.kubelet.pod.containers import find
from kubepy.kubelet.pods import Pods
from kubepy.kubelet.runtime.cache import Cache
from kubepy.kubelet.runtime.cri import Runtime, RuntimeFault
from kubepy.kubelet.runtime.model import RuntimeContainer
from kubepy.kubelet.server.server import ContainerView, Unavailable
from kubepy.kubelet.server.streams import Wanted

STALE = 180.0  # seconds without a word of the runtime until the kubelet is not healthy

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
        name: str,
        figures: Figures,
    ) -> None:
        self.addresses = addresses
        self._name = name
        self._figures = figures
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
        """What is at hand without asking the runtime."""
        from kubepy.kubelet import metrics  # late: until somebody asks, nothing needs its library

        seen = [observed for _, observed in self._cache.pods()]
        return metrics.text(metrics.Running(self._name, self._pods.all(), seen), self._figures)

    def ailment(self) -> str:
        age = self._cache.age()
        return f"the runtime was last seen {age:.0f} s ago" if age > STALE else ""

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
