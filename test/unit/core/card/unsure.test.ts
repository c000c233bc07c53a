import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { rankNodes } from '../../../../src/core/card/nodes.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { everyIncident } from '../../support/every-incident.ts';

const NOW = Date.parse(stepTime(40));
const UNDECIDED = new Set(['awaiting-approval', 'no-fix-offered']);
const DOUBT = /does not prove it|a hint, not a proof|on a guess/;

it('a verdict that is not certain says so on the first screen, and one that is does not', () => {
  const told = everyIncident()
    .filter(({ incident }) => UNDECIDED.has(incident.head.state))
    .flatMap(({ title, incident }) => {
      const basis = rankNodes(incident, catalogue).find((node) => node.basis !== undefined)?.basis;
      if (basis === undefined || basis.diagnosis.verdict === 'insufficient-evidence') return [];
      const isDoubted = DOUBT.test(cardOf(incident, catalogue, NOW).lead);
      return [{ title, confidence: basis.diagnosis.confidence, isDoubted }];
    });
  expect(new Set(told.map(({ confidence }) => confidence))).toEqual(new Set(['high', 'medium', 'low']));
  expect(told.filter(({ confidence, isDoubted }) => isDoubted !== (confidence !== 'high'))).toEqual([]);
});
