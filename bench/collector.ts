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

/**
 * Prints what one collection costs on this machine as it is, the pause between its samples aside: CPU time, user and system,
 * of all its processes as bash counts it, and how many these are. The processes are counted by the numbers that a namespace
 * of their own hands out one after the other, which takes root.
 */
export async function benchCollector(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'collector-'));
  try {
    const path = join(folder, 'collect.sh');
    writeFileSync(path, collector());
    for (const shell of SHELLS) {
      if (spawnSync(shell.split(' ')[0] ?? '', ['-c', ':']).error !== undefined) continue;
      const times = Array.from({ length: RUNS }, () => cpuMs(`${shell} ${path} >/dev/null`));
      const mean = times.reduce((sum, ms) => sum + ms, 0) / RUNS;
      const many = processesOf(`${shell} ${path} >/dev/null`);
      const processes = many === undefined ? '' : `, ${many} processes`;
      console.log(
        `collector in ${shell}: ${Math.min(...times)} ms at least, ${mean.toFixed(0)} ms on average${processes}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The collector as the agent runs it, with the shortest pause. */
function collector(): string {
  const read = (path: string) => readFileSync(new URL(`../nodes/${path}`, import.meta.url), 'utf8');
  const document = buildDocuments(assembleScripts(read)).find(({ name }) => name === 'medic-collect');
  const [{ inputs }] = Document.parse(JSON.parse(document?.content ?? '')).mainSteps;
  const values: Readonly<Record<string, string>> = { nonce: 'a1b2c3d4e5f6a7b8', sampleSeconds: '2' };
  return inputs.runCommand.join('\n').replaceAll(/\{\{ (\w+) \}\}/g, (_, name: string) => values[name] ?? '');
}

/** CPU time of a command and all that it starts, in milliseconds. */
function cpuMs(command: string): number {
  const { stdout } = spawnSync('bash', ['-c', `${command}; times`], { encoding: 'utf8' });
  const [, ofChildren = ''] = stdout.trim().split('\n');
  const seconds = Array.from(
    ofChildren.matchAll(/(\d+)m([\d.]+)s/g),
    ([, minutes, rest]) => 60 * Number(minutes) + Number(rest),
  );
  return Math.round(seconds.reduce((sum, one) => sum + one, 0) * 1000);
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
