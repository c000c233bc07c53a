import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import type { ScratchHost } from './scratch-node.ts';
import { MOUNT_NAMESPACE } from './shells.ts';

// What the documentation of apiclient promises, and no more: `set --json` takes settings below their root, values of
// sysctl are strings, a key cannot be forgotten, and what was set is applied after the answer.
const APICLIENT = `#!/bin/sh
store=/.bottlerocket/store
case "$1 $2" in
  'set --json')
    key=$(printf '%s' "$3" | sed -n 's|^{"kernel": {"sysctl": {"\\([a-z0-9_.]*\\)": "[0-9]*"}}}$|\\1|p')
    value=$(printf '%s' "$3" | sed -n 's|^.*": "\\([0-9]*\\)"}}}$|\\1|p')
    if [ -z "$key" ] || [ -z "$value" ] || [ -e /.bottlerocket/refuse ]; then
      echo 'Failed PATCH request: invalid settings' >&2
      exit 1
    fi
    { grep -v "^$key " "$store"; echo "$key $value"; } >"$store.new" 2>/dev/null
    mv "$store.new" "$store"
    if [ "$(cat /.bottlerocket/deadly 2>/dev/null)" = "$key" ]; then kill -9 "$PPID"; exit 1; fi
    (sleep 0.3; echo "$value" >"/proc/sys/$(printf '%s' "$key" | tr . /)") >/dev/null 2>&1 &
    ;;
  'get settings.kernel.sysctl')
    printf '{\n  "settings": {\n    "kernel": {\n      "sysctl": {\n'
    sed 's/^\\([^ ]*\\) \\(.*\\)$/        "\\1": "\\2",/; $ s/,$//' "$store" 2>/dev/null
    printf '      }\n    }\n  }\n}\n'
    ;;
  'get os') printf '{\n  "os": {\n    "variant_id": "aws-k8s-1.33",\n    "version_id": "1.46.0"\n  }\n}\n' ;;
  *) exit 2 ;;
esac
`;

// The root of the machine with one folder more: an overlay that only this namespace sees.
const ENTER = [
  'set -e',
  'mount -t tmpfs -o size=8m root /mnt',
  'mkdir /mnt/upper /mnt/work /mnt/root',
  'mount -t overlay root -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root',
].join('\n');

/** Whether a root with a folder of our own can be made here. */
export function canBeBottlerocket(): boolean {
  const { status } = spawnSync('unshare', [...MOUNT_NAMESPACE, 'sh', '-c', ENTER], { stdio: 'ignore' });
  if (status !== 0) console.log('No overlay of / can be mounted: the tests of Bottlerocket are skipped.');
  return status === 0;
}

/**
 * Makes the node look like the control container of Bottlerocket. Whatever runs with the returned shell and PATH finds
 * apiclient, a settings store and the one folder that lasts, which is the host's `/bottlerocket`.
 */
export async function bottlerocket(host: ScratchHost): Promise<{ shell: string; PATH: string }> {
  await mkdir(host.path('/bottlerocket/host-containers/current'), { recursive: true });
  await host.put('/bin-of-node/apiclient', APICLIENT, 0o755);
  const lines = [
    ENTER,
    'mkdir /mnt/root/.bottlerocket',
    'for path in etc run var/lib proc tmp dev; do mount -o rbind "/$path" "/mnt/root/$path"; done',
    `mount -o bind "${host.path('/bottlerocket')}" /mnt/root/.bottlerocket`,
    'exec chroot /mnt/root dash "$1"',
  ];
  await host.put('/enter.sh', lines.join('\n'), 0o755);
  return {
    shell: `sh ${host.path('/enter.sh')}`,
    PATH: `${host.path('/bin-of-node')}:${process.env['PATH']}`,
  };
}
