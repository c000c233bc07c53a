import { describe, expect, it } from 'vitest';
import type { IncidentHead, IncidentState, Remediation } from '../../../../src/core/record/incident.ts';
import { noteOfEnd, noteOfRollback } from '../../../../src/core/runbook/thread-notes.ts';
import { buildIncident } from '../../support/incidents.ts';

const ENDED: readonly IncidentState[] = ['dismissed', 'expired', 'resolved', 'failed', 'rolled-back'];
const OPEN: readonly IncidentState[] = ['awaiting-approval', 'applied-one', 'verifying'];

describe('what the end makes untrue of the runbook in the thread', () => {
  it.each(ENDED)('is said once the incident is %s', (state) => {
    expect(noteOfEnd(buildIncident(state).head)).toMatch(/button .* is gone from the card/);
  });

  it.each(OPEN)('is not said while it is %s', (state) => {
    expect(noteOfEnd(buildIncident(state).head)).toBeUndefined();
  });

  it('is not said where no button was ever there', () => {
    expect(noteOfEnd(buildIncident('no-fix-offered').head)).toBeUndefined();
  });
});

/** Three raised nodes of an incident that had ended, of which some were rolled back then. */
function undone(amount: number, head: Partial<IncidentHead> = {}): IncidentHead {
  const ended = buildIncident('rolling-back', { nodes: 3 }).head;
  const steps = ended.remediations.slice(0, amount).map((step): Remediation => {
    const { verification: _verification, max: _max, buckets: _buckets, ...rest } = step;
    return { ...rest, kind: 'rollback', decision: 2, outcome: 'rolled-back' };
  });
  return { ...ended, remediations: [...ended.remediations, ...steps], ...head };
}

describe('what a rollback makes untrue in the thread', () => {
  it('is how to make it last, once nothing stands', () => {
    expect(noteOfRollback(undone(3))).toMatch(/^No raise stands any more, so "Make it last" above no longer/);
  });

  it('is that for the nodes that were rolled back, where others stand raised', () => {
    const [first] = undone(1).nodes;
    const note = noteOfRollback(undone(1));
    expect(note).toContain(`no longer applies to ${first?.instanceId}: `);
    expect(note).toContain('It still applies to 2 other nodes.');
  });

  it('is nothing where none was rolled back', () => {
    expect(noteOfRollback(undone(0))).toBeUndefined();
  });

  it('is also that it is kept', () => {
    const association = {
      decision: 3,
      group: 'node group a of cluster b',
      tags: [],
      max: 262_144,
      buckets: 65_536,
      claimedAt: '2026-11-23T14:10:00.000Z',
      state: 'deleted' as const,
    };
    expect(noteOfRollback(undone(3, { association }))).toContain('not kept on node group a of cluster b any');
  });
});
