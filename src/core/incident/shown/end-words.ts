import type { IncidentHead } from '../../record/incident.ts';
import { isClosed } from '../../record/transitions.ts';
import { closedPlatformAdvice } from '../../runbook/closed-platforms.ts';
import { noteOfEnd } from '../../runbook/thread-notes.ts';
import type { Miss } from './owed-words.ts';

/** The keys by which an incident says once what its end calls for, whoever does. */
export const END_KEYS = { note: 'end', runbook: 'runbook-end' } as const;

const WHY = 'The workflow stopped before it was said.';

/** What the end of an incident calls for in its thread: the runbook where nothing else helps, and what the end has made untrue. */
export function endWords(head: IncidentHead): readonly Miss[] {
  const { state, nodes, nodeGaps } = head;
  if (!isClosed(state) || state === 'joined') return [];
  const isUnasked = nodes.length === 0 && closedPlatformAdvice(nodeGaps) !== undefined;
  const text = noteOfEnd(head);
  return [
    ...(state === 'no-fix-offered' || isUnasked
      ? [{ what: 'runbook', why: WHY, key: END_KEYS.runbook } as const]
      : []),
    ...(text === undefined ? [] : [{ what: 'note', why: WHY, key: END_KEYS.note, text } as const]),
  ];
}
