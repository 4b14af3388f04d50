"""`kubepy`: the command. Reads the command line, calls, and says what went wrong in one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from kubepy.base import version
from kubepy.base.tasks import describe
from kubepy.cluster import layout as layouts
from kubepy.cluster import state
from kubepy.cluster.layout import CLUSTERS, DEFAULT_NAME, Layout

F = TypeVar("F", bound=Callable[..., Any])

NAME = "kubepy"
INTERRUPTED = 130  # as shells say it of SIGINT


class Complaint(Exception):
    """What the user asked for cannot be done; one line says why."""


def main() -> NoReturn:
    """Run the command; no traceback reaches the user for what can be expected to go wrong."""
    try:
        status = cli.main(prog_name=NAME, standalone_mode=False)
    except click.exceptions.Abort:
        print(f"{NAME}: interrupted: up goes on where it stopped, down removes it", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        _fail(error.format_message())
    except _expected() as error:
        _fail(describe(error))
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str) -> NoReturn:
    print(f"{NAME}: error: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(1)


def _expected() -> tuple[type[BaseException], ...]:
    """Imported once something has failed: the commands import only what they use."""
    from kubepy.base.tls import TLSError
    from kubepy.client.kubeconfig import KubeconfigError as ClientKubeconfigError
    from kubepy.cluster.containerd import ContainerdError
    from kubepy.cluster.down import DownError
    from kubepy.cluster.fabric import FabricError
    from kubepy.cluster.images.pause import UnknownMachine
    from kubepy.cluster.kubeconfig import KubeconfigError
    from kubepy.cluster.machine import Missing
    from kubepy.cluster.namespaces import NodeError
    from kubepy.cluster.probe import Unreachable
    from kubepy.cluster.processes import Timeout
    from kubepy.cluster.up import UpError

    return (
        Complaint, UpError, DownError, Missing, NodeError, FabricError, ContainerdError, Timeout,
        KubeconfigError, ClientKubeconfigError, Unreachable, UnknownMachine, TLSError,
        state.StateError, layouts.BadName, OSError,
    )  # fmt: skip


def _name(function: F) -> F:
    return click.option(
        "--name", default=DEFAULT_NAME, show_default=True, help="Which cluster, if several run."
    )(function)


def _cluster(name: str) -> tuple[Layout, state.State]:
    layout = Layout(layouts.checked_name(name))
    found = state.load(layout)
    if found is None:
        others = state.names()
        hint = f"; there are: {', '.join(others)}" if others else ""
        raise Complaint(f"there is no cluster {name!r}{hint} (kubepy up --name {name} makes it)")
    return layout, found


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(
    version.KUBEPY, message=f"kubepy {version.KUBEPY} (Kubernetes {version.KUBERNETES})"
)
def cli() -> None:
    """A whole Kubernetes cluster on this machine.

    \b
    kubepy up                       start it: control plane, containerd, one node
    kubectl get nodes               the context is called kubepy
    kubepy status                   what runs, and where its logs are
    kubepy image load app.tar       bring an image without a registry
    kubepy down                     stop it; nothing stays behind
    """


@cli.command()
@_name
@click.option("--host", is_flag=True, help="Let the node live in this machine's own namespaces.")
@click.option(
    "--containerd-socket",
    default="",
    metavar="PATH",
    help="Use this containerd, with the pod network it is configured for (with --host).",
)
@click.option(
    "--registry-mirror",
    "mirrors",
    multiple=True,
    metavar="[REGISTRY=]URL",
    help="Ask here for images first; may be given again for other registries.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="The apiserver's port (6443 if free).")
@click.option("--wait", default="2m", show_default=True, help="How long until the node is ready.")
@click.option("-v", "--verbosity", default=0, show_default=True, help="How much is logged: 0 to 6.")
def up(
    name: str, host: bool, containerd_socket: str, mirrors: tuple[str, ...], port: int | None,
    wait: str, verbosity: int,
) -> None:  # fmt: skip
    """Start a cluster, or what has died of one; return when its node is ready.

    The node is a set of namespaces: its network, mounts, processes and cgroups are its own, and
    kubepy down takes them all away. A second cluster beside the first: --name.
    """
    from kubepy.base import durations
    from kubepy.cluster import containerd
    from kubepy.cluster import kubeconfig as kubeconfigs
    from kubepy.cluster.show import progress
    from kubepy.cluster.up import Options, UpError, is_running
    from kubepy.cluster.up import up as start

    layout = Layout(layouts.checked_name(name))
    try:
        patience = durations.parse(wait)
    except ValueError as error:
        raise Complaint(f"--wait: {error}") from error
    options = Options(
        layout=layout,
        host=host,
        containerd_socket=containerd_socket,
        mirrors=tuple(containerd.mirror(text) for text in mirrors),
        port=port or 0,
        verbosity=verbosity,
        patience=patience,
    )
    show = progress()
    _must_be_root()
    with state.locked():
        found = state.load(layout)
        if found is not None and found.host != host:
            raise UpError(
                f"cluster {name!r} is there already, {'with' if found.host else 'without'} --host: "
                f"kubepy down --name {name} first"
            )
        if is_running(found) and mirrors:
            raise UpError(f"cluster {name!r} is running, and mirrors are set when it starts")
        target = kubeconfigs.file_to_write(kubeconfigs.files(os.environ))
        if is_running(found) and kubeconfigs.has_context(target, layout.context):
            show.say(f"Cluster {name!r} is running already; its context is {layout.context}.")
            return
        start(options, show)
    show.say(f"Ready. Try: kubectl --context {layout.context} get nodes")


@cli.command()
@_name
def down(name: str) -> None:
    """Stop a cluster and remove every trace of it: its objects and pods, too."""
    from kubepy.cluster.down import down as stop
    from kubepy.cluster.show import progress

    layout = Layout(layouts.checked_name(name))
    show = progress()
    if not CLUSTERS.exists() or state.load(layout) is None:
        show.say(f"There is no cluster {name!r}.")
        return
    _must_be_root()
    with state.locked():
        found = state.load(layout)
        if found is not None:
            stop(layout, found, show)


@cli.command()
@_name
def status(name: str) -> int:
    """Show what runs and where. The exit status is 1 unless all of it does."""
    from kubepy.cluster.status import report

    layout, found = _cluster(name)
    answer = report(layout, found)
    width = max(len(row[0]) for row in answer.rows)
    words = max(len(row[1]) for row in answer.rows)
    for what, how, detail in answer.rows:
        click.echo(f"{what:<{width}}  {how:<{words}}  {detail}".rstrip())
    return 0 if answer.running else 1


@cli.command()
@_name
def kubeconfig(name: str) -> None:
    """Print the cluster's kubeconfig alone."""
    from kubepy.cluster import kubeconfig as kubeconfigs

    layout, _ = _cluster(name)
    content = layout.kubeconfig("admin").read_bytes()
    click.echo(kubeconfigs.dump(kubeconfigs.renamed(content, layout.context)), nl=False)


