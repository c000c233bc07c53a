import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DemoNodes } from '../../../../local/demo-nodes.ts';
import type { RecordedNode, ScriptRunner } from '../../../../local/recorded/recorded-node.ts';
import { recordedNodes } from '../../../../local/recorded/recorded-nodes.ts';
import { scratchNamespaceAvailable } from '../../../../local/recorded/scratch-namespace.ts';
import { parseDocument, renderScript } from '../../../../local/ssm/documents.ts';
import type { DocumentName, LocalNode } from '../../../../local/ssm/local-node.ts';
import { assembleScripts, buildDocuments } from '../../../../nodes/documents.ts';
import { catalogue } from '../../../../runbooks/index.ts';
import { assess } from '../../../../src/core/diagnosis/assess.ts';
import { parseRemediationResult } from '../../../../src/core/remediation/result.ts';
import { show } from '../../../../src/core/words.ts';

const NODES = new URL('../../../../nodes/', import.meta.url).pathname;
const documents = buildDocuments(assembleScripts((path) => readFileSync(join(NODES, path), 'utf8')));
const NONCE = 'a1b2c3d4e5f6a7b8';
const INCIDENT = 'inc-0123456789abcdef0123';

function run(node: LocalNode, name: DocumentName, parameters: Record<string, string>) {
  const given = { nonce: NONCE, ...parameters };
  const content = documents.find((document) => document.name === name)?.content ?? '';
  return node.run(name, given, renderScript(parseDocument(name, content), given));
}

async function diagnosisOf(node: LocalNode) {
  const { stdout } = await run(node, 'medic-collect', { sampleSeconds: '2' });
  const assessment = assess(stdout, { instanceId: node.instanceId, nonce: NONCE, catalogue });
  if (assessment.kind === 'failed') throw new Error(assessment.why);
  return assessment;
}

async function raiseOf(node: LocalNode) {
  const { plan } = await diagnosisOf(node);
  if (plan?.kind !== 'raise-max') throw new Error('no raise was planned');
  return plan;
}

async function raise(node: LocalNode, toMax?: number) {
  const plan = await raiseOf(node);
  const { stdout } = await run(node, 'medic-raise', {
    incident: INCIDENT,
    mode: 'exact',
    fromMax: String(plan.max.from),
    toMax: String(toMax ?? plan.max.to),
    fromBuckets: String(plan.buckets.from),
    toBuckets: String(plan.buckets.to),
  });
  return parseRemediationResult(stdout, NONCE);
}

const isReal = await scratchNamespaceAvailable();
if (!isReal) console.log('skipped: recorded nodes run scripts only where private namespaces are allowed');
const runners: readonly ScriptRunner[] = isReal ? ['scripts', 'model'] : ['model'];

let workDir: string;
beforeEach(() => {
  workDir = mkdtempSync(join(tmpdir(), 'medic-recorded-'));
});
afterEach(() => rmSync(workDir, { recursive: true, force: true }));

const openNodes = (runner: ScriptRunner) =>
  recordedNodes({ workDir: join(workDir, runner), say: () => undefined, runner, collectMs: 0 });

describe.each(runners)('recorded nodes changed by the %s', { timeout: 30_000 }, (runner) => {
  let nodes: DemoNodes;
  let first: LocalNode;
  let second: LocalNode;
  let healthy: LocalNode;

  beforeEach(async () => {
    nodes = await openNodes(runner);
    [first, second, healthy] = nodes.nodes as [LocalNode, LocalNode, LocalNode];
  });

  it('start with two sick nodes of different size and a healthy one', async () => {
    const plans = [await raiseOf(first), await raiseOf(second)];
    expect(plans[0]?.max).not.toEqual(plans[1]?.max);
    expect((await diagnosisOf(healthy)).diagnosis.verdict).toBe('not-the-node');
    expect((await nodes.evidenceOfHealing()).healed).toBe(false);
  });

  it('are healed by the scripts and the planned sizes, and show it', async () => {
    for (const node of [first, second]) {
      expect(await raise(node)).toMatchObject({ kind: 'result', outcome: 'raised' });
      const { figures } = await diagnosisOf(node);
      expect(figures.fullDrops).toBe(0);
      expect((figures.count ?? 0) / (figures.max ?? 1)).toBeLessThan(0.7);
    }
    expect(await nodes.evidenceOfHealing()).toMatchObject({ healed: true });
  });

  it('stay sick when only one was raised', async () => {
    await raise(first);
    expect((await diagnosisOf(second)).diagnosis.verdict).toBe('table-full');
    expect((await nodes.evidenceOfHealing()).healed).toBe(false);
  });

  it('are full again after a raise by a tenth', async () => {
    const { figures } = await diagnosisOf(first);
    const tenth = Math.floor(((figures.max ?? 0) * 1.1) / 512) * 512;
    expect(await raise(first, tenth)).toMatchObject({ outcome: 'raised', max: { after: tenth } });
    const after = await diagnosisOf(first);
    expect(after.diagnosis.verdict).toBe('table-full');
    expect(after.figures.max).toBe(tenth);
  });

  it('refuse a rollback under load and are as before after one without', async () => {
    for (const node of [first, second]) {
      await raise(node);
      await diagnosisOf(node);
      const refused = await run(node, 'medic-rollback', { incident: INCIDENT });
      const { count = 0 } = (await diagnosisOf(node)).figures;
      expect(parseRemediationResult(refused.stdout, NONCE)).toMatchObject({
        code: 'count-too-high',
        detail: expect.stringMatching(
          new RegExp(
            `^${show(count)} entries are in use and the limit before the raise was [\\d,]+: above 80 %`,
          ),
        ),
      });
    }
    expect((await nodes.evidenceOfRollback?.())?.restored).toBe(false);
    await nodes.stopLoad?.();
    for (const node of [first, second]) await run(node, 'medic-rollback', { incident: INCIDENT });
    expect(await nodes.evidenceOfRollback?.()).toMatchObject({ restored: true });
    expect((await diagnosisOf(first)).diagnosis.offer.raise).toBe(false);
  });
});

