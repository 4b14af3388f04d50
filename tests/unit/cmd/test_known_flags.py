"""Every flag of Kubernetes' binaries is known to ours: a manifest written for them starts these.

The names are facts of Kubernetes v1.36 and, for the kubelet and kube-proxy, of older versions that
manifests still have. A `?` marks switches, which take no argument of their own.
"""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.apiserver import config as apiserver
from kubepy.base.flags import Program, UsageError
from kubepy.cloud import config as cloud
from kubepy.controllers import config as controllers
from kubepy.kubelet import config as kubelet
from kubepy.proxy import config as proxy
from kubepy.scheduler import config as scheduler

LOGGING = (
    "log-flush-frequency log-json-info-buffer-size log-json-split-stream? "
    "log-text-info-buffer-size log-text-split-stream? logging-format v vmodule"
)
APISERVER = (
    "admission-control admission-control-config-file advertise-address "
    "aggregator-reject-forwarding-redirect? allow-metric-labels allow-metric-labels-manifest "
    "allow-privileged? anonymous-auth? api-audiences audit-log-batch-buffer-size "
    "audit-log-batch-max-size audit-log-batch-max-wait audit-log-batch-throttle-burst "
    "audit-log-batch-throttle-enable? audit-log-batch-throttle-qps audit-log-compress? "
    "audit-log-format audit-log-maxage audit-log-maxbackup audit-log-maxsize audit-log-mode "
    "audit-log-path audit-log-truncate-enabled? audit-log-truncate-max-batch-size "
    "audit-log-truncate-max-event-size audit-log-version audit-policy-file "
    "audit-webhook-batch-buffer-size audit-webhook-batch-max-size audit-webhook-batch-max-wait "
    "audit-webhook-batch-throttle-burst audit-webhook-batch-throttle-enable? "
    "audit-webhook-batch-throttle-qps audit-webhook-config-file audit-webhook-initial-backoff "
    "audit-webhook-mode audit-webhook-truncate-enabled? audit-webhook-truncate-max-batch-size "
    "audit-webhook-truncate-max-event-size audit-webhook-version authentication-config "
    "authentication-token-webhook-cache-ttl authentication-token-webhook-config-file "
    "authentication-token-webhook-version authorization-config authorization-mode "
    "authorization-policy-file authorization-webhook-cache-authorized-ttl "
    "authorization-webhook-cache-unauthorized-ttl authorization-webhook-config-file "
    "authorization-webhook-version bind-address cert-dir client-ca-file contention-profiling? "
    "coordinated-leadership-lease-duration coordinated-leadership-renew-deadline "
    "coordinated-leadership-retry-period cors-allowed-origins debug-socket-path "
    "default-not-ready-toleration-seconds default-unreachable-toleration-seconds "
    "delete-collection-workers disable-admission-plugins disable-http2-serving? "
    "disabled-metrics egress-selector-config-file emulated-version "
    "emulation-forward-compatible? enable-admission-plugins enable-aggregator-routing? "
    "enable-bootstrap-token-auth? enable-garbage-collector? enable-logs-handler? "
    "enable-priority-and-fairness? encryption-provider-config "
    "encryption-provider-config-automatic-reload? endpoint-reconciler-type etcd-cafile "
    "etcd-certfile etcd-compaction-interval etcd-count-metric-poll-period "
    "etcd-db-metric-poll-interval etcd-healthcheck-timeout etcd-keyfile etcd-prefix "
    "etcd-readycheck-timeout etcd-servers etcd-servers-overrides event-ttl external-hostname "
    "feature-gates goaway-chance http2-max-streams-per-connection kubelet-certificate-authority "
    "kubelet-client-certificate kubelet-client-key kubelet-preferred-address-types "
    "kubelet-timeout kubernetes-service-node-port lease-reuse-duration-seconds "
    "livez-grace-period max-connection-bytes-per-sec max-mutating-requests-inflight "
    "max-requests-inflight min-compatibility-version min-request-timeout oidc-ca-file "
    "oidc-client-id oidc-groups-claim oidc-groups-prefix oidc-issuer-url oidc-required-claim "
    "oidc-signing-algs oidc-username-claim oidc-username-prefix peer-advertise-ip "
    "peer-advertise-port peer-ca-file permit-address-sharing? permit-port-sharing? profiling? "
    "proxy-client-cert-file proxy-client-key-file request-timeout requestheader-allowed-names "
    "requestheader-client-ca-file requestheader-extra-headers-prefix "
    "requestheader-group-headers requestheader-uid-headers requestheader-username-headers "
    "runtime-config runtime-config-emulation-forward-compatible? secure-port "
    "service-account-extend-token-expiration? service-account-issuer service-account-jwks-uri "
    "service-account-key-file service-account-lookup? service-account-max-token-expiration "
    "service-account-signing-endpoint service-account-signing-key-file service-cluster-ip-range "
    "service-node-port-range show-hidden-metrics-for-version shutdown-delay-duration "
    "shutdown-send-retry-after? shutdown-watch-termination-grace-period storage-backend "
    "storage-initialization-timeout storage-media-type strict-transport-security-directives "
    "tls-cert-file tls-cipher-suites tls-curve-preferences tls-min-version tls-private-key-file "
    "tls-sni-cert-key token-auth-file tracing-config-file watch-cache? watch-cache-sizes"
)
CONTROLLERS = (
    "allocate-node-cidrs? allow-metric-labels allow-metric-labels-manifest "
    "attach-detach-reconcile-sync-period authentication-kubeconfig authentication-skip-lookup? "
    "authentication-token-webhook-cache-ttl authentication-tolerate-lookup-failure? "
    "authorization-always-allow-paths authorization-kubeconfig "
    "authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl "
    "bind-address cert-dir cidr-allocator-type client-ca-file cloud-config cloud-provider "
    "cluster-cidr cluster-name cluster-signing-cert-file cluster-signing-duration "
    "cluster-signing-key-file cluster-signing-kube-apiserver-client-cert-file "
    "cluster-signing-kube-apiserver-client-key-file cluster-signing-kubelet-client-cert-file "
    "cluster-signing-kubelet-client-key-file cluster-signing-kubelet-serving-cert-file "
    "cluster-signing-kubelet-serving-key-file cluster-signing-legacy-unknown-cert-file "
    "cluster-signing-legacy-unknown-key-file concurrent-cron-job-syncs "
    "concurrent-daemonset-syncs concurrent-deployment-syncs "
    "concurrent-device-taint-eviction-syncs concurrent-endpoint-syncs "
    "concurrent-ephemeralvolume-syncs concurrent-gc-syncs "
    "concurrent-horizontal-pod-autoscaler-syncs concurrent-job-syncs concurrent-namespace-syncs "
    "concurrent-rc-syncs concurrent-replicaset-syncs concurrent-resource-claim-syncs "
    "concurrent-resource-quota-syncs concurrent-service-endpoint-syncs concurrent-service-syncs "
    "concurrent-serviceaccount-token-syncs concurrent-statefulset-syncs "
    "concurrent-ttl-after-finished-syncs concurrent-validating-admission-policy-status-syncs "
    "configure-cloud-routes? contention-profiling? controller-shutdown-timeout "
    "controller-start-interval controllers debug-socket-path "
    "disable-attach-detach-reconcile-sync? disable-force-detach-on-timeout? "
    "disable-http2-serving? disabled-metrics emulated-version emulation-forward-compatible? "
    "enable-dynamic-provisioning? enable-garbage-collector? enable-hostpath-provisioner? "
    "enable-leader-migration? endpoint-updates-batch-period endpointslice-updates-batch-period "
    "external-cloud-volume-plugin feature-gates flex-volume-plugin-dir "
    "horizontal-pod-autoscaler-cpu-initialization-period "
    "horizontal-pod-autoscaler-downscale-stabilization "
    "horizontal-pod-autoscaler-initial-readiness-delay horizontal-pod-autoscaler-sync-period "
    "horizontal-pod-autoscaler-tolerance http2-max-streams-per-connection kube-api-burst "
    "kube-api-content-type kube-api-qps kubeconfig large-cluster-size-threshold leader-elect? "
    "leader-elect-lease-duration leader-elect-renew-deadline leader-elect-resource-lock "
    "leader-elect-resource-name leader-elect-resource-namespace leader-elect-retry-period "
    "leader-migration-config legacy-service-account-token-clean-up-period master "
    "max-endpoints-per-slice min-compatibility-version min-resync-period "
    "mirroring-concurrent-service-endpoint-syncs mirroring-endpointslice-updates-batch-period "
    "mirroring-max-endpoints-per-subset namespace-sync-period node-cidr-mask-size "
    "node-cidr-mask-size-ipv4 node-cidr-mask-size-ipv6 node-eviction-rate "
    "node-monitor-grace-period node-monitor-period node-startup-grace-period "
    "permit-address-sharing? permit-port-sharing? profiling? pv-recycler-increment-timeout-nfs "
    "pv-recycler-minimum-timeout-hostpath pv-recycler-minimum-timeout-nfs "
    "pv-recycler-pod-template-filepath-hostpath pv-recycler-pod-template-filepath-nfs "
    "pv-recycler-timeout-increment-hostpath pvclaimbinder-sync-period "
    "requestheader-allowed-names requestheader-client-ca-file "
    "requestheader-extra-headers-prefix requestheader-group-headers requestheader-uid-headers "
    "requestheader-username-headers resource-quota-sync-period root-ca-file "
    "route-reconciliation-period secondary-node-eviction-rate secure-port "
    "service-account-private-key-file service-cluster-ip-range show-hidden-metrics-for-version "
    "terminated-pod-gc-threshold tls-cert-file tls-cipher-suites tls-curve-preferences "
    "tls-min-version tls-private-key-file tls-sni-cert-key unhealthy-zone-threshold "
    "use-service-account-credentials?"
)
SCHEDULER = (
    "allow-metric-labels allow-metric-labels-manifest authentication-kubeconfig "
    "authentication-skip-lookup? authentication-token-webhook-cache-ttl "
    "authentication-tolerate-lookup-failure? authorization-always-allow-paths "
    "authorization-kubeconfig authorization-webhook-cache-authorized-ttl "
    "authorization-webhook-cache-unauthorized-ttl bind-address cert-dir client-ca-file "
    "contention-profiling? debug-socket-path disable-http2-serving? disabled-metrics "
    "emulated-version emulation-forward-compatible? feature-gates "
    "http2-max-streams-per-connection kube-api-burst kube-api-content-type kube-api-qps "
    "kubeconfig leader-elect? leader-elect-lease-duration leader-elect-renew-deadline "
    "leader-elect-resource-lock leader-elect-resource-name leader-elect-resource-namespace "
    "leader-elect-retry-period master min-compatibility-version permit-address-sharing? "
    "permit-port-sharing? pod-max-in-unschedulable-pods-duration profiling? "
    "requestheader-allowed-names requestheader-client-ca-file "
    "requestheader-extra-headers-prefix requestheader-group-headers requestheader-uid-headers "
    "requestheader-username-headers secure-port show-hidden-metrics-for-version tls-cert-file "
    "tls-cipher-suites tls-curve-preferences tls-min-version tls-private-key-file "
    "tls-sni-cert-key write-config-to"
)
KUBELET = (
    "address allowed-unsafe-sysctls anonymous-auth? application-metrics-count-limit "
    "authentication-token-webhook? authentication-token-webhook-cache-ttl authorization-mode "
    "authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl "
    "bootstrap-kubeconfig cert-dir cgroup-driver cgroup-root cgroups-per-qos? client-ca-file "
    "cloud-config cloud-provider cluster-dns cluster-domain config-dir container-hints "
    "container-log-max-files container-log-max-size container-runtime "
    "container-runtime-endpoint containerd containerd-namespace contention-profiling? "
    "cpu-cfs-quota? cpu-cfs-quota-period cpu-manager-policy cpu-manager-policy-options "
    "cpu-manager-reconcile-period docker docker-env-metadata-whitelist docker-only? docker-root "
    "docker-tls? docker-tls-ca docker-tls-cert docker-tls-key dynamic-config-dir "
    "enable-controller-attach-detach? enable-debugging-handlers? enable-load-reader? "
    "enable-server? enforce-node-allocatable event-burst event-qps event-storage-age-limit "
    "event-storage-event-limit eviction-hard eviction-max-pod-grace-period "
    "eviction-minimum-reclaim eviction-pressure-transition-period eviction-soft "
    "eviction-soft-grace-period exit-on-lock-contention? "
    "experimental-allocatable-ignore-eviction? fail-swap-on? feature-gates file-check-frequency "
    "global-housekeeping-interval hairpin-mode healthz-bind-address healthz-port "
    "hostname-override housekeeping-interval http-check-frequency "
    "image-credential-provider-bin-dir image-credential-provider-config image-gc-high-threshold "
    "image-gc-low-threshold image-service-endpoint iptables-drop-bit iptables-masquerade-bit "
    "keep-terminated-pod-volumes? kernel-memcg-notification? kube-api-burst "
    "kube-api-content-type kube-api-qps kube-reserved kube-reserved-cgroup kubeconfig "
    "kubelet-cgroups local-storage-capacity-isolation? lock-file log-cadvisor-usage? "
    "machine-id-file make-iptables-util-chains? manifest-url manifest-url-header "
    "master-service-namespace max-open-files max-pods maximum-dead-containers "
    "maximum-dead-containers-per-container memory-manager-policy minimum-container-ttl-duration "
    "minimum-image-ttl-duration node-ip node-labels node-status-max-images "
    "node-status-update-frequency oom-score-adj pod-cidr pod-infra-container-image "
    "pod-manifest-path pod-max-pids pods-per-core port protect-kernel-defaults? provider-id "
    "qos-reserved read-only-port register-node? register-schedulable? register-with-taints "
    "registry-burst registry-qps reserved-cpus reserved-memory resolv-conf root-dir "
    "rotate-certificates? rotate-server-certificates? runonce? runtime-cgroups "
    "runtime-request-timeout seccomp-default? serialize-image-pulls? "
    "show-hidden-metrics-for-version storage-driver-buffer-duration storage-driver-db "
    "storage-driver-host storage-driver-password storage-driver-secure? storage-driver-table "
    "storage-driver-user streaming-connection-idle-timeout sync-frequency system-cgroups "
    "system-reserved system-reserved-cgroup tls-cert-file tls-cipher-suites "
    "tls-curve-preferences tls-min-version tls-private-key-file topology-manager-policy "
    "topology-manager-policy-options topology-manager-scope volume-plugin-dir "
    "volume-stats-agg-period"
)
PROXY = (
    "add-dir-header? alsologtostderr? bind-address bind-address-hard-fail? cleanup? "
    "cluster-cidr config-sync-period conntrack-max-per-core conntrack-min "
    "conntrack-tcp-be-liberal? conntrack-tcp-timeout-close-wait "
    "conntrack-tcp-timeout-established conntrack-udp-timeout conntrack-udp-timeout-stream "
    "detect-local-mode feature-gates healthz-bind-address healthz-port hostname-override "
    "init-only? iptables-localhost-nodeports? iptables-masquerade-bit iptables-min-sync-period "
    "iptables-sync-period ipvs-exclude-cidrs ipvs-min-sync-period ipvs-scheduler "
    "ipvs-strict-arp? ipvs-sync-period ipvs-tcp-timeout ipvs-tcpfin-timeout ipvs-udp-timeout "
    "kube-api-burst kube-api-content-type kube-api-qps kubeconfig log-backtrace-at log-dir "
    "log-file log-file-max-size logtostderr? masquerade-all? master metrics-bind-address "
    "metrics-port nodeport-addresses one-output? oom-score-adj pod-bridge-interface "
    "pod-interface-name-prefix profiling? proxy-mode proxy-port-range "
    "show-hidden-metrics-for-version skip-headers? skip-log-headers? stderrthreshold "
    "write-config-to"
)
CLOUD = (
    "allocate-node-cidrs? allow-metric-labels allow-metric-labels-manifest "
    "allow-untagged-cloud? authentication-kubeconfig authentication-skip-lookup? "
    "authentication-token-webhook-cache-ttl authentication-tolerate-lookup-failure? "
    "authorization-always-allow-paths authorization-kubeconfig "
    "authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl "
    "bind-address cert-dir cidr-allocator-type client-ca-file cloud-config cloud-provider "
    "cluster-cidr cluster-name concurrent-node-syncs concurrent-service-syncs "
    "configure-cloud-routes? contention-profiling? controller-start-interval controllers "
    "debug-socket-path disable-http2-serving? disabled-metrics emulated-version "
    "emulation-forward-compatible? enable-leader-migration? external-cloud-volume-plugin "
    "feature-gates http2-max-streams-per-connection kube-api-burst kube-api-content-type "
    "kube-api-qps kubeconfig leader-elect? leader-elect-lease-duration "
    "leader-elect-renew-deadline leader-elect-resource-lock leader-elect-resource-name "
    "leader-elect-resource-namespace leader-elect-retry-period leader-migration-config master "
    "min-compatibility-version min-resync-period node-monitor-period "
    "node-status-update-frequency node-sync-period permit-address-sharing? permit-port-sharing? "
    "profiling? requestheader-allowed-names requestheader-client-ca-file "
    "requestheader-extra-headers-prefix requestheader-group-headers requestheader-uid-headers "
    "requestheader-username-headers route-reconciliation-period secure-port "
    "show-hidden-metrics-for-version tls-cert-file tls-cipher-suites tls-curve-preferences "
    "tls-min-version tls-private-key-file tls-sni-cert-key use-service-account-credentials? "
    "webhook-bind-address webhook-cert-dir webhook-secure-port webhooks"
)
PROGRAMS: tuple[tuple[Program[Any], str], ...] = (
    (apiserver.PROGRAM, APISERVER),
    (controllers.PROGRAM, CONTROLLERS),
    (scheduler.PROGRAM, SCHEDULER),
    (kubelet.PROGRAM, KUBELET),
    (proxy.PROGRAM, PROXY),
    (cloud.PROGRAM, CLOUD),
)
KNOWN = [
    pytest.param(program, flag, id=f"{program.name} --{flag.rstrip('?')}")
    for program, flags in PROGRAMS
    for flag in f"{flags} {LOGGING}".split()
]
KUBEADM = {
    apiserver.PROGRAM: (
        "advertise-address=192.0.2.1 allow-privileged=true authorization-mode=Node,RBAC "
        "enable-admission-plugins=NodeRestriction enable-bootstrap-token-auth=true "
        "etcd-cafile=/pki/etcd/ca.crt etcd-certfile=/pki/apiserver-etcd-client.crt "
        "etcd-keyfile=/pki/apiserver-etcd-client.key etcd-servers=https://127.0.0.1:2379 "
        "kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname "
        "requestheader-allowed-names=front-proxy-client "
        "requestheader-extra-headers-prefix=X-Remote-Extra- "
        "requestheader-group-headers=X-Remote-Group requestheader-username-headers=X-Remote-User "
        "secure-port=6443 service-account-issuer=https://kubernetes.default.svc.cluster.local "
        "service-cluster-ip-range=10.96.0.0/12"
    ),
    controllers.PROGRAM: (
        "allocate-node-cidrs=true authentication-kubeconfig=/c.conf authorization-kubeconfig=/c "
        "bind-address=127.0.0.1 client-ca-file=/ca.crt cluster-cidr=10.244.0.0/16 "
        "cluster-name=kubernetes cluster-signing-cert-file=/ca.crt "
        "cluster-signing-key-file=/ca.key "
        "controllers=*,bootstrapsigner,tokencleaner kubeconfig=/c.conf leader-elect=true "
        "requestheader-client-ca-file=/front-proxy-ca.crt root-ca-file=/ca.crt "
        "service-account-private-key-file=/sa.key service-cluster-ip-range=10.96.0.0/12 "
        "use-service-account-credentials=true"
    ),
    scheduler.PROGRAM: (
        "authentication-kubeconfig=/s.conf authorization-kubeconfig=/s.conf "
        "bind-address=127.0.0.1 kubeconfig=/s.conf leader-elect=true"
    ),
    kubelet.PROGRAM: (
        "bootstrap-kubeconfig=/bootstrap-kubelet.conf kubeconfig=/kubelet.conf "
        "container-runtime-endpoint=unix:///run/containerd/containerd.sock "
        "pod-infra-container-image=registry.k8s.io/pause:3.10 hostname-override=one "
        "node-labels=a=b register-with-taints=a=b:NoSchedule"
    ),
    proxy.PROGRAM: "hostname-override=one",
}  # fmt: skip


@pytest.mark.parametrize(("program", "flag"), KNOWN)
def test_a_flag_of_kubernetes_is_known(program: Program[Any], flag: str) -> None:
    """A switch may stand alone; of the others, one without its argument is refused as such."""
    try:
        program.parse([f"--{flag.rstrip('?')}"])
    except UsageError as refused:
        assert not str(refused).startswith("unknown flag")
        assert str(refused).startswith("flag needs an argument") is not flag.endswith("?")
    else:
        assert flag.endswith("?")


@pytest.mark.parametrize("program", KUBEADM, ids=lambda program: program.name)
def test_what_kubeadm_writes_starts(program: Program[Any]) -> None:
    flags = [f"--{flag}" for flag in KUBEADM[program].split()]
    invocation = program.parse(flags)
    for warning in invocation.warnings:
        assert " is not supported yet: ignored" in warning
    assert len(invocation.warnings) < len(flags)
