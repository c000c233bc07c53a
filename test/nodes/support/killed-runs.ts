import { expect } from 'vitest';
import type { Answer, killEverywhere, NodeState } from './killed.ts';

/** The limit, by its path below /proc/sys. */
export const MAX = 'net/netfilter/nf_conntrack_max';
const BUCKETS = 'net/netfilter/nf_conntrack_buckets';

/**
 * Before every how many-th command a script is killed, as MEDIC_EVERY_COMMAND asks: `1` before each one of every script,
 * `limit` before each one of the scripts that move the limit. Those that move settings execute three times as many
 * commands, and the time goes with the square. A prime stride, so that no loop of a script escapes it.
 */
const STRIDES: Readonly<Record<string, { readonly limit: number; readonly settings: number }>> = {
  '1': { limit: 1, settings: 1 },
  limit: { limit: 1, settings: 7 },
};
const stride = STRIDES[process.env['MEDIC_EVERY_COMMAND'] ?? ''] ?? { limit: 23, settings: 23 };
if (stride.settings > 1)
  console.log(
    `MEDIC_EVERY_COMMAND is not 1: scripts are killed before every ${stride.limit}., those of settings before every ${stride.settings}. command only.`,
  );

/** Stride for raise, rollback of a raise and deletion. */
export const EVERY = stride.limit;
/** Stride for settings and their rollback. */
export const EVERY_OF_SETTINGS = stride.settings;

/** What came of killing one script everywhere. */
export type Killed = Awaited<ReturnType<typeof killEverywhere>>;

/** All values but buckets, which no rollback makes fewer again. */
function settingsOf({ values }: NodeState): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => key !== BUCKETS));
}

/** What holds at every moment of every script, whatever is killed. */
export function expectSound(
  name: string,
  { commands, start, whole, states }: Killed,
  action: string,
  every: number,
): void {
  console.log(`${name}: killed before ${commands} commands, which left ${states.length} states.`);
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
