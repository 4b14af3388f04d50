"""The rules of pods that the recorded answers do not reach."""

from typing import Any

import pytest

from kubepy.api import codec
from kubepy.api.core.v1 import Pod
from kubepy.apiserver.registry.core.pod import STRATEGY, validate_ephemeral, validate_resize
from kubepy.apiserver.registry.core.podspec.resize import merge_resize

MAIN = {"name": "main", "image": "app:1"}


def pod(spec: dict[str, Any] | None = None, **body: Any) -> Pod:
    """A pod as creation leaves it."""
    whole = {"metadata": {"name": "p", **body.pop("metadata", {})}, **body}
    whole["spec"] = {"serviceAccountName": "default", "containers": [MAIN], **(spec or {})}
    return STRATEGY.prepare_create(STRATEGY.default(codec.from_builtins(Pod, whole)))


def errors_of(spec: dict[str, Any], **metadata: Any) -> list[str]:
    return [str(error) for error in STRATEGY.validate_create(pod(spec, metadata=metadata))]


def with_main(**fields: Any) -> dict[str, Any]:
    return {"containers": [{**MAIN, **fields}]}


def with_volume(**source: Any) -> dict[str, Any]:
    return {"volumes": [{"name": "v", **source}]}


def test_the_plainest_pod_is_fine() -> None:
    assert errors_of({}) == []


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            with_main(livenessProbe={"successThreshold": 2, "exec": {"command": ["x"]}}),
            ["spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"],
            id="liveness counts one success",
        ),
        pytest.param(
            with_main(readinessProbe={"tcpSocket": {"port": "Nope"}}),
            [
                'spec.containers[0].readinessProbe.tcpSocket.port: Invalid value: "Nope": must '
                "contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
            ],
            id="port name of a probe",
        ),
        pytest.param(
            with_main(startupProbe={}),
            ["spec.containers[0].startupProbe: Required value: must specify a handler type"],
            id="probe without handler",
        ),
        pytest.param(
            with_main(lifecycle={"preStop": {"sleep": {"seconds": 31}}}),
            [
                "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be "
                "non-negative and less than terminationGracePeriodSeconds (30)"
            ],
            id="sleeps longer than the grace period",
        ),
        pytest.param(
            with_main(
                ports=[{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 80}]
            ),
            ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
            id="two on one port of the host",
        ),
        pytest.param(
            with_main(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}),
            [
                'spec.containers[0].resources.requests: Invalid value: "2": must be less than or '
                "equal to cpu limit of 1"
            ],
            id="request above limit",
        ),
        pytest.param(
            with_main(resources={"limits": {"gpu": "1"}, "requests": {"gpu": "1"}}),
            [
                f'spec.containers[0].resources.{field}[gpu]: Invalid value: "gpu": {why}'
                for field in ("limits", "requests")
                for why in (
                    "must be a standard resource type or fully qualified",
                    "must be a standard resource for containers",
                )
            ],
            id="resource without a domain",
        ),
        pytest.param(
            with_main(resources={"limits": {"memory": "1Gi", "hugepages-2Mi": "3Mi"}}),
            [
                f'spec.containers[0].resources.{field}[hugepages-2Mi]: Invalid value: "3Mi": 3Mi '
                "is not positive integer multiple of hugepages-2Mi"
                for field in ("limits", "requests")
            ],
            id="half a huge page",
        ),
        pytest.param(
            with_main(securityContext={"privileged": True, "allowPrivilegeEscalation": False}),
            [
                "spec.containers[0].securityContext.privileged: Forbidden: disallowed by cluster "
                "policy",
                "spec.containers[0].securityContext: Invalid value: "
                '{"Capabilities":null,"Privileged":true,"SELinuxOptions":null,'
                '"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,'
                '"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,'
                '"SeccompProfile":null,"AppArmorProfile":null}: cannot set '
                "`allowPrivilegeEscalation` to false and `privileged` to true",
            ],
            id="privileged without escalation",
        ),
        pytest.param(
            {
                "initContainers": [{**MAIN, "name": "i", "securityContext": {"privileged": True}}],
                **with_main(securityContext={"privileged": True, "runAsUser": -1}),
            },
            [
                "spec.containers[0].securityContext.privileged: Forbidden: disallowed by cluster "
                "policy",
                "spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between "
                "0 and 4294967295, inclusive",
                "spec.initContainers[0].securityContext.privileged: Forbidden: disallowed by "
                "cluster policy",
            ],
            id="privileged",
        ),
        pytest.param(
            with_main(securityContext={"windowsOptions": {"hostProcess": True}}),
            [
                "spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains "
                "any hostProcess containers",
                "spec: Forbidden: hostProcess containers are disallowed by cluster policy",
            ],
            id="processes of a Windows host",
        ),
        pytest.param(
            {"securityContext": {"seccompProfile": {"type": "Localhost"}}},
            [
                "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set "
                "when seccomp type is Localhost"
            ],
            id="seccomp without its profile",
        ),
        pytest.param(
            {
                "securityContext": {
                    "sysctls": [{"name": "a..b"}, {"name": "net.x"}, {"name": "net.x"}]
                }
            },
            [
                'spec.securityContext.sysctls[0].name: Invalid value: "a..b": must have at most '
                "253 characters and match regex "
                r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$",
                'spec.securityContext.sysctls[2].name: Duplicate value: "net.x"',
            ],
            id="sysctls",
        ),
        pytest.param(
            {"hostUsers": False, "hostIPC": True},
            ["spec.hostIPC: Forbidden: when `hostUsers` is false"],
            id="own users, the host's IPC",
        ),
        pytest.param(
            {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["x"]}},
            [
                'spec.dnsConfig.nameservers[0]: Invalid value: "x": must be a valid IP address, '
                "(e.g. 10.9.8.7 or 2001:db8::ffff)"
            ],
            id="nameserver",
        ),
        pytest.param(
            with_volume(hostPath={"path": "/a/../b", "type": "Cupboard"}),
            [
                "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
                'spec.volumes[0].hostPath.type: Unsupported value: "Cupboard": supported values: '
                '"", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", '
                '"FileOrCreate", "Socket"',
            ],
            id="host path",
        ),
        pytest.param(
            with_volume(configMap={"name": "c", "items": [{"key": "k", "path": "../x"}]}),
            [
                'spec.volumes[0].configMap.items[0].path: Invalid value: "../x": must not '
                "contain '..'"
            ],
            id="path that leaves the volume",
        ),
        pytest.param(
            with_volume(
                projected={"sources": [{"secret": {"name": "s"}, "configMap": {"name": "c"}}]}
            ),
            [
                "spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 "
                "volume type per source"
            ],
            id="two sources in one",
        ),
        pytest.param(
            with_volume(nfs={"server": "s", "path": "x"}),
            ['spec.volumes[0].nfs.path: Invalid value: "x": must be an absolute path'],
            id="nfs",
        ),
        pytest.param(
            with_volume(csi={"driver": "a/b"}),
            [
                'spec.volumes[0].csi.driver: Invalid value: "a/b": a lowercase RFC 1123 subdomain '
                "must consist of lower case alphanumeric characters, '-' or '.', and must start "
                "and end with an alphanumeric character (e.g. 'example.com', regex used for "
                r"validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            ],
            id="csi driver",
        ),
        pytest.param(
            {
                "topologySpreadConstraints": [
                    {
                        "maxSkew": 1,
                        "topologyKey": "z",
                        "whenUnsatisfiable": "ScheduleAnyway",
                        "minDomains": 2,
                        "labelSelector": {},
                    }
                ]
            },
            [
                "spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use "
                "minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway"
            ],
            id="spreading",
        ),
        pytest.param(
            with_main(envFrom=[{"configMapRef": {"name": "a"}, "secretRef": {"name": "b"}}]),
            [
                'spec.containers[0].envFrom: Invalid value: "": may not have more than one field '
                "specified at a time"
            ],
            id="two sources of variables",
        ),
        pytest.param(
            with_main(
                env=[
                    {
                        "name": "A",
                        "valueFrom": {
                            "resourceFieldRef": {"resource": "limits.cpu", "divisor": "2"}
                        },
                    }
                ]
            ),
            [
                "spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "
                '"limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource'
            ],
            id="divisor",
        ),
    ],
)
def test_rules(spec: dict[str, Any], expected: list[str]) -> None:
    assert errors_of(spec) == expected


