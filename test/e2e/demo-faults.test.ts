import { expect, test } from 'vitest';
import { DEMO_FAULTS, type DemoFault, isOfNode } from '../../local/demo/faults/faults.ts';
import { runDemo } from '../../local/demo/run-demo.ts';
import { WAIT_SECOND_MS } from './support/wait-second.ts';

/** What only a demo with this fault says. */
const SAYS: Readonly<Record<DemoFault, RegExp>> = {
  'untagged-node': /✓ .*not touched, nf_conntrack_max \d+, files as before, byte for byte/,
  'node-gone': /✓ .*not touched, nf_conntrack_max \d+, files as before, byte for byte/,
  'slack-away': /Slack is away[^]*Slack is there again[^]*clicks[^]*✓ no node was sent a change twice/,
  'slack-function-killed': /nobody was told[^]*✓ no node was sent a change twice/,
  'store-away': /records is away[^]*records is there again[^]*✓ no node was sent a change twice/,
};

// They wait most of the time, each for its own outage.
test.concurrent.each(Object.keys(DEMO_FAULTS) as DemoFault[])(
  'a demo with the fault %s heals what can be healed, and its card says what the record says',
  async (fault) => {
    const lines: string[] = [];
    const code = await runDemo(
      {
        kernel: false,
        auto: true,
        fault,
        port: 0,
        isBuilt: true,
        secondMs: WAIT_SECOND_MS,
        write: (line) => lines.push(line),
      },
      new AbortController().signal,
    );
    const said = lines.join('\n');
    // What it said first: it tells why.
    expect(said).toMatch(SAYS[fault]);
    expect(said).toContain(isOfNode(fault) ? 'Healed, but for the node' : 'Healed; the card');
    expect(said).not.toContain('✗');
    expect(code).toBe(0);
  },
);
