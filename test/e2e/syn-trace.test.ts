import { afterAll, beforeAll, expect, test } from 'vitest';
import { replayTrace } from '../../local/recorded/replay-trace.ts';
import { STRANGER } from '../../local/slack/people.ts';
import { RECORDED_TRACE } from '../unit/support/recorded-trace.ts';
import { Gate } from './support/gate.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

/** The same where the answers to fifteen were lost behind the node. */
const BEYOND = RECORDED_TRACE.replace(
  /( trace-flows - ok [\d.]+\n)[^=]*/,
  '$185 in uplink 30080 1 1 pod uplink 0.0 - 0 0\n15 in uplink 30080 1 2 pod uplink 0.0 1.0 0 0\n',
).replace(/( trace-packets - ok [\d.]+\n)[^=]*/, '$1');
const ADDRESS = /198\.18\.\d+\.\d+/;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1, 1]);
});
afterAll(() => scenario.close());

async function sick() {
  const it = scenario.take(1);
  await it.fallIll();
  const [node] = it.nodes;
  if (node === undefined) throw new Error('The alarm has a node.');
  const told = async (what: string) => {
    let thread = '';
    await until(
      async () => {
        thread = await it.thread();
        return thread.includes(what);
      },
      () => `The thread does not say "${what}": ${thread}`,
      it.channelNews,
    );
    return thread;
  };
  return { it, node, told };
}

test.concurrent('a trace is made beside a raise, which does not wait for it, and says in the thread where SYNs are lost', async () => {
  const { it, node, told } = await sick();
  const isRaised = new Gate();
  node.misbehave = async (document) => {
    if (document === 'medic-trace') await isRaised.passed;
    return undefined;
  };
  expect(await it.answerTo(() => it.press('trace', STRANGER), STRANGER)).toContain('are not an approver');
  await it.press('trace');
  await it.cardSays(`tracing ${node.instanceId} for 15`);
  expect(await it.buttons()).not.toContain('trace');
  await it.press('apply-one');
  await it.reach('resolved');
  expect((await it.head()).synTraces?.[0]?.endedAt).toBeUndefined();
  isRaised.open();
  const thread = await told('dropped by a rule of nftables');
  expect(thread).toMatch(/15 of 100 new connections to tcp 30080 \(15.%\) were delayed/);
  expect(thread).not.toMatch(ADDRESS);
  const picture = await told('and 85 were answered there');
  expect(picture).toContain(`trace-1-${node.instanceId}.png`);
  expect(picture).not.toMatch(ADDRESS);
  await it.cardSays('15 of 100 new connections');
  const { synTraces, state } = await it.head();
  expect(state).toBe('resolved');
  expect(synTraces).toMatchObject([
    {
      number: 1,
      actor: { name: 'ana' },
      nodes: [{ instanceId: node.instanceId, outcome: { kind: 'traced' } }],
    },
  ]);
  expect(JSON.stringify(synTraces)).not.toMatch(ADDRESS);
  expect(node.commands.filter(({ document }) => document === 'medic-trace')).toMatchObject([
    { parameters: { seconds: '15', port: '30080', points: 'auto' } },
  ]);
});

test.concurrent('a trace that finds the packets lost elsewhere takes the raise away until the nodes are read again', async () => {
  const { it, node, told } = await sick();
  node.misbehave = (document, _node, nonce) =>
    document === 'medic-trace' ? { exitCode: 0, stdout: replayTrace(BEYOND, nonce), stderr: '' } : undefined;
  await it.press('trace');
  await told('the change is not offered any more');
  await it.cardSays('more room in the table brings none of them back');
  expect(await it.buttons()).not.toContain('apply-one');
  await it.press('refresh');
  await it.press('apply-one');
  await it.reach('resolved');
  expect(node.times('medic-raise')).toBe(1);
});
