import { expect } from 'vitest';
import type { KILL_SECTIONS } from '../../../build/proofs.ts';
import type { Answer, killEverywhere, NodeState } from './killed.ts';
import { noteSeen } from './seen.ts';

/** The limit, by its path below /proc/sys. */
export const MAX = 'net/netfilter/nf_conntrack_max';
const BUCKETS = 'net/netfilter/nf_conntrack_buckets';

/**
 * Before every how many-th command a script is killed: before each one of every script where MEDIC_EVERY_COMMAND is 1, as
 * the proof does it, and before a few otherwise. Prime strides, so that no loop of a script escapes them.
 */
const isProof = process.env['MEDIC_EVERY_COMMAND'] === '1';

/** Milliseconds that killing one script may take: a proof takes minutes on an idle machine. */
export const KILLING_TIMEOUT = 3_000_000;

/** Stride for raise, rollback of a raise and deletion. */
export const EVERY = isProof ? 1 : 251;
/** Stride for settings and their rollback, which execute three times as many commands. */
export const EVERY_OF_SETTINGS = isProof ? 1 : 601;

if (!isProof)
  console.log(
    `MEDIC_EVERY_COMMAND is not 1: scripts are killed before every ${EVERY}., those of settings before every ${EVERY_OF_SETTINGS}. command only.`,
  );

/** What came of killing one script everywhere. */
export type Killed = Awaited<ReturnType<typeof killEverywhere>>;

/** All values but buckets, which no rollback makes fewer again. */
function settingsOf({ values }: NodeState): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => key !== BUCKETS));
}

/** Says how often a script was killed, here and on the page of the proof. */
export function tellKills(
  script: (typeof KILL_SECTIONS)[number],
  of: string,
  { commands, states }: Killed,
): void {
  const text = `${of}: killed before ${commands} commands, which left ${states.length} states.`;
  console.log(`${script}: ${text}`);
  noteSeen(script, text);
}

/** What holds at every moment of every script, whatever is killed. */
export function expectSound({ commands, start, whole, states }: Killed, action: string, every: number): void {
  expect(commands).toBeGreaterThan(400 / every);
  for (const { steps, files, values, journal, collected } of states) {
    const at = { steps: steps.slice(0, 3) };
    for (const path of new Set([
      ...Object.keys(files),
      ...Object.keys(start.files),
      ...Object.keys(whole.files),
    ])) {
      expect(
        [start.files[path], whole.files[path]],
        `half-written ${path} after ${steps[0]} commands`,
      ).toContain(files[path]);
    }
    const isStart = isEqual({ files, values }, { files: start.files, values: start.values });
    const isWhole = isEqual({ files, values }, { files: whole.files, values: whole.values });
    if (!isStart && !isWhole) expect({ ...at, begun: journal[1] }).toEqual({ ...at, begun: action });
    if (journal.length > 0) {
      expect({ ...at, first: journal[0], last: journal.at(-1) }).toEqual({
        ...at,
        first: 'medic-journal/1',
        last: 'end',
      });
    }
    if (collected !== undefined) {
      const half = journal.length > 0 ? 'half_applied=yes' : 'half_applied=no';
      expect({ ...at, half: collected[0] }).toEqual({ ...at, half });
    }
  }
  // Both what is finished and what is not has been collected at least once.
  const seen = states.flatMap(({ collected }) => collected?.[0] ?? []);
  expect(new Set(seen)).toEqual(new Set(['half_applied=yes', 'half_applied=no']));
}

/** The answers of one sequence, each with the commands before which the script was killed. */
export function answersOf({ states, whole }: Killed, sequence: number) {
  return [...states, whole].map(({ steps, after }) => {
    return { at: steps.slice(0, 3), answers: after[sequence] ?? [] };
  });
}

/** The node after an answer is as expected, and nothing on it is half done. */
export function expectState(at: readonly number[], answer: Answer | undefined, expected: NodeState): void {
  expect({
    at,
    files: answer?.state.files,
    values: answer && settingsOf(answer.state),
    journal: answer?.state.journal,
  }).toEqual({
    at,
    files: expected.files,
    values: settingsOf(expected),
    journal: [],
  });
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
