import { beforeAll, describe, expect, it } from 'vitest';
import { buildForDemo } from '../../local/demo/build.ts';
import { runDemo } from '../../local/demo/run-demo.ts';
import { kernelNodes } from '../../local/kernel/kernel-nodes.ts';
import { machineState } from './support/machine-state.ts';
import { idleRaise, oldSample, type Tampering, tampered, tenthOfRaise } from './support/tampered-nodes.ts';

const isWanted = process.env['MEDIC_KERNEL'] === '1';
if (!isWanted)
  console.log('skipped: the demo on the real kernel changes this machine; MEDIC_KERNEL=1 runs it');

/** Runs `npm run demo -- --auto --kernel`, on nodes that somebody may have tampered with. */
async function kernelDemo(tamper?: Tampering) {
  const lines: string[] = [];
  const code = await runDemo(
    {
      kernel: true,
      auto: true,
      port: 0,
      isBuilt: true,
      write: (line) => lines.push(line),
      startNodes: async (given) => {
        const nodes = await kernelNodes(given);
        return tamper === undefined ? nodes : tampered(nodes, tamper);
      },
    },
    new AbortController().signal,
  );
  return { code, said: lines.join('\n') };
}

describe.skipIf(!isWanted)('the automatic demo on the real kernel', () => {
  beforeAll(() => buildForDemo());

  it('heals the node and rolls it back, says so with the kernel’s numbers and leaves nothing behind', async () => {
    const before = machineState();
    const demo = await kernelDemo();
    // The whole screen is compared, so that a failure shows it.
    expect(demo).toEqual({ code: 0, said: expect.stringContaining('✓ 0 packets dropped') });
    expect(demo.said).toContain('✓ every file of the node is as before');
    expect(machineState()).toEqual(before);
  });

  it.each<[string, () => Tampering]>([
    ['raise.sh does nothing and says it did', () => idleRaise],
    ['the limit goes up by a tenth only', () => tenthOfRaise],
    ['verification is fed the sample from before the raise', oldSample],
  ])('exits 1 when %s', async (_case, tamper) => {
    const demo = await kernelDemo(tamper());
    expect(demo).toEqual({ code: 1, said: expect.not.stringContaining('Healed.') });
  });
});
