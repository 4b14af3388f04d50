"""A containerd of the node's own: its configuration, by version and by what the machine allows.

containerd 1.x reads version 2 of its configuration, containerd 2.x version 3. Both texts say the
same: everything below one folder, the runtime and its shim by absolute path (PATH may hold those
of another release), no cgroup driver but cgroupfs, no streaming outside the node.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from kubepy.base.files import write_file
from kubepy.cluster.images import pause
from kubepy.cluster.layout import Layout
from kubepy.cluster.machine import Machine

EVERY_REGISTRY = "_default"
HOST_ALIAS = "host.kubepy.internal"  # what a node calls the machine that it runs on

_NOISE_1 = (
    "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
    "io.containerd.snapshotter.v1.blockfile", "io.containerd.nri.v1.nri",
    "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
)  # fmt: skip
_NOISE_2 = (
    "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.blockfile",
    "io.containerd.snapshotter.v1.erofs", "io.containerd.nri.v1.nri",
)  # fmt: skip


class ContainerdError(Exception):
    """containerd cannot be used; the message says why."""


class Settings(Struct, frozen=True):
    """What the configuration depends on."""

    version: tuple[int, int, int]
    data: Path
    run: Path
    socket: Path
    cni_plugins: str
    cni_config: Path
    registries: Path
    shim: str
    runtime: str
    snapshotter: str
    apparmor: bool
    full_capabilities: bool


def settings(layout: Layout, machine: Machine) -> Settings:
    return Settings(
        version=machine.containerd_version,
        data=layout.containerd,
        run=layout.run,
        socket=layout.containerd_socket,
        cni_plugins=machine.cni,
        cni_config=layout.cni,
        registries=layout.containerd / "certs.d",
        shim=machine.shim,
        runtime=machine.runtime,
        snapshotter="overlayfs" if machine.overlayfs else "native",
        apparmor=machine.apparmor,
        full_capabilities=machine.full_capabilities,
    )


def config(wanted: Settings) -> str:
    """The configuration file."""
    tables = _version_3(wanted) if wanted.version >= (2, 0, 0) else _version_2(wanted)
    return "".join(_table(name, values) for name, values in tables.items())


def _common(wanted: Settings, version: int, noise: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {
        "": {
            "version": version,
            "root": wanted.data / "root",
            "state": wanted.run / "containerd",
            "disabled_plugins": list(noise),
        },
        "grpc": {"address": wanted.socket},
        "ttrpc": {"address": f"{wanted.socket}.ttrpc"},
        'plugins."io.containerd.internal.v1.opt"': {"path": wanted.data / "opt"},
    }


def _runtime(wanted: Settings) -> dict[str, Any]:
    return {
        # without CAP_SYS_RESOURCE runc cannot lower oom_score_adj, and no sandbox would start
        "restrict_oom_score_adj": not wanted.full_capabilities,
        "disable_apparmor": not wanted.apparmor,
        "disable_hugetlb_controller": True,
        "tolerate_missing_hugetlb_controller": True,
        "netns_mounts_under_state_dir": True,  # else all containerds share /run/netns
        "enable_unprivileged_ports": True,
        "enable_unprivileged_icmp": True,
    }


_STREAMING = {"stream_server_address": "127.0.0.1", "stream_server_port": "0"}


def _runc(wanted: Settings, prefix: str) -> dict[str, dict[str, Any]]:
    return {
        f"{prefix}.containerd.runtimes.runc": {
            "runtime_type": "io.containerd.runc.v2",
            "runtime_path": wanted.shim,
        },
        f"{prefix}.containerd.runtimes.runc.options": {
            "BinaryName": wanted.runtime,
            "Root": wanted.run / "runc",
            "SystemdCgroup": False,
        },
    }


def _version_2(wanted: Settings) -> dict[str, dict[str, Any]]:
    cri = 'plugins."io.containerd.grpc.v1.cri"'
    return {
        **_common(wanted, 2, _NOISE_1),
        cri: {"sandbox_image": pause.NAME, **_STREAMING, **_runtime(wanted)},
        f"{cri}.cni": {"bin_dir": wanted.cni_plugins, "conf_dir": wanted.cni_config},
        f"{cri}.containerd": {"snapshotter": wanted.snapshotter, "default_runtime_name": "runc"},
        **_runc(wanted, cri),
        f"{cri}.registry": {"config_path": wanted.registries},
    }


def _version_3(wanted: Settings) -> dict[str, dict[str, Any]]:
    images = 'plugins."io.containerd.cri.v1.images"'
    runtime = 'plugins."io.containerd.cri.v1.runtime"'
    return {
        **_common(wanted, 3, _NOISE_2),
        images: {"snapshotter": wanted.snapshotter},
        f"{images}.pinned_images": {"sandbox": pause.NAME},
        f"{images}.registry": {"config_path": wanted.registries},
        runtime: _runtime(wanted),
        f"{runtime}.cni": {
            "bin_dirs": [wanted.cni_plugins],
            "conf_dir": wanted.cni_config,
            "use_internal_loopback": True,
        },
        f"{runtime}.containerd": {"default_runtime_name": "runc"},
        **_runc(wanted, runtime),
        'plugins."io.containerd.grpc.v1.cri"': _STREAMING,
    }


def _table(name: str, values: Mapping[str, Any]) -> str:
    head = f"\n[{name}]\n" if name else ""
    return head + "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())


def _toml(value: Any) -> str:
    """JSON's strings, booleans, numbers and lists are TOML's."""
    return json.dumps(value, default=str)


class Mirror(Struct, frozen=True):
    """Where to look for a registry's images first; `registry` may be EVERY_REGISTRY."""

    registry: str
    url: str


