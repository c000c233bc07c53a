import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlanReport } from '../../../src/core/diagnosis/plan-report.ts';

const REPOSITORY = new URL('../../../', import.meta.url).pathname;
const EXAMPLES = 'test/fixtures/worked-examples';

function plan(args: readonly string[], input = '') {
  const result = spawnSync(process.execPath, [join(REPOSITORY, 'cli/medic.mjs'), 'plan', ...args], {
    input,
    cwd: REPOSITORY,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status: result.status, out: result.stdout, error: result.stderr };
}

describe('medic plan', () => {
  it('prints the plan as JSON: numbers, arithmetic, all six layers and the digest', () => {
    const { status, out } = plan([`${EXAMPLES}/a.txt`, '--json']);
    expect(status).toBe(0);
    const { digest, nodes } = PlanReport.parse(JSON.parse(out));
    expect(digest).toMatch(/^[0-9a-f]{32}$/);
    expect(nodes[0]).toMatchObject({ kind: 'raise-max', max: { to: 458_752 } });
    expect(nodes[0]?.layers).toHaveLength(6);
  });

  it('has another digest when a number changes', () => {
    const digestOf = (...args: string[]) =>
      PlanReport.parse(JSON.parse(plan([...args, '--json']).out)).digest;
    expect(digestOf(`${EXAMPLES}/a.txt`)).toBe(digestOf(`${EXAMPLES}/a.txt`));
    expect(digestOf(`${EXAMPLES}/a.txt`)).not.toBe(digestOf(`${EXAMPLES}/a.txt`, '--peak', '300000'));
  });

  it('reads standard input and says for people what it costs and how long it lasts', () => {
    const { out } = plan(['-'], readFileSync(join(REPOSITORY, EXAMPLES, 'a.txt'), 'utf8'));
    expect(out).toContain('nf_conntrack_max 131,072 → 458,752, buckets 32,768 → 458,752');
    expect(out).toContain('228 MiB if it fills (1.4 % of memory), chains of 2 then, at the present growth');
    expect(out).toContain('✗ kube-proxy');
  });

  it.each(['a', 'b', 'c', 'd', 'e'])('prints for example %s what the documentation shows', (name) => {
    const path = `${EXAMPLES}/${name}.txt`;
    const page = readFileSync(join(REPOSITORY, 'docs/sizing.md'), 'utf8');
    expect(page).toContain(`$ npx medic plan ${path}\n${plan([path]).out}\`\`\``);
  });

  it('says why nothing is planned', () => {
    expect(plan([`${EXAMPLES}/e.txt`])).toMatchObject({
      status: 0,
      out: expect.stringContaining('Nothing is changed: A flood of half-open connections fills any size'),
    });
    expect(JSON.parse(plan([`${EXAMPLES}/e.txt`, '--json']).out)).toMatchObject({
      schema: 'medic.plan/1',
      nodes: [],
      declined: { verdict: 'half-open-flood' },
    });
  });

  it('raises for a peak that the operator knows, and refuses one that is no number', () => {
    const { out } = plan([`${EXAMPLES}/d.txt`, '--peak', '140000']);
    expect(out).toContain('demand: the known peak of 140,000 entries');
    expect(plan([`${EXAMPLES}/d.txt`, '--peak', '1e6'])).toMatchObject({
      status: 2,
      error: expect.stringContaining('--peak 1e6 is no number of entries'),
    });
  });

  it('does not raise again what was raised a moment ago and is full again', () => {
    const text = readFileSync(join(REPOSITORY, EXAMPLES, 'a.txt'), 'utf8');
    const raised = (seconds: number) =>
      plan(
        ['-'],
        text.replace('incident=', `incident=inc-1\nraised_to=131072\nraised_seconds_ago=${seconds}`),
      ).out;
    expect(raised(300)).toContain('demand is unbounded');
    expect(raised(3_000)).toContain('→ 458,752');
  });
});
