import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { keepOffer } from '../../../../src/core/keep/keep-on-group.ts';
import type { NodeDrift } from '../../../../src/core/record/drift-check.ts';
import type { Incident, IncidentHead } from '../../../../src/core/record/incident.ts';
import { renderRunbook } from '../../../../src/core/runbook/incident-runbooks.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { everyIncident } from '../../support/every-incident.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';

const shown = (incident: Incident) => cardOf(incident, catalogue, NOW);
const ids = buildIncident('resolved', { nodes: 3 }).head.nodes.map(({ instanceId }) => instanceId);

/** Three raised nodes of which the later look found that on the second, and that the others hold. */
function looked(state: NodeDrift['state'], what: string): Incident {
  const [, second = ''] = ids;
  const nodes = ids.map(
    (instanceId): NodeDrift =>
      instanceId === second
        ? { instanceId, state, why: `${instanceId}: ${what}` }
        : { instanceId, state: 'held', why: `${instanceId}: nf_conntrack_max 262,144 in force.` },
  );
  return buildIncident('resolved', {
    nodes: 3,
    head: { drift: [{ at: stepTime(9), collection: 3, nodes }] },
  });
}

describe.each([
  ['moved', 'nf_conntrack_max is 131,072 again, not 262,144: kube-proxy.'],
  ['refilled', 'the raised table is 97 % full again.'],
] as const)('a card whose change is %s on one of three nodes', (state, what) => {
  const card = shown(looked(state, what));

  it('leads with that node and not with one that is well', () => {
    expect(card.lead).toMatch(`${ids[1]}: ${what.replace(/\.$/, '')}`);
    expect(card.lead).not.toContain('0 drops');
    expect(card.colour).toBe('amber');
  });

  it('marks that node alone as failed', () => {
    expect(card.results.map(({ instanceId, state: mark }) => [instanceId, mark])).toEqual([
      [ids[0], 'changed'],
      [ids[1], 'failed'],
      [ids[2], 'changed'],
    ]);
  });
});

/** The incident with another reason for its newest transition. */
function because(incident: Incident, why: string): Incident {
  const { transitions } = incident.head;
  const last = transitions.at(-1);
  if (last === undefined) throw new Error('An incident has a transition.');
  return {
    ...incident,
    head: { ...incident.head, transitions: [...transitions.slice(0, -1), { ...last, why }] },
  };
}

it('names a node once in a lead that says two things of it', () => {
  const [rolledBack] = everyIncident().filter(({ title }) => title.endsWith('rolled-back'));
  if (rolledBack === undefined) throw new Error('There is a rolled-back incident.');
  const [node] = rolledBack.incident.head.nodes;
  const { lead } = shown(because(rolledBack.incident, `${node?.instanceId}: rolled back by a click.`));
  expect(lead.split(`${node?.instanceId}: `).length - 1).toBe(1);
  expect(lead).toMatch(/ Rolled back by a click \(\d\d:\d\d:\d\dZ\)\./);
});

describe('what a rollback leaves', () => {
  const raises = everyIncident().filter(
    ({ incident: { head } }) =>
      head.plan?.nodes.some((plan) => plan.kind === 'raise-max' || plan.kind === 'raise-buckets') === true,
  );

  it('is said in the head of every card that was rolled back', () => {
    const wrong = raises.filter(({ incident }) => {
      const { header, lead, state } = shown(incident);
      return ['rolled-back', 'rolling-back'].includes(state) && !/buckets.* stay/i.test(`${header} ${lead}`);
    });
    expect(wrong.map(({ title }) => title)).toEqual([]);
  });

  it('is said in every dialog that speaks of the way back', () => {
    const texts = raises.flatMap(({ incident }) =>
      shown(incident).actions.map(({ confirm }) => confirm?.text ?? ''),
    );
    const ofWayBack = texts.filter((text) => /roll back|restores/i.test(text));
    expect(ofWayBack.length).toBeGreaterThan(0);
    expect(ofWayBack.filter((text) => !/buckets stay/.test(text))).toEqual([]);
  });

  it('comes with its numbers', () => {
    const card = shown(buildIncident('rolled-back'));
    expect(card.lead).toBe(
      'With the old values the fault may be back. Buckets stay at 65,536 (32,768 before) until the node boots again (14:02:40Z).',
    );
  });

  it('is called nothing nowhere', () => {
    for (const file of ['README.md', 'local/demo/run-demo.ts'])
      expect(readFileSync(file, 'utf8')).not.toMatch(/without a trace/);
  });
});

it('judges a reading in the runbook as the card does', () => {
  const resolved = everyIncident().filter(({ title }) => title.endsWith('changed, resolved'));
  expect(resolved.length).toBeGreaterThan(0);
  for (const { incident } of resolved) {
    const { markdown } = renderRunbook(incident, catalogue, runbookTexts);
    const [, since = ''] = /## Since then\n\n([^]*?)\n\n## /.exec(markdown) ?? [];
    expect(since).toMatch(/: verified: 0 drops in 10 s\./);
    expect(since).not.toMatch(/No verdict|No cause/);
  }
});

it('keeps nothing on a group while a rollback that was ordered is not done', () => {
  const group = { cluster: 'shop', nodeGroup: 'checkout' };
  const raised = buildIncident('resolved');
  const nodes = raised.head.nodes.map((node) => ({ ...node, ...group }));
  const head: IncidentHead = { ...raised.head, nodes };
  expect(keepOffer(head)).toMatchObject({ name: 'node group checkout of cluster shop' });
  const [step] = head.remediations;
  if (step === undefined) throw new Error('The incident has a step.');
  const { verification: _verification, ...rest } = step;
  const refused = { ...rest, kind: 'rollback' as const, decision: 2, outcome: 'refused' as const };
  expect(keepOffer({ ...head, remediations: [step, refused] })).toMatch(/rollback was ordered/);
});
