import { expect, test } from 'vitest';
import { runDemo } from '../../local/demo/run-demo.ts';
import type { DemoNodes, DemoNodesOptions } from '../../local/demo-nodes.ts';
import { recordedNodes } from '../../local/recorded/recorded-nodes.ts';
import { idleRaise, oldSample, tampered, tenthOfRaise } from './support/tampered-nodes.ts';
import { WAIT_SECOND_MS } from './support/wait-second.ts';

/** Runs the automatic demo on recorded nodes that somebody tampered with. */
async function demoOn(startNodes: (given: DemoNodesOptions) => Promise<DemoNodes>) {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const code = await runDemo(
    {
      kernel: false,
      auto: true,
      port: 0,
      isBuilt: true,
      secondMs: WAIT_SECOND_MS,
      startNodes,
      write,
    },
    new AbortController().signal,
  );
  return { code, said: lines.join('\n') };
}

test.concurrent('the demo exits 1 when raise.sh does nothing and says it did', async () => {
  const { code, said } = await demoOn(async (given) => tampered(await recordedNodes(given), idleRaise));
  expect(said).toContain('✗');
  expect(code).toBe(1);
});

test.concurrent('the demo exits 1 when the limit goes up by a tenth only', async () => {
  const { code } = await demoOn(async (given) => tampered(await recordedNodes(given), tenthOfRaise));
  expect(code).toBe(1);
});

test.concurrent('the demo exits 1 when verification is fed the sample from before the raise', async () => {
  const { code } = await demoOn(async (given) => tampered(await recordedNodes(given), oldSample()));
  expect(code).toBe(1);
});

test.concurrent('the demo exits 1 when the workflow is content and the nodes are not', async () => {
  const { code, said } = await demoOn(async (given) => {
    // What the workflow sees are other nodes than the ones that are asked in the end.
    const seen = await recordedNodes({ ...given, workDir: `${given.workDir}/seen` });
    const asked = await recordedNodes({ ...given, workDir: `${given.workDir}/asked` });
    return { ...seen, evidenceOfHealing: (clickedAt) => asked.evidenceOfHealing(clickedAt) };
  });
  expect(said).toContain('resolved');
  expect(said).toContain('Not healed: the workflow ended, but the nodes do not show it.');
  expect(code).toBe(1);
});
