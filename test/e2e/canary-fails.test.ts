import { expect, test } from 'vitest';
import { runDemo } from '../../local/demo/run-demo.ts';
import { WAIT_SECOND_MS } from './support/wait-second.ts';

test('a demo whose first node is not healed stops there, and the nodes show it', async () => {
  const lines: string[] = [];
  const code = await runDemo(
    {
      kernel: false,
      auto: true,
      scenario: 'canary-fails',
      port: 0,
      isBuilt: true,
      secondMs: WAIT_SECOND_MS,
      write: (line) => lines.push(line),
    },
    new AbortController().signal,
  );
  const said = lines.join('\n');
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(said).toMatch(
    /failed: i-0a11ce\d+: still [\d,]+ packets dropped in 10 s\. No other node was touched\./,
  );
  expect(said).toMatch(/✓ .*not touched, nf_conntrack_max \d+, files as before, byte for byte/);
  expect(said).toMatch(/rollback refused: [\d,]+ entries are in use/);
  expect(said).not.toContain('✗');
});
