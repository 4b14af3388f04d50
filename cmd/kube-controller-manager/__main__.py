"""kube-controller-manager: makes the cluster what its objects say."""

from kubepy.base import tasks
from kubepy.controllers import manager
from kubepy.controllers.config import PROGRAM


def main() -> None:
    tasks.main(PROGRAM, manager.main)


if __name__ == "__main__":
    main()
