import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { changeNumbers } from '../../../../src/core/plan/kinds.ts';
import type { NodePlan, SettingKey } from '../../../../src/core/record/plan.ts';
import { renderNodeRunbook } from '../../../../src/core/runbook/render-runbook.ts';
import { recordedReading } from '../../support/recorded-incident.ts';

const TIMEOUT = 'net.netfilter.nf_conntrack_tcp_timeout_';

/** A plan that shortens these timeouts from an hour to a minute. */
const shortening = (...names: readonly string[]): NodePlan => ({
  kind: 'shorten-timeouts',
  instanceId: 'i-a',
  arithmetic: [],
  layers: [],
  warnings: [],
  changes: names.map((name) => ({ key: `${TIMEOUT}${name}` as SettingKey, from: 3600, to: 60 })),
});

function stepsFor(plan: NodePlan | undefined): string {
  const { outcome } = recordedReading('i-a', 'not-the-node/healthy-idle');
  if (outcome.kind !== 'diagnosed') throw new Error('The reading has no diagnosis.');
  const diagnosis = { ...outcome.diagnosis, verdict: 'timeout-bloat' };
  const subject = { node: 'i-a', diagnosis, figures: outcome.figures, plan };
  const { markdown } = renderNodeRunbook(subject, catalogue, runbookTexts);
  return /^## What to do now\n([\s\S]*?)(?=^## )/m.exec(markdown)?.[1] ?? '';
}

/** The states over which the listing and the deletion loop. */
const loopsOf = (steps: string): readonly string[] =>
  Array.from(
    steps.matchAll(/^for state in ([A-Z_ ]+); do\n {2}(?:timeout 3 )?conntrack -[LD] .*--state "\$state"/gm),
  ).map(([, states = '']) => states);

describe('the steps against long timeouts', () => {
  it.each([
    [['close_wait'], 'CLOSE_WAIT'],
    [['time_wait'], 'TIME_WAIT'],
    [['established'], 'ESTABLISHED'],
    [['close_wait', 'established'], 'CLOSE_WAIT ESTABLISHED'],
  ])('look at and delete entries of the states that crowd the table: %j', (names, states) => {
    expect(loopsOf(stepsFor(shortening(...names)))).toEqual([states, states]);
  });

  it('are about both states of the verdict where no timeout can be planned', () => {
    expect(loopsOf(stepsFor(undefined))).toEqual(['CLOSE_WAIT ESTABLISHED', 'CLOSE_WAIT ESTABLISHED']);
  });

  it('give every timeout its unit once', () => {
    const plan = shortening('close_wait', 'established');
    expect(changeNumbers(plan)).toBe(
      'nf_conntrack_tcp_timeout_close_wait 3,600 → 60 s, nf_conntrack_tcp_timeout_established 3,600 → 60 s',
    );
    expect(stepsFor(plan)).not.toMatch(/60 s s\b/);
  });
});
