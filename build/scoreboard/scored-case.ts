import { catalogue } from '../../runbooks/index.ts';
import type { Capture } from '../../src/core/capture/capture.ts';
import { diagnose } from '../../src/core/diagnosis/diagnose.ts';
import { diagnosePaste } from '../../src/core/diagnosis/single-reading/diagnose-paste.ts';
import { readPaste } from '../../src/core/paste/read-paste.ts';
import type { Diagnosis } from '../../src/core/record/diagnosis.ts';
import { snapshotOf } from '../../src/core/snapshot/snapshot-of.ts';
import { recordedCases } from '../../test/unit/support/captures.ts';
import { pastedCases } from '../../test/unit/support/corpus.ts';

/** A case with known truth and what medic said about it. */
export interface ScoredCase {
  readonly id: string;
  /** `lab`: captures of two samples from real kernels; `field`: text that people pasted, one sample. */
  readonly group: 'lab' | 'field';
  /** The verdict that is right; where the evidence allows several, the one that was given, if it is among them. */
  readonly truth: string;
  readonly isRight: boolean;
  /** Whether the node's own table is full or nearly so; `undefined` where the evidence allows both answers. */
  readonly isTableFull: boolean | undefined;
  readonly capture: Capture;
  readonly diagnosis: Diagnosis;
  /** Whether a raise would help; `undefined` where the thread leaves it open. */
  readonly raiseHelps: boolean | undefined;
}

/** Modes that say that the node's own table is full or nearly so. */
const FULL = new Set(['table-full', 'near-full']);

/** Every recorded capture and every field case with pasted output, in a fixed order. */
export function scoredCases(): readonly ScoredCase[] {
  const lab = recordedCases().map(({ mode, name, capture, expected, modes }) =>
    scored({
      id: `${mode}/${name}`,
      group: 'lab',
      capture,
      diagnosis: diagnose(snapshotOf(capture), catalogue, 'node').diagnosis,
      accepted: [expected.verdict, ...(expected.acceptable ?? [])],
      contributing: modes.present,
      raiseHelps: expected.raise,
    }),
  );
  const field = pastedCases().map(({ id, text, expected }) => {
    const paste = readPaste(text);
    if (paste === undefined)
      throw new Error(`Nothing is recognised in the field case ${id}; the reader lost a shape.`);
    const { verdict, accepted, contributing, raiseHelps } = expected;
    return scored({
      id,
      group: 'field',
      capture: paste.capture,
      diagnosis: diagnosePaste(paste.capture, catalogue, 'node').diagnosis,
      accepted: accepted.includes(verdict) ? [verdict, ...accepted] : accepted,
      contributing,
      raiseHelps: raiseHelps === 'unknown' ? undefined : raiseHelps,
    });
  });
  return [...lab, ...field].toSorted((a, b) => a.group.localeCompare(b.group) || a.id.localeCompare(b.id));
}

function scored({
  accepted,
  contributing,
  ...rest
}: Omit<ScoredCase, 'truth' | 'isRight' | 'isTableFull'> & {
  readonly accepted: readonly string[];
  readonly contributing: readonly string[];
}): ScoredCase {
  const { verdict } = rest.diagnosis;
  const isRight = accepted.includes(verdict);
  const truth = isRight ? verdict : (accepted[0] ?? 'insufficient-evidence');
  const isFullIn = (labels: readonly string[]) => labels.some((label) => FULL.has(label));
  const isEither = isFullIn([...accepted, ...contributing]) && !accepted.every((label) => FULL.has(label));
  return { ...rest, isRight, truth, isTableFull: isEither ? undefined : FULL.has(truth) };
}
