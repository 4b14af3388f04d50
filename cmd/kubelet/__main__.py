"""kubelet: the node agent, which runs the pods that are bound to this node."""

from kubepy.base import tasks
from kubepy.kubelet.config import PROGRAM
from kubepy.kubelet.run import main as run


def main() -> None:
    tasks.main(PROGRAM, run)


if __name__ == "__main__":
    main()
