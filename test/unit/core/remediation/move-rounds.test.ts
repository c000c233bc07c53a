import { expect, test } from 'vitest';
import { expectedDigest } from '../../../../src/core/incident/decide.ts';
import { executionOf } from '../../../../src/core/incident/execution.ts';
import type { IncidentHead } from '../../../../src/core/record/incident.ts';
import { gatherRounds, partRounds } from '../../../../src/core/remediation/move-rounds.ts';
import { gatherSteps, partSteps } from '../../../../src/core/remediation/move-steps.ts';
import { nodeStates } from '../../../../src/core/remediation/steps.ts';
import { OPENED_AT } from '../../support/diagnoses.ts';
import { buildIncident } from '../../support/incidents.ts';
import { refusedRollback } from '../../support/tries.ts';

const NODES = 50;
const TRIES_EACH = 14;

const { head: raised } = buildIncident('resolved', { nodes: NODES });

test('fourteen tries on each of fifty nodes, one by one, leave a head far below what an item holds', () => {
  let whole = raised;
  let kept = raised;
  const beside = {
    steps: [] as IncidentHead['remediations'],
    rounds: [] as Parameters<typeof gatherRounds>[1][number][],
  };
  for (let index = 0; index < NODES * TRIES_EACH; index++) {
    const { instanceId = '' } = raised.nodes[index % NODES] ?? {};
    const now = OPENED_AT + (index + 10) * 60_000;
    whole = refusedRollback(whole, instanceId, now);
    kept = refusedRollback(kept, instanceId, now);
    const steps = partSteps(kept);
    beside.steps.push(...(steps?.moved ?? []));
    const rounds = partRounds(steps?.head ?? kept);
    beside.rounds.push(...(rounds?.moved ?? []));
    kept = rounds?.head ?? steps?.head ?? kept;
  }
  expect(JSON.stringify(whole).length).toBeGreaterThan(800_000);
  // DynamoDB counts no quotes and commas, so this is more than it counts.
  expect(JSON.stringify(kept).length).toBeLessThan(250_000);
  expect(kept.decisions.at(-1)).toEqual(whole.decisions.at(-1));
  expect(nodeStates(kept)).toEqual(nodeStates(whole));
  expect(executionOf(kept)).toEqual(executionOf(whole));
  expect(expectedDigest(kept)).toBe(expectedDigest(whole));
  const withRounds = gatherRounds(kept, beside.rounds);
  expect(withRounds && gatherSteps(withRounds, beside.steps)).toEqual(whole);
  // Half moved, what stands in both counts once; what is nowhere is not passed over.
  const [last] = whole.decisions.slice(-1);
  const both = last && [...beside.rounds, { decision: last, transitions: whole.transitions.slice(-2) }];
  expect(both && gatherRounds(kept, both)).toEqual(withRounds);
  expect(gatherRounds(kept, beside.rounds.slice(1))).toBeUndefined();
});

test('what led to something stays, and so does the newest move', () => {
  const once = refusedRollback(raised, raised.nodes[0]?.instanceId ?? '', OPENED_AT + 600_000);
  const twice = refusedRollback(once, raised.nodes[0]?.instanceId ?? '', OPENED_AT + 660_000);
  const parted = partRounds(
    { ...twice, remediations: twice.remediations.filter(({ decision }) => decision !== 2) },
    0,
  );
  expect(parted?.moved.map(({ decision }) => decision.number)).toEqual([2]);
  expect(parted?.head.decisions.map(({ number }) => number)).toEqual([1, 3]);
  expect(partRounds(twice, 0)).toBeUndefined();
  expect(partRounds(raised, 0)).toBeUndefined();
});
