import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Terminal } from '../../../local/demo/terminal.ts';
import { DynamoIncidentStore } from '../../../src/adapters/dynamo/incident-store.ts';
import { DynamoSweepState } from '../../../src/adapters/dynamo/sweep-state.ts';
import { LOCAL, startTable, TABLE } from '../adapters/support.ts';
import { buildDiagnosis, instanceId } from '../support/diagnoses.ts';
import { ANA, buildIncident } from '../support/incidents.ts';
import { medic } from '../support/medic.ts';
import { unseenBut } from '../support/unseen.ts';

/** What acts on a terminal: a title, a colour, a bell, a line written over, C1's own escape, text turned round, one hidden. */
const ACTS =
  '\u001b]0;own\u0007\u001b[31m\u0007\r\u009b2J\u0085\u007f\u202e\u2066\u200f\u200b\u2028\u{e0001}';
const ACTING = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

let folder: string;
let table: Awaited<ReturnType<typeof startTable>>;
let environment: Readonly<Record<string, string>>;

/** An incident in which every word that somebody else can choose acts. */
async function storeHostileIncident(): Promise<string> {
  const gap = `kernel log: ${ACTS} → unknown`;
  const because = [{ fact: `fact ${ACTS}`, value: ACTS, unit: ACTS, threshold: ACTS, source: ACTS }];
  const diagnosis = buildDiagnosis({
    headline: `Full ${ACTS}`,
    gaps: [gap],
    findings: [{ mode: 'table-full', state: 'present', because }],
  });
  const { head, collections } = buildIncident('failed', {
    diagnosis,
    alarm: {
      name: `checkout ${ACTS}`,
      reason: ACTS,
      metric: ACTS,
      dimensions: [{ name: ACTS, value: ACTS }],
    },
    head: { nodeGaps: [gap] },
  });
  const hostile = {
    ...head,
    transitions: head.transitions.map((one) => ({ ...one, why: ACTS })),
    decisions: head.decisions.map((one) => ({ ...one, actor: { ...ANA, name: ACTS } })),
    remediations: head.remediations.map((one) => ({ ...one, detail: ACTS, warnings: [ACTS] })),
  };
  const store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 60 });
  await store.open(hostile);
  for (const collection of collections) await store.putCollection(head.id, collection);
  return head.id;
}

