"""The official Python client: typed APIs, the dynamic client, watches and leader election."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from control_plane import ControlPlane
from kubectl import wait_for
from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

pytestmark = pytest.mark.e2e

NAMESPACE = "python"
GROUP = "python.example.com"
WATCH_SECONDS = 30
CONTAINER = {"name": "c", "image": "nginx:1"}


@pytest.fixture(scope="module")
def api(plane: ControlPlane) -> Iterator[client.ApiClient]:
    api = config.new_client_from_config(str(plane.kubeconfig))
    core = client.CoreV1Api(api)
    core.create_namespace({"metadata": {"name": NAMESPACE}})
    accounts = "the default service account"
    wait_for(lambda: core.list_namespaced_service_account(NAMESPACE).items, accounts)
    yield api
    core.delete_namespace(NAMESPACE)


@pytest.fixture(scope="module")
def core(api: client.ApiClient) -> client.CoreV1Api:
    return client.CoreV1Api(api)


@pytest.fixture(scope="module")
def kites(api: client.ApiClient) -> Iterator[dict[str, str]]:
    """Where objects of a kind of our own are."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    scale = {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n"}
    definitions = client.ApiextensionsV1Api(api)
    made = definitions.create_custom_resource_definition({
        "metadata": {"name": f"kites.{GROUP}"},
        "spec": {
            "group": GROUP, "scope": "Namespaced",
            "names": {"plural": "kites", "singular": "kite", "kind": "Kite"},
            "versions": [{"name": "v1", "served": True, "storage": True,
                          "subresources": {"status": {}, "scale": scale},
                          "schema": {"openAPIV3Schema": anything}}],
        },
    })  # fmt: skip
    assert made.spec.names.list_kind == "KiteList"

    def established() -> bool:
        status = definitions.read_custom_resource_definition(made.metadata.name).status
        return any(c.type == "Established" and c.status == "True" for c in status.conditions or [])

    wait_for(established, "the kind")
    yield {"group": GROUP, "version": "v1", "namespace": NAMESPACE, "plural": "kites"}
    definitions.delete_custom_resource_definition(made.metadata.name)


def deployment(name: str, **more: Any) -> dict[str, Any]:
    labels = {"app": name}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [CONTAINER]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": labels}, "template": pod, **more},
    }


def test_a_deployment_from_its_creation_to_its_end(api: client.ApiClient) -> None:
    apps = client.AppsV1Api(api)
    made = apps.create_namespaced_deployment(NAMESPACE, deployment("web"))
    assert made.spec.replicas == 1
    apps.patch_namespaced_deployment("web", NAMESPACE, {"spec": {"replicas": 2}})

    def available() -> bool:
        return apps.read_namespaced_deployment_status("web", NAMESPACE).status.ready_replicas == 2

    wait_for(available, "two pods")
    scale = apps.read_namespaced_deployment_scale("web", NAMESPACE)
    assert (scale.spec.replicas, scale.status.selector) == (2, "app=web")
    scale.spec.replicas = 0
    apps.replace_namespaced_deployment_scale("web", NAMESPACE, scale)
    with pytest.raises(ApiException) as refused:  # what was read first is of long ago
        apps.replace_namespaced_deployment("web", NAMESPACE, made)
    assert refused.value.status == 409
    apps.delete_namespaced_deployment("web", NAMESPACE, propagation_policy="Foreground")

    def gone() -> bool:
        left = apps.list_namespaced_replica_set(NAMESPACE).items
        return not left and not apps.list_namespaced_deployment(NAMESPACE).items

    wait_for(gone, "the end of what was owned")


def test_a_pod_from_its_creation_to_its_eviction(core: client.CoreV1Api) -> None:
    core.create_namespaced_pod(NAMESPACE, {"metadata": {"name": "p"},
                                           "spec": {"containers": [CONTAINER]}})  # fmt: skip
    wait_for(lambda: core.read_namespaced_pod("p", NAMESPACE).status.phase == "Running", "the pod")
    core.create_namespaced_pod_eviction("p", NAMESPACE, {"metadata": {"name": "p"}})
    wait_for(lambda: not core.list_namespaced_pod(NAMESPACE).items, "the eviction")


def test_refusals_are_statuses(core: client.CoreV1Api) -> None:
    with pytest.raises(ApiException) as refused:
        core.create_namespaced_pod(NAMESPACE, {"metadata": {"name": "P"},
                                               "spec": {"containers": []}})  # fmt: skip
    assert (refused.value.status, refused.value.reason) == (422, "Unprocessable Entity")
    causes = json.loads(refused.value.body)["details"]["causes"]
    assert [cause["field"] for cause in causes] == ["metadata.name", "spec.containers"]


