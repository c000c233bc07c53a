import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { assembleScripts, buildDocuments } from '../nodes/documents.ts';

/** The shells that nodes run scripts with. */
const SHELLS = ['dash', 'busybox ash', 'bash --posix'];

/** Runs of which the least and the mean are told: other work on the machine only ever adds. */
const RUNS = 5;

const Document = z.object({
  mainSteps: z.tuple([z.object({ inputs: z.object({ runCommand: z.array(z.string()) }) })]),
});

/** Services of a large cluster, each with two endpoints. */
const SERVICES = 5_000;

/** Entries of a full table, as far as the machine's limit lets a namespace of its own have them. */
const ENTRIES = 1_000_000;

/** What log collectors run of a node's connection tracking: amazon-eks-ami, eks-log-collector.sh. */
const LOG_COLLECTOR = 'conntrack -S; conntrack -L; conntrack -L -f ipv6';

/** A network namespace to measure in. */
interface Scene {
  readonly name: string;
  /** What stands before a command that shall run there. */
  readonly enter: readonly string[];
  /** Shell commands that furnish it, with the folder of the files below. */
  readonly prepare: string;
  /** Texts by the name of their file. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Prints what one collection costs on this machine as it is, beside a large table and beside the rules of many services, the
 * pause between its samples aside: CPU time, user and system, of all its processes as bash counts it, and how many these are;
 * and what a log collector takes for the table. The processes are counted by the numbers that a namespace of their own hands
 * out one after the other, which takes root, as the large table and the rules do. To hold a million entries the machine's
 * nf_conntrack_max must be above that; nothing is changed here.
 */
export async function benchCollector(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'collector-'));
  try {
    const path = join(folder, 'collect.sh');
    writeFileSync(path, collector());
    for (const scene of scenes()) {
      for (const [name, text] of Object.entries(scene.files)) writeFileSync(join(folder, name), text);
      for (const shell of SHELLS) {
        if (spawnSync(shell.split(' ')[0] ?? '', ['-c', ':']).error !== undefined) continue;
        tell(`collector ${scene.name} in ${shell}`, scene, folder, `${shell} ${path}`, RUNS);
      }
      if (scene.files['entries'] !== undefined)
        tell(`log collector ${scene.name}`, scene, folder, LOG_COLLECTOR, 1);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function tell(what: string, scene: Scene, folder: string, command: string, runs: number): void {
  const times = cpuMs(scene, folder, `{ ${command}; } >/dev/null 2>&1`, runs);
  if (times.length === 0) return console.log(`${what}: not possible here`);
  const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
  const many = scene.prepare === '' && runs > 1 ? processesOf(`${command} >/dev/null`) : undefined;
  const processes = many === undefined ? '' : `, ${many} processes`;
  console.log(`${what}: ${Math.min(...times)} ms at least, ${mean.toFixed(0)} ms on average${processes}`);
}

function scenes(): readonly Scene[] {
  const idle = { name: 'on this machine', enter: [], prepare: '', files: {} };
  if (process.getuid?.() !== 0) return [idle];
  const most = Number(readFileSync('/proc/sys/net/netfilter/nf_conntrack_max', 'utf8'));
  const entries = Math.min(ENTRIES, Math.floor(most * 0.9));
  return [
    idle,
    {
      name: `beside ${entries} entries`,
      enter: ['unshare', '-n'],
      prepare: 'conntrack -R entries',
      files: { entries: Array.from({ length: entries }, (_, index) => entry(index)).join('') },
    },
    {
      name: `beside the rules of ${SERVICES} services`,
      enter: ['unshare', '-n'],
      prepare: 'XTABLES_LOCKFILE=$PWD/lock iptables-nft-restore <rules && conntrack -R flow',
      files: { rules: rules(), flow: entry(0) },
    },
  ];
}

/** One entry as `conntrack -R` takes it: each 20th is a UDP flow to a service. */
function entry(index: number): string {
  const client = `10.${20 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  const port = 1024 + (index % 60_000);
  return index % 20 === 0
    ? `-A -p udp -s ${client} -d 10.96.0.0 --sport ${port} --dport 80 -r 10.1.0.0 -q ${client} --reply-port-src 8080 --reply-port-dst ${port} -t 600 -u ASSURED\n`
    : `-A -p tcp -s ${client} -d 10.96.1.${index % 200} --sport ${port} --dport 443 --state ESTABLISHED -t 6000 -u ASSURED,SEEN_REPLY\n`;
}

/** The rules of kube-proxy, those of each tenth service for UDP. */
function rules(): string {
  const chains = ['PREROUTING ACCEPT', 'POSTROUTING ACCEPT', 'KUBE-SERVICES -', 'KUBE-MARK-MASQ -'];
  const lines = ['-A PREROUTING -j KUBE-SERVICES', '-A POSTROUTING -j MASQUERADE --random-fully'];
  for (let service = 0; service < SERVICES; service += 1) {
    const protocol = service % 10 === 0 ? 'udp' : 'tcp';
    const comment = `-m comment --comment "ns-${service % 50}/service-${service}:port"`;
    chains.push(`KUBE-SVC-${service} -`);
    lines.push(
      `-A KUBE-SERVICES -d 10.96.${service >> 8}.${service & 255}/32 -p ${protocol} ${comment} -m ${protocol} --dport 80 -j KUBE-SVC-${service}`,
    );
    for (const endpoint of [2 * service, 2 * service + 1]) {
      const pod = `10.1.${endpoint >> 8}.${endpoint & 255}`;
      chains.push(`KUBE-SEP-${endpoint} -`);
      lines.push(
        `-A KUBE-SVC-${service} ${comment} -j KUBE-SEP-${endpoint}`,
        `-A KUBE-SEP-${endpoint} -s ${pod}/32 ${comment} -j KUBE-MARK-MASQ`,
        `-A KUBE-SEP-${endpoint} -p ${protocol} ${comment} -m ${protocol} -j DNAT --to-destination ${pod}:8080`,
      );
    }
  }
  return ['*nat', ...chains.map((chain) => `:${chain} [0:0]`), ...lines, 'COMMIT', ''].join('\n');
}

/** The collector as the agent runs it, with the shortest pause. */
function collector(): string {
  const read = (path: string) => readFileSync(new URL(`../nodes/${path}`, import.meta.url), 'utf8');
  const document = buildDocuments(assembleScripts(read)).find(({ name }) => name === 'medic-collect');
  const [{ inputs }] = Document.parse(JSON.parse(document?.content ?? '')).mainSteps;
  const values: Readonly<Record<string, string>> = { nonce: 'a1b2c3d4e5f6a7b8', sampleSeconds: '2' };
  return inputs.runCommand.join('\n').replaceAll(/\{\{ (\w+) \}\}/g, (_, name: string) => values[name] ?? '');
}

/** CPU time of a command and all that it starts, in milliseconds, for each run; none where the scene can not be furnished. */
function cpuMs({ enter, prepare }: Scene, cwd: string, command: string, runs: number): readonly number[] {
  const script = `${prepare === '' ? ':' : prepare} >/dev/null 2>&1 || exit; ${`times; ${command}; `.repeat(runs)} times`;
  const [file, ...rest] = [...enter, 'bash', '-c', script];
  const { stdout } = spawnSync(file, rest, { encoding: 'utf8', cwd });
  // Each prints a line for bash and one for its children, since the beginning.
  const ofChildren = (stdout ?? '')
    .trim()
    .split('\n')
    .filter((_, index) => index % 2 === 1)
    .map(milliseconds);
  return ofChildren.slice(1).map((ms, index) => Math.round(ms - (ofChildren[index] ?? 0)));
}

/** What `times` prints, user and system: `0m0.040s 0m0.010s`. */
function milliseconds(line: string): number {
  const parts = Array.from(line.matchAll(/(\d+)m([\d.]+)s/g));
  return 1000 * parts.reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0);
}

/** How many processes a command starts, itself among them; `undefined` where no namespace can be made. */
function processesOf(command: string): number | undefined {
  const last = '/proc/sys/kernel/ns_last_pid';
  const script = `read before <${last}; ${command}; read after <${last}; echo "$((after - before))"`;
  const { stdout } = spawnSync('unshare', ['-fp', '--mount-proc', 'bash', '-c', script], {
    encoding: 'utf8',
  });
  return /^\d+$/.test(stdout?.trim() ?? '') ? Number(stdout) : undefined;
}
