import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { collectorFile } from './collected.ts';
import { type Finished, MOUNT_NAMESPACE, run } from './shells.ts';
import { temporaryDirectory } from './temporary.ts';

// /proc/net is a link into the reader's own process, so a single file below it cannot be covered for another process:
// the whole of /proc is, with the real files behind what is not given.
const ENTER = `
set -e
given=$1
absent=$2
later=$3
shift 3
mount -t tmpfs covered /mnt
mkdir /mnt/real /mnt/net
mount -o rbind /proc /mnt/real
for path in uptime meminfo slabinfo modules cmdline sys; do
  [ -e "/proc/$path" ] || continue
  [ -e "$given/$path" ] && continue
  if [ -d "/proc/$path" ]; then mkdir "/mnt/$path"; else : >"/mnt/$path"; fi
  mount -o rbind "/proc/$path" "/mnt/$path"
done
ln -s real/self /mnt/self
mkdir /mnt/net/stat
for path in netstat snmp sockstat sockstat6 softnet_stat stat/nf_conntrack stat/arp_cache stat/ndisc_cache; do
  [ ! -e "/proc/net/$path" ] || cat "/proc/net/$path" >"/mnt/net/$path"
done
cp -r "$given/." /mnt/
for path in $absent; do
  umount "/mnt/$path" 2>/dev/null || true
  rm -f "/mnt/$path"
done
mount -o rbind /mnt /proc
(sleep 3; exec cp -r "$later/." /proc/) &
exec "$@"
`;

interface Covered {
  readonly files: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
}

/**
 * Runs the collector, or another script, where /proc shows the given files in place of the machine's own.
 * @param given.files - text by path below /proc
 * @param given.absent - paths below /proc that shall not be there
 * @param given.links - what links point to, by path below /proc
 * @param given.later - text by path below /proc that is there from between the samples on
 */
export async function collectWithProc(given: {
  readonly shell: readonly string[];
  readonly files: Covered['files'];
  readonly absent?: readonly string[];
  readonly links?: Readonly<Record<string, string>>;
  readonly later?: Covered;
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs this file in place of the collector. */
  readonly script?: string;
}): Promise<Finished> {
  const [folder, later] = [
    await folderOf(given.files, given.links),
    await folderOf(given.later?.files, given.later?.links),
  ];
  return run(
    [
      'unshare',
      ...MOUNT_NAMESPACE,
      'sh',
      '-c',
      ENTER,
      'sh',
      folder,
      (given.absent ?? []).join(' '),
      later,
      ...given.shell,
      given.script ?? (await collectorFile(given.later === undefined ? '2' : '6')),
    ],
    given.environment,
  );
}

async function folderOf(files: Covered['files'] = {}, links: Covered['links'] = {}): Promise<string> {
  const folder = await temporaryDirectory();
  for (const path of [...Object.keys(files), ...Object.keys(links)])
    await mkdir(dirname(join(folder, path)), { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text, 'latin1');
  for (const [path, target] of Object.entries(links)) await symlink(target, join(folder, path));
  return folder;
}
