import { readdirSync, readlinkSync } from 'node:fs';
import { command } from './command.ts';
import { readKernelValues, writeKernelValues } from './kernel-values.ts';
import { TRANSLATION_CHAINS } from './lab-rules.ts';
import { bootId, type LabState, removeLabDirectory } from './lab-state.ts';

/**
 * Undoes everything a lab did and removes its state. The only way back: a normal end, a signal and a crash all end here.
 * @throws Error naming every step that failed; the state then stays, so that the next start tries again
 */
export async function restoreMachine(state: LabState): Promise<void> {
  if (state.bootId !== bootId()) return removeLabDirectory();
  const failures: string[] = [];
  const attempt = async (step: () => Promise<unknown> | void): Promise<void> => {
    try {
      await step();
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  };
  for (const namespace of await existingNamespaces(state.namespaces))
    await attempt(async () => killAll((await command('ip', ['netns', 'pids', namespace])).split('\n')));
  // A node script that outlived the demo must not write a kernel value after the original one is back.
  if (state.mountNamespace !== undefined) killAll(processesIn(state.mountNamespace));
  // Links go before the rules: while MASQUERADE is loaded, a link that goes down takes its table entries with it.
  for (const link of (await command('ip', ['-o', 'link', 'show'])).matchAll(/^\d+: ([^@:]+)/gm))
    if (state.interfaces.includes(link[1] ?? ''))
      await attempt(() => command('ip', ['link', 'delete', link[1] ?? '']));
  for (const namespace of await existingNamespaces(state.namespaces))
    await attempt(() => command('ip', ['netns', 'delete', namespace]));
  await attempt(() => removeTable(state.table));
  await attempt(() => writeKernelValues(state.values));
  const now = readKernelValues();
  if (now.buckets !== state.values.buckets)
    failures.push(`nf_conntrack_buckets is ${now.buckets} instead of ${state.values.buckets}`);
  if (failures.length > 0) throw new Error(`The machine is not fully restored: ${failures.join('; ')}.`);
  removeLabDirectory();
}

/** NOTRACK goes last: in the moment without it, but with tracking, an entry of the machine's own would stay for days. */
async function removeTable(table: string): Promise<void> {
  if (!(await command('nft', ['list', 'tables'])).includes(`table inet ${table}\n`)) return;
  const rules = await command('nft', ['list', 'table', 'inet', table]);
  for (const chain of TRANSLATION_CHAINS)
    if (rules.includes(`chain ${chain} {`)) await command('nft', ['delete', 'chain', 'inet', table, chain]);
  await command('nft', ['delete', 'table', 'inet', table]);
}

async function existingNamespaces(ours: readonly string[]): Promise<string[]> {
  const listed = (await command('ip', ['netns', 'list'])).split('\n').map((line) => line.split(' ')[0] ?? '');
  return ours.filter((name) => listed.includes(name));
}

function processesIn(mountNamespace: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/ns/mnt`) === mountNamespace;
    } catch {
      return false;
    }
  });
}

function killAll(pids: readonly string[]): void {
  for (const pid of pids.map(Number).filter((each) => each > 1 && each !== process.pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself between the listing and the signal.
    }
  }
}
