"""kube-proxy: forwards the traffic of Services on a node."""

from kubepy.base import tasks
from kubepy.proxy import run
from kubepy.proxy.config import PROGRAM


def main() -> None:
    tasks.main(PROGRAM, run.main)


if __name__ == "__main__":
    main()
