import type { GuestNode } from './guest-node.ts';

/** What its configuration says about the limit. */
export interface Wish {
  readonly maxPerCore: number;
  readonly min: number;
}

/**
 * Stands in for kube-proxy where the limit is concerned, as each version does it (kubernetes
 * pkg/proxy/conntrack/sysctls.go, changes 103174 in 1.23, 120448 in 1.29 and 137002 in 1.36): once at its start it writes
 * what it wants where the limit is lower, and where it is higher only in the versions that lower. The hash only grows,
 * to a quarter of the limit. A configuration file makes it ignore every flag.
 */
const SCRIPT = `#!/bin/sh
for argument; do
  case $argument in --config=*) config=\${argument#--config=} ;; esac
done
number() { sed -n "s/^  $1: *\\([0-9]*\\).*/\\1/p" "$config"; }
. /etc/fake-kube-proxy/version
per_core=$(number maxPerCore)
floor=$(number min)
wanted=$((per_core * $(nproc)))
if [ "$minor" -ge 36 ] && [ "$wanted" -gt 1048576 ]; then
  wanted=1048576
elif [ "$wanted" -lt "$floor" ]; then
  wanted=$floor
fi
limit=/proc/sys/net/netfilter/nf_conntrack_max
hash=/sys/module/nf_conntrack/parameters/hashsize
if [ "$per_core" -gt 0 ]; then
  case $minor in
    23 | 24 | 25 | 26 | 27 | 28) [ "$(cat $limit)" -ge "$wanted" ] || echo "$wanted" >$limit ;;
    *) [ "$(cat $limit)" -eq "$wanted" ] || echo "$wanted" >$limit ;;
  esac
  [ "$(cat $hash)" -ge $((wanted / 4)) ] || echo $((wanted / 4)) >$hash
fi
# As a container of containerd is seen from the node: its cgroup bears the id, and the id leads to the image's name.
id=$(printf '%064d' 7)
folder=/run/containerd/io.containerd.runtime.v2.task/k8s.io/$id
mkdir -p "$folder" /sys/fs/cgroup/fake/$id
echo '{"annotations":{"io.kubernetes.cri.image-name":"registry.k8s.io/kube-proxy:'"$version"'"}}' >"$folder/config.json"
echo $$ >/sys/fs/cgroup/fake/$id/cgroup.procs
touch /run/fake-kube-proxy-started
while :; do sleep 1000; done
`;

const UNIT = `[Unit]
After=systemd-sysctl.service
[Service]
ExecStart=/usr/local/bin/kube-proxy --conntrack-max-per-core=0 --config=/etc/fake-kube-proxy/config.conf
[Install]
WantedBy=multi-user.target
`;

/** Installs that version on the node, to be started at every boot, with what its configuration wants. */
export async function installKubeProxy({ guest }: GuestNode, version: string, wish: Wish): Promise<void> {
  const minor = /^v1\.(\d+)/.exec(version)?.[1] ?? '';
  await guest.succeed(`mkdir -p /etc/fake-kube-proxy
cat >/usr/local/bin/kube-proxy <<'END'
${SCRIPT}END
chmod 755 /usr/local/bin/kube-proxy
cat >/etc/systemd/system/kube-proxy.service <<'END'
${UNIT}END
printf 'version=%s\\nminor=%s\\n' ${version} ${minor} >/etc/fake-kube-proxy/version
systemctl daemon-reload
systemctl -q enable kube-proxy.service`);
  await configureKubeProxy({ guest }, wish);
}

/** Writes its configuration: what a patch of the ConfigMap comes to on the node. */
export async function configureKubeProxy(
  { guest }: Pick<GuestNode, 'guest'>,
  { maxPerCore, min }: Wish,
): Promise<void> {
  await guest.succeed(`cat >/etc/fake-kube-proxy/config.conf <<'END'
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
conntrack:
  maxPerCore: ${maxPerCore}
  min: ${min}
END`);
}

/** As a rollout of its DaemonSet does; returns when it has written what it writes at its start. */
export async function restartKubeProxy({ guest }: GuestNode): Promise<void> {
  await guest.succeed(`rm -f /run/fake-kube-proxy-started
systemctl restart kube-proxy.service
until [ -e /run/fake-kube-proxy-started ]; do sleep 0.2; done`);
}
