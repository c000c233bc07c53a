import { EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultOf } from '../../../local/ssm/endpoint.ts';
import { ProbedNode, probeOutput } from '../../support/probed-node.ts';
import { instancesAnswer, probeHash, sweptFleet } from '../support/swept-fleet.ts';
import { LOCAL, startResponder, startTable } from './support.ts';

let table: Awaited<ReturnType<typeof startTable>>;
let closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  table = await startTable();
  closing = [() => table.close()];
});
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
});

async function fleetOf(nodes: readonly ProbedNode[], options: Parameters<typeof sweptFleet>[2] = {}) {
  const fleet = await sweptFleet(table.client, nodes, options);
  closing.push(() => fleet.close());
  return fleet;
}

describe('a sweep', () => {
  test('sees every node that carries a tag, and says of each that it did not see why', async () => {
    const [calm, full, unlimited, away, stranger, forger, cut, broken, silent, wild] = [
      new ProbedNode(1),
      new ProbedNode(2, { count: 131_000, drop: 4 }),
      new ProbedNode(3, { count: 900_000, max: 0 }),
      new ProbedNode(4),
      new ProbedNode(5, {}, { role: 'database' }),
      new ProbedNode(6),
      new ProbedNode(7),
      new ProbedNode(8),
      new ProbedNode(9),
      new ProbedNode(10, { count: 4_000_000_000 }),
    ] as const;
    away.isOnline = false;
    forger.misbehave = () => ({ exitCode: 0, stdout: probeOutput('somebodyelse0000'), stderr: '' });
    cut.misbehave = (nonce) => ({ exitCode: 0, stdout: probeOutput(nonce).slice(0, 60), stderr: '' });
    broken.misbehave = () => ({ exitCode: 3, stdout: '', stderr: 'no' });
    silent.misbehave = () => ({ exitCode: 0, stdout: '', stderr: '' });
    const all = [calm, full, unlimited, away, stranger, forger, cut, broken, silent, wild];
    const fleet = await fleetOf(all);
    expect(await fleet.run()).toEqual({ state: 'done', nodes: 9, unseen: 5, takenUp: false });

    const report = (await fleet.state.report())?.report;
    expect(report?.unseen).toEqual({
      offline: 1,
      untagged: 1,
      refused: 0,
      late: 0,
      cut: 1,
      forged: 1,
      failed: 2,
      'no-series': 0,
      unread: 0,
    });
    expect(report?.counts).toEqual({ full: 1, fills: 0, unknown: 6, calm: 1, unlimited: 1 });
    expect(report?.nodes[0]?.instanceId).toBe(full.instanceId);
    // What was not seen has no number at all, and a count that no table holds neither.
    for (const node of [away, forger, cut, broken, silent, wild])
      expect(await fleet.row(node)).not.toHaveProperty('count');
    expect(await fleet.row(wild)).toMatchObject({ state: 'unknown', gaps: { count: 'impossible' } });
    expect(stranger.commands).toEqual([]);
    expect(calm.commands).toEqual(['medic-probe']);

    const sent = JSON.parse(fleet.calls.find(({ operation }) => operation === 'SendCommand')?.body ?? '{}');
    expect(sent).toMatchObject({
      DocumentName: 'medic-probe',
      DocumentHash: probeHash,
      Targets: [{ Key: 'tag:role', Values: ['worker'] }],
      MaxConcurrency: '50',
      TimeoutSeconds: 70,
    });
    expect(sent).not.toHaveProperty('InstanceIds');
  });

  test('prints its numbers where CloudWatch takes them up, and none that it does not know', async () => {
    const [one, other] = [new ProbedNode(1, { count: 65_536 }), new ProbedNode(2, { drift: 'sysctl.d' })];
    const fleet = await fleetOf([one, other]);
    await fleet.run();
    expect(fleet.lines.map(({ Cluster }) => Cluster)).toEqual(['all', 'not-known']);
    const [all] = fleet.lines;
    expect(all).toMatchObject({
      TableUse: 50,
      Nodes: 2,
      NodesUnseen: 0,
      NodesDrifted: 1,
      worstNode: one.instanceId,
      _aws: { CloudWatchMetrics: [{ Namespace: 'conntrack-medic', Dimensions: [['Cluster', 'NodeGroup']] }] },
    });
    // One reading tells no rate, and nothing fills.
    for (const name of ['FullTableDropsPerSecond', 'MinutesToFull']) expect(all).not.toHaveProperty(name);
    const named = JSON.stringify(all).matchAll(/"Name":"(\w+)"/g);
    expect(Object.keys(all ?? {})).toEqual(expect.arrayContaining(Array.from(named, ([, name]) => name)));
  });

  test('knows the cluster and the group of a node by its tags, and counts one without an agent', async () => {
    const node = new ProbedNode(1);
    const ec2 = await startResponder(() => ({
      status: 200,
      body: instancesAnswer(node.instanceId, 'i-0000000000000ffff'),
    }));
    closing.push(() => ec2.close());
    const client = new EC2Client({ ...LOCAL, endpoint: ec2.url });
    const fleet = await fleetOf([node], { ec2: client });
    await fleet.run();
    expect(await fleet.row(node)).toMatchObject({
      cluster: 'shop',
      nodeGroup: 'workers',
      instanceType: 'm5.large',
    });
    expect((await fleet.state.report())?.report.unseen?.offline).toBe(1);
    expect(fleet.lines.map(({ NodeGroup }) => NodeGroup)).toEqual(['all', 'workers']);
  });

  test('has the time of a reading from the service, whatever the clock of the node', async () => {
    const node = new ProbedNode(1, { ahead: 3_600 });
    const fleet = await fleetOf([node]);
    const began = Date.now();
    await fleet.run();
    const [reading] = await fleet.series.read(node.instanceId, 2, Date.now());
    expect(reading?.at).toBeGreaterThanOrEqual(began - 1_000);
    expect(reading?.at).toBeLessThanOrEqual(Date.now());
  });

  test('is one, of however many that begin at the same moment', async () => {
    const node = new ProbedNode(1);
    const fleet = await fleetOf([node]);
    const swept = await Promise.all(Array.from({ length: 6 }, () => fleet.run()));
    expect(swept.filter(({ state }) => state === 'done')).toHaveLength(1);
    expect(node.commands).toHaveLength(1);
  });

  test('that its time left half-way is gone on with by the next one, which sends nothing again', async () => {
    const [slow, quick] = [new ProbedNode(1), new ProbedNode(2)];
    let finish = () => {};
    slow.misbehave = (nonce) =>
      new Promise((resolve) => {
        finish = () => resolve({ exitCode: 0, stdout: probeOutput(nonce), stderr: '' });
      });
    const fleet = await fleetOf([slow, quick]);
    expect(await fleet.run(Date.now())).toMatchObject({ state: 'left' });
    await expect.poll(() => slow.commands).toHaveLength(1);
    finish();
    slow.misbehave = undefined;
    expect(await fleet.run()).toEqual({ state: 'done', nodes: 2, unseen: 0, takenUp: true });
    expect([slow.commands, quick.commands]).toEqual([['medic-probe'], ['medic-probe']]);
    // Read twice, as by one that died after it had stored some: each moment is there once.
    expect(await fleet.series.read(quick.instanceId, 2, Date.now())).toHaveLength(1);
    expect(await fleet.run()).toMatchObject({ state: 'done', takenUp: false });
    expect(await fleet.series.read(quick.instanceId, 2, Date.now())).toHaveLength(2);
  });

  test('begins anew where what was left came from another source', async () => {
    const node = new ProbedNode(1);
    const fleet = await fleetOf([node]);
    await fleet.state.take('before', Date.now());
    await fleet.state.release('before', {
      nonce: 'nonce00000000000',
      startedAt: Date.now(),
      commands: ['series'],
    });
    expect(await fleet.run()).toEqual({ state: 'done', nodes: 1, unseen: 0, takenUp: false });
    expect(node.commands).toEqual(['medic-probe']);
  });

  test('invents nothing where Systems Manager turns all its calls away', async () => {
    const node = new ProbedNode(1);
    const turnedAway =
      (...operations: string[]): FaultOf =>
      (operation) =>
        operations.includes(operation) ? 'throttled' : undefined;
    const unsent = await fleetOf([node], { faultOf: turnedAway('SendCommand') });
    expect(await unsent.run()).toMatchObject({ state: 'done', unseen: 1 });
    expect((await unsent.state.report())?.report.unseen).toMatchObject({ refused: 1 });
    expect(unsent.logged).toContain('sweep-not-sent');
    expect((await unsent.state.report())?.fault).toContain('Rate exceeded');

    const unread = await fleetOf([node], { faultOf: turnedAway('ListCommandInvocations') });
    expect(await unread.run()).toMatchObject({ state: 'done', unseen: 1 });
    expect((await unread.state.report())?.report.unseen).toMatchObject({ late: 1 });
    expect(unread.logged).toContain('sweep-answers-not-read');
    expect(await unread.series.read(node.instanceId, 2, Date.now())).toEqual([]);

    const unlisted = await fleetOf([node], { faultOf: turnedAway('DescribeInstanceInformation') });
    await expect(unlisted.run()).rejects.toThrow(/Rate exceeded/);
    // The right to sweep is free for the next one.
    expect(await unlisted.state.take('next', Date.now())).toEqual({});
  });

  test('waits for Systems Manager where it is turned away for a while', async () => {
    const node = new ProbedNode(1);
    let left = 4;
    const fleet = await fleetOf([node], {
      faultOf: (operation) =>
        operation !== 'DescribeInstanceInformation' && left-- > 0 ? 'throttled' : undefined,
    });
    expect(await fleet.run()).toEqual({ state: 'done', nodes: 1, unseen: 0, takenUp: false });
  });

  test('tells of a full node once, again where that failed, and that it is over only after an hour', async () => {
    const node = new ProbedNode(1, { count: 131_000 });
    let isAway = true;
    const fleet = await fleetOf([node], { intakeIsAway: () => isAway });
    await fleet.run();
    expect(fleet.logged).toContain('sweep-warnings-not-told');
    isAway = false;
    for (let times = 0; times < 3; times++) await fleet.run();
    expect(fleet.warned).toMatchObject([{ state: 'ALARM', instanceIds: [node.instanceId] }]);
    node.probed = { count: 10 };
    await fleet.run();
    expect(fleet.warned).toHaveLength(1);
    expect(await fleet.row(node)).toMatchObject({ isWarned: true });
  });

  test('whose warning was taken without an answer tells it once more with the same nodes, and a new node by itself', async () => {
    const [first, second] = [new ProbedNode(1, { count: 131_000 }), new ProbedNode(2, { count: 131_000 })];
    second.misbehave = () => ({ exitCode: 1, stdout: '', stderr: '' });
    let isLost = true;
    const fleet = await fleetOf([first, second], { answerIsLost: () => isLost });
    await fleet.run();
    isLost = false;
    second.misbehave = undefined;
    for (let times = 0; times < 2; times++) await fleet.run();
    expect(fleet.warned.map(({ instanceIds }) => instanceIds)).toEqual([
      [first.instanceId],
      [first.instanceId],
      [second.instanceId],
    ]);
  });

  test('tells all other warnings where one is not taken, and that one at the next time', async () => {
    const nodes = Array.from({ length: 21 }, (_, index) => new ProbedNode(index + 1, { count: 131_000 }));
    let isAway = true;
    const fleet = await fleetOf(nodes, {
      intakeIsAway: ({ instanceIds }) => isAway && instanceIds.length > 1,
    });
    await fleet.run();
    expect(fleet.warned.map(({ instanceIds }) => instanceIds.length)).toEqual([1]);
    isAway = false;
    for (let times = 0; times < 2; times++) await fleet.run();
    expect(fleet.warned.map(({ instanceIds }) => instanceIds.length)).toEqual([1, 20]);
  });

  test('of a fleet of none sends nothing and says that there are none', async () => {
    const fleet = await fleetOf([]);
    expect(await fleet.run()).toEqual({ state: 'done', nodes: 0, unseen: 0, takenUp: false });
    expect(fleet.calls.map(({ operation }) => operation)).not.toContain('SendCommand');
    expect(fleet.lines[0]).toMatchObject({ Nodes: 0 });
  });

  test('reads its answers fifty to a page', async () => {
    const nodes = Array.from({ length: 120 }, (_, index) => new ProbedNode(index + 1));
    const fleet = await fleetOf(nodes);
    expect(await fleet.run()).toEqual({ state: 'done', nodes: 120, unseen: 0, takenUp: false });
    expect(fleet.calls.filter(({ operation }) => operation === 'ListCommandInvocations')).toHaveLength(3);
  });
});
