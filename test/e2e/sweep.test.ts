import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalService, startService } from '../../local/demo/service.ts';
import { openWorkDir } from '../../local/demo/work-dir.ts';
import { DEMO_GROUP_TAGS } from '../../local/demo-nodes.ts';
import { Interactive } from '../../local/slack/block-schema.ts';
import { APPROVER } from '../../local/slack/people.ts';
import { ProbedNode } from '../support/probed-node.ts';
import { type RecordedPrometheus, startRecordedPrometheus } from '../support/recorded-prometheus.ts';
import { type Answer, medic } from '../unit/support/medic.ts';
import { nodesUnderTest } from './support/nodes-under-test.ts';

const [full, half, raised, away] = [
  new ProbedNode(1, { count: 131_000, drop: 100 }, DEMO_GROUP_TAGS),
  new ProbedNode(2, { count: 70_000, drift: 'sysctl.d' }, DEMO_GROUP_TAGS),
  new ProbedNode(3, { count: 40_000 }, DEMO_GROUP_TAGS),
  new ProbedNode(4, {}, DEMO_GROUP_TAGS),
] as const;
const stranger = new ProbedNode(5, {}, { role: 'database' });

let service: LocalService;
let workDir: string;
let command: (...args: readonly string[]) => Promise<Answer>;

beforeAll(async () => {
  workDir = await openWorkDir();
  away.isOnline = false;
  service = await startService({
    nodes: nodesUnderTest('probed', [full, half, raised, away, stranger]),
    workDir,
    port: 0,
    reconcileSeconds: 0,
    onFailure: () => {},
  });
  const page = service.endpoints.slackPage;
  command = (...args) => medic([...args, '--demo', page]);
});
afterAll(async () => {
  await service.close();
  await rm(workDir, { recursive: true, force: true });
});

test('before the first sweep the command line says that there was none', async () => {
  const { status, error } = await command('fleet');
  expect({ status, error }).toEqual({
    status: 2,
    error: expect.stringContaining('No sweep has left anything'),
  });
});