def test_profiles_said_twice_must_agree() -> None:
    key = "container.apparmor.security.beta.kubernetes.io/main"
    spec = with_main(securityContext={"appArmorProfile": {"type": "RuntimeDefault"}})
    assert errors_of(spec, annotations={key: "runtime/default"}) == []
    assert errors_of(spec, annotations={key: "unconfined"}) == [
        "spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in "
        "annotation and field must match"
    ]


@pytest.mark.parametrize(
    ("cost", "good"), [("5", True), ("-5", True), ("+5", False), ("05", False), ("x", False)]
)
def test_deletion_cost(cost: str, good: bool) -> None:
    key = "controller.kubernetes.io/pod-deletion-cost"
    assert (errors_of({}, annotations={key: cost}) == []) is good


# ---- changes


def changed(old: Pod, **spec: Any) -> list[str]:
    from msgspec.structs import replace

    body = codec.to_builtins(old)
    new = STRATEGY.default(codec.from_builtins(Pod, {**body, "spec": {**body["spec"], **spec}}))
    new = replace(new, status=old.status)
    return [error.detail or str(error) for error in STRATEGY.validate_update(new, old)]


def test_images_and_deadlines_may_change() -> None:
    old = pod({"activeDeadlineSeconds": 60})
    assert changed(old, containers=[{**MAIN, "image": "app:2"}]) == []
    assert changed(old, activeDeadlineSeconds=30) == []
    assert changed(old, activeDeadlineSeconds=90) == [
        "must be less than or equal to previous value"
    ]


