"""What a client reads about pods and templates that are taken all the same."""

from typing import Any

import pytest

from kubepy.api import codec
from kubepy.api.core.v1 import Pod, PodTemplateSpec
from kubepy.apiserver.registry.core.pod import STRATEGY
from kubepy.apiserver.registry.core.podspec.warnings import name_warnings, template_warnings

MAIN = {"name": "main", "image": "app:1"}
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/main"


def pod(spec: dict[str, Any] | None = None, **metadata: Any) -> Pod:
    """A pod as it was sent, with its defaults."""
    whole = {"metadata": {"name": "p", **metadata}, "spec": {"containers": [MAIN], **(spec or {})}}
    return STRATEGY.default(codec.from_builtins(Pod, whole))


def about(spec: dict[str, Any], **metadata: Any) -> list[str]:
    return STRATEGY.warnings(pod(spec, **metadata))


def with_main(**fields: Any) -> dict[str, Any]:
    return {"containers": [{**MAIN, **fields}]}


def with_ports(*ports: dict[str, Any]) -> dict[str, Any]:
    return with_main(ports=[{"containerPort": 80, **port} for port in ports])


def with_volume(**source: Any) -> dict[str, Any]:
    return {"volumes": [{"name": "v", **source}]}


def with_items(*paths: str) -> dict[str, Any]:
    return {"name": "n", "items": [{"key": "k", "path": path} for path in paths]}


def preferring(key: str, *values: str) -> dict[str, Any]:
    terms = [{"key": key, "operator": "In", "values": list(values)}]
    soft = [{"weight": 1, "preference": {"matchExpressions": terms}}]
    return {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": soft}}}


def test_nothing_is_said_about_a_plain_pod() -> None:
    assert about({}) == []


def test_a_name_that_is_no_host_name() -> None:
    [warning] = about({}, name="with.dots")
    assert warning.startswith("metadata.name: this is used in the Pod's hostname, which ")
    assert warning.endswith("a DNS label is recommended: [must not contain dots]")
    assert "Pod names and hostnames" in name_warnings("with.dots")[0]
    assert name_warnings("fine") == []


@pytest.mark.parametrize(
    ("env", "hidden"),
    [
        pytest.param([{"value": "1"}, {"value": "2"}], [1], id="other value"),
        pytest.param([{"value": "1"}, {"value": "$(A)"}], [1], id="itself"),
        pytest.param([{"value": "1"}, {"value": "$(A)2"}], [], id="builds on the first"),
        pytest.param(
            [{"value": "1"}, {"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
            [1],
            id="from elsewhere",
        ),
        pytest.param([{"value": "1"}, {"value": ""}, {"value": "3"}], [1, 2], id="thrice"),
    ],
)
def test_variables_that_are_defined_twice(env: list[dict[str, Any]], hidden: list[int]) -> None:
    assert about(with_main(env=[{"name": "A", **one} for one in env])) == [
        f'spec.containers[0].env[{index}]: hides previous definition of "A", which may be dropped '
        "when using apply"
        for index in hidden
    ]


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        pytest.param([{}, {}], "duplicate port definition", id="same"),
        pytest.param([{}, {"protocol": "UDP"}], None, id="other protocol"),
        pytest.param([{"hostPort": 1}, {"hostPort": 2}], None, id="other ports of the host"),
        pytest.param([{"hostPort": 1}, {}], "overlapping port definition", id="host and not"),
        pytest.param(
            [{"hostPort": 1, "hostIP": "10.0.0.1"}, {"hostPort": 1}],
            "dangerously ambiguous port definition",
            id="one address and all",
        ),
        pytest.param(
            [{"hostPort": 1, "hostIP": "10.0.0.1"}, {"hostPort": 1, "hostIP": "10.0.0.2"}],
            None,
            id="other addresses",
        ),
    ],
)
def test_ports_that_are_defined_twice(ports: list[dict[str, Any]], expected: str | None) -> None:
    found = about(with_ports(*ports))
    if expected is None:
        assert found == []
    else:
        assert found == [
            f"spec.containers[0].ports[1]: {expected} with spec.containers[0].ports[0]"
        ]


def test_an_address_of_the_host_without_a_port() -> None:
    assert about(with_ports({"hostIP": "10.0.0.1", "protocol": "UDP"})) == [
        "spec.containers[0].ports[0]: hostIP set without hostPort: "
        "{Name: HostPort:0 ContainerPort:80 Protocol:UDP HostIP:10.0.0.1}"
    ]


def test_port_names_are_one_space_for_all_containers() -> None:
    side = {**MAIN, "name": "side", "ports": [{"containerPort": 81, "name": "web"}]}
    spec = with_ports({"name": "web"})
    spec["initContainers"] = [{**side, "restartPolicy": "Always"}]
    first = "spec.initContainers[0].ports[0]"
    assert about(spec) == [
        f'spec.containers[0].ports[0]: duplicate port name "web" with {first}, services and probes '
        f"that select ports by name will use {first}"
    ]


def test_bytes_are_whole() -> None:
    amounts = {"memory": "1500m", "ephemeral-storage": "1", "cpu": "100m"}
    spec = with_main(resources={"limits": amounts, "requests": {**amounts, "memory": "1"}})
    why = 'fractional byte value "1500m" is invalid, must be an integer'
    assert about(spec) == [f"spec.containers[0].resources.limits[memory]: {why}"]
    assert about({"overhead": {"memory": "1500m"}}) == [f"spec.overhead[memory]: {why}"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            {"nodeSelector": {"beta.kubernetes.io/arch": "a"}},
            "spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "
            '"kubernetes.io/arch" instead',
            id="old label in a selector",
        ),
        pytest.param(
            preferring("node-role.kubernetes.io/master", "x"),
            "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0]."
            "preference.matchExpressions[0].key: node-role.kubernetes.io/master is use "
            '"node-role.kubernetes.io/control-plane" instead',
            id="old label in an affinity",
        ),
        pytest.param(
            {"topologySpreadConstraints": [{"topologyKey": "zone", "maxSkew": 1}]},
            "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in "
            "matching no pod",
            id="spread among nobody",
        ),
        pytest.param(
            {"imagePullSecrets": [{"name": "a"}, {"name": "a"}]},
            'spec.imagePullSecrets[1].name: duplicate name "a"',
            id="secret twice",
        ),
        pytest.param(
            {"imagePullSecrets": [{}]},
            'spec.imagePullSecrets[0].name: invalid empty name ""',
            id="secret without name",
        ),
        pytest.param(
            {"hostAliases": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.1"}]},
            'spec.hostAliases[1].ip: duplicate ip "10.0.0.1"',
            id="alias twice",
        ),
        pytest.param(
            {"dnsConfig": {"nameservers": ["2001:DB8::1"]}},
            'spec.dnsConfig.nameservers[0]: IPv6 address "2001:DB8::1" should be in RFC 5952 '
            'canonical format ("2001:db8::1")',
            id="address in capitals",
        ),
        pytest.param(
            with_volume(gitRepo={"repository": "r"}),
            "spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+",
            id="volume of old",
        ),
        pytest.param(
            with_volume(ephemeral={"volumeClaimTemplate": {"spec": {"resources": {
                "requests": {"storage": "200m"}}}}}),
            "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: "
            'fractional byte value "200m" is invalid, must be an integer',
            id="claim of half a byte",
        ),
        pytest.param(
            with_volume(configMap=with_items("a", "a/b")),
            'volume "v" (ConfigMap "n"): overlapping paths: "a/b" with "a"',
            id="file that is a directory, too",
        ),
        pytest.param(
            with_volume(projected={"sources": [
                {"secret": with_items("t/u")}, {"serviceAccountToken": {"path": "t/"}}]}),
            'volume "v" (Projected): overlapping paths: "t" (ServiceAccountToken) with "t/u" '
            '(Secret "n")',
            id="two sources, one place",
        ),
        pytest.param(
            with_volume(projected={"sources": [{}]}),
            'volume "v" (Projected) has no sources provided',
            id="source of nothing",
        ),
    ],
)  # fmt: skip
def test_one_thing_at_a_time(spec: dict[str, Any], expected: str) -> None:
    assert about(spec) == [expected]


