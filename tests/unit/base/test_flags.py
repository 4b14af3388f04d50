"""Command lines and config files: what they mean, and what is said about wrong ones."""

from typing import Annotated, Literal

import pytest
from msgspec import Meta, Struct

from kubepy.base.durations import Seconds
from kubepy.base.flags import Answer, Flag, Group, Port, Program, UsageError


class Lease(Struct, frozen=True, forbid_unknown_fields=True):
    leaderElect: bool = True
    duration: Seconds = Seconds(15)


class LoggingSection(Struct, frozen=True, forbid_unknown_fields=True):
    verbosity: int = 0
    format: str = ""


class Wire(Struct, frozen=True, forbid_unknown_fields=True):
    lease: Lease = Lease()
    workers: Annotated[int, Meta(ge=1)] = 5
    logging: LoggingSection = LoggingSection()


class Config(Struct, frozen=True):
    secure_port: Port = 6443
    bind_address: str = "0.0.0.0"
    mode: Literal["AlwaysAllow", "Node"] = "Node"
    names: tuple[str, ...] = ("*",)
    labels: dict[str, str] = {}
    gates: dict[str, bool] = {}
    limit: int | None = None
    verbose: bool = False
    wire: Wire = Wire()


PROGRAM = Program(
    name="kube-thing",
    summary="Does things.",
    config=Config,
    kind=("things.config.k8s.io/v1", "ThingConfiguration"),
    file_field="wire",
    groups=(
        Group(
            "Serving",
            (
                Flag("secure-port", "The port to serve on."),
                Flag("bind-address", "Where to listen."),
                Flag("mode", "How to decide."),
                Flag("verbose", "More."),
            ),
        ),
        Group(
            "Other",
            (
                Flag("controllers", "Which ones.", "names"),
                Flag("labels", "Labels."),
                Flag("feature-gates", "Gates.", "gates"),
                Flag("limit", "How many."),
                Flag("leader-elect", "Elect.", "wire.lease.leaderElect"),
                Flag("lease-duration", "How long.", "wire.lease.duration"),
                Flag("size", "In hex.", "limit", read=lambda text: int(text, 16)),
            ),
        ),
    ),
    unsupported="audit-log-path enable-things? old-port",
    instead=(("old-port", "--secure-port counts"),),
    unsupported_fields="profiling lease.resourceName",
    version="Kubernetes v1",
    check=lambda config: ["secure-port may not be 13"] if config.secure_port == 13 else [],
)


@pytest.mark.parametrize(
    ("arguments", "path", "value"),
    [
        pytest.param([], "secure_port", 6443, id="default"),
        pytest.param(["--secure-port=1"], "secure_port", 1, id="equals"),
        pytest.param(["--secure-port", "1"], "secure_port", 1, id="next argument"),
        pytest.param(["--secure_port=1"], "secure_port", 1, id="underscore"),
        pytest.param(["--secure-port=1", "--secure-port=2"], "secure_port", 2, id="last wins"),
        pytest.param(["--bind-address="], "bind_address", "", id="empty"),
        pytest.param(["--verbose"], "verbose", True, id="switch"),
        pytest.param(["--verbose=false"], "verbose", False, id="switch off"),
        pytest.param(["--verbose", "--limit=3"], "limit", 3, id="optional, after a switch"),
        pytest.param(["--mode=AlwaysAllow"], "mode", "AlwaysAllow", id="choice"),
        pytest.param(["--controllers=a,-b"], "names", ("a", "-b"), id="list"),
        pytest.param(["--controllers=a", "--controllers", "b,c"], "names", ("a", "b", "c"),
                     id="repeated list"),
        pytest.param(["--labels=a=b,c="], "labels", {"a": "b", "c": ""}, id="map"),
        pytest.param(["--labels=a=b=c"], "labels", {"a": "b=c"}, id="map, equals in the value"),
        pytest.param(["--feature-gates=X=true,Y=false"], "gates", {"X": True, "Y": False},
                     id="gates"),
        pytest.param(["--leader-elect=false"], "wire.lease.leaderElect", False, id="nested"),
        pytest.param(["--lease-duration=1m30s"], "wire.lease.duration", 90.0, id="duration"),
        pytest.param(["--size=ff"], "limit", 255, id="own reader"),
    ],
)  # fmt: skip
def test_flags_set_fields(arguments, path, value):
    found = PROGRAM.parse(arguments).config
    for name in path.split("."):
        found = getattr(found, name)
    assert found == value


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--secure-prt=1"], "unknown flag: --secure-prt (did you mean --secure-port?)",
                     id="close"),
        pytest.param(["--xyz"], "unknown flag: --xyz (see kube-thing --help)", id="unknown"),
        pytest.param(["--secure-port"], "flag needs an argument: --secure-port", id="no argument"),
        pytest.param(["--secure-port=x"],
                     'invalid argument "x" for --secure-port: must be an integer', id="integer"),
        pytest.param(["--secure-port=70000"],
                     'invalid argument "70000" for --secure-port: expected int <= 65535',
                     id="range"),
        pytest.param(["--verbose=maybe"],
                     'invalid argument "maybe" for --verbose: must be true or false', id="bool"),
        pytest.param(["--mode=no"],
                     'invalid argument "no" for --mode: must be one of AlwaysAllow, Node',
                     id="choice"),
        pytest.param(["--labels=a"],
                     "invalid argument \"a\" for --labels: 'a' is not key=value", id="map"),
        pytest.param(["--lease-duration=5"], 'invalid argument "5" for --lease-duration: '
                     "'5' is not a duration (such as 1m30s)", id="duration"),
        pytest.param(["run"], "unknown argument 'run': kube-thing takes --flags only",
                     id="positional"),
        pytest.param(["-x"], "unknown shorthand flag '-x': kube-thing takes --flags only",
                     id="shorthand"),
        pytest.param(["--secure-port=13"], "secure-port may not be 13", id="check"),
        pytest.param(["--config=/nowhere"], "/nowhere: No such file or directory", id="no file"),
    ],
)  # fmt: skip
def test_wrong_flags_are_named_in_one_line(arguments, message):
    with pytest.raises(UsageError) as caught:
        PROGRAM.parse(arguments)
    assert str(caught.value) == message


