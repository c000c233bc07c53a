import { readFileSync } from 'node:fs';
import { catalogue } from '../../../runbooks/index.ts';
import { runbookTexts } from '../../../src/adapters/runbook-texts.ts';
import { cardOf } from '../../../src/core/card/card.ts';
import { assess } from '../../../src/core/diagnosis/assess.ts';
import { commandOf } from '../../../src/core/plan/kinds.ts';
import { recordPlan } from '../../../src/core/plan/plan-incident.ts';
import { NodeCollection } from '../../../src/core/record/collection.ts';
import { Incident, Remediation } from '../../../src/core/record/incident.ts';
import { renderRunbook } from '../../../src/core/runbook/incident-runbooks.ts';
import { buildIncident, NOW } from './incidents.ts';

/*
 * Prints as JSON what follows from the output of the collector in a file: the plan, the cards before and after the change,
 * the runbook and the command. Started as a process of its own in a copy of the project.
 */
const [path = '', nonce = ''] = process.argv.slice(2);
const { head } = buildIncident('awaiting-approval', { nodes: 1 });
const instanceId = head.nodes[0]?.instanceId ?? '';
const assessed = assess(readFileSync(path, 'utf8'), { instanceId, nonce, catalogue });
if (assessed.kind === 'failed') throw new Error(assessed.why);
const collection = NodeCollection.parse({
  instanceId,
  collection: 1,
  collectedAt: new Date(NOW).toISOString(),
  outcome: assessed,
});
const planned = recordPlan(head, [collection], [instanceId], new Date(NOW).toISOString());
const incident = Incident.parse({ head: planned, collections: [collection], earlier: [] });
const plan = incident.head.plan?.nodes[0];
if (plan === undefined) throw new Error(assessed.diagnosis.offer.why);
const step = Remediation.parse({
  kind: plan.kind,
  instanceId,
  decision: 1,
  claimedAt: new Date(NOW).toISOString(),
  outcome: 'changed',
});
const after = Incident.parse({
  head: { ...planned, state: 'applied-one', remediations: [step] },
  collections: [collection],
  earlier: [],
});
const { change, actions } = cardOf(incident, catalogue, NOW);
process.stdout.write(
  JSON.stringify({
    verdict: assessed.diagnosis.verdict,
    plan,
    lines: change?.lines,
    dialog: actions.find(({ kind }) => kind === 'apply-one')?.confirm,
    after: cardOf(after, catalogue, NOW).header,
    rollback: cardOf(after, catalogue, NOW).actions.find(({ kind }) => kind === 'rollback')?.confirm?.text,
    runbook: renderRunbook(incident, catalogue, runbookTexts).markdown,
    command: commandOf(plan),
  }),
);