def mirror(text: str) -> Mirror:
    """`http://127.0.0.1:5000` or `docker.io=http://127.0.0.1:5000`. Raises ContainerdError."""
    registry, equals, url = text.partition("=")
    if not equals:
        registry, url = EVERY_REGISTRY, text
    try:
        usable = urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
        usable = usable and urlsplit(url).port != 0
    except ValueError:
        usable = False
    if not usable or not registry:
        raise ContainerdError(f"{text!r} is no registry mirror: [REGISTRY=]http://host:port is one")
    return Mirror(registry, url.rstrip("/"))


LOOPBACKS = ("127.0.0.1", "localhost", "::1")


def loopback_ports(mirrors: Iterable[Mirror]) -> tuple[int, ...]:
    """The ports of the mirrors that only this machine itself can reach."""
    urls = [urlsplit(one.url) for one in mirrors]
    ports = {"http": 80, "https": 443}
    return tuple(url.port or ports[url.scheme] for url in urls if url.hostname in LOOPBACKS)


def hosts(one: Mirror, *, inside: bool) -> str:
    """The hosts.toml of a mirror. From inside a node, the machine's loopback has another name."""
    url = one.url
    if inside:
        for loopback in ("//127.0.0.1", "//localhost", "//[::1]"):
            url = url.replace(loopback, f"//{HOST_ALIAS}", 1)
    # containerd 1.6 takes a lone `server` for https: the table says it to all versions
    return f'[host."{url}"]\n  capabilities = ["pull", "resolve"]\n'


def bridge_conflist(bridge: str, data: Path, subnet: str) -> bytes:
    """The pod network of one node: a bridge, addresses of `subnet`, host ports."""
    conflist = {
        "cniVersion": "0.4.0",
        "name": "kubepy",
        "plugins": [
            {
                "type": "bridge",
                "bridge": bridge,
                "isGateway": True,
                "ipMasq": False,
                "hairpinMode": True,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": subnet}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    "dataDir": str(data),
                },
            },
            {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True},
        ],
    }
    return json.dumps(conflist, indent=2).encode() + b"\n"


def write_config(
    layout: Layout, machine: Machine, mirrors: Sequence[Mirror], *, inside: bool
) -> None:
    """Everything containerd reads."""
    wanted = settings(layout, machine)
    for one in mirrors:
        write_file(
            wanted.registries / one.registry / "hosts.toml", hosts(one, inside=inside).encode()
        )
    wanted.registries.mkdir(parents=True, exist_ok=True)
    layout.cni.mkdir(parents=True, exist_ok=True)
    write_file(_config_file(layout), config(wanted).encode())


def command(layout: Layout, program: str) -> list[str]:
    return [program, "--config", str(_config_file(layout))]


def _config_file(layout: Layout) -> Path:
    return layout.containerd / "config.toml"


class Client(Struct, frozen=True):
    """`ctr` on a containerd's socket, in Kubernetes' namespace."""

    ctr: str
    socket: Path

    def ready(self) -> bool:
        return self._call("version").returncode == 0

    def images(self) -> set[str]:
        return set(self._run("--namespace", "k8s.io", "images", "list", "--quiet").split())

    def load(self, archive: Path) -> None:
        self._run("--namespace", "k8s.io", "images", "import", str(archive))

    def _call(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [self.ctr, "--address", str(self.socket), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def _run(self, *words: str) -> str:
        done = self._call(*words)
        if done.returncode != 0:
            raise ContainerdError(f"ctr {' '.join(words)}: {' '.join(done.stderr.split())}")
        return done.stdout
