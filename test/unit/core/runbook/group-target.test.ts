import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { keepOffer } from '../../../../src/core/keep/keep-on-group.ts';
import type { IncidentHead, Remediation } from '../../../../src/core/record/incident.ts';
import { renderRunbooks } from '../../../../src/core/runbook/incident-runbooks.ts';
import { lastingRunbook } from '../../../../src/core/runbook/lasting-runbook.ts';
import { changeOf } from '../../support/every-incident.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

const CAPTURES = ['table-full/time-wait-49152', 'table-full/held-open-32768', 'near-full/nine-tenths'];

/** Three nodes with three targets of their own, as they are asked about and as they are raised. */
function mixed(captures: readonly string[], groupOf: (index: number) => string) {
  const ids = captures.map((_, index) => `i-0000000000000000${index}`);
  const first = ids.map((id, index) => recordedReading(id, captures[index]));
  const grouped = (head: IncidentHead): IncidentHead => ({
    ...head,
    nodes: head.nodes.map((node, index) => ({ ...node, cluster: 'shop', nodeGroup: groupOf(index) })),
  });
  const asked = recordedIncident('awaiting-approval', first);
  const remediations = (asked.head.plan?.nodes ?? []).map((plan): Remediation => {
    if (plan.kind !== 'raise-max') throw new Error('A raise was planned.');
    const approved = { max: plan.max.to, buckets: plan.buckets.to, bucketsFrom: plan.buckets.from };
    return { ...changeOf(plan), instanceId: plan.instanceId, approved };
  });
  const after = ids.map((id) => recordedReading(id, 'not-the-node/healthy-busy', 2));
  const raised = recordedIncident('resolved', [...first, ...after], { collection: 2, remediations });
  return {
    runbooks: renderRunbooks({ ...asked, head: grouped(asked.head) }, catalogue, runbookTexts),
    lasting: lastingRunbook({ head: grouped(raised.head), collections: [], plans: [] })?.markdown ?? '',
    offer: keepOffer(grouped(raised.head)),
  };
}

/** The limits that a text gives to new nodes. */
const templatesIn = (markdown: string) =>
  new Set(Array.from(markdown.matchAll(/nf_conntrack_max = (\d+)' >\/etc/g), ([, limit]) => Number(limit)));

it('gives a node group one limit, whichever verdict of the incident its runbook is of', () => {
  const { runbooks, lasting } = mixed(CAPTURES, () => 'checkout');
  expect(runbooks.length).toBe(2);
  for (const { markdown } of runbooks) expect(templatesIn(markdown)).toEqual(new Set([196_608]));
  expect(templatesIn(lasting)).toEqual(new Set([196_608]));
  expect(lasting).toContain('the largest of node group checkout of cluster shop');
  expect(lasting).not.toContain('limit 131,072');
});

it('offers to keep that limit, and nothing where one of its nodes would refuse it', () => {
  expect(mixed(CAPTURES.slice(0, 1), () => 'checkout').offer).toMatchObject({ max: 196_608 });
  expect(mixed(CAPTURES.slice(0, 2), () => 'checkout').offer).toMatch(/less than the 196,608/);
});

it('leaves each of several groups its own', () => {
  const { runbooks, lasting } = mixed(CAPTURES, (index) => `group-${index}`);
  const [full, near] = runbooks;
  expect(templatesIn(full.markdown)).toEqual(new Set([196_608]));
  expect(templatesIn(near?.markdown ?? '')).toEqual(new Set([51_712]));
  expect(lasting).toContain('- node group group-1 of cluster shop: limit 131,072, buckets 131,072');
});
