"""An operator by kopf: a Kite flies as a Deployment, and what happened to it is in its status."""

from __future__ import annotations

from typing import Any

import kopf
from kubernetes import client, config

KITES = "kites.kopf.example.com"


@kopf.on.startup()
def set_up(settings: kopf.OperatorSettings, **_: Any) -> None:
    config.load_kube_config()
    settings.peering.mandatory = True
    settings.posting.enabled = True
    settings.watching.server_timeout = 2  # often enough to see a watch taken up again


@kopf.on.create(KITES)
def created(spec: kopf.Spec, name: str, namespace: str, **_: Any) -> dict[str, Any]:
    labels = {"app": name}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [
        {"name": "kite", "image": spec["image"]}]}}  # fmt: skip
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": spec.get("length", 1),
            "selector": {"matchLabels": labels},
            "template": pod,
        },
    }
    kopf.adopt(body)
    made = client.AppsV1Api().create_namespaced_deployment(namespace, body)
    return {"deployment": made.metadata.name}


@kopf.on.update(KITES, field="spec.length")
def lengthened(old: Any, new: Any, name: str, namespace: str, **_: Any) -> dict[str, Any]:
    patch = {"spec": {"replicas": new}}
    client.AppsV1Api().patch_namespaced_deployment(name, namespace, patch)
    return {"from": old, "to": new}


@kopf.on.delete(KITES)
def deleted(body: kopf.Body, **_: Any) -> None:
    kopf.info(body, reason="Landed", message="The kite is down.")


@kopf.timer(KITES, interval=0.2)
def ticked(status: kopf.Status, patch: kopf.Patch, **_: Any) -> None:
    ticks = status.get("ticks", 0)
    if ticks < 3:
        patch.status["ticks"] = ticks + 1


@kopf.daemon(KITES)
async def watched(stopped: kopf.DaemonStopped, body: kopf.Body, **_: Any) -> None:
    kopf.info(body, reason="Watched", message="Somebody holds the line.")
    await stopped.wait()


@kopf.on.event("configmaps", labels={"kite": kopf.PRESENT})
def seen(event: Any, namespace: str, **_: Any) -> None:
    """A configmap of a kite: its data are the kite's, by a patch of the status."""
    found = event["object"]
    body = {"status": {"seen": found.get("data")}}
    client.CustomObjectsApi().patch_namespaced_custom_object_status(
        "kopf.example.com", "v1", namespace, "kites", found["metadata"]["labels"]["kite"], body
    )
