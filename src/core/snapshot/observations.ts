import { type Capture, newest, samplesOf } from '../capture/capture.ts';
import { linkRates, linksSentence, parseLinks } from '../parse/links.ts';
import { type Observation, parseObservations } from '../parse/observations.ts';
import { parseRequestTimings, readTimings } from '../parse/request-timings.ts';
import type { Fact } from './fact.ts';
import { UNKNOWN_LENGTH } from './snapshot.ts';

/** A text of which nothing is known, and what would be. */
const NOTHING: Observation = {
  kind: 'nothing',
  says: 'Nothing in this text is output that is known here. What tells something: conntrack -S, sysctl, dmesg, nstat or netstat -s, ethtool -S, ss, tcpdump, times of curl, metrics – as they were printed, with their commands.',
};

/** Reads what pasted text shows beside counters, the most telling first. A node's collector prints none of it. */
export function observationsOf(capture: Capture, windowSeconds: Fact<number>): readonly Observation[] {
  if (capture.origin !== 'paste') return [];
  if (capture.sections.length === 0) return [NOTHING];
  const text = newest(capture, 'request-timings')?.text;
  const timed = text === undefined ? undefined : readTimings(parseRequestTimings(text)).symptom;
  const observations = [
    ...parseObservations(newest(capture, 'observations')?.text ?? ''),
    ...linksOf(capture, windowSeconds),
    ...(timed === undefined ? [] : [{ kind: 'symptom' as const, says: timed }]),
  ];
  return observations.toSorted((a, b) => WEIGHT[a.kind] - WEIGHT[b.kind]);
}

/** What interfaces carried and lost: in the window where two readings tell it, since they came up otherwise. */
function linksOf(capture: Capture, windowSeconds: Fact<number>): readonly Observation[] {
  const read = newest(capture, 'links');
  if (read === undefined) return [];
  const samples = samplesOf(capture, 'links');
  const seconds = windowSeconds.known ? windowSeconds.value : UNKNOWN_LENGTH;
  const rates =
    typeof samples === 'string' || seconds === UNKNOWN_LENGTH || seconds <= 0
      ? undefined
      : linkRates(parseLinks(samples.first), parseLinks(samples.second), seconds);
  return [{ kind: 'note', says: rates ?? linksSentence(parseLinks(read.text)) }];
}

const WEIGHT = { nothing: 3, loss: 0, symptom: 1, note: 2 } as const;
