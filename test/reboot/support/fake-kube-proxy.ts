import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { GuestNode } from './guest-node.ts';

/** What its configuration says about the limit. */
export interface Wish {
  readonly maxPerCore: number;
  readonly min: number;
}

/** What the stand-in does with the limit. */
export const LIMIT_SCRIPT = fileURLToPath(new URL('kube-proxy-limit.sh', import.meta.url));

/**
 * Stands in for kube-proxy where the limit is concerned, once at its start, as each version does it. A configuration file
 * makes it ignore every flag.
 */
const SCRIPT = `#!/bin/sh
for argument; do
  case $argument in --config=*) config=\${argument#--config=} ;; esac
done
. /etc/fake-kube-proxy/version
/usr/local/lib/kube-proxy-limit "$version" "$config"
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
  await guest.succeed(`mkdir -p /etc/fake-kube-proxy
cat >/usr/local/lib/kube-proxy-limit <<'END'
${readFileSync(LIMIT_SCRIPT, 'utf8')}END
cat >/usr/local/bin/kube-proxy <<'END'
${SCRIPT}END
chmod 755 /usr/local/bin/kube-proxy /usr/local/lib/kube-proxy-limit
cat >/etc/systemd/system/kube-proxy.service <<'END'
${UNIT}END
printf 'version=%s\\n' ${version} >/etc/fake-kube-proxy/version
systemctl daemon-reload
systemctl -q enable kube-proxy.service`);
  await configureKubeProxy({ guest }, wish);
}

/** The configuration as kube-proxy reads it. */
export function limitConfiguration({ maxPerCore, min }: Wish): string {
  return `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
conntrack:
  maxPerCore: ${maxPerCore}
  min: ${min}
`;
}

/** Writes its configuration: what a patch of the ConfigMap comes to on the node. */
export async function configureKubeProxy({ guest }: Pick<GuestNode, 'guest'>, wish: Wish): Promise<void> {
  await guest.succeed(`cat >/etc/fake-kube-proxy/config.conf <<'END'
${limitConfiguration(wish)}END`);
}

/** As a rollout of its DaemonSet does; returns when it has written what it writes at its start. */
export async function restartKubeProxy({ guest }: GuestNode): Promise<void> {
  await guest.succeed(`rm -f /run/fake-kube-proxy-started
systemctl restart kube-proxy.service
until [ -e /run/fake-kube-proxy-started ]; do sleep 0.2; done`);
}
