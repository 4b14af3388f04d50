"""What a definition may not say, beyond its schemas."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.apiextensions.v1 import CustomResourceDefinition, CustomResourceDefinitionCondition
from kubepy.apiserver.crd.definition.spec import validate_create, validate_update
from kubepy.apiserver.registry.apiextensions.customresourcedefinition import (
    default,
    prepare_create,
    prepare_update,
)


def version(name="v1", *, storage=True, **more):
    schema = {"type": "object", "properties": {name: {"type": "string"}}}
    return {"name": name, "served": True, "storage": storage,
            "schema": {"openAPIV3Schema": schema}, **more}  # fmt: skip


def definition(*versions, established=False, **spec):
    body = {
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget"},
            "versions": list(versions) or [version()],
            **spec,
        },
    }
    found = prepare_create(default(codec.from_builtins(CustomResourceDefinition, body)))
    if established:
        condition = CustomResourceDefinitionCondition(type="Established", status="True")
        found = replace(found, status=replace(found.status, conditions=(condition,)))
    return found


def created(*versions, **spec):
    return [str(each) for each in validate_create(definition(*versions, **spec))]


def updated(old, new):
    return [str(each) for each in validate_update(prepare_update(new, old), old)]


def client(**config):
    return {
        "strategy": "Webhook",
        "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": config},
    }


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({}, id="little"),
        pytest.param({"versions": [version(), version("v2", storage=False)]}, id="two versions"),
        pytest.param({"conversion": client(url="https://x/convert")}, id="a webhook by URL"),
        pytest.param(
            {"conversion": client(service={"namespace": "a", "name": "b", "path": "/c"})},
            id="a webhook by Service",
        ),
        pytest.param(
            {"versions": [version(deprecated=True, deprecationWarning="use v2")]}, id="deprecated"
        ),
    ],
)
def test_sound(spec):
    assert created(**spec) == []


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        pytest.param({"scope": ""}, "spec.scope: Required value", id="no scope"),
        pytest.param(
            {"preserveUnknownFields": True},
            "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set "
            "x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
            id="what version 1 has given up",
        ),
        pytest.param(
            {
                "versions": [
                    version(
                        additionalPrinterColumns=[{"name": "A", "type": "x", "jsonPath": ".a"}]
                    ),
                    version("v2", storage=False),
                ]
            },
            'spec.versions[0].additionalPrinterColumns[0].type: Invalid value: "x": must be one of '
            "boolean,date,integer,number,string",
            id="a column of one version",
        ),
        pytest.param(
            {"versions": [version(deprecated=True, deprecationWarning="")]},
            'spec.versions[0].deprecationWarning: Invalid value: "": must not be an empty string',
            id="an empty warning",
        ),
        pytest.param(
            {"versions": [version(selectableFields=[{"jsonPath": ".metadata.name"}])]},
            'spec.selectableFields[0].jsonPath: Invalid value: ".metadata.name": is an invalid '
            "path: does not refer to a valid field",
            id="selectable metadata",
        ),
        pytest.param(
            {"conversion": client()},
            "spec.conversion.webhookClientConfig: Required value: exactly one of url or service is "
            "required",
            id="a webhook nowhere",
        ),
        pytest.param(
            {"conversion": client(url="http://x/")},
            "spec.conversion.webhookClientConfig.url: Invalid value: \"http\": 'https' is the only "
            "allowed URL scheme; desired format: https://host[/path]",
            id="a webhook without TLS",
        ),
        pytest.param(
            {"conversion": client(service={"namespace": "a", "name": "b", "port": 99999})},
            "spec.conversion.webhookClientConfig.service.port: Invalid value: 99999: port is not "
            "valid: must be between 1 and 65535, inclusive",
            id="a webhook at no port",
        ),
    ],
)
def test_refused(spec, complaint):
    assert created(**spec) == [complaint]


def test_what_an_established_definition_may_not_change():
    old = definition(established=True)
    new = definition(scope="Cluster")
    assert updated(old, new) == ['spec.scope: Invalid value: "Cluster": field is immutable']
    assert updated(definition(), new) == []


def test_a_version_that_was_stored_stays():
    old = definition(version("v1"), version("v2", storage=False))
    (complaint,) = updated(old, definition(version("v2")))
    assert complaint.startswith('status.storedVersions[0]: Invalid value: "v1": missing from')


def test_a_new_storage_version_is_remembered():
    old = definition(version("v1"), version("v2", storage=False))
    new = definition(version("v1", storage=False), version("v2"))
    assert prepare_update(new, old).status.storedVersions == ("v1", "v2")
