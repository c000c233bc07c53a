import { expect, test } from 'vitest';
import { DEMO_FAULTS } from '../../local/demo/faults.ts';
import { runDemo } from '../../local/demo/run-demo.ts';
import { WAIT_SECOND_MS } from './support/wait-second.ts';

test.each(Object.keys(DEMO_FAULTS) as (keyof typeof DEMO_FAULTS)[])(
  'a demo with the fault %s heals the other nodes and leaves that one as it was',
  async (fault) => {
    const lines: string[] = [];
    const code = await runDemo(
      {
        kernel: false,
        auto: true,
        fault,
        port: 0,
        isBuilt: true,
        waitSecondMs: WAIT_SECOND_MS,
        write: (line) => lines.push(line),
      },
      new AbortController().signal,
    );
    const said = lines.join('\n');
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said).toMatch(/✓ .*not touched, nf_conntrack_max \d+, files as before, byte for byte/);
    expect(said).not.toContain('✗');
  },
);
