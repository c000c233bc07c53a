import type { Capture } from '../../capture/capture.ts';
import { tellingOf } from '../../paste/telling.ts';
import type { Diagnosis } from '../../record/diagnosis.ts';
import { UNKNOWN_LENGTH } from '../../snapshot/snapshot.ts';
import { snapshotOf } from '../../snapshot/snapshot-of.ts';
import { type DiagnosedNode, diagnose } from '../diagnose.ts';
import type { Catalogue, Match, Signature } from '../signature.ts';
import { withoutExcerpts } from './excerpts.ts';
import { nextCommandFor, nextCommandGap, sinceBootNotes } from './next-command.ts';
import { type SingleReading, singleReadingOf } from './single-reading.ts';

/** A diagnosed paste, with the catalogue whose titles say what was judged: now, or at some time since boot. */
export interface DiagnosedPaste extends DiagnosedNode {
  readonly catalogue: Catalogue;
}

/**
 * Diagnoses a paste. With two samples it is judged like a capture. With one, cumulative counters are read as history:
 * they make a verdict only where a signature's own rules for a single reading say so, in the past tense and never with a
 * raise, and the gaps end with the one command that would answer the question.
 */
export function diagnosePaste(capture: Capture, catalogue: Catalogue, instanceId: string): DiagnosedPaste {
  const snapshot = snapshotOf(capture);
  const reading = singleReadingOf(capture, snapshot);
  const isPair = snapshot.windowSeconds.known;
  const judged = catalogue.map((signature) => withSingleReading(signature, reading, isPair));
  const { diagnosis: whole, plan } = diagnose(snapshot, judged, instanceId);
  const diagnosis = withoutExcerpts(whole, capture);
  const isOrderedOnly = isPair && snapshot.windowSeconds.value === UNKNOWN_LENGTH;
  const gaps = [
    ...diagnosis.gaps,
    ...(isOrderedOnly ? [NOT_TIMED] : isPair ? [] : sinceBootNotes(reading)),
    ...(isOpen(diagnosis, judged, isPair && !isOrderedOnly) ? [nextCommandGap(nextCommandFor(reading))] : []),
  ];
  // How long ago it began, and whether it was minutes or days, is open: less than certain, however clear the numbers.
  const confidence = isOrderedOnly && diagnosis.confidence === 'high' ? 'medium' : diagnosis.confidence;
  const seen = seenIn(capture);
  return { diagnosis: { ...diagnosis, confidence, gaps, seen: [...seen] }, plan, catalogue: judged };
}

/** Whether there is something to find out: one sample, an order without a time, or two samples that end without an answer. */
function isOpen({ verdict, confidence }: Diagnosis, catalogue: Catalogue, isTimedPair: boolean): boolean {
  if (!isTimedPair) return true;
  const isConclusion = catalogue.some(({ id, order }) => id === verdict && order.stage === 'conclusion');
  return isConclusion && confidence === 'low';
}

const SAMPLES = { 0: ', first sample', 1: ', second sample' } as const;

/** What each source says, whether or not a verdict came of it. */
function seenIn({ sections, clock }: Capture): readonly string[] {
  const isPair = clock.windowSeconds !== undefined || clock.isOrdered === true;
  return sections.flatMap(({ source, sample, text }) => {
    const says = tellingOf(source, text);
    const which = sample === undefined || !isPair ? '' : SAMPLES[sample];
    return says === undefined ? [] : [`${source}${which}: ${says}`];
  });
}

const NOT_TIMED =
  'the second sample is later, but the text does not tell by how much → rates, and whether it goes on, are unknown';

/** The signature, or what its own rules conclude where it can't tell, for want of a second sample or of a source. */
function withSingleReading(signature: Signature, reading: SingleReading, isPair: boolean): Signature {
  const { title, singleReading: rules } = signature;
  const asRead = rules?.asRead?.(reading);
  if (asRead !== undefined) return filledIn(signature, reading, asRead, title);
  const history = isPair ? undefined : rules?.sinceBoot?.(reading);
  if (history === undefined) return signature;
  return filledIn(signature, reading, history, rules?.title ?? `${title}, at some time since boot`);
}

function filledIn(signature: Signature, { snapshot }: SingleReading, match: Match, title: string): Signature {
  const { id, order, evaluate, conclude } = signature;
  if (evaluate !== undefined) {
    return evaluate(snapshot).state === 'undetermined'
      ? { id, title, order, evaluate: () => match }
      : signature;
  }
  return {
    id,
    title,
    order,
    conclude: (seen, results) => {
      const result = conclude(seen, results);
      const hasMatch = [...results.values()].some(({ state }) => state === 'match');
      return result.state === 'undetermined' && !hasMatch ? match : result;
    },
  };
}
