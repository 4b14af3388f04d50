import pytest

from kubepy.api.core.v1 import (
    ConfigMap,
    ConfigMapProjection,
    ConfigMapVolumeSource,
    Container,
    DownwardAPIVolumeFile,
    DownwardAPIVolumeSource,
    KeyToPath,
    ObjectFieldSelector,
    Pod,
    PodSpec,
    ProjectedVolumeSource,
    ResourceFieldSelector,
    ResourceRequirements,
    SecretVolumeSource,
    ServiceAccountTokenProjection,
    Volume,
    VolumeProjection,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import Quantity
from kubepy.kubelet.volumes.payload import File, Sources, VolumeError, files, wanted

POD = Pod(
    metadata=ObjectMeta(name="web", namespace="shop", labels={"app": 'a "b"', "tier": "1"}),
    spec=PodSpec(
        containers=(
            Container(name="c", resources=ResourceRequirements(limits={"cpu": Quantity("1500m")})),
        )
    ),
)
CONFIG = ConfigMap(data={"a.conf": "one", "b.conf": "two"}, binaryData={"blob": b"\x00"})


def config_map(**fields: object) -> Volume:
    return Volume(name="v", configMap=ConfigMapVolumeSource(name="config", **fields))


def downward(**fields: object) -> Volume:
    item = DownwardAPIVolumeFile(path="x", **fields)
    return Volume(name="v", downwardAPI=DownwardAPIVolumeSource(items=(item,)))


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        pytest.param(
            config_map(defaultMode=0o600),
            {
                "a.conf": File(b"one", 0o600),
                "b.conf": File(b"two", 0o600),
                "blob": File(b"\x00", 0o600),
            },
            id="every key",
        ),
        pytest.param(
            config_map(items=(KeyToPath(key="a.conf", path="etc/a", mode=0o400),)),
            {"etc/a": File(b"one", 0o400)},
            id="a chosen key",
        ),
        pytest.param(
            config_map(items=(KeyToPath(key="gone", path="x"),), optional=True),
            {},
            id="an optional key that is missing",
        ),
        pytest.param(
            Volume(name="v", secret=SecretVolumeSource(secretName="gone", optional=True)),
            {},
            id="an optional secret that is missing",
        ),
        pytest.param(
            downward(fieldRef=ObjectFieldSelector(fieldPath="metadata.labels")),
            {"x": File(b'app="a \\"b\\""\ntier="1"', 0o644)},
            id="labels",
        ),
        pytest.param(
            downward(fieldRef=ObjectFieldSelector(fieldPath="metadata.labels['tier']")),
            {"x": File(b"1", 0o644)},
            id="one label",
        ),
        pytest.param(
            downward(
                resourceFieldRef=ResourceFieldSelector(containerName="c", resource="limits.cpu")
            ),
            {"x": File(b"2", 0o644)},
            id="a limit rounds up",
        ),
        pytest.param(
            downward(
                resourceFieldRef=ResourceFieldSelector(
                    containerName="c", resource="limits.memory", divisor=Quantity("1Mi")
                )
            ),
            {"x": File(b"64", 0o644)},
            id="no limit is what the node can give",
        ),
    ],
)
def test_files(volume: Volume, expected: dict[str, File]) -> None:
    sources = Sources(config_maps={"config": CONFIG}, allocatable={"memory": Quantity("64Mi")})

    assert files(POD, volume, sources) == expected


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        (config_map(items=(KeyToPath(key="gone", path="x"),)),
         "configmap references non-existent config key: gone"),
        (Volume(name="v", secret=SecretVolumeSource(secretName="gone")), 'secret "gone" not found'),
        (downward(fieldRef=ObjectFieldSelector(fieldPath="spec.x")),
         "unsupported fieldPath: spec.x"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(volume: Volume, message: str) -> None:
    with pytest.raises(VolumeError) as caught:
        files(POD, volume, Sources(config_maps={"config": CONFIG}))

    assert str(caught.value) == message


def test_a_projected_volume_joins_its_sources() -> None:
    token = ServiceAccountTokenProjection(path="token", audience="api", expirationSeconds=600)
    volume = Volume(
        name="v",
        projected=ProjectedVolumeSource(
            sources=(
                VolumeProjection(serviceAccountToken=token),
                VolumeProjection(configMap=ConfigMapProjection(name="config")),
            )
        ),
    )
    sources = Sources(config_maps={"config": CONFIG}, tokens={("api", 600): "jwt"})

    assert wanted([volume]).tokens == {("api", 600)}
    found = files(POD, volume, sources)
    assert found["token"] == File(b"jwt", 0o600)
    assert set(found) == {"token", "a.conf", "b.conf", "blob"}
