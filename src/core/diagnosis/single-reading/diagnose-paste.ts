import type { Capture } from '../../capture/capture.ts';
import { type Snapshot, UNKNOWN_LENGTH } from '../../snapshot/snapshot.ts';
import { snapshotOf } from '../../snapshot/snapshot-of.ts';
import { type DiagnosedNode, diagnose } from '../diagnose.ts';
import type { Catalogue, Match, Signature } from '../signature.ts';
import { clearedTable, PASTE_RULES, promptRequests } from './paste-rules.ts';
import { PAST_RULES } from './rules.ts';
import { pastNotes, settlingGap } from './settle.ts';
import { pastOf } from './single-reading.ts';

/** A diagnosed paste, with the catalogue whose titles say what was judged: now, or at some time since boot. */
export interface DiagnosedPaste extends DiagnosedNode {
  readonly catalogue: Catalogue;
}

/**
 * Diagnoses a paste. With two samples it is judged like a capture. With one, cumulative counters are read as history:
 * they make a verdict only where {@link PAST_RULES} say so, in the past tense and never with a raise, and the gaps end
 * with the one command that would settle the question.
 */
export function diagnosePaste(capture: Capture, catalogue: Catalogue, instanceId: string): DiagnosedPaste {
  const snapshot = snapshotOf(capture);
  const past = pastOf(capture, snapshot);
  const isPair = snapshot.windowSeconds.known;
  const history = isPair ? {} : PAST_RULES;
  const cleared = isPair ? undefined : (promptRequests(past) ?? clearedTable(past));
  const judged = catalogue
    .map((signature) => filledIn(signature, snapshot, PASTE_RULES[signature.id]?.(past), ''))
    .map((signature) =>
      filledIn(signature, snapshot, history[signature.id]?.(past), ', at some time since boot'),
    )
    .map((signature) => clearing(signature, cleared));
  const { diagnosis, plan } = diagnose(snapshot, judged, instanceId);
  const isOrderedOnly = isPair && snapshot.windowSeconds.value === UNKNOWN_LENGTH;
  const gaps = isOrderedOnly
    ? [...diagnosis.gaps, NOT_TIMED, settlingGap()]
    : isPair
      ? diagnosis.gaps
      : [...diagnosis.gaps, ...pastNotes(past), settlingGap()];
  // How long ago it began, and whether it was minutes or days, is open: less than certain, however clear the numbers.
  const confidence = isOrderedOnly && diagnosis.confidence === 'high' ? 'medium' : diagnosis.confidence;
  return { diagnosis: { ...diagnosis, confidence, gaps }, plan, catalogue: judged };
}

const NOT_TIMED =
  'the second sample is later, but the text does not tell by how much → rates, and whether it goes on, are unknown';

/** What a signature can't tell, for want of a second sample or of a source, another rule may. */
function filledIn(
  signature: Signature,
  snapshot: Snapshot,
  match: Match | undefined,
  when: string,
): Signature {
  const { evaluate } = signature;
  if (match === undefined || evaluate?.(snapshot).state !== 'undetermined') return signature;
  const { id, title, order } = signature;
  return { id, title: `${title}${when}`, order, evaluate: () => match };
}

/** `not-the-node` for want of sources, where nothing else matches and the paste clears what it is about. */
function clearing(signature: Signature, match: Match | undefined): Signature {
  const { conclude } = signature;
  if (match === undefined || conclude === undefined || signature.id !== 'not-the-node') return signature;
  return {
    id: signature.id,
    order: signature.order,
    title: 'Connection tracking is not the cause; the rest of the node was not seen',
    conclude: (snapshot, results) => {
      const result = conclude(snapshot, results);
      const hasMatch = [...results.values()].some(({ state }) => state === 'match');
      return result.state === 'undetermined' && !hasMatch ? match : result;
    },
  };
}
