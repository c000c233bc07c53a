import type { PersistenceLayer } from '../record/plan.ts';

const MARKS: Readonly<Record<PersistenceLayer['state'], string>> = {
  covered: '✓',
  'not-covered': '✗',
  unknown: '?',
  'not-applicable': '–',
};

/** Whether a change survives a layer, as one character: what was not read is a question, neither a yes nor a no. */
export const layerMark = ({ state }: Pick<PersistenceLayer, 'state'>): string => MARKS[state];