def test_what_else_changes_is_shown() -> None:
    (why,) = changed(pod(), hostname="h")
    assert why.startswith("pod updates may not change fields other than `spec.containers[*].image`")
    assert '\n- "Hostname": "",\n+ "Hostname": "h",\n' in why


def test_a_gated_pod_can_be_narrowed_down() -> None:
    old = pod({"schedulingGates": [{"name": "a/b"}], "nodeSelector": {"x": "1"}})
    assert changed(old, nodeSelector={"x": "1", "y": "2"}) == []
    assert changed(old, nodeSelector={"y": "2"}) == [
        "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
    ]
    assert changed(old, schedulingGates=[]) == []
    assert changed(old, schedulingGates=[{"name": "a/b"}, {"name": "a/c"}]) == [
        "only deletion is allowed, but found new scheduling gate 'a/c'"
    ]


def test_tolerations_may_only_be_added() -> None:
    old = pod({"tolerations": [{"key": "a", "operator": "Exists"}]})
    more = [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "Exists"}]
    assert changed(old, tolerations=more) == []
    assert changed(old, tolerations=[]) == [
        "existing toleration can not be modified except its tolerationSeconds"
    ]


def test_a_container_that_ended_for_good_stays_ended() -> None:
    def reported(state: dict[str, Any]) -> Pod:
        status = {"containerStatuses": [{"name": "main", "state": state}]}
        return codec.from_builtins(Pod, {"spec": {"restartPolicy": "Never"}, "status": status})

    old = reported({"terminated": {"exitCode": 1}})
    found = STRATEGY.validate_status(reported({"running": {}}), old)
    assert [str(error) for error in found] == [
        "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated "
        "state"
    ]


def test_ephemeral_containers_stay() -> None:
    debugger = {"name": "d", "image": "busybox"}
    old = pod({"ephemeralContainers": [debugger]})
    assert validate_ephemeral(pod({"ephemeralContainers": [debugger]}), old) == []
    (gone,) = validate_ephemeral(pod(), old)
    assert gone.detail == 'existing ephemeral containers "d" may not be removed\n'
    (odd,) = validate_ephemeral(
        pod({"ephemeralContainers": [debugger, {**debugger, "name": "e", "lifecycle": {}}]}), old
    )
    assert str(odd) == (
        "spec.ephemeralContainers[1].lifecycle: Forbidden: cannot be set for an Ephemeral Container"
    )


def test_a_resize_touches_cpu_and_memory_alone() -> None:
    def sized(cpu: str, **more: Any) -> Pod:
        requests = {"requests": {"cpu": cpu}}
        return pod({"containers": [{**MAIN, "resources": requests, **more}]})

    old = sized("100m")
    assert validate_resize(merge_resize(sized("200m", image="other"), old), old) == []
    assert merge_resize(sized("200m", image="other"), old).spec.containers[0].image == "app:1"
    policy = [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]
    (why,) = validate_resize(merge_resize(sized("100m", resizePolicy=policy), old), old)
    assert why.detail == "only cpu and memory resources are mutable"
    removed = validate_resize(merge_resize(pod(), old), old)
    assert [error.detail for error in removed] == [
        "Pod QOS Class may not change as a result of resizing",
        "resource requests cannot be removed",
    ]