test('a sweep of the built function is what fleet, node and export tell', async () => {
  expect(await service.sweep()).toEqual({ state: 'done', nodes: 4, unseen: 1, takenUp: false });
  raised.probed = { count: 40_000, max: 262_144 };
  full.probed = { count: 131_000, drop: 700 };
  expect(await service.sweep()).toMatchObject({ state: 'done', nodes: 4 });
  expect(stranger.commands).toEqual([]);

  const table = (await command('fleet')).out;
  expect(table).toContain('4 nodes: 1 full, 0 filling up, 1 not seen, 2 calm');
  expect(table).toContain('Not seen by the newest sweep: 1 offline, 1 untagged');
  const rows = table.split('\n').filter((line) => line.startsWith('i-'));
  expect(rows[0]).toMatch(new RegExp(`^${full.instanceId} +now +131,000 of 131,072`));
  expect(rows[1]).toMatch(new RegExp(`^${away.instanceId} .*its agent does not answer`));
  expect(rows.find((row) => row.includes(half.instanceId))).toContain('sysctl.d');
  const { nodes } = JSON.parse((await command('fleet', '--json')).out);
  expect(nodes[0]).toMatchObject({ state: 'full', fullInSeconds: 0, isWarned: true });
  expect(nodes[0].rates.fullDrops).toBeGreaterThan(0);
  expect(nodes[1]).not.toHaveProperty('count');

  const node = (await command('node', raised.instanceId)).out;
  expect(node).toMatch(/^The limit: +262,144$/m);
  expect(node).toMatch(/^Set by: +somebody or something that the readings do not show, to 262,144/m);
  expect(node).toMatch(/^It was: +131,072 until/m);
  expect(node).toMatch(/^When kube-proxy starts again: 131,072 \(kube-proxy v1.31.2 writes/m);
  expect(node).toMatch(/^When the node boots again: 131,072/m);
  expect(node).toMatch(/^When the node is replaced: 131,072/m);
  expect((await command('node', stranger.instanceId)).out).toContain('no sweep has seen it');

  const exported = (await command('export')).out;
  expect(exported).toContain(`conntrack_medic_node_entries{instance_id="${full.instanceId}"} 131000`);
  expect(exported).not.toContain(`conntrack_medic_node_entries{instance_id="${away.instanceId}"}`);
});

test('a node that is likely to be full, or is, has a quiet card with what is foreseen, and its record is an incident', async () => {
  const shown = () => JSON.stringify(service.slack.workspace.channelAs(APPROVER.id));
  await expect.poll(shown).toContain(`Early warning: the table of ${full.instanceId} fills up`);
  expect(shown()).toContain('of 131,072 in use');
  expect(shown()).not.toMatch(/<!(here|channel)/);
  // Told once, however many sweeps see it.
  await service.sweep();
  expect(service.slack.workspace.channelAs(APPROVER.id)).toHaveLength(1);
});

test('the page of the fleet opens for an approver from the menu of a card', async () => {
  const shown = () => service.slack.workspace.channelAs(APPROVER.id);
  const menuOf = (message: ReturnType<typeof shown>[number] | undefined) =>
    (message?.blocks ?? [])
      .flatMap((block) =>
        (Array.isArray(block['elements']) ? (block['elements'] as unknown[]) : []).map((one) => ({
          blockId: block.block_id ?? '',
          element: Interactive.safeParse(one).data,
        })),
      )
      .find(({ element }) => element?.type === 'overflow');
  // It comes with the buttons, once the readings are judged.
  await expect.poll(() => menuOf(shown()[0])).toBeDefined();
  const [card] = shown();
  const menu = menuOf(card);
  if (card === undefined || menu?.element?.type !== 'overflow') throw new Error('The card has no menu.');
  const option = menu.element.options.findIndex(({ value }) => value.includes('show-fleet'));
  await service.slack.click(APPROVER, {
    ts: card.ts,
    blockId: menu.blockId,
    actionId: menu.element.action_id,
    option,
  });
  const link = () => /<(http[^|]+)\|Open the page of the fleet>/.exec(JSON.stringify(shown()))?.[1] ?? '';
  await expect.poll(link).toMatch(/^http/);
  const page = await (await fetch(link())).text();
  expect(page).toContain(full.instanceId);
  expect(page).toContain(half.instanceId);
});

test('while one sweeps no other one begins', async () => {
  let answer = () => {};
  half.misbehave = (nonce) =>
    new Promise((resolve) => {
      answer = () => {
        half.misbehave = undefined;
        resolve(half.run('medic-probe', { nonce }));
      };
    });
  const begun = half.commands.length;
  const first = service.sweep();
  await expect.poll(() => half.commands.length).toBe(begun + 1);
  expect(await service.sweep()).toEqual({ state: 'busy' });
  answer();
  expect(await first).toMatchObject({ state: 'done' });
});

describe('a sweep of the built function that takes its samples from a Prometheus', () => {
  const nodes = [1, 2, 3, 4, 5, 6].map((index) => new ProbedNode(index, {}, DEMO_GROUP_TAGS));
  const [first, second, third, fourth, fifth, sixth] = nodes.map(({ instanceId }) => instanceId);
  let prometheus: RecordedPrometheus;
  let folder: string;
  let scraped: LocalService;
  let told: (...args: readonly string[]) => Promise<Answer>;

  beforeAll(async () => {
    prometheus = await startRecordedPrometheus();
    folder = await openWorkDir();
    const source = {
      kind: 'prometheus',
      url: prometheus.url,
      auth: { kind: 'none' },
      labels: { cluster: 'shop' },
    };
    // Its agent for Systems Manager is away, and its exporter is scraped all the same.
    for (const node of nodes.slice(1, 2)) node.isOnline = false;
    scraped = await startService({
      nodes: nodesUnderTest('scraped', nodes),
      workDir: folder,
      port: 0,
      reconcileSeconds: 0,
      environment: { MEDIC_SWEEP_SOURCE: JSON.stringify(source) },
      onFailure: () => {},
    });
    told = (...args) => medic([...args, '--demo', scraped.endpoints.slackPage]);
  });
  afterAll(async () => {
    await scraped.close();
    await prometheus.close();
    await rm(folder, { recursive: true, force: true });
  });

  const rowsOf = async () => {
    const { nodes: rows, unseen } = JSON.parse((await told('fleet', '--json')).out);
    const byId = new Map<string | undefined, Record<string, unknown>>();
    for (const row of rows) byId.set(row.instanceId, row);
    return { rows: byId, unseen };
  };

  test('sends nothing to a node, sees what is scraped, and warns of a full table on a quiet card', async () => {
    expect(await scraped.sweep()).toEqual({ state: 'done', nodes: 6, unseen: 2, takenUp: false });
    const { rows, unseen } = await rowsOf();
    expect(rows.get(first)).toMatchObject({ state: 'full', count: 131_000, max: 131_072, isWarned: true });
    expect(rows.get(second)).toMatchObject({ state: 'calm', count: 70_012 });
    expect(rows.get(third)).toMatchObject({ state: 'unlimited' });
    expect(unseen).toMatchObject({ 'no-series': 2, offline: 0, unread: 0 });
    // Without the collector, two machines of one address, and values that are none.
    for (const id of [fourth, fifth, sixth]) {
      expect(rows.get(id)).toMatchObject({ state: 'unknown' });
      expect(rows.get(id)).not.toHaveProperty('count');
    }
    for (const row of rows.values()) expect(row).not.toHaveProperty('drift');
    const shown = () => JSON.stringify(scraped.slack.workspace.channelAs(APPROVER.id));
    await expect.poll(shown).toContain(`Early warning: the table of ${first} fills up`);
    expect(nodes.flatMap(({ commands }) => commands)).not.toContain('medic-probe');
  });

  test('tells losses by two scrapes, and a boot by its time', async () => {
    prometheus.set('node_nf_conntrack_stat_drop', '10.0.0.1', '700');
    prometheus.set('node_boot_time_seconds', 'ip-10-0-0-2', '1796000500');
    await scraped.sweep();
    const { rows } = await rowsOf();
    expect(rows.get(first)?.['rates']).toMatchObject({ fullDrops: expect.any(Number), enaExceeded: 0 });
    expect(rows.get(second)?.['rates']).toEqual({});
    const node = (await told('node', String(first))).out;
    expect(node).toMatch(/^Losses: +[1-9][\d,]* packets a second found the table full/m);
    expect(node).toMatch(/^Drift: +not seen/m);
    expect(node).toMatch(
      /^When kube-proxy starts again: not known \(the source of the samples does not tell/m,
    );
  });

  test('sees no node while the Prometheus is away, keeps what it saw, and says so', async () => {
    prometheus.misbehave = () => ({ status: 403, body: 'no' });
    expect(await scraped.sweep()).toMatchObject({ state: 'done', nodes: 6, unseen: 6 });
    const { rows, unseen } = await rowsOf();
    expect(unseen).toMatchObject({ unread: 6 });
    expect(rows.get(first)).toMatchObject({ state: 'full', unseen: 'unread', isWarned: true });
    const { out } = await told('fleet');
    expect(out).toContain('could not be read');
    expect(out).toMatch(
      /^Not all samples came: The Prometheus at .* could not be asked \(403\); look at sweep\.source/,
    );
  });
});
