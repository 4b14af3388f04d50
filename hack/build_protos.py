"""Compile `protos/` into the descriptor set that `kubepy.pb` loads.

Built, never committed: `make update`, an installation with pip, and the test run all call this.

    python hack/build_protos.py
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
TARGET = ROOT / "kubepy" / "pb" / "descriptors.binpb"


def compile_protos(target: Path, sources: list[Path], *, comments: bool = False) -> None:
    """Write the FileDescriptorSet of `sources` and all they import to `target`."""
    well_known = str(files("grpc_tools").joinpath("_proto"))
    command = ["protoc", f"-I{PROTOS}", f"-I{well_known}", "--include_imports"]
    if comments:
        command.append("--include_source_info")
    command.append(f"--descriptor_set_out={target}")
    if protoc.main(command + [str(path) for path in sources]) != 0:
        raise SystemExit("protoc failed: the messages above name the file and line")


def main() -> int:
    compile_protos(TARGET, sorted(PROTOS.rglob("*.proto")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
