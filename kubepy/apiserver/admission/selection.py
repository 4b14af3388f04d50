"""Which plugins are asked: --enable-admission-plugins and --disable-admission-plugins.

Both flags take the names of Kubernetes' plugins, built here or not. What has another name is part
of the server: no flag reaches it, and it is always asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

ORDER = (
    "AlwaysAdmit", "NamespaceAutoProvision", "NamespaceLifecycle", "NamespaceExists",
    "LimitPodHardAntiAffinityTopology", "LimitRanger", "ServiceAccount", "NodeRestriction",
    "TaintNodesByCondition", "AlwaysPullImages", "ImagePolicyWebhook", "PodSecurity",
    "PodNodeSelector", "Priority", "DefaultTolerationSeconds", "PodTolerationRestriction",
    "EventRateLimit", "ExtendedResourceToleration", "DefaultStorageClass",
    "StorageObjectInUseProtection", "PodGroupProtection", "OwnerReferencesPermissionEnforcement",
    "PersistentVolumeClaimResize", "RuntimeClass", "CertificateApproval", "CertificateSigning",
    "ClusterTrustBundleAttest", "CertificateSubjectRestriction", "DefaultIngressClass",
    "DenyServiceExternalIPs", "PodTopologyLabels", "PodGroupWorkloadExists",
    "NodeDeclaredFeatureValidator", "JobValidation", "PodResizeValidator",
    "MutatingAdmissionPolicy", "MutatingAdmissionWebhook", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook", "ResourceQuota", "AlwaysDeny",
)  # fmt: skip
"""Kubernetes' plugins in the order in which they are asked, whatever the order in a flag."""

ON_DEMAND = frozenset((
    "AlwaysAdmit", "AlwaysDeny", "AlwaysPullImages", "DenyServiceExternalIPs", "EventRateLimit",
    "ExtendedResourceToleration", "ImagePolicyWebhook", "LimitPodHardAntiAffinityTopology",
    "NamespaceAutoProvision", "NamespaceExists", "NodeRestriction",
    "OwnerReferencesPermissionEnforcement", "PodNodeSelector", "PodTolerationRestriction",
))  # fmt: skip
"""Those that are asked only where they are enabled."""


def mistakes(enabled: Sequence[str], disabled: Sequence[str]) -> list[str]:
    """What is wrong with the two flags, a line each."""
    found = [
        f'{flag}-admission-plugins plugin "{name}" is unknown'
        for flag, names in (("enable", enabled), ("disable", disabled))
        for name in names
        if name not in ORDER
    ]
    if both := set(enabled) & set(disabled):
        listed = " ".join(sorted(both))
        flags = "enable-admission-plugins and disable-admission-plugins"
        found.append(f"[{listed}] in {flags} overlapped")
    return found


def is_asked(name: str, enabled: Sequence[str], disabled: Sequence[str]) -> bool:
    """Whether a plugin takes part, with flags that have no mistakes."""
    return name in enabled or (name not in disabled and name not in ON_DEMAND)


def unbuilt(names: Iterable[str], built: Iterable[str]) -> list[str]:
    """The names without a plugin, each once."""
    known = frozenset(built)
    return [name for name in dict.fromkeys(names) if name not in known]
