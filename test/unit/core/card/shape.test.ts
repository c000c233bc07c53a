import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { Incident } from '../../../../src/core/record/incident.ts';
import type { LatencyShape } from '../../../../src/core/record/latency/shape.ts';
import { NOW } from '../../support/incidents.ts';
import { latencyShape, STEPPED } from '../../support/latencies.ts';
import { pageOfIncident } from '../../support/pages.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

const MOVED = latencyShape({ p10: 0.5, p50: 0.9, p99: 2.4, at1: 0.3, between: 0.2 });
const UNREAD: LatencyShape = { kind: 'unread', why: 'CloudWatch did not answer in time' };

const full = recordedIncident('awaiting-approval', [recordedReading('i-a', 'table-full/held-open-32768')]);
const calm = recordedIncident('no-fix-offered', [recordedReading('i-a', 'not-the-node/healthy-busy')]);
const withShape = ({ head, ...rest }: Incident, latency: LatencyShape): Incident => ({
  ...rest,
  head: { ...head, latency },
});
const cardWith = (incident: Incident, latency: LatencyShape) =>
  cardOf(withShape(incident, latency), catalogue, NOW);
const actionsOf = (incident: Incident) =>
  cardOf(incident, catalogue, NOW).actions.map(({ kind, primary }) => ({ kind, primary }));

describe('the shape of latency on a card', () => {
  it('speaks against a full table where the whole distribution moved, and takes no button', () => {
    const card = cardWith(full, MOVED);
    expect(card.lead).toMatch(
      /^SYN retransmission does not fit the latency’s shape: the whole distribution moved/,
    );
    expect(actionsOf(withShape(full, MOVED))).toEqual(actionsOf(full));
  });

  it('speaks against nodes that show no cause where it fits, and makes no button', () => {
    expect(cardWith(calm, STEPPED).lead).toMatch(
      /^SYN retransmission fits the latency’s shape: 3\.1 % at 1 s/,
    );
    expect(actionsOf(withShape(calm, STEPPED))).toEqual(actionsOf(calm));
  });

  it('is a fact among others where it agrees with the verdict', () => {
    const field = ({ fields }: ReturnType<typeof cardWith>) =>
      fields.find(({ label }) => label === 'Latency’s shape')?.value;
    expect(cardWith(full, STEPPED).lead).toBe(cardOf(full, catalogue, NOW).lead);
    expect(field(cardWith(full, STEPPED))).toMatch(/^SYN retransmission fits/);
    expect(cardWith(calm, MOVED).lead).toBe(cardOf(calm, catalogue, NOW).lead);
    expect(field(cardWith(calm, MOVED))).toMatch(/does not fit/);
  });

  it('is named as a gap on the page alone where it was not read', () => {
    const page = (latency: LatencyShape) =>
      pageOfIncident(withShape(full, latency)).replaceAll('\u202f', ' ');
    expect(cardWith(full, UNREAD)).toEqual(cardOf(full, catalogue, NOW));
    expect(page(UNREAD)).toContain('was not read: CloudWatch did not answer in time.');
    expect(page(STEPPED)).toContain('SYN retransmission fits the latency’s shape');
    expect(page(STEPPED)).toContain('Latencies as CloudWatch has them');
  });
});
