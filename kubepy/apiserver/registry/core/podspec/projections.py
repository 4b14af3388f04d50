"""Projected volumes: several sources in one directory."""

from __future__ import annotations

from typing import Any

from kubepy.api.core.v1 import (
    ClusterTrustBundleProjection,
    PodCertificateProjection,
    ProjectedVolumeSource,
    ServiceAccountTokenProjection,
    VolumeProjection,
)
from kubepy.apiserver.registry.core.podspec.files import downward_file_errors, items_errors
from kubepy.apiserver.registry.core.podspec.paths import mode, unreserved
from kubepy.apiserver.registry.values import signer_name
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, not_supported, required
from kubepy.meta.labels import check_label_selector

TOKEN_SECONDS = (10 * 60, 1 << 32)  # the least and the most that a token lives
CERTIFICATE_SECONDS = (3600, 91 * 86400)
KEY_TYPES = (
    "RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519",
)  # fmt: skip


def projected_errors(source: ProjectedVolumeSource, path: str) -> list[FieldError]:
    errors = mode(source.defaultMode, f"{path}.defaultMode")
    taken: set[str] = set()
    for index, projection in enumerate(source.sources):
        errors += _projection_errors(projection, path, f"{path}.sources[{index}]", taken)
    return errors


def _projection_errors(
    projection: VolumeProjection, path: str, where: str, taken: set[str]
) -> list[FieldError]:
    """`path` is the volume's, `where` the projection's; `taken` are the paths of files so far."""
    errors: list[FieldError] = []
    for name in ("secret", "configMap"):
        source = getattr(projection, name)
        if source is not None:
            errors += [] if source.name else [required(f"{where}.{name}.name")]
            errors += items_errors(source.items, f"{where}.{name}.items")
            for item in source.items:
                errors += _take(item.path, source.name, path, taken)
    if projection.downwardAPI is not None:
        for file in projection.downwardAPI.items:
            errors += downward_file_errors(file, f"{where}.downwardAPI")
            errors += _take(file.path, file.path, path, taken)
    if projection.serviceAccountToken is not None:
        errors += _token_errors(projection.serviceAccountToken, path, where)
    if projection.clusterTrustBundle is not None:
        bundle = projection.clusterTrustBundle
        errors += _bundle_errors(bundle, f"{where}.clusterTrustBundle")
        errors += _take(bundle.path, bundle.path, path, taken)
    if projection.podCertificate is not None:
        errors += _certificate_errors(
            projection.podCertificate, path, f"{where}.podCertificate", taken
        )
    given = sum(getattr(projection, name) is not None for name in projection.__struct_fields__)
    if given > 1:
        errors.append(forbidden(where, "may not specify more than 1 volume type per source"))
    return errors


def _take(file: str, shown: Any, path: str, taken: set[str]) -> list[FieldError]:
    if not file:
        return []
    if file in taken:
        return [invalid(path, shown, "conflicting duplicate paths")]
    taken.add(file)
    return []


def _token_errors(token: ServiceAccountTokenProjection, path: str, where: str) -> list[FieldError]:
    least, most = TOKEN_SECONDS
    seconds = token.expirationSeconds or 0
    field = f"{where}.serviceAccountToken.expirationSeconds"
    errors = []
    if seconds < least:
        errors.append(invalid(field, seconds, "may not specify a duration less than 10 minutes"))
    if seconds > most:
        why = "may not specify a duration larger than 2^32 seconds"
        errors.append(invalid(field, seconds, why))
    if not token.path:
        return [*errors, required(f"{path}.path")]
    return errors + unreserved(token.path, f"{path}.path")


def _bundle_errors(bundle: ClusterTrustBundleProjection, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    name, signer = bundle.name, bundle.signerName
    if name is not None and signer is not None:
        errors.append(invalid(path, bundle, "only one of name and signerName may be used"))
    elif name is not None:
        if not name:
            errors.append(required(f"{path}.name", "must be a valid object name"))
        messages = names.dns1123_subdomain(name.rpartition(":")[2])
        errors += [
            invalid(f"{path}.name", name, f"not a valid clustertrustbundlename: {text}")
            for text in messages
        ]
        if bundle.labelSelector is not None:
            why = "labelSelector must be unset if name is specified"
            errors.append(invalid(f"{path}.labelSelector", bundle.labelSelector, why))
    elif signer is not None:
        if not signer:
            errors.append(required(f"{path}.signerName", "must be a valid signer name"))
        errors += signer_name(signer, f"{path}.signerName")
        errors += check_label_selector(bundle.labelSelector, f"{path}.labelSelector")
    else:
        errors.append(required(path, "either name or signerName must be specified"))
    if not bundle.path:
        errors.append(required(f"{path}.path"))
    return errors + unreserved(bundle.path, f"{path}.path")


def _certificate_errors(
    source: PodCertificateProjection, path: str, where: str, taken: set[str]
) -> list[FieldError]:
    errors = signer_name(source.signerName, f"{where}.signerName")
    if source.keyType not in KEY_TYPES:
        errors.append(not_supported(f"{where}.keyType", source.keyType, KEY_TYPES))
    least, most = CERTIFICATE_SECONDS
    seconds = source.maxExpirationSeconds
    field = f"{where}.maxExpirationSeconds"
    if seconds is None:
        errors.append(required(field))
    elif seconds < least:
        errors.append(invalid(field, seconds, f"must be at least {least}"))
    elif seconds > most:
        errors.append(invalid(field, seconds, f"must be at most {most}"))
    files = (source.credentialBundlePath, source.keyPath, source.certificateChainPath)
    if not any(files):
        why = "specify at least one of credentialBundlePath, keyPath, and certificateChainPath"
        errors.append(required(where, why))
    fields = ("credentialBundlePath", "keyPath", "certificateChainPath")
    for name, file in zip(fields, files, strict=True):
        if file:
            errors += unreserved(file, f"{where}.{name}") + _take(file, file, path, taken)
    return errors
