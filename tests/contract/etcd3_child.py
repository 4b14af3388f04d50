"""python-etcd3 in a process of its own: its protobuf code and kubepy's do not go together.

etcd3_child.py PORT < {"key": "base64"}     puts these, then prints all keys and values there are
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode

import etcd3


def main(port: int) -> None:
    client = etcd3.client(port=port)
    for key, value in json.load(sys.stdin).items():
        client.put(key, b64decode(value))
    found = {meta.key.decode(): b64encode(value).decode() for value, meta in client.get_all()}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
