"""A few questions to an apiserver, asked over plain HTTPS: is it ready, is the node?

The commands of `kubepy` ask little and end soon; a whole client would take longer to import.
"""

from __future__ import annotations

import http.client
import json
import ssl
from datetime import datetime
from typing import Any

from kubepy.client import kubeconfig
from kubepy.client.kubeconfig import Access

TIMEOUT = 5.0  # seconds for one question


class Unreachable(Exception):
    """The apiserver does not answer, or not as it should."""


class Probe:
    """Asks the apiserver that a kubeconfig leads to. Raises KubeconfigError if it leads nowhere."""

    def __init__(self, access: Access) -> None:
        self._address = access.server.removeprefix("https://")
        self._context: ssl.SSLContext = kubeconfig.ssl_context(access)

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body. Raises Unreachable."""
        connection = http.client.HTTPSConnection(
            self._address, timeout=TIMEOUT, context=self._context
        )
        try:
            connection.request("GET", path, headers={"Accept": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"https://{self._address}{path}: {error}") from error
        finally:
            connection.close()

    def ready(self) -> bool:
        try:
            return self.get("/readyz")[0] == http.HTTPStatus.OK
        except Unreachable:
            return False

    def node(self, name: str) -> dict[str, Any] | None:
        """The Node object; None if there is none, or nobody who would know."""
        try:
            status, body = self.get(f"/api/v1/nodes/{name}")
        except Unreachable:
            return None
        return json.loads(body) if status == http.HTTPStatus.OK else None

    def heartbeat(self, name: str) -> float:
        """When a node's kubelet last said that it lives, in unix seconds; 0: never."""
        path = f"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}"
        try:
            status, body = self.get(path)
        except Unreachable:
            return 0.0
        if status != http.HTTPStatus.OK:
            return 0.0
        renewed = json.loads(body)["spec"].get("renewTime")
        return datetime.fromisoformat(renewed).timestamp() if renewed else 0.0

    def nodes(self) -> list[dict[str, Any]]:
        """All nodes. Raises Unreachable."""
        status, body = self.get("/api/v1/nodes")
        if status != http.HTTPStatus.OK:
            raise Unreachable(f"https://{self._address}/api/v1/nodes: status {status}")
        items: list[dict[str, Any]] = json.loads(body)["items"]
        return items


def is_ready(node: dict[str, Any] | None) -> bool:
    return condition(node)[0] == "True"


def condition(node: dict[str, Any] | None) -> tuple[str, str]:
    """The status of a node's Ready condition, and its message."""
    for each in (node or {}).get("status", {}).get("conditions", ()):
        if each["type"] == "Ready":
            return each["status"], each.get("message", "")
    return "Unknown", "the node has not reported yet"
