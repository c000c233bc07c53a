import { APPROVER } from '../../../local/slack/people.ts';
import { decide, expectedDigest } from '../../../src/core/incident/decide.ts';
import type { IncidentHead } from '../../../src/core/record/incident.ts';

/** The record after a click of an approver on the newest card, without Slack between; or the refusal. */
export function clicked(head: IncidentHead, kind: 'apply-all' | 'rollback'): IncidentHead | string {
  const planDigest = expectedDigest(head);
  return decide(
    head,
    {
      kind,
      actor: { kind: 'slack-user', id: APPROVER.id, name: APPROVER.name },
      ...(planDigest === undefined ? {} : { planDigest }),
      slack: { team: 'T0', channel: 'C0', message: '1' },
    },
    { now: Date.now(), approvers: [APPROVER.id], evidenceMaxAgeSeconds: 600 },
  );
}
