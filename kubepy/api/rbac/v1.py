"""rbac.authorization.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Rules, Wire, empty_string, no_items

PACKAGE = "k8s.io.api.rbac.v1"
API_VERSION = "rbac.authorization.k8s.io/v1"


class AggregationRule(Wire, frozen=True, kw_only=True):
    """The rules are gathered from the ClusterRoles with these labels, and overwritten."""

    clusterRoleSelectors: tuple[meta_v1.LabelSelector, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "clusterRoleSelectors": Rules(list_type="atomic"),
    }


class ClusterRole(Wire, frozen=True, kw_only=True):
    """What may be done everywhere, to cluster-wide resources, or to paths that are no resources."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    rules: tuple[PolicyRule, ...] = _field(default_factory=no_items)
    aggregationRule: AggregationRule | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "rules": Rules(list_type="atomic"),
    }
    __nulls__: ClassVar[tuple[str, ...]] = ("rules",)


class RoleRef(Wire, frozen=True, kw_only=True):
    """Never changes: another role is another binding."""

    apiGroup: str = _field(default_factory=empty_string)
    kind: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "kind": Rules(required=True),
        "name": Rules(required=True),
    }

    __atomic__: ClassVar[bool] = True


class ClusterRoleBinding(Wire, frozen=True, kw_only=True):
    """Who has a ClusterRole in the whole cluster."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    subjects: tuple[Subject, ...] = ()
    roleRef: RoleRef = _field(default_factory=RoleRef)

    __rules__: ClassVar[dict[str, Rules]] = {
        "subjects": Rules(list_type="atomic"),
        "roleRef": Rules(required=True),
    }


class ClusterRoleBindingList(Wire, frozen=True, kw_only=True):
    """A list of ClusterRoleBindings."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ClusterRoleBinding, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ClusterRoleList(Wire, frozen=True, kw_only=True):
    """A list of ClusterRoles."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ClusterRole, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class PolicyRule(Wire, frozen=True, kw_only=True):
    """Verbs times groups times resources, `*` for all; or verbs times paths."""

    verbs: tuple[str, ...] = _field(default_factory=no_items)
    apiGroups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resourceNames: tuple[str, ...] = ()
    nonResourceURLs: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "verbs": Rules(list_type="atomic", required=True),
        "apiGroups": Rules(list_type="atomic"),
        "resources": Rules(list_type="atomic"),
        "resourceNames": Rules(list_type="atomic"),
        "nonResourceURLs": Rules(list_type="atomic"),
    }


class Role(Wire, frozen=True, kw_only=True):
    """What may be done within a namespace."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    rules: tuple[PolicyRule, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "rules": Rules(list_type="atomic"),
    }
    __nulls__: ClassVar[tuple[str, ...]] = ("rules",)


class RoleBinding(Wire, frozen=True, kw_only=True):
    """Who has a role, or a ClusterRole, within a namespace."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    subjects: tuple[Subject, ...] = ()
    roleRef: RoleRef = _field(default_factory=RoleRef)

    __rules__: ClassVar[dict[str, Rules]] = {
        "subjects": Rules(list_type="atomic"),
        "roleRef": Rules(required=True),
    }


class RoleBindingList(Wire, frozen=True, kw_only=True):
    """A list of RoleBindings."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[RoleBinding, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class RoleList(Wire, frozen=True, kw_only=True):
    """A list of Roles."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Role, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class Subject(Wire, frozen=True, kw_only=True):
    """A user, a group, or a service account."""

    kind: str = _field(default_factory=empty_string)
    apiGroup: str = ""
    name: str = _field(default_factory=empty_string)
    namespace: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "kind": Rules(required=True),
        "name": Rules(required=True),
    }

    __atomic__: ClassVar[bool] = True
