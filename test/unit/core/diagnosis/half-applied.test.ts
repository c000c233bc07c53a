import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { assessCapture } from '../../../../src/core/diagnosis/assess.ts';
import { NodeCollection } from '../../../../src/core/record/collection.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { NOW } from '../../support/incidents.ts';
import { nodeOutput } from '../../support/node-output.ts';
import { recordedIncident } from '../../support/recorded-incident.ts';

const gapsOf = (state: string | undefined): string => {
  const capture = readCapture(nodeOutput({ sections: { 'state -': state } }));
  if (capture === undefined) throw new Error('It is a capture.');
  const outcome = assessCapture(capture, { instanceId: 'i-a', catalogue });
  const reading = NodeCollection.parse({
    instanceId: 'i-a',
    collection: 1,
    collectedAt: stepTime(1),
    outcome,
  });
  return cardOf(recordedIncident('no-fix-offered', [reading]), catalogue, NOW).gaps.join('\n');
};

it('takes what was not read of an unfinished change for unknown, not for none', () => {
  expect(gapsOf('half_applied=no\nincident=')).not.toContain('begun and not finished');
  expect(gapsOf('half_applied=yes\nincident=')).toContain(
    'i-a: an earlier change was begun and not finished',
  );
  for (const unread of [undefined, 'half_applied=perhaps'])
    expect(gapsOf(unread)).toContain('whether an earlier change was begun and not finished was not read');
});
