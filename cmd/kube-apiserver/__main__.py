"""kube-apiserver: serves the Kubernetes API over REST and gRPC."""

from kubepy.apiserver.config import PROGRAM
from kubepy.apiserver.run import main as run
from kubepy.base import tasks


def main() -> None:
    tasks.main(PROGRAM, run)


if __name__ == "__main__":
    main()
