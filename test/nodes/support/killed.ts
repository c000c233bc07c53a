import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInScratchNamespace } from '../../../local/recorded/scratch-namespace.ts';
import type { ScratchHost } from './scratch-node.ts';
import { shipped } from './scripts.ts';

interface Step {
  readonly document: 'medic-raise' | 'medic-rollback';
  readonly parameters: Readonly<Record<string, string>>;
}

/** What the node looked like after a run that was killed before its n-th command, and after each run that followed. */
export interface KilledRun {
  readonly step: number;
  readonly wasKilled: boolean;
  readonly hadJournal: boolean;
  readonly after: readonly NodeState[];
}

export interface NodeState {
  readonly outcome: string;
  readonly code: string;
  readonly max: number;
  readonly hasJournal: boolean;
  /** Checksum over names, modes and bytes of all files under /etc. */
  readonly files: string;
}

// One bash drives all runs inside one namespace. The killed script runs in a process group of its own, so that kill -9
// takes its children along, as a power cut would. From the journal on it dies before the n-th command that can change
// anything on the node: between two of those every moment is the same.
const DRIVER = `
set -m
work=$1
fingerprint() { (cd /etc && find . -path ./alternatives -prune -o \\( -type f -o -type d \\) -printf '%p %m %U:%G\\n' | sort; cd /etc && find . -path ./alternatives -prune -o -type f -print | sort | xargs -r cat) | cksum | tr ' ' '-'; }
restore() {
  find /etc -mindepth 1 -path /etc/alternatives -prune -o -mindepth 2 -type f -print | xargs -r rm -f
  rm -rf /run/conntrack-medic /var/lib/conntrack-medic
  cp -a "$work/start/etc/." /etc/ && cp -a "$work/start/var-lib/." /var/lib/ && cp -a "$work/start/run/." /run/
  for key in max buckets count; do cat "$work/start/$key" >/proc/sys/net/netfilter/nf_conntrack_$key; done
}
keep() {
  mkdir -p "$work/start/etc" "$work/start/var-lib" "$work/start/run"
  (cd /etc && tar cf - --exclude ./alternatives .) | (cd "$work/start/etc" && tar xf -)
  cp -a /var/lib/. "$work/start/var-lib/"; cp -a /run/. "$work/start/run/"
  for key in max buckets count; do cat /proc/sys/net/netfilter/nf_conntrack_$key >"$work/start/$key"; done
}
keep
echo "start $(cat "$work/start/max") $(fingerprint)"
step=0
while :; do
  restore
  STEP=$step SCRIPT=$work/killed.sh bash -o functrace -c '
    killer_begun=no
    killer_count=0
    trap '"'"'
      case "\${FUNCNAME[0]-}" in begin) killer_begun=yes ;; finish) killer_begun=no ;; esac
      if [ "$killer_begun$BASH_SUBSHELL" = yes0 ]; then
        case $BASH_COMMAND in
          mv*|rm*|mkdir*|rmdir*|chmod*|chown*|printf*|base64*) if [ $((++killer_count)) -gt "$STEP" ]; then kill -9 0; fi ;;
        esac
      fi'"'"' DEBUG
    . "$SCRIPT"' >/dev/null 2>&1 &
  wait $! 2>/dev/null; code=$?
  journal=no; [ -e /var/lib/conntrack-medic/journal ] && journal=yes
  line="run $step $code $journal"
  for next in "$work"/next-*.sh; do
    answer=$(dash "$next" 2>&1)
    after=no; [ -e /var/lib/conntrack-medic/journal ] && after=yes
    outcome=$(printf '%s\\n' "$answer" | sed -n 's/^outcome=//p'); why=$(printf '%s\\n' "$answer" | sed -n 's/^code=//p')
    line="$line $outcome,$why,$(cat /proc/sys/net/netfilter/nf_conntrack_max),$after,$(fingerprint)"
  done
  echo "$line"
  [ "$code" -eq 137 ] || break
  step=$((step + 1))
done
`;

/**
 * Kills a script with SIGKILL before its first changing command, its second and so on, each time from the node's present
 * state, and runs the following scripts after each.
 */
export async function killEverywhere(
  host: ScratchHost,
  given: { readonly killed: Step; readonly next: readonly Step[] },
): Promise<{ start: { max: number; files: string }; runs: readonly KilledRun[] }> {
  const place = (name: string, step: Step) =>
    writeFile(join(host.root, name), shipped(step.document, step.parameters));
  await place('killed.sh', given.killed);
  for (const [index, step] of given.next.entries()) await place(`next-${index}.sh`, step);
  await writeFile(join(host.root, 'driver.sh'), DRIVER);
  const shell = `bash ${join(host.root, 'driver.sh')} ${host.root}`;
  const { stdout, stderr } = await runInScratchNamespace({
    root: host.root,
    script: '',
    environment: {},
    shell,
  });
  const [startLine = '', ...lines] = stdout.trim().split('\n');
  const [, max, files = ''] = startLine.split(' ');
  if (lines.length === 0) throw new Error(`the driver did not run: ${stderr}`);
  return {
    start: { max: Number(max), files },
    runs: lines.map((line) => {
      const [, step, code, journal, ...after] = line.split(' ');
      return {
        step: Number(step),
        wasKilled: code === '137',
        hadJournal: journal === 'yes',
        after: after.map((state) => {
          const [outcome = '', why = '', value, hasJournal, sum = ''] = state.split(',');
          return { outcome, code: why, max: Number(value), hasJournal: hasJournal === 'yes', files: sum };
        }),
      };
    }),
  };
}
