"""What a pod's spec says where the client said nothing; the same in a Pod and in a template."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from kubepy.api.core.v1 import (
    Container,
    ContainerPort,
    EnvVar,
    EphemeralContainer,
    HTTPGetAction,
    Lifecycle,
    LifecycleHandler,
    PodSecurityContext,
    PodSpec,
    PodTemplateSpec,
    Probe,
    ResourceRequirements,
)
from kubepy.api.types import Quantity
from kubepy.apiserver.registry.core.podspec.images import pull_policy
from kubepy.apiserver.registry.core.podspec.volume_defaults import default_volume

T = TypeVar("T")
C = TypeVar("C", Container, EphemeralContainer)

GRACE_SECONDS = 30
LOG_PATH = "/dev/termination-log"


def default_spec(spec: PodSpec) -> PodSpec:
    account = spec.serviceAccountName or spec.serviceAccount
    return replace(
        spec,
        volumes=tuple(map(default_volume, spec.volumes)),
        initContainers=tuple(map(default_container, spec.initContainers)),
        containers=tuple(map(default_container, spec.containers)),
        ephemeralContainers=tuple(map(default_container, spec.ephemeralContainers)),
        restartPolicy=spec.restartPolicy or "Always",
        terminationGracePeriodSeconds=(
            GRACE_SECONDS
            if spec.terminationGracePeriodSeconds is None
            else spec.terminationGracePeriodSeconds
        ),
        dnsPolicy=spec.dnsPolicy or "ClusterFirst",
        serviceAccountName=account,
        serviceAccount=account,
        securityContext=spec.securityContext or PodSecurityContext(),
        schedulerName=spec.schedulerName or "default-scheduler",
        overhead=whole_milli(spec.overhead),
        resources=None if spec.resources is None else _amounts(spec.resources),
    )


def default_template(template: PodTemplateSpec) -> PodTemplateSpec:
    return replace(template, spec=default_spec(template.spec))


def default_container(container: C) -> C:
    return replace(
        container,
        ports=tuple(map(_port, container.ports)),
        env=tuple(map(_env, container.env)),
        resources=_amounts(container.resources),
        livenessProbe=_given(container.livenessProbe, _probe),
        readinessProbe=_given(container.readinessProbe, _probe),
        startupProbe=_given(container.startupProbe, _probe),
        lifecycle=_given(container.lifecycle, _lifecycle),
        terminationMessagePath=container.terminationMessagePath or LOG_PATH,
        terminationMessagePolicy=container.terminationMessagePolicy or "File",
        imagePullPolicy=container.imagePullPolicy or pull_policy(container.image),
    )


def _given(value: T | None, default: Callable[[T], T]) -> T | None:
    return None if value is None else default(value)


def _port(port: ContainerPort) -> ContainerPort:
    return port if port.protocol else replace(port, protocol="TCP")


def _env(env: EnvVar) -> EnvVar:
    source = env.valueFrom
    if source is None:
        return env
    if source.fieldRef is not None and not source.fieldRef.apiVersion:
        source = replace(source, fieldRef=replace(source.fieldRef, apiVersion="v1"))
    if source.fileKeyRef is not None and source.fileKeyRef.optional is None:
        source = replace(source, fileKeyRef=replace(source.fileKeyRef, optional=False))
    return replace(env, valueFrom=source)


def _probe(probe: Probe) -> Probe:
    grpc = probe.grpc
    if grpc is not None and grpc.service is None:
        grpc = replace(grpc, service="")
    return replace(
        probe,
        httpGet=_given(probe.httpGet, _http_get),
        grpc=grpc,
        timeoutSeconds=probe.timeoutSeconds or 1,
        periodSeconds=probe.periodSeconds or 10,
        successThreshold=probe.successThreshold or 1,
        failureThreshold=probe.failureThreshold or 3,
    )


def _http_get(action: HTTPGetAction) -> HTTPGetAction:
    return replace(action, path=action.path or "/", scheme=action.scheme or "HTTP")


def _handler(handler: LifecycleHandler) -> LifecycleHandler:
    return replace(handler, httpGet=_given(handler.httpGet, _http_get))


def _lifecycle(lifecycle: Lifecycle) -> Lifecycle:
    return replace(
        lifecycle,
        postStart=_given(lifecycle.postStart, _handler),
        preStop=_given(lifecycle.preStop, _handler),
    )


def _amounts(resources: ResourceRequirements) -> ResourceRequirements:
    limits, requests = whole_milli(resources.limits), whole_milli(resources.requests)
    if limits is resources.limits and requests is resources.requests:
        return resources
    return replace(resources, limits=limits, requests=requests)


def whole_milli(amounts: dict[str, Quantity]) -> dict[str, Quantity]:
    """Amounts rounded up to thousandths, the finest that resources are counted in."""
    if all(map(_is_whole_milli, amounts.values())):
        return amounts
    return {name: _rounded(amount) for name, amount in amounts.items()}


def _is_whole_milli(amount: Quantity) -> bool:
    return 1000 % amount.exact().denominator == 0


def _rounded(amount: Quantity) -> Quantity:
    return amount if _is_whole_milli(amount) else Quantity.from_milli(amount.milli())


def default_requests(resources: ResourceRequirements) -> ResourceRequirements:
    """In a Pod (not in a template) a limit without a request is the request too."""
    missing = {
        name: amount for name, amount in resources.limits.items() if name not in resources.requests
    }
    if not missing:
        return resources
    return replace(resources, requests={**resources.requests, **missing})


def host_ports(container: Container) -> Container:
    """On the host's network (again not in a template) a port of the container is the host's."""
    if all(port.hostPort for port in container.ports):
        return container
    ports = tuple(
        port if port.hostPort else replace(port, hostPort=port.containerPort)
        for port in container.ports
    )
    return replace(container, ports=ports)
