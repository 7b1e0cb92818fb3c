# Sourced by node: certificates and configuration files.
# shellcheck shell=bash
# shellcheck disable=SC2154

pause_image=stackwright.test/pause:1

certificates() {
  local subject
  key ca
  openssl req -x509 -new -key "$pki/ca.key" -subj /CN=stackwright-node-ca -days 365 -out "$pki/ca.crt"
  certificate apiserver /CN=kube-apiserver serverAuth "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:$node_ip,IP:$service_ip"
  certificate kubelet /O=system:nodes/CN=system:node:node clientAuth,serverAuth "IP:$node_ip,DNS:node"
  certificate admin /O=system:masters/CN=admin clientAuth
  certificate apiserver-kubelet /O=system:masters/CN=apiserver-kubelet clientAuth
  certificate controller-manager /CN=system:kube-controller-manager clientAuth
  certificate scheduler /CN=system:kube-scheduler clientAuth
  certificate proxy /CN=system:kube-proxy clientAuth
  certificate coredns /O=system:masters/CN=coredns clientAuth
  openssl genrsa -out "$pki/service-account.key" 2048 2>/dev/null
  openssl rsa -in "$pki/service-account.key" -pubout -out "$pki/service-account.pub" 2>/dev/null
  for subject in controller-manager scheduler proxy kubelet coredns; do
    kubeconfig "$subject" >"$pki/$subject.kubeconfig"
  done
  (umask 077; kubeconfig admin >"$scratch/kubeconfig")
}

key() { (umask 077; openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key"); }

certificate() { # NAME SUBJECT USAGE [ALTERNATIVE_NAMES]
  key "$1"
  openssl req -new -key "$pki/$1.key" -subj "$2" |
    openssl x509 -req -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -days 365 -out "$pki/$1.crt" \
      -extfile <(printf 'extendedKeyUsage=%s\n' "$3"; [ -z "${4:-}" ] || printf 'subjectAltName=%s\n' "$4") 2>/dev/null
}

kubeconfig() { # SUBJECT
  cat <<YAML
apiVersion: v1
kind: Config
clusters:
  - name: stackwright-node
    cluster:
      server: https://$node_ip:6443
      certificate-authority-data: $(base64 -w0 "$pki/ca.crt")
users:
  - name: $1
    user:
      client-certificate-data: $(base64 -w0 "$pki/$1.crt")
      client-key-data: $(base64 -w0 "$pki/$1.key")
contexts:
  - name: stackwright-node
    context: {cluster: stackwright-node, user: $1, namespace: default}
current-context: stackwright-node
YAML
}

# Every pod has a link of its own to the node (ptp): answers pass by the translation of Service addresses without help
# from bridge filters.
# What the ServiceAccounts of tests ask for, without content: SCRATCH/log/audit.log.
audit_config() {
  cat >"$scratch/audit-policy.yaml" <<YAML
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - {level: None, userGroups: ["system:serviceaccounts:kube-system"]}
  - {level: Metadata, userGroups: ["system:serviceaccounts"]}
YAML
}

cni_config() {
  mkdir -p "$scratch/cni/net.d"
  cat >"$scratch/cni/net.d/10-node.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "node", "plugins": [
  {"type": "ptp", "ipMasq": false,
   "ipam": {"type": "host-local", "dataDir": "$scratch/cni/state",
            "ranges": [[{"subnet": "$pod_net"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
}

# oom_score and restrict_oom_score_adj: a machine without CAP_SYS_RESOURCE cannot protect processes any better.
containerd_config() {
  cat <<TOML
version = 2
root = "$scratch/containerd/root"
state = "$scratch/run/containerd"
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
[grpc]
  address = "$socket"
[ttrpc]
  address = "$socket.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause_image"
  restrict_oom_score_adj = true
  disable_apparmor = true
  tolerate_missing_hugetlb_controller = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$plugins"
    conf_dir = "$scratch/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "$(cat "$scratch/containerd/snapshotter")"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
TOML
}

# Images come from archives only, so none may be collected.
kubelet_config() {
  cat <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix://$socket
cgroupDriver: cgroupfs
cgroupRoot: $cgroup
failSwapOn: false
failCgroupV1: false
oomScoreAdj: 0
address: $node_ip
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $pki/kubelet.crt
tlsPrivateKeyFile: $pki/kubelet.key
makeIPTablesUtilChains: false
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 200Mi, nodefs.available: 1%, imagefs.available: 1%}
podLogsDir: $scratch/var/log/pods
volumePluginDir: $scratch/kubelet/volume-plugins
resolvConf: ""
clusterDomain: cluster.local
clusterDNS: [$node_ip]
maxPods: 100
YAML
}

kube_proxy_config() {
  cat <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $pki/proxy.kubeconfig}
mode: iptables
clusterCIDR: $pod_net
hostnameOverride: node
bindAddress: $node_ip
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0}
iptables: {minSyncPeriod: 200ms}
YAML
}

coredns_config() {
  cat <<COREFILE
cluster.local:53 in-addr.arpa:53 {
  bind $node_ip
  errors
  ready 127.0.0.1:8181
  kubernetes cluster.local in-addr.arpa {
    kubeconfig $pki/coredns.kubeconfig
  }
}
.:53 {
  bind $node_ip
  errors
}
COREFILE
}
