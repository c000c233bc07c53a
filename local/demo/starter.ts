import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { isRunning } from './work-dir.ts';

/** One process of this machine. */
interface Process {
  readonly parent: number;
  /** Its title, which npm sets to what it was called with, or its command line. */
  readonly command: string;
}

/** npm and npx by the title that they give themselves, and by their files before that. */
const NPM = /^(\S*\/)?(npm|npx)( |$)|\/(npm|npx)(-cli\.js)?( |$)/;
/** Node itself and what it is wrapped in by our own command line: tsx, `medic demo`. */
const NODE = /^(\S*\/)?node(\.exe)?( |$)/;

/** How often it is looked at, in milliseconds. */
const LOOK_MS = 500;

/**
 * Calls `gone` once when whoever started this demo has ended: any process between this one and the npm or npx that
 * started it, that one included. What is above it, such as a terminal, is not watched. Without an npm above it, the Node
 * processes right above are watched. The watch keeps no process alive.
 */
export function watchStarter(gone: () => void): void {
  const lineage = starterOf(process.pid, processes(), startedByNpm(process.env));
  if (lineage === undefined) {
    process.stderr.write('The npm that started this demo has ended, and so does the demo.\n');
    return gone();
  }
  const timer = setInterval(() => {
    if (lineage.every(isAsBefore)) return;
    clearInterval(timer);
    gone();
  }, LOOK_MS).unref();
}

/** A process and the parent that it had when the demo began: an orphan has another one. */
export type Link = readonly [child: number, parent: number];

/**
 * From this process up to the npm that started it, child before parent.
 * @param fromNpm whether an npm has to be there
 * @returns nothing when it has to and is gone already; no link where this system does not tell of its processes
 */
export function starterOf(
  pid: number,
  all: ReadonlyMap<number, Process>,
  fromNpm: boolean,
): readonly Link[] | undefined {
  if (!all.has(pid)) return [];
  const above: { link: Link; command: string }[] = [];
  for (let child = pid; ; ) {
    const parent = all.get(child)?.parent ?? 0;
    const command = all.get(parent)?.command;
    if (command === undefined || above.length > all.size) break;
    above.push({ link: [child, parent], command });
    child = parent;
  }
  const npm = above.findIndex(({ command }) => NPM.test(command));
  if (npm !== -1) return above.slice(0, npm + 1).map(({ link }) => link);
  if (fromNpm) return undefined;
  const other = above.findIndex(({ command }) => !NODE.test(command));
  return above.slice(0, other === -1 ? undefined : other).map(({ link }) => link);
}

/** Whether npm started exactly this: its variables are inherited by whatever a shell below it starts later, too. */
function startedByNpm(environment: NodeJS.ProcessEnv): boolean {
  return (
    (environment['npm_config_user_agent'] ?? '').startsWith('npm/') &&
    /^(tsx local\/demo\.ts|'?medic'?)( |$)/.test(environment['npm_lifecycle_script'] ?? '')
  );
}

function isAsBefore([child, parent]: Link): boolean {
  if (process.platform === 'linux') return readProcess(child)?.parent === parent;
  return child === process.pid ? process.ppid === parent : isRunning(child) && isRunning(parent);
}

/** Every process of this machine; elsewhere than on Linux as `ps` tells it, and none where there is no `ps`. */
function processes(): ReadonlyMap<number, Process> {
  if (process.platform === 'linux')
    return new Map(
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((name) => {
          const found = readProcess(Number(name));
          return found === undefined ? [] : [[Number(name), found] as const];
        }),
    );
  let listed: string;
  try {
    listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command='], {
      encoding: 'utf8',
      maxBuffer: 16 << 20,
    });
  } catch {
    return new Map();
  }
  return new Map(
    [...listed.matchAll(/^ *(\d+) +(\d+) +(.*)$/gm)].map(([, pid, parent, command = '']) => [
      Number(pid),
      { parent: Number(parent), command },
    ]),
  );
}

/** proc_pid_stat(5): the parent is the second field after the name, which may hold anything but ends at the last `)`. */
function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { parent, command };
  } catch {
    // It has ended since it was listed.
    return undefined;
  }
}