LISTS = (
    "AdmissionregistrationV1Api.list_validating_admission_policy",
    "ApiregistrationV1Api.list_api_service",
    "AppsV1Api.list_controller_revision_for_all_namespaces",
    "AutoscalingV2Api.list_horizontal_pod_autoscaler_for_all_namespaces",
    "BatchV1Api.list_cron_job_for_all_namespaces",
    "CertificatesV1Api.list_certificate_signing_request",
    "CoordinationV1Api.list_lease_for_all_namespaces",
    "CoreV1Api.list_component_status",
    "CoreV1Api.list_event_for_all_namespaces",
    "CoreV1Api.list_node",
    "DiscoveryV1Api.list_endpoint_slice_for_all_namespaces",
    "FlowcontrolApiserverV1Api.list_flow_schema",
    "NetworkingV1Api.list_service_cidr",
    "NodeV1Api.list_runtime_class",
    "PolicyV1Api.list_pod_disruption_budget_for_all_namespaces",
    "RbacAuthorizationV1Api.list_cluster_role",
    "ResourceV1Api.list_resource_slice",
    "SchedulingV1Api.list_priority_class",
    "StorageV1Api.list_storage_class",
)


@pytest.mark.parametrize("name", LISTS)
def test_what_is_served_has_the_clients_types(api: client.ApiClient, name: str) -> None:
    group, verb = name.split(".")
    found = getattr(getattr(client, group)(api), verb)()
    assert found.kind.endswith("List")


def test_who_am_i(api: client.ApiClient) -> None:
    me = client.AuthenticationV1Api(api).create_self_subject_review({})
    assert me.status.user_info.username == "kubernetes-admin"
    asked = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}
    may = client.AuthorizationV1Api(api).create_self_subject_access_review(asked)
    assert may.status.allowed
    assert client.VersionApi(api).get_code().git_version.startswith("v1.36.")


def test_a_token_of_a_service_account(core: client.CoreV1Api, api: client.ApiClient) -> None:
    wanted = {"spec": {"audiences": [], "expirationSeconds": 600}}
    token = core.create_namespaced_service_account_token("default", NAMESPACE, wanted)
    asked = {"spec": {"token": token.status.token}}
    found = client.AuthenticationV1Api(api).create_token_review(asked).status
    assert found.user.username == f"system:serviceaccount:{NAMESPACE}:default"


def test_custom_objects(api: client.ApiClient, kites: dict[str, str]) -> None:
    custom = client.CustomObjectsApi(api)
    body = {"apiVersion": f"{GROUP}/v1", "kind": "Kite", "metadata": {"name": "a"}}
    custom.create_namespaced_custom_object(**kites, body=body)
    one = {**kites, "name": "a"}
    custom.patch_namespaced_custom_object(**one, body={"spec": {"n": 2}})
    custom.patch_namespaced_custom_object_status(
        **one, body={"status": {"n": 2}, "spec": {"n": 9}}
    )  # fmt: skip
    scale = custom.get_namespaced_custom_object_scale(**one)
    assert (scale["spec"], scale["status"]) == ({"replicas": 2}, {"replicas": 2})
    custom.patch_namespaced_custom_object_scale(**one, body={"spec": {"replicas": 5}})
    [found] = custom.list_namespaced_custom_object(**kites)["items"]
    assert found["spec"] == {"n": 5}
    assert custom.delete_namespaced_custom_object(**one)["status"] == "Success"
    assert custom.delete_collection_namespaced_custom_object(**kites)["kind"] == "KiteList"


def test_a_watch_from_a_revision(core: client.CoreV1Api) -> None:
    since = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "w"}})
    core.patch_namespaced_config_map("w", NAMESPACE, {"data": {"a": "b"}})
    core.delete_namespaced_config_map("w", NAMESPACE)
    watching = watch.Watch()
    seen = []
    for event in watching.stream(
        core.list_namespaced_config_map, NAMESPACE, resource_version=since,
        field_selector="metadata.name=w", timeout_seconds=WATCH_SECONDS,
    ):  # fmt: skip
        seen.append((event["type"], event["object"].data))
        if event["type"] == "DELETED":
            watching.stop()
    assert seen == [("ADDED", None), ("MODIFIED", {"a": "b"}), ("DELETED", {"a": "b"})]


def test_a_watch_that_begins_with_a_list(core: client.CoreV1Api) -> None:
    core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "first"}})
    watching = watch.Watch()
    seen = []
    for event in watching.stream(
        core.list_namespaced_config_map, NAMESPACE, field_selector="metadata.name=first",
        allow_watch_bookmarks=True, send_initial_events=True,
        resource_version_match="NotOlderThan", timeout_seconds=WATCH_SECONDS,
    ):  # fmt: skip
        annotations = event["raw_object"]["metadata"].get("annotations")
        seen.append((event["type"], annotations))
        if event["type"] == "BOOKMARK":
            watching.stop()
    assert seen == [("ADDED", None), ("BOOKMARK", {"k8s.io/initial-events-end": "true"})]


