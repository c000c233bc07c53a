import type { Capture } from '../capture.ts';
import { type DiagnosedNode, diagnose } from '../diagnose.ts';
import type { Catalogue, Match, Signature, SignatureResult } from '../signature.ts';
import { snapshotOf } from '../snapshot-of.ts';
import { pastOf } from './past.ts';
import { PAST_RULES } from './past-rules.ts';
import { clearedTable, PASTE_RULES, promptRequests } from './paste-rules.ts';
import { pastNotes, SETTLING_COMMAND } from './settle.ts';

/**
 * Diagnoses a paste. With two samples it is judged like a capture. With one, cumulative counters are read as history:
 * they make a verdict only where {@link PAST_RULES} say so, in the past tense and never with a raise, and the gaps end with
 * the one command that would settle the question.
 */
export function diagnosePaste(capture: Capture, catalogue: Catalogue, instanceId: string): DiagnosedNode {
  const snapshot = snapshotOf(capture);
  const past = pastOf(capture, snapshot);
  const isPair = snapshot.windowSeconds.known;
  const rules = isPair ? PASTE_RULES : { ...PAST_RULES, ...PASTE_RULES };
  const recalled = catalogue.map((signature) => recalling(signature, rules[signature.id]?.(past)));
  const cleared = isPair ? undefined : (promptRequests(past) ?? clearedTable(past));
  const { diagnosis, plan } = diagnose(
    snapshot,
    recalled.map((signature) => clearing(signature, cleared)),
    instanceId,
  );
  if (isPair) return { diagnosis, plan };
  const gaps = [
    ...diagnosis.gaps,
    ...pastNotes(past),
    `to settle it, run this on the node and paste what it prints: ${SETTLING_COMMAND}`,
  ];
  return { diagnosis: { ...diagnosis, gaps }, plan };
}

/** What a signature can't tell for want of a second sample, the past may. */
function recalling(signature: Signature, match: Match | undefined): Signature {
  const { evaluate } = signature;
  if (match === undefined || evaluate === undefined) return signature;
  return {
    ...signature,
    evaluate: (snapshot) => {
      const result = evaluate(snapshot);
      return result.state === 'undetermined' ? match : result;
    },
  };
}

/** `not-the-node` for want of sources, where nothing else matches and the paste clears what it is about. */
function clearing(signature: Signature, match: Match | undefined): Signature {
  const { conclude } = signature;
  if (match === undefined || conclude === undefined || signature.id !== 'not-the-node') return signature;
  return {
    ...signature,
    title: 'Connection tracking is not the cause; the rest of the node was not seen',
    conclude: (snapshot, results) => {
      const result: SignatureResult = conclude(snapshot, results);
      const hasMatch = [...results.values()].some(({ state }) => state === 'match');
      return result.state === 'undetermined' && !hasMatch ? match : result;
    },
  };
}
