"""Which Kubernetes this speaks like, and which kubepy it is."""

import platform

KUBEPY = "0.1.0"
KUBERNETES = "v1.36.2"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}  # Go's names


def info() -> dict[str, str]:
    """Which Kubernetes this speaks like, and what it is built of."""
    major, minor, _ = KUBERNETES.removeprefix("v").split(".")
    machine = platform.machine()
    return {
        "major": major,
        "minor": minor,
        "emulationMajor": major,
        "emulationMinor": minor,
        "minCompatibilityMajor": major,
        "minCompatibilityMinor": str(int(minor) - 1),
        "gitVersion": KUBERNETES,
        "gitCommit": f"kubepy-{KUBEPY}",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": f"python{platform.python_version()}",
        "compiler": platform.python_implementation().lower(),
        "platform": f"{platform.system().lower()}/{MACHINES.get(machine, machine)}",
    }
