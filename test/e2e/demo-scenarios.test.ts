import { expect, test } from 'vitest';
import { runDemo } from '../../local/demo/run-demo.ts';
import type { DemoScenario } from '../../local/demo/scenarios.ts';
import { WAIT_SECOND_MS } from './support/wait-second.ts';

/** Runs a demo that clicks by itself. */
async function demoOf(scenario: DemoScenario) {
  const lines: string[] = [];
  const code = await runDemo(
    {
      kernel: false,
      auto: true,
      scenario,
      port: 0,
      isBuilt: true,
      secondMs: WAIT_SECOND_MS,
      write: (line) => lines.push(line),
    },
    new AbortController().signal,
  );
  return { code, said: lines.join('\n') };
}

test.concurrent('a demo whose first node is not healed stops there, and the nodes show it', async () => {
  const { code, said } = await demoOf('canary-fails');
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(said).toMatch(
    /failed: i-0a11ce\d+: still [\d,]+ packets dropped in 10 s\. No other node was touched\./,
  );
  expect(said).toMatch(/✓ .*not touched, nf_conntrack_max \d+, files as before, byte for byte/);
  expect(said).toMatch(/rollback refused: [\d,]+ entries are in use/);
  expect(said).not.toContain('✗');
});

test.concurrent('a demo of a look-alike ends without a button for a change, and the nodes show that none was made', async () => {
  const { code, said } = await demoOf('look-alike');
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(said.match(/✓ .*not touched, nf_conntrack_max \d+, files as before, byte for byte/g)).toHaveLength(
    3,
  );
  expect(said).not.toMatch(/clicks|✗/);
});

test.concurrent('a demo of lost SYNs clicks for a trace, which names the hop and what dropped them', async () => {
  const { code, said } = await demoOf('lost-syn');
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(said).toMatch(/Ana clicks “Trace SYNs \(15.s\)”/);
  expect(said).toMatch(
    /lost in netfilter or routing on this node, where \d+ packets were dropped by a rule of nftables/,
  );
  expect(said).not.toContain('✗');
});

test.concurrent('half a day of a fleet ends with a warning before it hurt, several alarms on one card and healed nodes', async () => {
  const { code, said } = await demoOf('fleet');
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(said).toMatch(/✓ a quiet card warned \d+ min before the first alarm of \d+ nodes?/);
  expect(said).toMatch(/✓ the card of the warning became incident inc-\w+ when the alarm came/);
  expect(said).toContain('✓ 3 alarms, 1 card');
  expect(said.match(/✓ .*nf_conntrack_max [\d,]+ → [\d,]+ for a load of/g)).toHaveLength(3);
  expect(said).not.toContain('✗');
});
