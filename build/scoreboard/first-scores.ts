import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { Confidence } from '../../src/core/record/diagnosis.ts';
import type { Group, ScoredCase } from './scored-case.ts';

const FILE = new URL('../../test/fixtures/first-scores.json', import.meta.url);

/** What the rules said of a case before anybody had changed them with it at hand; recorded once, never computed again. */
const First = z.strictObject({
  /** When the rules that were scored had changed last. */
  rulesChanged: z.iso.datetime({ offset: true }),
  verdict: z.string(),
  confidence: Confidence,
  isRight: z.boolean(),
});

const FirstScores = z.record(
  z.string(),
  z.strictObject({
    /** When the case was committed. */
    added: z.iso.datetime({ offset: true }),
    /** Absent where the rules were written together with the case, so that no first score was taken. */
    first: First.optional(),
  }),
);

/** The record of every case, by its id. */
export type FirstScores = Readonly<z.infer<typeof FirstScores>>;

/** The first scores as they are recorded. */
export function firstScores(): FirstScores {
  return FirstScores.parse(JSON.parse(readFileSync(FILE, 'utf8')));
}

/** Where a group's cases are, below test/fixtures. */
const PLACES: Readonly<Record<Group, (id: string) => string>> = {
  lab: (id) => `captures/${id}/case.json`,
  mixed: (id) => `${id}/case.json`,
  field: (id) => `corpus/${id}.json`,
  small: (id) => `${id}.txt`,
};

/** Files whose change changes a verdict. */
const RULES = [
  'src/core/parse',
  'src/core/paste',
  'src/core/snapshot',
  'src/core/diagnosis',
  'runbooks/*/signature.ts',
  'runbooks/*/single-reading.ts',
];

/**
 * Scores every committed case that has no record yet with the rules as they are, and adds it to the record. To be run on a
 * commit that adds cases and changes no rule; what is recorded already stays.
 *
 * @throws Error when git does not know a case or has no history of the rules
 */
export function recordFirstScores(cases: readonly ScoredCase[]): void {
  const known = firstScores();
  const rulesChanged = dateOf(...RULES);
  const record = cases.map((one) => {
    const { id, group, diagnosis, isRight } = one;
    const first = { rulesChanged, verdict: diagnosis.verdict, confidence: diagnosis.confidence, isRight };
    return [id, known[id] ?? { added: dateOf(`test/fixtures/${PLACES[group](id)}`), first }] as const;
  });
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(record), undefined, 2)}\n`);
}

/** When one of the paths was committed last. */
function dateOf(...paths: readonly string[]): string {
  const root = new URL('../..', import.meta.url);
  const date = execFileSync('git', ['log', '-1', '--format=%aI', '--', ...paths], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
  if (date === '') throw new Error(`git has no commit of ${paths.join(', ')}; commit it first.`);
  return date;
}
