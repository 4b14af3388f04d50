"""A pod's resolver, hostname and hosts file. Touches nothing."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from kubepy.api.core.v1 import Pod

NAMESERVERS = 3  # that a resolver looks at
SEARCHES = 32
SEARCH_LENGTH = 2048
HOSTNAME_LENGTH = 63
CLUSTER_OPTIONS = ("ndots:5",)


class Resolver(Struct, frozen=True):
    """The contents of a resolv.conf."""

    servers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def parse(text: str) -> Resolver:
    """A resolv.conf; the last `search` and `options` lines count."""
    servers: list[str] = []
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    for line in text.splitlines():
        word, *rest = line.split("#")[0].split(";")[0].split() or [""]
        if word == "nameserver" and rest:
            servers.append(rest[0])
        elif word in ("search", "domain"):
            searches = tuple(name.rstrip(".") or "." for name in rest)
        elif word == "options":
            options = tuple(rest)
    return Resolver(tuple(servers), searches, options)


def resolver(pod: Pod, host: Resolver, cluster_dns: Sequence[str], domain: str) -> Resolver:
    """The pod's resolver by its dnsPolicy and dnsConfig.

    Without a cluster DNS every pod gets the node's resolver.
    """
    policy = pod.spec.dnsPolicy or "ClusterFirst"
    if policy == "ClusterFirst" and pod.spec.hostNetwork:
        policy = "Default"
    if policy == "ClusterFirstWithHostNet":
        policy = "ClusterFirst"
    if policy == "ClusterFirst" and not cluster_dns:
        policy = "Default"
    match policy:
        case "ClusterFirst":
            namespace = pod.metadata.namespace
            own = (f"{namespace}.svc.{domain}", f"svc.{domain}", domain) if domain else ()
            found = Resolver(tuple(cluster_dns), _unique((*own, *host.searches)), CLUSTER_OPTIONS)
        case "None":
            found = Resolver()
        case _:
            found = host
    return _bounded(_merged(pod, found))


def _merged(pod: Pod, base: Resolver) -> Resolver:
    config = pod.spec.dnsConfig
    if config is None:
        return base
    options: dict[str, str | None] = {}
    for option in base.options:
        name, colon, value = option.partition(":")
        options[name] = value if colon else None
    for entry in config.options:
        options[entry.name] = entry.value
    return Resolver(
        _unique((*base.servers, *config.nameservers)),
        _unique((*base.searches, *config.searches)),
        tuple(name if value is None else f"{name}:{value}" for name, value in options.items()),
    )


def _bounded(found: Resolver) -> Resolver:
    searches = list(found.searches[:SEARCHES])
    while len(" ".join(searches)) > SEARCH_LENGTH:
        searches.pop()
    return Resolver(found.servers[:NAMESERVERS], tuple(searches), found.options)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def hostname(pod: Pod, cluster_domain: str) -> tuple[str, str]:
    """(short name, domain or empty) of the pod."""
    if pod.spec.hostnameOverride:
        return pod.spec.hostnameOverride, ""
    name = pod.spec.hostname or pod.metadata.name
    name = name[:HOSTNAME_LENGTH].rstrip("-.")
    if not pod.spec.subdomain:
        return name, ""
    return name, f"{pod.spec.subdomain}.{pod.metadata.namespace}.svc.{cluster_domain}"


_LOCAL = """\
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
"""


def hosts(pod: Pod, ips: Sequence[str], cluster_domain: str, host_file: str) -> str:
    """The pod's /etc/hosts. `host_file`: the node's, for pods in its network."""
    if pod.spec.hostNetwork:
        text = f"# Kubernetes-managed hosts file (host network).\n{host_file}"
    else:
        name, domain = hostname(pod, cluster_domain)
        names = f"{name}.{domain}\t{name}" if domain else name
        lines = "".join(f"{ip}\t{names}\n" for ip in ips)
        text = f"# Kubernetes-managed hosts file.\n{_LOCAL}{lines}"
    if pod.spec.hostAliases:
        text += "\n# Entries added by HostAliases.\n"
        for alias in pod.spec.hostAliases:
            text += "\t".join((alias.ip, *alias.hostnames)) + "\n"
    return text