def test_pages(core: client.CoreV1Api) -> None:
    for name in ("p1", "p2", "p3"):
        body = {"metadata": {"name": name, "labels": {"paged": "yes"}}}
        core.create_namespaced_config_map(NAMESPACE, body)
    page = core.list_namespaced_config_map(NAMESPACE, label_selector="paged=yes", limit=2)
    names = [found.metadata.name for found in page.items]
    token = page.to_dict()["metadata"]["_continue"]
    page = core.list_namespaced_config_map(
        NAMESPACE, label_selector="paged=yes", limit=2, _continue=token
    )
    assert names + [found.metadata.name for found in page.items] == ["p1", "p2", "p3"]
    with pytest.raises(ApiException) as refused:
        core.list_namespaced_config_map(NAMESPACE, _continue="nonsense")
    assert refused.value.status == 400


def test_objects_from_a_file(api: client.ApiClient, tmp_path: Path) -> None:
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "filed"}}
    file = tmp_path / "objects.yaml"
    file.write_text(yaml.safe_dump_all([settings, deployment("filed", replicas=0)]))
    made = utils.create_from_yaml(api, str(file), namespace=NAMESPACE)
    assert [objects[0].metadata.name for objects in made] == ["filed", "filed"]
    with pytest.raises(utils.FailToCreateError) as refused:
        utils.create_from_yaml(api, str(file), namespace=NAMESPACE)
    assert [problem.status for problem in refused.value.api_exceptions] == [409, 409]
    utils.create_from_yaml(api, str(file), namespace=NAMESPACE, apply=True)


def test_the_dynamic_client(api: client.ApiClient, kites: dict[str, str]) -> None:
    everything = dynamic.DynamicClient(api)
    kind = everything.resources.get(api_version=f"{GROUP}/v1", kind="Kite")
    body = {"kind": "Kite", "apiVersion": f"{GROUP}/v1", "metadata": {"name": "d"}}
    kind.create(namespace=NAMESPACE, body=body)
    merge = "application/merge-patch+json"
    patch = {"spec": {"n": 1}, "status": {"n": 3}}
    changed = kind.patch(namespace=NAMESPACE, name="d", body=patch, content_type=merge)
    assert (changed.spec.to_dict(), changed.status) == ({"n": 1}, None)
    changed = kind.status.patch(namespace=NAMESPACE, name="d", body=patch, content_type=merge)
    assert changed.status.n == 3
    assert kind.scale.get(namespace=NAMESPACE, name="d").status.replicas == 3
    found = kind.get(namespace=NAMESPACE, name="d").to_dict()
    found["spec"]["n"] = 7
    assert kind.replace(namespace=NAMESPACE, body=found).spec.n == 7
    assert kind.delete(namespace=NAMESPACE, name="d").status == "Success"
    with pytest.raises(NotFoundError) as refused:
        kind.get(namespace=NAMESPACE, name="d")
    assert refused.value.summary() == f'kites.{GROUP} "d" not found'


def test_the_dynamic_client_applies(api: client.ApiClient) -> None:
    kind = dynamic.DynamicClient(api).resources.get(api_version="v1", kind="ConfigMap")
    body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "applied"}}

    def apply(value: str, manager: str, **more: Any) -> Any:
        wanted = {**body, "data": {"a": value}}
        return kind.server_side_apply(
            namespace=NAMESPACE, name="applied", body=wanted, field_manager=manager, **more
        )

    apply("1", "one")
    with pytest.raises(ConflictError) as refused:
        apply("2", "two")
    assert refused.value.summary() == (
        'Apply failed with 1 conflict: conflict with "one": .data.a'
    )  # fmt: skip
    assert apply("2", "two", force_conflicts=True).data.a == "2"


class Lock(LeaseLock):
    """One whose holder can be made to lose it."""

    lost = False

    def update(self, *arguments: Any) -> bool:
        return not self.lost and super().update(*arguments)


def test_leader_election(api: client.ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.Configuration, "_default", api.configuration)
    elected, ended = threading.Event(), threading.Event()
    lock = Lock("leader", NAMESPACE, "one")
    candidate = leaderelection.LeaderElection(electionconfig.Config(
        lock, lease_duration=3, renew_deadline=2, retry_period=1,
        onstarted_leading=elected.set, onstopped_leading=ended.set,
    ))  # fmt: skip
    thread = threading.Thread(target=candidate.run)
    thread.start()
    try:
        assert elected.wait(WATCH_SECONDS)
        leases = client.CoordinationV1Api(api)
        taken = leases.read_namespaced_lease("leader", NAMESPACE).spec.renew_time

        def renewed() -> bool:
            spec = leases.read_namespaced_lease("leader", NAMESPACE).spec
            return spec.holder_identity == "one" and spec.renew_time > taken

        wait_for(renewed, "a renewal")
    finally:
        lock.lost = True
        thread.join(WATCH_SECONDS)
    assert ended.is_set()
