import { describe, expect, it } from 'vitest';
import type { Remediation } from '../../../../src/core/record/incident.ts';
import type { RaisePlan } from '../../../../src/core/record/plan.ts';
import { lastingRunbook } from '../../../../src/core/runbook/lasting-runbook.ts';
import { buildNodePlan, stepTime } from '../../support/diagnoses.ts';
import { buildIncident } from '../../support/incidents.ts';

const KUBE_PROXY = { min: 262_144, isEks: true } as const;

/** The runbook of nodes that were raised to these limits. */
function textOf(limits: readonly number[], changes: Partial<RaisePlan>): string {
  const nodes = limits.map((to, index) =>
    buildNodePlan({ instanceId: `i-0${index}`, max: { from: 65_536, to }, ...changes }),
  );
  const { head } = buildIncident('resolved', { nodes: limits.length });
  const { plan } = buildIncident('awaiting-approval', { nodes: limits.length }).head;
  if (plan === undefined) throw new Error('The incident has no plan.');
  const remediations = nodes.map(
    ({ instanceId, max }): Remediation => ({
      kind: 'raise-max',
      instanceId,
      decision: 1,
      claimedAt: stepTime(3),
      outcome: 'raised',
      max: { before: max.from, after: max.to },
      verification: { passed: true, why: 'in force', collection: 2 },
    }),
  );
  const [first, ...others] = nodes;
  if (first === undefined) throw new Error('No node was raised.');
  const history = { head: { ...head, remediations, plan: { ...plan, nodes: [first, ...others] } } };
  return lastingRunbook({ ...history, collections: [], plans: [] })?.markdown ?? '';
}

describe('nodes that were raised to different limits', () => {
  it('are named with their own numbers', () => {
    const text = textOf([131_072, 262_144], {});
    expect(text).toContain('The numbers are those of `i-01`.\n\nOthers have their own:');
    expect(text).toContain('- `i-00`: limit 131,072, buckets 65,536');
  });

  it('get a word on kube-proxy only where it runs and would undo the raise', () => {
    expect(textOf([131_072, 262_144], {})).not.toContain('kube-proxy has one setting');
    expect(textOf([131_072, 262_144], { kubeProxy: KUBE_PROXY })).toContain('kube-proxy has one setting');
  });

  it('are counted from the sixth on', () => {
    const text = textOf([262_144, ...Array.from({ length: 7 }, () => 131_072)], {});
    expect(text).toContain('Others have their own:');
    expect(text).toContain('- and 2 more');
    expect(text).not.toContain('`i-06`:');
  });

  it('need no word where their numbers are the same', () => {
    expect(textOf([262_144, 262_144], { kubeProxy: KUBE_PROXY })).not.toContain('The numbers are those of');
  });
});
