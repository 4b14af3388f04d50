"""The parts of the build that pyproject.toml cannot say: compiled protos, and `cmd/` as a package.

A folder of `cmd/` is named as its binary is (`kube-proxy`), which no import statement can spell;
and `cmd` itself must never become a package: it would hide the standard library's. So each one
is installed as `kubepy_cmd.<name>`.
"""

import subprocess
import sys
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
BINARIES = sorted(path.parent.name for path in ROOT.glob("cmd/*/__main__.py"))


class BuildWithProtos(build_py):
    def run(self) -> None:
        subprocess.run([sys.executable, str(ROOT / "hack" / "build_protos.py")], check=True)
        super().run()


commands = {f"kubepy_cmd.{name.replace('-', '_')}": f"cmd/{name}" for name in BINARIES}
setup(
    packages=[*find_packages(include=["kubepy", "kubepy.*"]), *commands],
    package_dir={"": ".", **commands},
    package_data={"kubepy.pb": ["descriptors.binpb"], "kubepy.api": ["descriptions.json"]},
    cmdclass={"build_py": BuildWithProtos},
)
