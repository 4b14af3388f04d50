"""kube-scheduler: chooses the node that each pod runs on."""

from kubepy.base import tasks
from kubepy.scheduler.config import PROGRAM
from kubepy.scheduler.run import main as run


def main() -> None:
    tasks.main(PROGRAM, run)


if __name__ == "__main__":
    main()
