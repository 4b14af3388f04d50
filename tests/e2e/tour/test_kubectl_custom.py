"""kubectl and a kind of one's own."""

from __future__ import annotations

import pytest
from kubectl import Kubectl
from steps import Step, walk

pytestmark = pytest.mark.e2e

DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.@.example.com}
spec:
  group: "@.example.com"
  names: {plural: boats, singular: boat, kind: Boat, shortNames: [bt], categories: [all]}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.sails, statusReplicasPath: .status.sails}
    additionalPrinterColumns:
    - {name: Sails, type: integer, jsonPath: .spec.sails}
    - {name: Sort, type: string, jsonPath: .spec.sort, priority: 1}
    schema:
      openAPIV3Schema:
        type: object
        description: A boat floats.
        properties:
          spec:
            type: object
            properties:
              sails: {type: integer, minimum: 1, description: How many sails., default: 2}
              sort: {type: string, enum: [cutter, sloop]}
          status:
            type: object
            properties: {sails: {type: integer}, phase: {type: string}}
"""
BOAT = """
apiVersion: "@.example.com/v1"
kind: Boat
metadata: {name: b}
spec: {sort: sloop}
"""
STEPS = (
    Step("apply -f -", stdin=DEFINITION,
         out="customresourcedefinition.apiextensions.k8s.io/boats.@.example.com created"),
    Step("wait crd/boats.@.example.com --for=condition=Established --timeout=60s",
         out="customresourcedefinition.apiextensions.k8s.io/boats.@.example.com condition met"),
    Step("api-resources --api-group=@.example.com",
         out="NAME SHORTNAMES APIVERSION NAMESPACED KIND\nboats bt @.example.com/v1 true Boat"),
    Step("apply -f -", stdin=BOAT, out="boat.@.example.com/b created"),
    Step("apply -f -", stdin=BOAT, out="boat.@.example.com/b unchanged"),
    Step("get bt -o wide", out="NAME SAILS SORT\nb 2 sloop"),
    Step("get all", out="NAME SAILS\nboat.@.example.com/b 2"),
    Step("describe boat b", out="Name: b\n…Spec:\nSails: 2\nSort: sloop\nEvents: <none>"),
    Step("explain boat.spec", out="GROUP: @.example.com\nKIND: Boat\nVERSION: v1\n\n"
         "FIELD: spec <Object>\n…sails <integer>\nHow many sails.…sort <string>…"),
    Step("explain boat --output=plaintext-openapiv2",
         out="KIND: Boat\nVERSION: @.example.com/v1\n\nDESCRIPTION:\nA boat floats.…"),
    Step("scale boat b --replicas=5", out="boat.@.example.com/b scaled"),
    Step("""patch boat b --type=merge --subresource=status -p '{"status":{"phase":"Afloat"}}'""",
         out="boat.@.example.com/b patched"),
    Step("wait boat/b --for=jsonpath={.status.phase}=Afloat --timeout=60s",
         out="boat.@.example.com/b condition met"),
    Step("""patch boat b --type=merge -p '{"spec":{"sails":0}}'""", code=1,
         err='The Boat "b" is invalid: spec.sails: Invalid value: 0: spec.sails in body should be '
             "greater than or equal to 1"),
    Step("""patch boat b --type=json -p '[{"op":"replace","path":"/spec/sort","value":"z"}]'""",
         code=1, err='The Boat "b" is invalid: spec.sort: Unsupported value: "z": supported '
                     'values: "cutter", "sloop"'),
    Step("""patch boat b -p '{"spec":{"sails":3}}'""", code=1,
         err="error: application/strategic-merge-patch+json is not supported by @.example.com/v1, "
             "Kind=Boat: …"),
    Step("create -f -", stdin=BOAT.replace("sort", "sport").replace("b}", "c}"), code=1,
         err='Error from server (BadRequest): error when creating "STDIN": Boat in version "v1" '
             'cannot be handled as a Boat: strict decoding error: unknown field "spec.sport"'),
    Step("edit boat b", editor="sed -i 's/sails: 5/sails: 6/'",
         out="boat.@.example.com/b edited"),
    Step("apply --server-side -f -", stdin=BOAT.replace("sort: sloop", "sails: 3"), code=1,
         err='error: Apply failed with 1 conflict: conflict with "kubectl-edit" using '
             "@.example.com/v1: .spec.sails\n…"),
    Step("apply --server-side --force-conflicts -f -",
         stdin=BOAT.replace("sort: sloop", "sails: 3"),
         out="boat.@.example.com/b serverside-applied"),
    Step("label boat b a=b", out="boat.@.example.com/b labeled"),
    Step("get boats -l a=b --field-selector=metadata.name=b -o custom-columns=S:.spec.sails",
         out="S\n3"),
    Step("delete -f -", stdin=DEFINITION, err="…", out="…deleted"),
    Step("get crd boats.@.example.com", code=1,
         err='Error from server (NotFound): customresourcedefinitions.apiextensions.k8s.io '
             '"boats.@.example.com" not found'),
)  # fmt: skip


def test_a_kind_of_ones_own(kubectl: Kubectl) -> None:
    walk(kubectl, STEPS)
