"""What each gRPC method means."""

from __future__ import annotations

import pytest

from kubepy import pb
from kubepy.api import scheme
from kubepy.apiserver.rpc.methods import (
    ANY,
    DYNAMIC,
    VERBS,
    dynamic_methods,
    methods,
    service_name,
    service_names,
)


@pytest.mark.parametrize(
    ("path", "meaning"),
    [
        ("/kubepy.core.v1.Pods/Get", ("pods", "get", "")),
        ("/kubepy.core.v1.Pods/UpdateStatus", ("pods", "update", "status")),
        ("/kubepy.core.v1.Pods/PatchEphemeralContainers", ("pods", "patch", "ephemeralcontainers")),
        ("/kubepy.core.v1.Pods/Bind", ("pods", "create", "binding")),
        ("/kubepy.core.v1.Pods/Evict", ("pods", "create", "eviction")),
        ("/kubepy.core.v1.Namespaces/Finalize", ("namespaces", "update", "finalize")),
        ("/kubepy.core.v1.ServiceAccounts/CreateToken", ("serviceaccounts", "create", "token")),
        ("/kubepy.apps.v1.Deployments/GetScale", ("deployments", "get", "scale")),
        ("/kubepy.core.v1.Endpoints/DeleteCollection", ("endpoints", "deletecollection", "")),
    ],
)
def test_meanings(path, meaning):
    method = methods()[path]
    assert (method.resource.plural, method.verb, method.subresource) == meaning


HTTP_ALONE = {"proxy"}  # subresources that are whatever a pod, service or node serves
STREAMS = {"exec", "attach", "portforward"}  # create and get are one thing: a stream both ways


@pytest.mark.parametrize("resource", scheme.resources(), ids=service_name)
def test_every_verb_of_a_resource_and_its_subresources_has_a_method(resource):
    wanted = {("", verb) for verb in resource.verbs}
    for subresource in resource.subresources:
        if subresource.name not in HTTP_ALONE:
            verbs = ("create",) if subresource.name in STREAMS else subresource.verbs
            wanted |= {(subresource.name, verb) for verb in verbs}
    prefix = f"/{service_name(resource)}/"
    own = [method for path, method in methods().items() if path.startswith(prefix)]
    assert {(method.subresource, method.verb) for method in own} == wanted
    assert len(own) == len(wanted)


@pytest.mark.parametrize("resource", scheme.resources(), ids=service_name)
def test_answers_are_what_rest_answers(resource):
    prefix = f"/{service_name(resource)}/"
    for path, method in methods().items():
        if not path.startswith(prefix) or method.subresource:
            continue
        type_ = resource.list_type if method.verb == "list" else resource.type
        expected = {"watch": f"{resource.kind}Event"}.get(method.verb, type_.__name__)
        if method.verb.startswith("delete"):
            expected = "DeleteReply"
        assert method.answer.rpartition(".")[2] == expected, path
        assert method.streams_out == (method.verb == "watch"), path


def test_the_service_for_all_resources_knows_every_verb():
    assert {method.verb for method in dynamic_methods().values()} == set(VERBS.values())
    assert {method.resource for method in dynamic_methods().values()} == {ANY}
    assert [path for path, m in dynamic_methods().items() if m.streams_out] == [
        "/kubepy.v1.Dynamic/Watch"
    ]
    assert DYNAMIC in service_names()


def test_requests_say_what_rest_says():
    for path, method in {**methods(), **dynamic_methods()}.items():
        if method.streams_in or method.subresource == "log":
            continue
        fields = method.request.DESCRIPTOR.fields_by_name
        options = {"watch": "ListOptions", "deletecollection": "DeleteOptions"}.get(
            method.verb, f"{method.verb.capitalize()}Options"
        )
        assert fields["options"].message_type.name == options, path
        addressed = {"namespace"} if method.resource is not ANY else {"namespace", "group"}
        assert addressed <= set(fields), path
        if method.verb == "deletecollection":
            assert fields["list"].message_type.name == "ListOptions", path


def test_every_service_is_served():
    declared = {
        service
        for file in served_files()
        for service in (each.full_name for each in file.services_by_name.values())
    }
    assert declared == set(service_names())


def served_files():
    files = {pb.service(name).file.name: pb.service(name).file for name in service_names()}
    return files.values()


def test_streams():
    assert methods()["/kubepy.core.v1.Pods/Watch"].streams_out
    executing = methods()["/kubepy.core.v1.Pods/Exec"]
    assert executing.streams_in
    assert executing.streams_out
