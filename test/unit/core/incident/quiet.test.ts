import { expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { contextOf } from '../../../../src/core/card/context.ts';
import { rankNodes } from '../../../../src/core/card/nodes.ts';
import { judgeLook } from '../../../../src/core/incident/quiet.ts';
import type { NodeCollection } from '../../../../src/core/record/collection.ts';
import type { Diagnosis } from '../../../../src/core/record/diagnosis.ts';
import type { Incident } from '../../../../src/core/record/incident.ts';
import type { QuietLook } from '../../../../src/core/record/said/quiet.ts';
import {
  buildDiagnosis,
  buildHealthy,
  buildLookAlike,
  buildNodePlan,
  instanceId,
  stepTime,
} from '../../support/diagnoses.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';

const PRESSURE = { impact: 'pressure', headline: 'The table is nearly full.' } as const;
const NO_LOSS = { count: 131_000, max: 131_072, fullDrops: 0 };
const [FIRST, SECOND, NEW] = [instanceId(0), instanceId(1), instanceId(7)];

const read = (node: string, diagnosis: Diagnosis): NodeCollection => ({
  instanceId: node,
  collection: 2,
  collectedAt: stepTime(8),
  outcome: {
    kind: 'diagnosed',
    diagnosis,
    figures: diagnosis.impact === 'pressure' ? NO_LOSS : {},
    halfApplied: false,
  },
});

const unread = (node: string): NodeCollection => ({
  ...read(node, buildDiagnosis()),
  outcome: { kind: 'failed', why: `${node} did not answer.` },
});

/** An incident that was dismissed on its first collection, and what was read since. */
function dismissed(then: Diagnosis, now: readonly NodeCollection[], nodes = 2): Incident {
  const { head, collections } = buildIncident('dismissed', {
    nodes,
    diagnosis: then,
    ...(then.impact === 'pressure' ? { figures: NO_LOSS } : {}),
    head: { quiet: { until: stepTime(180), collection: 1 } },
  });
  const kept = collections.filter((one) => !now.some((other) => other.instanceId === one.instanceId));
  return {
    head,
    collections: [...kept, ...now],
    earlier: collections.filter((one) => !kept.includes(one)),
  };
}

const look = (then: Diagnosis, now: readonly NodeCollection[]) =>
  judgeLook(
    dismissed(then, now),
    now.map((one) => one.instanceId),
    catalogue,
  );

test.each([
  ['the same', buildDiagnosis(), [read(FIRST, buildDiagnosis()), read(SECOND, buildDiagnosis())]],
  ['fewer nodes that lose packets', buildDiagnosis(), [read(FIRST, buildHealthy())]],
  ['a lesser fault', buildDiagnosis(), [read(FIRST, buildLookAlike())]],
  ['one node that could not be read', buildDiagnosis(), [unread(FIRST), read(SECOND, buildDiagnosis())]],
])('%s is no worse', (_name, then, now) => {
  expect(look(then, now)).not.toHaveProperty('worse');
});

test('packets that are lost where none were is worse', () => {
  expect(look(buildDiagnosis(PRESSURE), [read(FIRST, buildDiagnosis())])).toEqual({
    asked: 1,
    read: 1,
    worse: `It got worse: ${FIRST}: ${buildDiagnosis().headline}`,
  });
});

test('a failure mode that leads the one that was dismissed is worse', () => {
  expect(look(buildLookAlike(), [read(FIRST, buildDiagnosis())]).worse).toContain(FIRST);
});

test('one more node that loses packets is worse, also one that the alarm did not mean then', () => {
  const now = [read(FIRST, buildDiagnosis()), read(SECOND, buildDiagnosis()), read(NEW, buildDiagnosis())];
  expect(look(buildDiagnosis(), now).worse).toContain('3 nodes lose packets, 2 did then.');
});

test.each([
  ['not read', [unread(FIRST), unread(SECOND)]],
  ['read without a verdict', [read(FIRST, buildHealthy({ verdict: 'insufficient-evidence' }))]],
  ['not found any more', []],
])('nodes that are %s leave nobody knowing, which is not kept back', (_name, now) => {
  expect(look(buildDiagnosis(), now).worse).toContain('nobody knows');
});

test('the card goes on telling what was dismissed, and says when it was looked at again', () => {
  const { head, ...readings } = dismissed(buildLookAlike(), [
    read(FIRST, buildDiagnosis()),
    read(NEW, buildDiagnosis()),
  ]);
  const later = {
    ...readings,
    head: { ...head, nodes: [...head.nodes, { instanceId: NEW }] },
  };
  const ranked = rankNodes(later, catalogue);
  expect(ranked.flatMap(({ basis }) => (basis === undefined ? [] : [basis.diagnosis.verdict]))).toEqual([
    'listen-overflow',
    'listen-overflow',
  ]);
  const words = (newest: QuietLook) => {
    const quiet = { until: stepTime(180), collection: 1, look: newest };
    return contextOf({ ...later, head: { ...head, quiet } }, NOW).context.join(' · ');
  };
  expect(words({ number: 1, firedAt: stepTime(6) })).toContain('fired again, looking at its nodes');
  expect(words({ number: 1, firedAt: stepTime(6), endedAt: stepTime(8), asked: 3, read: 2 })).toContain(
    `looked again ${stepTime(8).slice(11, 19)}Z on 2 of 3 nodes, no worse`,
  );
  expect(words({ number: 1, firedAt: stepTime(6), endedAt: stepTime(8), worse: 'It got worse.' })).toContain(
    'no longer quiet: It got worse',
  );
});

test('a fix that can be offered by now is news where none could be, and none where somebody has dismissed it', () => {
  const { head, collections, earlier } = dismissed(buildDiagnosis(), [read(FIRST, buildDiagnosis())]);
  const mendable = collections.map((one) =>
    one.collection === 2 && one.outcome.kind === 'diagnosed'
      ? { ...one, outcome: { ...one.outcome, plan: buildNodePlan({ instanceId: FIRST }) } }
      : one,
  );
  const judge = (state: 'dismissed' | 'no-fix-offered') =>
    judgeLook({ head: { ...head, state }, collections: mendable, earlier }, [FIRST], catalogue).worse;
  expect(judge('no-fix-offered')).toBe(`A change helps by now: ${FIRST}: ${buildDiagnosis().headline}`);
  expect(judge('dismissed')).toBeUndefined();
});

test('the card of an end without a fix says that its alarm fires again, and only then', () => {
  const incident = dismissed(buildLookAlike(), [read(FIRST, buildLookAlike())]);
  const words = (firedAt?: string) => {
    const quiet = { until: stepTime(180), collection: 1, ...(firedAt === undefined ? {} : { firedAt }) };
    return contextOf({ ...incident, head: { ...incident.head, state: 'no-fix-offered', quiet } }, NOW)
      .context;
  };
  expect(words().join()).not.toContain('fires again');
  expect(words(stepTime(6)).join()).toContain('fires again, which is counted here until');
});
