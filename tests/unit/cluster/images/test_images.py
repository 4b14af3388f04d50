"""Archives that containerd takes, and a pause that pauses: by reading and running them."""

import io
import json
import platform
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

from kubepy.cluster.images import busybox, oci, pause
from kubepy.cluster.images.oci import Entry, Image


def unpack(blob):
    with tarfile.open(fileobj=io.BytesIO(blob)) as tar:
        return {m.name: (m, tar.extractfile(m).read() if m.isfile() else b"") for m in tar}


def image_of(blob):
    """The archive's name, config and layer, found the way a runtime finds them."""
    files = {name: content for name, (_, content) in unpack(blob).items()}

    def blob_of(descriptor):
        content = files["blobs/" + descriptor["digest"].replace(":", "/")]
        assert len(content) == descriptor["size"]
        return content

    named = json.loads(files["index.json"])["manifests"]
    manifest = json.loads(blob_of(named[0]))
    config = json.loads(blob_of(manifest["config"]))
    (layer,) = manifest["layers"]
    assert config["rootfs"]["diff_ids"] == [layer["digest"]]
    names = [each["annotations"]["io.containerd.image.name"] for each in named]
    return names, config, unpack(blob_of(layer))


def test_an_archive_holds_what_it_was_given():
    image = Image(
        ("example.com/a/b:v1",),
        (Entry("/etc/x", b"hello", mode=0o600), Entry("bin/sh", target="busybox"),
         Entry("tmp", mode=0o1777)),
        entrypoint=("/x",), command=("y",), user="7",
    )  # fmt: skip
    names, config, layer = image_of(oci.archive(image, "arm64"))
    assert names == ["example.com/a/b:v1"] and config["architecture"] == "arm64"
    assert config["config"]["Entrypoint"] == ["/x"] and config["config"]["User"] == "7"
    assert list(layer) == ["etc", "etc/x", "bin", "bin/sh", "tmp"]
    assert layer["etc/x"][1] == b"hello" and layer["etc/x"][0].mode == 0o600
    assert layer["bin/sh"][0].linkname == "busybox"
    assert layer["tmp"][0].mode == 0o1777 and layer["etc"][0].mode == 0o755


def test_the_same_content_has_the_same_bytes():
    image = Image(("a:1",), (Entry("x", b"y"),))
    assert oci.archive(image, "amd64") == oci.archive(image, "amd64")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="runs this machine's code only")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_pause_ends_well_when_told_to(tmp_path, number):
    program = tmp_path / "pause"
    program.write_bytes(pause.executable("amd64"))
    program.chmod(0o755)
    with subprocess.Popen([program]) as process:
        wait_until_asleep(process.pid)
        process.send_signal(signal.SIGCHLD)
        wait_until_asleep(process.pid)
        process.send_signal(number)
        assert process.wait(30) == 0


def wait_until_asleep(pid):
    deadline = time.monotonic() + 30
    while f"{pid} (pause) S" not in Path(f"/proc/{pid}/stat").read_text():
        assert time.monotonic() < deadline


def test_pause_exists_for_the_machines_of_this_world_only():
    assert pause.executable("arm64")[18:20] == (183).to_bytes(2, "little")
    with pytest.raises(pause.UnknownMachine, match="riscv64"):
        pause.executable("riscv64")


def test_busybox_has_a_name_for_every_applet():
    tool = busybox.Busybox(b"ELF", ("[", "busybox", "ls", "sh"), "1.35")
    names, config, layer = image_of(oci.archive(busybox.image(tool), "amd64"))
    assert names == ["docker.io/library/busybox:latest", "docker.io/library/busybox:1.35"]
    assert config["config"]["Cmd"] == ["sh"]
    assert layer["bin/busybox"][1] == b"ELF"
    assert {"bin/[", "bin/ls", "bin/sh", "tmp", "root", "etc/passwd"} <= set(layer)
    assert layer["bin/sh"][0].linkname == "busybox"


def test_a_program_that_is_no_busybox_is_refused(tmp_path):
    fake = tmp_path / "busybox"
    fake.write_text("#!/bin/sh\necho hello\n")
    fake.chmod(0o755)
    with pytest.raises(ValueError, match="is not a busybox that runs here"):
        busybox.find(fake)
