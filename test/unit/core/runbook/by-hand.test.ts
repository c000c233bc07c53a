import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { assessCapture } from '../../../../src/core/diagnosis/assess.ts';
import { changeNumbers } from '../../../../src/core/plan/kinds.ts';
import { renderNodeRunbook } from '../../../../src/core/runbook/render-runbook.ts';
import { recordedCases } from '../../support/captures.ts';

const planned = recordedCases().flatMap(({ mode, name, capture }) => {
  const { diagnosis, figures, plan } = assessCapture(capture, { instanceId: 'i-1', catalogue });
  return plan === undefined ? [] : [{ mode, name, diagnosis, figures, plan }];
});
const withLayers = planned.filter(({ diagnosis }) =>
  runbookTexts[diagnosis.verdict]?.includes('{{plan.layers}}'),
);

describe.each(withLayers)('what the change of $mode/$name survives', ({ diagnosis, figures, plan }) => {
  const rendered = (change: boolean) => {
    const buttons = { change, rollback: false };
    return renderNodeRunbook({ node: 'i-1', diagnosis, figures, plan, buttons }, catalogue, runbookTexts)
      .markdown;
  };

  it('names no file of ours where no button makes it', () => {
    expect(rendered(false)).toContain('it is lost at a reboot');
    expect(rendered(false)).not.toMatch(/\| sysctl\.d \|/);
  });

  it('tells both ways apart where a button makes it', () => {
    expect(rendered(true)).toMatch(/\| sysctl\.d \|[\s\S]*Made by hand .* lost at a reboot/);
  });
});

it('says of a deletion what it does', () => {
  const shown = planned.filter(({ plan }) => plan.kind === 'delete-udp-entries');
  expect(shown.map(({ plan }) => changeNumbers(plan))).toContainEqual(
    expect.stringMatching(/^Delete the UDP entries to \S+ port \d+ that go to \S+$/),
  );
});

it('shows entries without an answer where the step for a nearly full table asks for them', () => {
  const script = /head -n 5000 \| awk '(.*?)' \| sort/.exec(runbookTexts['near-full'] ?? '')?.[1] ?? '';
  const input = [
    'tcp      6 118 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=1 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1',
    'udp      17 29 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=53 dport=1',
    'tcp      6 9 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1 [ASSURED]',
  ].join('\n');
  const { stdout } = spawnSync('sh', ['-c', `awk '${script}'`], { input, encoding: 'utf8' });
  expect(stdout.split('\n').map((line) => line.trim())).toEqual([
    'tcp SYN_SENT UNREPLIED',
    'udp - UNREPLIED',
    'tcp ESTABLISHED',
    '',
  ]);
});
