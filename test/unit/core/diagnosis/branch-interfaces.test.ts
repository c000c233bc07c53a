import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { renderNodeRunbook } from '../../../../src/core/runbook/render-runbook.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { nodeOutput } from '../../support/node-output.ts';

const CLASHES = { insert_failed: 60, drop: 60 };

function judged(hints: string, counters = CLASHES) {
  const sections = { 'kube-proxy -': `running=no\nkube_ipvs0=no\ninterfaces=eni\n${hints}` };
  const capture = readCapture(nodeOutput({ counters, sections }));
  if (capture === undefined) throw new Error('The built node is no capture.');
  const { diagnosis, plan } = diagnose(snapshotOf(capture), catalogue, 'i-0abc');
  const stateOf = (mode: string) => diagnosis.findings.find((one) => one.mode === mode)?.state;
  const { markdown } = renderNodeRunbook(
    { node: 'i-0abc', diagnosis, figures: {}, plan },
    catalogue,
    runbookTexts,
  );
  return { diagnosis, stateOf, markdown };
}

describe('clashes on a node whose pods have security groups of their own', () => {
  it.each([
    ['in strict mode', 'branch_interfaces=12\nbranch_mode=strict', 'medium'],
    [
      'in a mode that was not read, since strict is what the plugin does untold',
      'branch_interfaces=12\nbranch_mode=',
      'low',
    ],
  ])('are no insert race of rules %s, and random ports are not advised', (_, hints, confidence) => {
    const { diagnosis, stateOf, markdown } = judged(hints);
    expect(diagnosis).toMatchObject({ verdict: 'branch-eni-race', confidence, offer: { raise: false } });
    expect(stateOf('snat-race')).toBe('unknown');
    expect(markdown).toContain('Do not set `--random-fully`');
    expect(markdown).toContain('`POD_SECURITY_GROUP_ENFORCING_MODE=standard`');
    expect(markdown).not.toMatch(/`--random-fully` on every|RANDOMIZESNAT=prng/);
  });

  it.each([
    ['in standard mode', 'branch_interfaces=12\nbranch_mode=standard'],
    ['where there is no such pod', 'branch_interfaces=0'],
  ])('are the insert race of rules %s', (_, hints) => {
    const { diagnosis, stateOf, markdown } = judged(hints);
    expect(diagnosis.verdict).toBe('snat-race');
    expect(stateOf('branch-eni-race')).toBe('absent');
    expect(markdown).toContain('`--random-fully` on every');
  });

  it('are not called ruled out where the interfaces were not read', () => {
    const { diagnosis, stateOf } = judged('');
    expect(diagnosis.verdict).toBe('snat-race');
    expect(stateOf('branch-eni-race')).toBe('unknown');
  });
});

it('says nothing of branch interfaces where nothing clashes', () => {
  const { diagnosis, stateOf } = judged('branch_interfaces=12\nbranch_mode=strict', {
    insert_failed: 0,
    drop: 0,
  });
  expect(stateOf('branch-eni-race')).toBe('absent');
  expect(diagnosis.verdict).toBe('not-the-node');
});
