import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { splitNextCommand } from '../../../src/core/diagnosis/single-reading/next-command.ts';
import { Confidence, type Diagnosis } from '../../../src/core/record/diagnosis.ts';

/** Where the small pastes are: a text and what it has to give, side by side. */
const ROOT = new URL('../../fixtures/pastes/', import.meta.url);

/** What one host's diagnosis has to be. */
const Wanted = z.strictObject({
  /** The host's name, short; absent where the text is of one host. */
  host: z.string().optional(),
  /** Verdicts that are right. */
  accepted: z.array(z.string()).min(1),
  /** Words that have to stand somewhere in the diagnosis; the command to run next does not count. */
  says: z.array(z.string()).default([]),
  /** Words that have to stand in its headline. */
  headline: z.array(z.string()).default([]),
  /** Words that must not stand in the diagnosis. */
  neverSays: z.array(z.string()).default([]),
  /** Highest confidence that the evidence allows. */
  maxConfidence: Confidence.optional(),
  /** Failure modes that the evidence does not rule out. */
  notAbsent: z.array(z.string()).default([]),
  /** Failure modes that the evidence does not prove. */
  notPresent: z.array(z.string()).default([]),
});

const Small = z.strictObject({
  what: z.string(),
  source: z.string(),
  /** One a host, in the order in which they have to be told. */
  diagnoses: z.array(Wanted).min(1),
  /** What the rules still get wrong here, a clause. */
  notYet: z.string().optional(),
});

export type SmallPaste = z.infer<typeof Small> & { readonly name: string; readonly text: string };

/** Every small paste, by name. */
export function smallPastes(): readonly SmallPaste[] {
  return readdirSync(ROOT)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => {
      const name = file.replace(/\.txt$/, '');
      const read = (ending: string) => readFileSync(new URL(`${name}${ending}`, ROOT), 'utf8');
      return { ...Small.parse(JSON.parse(read('.json'))), name, text: read('.txt') };
    });
}

/** Line numbers that are told both as used and as ignored. */
export function toldTwice({
  used,
  ignored,
}: {
  readonly used: readonly { readonly from: number; readonly to: number }[];
  readonly ignored: readonly { readonly from: number; readonly to: number }[];
}): readonly number[] {
  const linesOf = ({ from, to }: { from: number; to: number }) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const read = new Set(used.flatMap(linesOf));
  return ignored.flatMap(linesOf).filter((line) => read.has(line));
}

const WORDS: readonly Confidence[] = ['low', 'medium', 'high'];

/** What diagnoses say otherwise than a small paste wants, a clause each; empty when all is as it should be. */
export function shortcomings(
  { diagnoses: wanted }: Pick<SmallPaste, 'diagnoses'>,
  given: readonly { readonly host: string | undefined; readonly diagnosis: Diagnosis }[],
): readonly string[] {
  if (given.length !== wanted.length) return [`${given.length} diagnoses instead of ${wanted.length}`];
  return wanted.flatMap((one, index) => {
    const { host, diagnosis } = given[index] ?? {};
    if (diagnosis === undefined) return [];
    const { gaps } = splitNextCommand(diagnosis.gaps);
    const text = JSON.stringify({ ...diagnosis, gaps }).replaceAll('\\"', '"');
    const states = new Map(diagnosis.findings.map(({ mode, state }) => [mode, state]));
    const isTooSure =
      one.maxConfidence !== undefined &&
      WORDS.indexOf(diagnosis.confidence) > WORDS.indexOf(one.maxConfidence);
    return [
      ...(one.host === undefined || one.host === host ? [] : [`${host ?? 'no host'} instead of ${one.host}`]),
      ...(one.accepted.includes(diagnosis.verdict) ? [] : [`${diagnosis.verdict} is no accepted verdict`]),
      ...one.says.filter((words) => !text.includes(words)).map((words) => `it does not say "${words}"`),
      ...one.headline
        .filter((words) => !diagnosis.headline.includes(words))
        .map((words) => `its headline does not say "${words}"`),
      ...one.neverSays.filter((words) => text.includes(words)).map((words) => `it says "${words}"`),
      ...(isTooSure ? [`${diagnosis.confidence} confidence`] : []),
      ...one.notAbsent.filter((mode) => states.get(mode) === 'absent').map((mode) => `${mode} is ruled out`),
      ...one.notPresent.filter((mode) => states.get(mode) === 'present').map((mode) => `${mode} is present`),
      ...(diagnosis.offer.raise ? ['a raise is offered'] : []),
    ];
  });
}