def test_values_that_no_label_has_are_told_only_where_they_are_taken() -> None:
    [warning] = about(preferring("foo", "-1", "ok"))
    assert ".matchExpressions[0].values[0]: -1 is invalid, a valid label must be" in warning


def test_paths_beside_each_other_do_not_overlap() -> None:
    assert about(with_volume(configMap=with_items("dir/a", "dir/ab", "b"))) == []


def test_pods_that_match_nobody() -> None:
    hard = "requiredDuringSchedulingIgnoredDuringExecution"
    soft = "preferredDuringSchedulingIgnoredDuringExecution"
    term = {"topologyKey": "zone"}
    some = {"podAffinityTerm": {**term, "labelSelector": {}}, "weight": 1}
    spec = {
        "affinity": {
            "podAffinity": {hard: [term]},
            "podAntiAffinity": {soft: [some, {"podAffinityTerm": term, "weight": 1}]},
        }
    }
    why = "a null labelSelector results in matching no pod"
    assert about(spec) == [
        f"spec.affinity.podAffinity.{hard}[0].labelSelector: {why}",
        f"spec.affinity.podAntiAffinity.{soft}[1].podAffinityTerm.labelSelector: {why}",
    ]


def test_annotations_that_fields_have_replaced() -> None:
    key = "seccomp.security.alpha.kubernetes.io/pod"
    spec = {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}}
    assert about(spec, annotations={key: "runtime/default"}) == []
    assert about({}, annotations={key: "runtime/default"}) == [
        f'metadata.annotations[{key}]: non-functional in v1.27+; use the "seccompProfile" field '
        "instead"
    ]


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        pytest.param(None, True, id="annotation alone"),
        pytest.param({"appArmorProfile": {"type": "Unconfined"}}, False, id="with the field"),
    ],
)
def test_app_armor_by_annotation(profile: dict[str, Any] | None, told: bool) -> None:
    spec = with_main(securityContext=profile) if profile else {}
    expected = (
        f'metadata.annotations[{APP_ARMOR}]: deprecated since v1.30; use the "appArmorProfile" '
        "field instead"
    )
    annotations = {APP_ARMOR: "unconfined"}
    assert about(spec, annotations=annotations) == ([expected] if told else [])
    template = codec.from_builtins(
        PodTemplateSpec,
        {"metadata": {"annotations": annotations}, "spec": {"containers": [MAIN], **spec}},
    )
    found = template_warnings(template, "spec.template")
    assert found == ([f"spec.template.{expected}"] if told else [])


def test_negative_grace_is_a_pods_1_and_a_templates_warning() -> None:
    spec = {"terminationGracePeriodSeconds": -1}
    assert about(spec) == []
    assert pod(spec).spec.terminationGracePeriodSeconds == 1
    template = codec.from_builtins(PodTemplateSpec, {"spec": {"containers": [MAIN], **spec}})
    assert template_warnings(template, "template") == [
        "template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid "
        "and will be treated as 1"
    ]


def test_updates_of_pods_say_nothing() -> None:
    new = pod({}, name="with.dots")
    assert STRATEGY.update_warnings is not None
    assert STRATEGY.update_warnings(new, new) == []
