import { type Capture, newest } from '../capture/capture.ts';
import { type Observation, parseObservations } from '../parse/observations.ts';
import { parseRequestTimings, readTimings } from '../parse/request-timings.ts';

/** Reads what pasted text shows beside counters, the most telling first. A node's collector prints none of it. */
export function observationsOf(capture: Capture): readonly Observation[] {
  if (capture.origin !== 'paste') return [];
  const text = newest(capture, 'request-timings')?.text;
  const timed = text === undefined ? undefined : readTimings(parseRequestTimings(text)).symptom;
  const observations = [
    ...parseObservations(newest(capture, 'observations')?.text ?? ''),
    ...(timed === undefined ? [] : [{ kind: 'symptom' as const, says: timed }]),
  ];
  return observations.toSorted((a, b) => WEIGHT[a.kind] - WEIGHT[b.kind]);
}

const WEIGHT = { loss: 0, symptom: 1, note: 2 } as const;
