import { type DecisionRequest, decide, expectedDigest } from '../../../src/core/incident/decide.ts';
import type { IncidentHead } from '../../../src/core/record/incident.ts';
import { transition } from '../../../src/core/record/transitions.ts';
import { claimRemediation, updateRemediation } from '../../../src/core/remediation/claim.ts';
import { ANA, CARD, TEAM } from './incidents.ts';

const WHY =
  'table use 131072 is over 80 % of the old limit 131072, so new connections would be refused at once.';

/** A click on "Roll back" for one node that refuses, carried out to its end. */
export function refusedRollback(head: IncidentHead, instanceId: string, now: number): IncidentHead {
  const request: DecisionRequest = {
    kind: 'rollback',
    actor: ANA,
    instanceIds: [instanceId],
    planDigest: expectedDigest(head) ?? '',
    slack: { team: TEAM, channel: CARD.channel, message: CARD.message, signed: 'a'.repeat(64) },
  };
  const ordered = decide(head, request, { now, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 });
  if (typeof ordered === 'string') throw new Error(ordered);
  const number = ordered.decisions.at(-1)?.number ?? 0;
  const order = { kind: 'rollback', decision: number, instanceIds: [instanceId] } as const;
  const claimed = claimRemediation(ordered, order, new Date(now + 1000).toISOString());
  if (typeof claimed === 'string') throw new Error(claimed);
  const finishedAt = new Date(now + 3000).toISOString();
  const answered = updateRemediation(claimed, order, () => ({
    commandId: '01234567-89ab-cdef-0123-456789abcdef',
    documentHash: 'b'.repeat(64),
    finishedAt,
    outcome: 'refused',
    setAside: 'refused',
    detail: `${instanceId}: ${WHY}`,
  }));
  return transition(
    answered,
    'resolved',
    { kind: 'workflow' },
    finishedAt,
    `${instanceId}: rollback refused: ${WHY}`,
  );
}
