import { describe, expect, test } from 'vitest';
import { refuseImport } from '../../../build/lint/rooms.mjs';

describe('which folder may import which', () => {
  test.each([
    ['src/core/card/card.ts', 'src/core/record/incident.ts'],
    ['src/core/snapshot/entries.ts', 'src/core/parse/entries/facts.ts'],
    ['src/core/plan/kinds.ts', 'src/core/words.ts'],
    ['runbooks/table-full/signature.ts', 'src/core/diagnosis/signature.ts'],
    ['runbooks/table-full/signature.ts', 'runbooks/table-full/remediation.ts'],
    ['src/adapters/slack-notifier.ts', 'src/slack/card/blocks.ts'],
    ['lambdas/incident.ts', 'runbooks/index.ts'],
    ['cli/deployment/stack-outputs.ts', 'cdk/outputs.ts'],
    ['bench/card.ts', 'src/slack/card/blocks.ts'],
    ['test/unit/core/card/card.test.ts', 'src/core/card/card.ts'],
  ])('%s may import %s', (from, to) => expect(refuseImport(from, to)).toBeUndefined());

  test.each([
    ['src/core/record/plan.ts', 'src/core/plan/sizing.ts', 'what is stored of a plan'],
    ['src/core/plan/kinds.ts', 'src/core/remediation/verify.ts', 'src/core/plan/kinds.ts'],
    ['src/core/keep/keep-on-group.ts', 'src/core/runbook/render-runbook.ts', 'src/core/plan/kinds.ts'],
    ['src/core/incident/decide.ts', 'src/core/card/results.ts', 'src/core/remediation/steps.ts'],
    ['src/core/diagnosis/offer.ts', 'runbooks/table-full/signature.ts', 'a property of its signature'],
    ['runbooks/table-full/signature.ts', 'runbooks/near-full/signature.ts', 'src/core/diagnosis'],
    ['src/core/ports.ts', 'src/adapters/evidence-store.ts', 'src/core/ports.ts'],
    ['src/slack/card/blocks.ts', 'src/adapters/slack-notifier.ts', 'src/core/ports.ts'],
    ['lambdas/incident.ts', 'local/demo.ts', 'never the other way round'],
    ['local/demo.ts', 'cdk/config.ts', 'src/core or nodes'],
    ['cli/report.ts', 'bench/measure.ts', 'bench only calls it'],
    ['nodes/documents.ts', 'src/core/words.ts', 'take it as an argument'],
  ])('%s may not import %s, and the sentence says which room instead', (from, to, room) => {
    expect(refuseImport(from, to)).toContain(room);
  });
});
