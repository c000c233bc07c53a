import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { WARNED_NODES_MAX, warningAlarm } from '../../../../src/core/incident/warning-alarm.ts';
import { instanceId } from '../../support/diagnoses.ts';
import { buildIncident, INCIDENT_STATES, NOW } from '../../support/incidents.ts';

const HOME = { partition: 'aws', region: 'eu-central-1', account: '111122223333' } as const;
const WHY = `${instanceId(1)}: 71 % of 131,072 in use, full in about 3 h.`;

const alarm = (why: string) =>
  warningAlarm(
    {
      instanceIds: Array.from({ length: WARNED_NODES_MAX }, (_, index) => instanceId(index + 1)),
      state: 'ALARM',
      why,
      at: new Date(NOW).toISOString(),
    },
    HOME,
  );

describe('the card of an early warning', () => {
  it('says that it is one, and what is foreseen, with the verdict and the buttons of any incident', () => {
    const options = { nodes: 3 };
    const card = cardOf(
      buildIncident('awaiting-approval', { ...options, alarm: alarm(WHY) }),
      catalogue,
      NOW,
    );
    const usual = cardOf(buildIncident('awaiting-approval', options), catalogue, NOW);
    expect(card.header).toBe(`Early warning: ${usual.header}`);
    expect(card.actions).toEqual(usual.actions);
    for (const shown of [card.fields, card.glance])
      expect(shown).toContainEqual({ label: 'Foreseen', value: WHY });
    expect(JSON.stringify(usual)).not.toMatch(/Early warning|Foreseen/);
  });

  it('has no more facts than any other card in any state, however much is foreseen', () => {
    for (const state of INCIDENT_STATES) {
      const { fields, glance } = cardOf(
        buildIncident(state, { nodes: 20, alarm: alarm('x'.repeat(1_024)) }),
        catalogue,
        NOW,
      );
      expect([state, fields.length <= 10]).toEqual([state, true]);
      for (const { value } of [...fields, ...glance]) expect(value.length).toBeLessThanOrEqual(2_000);
    }
  });
});