@cli.command()
@_name
@click.argument("component", required=False)
@click.option("--lines", default=200, show_default=True, help="How many lines of the end.")
def logs(name: str, component: str | None, lines: int) -> None:
    """Print the log of a component: control-plane, node, containerd, holder."""
    layout, _ = _cluster(name)
    files = {path.stem: path for path in sorted(layout.logs.glob("*.log"))}
    if component is not None and component not in files:
        raise Complaint(f"there is no log of {component!r}; there are: {', '.join(files)}")
    for stem, path in files.items():
        if component in (None, stem):
            if component is None:
                click.echo(f"==> {stem} <==")
            tail = path.read_text(errors="replace").splitlines()[-lines:]
            click.echo("\n".join(tail))


@cli.group()
def image() -> None:
    """Images without a registry."""


@image.command()
@_name
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def load(name: str, files: tuple[Path, ...]) -> None:
    """Bring image archives (docker save, podman save, OCI) into the cluster's node."""
    from kubepy.cluster import machine
    from kubepy.cluster.up import client_of

    _must_be_root()
    layout, found = _cluster(name)
    client = client_of(layout, found, machine.look(layout.root))
    for file in files:
        if not file.is_file():
            raise Complaint(f"{file}: there is no such file")
        before = client.images()
        client.load(file.resolve())
        new = sorted(client.images() - before)
        click.echo(f"{file}: {', '.join(new) if new else 'was there already'}")


@image.command()
@_name
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
              help="Only write the archives here; needs no cluster.")  # fmt: skip
def build(name: str, output: Path | None) -> None:
    """Build the pause and busybox images from what this machine has, and load them."""
    from kubepy.cluster import machine
    from kubepy.cluster.images import archives
    from kubepy.cluster.up import client_of

    program = machine.which("busybox")
    if output is not None:
        built = archives.ensure(output, program)
    else:
        _must_be_root()
        layout, found = _cluster(name)
        client = client_of(layout, found, machine.look(layout.root))
        built = archives.ensure(layout.images, program)
        for archive in built:
            client.load(archive.path)
    for archive in built:
        click.echo(f"{', '.join(archive.names)}  {archive.path}")
    if len(built) == 1:
        raise Complaint("no static busybox here; install with: apt-get install busybox-static")


def _must_be_root() -> None:
    if os.geteuid() != 0:
        raise Complaint("this needs root: run it as root, for example with sudo")