it.each([
  ['table-full', ['table-full', 'table-full', 'not-the-node']],
  ['canary-fails', ['table-full', 'table-full', 'not-the-node']],
  ['look-alike', ['snat-race', 'not-the-node', 'not-the-node']],
  ['mixed', ['table-full', 'listen-overflow', 'not-the-node']],
] as const)('in the scenario %s the nodes are diagnosed as what was recorded', async (scenario, verdicts) => {
  const cluster = await recordedNodes({
    workDir,
    say: () => undefined,
    scenario,
    runner: 'model',
    collectMs: 0,
  });
  const seen = await Promise.all(cluster.nodes.map(diagnosisOf));
  expect(seen.map(({ diagnosis }) => diagnosis.verdict)).toEqual(verdicts);
  expect(seen.map(({ plan }) => plan !== undefined)).toEqual(verdicts.map((one) => one === 'table-full'));
  // What is told of the nodes beforehand is told of those that are sick.
  expect(await cluster.before()).toHaveLength(verdicts.filter((one) => one !== 'not-the-node').length);
});

const OTHER = 'inc-fedcba98765432100123';
const from = { fromMax: '49152', fromBuckets: '16384' };
const raiseTo = (toMax: number, incident = INCIDENT, mode = 'exact') =>
  ['medic-raise', { incident, mode, ...from, toMax: String(toMax), toBuckets: '65536' }] as const;
const back = (incident = INCIDENT) => ['medic-rollback', { incident }] as const;
/** The commands of a long night on one node, with every answer that the model knows; between them the table fills and drains. */
const NIGHT = [
  back(),
  raiseTo(49_152),
  raiseTo(400_000),
  raiseTo(5_000_000),
  ['medic-raise', { ...raiseTo(98_304)[1], fromMax: '40000' }],
  raiseTo(196_609, OTHER, 'ensure'),
  ['medic-raise', { ...raiseTo(98_304, OTHER, 'ensure')[1], toBuckets: '65537' }],
  raiseTo(98_304),
  raiseTo(196_609, OTHER, 'ensure'),
  ['medic-raise', { ...raiseTo(98_305, OTHER, 'ensure')[1], toBuckets: '65537' }],
  { count: 90_000 },
  raiseTo(98_304),
  raiseTo(90_112, OTHER, 'ensure'),
  back(OTHER),
  back(),
  raiseTo(120_320, OTHER, 'ensure'),
  raiseTo(120_320, OTHER, 'ensure'),
  back(),
  { count: 12_000 },
  back(OTHER),
  back(OTHER),
  raiseTo(120_320, OTHER, 'ensure'),
  back(),
  back(),
  raiseTo(40_960, 'inc-00000000000000000001', 'ensure'),
  raiseTo(40_960, 'inc-00000000000000000001', 'ensure'),
  back('inc-00000000000000000001'),
] as const;

/** What the first node answers to each command, and what it is set to and keeps afterwards. */
async function night(runner: ScriptRunner) {
  const nodes = await openNodes(runner);
  const [node] = nodes.nodes as [RecordedNode];
  const answers: unknown[] = [];
  for (const step of NIGHT) {
    if ('count' in step) {
      node.values.set(step);
      continue;
    }
    const [name, parameters] = step;
    const { exitCode, stdout } = await run(node, name, parameters);
    const result = parseRemediationResult(stdout, NONCE);
    if (result.kind !== 'result') throw new Error(result.why);
    const { outcome, code, max, buckets } = result;
    // What keeps a change besides the one file depends on how the kernel of this machine was built.
    const detail = result.detail.replace(/ (nf_conntrack is built into|The settings store) .*/, '');
    const { values } = node;
    const kept = [values.max, values.buckets, values.incident, values.keptMax];
    answers.push({ name, exitCode, outcome, code, detail, max, buckets, kept });
  }
  return answers;
}

it.skipIf(!isReal)('the model answers every command as the scripts do', async () => {
  expect(await night('model')).toEqual(await night('scripts'));
});
