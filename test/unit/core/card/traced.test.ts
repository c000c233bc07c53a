import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { bearingOn } from '../../../../src/core/incident/syn-trace/bearing.ts';
import type { Incident } from '../../../../src/core/record/incident.ts';
import type { NodeTraced } from '../../../../src/core/record/traced/found.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { ANA, NOW } from '../../support/incidents.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';
import { LOST_HERE } from '../../support/syn-traces.ts';

const calm = recordedIncident(
  'no-fix-offered',
  ['i-a', 'i-b'].map((id) => recordedReading(id, 'not-the-node/healthy-busy')),
);
const NOTHING_LOST: NodeTraced = {
  ...LOST_HERE,
  counts: { connections: 900, delayed: 0, troubled: 0, refused: 0 },
  lost: [],
  consequences: [],
  sentences: ['None of 900 new connections was delayed by a second or more.'],
};

/** The incident once a trace looked at both nodes, with what it says of each verdict. */
function traced({ head, ...rest }: Incident, found: readonly [NodeTraced, NodeTraced]): Incident {
  const nodes = found.map((outcome, at) => {
    const { instanceId = '', outcome: read } = rest.collections[at] ?? {};
    const bearing = read?.kind === 'diagnosed' ? bearingOn(read.diagnosis, outcome) : undefined;
    return { instanceId, outcome: bearing === undefined ? outcome : { ...outcome, bearing } };
  });
  const trace = { number: 1, at: stepTime(7), actor: ANA, seconds: 15, endedAt: stepTime(9), nodes };
  return { ...rest, head: { ...head, synTraces: [{ ...trace, instanceIds: ['i-a', 'i-b'] }] } };
}

const glanceOf = (incident: Incident) =>
  cardOf(incident, catalogue, NOW).glance.find(({ label }) => label === 'SYN trace')?.value;

describe('a card whose nodes show no cause, after a trace', () => {
  it('is about what the trace found lost, and not about no cause', () => {
    const card = cardOf(traced(calm, [NOTHING_LOST, LOST_HERE]), catalogue, NOW);
    expect(card.header).toBe('i-b: 31 packets were dropped because the table was full');
    expect(card.lead).toMatch(/^A trace at .* saw it/);
    expect(`${card.header} ${card.lead}`).not.toMatch(/No cause|not the cause|fits this|will not help/);
    expect(card.actions).toEqual(cardOf(calm, catalogue, NOW).actions);
  });

  it('names at a glance the node that lost most, whichever was traced first', () => {
    for (const lost of [LOST_HERE, { ...LOST_HERE, consequences: [] }])
      expect(glanceOf(traced(calm, [NOTHING_LOST, lost]))).toContain(`i-b: ${LOST_HERE.sentences[0] ?? ''}`);
  });

  it('says what it said before where the trace found nothing lost, or nodes were read since', () => {
    const { header } = cardOf(calm, catalogue, NOW);
    expect(cardOf(traced(calm, [NOTHING_LOST, NOTHING_LOST]), catalogue, NOW).header).toBe(header);
    const { head, ...rest } = traced(calm, [NOTHING_LOST, LOST_HERE]);
    const since = { ...rest, head: { ...head, evidenceAt: stepTime(10) } };
    expect(cardOf(since, catalogue, NOW).header).toBe(header);
  });
});
