import type { Capture } from '../../capture/capture.ts';
import { tellingOf } from '../../paste/telling.ts';
import type { Confidence, Diagnosis, Evidence } from '../../record/diagnosis.ts';
import { type Snapshot, UNKNOWN_LENGTH } from '../../snapshot/snapshot.ts';
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
  const past = isPair ? singleReadingOf(capture, snapshot, { withoutPairs: true }) : reading;
  const judged = catalogue.map((signature) => withSingleReading(signature, { reading, past, isPair }));
  const { diagnosis: whole, plan } = diagnose(snapshot, judged, instanceId);
  const diagnosis = withoutExcerpts(whole, capture);
  const isOrderedOnly = isPair && snapshot.windowSeconds.value === UNKNOWN_LENGTH;
  const gaps = [
    ...diagnosis.gaps,
    ...(isOrderedOnly ? [NOT_TIMED] : isPair ? [] : sinceBootNotes(reading)),
    ...(isOpen(diagnosis, judged, isPair && !isOrderedOnly) ? [nextCommandGap(nextCommandFor(reading))] : []),
  ];
  const confidence = calibrated(diagnosis.confidence, snapshot);
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
function withSingleReading(
  signature: Signature,
  {
    reading,
    past,
    isPair,
  }: { readonly reading: SingleReading; readonly past: SingleReading; readonly isPair: boolean },
): Signature {
  const { title, singleReading: rules } = signature;
  const asRead = rules?.asRead?.(reading);
  // What concludes from all modes has two samples to conclude from.
  const isConclusion = signature.conclude !== undefined;
  const history = isPair && isConclusion ? undefined : rules?.sinceBoot?.(past);
  const strongest = asRead ?? history;
  if (strongest === undefined) return signature;
  const match = asRead === undefined || history === undefined ? strongest : together(asRead, history);
  const earlier = rules?.title ?? `${title}, at some time since boot`;
  // Beside what two samples measured, what was counted since boot says nothing more.
  const beside = isPair ? asRead : match;
  return filledIn(signature, reading, { match, beside, title: asRead === undefined ? earlier : title });
}

/**
 * @param read.match what stands where the signature can't tell
 * @param read.beside what is told together with a match of the signature itself
 */
function filledIn(
  signature: Signature,
  { snapshot }: SingleReading,
  {
    match,
    beside,
    title,
  }: { readonly match: Match; readonly beside: Match | undefined; readonly title: string },
): Signature {
  const { id, order, evaluate, conclude } = signature;
  if (evaluate !== undefined) {
    const result = evaluate(snapshot);
    if (result.state === 'no-match') return signature;
    if (result.state === 'undetermined') return { id, title, order, evaluate: () => match };
    return beside === undefined ? signature : { ...signature, evaluate: () => together(result, beside) };
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

const CONFIDENCE = ['low', 'medium', 'high'] as const;

/**
 * Two matches of one mode, such as a log line and the numbers that say the same: the surer one speaks, of equals the one
 * that does not rest on a log line alone, and neither takes the other's evidence away.
 */
function together(match: Match, other: Match): Match {
  const weight = ({ confidence }: Match) => CONFIDENCE.indexOf(confidence);
  const isOtherSurer = weight(other) > weight(match);
  const [first, second] = isOtherSurer ? [other, match] : [match, other];
  const facts = [
    ...first.evidence,
    ...second.evidence.filter((fact) => !first.evidence.some((one) => isSame(one, fact))),
  ];
  return {
    ...match,
    ...first,
    impact: match.impact === 'drops' || other.impact === 'drops' ? 'drops' : 'pressure',
    evidence: facts,
    raise: match.raise.allowed ? other.raise : match.raise,
  };
}

function isSame(a: Evidence, b: Evidence): boolean {
  return a.fact === b.fact && a.value === b.value && a.unit === b.unit;
}

/**
 * "High" needs numbers and a time: a timed pair, or a line of the kernel whose age is known. What merely contradicts nothing is
 * at most medium.
 */
function calibrated(confidence: Confidence, { windowSeconds, log }: Snapshot): Confidence {
  const isTimed = windowSeconds.known && windowSeconds.value !== UNKNOWN_LENGTH;
  const isDated = log.known && log.value.messages.some(({ ageSeconds }) => ageSeconds !== undefined);
  return confidence === 'high' && !isTimed && !isDated ? 'medium' : confidence;
}
