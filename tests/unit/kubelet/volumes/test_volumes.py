"""Volumes on a real disk."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kubepy.api.core.v1 import (
    ConfigMap,
    ConfigMapVolumeSource,
    EmptyDirVolumeSource,
    HostPathVolumeSource,
    Pod,
    PodSpec,
    ProjectedVolumeSource,
    Secret,
    ServiceAccountTokenProjection,
    Volume,
    VolumeProjection,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.kubelet.volumes import atomic
from kubepy.kubelet.volumes.mounts import SubPath
from kubepy.kubelet.volumes.payload import File, VolumeError
from kubepy.kubelet.volumes.volumes import Volumes, make_sub_path


class Given:
    """Objects as a cluster would have them, changed by the test as it goes."""

    def __init__(self) -> None:
        self.config_maps: dict[str, ConfigMap] = {}
        self.tokens = 0

    async def config_map(self, namespace: str, name: str) -> ConfigMap | None:
        return self.config_maps.get(name)

    async def secret(self, namespace: str, name: str) -> Secret | None:
        return None

    async def token(self, pod: Pod, audience: str, seconds: int) -> tuple[str, float]:
        self.tokens += 1
        return f"token-{self.tokens}", 1_000_000.0 + self.tokens * seconds


class Time:
    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def pod(*volumes: Volume) -> Pod:
    return Pod(
        metadata=ObjectMeta(name="p", namespace="d", uid="u1"), spec=PodSpec(volumes=volumes)
    )


CONFIG = Volume(name="c", configMap=ConfigMapVolumeSource(name="config"))


async def test_a_changed_config_map_is_switched_at_once(tmp_path: Path) -> None:
    objects = Given()
    volumes = Volumes(tmp_path, objects, Time())
    objects.config_maps["config"] = ConfigMap(data={"a": "1", "b": "1"})
    before = (await volumes.prepare(pod(CONFIG)))["c"]
    directory = Path(before.path)
    held = directory.joinpath("a").resolve()

    objects.config_maps["config"] = ConfigMap(data={"a": "2"})
    await volumes.prepare(pod(CONFIG))

    assert directory == tmp_path / "pods/u1/volumes/kubernetes.io~configmap/c"
    assert before.read_only
    assert (directory / "a").read_text() == "2"
    assert sorted(p.name for p in directory.iterdir() if not p.name.startswith("..")) == ["a"]
    assert not held.exists()


async def test_unchanged_files_are_left_alone(tmp_path: Path) -> None:
    files = {"a": File(b"1", 0o644), "d/b": File(b"2", 0o600)}

    assert atomic.write(tmp_path, files, stamp="one")
    assert not atomic.write(tmp_path, files, stamp="two")
    assert (tmp_path / "d" / "b").read_bytes() == b"2"
    assert (tmp_path / "..data").readlink() == Path("..one")


async def test_a_token_is_renewed_when_most_of_its_life_is_over(tmp_path: Path) -> None:
    token = ServiceAccountTokenProjection(path="token", expirationSeconds=1000)
    volume = Volume(
        name="t",
        projected=ProjectedVolumeSource(sources=(VolumeProjection(serviceAccountToken=token),)),
    )
    objects, time = Given(), Time()
    volumes = Volumes(tmp_path, objects, time)

    async def read(after: float) -> str:
        time.seconds += after
        located = (await volumes.prepare(pod(volume)))["t"]
        return Path(located.path, "token").read_text()

    assert [await read(0), await read(700), await read(200)] == ["token-1", "token-1", "token-2"]


async def test_an_empty_dir_keeps_what_is_in_it_until_torn_down(tmp_path: Path) -> None:
    volumes = Volumes(tmp_path, Given(), Time())
    owner = pod(Volume(name="e", emptyDir=EmptyDirVolumeSource()))
    directory = Path((await volumes.prepare(owner))["e"].path)
    directory.joinpath("file").write_text("mine")
    await volumes.prepare(owner)

    assert directory.joinpath("file").read_text() == "mine"
    assert directory.stat().st_mode & 0o7777 == 0o777
    assert volumes.left_over(set()) == ["u1"]
    await volumes.teardown("u1")
    assert volumes.left_over(set()) == []


@pytest.mark.parametrize(
    ("kind", "make", "error"),
    [
        pytest.param("DirectoryOrCreate", None, None, id="made when missing"),
        pytest.param("FileOrCreate", None, None, id="file made when missing"),
        pytest.param("Directory", None, "is not a directory", id="must exist"),
        pytest.param("File", Path.mkdir, "is not a file", id="of the wrong kind"),
    ],
)
async def test_host_path_types(
    tmp_path: Path, kind: str, make: Callable[[Path], None] | None, error: str | None
) -> None:
    path = tmp_path / "host"
    if make:
        make(path)
    volume = Volume(name="h", hostPath=HostPathVolumeSource(path=str(path), type=kind))
    volumes = Volumes(tmp_path / "root", Given(), Time())

    if error is None:
        assert (await volumes.prepare(pod(volume)))["h"].path == str(path)
        assert path.exists()
    else:
        with pytest.raises(VolumeError, match=error):
            await volumes.prepare(pod(volume))


def test_a_sub_path_is_made_but_never_through_a_link(tmp_path: Path) -> None:
    volume, outside = tmp_path / "volume", tmp_path / "outside"
    volume.mkdir()
    outside.mkdir()
    os.symlink(outside, volume / "link")

    make_sub_path(SubPath(str(volume), "a/b"))
    assert (volume / "a" / "b").is_dir()
    for path in ("link/c", "../outside/c", "/etc"):
        with pytest.raises(VolumeError):
            make_sub_path(SubPath(str(volume), path))
    assert list(outside.iterdir()) == []
