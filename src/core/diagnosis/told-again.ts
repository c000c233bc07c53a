import type { Diagnosis, Evidence } from '../record/diagnosis.ts';

/** One fact of a verdict as it was first, and as it is in a later reading. */
export interface FactTwice {
  readonly fact: string;
  /** Of both values; empty where each has its own beside it, as with windows of two lengths. */
  readonly unit: string;
  readonly first: string;
  /** Absent where the later reading says nothing of it. */
  readonly later?: string;
}

/** Facts that are compared: those that a verdict tells first. Our choice: so many have room beside each other. */
const COMPARED = 3;

/**
 * What the first verdict rests on, and what a later reading says of the same facts, whatever it concludes: a signature that does
 * not match gives the numbers that it looked at as well.
 */
export function factsTwice(first: Diagnosis, later: Diagnosis): readonly FactTwice[] {
  const again = new Map(evidenceOf(first.verdict, later).map((one) => [one.fact, one]));
  return evidenceOf(first.verdict, first)
    .slice(0, COMPARED)
    .map(({ fact, unit, value }) => {
      const now = again.get(fact);
      if (now === undefined) return { fact, unit, first: value };
      if (now.unit === unit) return { fact, unit, first: value, later: now.value };
      return { fact, unit: '', first: `${value} ${unit}`, later: `${now.value} ${now.unit}` };
    });
}

const evidenceOf = (mode: string, { findings }: Diagnosis): readonly Evidence[] =>
  findings.find((finding) => finding.mode === mode)?.because ?? [];
