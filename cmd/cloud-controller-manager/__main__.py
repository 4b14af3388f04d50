"""cloud-controller-manager: the controllers that ask the cloud."""

from kubepy.base import tasks
from kubepy.cloud import manager
from kubepy.cloud.config import PROGRAM


def main() -> None:
    tasks.main(PROGRAM, manager.main)


if __name__ == "__main__":
    main()
