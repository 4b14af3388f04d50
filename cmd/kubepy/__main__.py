"""kubepy: a whole cluster on this machine."""

from kubepy.cluster.cli import main

if __name__ == "__main__":
    main()
