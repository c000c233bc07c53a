import { readFileSync } from 'node:fs';
import { catalogue } from '../runbooks/index.ts';
import { runbookTexts } from '../src/adapters/runbook-texts.ts';
import { auditOf } from '../src/core/audit/audit.ts';
import { auditMarkdown } from '../src/core/audit/audit-markdown.ts';
import { cardOf } from '../src/core/card/card.ts';
import { assess } from '../src/core/diagnosis/assess.ts';
import { keepOffer } from '../src/core/keep/keep-on-group.ts';
import { recordPlan } from '../src/core/plan/plan-incident.ts';
import type { NodeCollection } from '../src/core/record/collection.ts';
import type { Incident, IncidentHead, IncidentState } from '../src/core/record/incident.ts';
import { type RemediationOrder, refuseRemediation } from '../src/core/remediation/authorise.ts';
import { claimRemediation, updateRemediation } from '../src/core/remediation/claim.ts';
import { checkDrift } from '../src/core/remediation/drift.ts';
import { orderResultOf } from '../src/core/remediation/verify.ts';
import { renderRunbooks } from '../src/core/runbook/incident-runbooks.ts';
import { lastingRunbook } from '../src/core/runbook/lasting-runbook.ts';
import { cardMessage } from '../src/slack/card/blocks.ts';
import { ANA, buildIncident, NOW } from '../test/unit/support/incidents.ts';
import { measure } from './measure.ts';

const SIZES = [625, 1250, 2500, 5000];

const STATES: readonly IncidentState[] = ['awaiting-approval', 'applying-rest', 'resolved', 'rolled-back'];

const idsOf = ({ nodes }: IncidentHead): readonly string[] => nodes.map(({ instanceId }) => instanceId);

/** A resolved incident with the look after its end. */
function lookedAgain(nodes: number): Incident {
  const incident = buildIncident('resolved', { nodes });
  const { head, collections } = incident;
  const verified = new Map(collections.map((one) => [one.instanceId, one]));
  const drift = checkDrift(head, collections, verified, new Date(NOW).toISOString());
  return { ...incident, head: { ...head, ...(drift === undefined ? {} : { drift: [drift] }) } };
}

/** An order to change every node of an approved plan but the first, and the record that allows it. */
function ordered(nodes: number): { head: IncidentHead; order: RemediationOrder } {
  const { head, collections } = buildIncident('applying-rest', { nodes });
  const planned = recordPlan(head, collections, idsOf(head), new Date(NOW).toISOString());
  const decisions = head.decisions.map((one) => ({ ...one, planDigest: planned.plan?.digest }));
  const [canary, ...rest] = idsOf(head);
  const remediations = head.remediations.filter(({ instanceId }) => instanceId === canary);
  return {
    head: { ...planned, decisions, remediations },
    order: { kind: 'raise-max', decision: 1, instanceIds: rest },
  };
}

/** From the order to its result, as the remediate function and the workflow take it through the record. */
function carryOut({ head, order }: ReturnType<typeof ordered>): void {
  const refusal = refuseRemediation(head, order, [ANA.id]);
  const claimed = refusal ?? claimRemediation(head, order, new Date(NOW).toISOString());
  if (typeof claimed === 'string') throw new Error(claimed);
  const done = updateRemediation(claimed, order, () => ({
    outcome: 'raised',
    verification: { passed: true, why: 'seen', collection: 2 },
  }));
  const result = orderResultOf(done, order);
  if (!result.passed) throw new Error(result.why);
}

/** What the collector printed on a node whose table is full. */
function sickNode(): { readonly text: string; readonly nonce: string } {
  const text = readFileSync(new URL('../local/recorded/captures/node-1/sick.txt', import.meta.url), 'utf8');
  return { text, nonce: text.split(' ')[2] ?? '' };
}

/** What is done with an incident of many nodes: diagnoses, its card in several states, an order and what comes after. */
export async function benchCard(): Promise<void> {
  const { text, nonce } = sickNode();
  await measure('diagnoses, nodes', SIZES, (nodes) => () => {
    for (let node = 0; node < nodes; node++)
      if (assess(text, { instanceId: `i-${node}`, nonce, catalogue }).kind === 'failed')
        throw new Error('The recorded node could not be read.');
  });
  for (const state of STATES)
    await measure(`card, ${state}, nodes`, SIZES, (nodes) => {
      const incident = buildIncident(state, { nodes });
      return () => cardMessage(cardOf(incident, catalogue, NOW));
    });
  await measure('card, looked at again, nodes', SIZES, (nodes) => {
    const incident = lookedAgain(nodes);
    return () => cardMessage(cardOf(incident, catalogue, NOW));
  });
  await measure('plan, nodes', SIZES, (nodes) => {
    const { head, collections } = buildIncident('diagnosed', { nodes });
    const ids = idsOf(head);
    return () => recordPlan(head, collections, ids, new Date(NOW).toISOString());
  });
  await measure('order, nodes', SIZES, (nodes) => {
    const given = ordered(nodes);
    return () => carryOut(given);
  });
  await measure('look after the end, nodes', SIZES, (nodes) => {
    const { head, collections } = buildIncident('resolved', { nodes });
    const earlier = new Map<string, NodeCollection>(collections.map((one) => [one.instanceId, one]));
    return () => checkDrift(head, collections, earlier, new Date(NOW).toISOString());
  });
  await measure('keep it on the group, nodes', SIZES, (nodes) => {
    const { head } = buildIncident('resolved', { nodes });
    const grouped = head.nodes.map((node) => ({ ...node, cluster: 'shop', nodeGroup: 'checkout' }));
    return () => keepOffer({ ...head, nodes: grouped });
  });
  await measure('make it last, nodes', SIZES, (nodes) => {
    const { head, collections } = buildIncident('resolved', { nodes });
    const plans = head.plan === undefined ? [] : [head.plan];
    return () => lastingRunbook({ head, collections: [...collections], plans });
  });
  await measure('runbooks, resolved, nodes', SIZES, (nodes) => {
    const incident = buildIncident('resolved', { nodes });
    return () => renderRunbooks(incident, catalogue, runbookTexts);
  });
  await measure('audit, nodes', SIZES, (nodes) => {
    const { head, collections } = buildIncident('resolved', { nodes });
    return () => auditMarkdown(auditOf({ head, collections: [...collections], plans: [] }));
  });
}
