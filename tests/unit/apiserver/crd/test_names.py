"""Which names a definition gets, and what its status says about it."""

from __future__ import annotations

import pytest

from kubepy.api.apiextensions.v1 import (
    CustomResourceDefinition,
    CustomResourceDefinitionNames,
    CustomResourceDefinitionSpec,
    CustomResourceDefinitionStatus,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.crd import approval, names, status

MINE = CustomResourceDefinitionNames(
    plural="widgets", singular="widget", kind="Widget", listKind="WidgetList", shortNames=("wd",)
)


def definition(group="example.com", accepted=None, annotations=None, conditions=()):
    return CustomResourceDefinition(
        metadata=ObjectMeta(name=f"widgets.{group}", annotations=annotations or {}),
        spec=CustomResourceDefinitionSpec(group=group, names=MINE),
        status=CustomResourceDefinitionStatus(
            acceptedNames=accepted or CustomResourceDefinitionNames(), conditions=conditions or None
        ),
    )


def conditions_of(found):
    return {each.type: (each.status, each.reason) for each in found.status.conditions}


@pytest.mark.parametrize(
    ("others", "reason", "message"),
    [
        pytest.param({}, "NoConflicts", "no conflicts found", id="alone"),
        pytest.param(
            {"plural": "widgets"}, "PluralConflict", '"widgets" is already in use', id="plural"
        ),
        pytest.param(
            {"shortNames": ("widget",)},
            "SingularConflict",
            '"widget" is already in use',
            id="another's short name is my singular",
        ),
        pytest.param(
            {"shortNames": ("wd",)}, "ShortNamesConflict", '"wd" is already in use', id="short name"
        ),
        pytest.param({"kind": "Widget"}, "KindConflict", '"Widget" is already in use', id="kind"),
        pytest.param(
            {"kind": "WidgetList"},
            "ListKindConflict",
            '"WidgetList" is already in use',
            id="another's kind is my list kind",
        ),
    ],
)
def test_accept(others, reason, message):
    taken = names.taken_by([CustomResourceDefinitionNames(**others)])
    verdict = names.accept(definition(), taken)
    assert (verdict.condition.reason, verdict.condition.message) == (reason, message)


def test_what_is_free_is_given_even_if_something_else_is_not():
    taken = names.taken_by([CustomResourceDefinitionNames(kind="Widget")])
    given = names.accept(definition(), taken).names
    assert (given.plural, given.kind) == ("widgets", "")


def test_a_definition_keeps_what_it_has():
    taken = names.taken_by([MINE])
    assert names.accept(definition(accepted=MINE), taken).condition.reason == "NoConflicts"


def test_a_definition_is_established_once_its_names_are():
    found = status.wanted(definition(), names.taken_by([]), 1.0)
    assert conditions_of(found) == {
        "NamesAccepted": ("True", "NoConflicts"),
        "Established": ("True", "InitialNamesAccepted"),
    }
    assert status.wanted(found, names.taken_by([]), 2.0) is found


def test_a_conflict_keeps_it_from_that():
    found = status.wanted(definition(), names.taken_by([MINE]), 1.0)
    assert conditions_of(found)["Established"] == ("False", "NotAccepted")


def test_an_established_one_stays_so_when_a_new_name_is_taken():
    before = status.wanted(definition(), names.taken_by([]), 1.0)
    renamed = definition(accepted=before.status.acceptedNames, conditions=before.status.conditions)
    others = [CustomResourceDefinitionNames(shortNames=("wd",))]
    found = status.wanted(renamed, names.taken_by(others), 2.0)
    assert conditions_of(found)["Established"][0] == "True"


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        pytest.param(None, ("False", "MissingAnnotation"), id="none"),
        pytest.param("https://github.com/x/1", ("True", "ApprovedAnnotation"), id="a URL"),
        pytest.param("unapproved, trying", ("False", "UnapprovedAnnotation"), id="unapproved"),
        pytest.param("yes", ("False", "InvalidAnnotation"), id="neither"),
    ],
)
def test_groups_of_the_community_need_an_approval(annotation, reason):
    given = {approval.ANNOTATION: annotation} if annotation else {}
    found = status.wanted(definition("x.k8s.io", annotations=given), names.taken_by([]), 1.0)
    assert conditions_of(found)[approval.CONFORMANT] == reason


def test_other_groups_do_not():
    found = status.wanted(definition(), names.taken_by([]), 1.0)
    assert approval.CONFORMANT not in conditions_of(found)
