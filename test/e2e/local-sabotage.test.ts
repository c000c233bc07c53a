import { expect, test } from 'vitest';
import { runDemo } from '../../local/demo/run-demo.ts';
import type { DemoNodes, DemoNodesOptions } from '../../local/demo-nodes.ts';
import { recordedNodes } from '../../local/recorded/recorded-nodes.ts';
import type { LocalNode } from '../../local/ssm/local-node.ts';

/** Runs the automatic demo on recorded nodes that somebody tampered with. */
async function demoOn(startNodes: (given: DemoNodesOptions) => Promise<DemoNodes>) {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const options = { kernel: false, auto: true, port: 0, isBuilt: true, startNodes, write };
  const code = await runDemo(options, new AbortController().signal);
  return { code, said: lines.join('\n') };
}

/** The same nodes with another way to run documents. */
function tampered(nodes: DemoNodes, run: (node: LocalNode) => LocalNode['run']): DemoNodes {
  const wrapped = nodes.nodes.map((node) => ({
    instanceId: node.instanceId,
    tags: node.tags,
    platform: node.platform,
    ping: () => node.ping(),
    run: run(node),
  }));
  return {
    label: nodes.label,
    nodes: wrapped,
    alarm: nodes.alarm,
    before: () => nodes.before(),
    evidenceOfHealing: (clickedAt) => nodes.evidenceOfHealing(clickedAt),
    close: () => nodes.close(),
  };
}

/** What raise.sh says after a raise, with nothing behind it. */
function forgedResult(parameters: Readonly<Record<string, string>>): string {
  const { nonce, fromMax, toMax, fromBuckets, toBuckets } = parameters;
  const header = (source: string) => `=== medic/1 ${nonce} ${source} - ok 100.00\n`;
  const values = {
    outcome: 'raised',
    code: '',
    detail: 'done',
    'max.before': fromMax,
    'max.after': toMax,
    'buckets.before': fromBuckets,
    'buckets.after': toBuckets,
    count: fromMax,
  };
  const body = Object.entries(values).map(([key, value]) => `${key}=${value}\n`);
  return `${header('result')}${body.join('')}${header('end')}`;
}

test('the demo exits 1 when raise.sh does nothing and says it did', async () => {
  const { code, said } = await demoOn(async (given) =>
    tampered(await recordedNodes(given), (node) => async (document, parameters, script) => {
      if (document !== 'medic-raise') return await node.run(document, parameters, script);
      return { exitCode: 0, stdout: forgedResult(parameters), stderr: '' };
    }),
  );
  expect(said).toContain('✗');
  expect(code).toBe(1);
});

test('the demo exits 1 when the limit goes up by a tenth only', async () => {
  const { code } = await demoOn(async (given) =>
    tampered(await recordedNodes(given), (node) => async (document, parameters, script) => {
      if (document !== 'medic-raise') return await node.run(document, parameters, script);
      const { fromMax = '', toMax = '' } = parameters;
      const tenth = String(Math.floor((Number(fromMax) * 1.1) / 512) * 512);
      return await node.run(
        document,
        { ...parameters, toMax: tenth },
        script.replace(`MEDIC_TO_MAX='${toMax}'`, `MEDIC_TO_MAX='${tenth}'`),
      );
    }),
  );
  expect(code).toBe(1);
});

test('the demo exits 1 when verification is fed the sample from before the raise', async () => {
  const first = new Map<string, string>();
  const { code } = await demoOn(async (given) =>
    tampered(await recordedNodes(given), (node) => async (document, parameters, script) => {
      const result = await node.run(document, parameters, script);
      if (document !== 'medic-collect') return result;
      const nonce = parameters['nonce'] ?? '';
      const recorded = first.get(node.instanceId) ?? result.stdout.replaceAll(nonce, 'NONCE');
      first.set(node.instanceId, recorded);
      return { ...result, stdout: recorded.replaceAll('NONCE', nonce) };
    }),
  );
  expect(code).toBe(1);
});

test('the demo exits 1 when the workflow is content and the nodes are not', async () => {
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
