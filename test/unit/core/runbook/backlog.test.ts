import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { assess } from '../../../../src/core/diagnosis/assess.ts';
import { renderNodeRunbook } from '../../../../src/core/runbook/render-runbook.ts';
import { nodeOutput } from '../../support/node-output.ts';

/** The runbook for drops before connection tracking, of a node whose collector printed these settings. */
function runbookWith(settings: string): string {
  const text = nodeOutput({ sections: { 'timeouts -': settings } });
  const assessed = assess(text, { instanceId: 'i-1', nonce: 'a1b2c3d4e5f6a7b8', catalogue });
  if (assessed.kind === 'failed') throw new Error(assessed.why);
  const { diagnosis, figures } = assessed;
  const subject = {
    node: 'i-1',
    diagnosis: { ...diagnosis, verdict: 'softnet-drops' },
    figures,
    plan: undefined,
  };
  return renderNodeRunbook(subject, catalogue, runbookTexts).markdown;
}

const LOOKED_UP = 'sysctl -n net.core.netdev_max_backlog';

describe('the step that lengthens the backlog', () => {
  it.each([
    [1_000, '1,000', '2,000', 2_000],
    [30_000, '30,000', '60,000', 60_000],
  ])('starts from what the collector read on this node: %d', (now, from, to, digits) => {
    const markdown = runbookWith(`nf_conntrack_tcp_loose=1\nnetdev_max_backlog=${now}`);
    expect(markdown).toContain(`from ${from} to ${to} packets`);
    expect(markdown).toContain(`sysctl -w net.core.netdev_max_backlog=${digits}\n`);
    expect(markdown).toContain(`sysctl -w net.core.netdev_max_backlog=${now}`);
    expect(markdown).not.toContain(LOOKED_UP);
  });

  it('looks it up where a collector did not read it', () => {
    expect(runbookWith('nf_conntrack_tcp_loose=1')).toContain(LOOKED_UP);
  });

  it('writes none where twice as much would only queue packets for seconds', () => {
    const markdown = runbookWith('netdev_max_backlog=60000');
    expect(markdown).not.toContain('sysctl -w net.core.netdev_max_backlog=');
  });
});
