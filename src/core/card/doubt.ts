import type { Confidence, Diagnosis } from '../record/diagnosis.ts';

/** How far a verdict can be trusted, where that is not all the way: whoever clicks, or does something else, must know it. */
const UNSURE: Readonly<Record<Confidence, string>> = {
  high: '',
  medium: 'The evidence fits this and does not prove it.',
  low: 'This is a hint, not a proof.',
};

/** What is said of a diagnosis that is not certain; empty of one that is, and where there is none. */
export const unsure = (diagnosis: Diagnosis | undefined): string =>
  diagnosis === undefined ? '' : UNSURE[diagnosis.confidence];