/** A sweep over one node whose every word acts. */
async function storeHostileSweep(): Promise<void> {
  const unseen = unseenBut({ offline: 1 });
  const node = {
    instanceId: instanceId(1),
    cluster: ACTS,
    nodeGroup: ACTS,
    state: 'calm',
    gaps: {},
    why: ACTS,
  } as const;
  await new DynamoSweepState(table.client, TABLE).keepReport({
    schema: 'medic.sweep/1',
    startedAt: 0,
    groups: [],
    report: {
      schema: 'medic.fleet/1',
      at: '2026-11-30T00:00:00.000Z',
      counts: { full: 0, fills: 0, unknown: 0, calm: 1, unlimited: 0 },
      unseen,
      nodes: [{ ...node, count: 1, max: 2 }],
    },
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'medic-hostile-'));
  table = await startTable();
  environment = {
    AWS_REGION: LOCAL.region,
    AWS_ACCESS_KEY_ID: LOCAL.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
    MEDIC_TABLE: TABLE,
    TMPDIR: folder,
  };
});
afterAll(async () => {
  await table.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Files whose names and words act, as a capture and as pasted text. */
function hostileFiles(): readonly string[] {
  const nonce = 'abcdefgh12345678';
  const capture = [
    `=== medic/1 ${nonce} identity - ok 1.5`,
    `boot_id=${ACTS}`,
    `kernel=6.1 ${ACTS}`,
    `=== medic/1 ${nonce} kernel-log - ok 1.5`,
    `[ 1.000] nf_conntrack: table full, dropping packet ${ACTS}`,
    `=== medic/1 ${nonce} persistence - ok 1.5`,
    `/etc/sysctl.d/${ACTS}.conf:1: net.netfilter.nf_conntrack_max = 7 ${ACTS}`,
  ].join('\n');
  const paste = `nf_conntrack: table full, dropping packet ${ACTS}\nwhat ${ACTS}\nnet.netfilter.nf_conntrack_max = 7 ${ACTS}\n`;
  return [capture, paste, `nothing ${ACTS}`].map((text, index) => {
    const file = join(folder, `${index} ${ACTS.replaceAll('\u0000', '')}.txt`);
    writeFileSync(file, text);
    return file;
  });
}

/** Each command with what makes it say words of others, and a call of none. */
const CALLS: Readonly<Record<string, () => Promise<readonly (readonly string[])[]>>> = {
  diagnose: async () => [
    ...hostileFiles().flatMap((file) => [[file], [file, '--json']]),
    [`missing ${ACTS}`],
    [`--${ACTS}`],
  ],
  plan: async () => [...hostileFiles().flatMap((file) => [[file], [file, '--json']]), ['--peak', ACTS, '-']],
  audit: async () => {
    const id = await storeHostileIncident();
    return [[id], [id, '--json'], [`inc-${ACTS}`], [id, '--table', `t${ACTS}`]];
  },
  doctor: async () => [['--local'], ['--local', ACTS]],
  export: async () => {
    await storeHostileSweep();
    return [[], ['--table', `t${ACTS}`]];
  },
  fleet: async () => {
    await storeHostileSweep();
    return [[], ['--json'], ['--table', `t${ACTS}`]];
  },
  node: async () => [[ACTS], [instanceId(1)], [instanceId(1), '--table', `t${ACTS}`]],
  incident: async () => [[ACTS], ['--local', `i-${ACTS}`]],
  trace: async () => [['--seconds', ACTS], ['--port', ACTS], ['--points', ACTS], [ACTS]],
  collect: async () => [['--seconds', ACTS], [ACTS]],
  complete: async () => [[ACTS]],
  page: async () => [[await storeHostileIncident(), '--output', join(folder, 'page.html')], [`inc-${ACTS}`]],
  runbook: async () => [[ACTS], ...hostileFiles().map((file) => ['--from', file])],
  'slack-manifest': async () => [
    ['--url', `https://${ACTS}`],
    ['--url', `https://example.com/${ACTS}`],
  ],
  demo: async () => [[`--${ACTS}`]],
  [`no-command ${ACTS}`]: async () => [[]],
};

test('the calls are of every command that there is', async () => {
  const { out } = await medic(['--help']);
  const commands = [...out.matchAll(/^ {2}([a-z-]+) (?:\[|<|\w| )/gm)].map(([, name]) => name);
  const named = commands.filter((name) => name !== undefined && !name.startsWith('-') && name !== 'help');
  expect(named.filter((name) => !Object.hasOwn(CALLS, name ?? ''))).toEqual([]);
  expect(named.length).toBeGreaterThan(5);
});

describe.each(Object.keys(CALLS).filter((name) => name !== 'demo'))('medic %j', (command) => {
  test('says nothing that acts on a terminal, whatever others wrote', async () => {
    for (const args of (await CALLS[command]?.()) ?? []) {
      const { out, error } = await medic([command, ...args], '', environment);
      expect(`${out}${error}`).not.toBe('');
      expect([args, ACTING.exec(`${out}${error}`)?.[0]]).toEqual([args, undefined]);
    }
  });
});

test('JSON with such words is still the same value', async () => {
  const id = (await CALLS['audit']?.())?.[0]?.[0] ?? '';
  const { out } = await medic(['audit', id, '--json'], '', environment);
  expect(JSON.parse(out)).toMatchObject({ alarm: { name: `checkout ${ACTS}` } });
});

/** The styles of the demo's own terminal. */
const OURS = new RegExp(String.raw`\u001b\[\d+m`, 'g');

test('the demo prints no word of a node that acts on the terminal', () => {
  const lines: string[] = [];
  const terminal = new Terminal((line) => lines.push(line.replaceAll(OURS, '')));
  terminal.say(ACTS);
  terminal.title(ACTS);
  terminal.at(ACTS);
  terminal.problem(ACTS);
  expect(lines.map((line) => ACTING.exec(line)?.[0])).toEqual(lines.map(() => undefined));
});
