"""ServiceAccount: every pod runs as an account of its namespace, with a token unless it declines.

The token comes in a projected volume, mounted into every container that has nothing of its own at
that place.
"""

from __future__ import annotations

from random import Random
from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import (
    ConfigMapProjection,
    Container,
    DownwardAPIProjection,
    DownwardAPIVolumeFile,
    KeyToPath,
    ObjectFieldSelector,
    Pod,
    ProjectedVolumeSource,
    ServiceAccount,
    ServiceAccountTokenProjection,
    Volume,
    VolumeMount,
    VolumeProjection,
)
from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, Review, Stores
from kubepy.apiserver.registry.objectmeta import suffix

DEFAULT = "default"
MIRROR = "kubernetes.io/config.mirror"
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
VOLUME_PREFIX = "kube-api-access-"
TOKEN_SECONDS = 3607  # an hour, and recognisable as asked for by this plugin
FILE_MODE = 0o644
ENFORCE_MOUNTABLE = "kubernetes.io/enforce-mountable-secrets"


class ServiceAccounts:
    NAME = "ServiceAccount"

    def __init__(self, stores: Stores, random: Random) -> None:
        self._stores = stores
        # one for all pods of this server: it has to be unique within a pod only, and replicas that
        # are alike to the byte are checked once (registry/remembered)
        self._volume = VOLUME_PREFIX + suffix(random.choice)

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return operation == CREATE and resource.group_resource == "pods" and not subresource

    async def admit(self, review: Review) -> Any:
        pod: Pod = review.object
        if MIRROR in pod.metadata.annotations:
            return self._mirror(review)
        if not pod.spec.serviceAccountName:
            pod = replace(pod, spec=replace(pod.spec, serviceAccountName=DEFAULT))
        account = await self._account(review, pod.spec.serviceAccountName)
        pod = replace(pod, spec=replace(pod.spec, serviceAccount=pod.spec.serviceAccountName))
        if wants_token(pod, account):
            pod = with_token(pod, self._volume)
        if not pod.spec.imagePullSecrets and account.imagePullSecrets:
            pod = replace(pod, spec=replace(pod.spec, imagePullSecrets=account.imagePullSecrets))
        return pod

    async def validate(self, review: Review) -> None:
        """What may be mounted is checked only for accounts that ask for it, which is deprecated."""

    def _mirror(self, review: Review) -> Pod:
        """A mirror pod's kubelet runs it in any case; it gets nothing from the cluster."""
        pod: Pod = review.object
        if pod.spec.serviceAccountName:
            raise review.forbid("a mirror pod may not reference service accounts")
        for volume in pod.spec.volumes:
            if volume.secret is not None:
                raise review.forbid("a mirror pod may not reference secrets")
            if volume.projected is not None and any(
                source.serviceAccountToken is not None for source in volume.projected.sources
            ):
                raise review.forbid(
                    "a mirror pod may not use ServiceAccountToken volume projections"
                )
        return pod

    async def _account(self, review: Review, name: str) -> ServiceAccount:
        accounts = self._stores.store("serviceaccounts")
        record = await accounts.recent(review.namespace, name)
        if record is None:
            record = await accounts.current(review.namespace, name)
        if record is None:
            raise review.forbid(
                f"error looking up service account {review.namespace}/{name}: "
                f'serviceaccount "{name}" not found'
            )
        account: ServiceAccount = record.object
        return account


def wants_token(pod: Pod, account: ServiceAccount) -> bool:
    for choice in (pod.spec.automountServiceAccountToken, account.automountServiceAccountToken):
        if choice is not None:
            return choice
    return True


def with_token(pod: Pod, volume_name: str) -> Pod:
    """The pod with the token's volume, mounted wherever nothing else is."""
    spec = pod.spec
    has_volume = next(
        (v.name for v in spec.volumes if v.name.startswith(VOLUME_PREFIX) and v.projected), ""
    )
    name = has_volume or volume_name
    mount = VolumeMount(name=name, readOnly=True, mountPath=MOUNT_PATH)
    init = tuple(_mounted(c, mount) for c in spec.initContainers)
    containers = tuple(_mounted(c, mount) for c in spec.containers)
    if init == spec.initContainers and containers == spec.containers:
        return pod
    volumes = spec.volumes if has_volume else (*spec.volumes, token_volume(name))
    spec = replace(spec, initContainers=init, containers=containers, volumes=volumes)
    return replace(pod, spec=spec)


def _mounted(container: Container, mount: VolumeMount) -> Container:
    if any(existing.mountPath == mount.mountPath for existing in container.volumeMounts):
        return container
    return replace(container, volumeMounts=(*container.volumeMounts, mount))


_TOKEN = ProjectedVolumeSource(
    defaultMode=FILE_MODE,
    sources=(
        VolumeProjection(
            serviceAccountToken=ServiceAccountTokenProjection(
                path="token", expirationSeconds=TOKEN_SECONDS
            )
        ),
        VolumeProjection(
            configMap=ConfigMapProjection(
                name="kube-root-ca.crt", items=(KeyToPath(key="ca.crt", path="ca.crt"),)
            )
        ),
        VolumeProjection(
            downwardAPI=DownwardAPIProjection(
                items=(
                    DownwardAPIVolumeFile(
                        path="namespace",
                        fieldRef=ObjectFieldSelector(
                            apiVersion="v1", fieldPath="metadata.namespace"
                        ),
                    ),
                )
            )
        ),
    ),
)


def token_volume(name: str) -> Volume:
    """Token, the cluster's CA and the namespace, as clients in a pod look for them."""
    return Volume(name=name, projected=_TOKEN)
