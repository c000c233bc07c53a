import { catalogue } from '../../runbooks/index.ts';
import type { Capture } from '../../src/core/capture/capture.ts';
import { diagnose } from '../../src/core/diagnosis/diagnose.ts';
import { diagnoseHosts } from '../../src/core/diagnosis/single-reading/diagnose-hosts.ts';
import { type PastedHost, readPaste } from '../../src/core/paste/read-paste.ts';
import type { Diagnosis } from '../../src/core/record/diagnosis.ts';
import { snapshotOf } from '../../src/core/snapshot/snapshot-of.ts';
import { recordedCases } from '../../test/unit/support/captures.ts';
import { pastedCases } from '../../test/unit/support/corpus.ts';
import { mixedCases } from '../../test/unit/support/mixed.ts';
import { shortcomings, smallPastes, toldTwice } from '../../test/unit/support/small-pastes.ts';

/**
 * Where a case is from. `lab`: captures of two samples from real kernels; `mixed`: the same, with several faults at once;
 * `field`: text that people pasted in public threads, one sample; `small`: short pastes made for this project.
 */
export type Group = 'lab' | 'mixed' | 'field' | 'small';

/** A case with known truth and what medic said about it. */
export interface ScoredCase {
  readonly id: string;
  readonly group: Group;
  /** The verdict that is right; where the evidence allows several, the one that was given, if it is among them. */
  readonly truth: string;
  readonly isRight: boolean;
  /** Whether the node's own table is full or nearly so; `undefined` where the evidence allows both answers. */
  readonly isTableFull: boolean | undefined;
  readonly capture: Capture;
  /** Of several hosts the first one, which is the most severe. */
  readonly diagnosis: Diagnosis;
  /** Whether a raise would help; `undefined` where the thread leaves it open. */
  readonly raiseHelps: boolean | undefined;
  /** What the rules are known to get wrong here, a clause. */
  readonly notYet?: string | undefined;
}

/** Modes that say that the node's own table is full or nearly so. */
const FULL = new Set(['table-full', 'near-full']);

/** Every recorded capture and every field case with pasted output, in a fixed order. */
export function scoredCases(): readonly ScoredCase[] {
  return [...labCases(), ...mixedOnes(), ...threadCases(), ...smallOnes()].toSorted(
    (a, b) => a.group.localeCompare(b.group) || a.id.localeCompare(b.id),
  );
}

function labCases(): readonly ScoredCase[] {
  return recordedCases().map(({ mode, name, capture, expected, modes }) =>
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
}

function mixedOnes(): readonly ScoredCase[] {
  return mixedCases().map(({ name, capture, expected, notYet }) => {
    const { diagnosis } = diagnose(snapshotOf(capture), catalogue, 'node');
    const isTooSure = diagnosis.confidence === 'high' && expected.notHigh.includes(diagnosis.verdict);
    const isOffered = expected.raise === 'either' || expected.raise === diagnosis.offer.raise;
    return scored({
      id: `mixed/${name}`,
      group: 'mixed',
      capture,
      diagnosis,
      accepted: expected.accepted,
      contributing: [],
      raiseHelps: expected.raise === 'either' ? undefined : expected.raise,
      notYet,
      isAsWanted: !isTooSure && isOffered,
    });
  });
}

function threadCases(): readonly ScoredCase[] {
  return pastedCases().map(({ id, text, expected, notYet }) => {
    const [{ capture, diagnosis }] = readAs(text);
    const { verdict, accepted, contributing, raiseHelps } = expected;
    return scored({
      id,
      group: 'field',
      capture,
      diagnosis,
      accepted: accepted.includes(verdict) ? [verdict, ...accepted] : accepted,
      contributing,
      raiseHelps: raiseHelps === 'unknown' ? undefined : raiseHelps,
      notYet,
    });
  });
}

function smallOnes(): readonly ScoredCase[] {
  return smallPastes().map((paste) => {
    const hosts = readAs(paste.text);
    const [{ capture, diagnosis }] = hosts;
    const isTold = hosts.every((told) => toldTwice(told).length === 0);
    return scored({
      id: `pastes/${paste.name}`,
      group: 'small',
      capture,
      diagnosis,
      accepted: paste.diagnoses[0]?.accepted ?? [],
      contributing: [],
      raiseHelps: false,
      notYet: paste.notYet,
      isAsWanted: isTold && shortcomings(paste, hosts).length === 0,
    });
  });
}

type ReadHost = PastedHost & { readonly diagnosis: Diagnosis };

/** Each host of a text with its diagnosis, the most severe first. */
function readAs(text: string): readonly [ReadHost, ...ReadHost[]] {
  const paste = readPaste(text);
  const [first, ...others] = diagnoseHosts(paste, catalogue, 'node').map(({ host, diagnosis }) => ({
    ...host,
    diagnosis,
  }));
  if (first === undefined) throw new Error('A paste holds no host.');
  return [first, ...others];
}

function scored({
  accepted,
  contributing,
  isAsWanted = true,
  ...rest
}: Omit<ScoredCase, 'truth' | 'isRight' | 'isTableFull'> & {
  readonly accepted: readonly string[];
  readonly contributing: readonly string[];
  /** What is wanted beside the verdict: the confidence, the offer, the numbers that are told. */
  readonly isAsWanted?: boolean;
}): ScoredCase {
  const { verdict } = rest.diagnosis;
  const isAccepted = accepted.includes(verdict);
  const truth = isAccepted ? verdict : (accepted[0] ?? 'insufficient-evidence');
  const isFullIn = (labels: readonly string[]) => labels.some((label) => FULL.has(label));
  const isEither = isFullIn([...accepted, ...contributing]) && !accepted.every((label) => FULL.has(label));
  return {
    ...rest,
    isRight: isAccepted && isAsWanted,
    truth,
    isTableFull: isEither ? undefined : FULL.has(truth),
  };
}