def test_unsupported_flags_warn_and_go_on():
    invocation = PROGRAM.parse(["--audit-log-path", "/x", "--enable-things", "--vmodule=a=1",
                                "--secure-port=7"])  # fmt: skip
    assert invocation.config.secure_port == 7
    assert invocation.warnings == (
        "--audit-log-path is not supported yet: ignored",
        "--enable-things is not supported yet: ignored",
        "--vmodule is not supported yet: ignored",
    )


def test_what_happens_instead_is_said():
    warnings = PROGRAM.parse(["--old-port=1"]).warnings
    assert warnings == ("--old-port is not supported yet: --secure-port counts",)


@pytest.mark.parametrize("arguments", [["-v", "4"], ["-v=4"], ["-v4"], ["--v=4"], ["--v", "4"]])
def test_verbosity(arguments):
    assert PROGRAM.parse(arguments).verbosity == 4


HEAD = "apiVersion: things.config.k8s.io/v1\nkind: ThingConfiguration\n"


def test_flags_override_the_config_file(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(
        HEAD + "workers: 7\nprofiling: true\n"
        "lease: {leaderElect: false, duration: 1m, resourceName: x}\n"
        "logging: {verbosity: 3, format: json}\n"
    )
    invocation = PROGRAM.parse([f"--config={file}", "--lease-duration=2s", "--logging-format=text"])
    wire = invocation.config.wire
    assert (wire.workers, wire.lease.leaderElect, wire.lease.duration) == (7, False, 2.0)
    assert (invocation.verbosity, invocation.log_format) == (3, "text")
    assert invocation.warnings == (
        f"{file}: profiling is not supported yet: ignored",
        f"{file}: lease.resourceName is not supported yet: ignored",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(HEAD + "worker: 1", 'unknown field "worker"', id="unknown"),
        pytest.param(HEAD + "lease: {x: 1}", 'unknown field "lease.x"', id="unknown, nested"),
        pytest.param(HEAD + "workers: many", "workers: expected int, got str", id="type"),
        pytest.param(HEAD + "workers: 0", "workers: expected int >= 1", id="range"),
        pytest.param(HEAD + "lease: {duration: 5}",
                     "lease.duration: 5 is not a duration (such as 1m30s)", id="duration"),
        pytest.param("kind: X\napiVersion: v1",
                     "holds X of v1, not ThingConfiguration of things.config.k8s.io/v1", id="kind"),
        pytest.param("[1, 2]", "is not a YAML object", id="list"),
    ],
)  # fmt: skip
def test_wrong_config_files_are_named_in_one_line(tmp_path, text, message):
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        PROGRAM.parse(["--config", str(file)])
    assert str(caught.value) == f"{file}: {message}"


def test_broken_yaml_is_one_line(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("a: [1,\nb: }")
    with pytest.raises(UsageError) as caught:
        PROGRAM.parse(["--config", str(file)])
    assert str(caught.value).startswith(f"{file}: ") and "\n" not in str(caught.value)


def test_help_and_version_are_answers():
    with pytest.raises(Answer) as caught:
        PROGRAM.parse(["--help"])
    page = str(caught.value)
    assert "Serving:\n  --secure-port int\n          The port to serve on. (default 6443)" in page
    assert "--lease-duration seconds" in page and "(default 15s)" in page
    assert "--mode AlwaysAllow|Node" in page
    with pytest.raises(Answer, match="Kubernetes v1"):
        PROGRAM.parse(["--version"])
