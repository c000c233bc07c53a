import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { renderRunbook } from '../../../../src/core/runbook/incident-runbooks.ts';
import { buildIncident } from '../../support/incidents.ts';

const AUTO_MODE = 'i-1 was not asked: EKS Auto Mode lets nobody in over Systems Manager.';

function runbookOf(nodeGaps: readonly string[], isCollected = true): string {
  const incident = buildIncident('awaiting-approval', { head: { nodeGaps: [...nodeGaps] } });
  const shown = isCollected ? incident : { ...incident, collections: [] };
  return renderRunbook(shown, catalogue, runbookTexts).markdown;
}

it('says what is possible on Auto Mode and Fargate, beside the runbook of the nodes that were read', () => {
  const both = runbookOf([AUTO_MODE, 'pod-1 is Fargate: there is no node of yours to ask.']);
  expect(both).toContain('# Connection-tracking table full');
  expect(both).toContain('## What is possible on EKS Auto Mode');
  expect(both).toContain('## What is possible on Fargate');
});

it('says so too where no node could be read, and only where such a node is concerned', () => {
  expect(runbookOf([AUTO_MODE], false)).toContain('larger instance types in the NodePool');
  expect(runbookOf([AUTO_MODE], false)).toContain('from Kubernetes 1.36 on it stops at 1,048,576');
  expect(runbookOf([AUTO_MODE], false)).not.toContain('Fargate');
  expect(runbookOf(['i-1 is offline.'])).not.toContain('What is possible on');
  expect(runbookOf([], false)).toContain('Collect again');
});
