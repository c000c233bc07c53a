import type { DemoNodes } from '../../../local/demo-nodes.ts';
import type { LocalNode } from '../../../local/ssm/local-node.ts';

/** Gives a node another way to run documents. */
export type Tampering = (node: LocalNode) => LocalNode['run'];

/** The same nodes, tampered with; what they are asked in the end is asked of the real ones. */
export function tampered(nodes: DemoNodes, tamper: Tampering): DemoNodes {
  const wrapped = nodes.nodes.map((node) => ({
    instanceId: node.instanceId,
    tags: node.tags,
    platform: node.platform,
    ping: () => node.ping(),
    run: tamper(node),
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

/** raise.sh does nothing and says that it did. */
export const idleRaise: Tampering = (node) => async (document, parameters, script) => {
  if (document !== 'medic-raise') return await node.run(document, parameters, script);
  return { exitCode: 0, stdout: forgedResult(parameters), stderr: '' };
};

/** raise.sh gets a target of a tenth above the old limit. */
export const tenthOfRaise: Tampering = (node) => async (document, parameters, script) => {
  if (document !== 'medic-raise') return await node.run(document, parameters, script);
  const { fromMax = '', toMax = '' } = parameters;
  const tenth = String(Math.floor((Number(fromMax) * 1.1) / 512) * 512);
  const shorter = script.replace(`SSM_toMax-'${toMax}'`, `SSM_toMax-'${tenth}'`);
  if (shorter === script)
    throw new Error('The script takes its limit in another way than this test changes it.');
  return await node.run(document, { ...parameters, toMax: tenth }, shorter);
};

/** Every collection after the first shows the first one again, under the new run's mark. */
export function oldSample(): Tampering {
  const first = new Map<string, string>();
  return (node) => async (document, parameters, script) => {
    const result = await node.run(document, parameters, script);
    if (document !== 'medic-collect') return result;
    const nonce = parameters['nonce'] ?? '';
    const recorded = first.get(node.instanceId) ?? result.stdout.replaceAll(nonce, 'NONCE');
    first.set(node.instanceId, recorded);
    return { ...result, stdout: recorded.replaceAll('NONCE', nonce) };
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
