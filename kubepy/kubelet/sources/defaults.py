"""What the apiserver would have filled into a pod; a static pod never passes it."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from kubepy.api.core.v1 import Container, Pod, Probe, ResourceRequirements
from kubepy.kubelet.images.names import with_tag

P = TypeVar("P", Probe, None)


def with_defaults(pod: Pod) -> Pod:
    """The pod with Kubernetes' defaults where the manifest says nothing."""
    spec = pod.spec
    grace = spec.terminationGracePeriodSeconds
    return replace(
        pod,
        spec=replace(
            spec,
            restartPolicy=spec.restartPolicy or "Always",
            dnsPolicy=spec.dnsPolicy or "ClusterFirst",
            schedulerName=spec.schedulerName or "default-scheduler",
            terminationGracePeriodSeconds=30 if grace is None else grace,
            enableServiceLinks=spec.enableServiceLinks is not False,
            containers=tuple(_container(c, pod) for c in spec.containers),
            initContainers=tuple(_container(c, pod) for c in spec.initContainers),
        ),
    )


def _container(container: Container, pod: Pod) -> Container:
    name = with_tag(container.image)
    policy = "Always" if name.endswith(":latest") and "@" not in name else "IfNotPresent"
    resources = container.resources
    ports = tuple(
        replace(
            port,
            protocol=port.protocol or "TCP",
            hostPort=port.hostPort or (port.containerPort if pod.spec.hostNetwork else 0),
        )
        for port in container.ports
    )
    return replace(
        container,
        imagePullPolicy=container.imagePullPolicy or policy,
        terminationMessagePath=container.terminationMessagePath or "/dev/termination-log",
        terminationMessagePolicy=container.terminationMessagePolicy or "File",
        resources=ResourceRequirements(
            limits=resources.limits,
            requests=resources.limits | resources.requests,
            claims=resources.claims,
        ),
        ports=ports,
        startupProbe=_probe(container.startupProbe),
        livenessProbe=_probe(container.livenessProbe),
        readinessProbe=_probe(container.readinessProbe),
    )


def _probe(probe: Probe | None) -> Probe | None:
    if probe is None:
        return None
    action = probe.httpGet
    if action is not None:
        action = replace(action, path=action.path or "/", scheme=action.scheme or "HTTP")
    return replace(
        probe,
        httpGet=action,
        timeoutSeconds=probe.timeoutSeconds or 1,
        periodSeconds=probe.periodSeconds or 10,
        successThreshold=probe.successThreshold or 1,
        failureThreshold=probe.failureThreshold or 3,
    )
