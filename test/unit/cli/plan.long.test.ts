import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlanReport } from '../../../src/core/diagnosis/plan-report.ts';
import { medic, medicProcess } from '../support/medic.ts';

const REPOSITORY = new URL('../../../', import.meta.url).pathname;
const EXAMPLES = 'test/fixtures/worked-examples';

const plan = (args: readonly string[], input = '') => medic(['plan', ...args], input);

describe('medic plan', () => {
  it('prints the plan as JSON: numbers, arithmetic, all six layers and the digest', () => {
    const { status, out } = medicProcess(['plan', `${EXAMPLES}/a.txt`, '--json']);
    expect(status).toBe(0);
    const { digest, nodes } = PlanReport.parse(JSON.parse(out));
    expect(digest).toMatch(/^[0-9a-f]{32}$/);
    expect(nodes[0]).toMatchObject({ kind: 'raise-max', max: { to: 458_752 } });
    expect(nodes[0]?.layers).toHaveLength(6);
  });

  it('has another digest when a number changes', async () => {
    const digestOf = async (...args: string[]) =>
      PlanReport.parse(JSON.parse((await plan([...args, '--json'])).out)).digest;
    expect(await digestOf(`${EXAMPLES}/a.txt`)).toBe(await digestOf(`${EXAMPLES}/a.txt`));
    expect(await digestOf(`${EXAMPLES}/a.txt`)).not.toBe(
      await digestOf(`${EXAMPLES}/a.txt`, '--peak', '300000'),
    );
  });

  it('reads standard input and says for people what it costs and comes to', async () => {
    const { out } = await plan(['-'], readFileSync(join(REPOSITORY, EXAMPLES, 'a.txt'), 'utf8'));
    expect(out).toContain('nf_conntrack_max 131,072 → 458,752, buckets 32,768 → 458,752');
    expect(out).toContain('228 MiB if it fills (1.4 % of memory), chains of 2 then, settles at about 29 %');
    expect(out).toContain('✗ kube-proxy');
  });

  it.each(['a', 'b', 'c', 'd', 'e'])('prints for example %s what the documentation shows', async (name) => {
    const path = `${EXAMPLES}/${name}.txt`;
    const page = readFileSync(join(REPOSITORY, 'docs/sizing.md'), 'utf8');
    expect(page).toContain(`$ npx medic plan ${path}\n${(await plan([path])).out}\`\`\``);
  });

  it('says why nothing is planned', async () => {
    expect(await plan([`${EXAMPLES}/e.txt`])).toMatchObject({
      status: 0,
      out: expect.stringContaining('Nothing is changed: A flood of half-open connections fills any size'),
    });
    expect(JSON.parse((await plan([`${EXAMPLES}/e.txt`, '--json'])).out)).toMatchObject({
      schema: 'medic.plan/1',
      nodes: [],
      declined: { verdict: 'half-open-flood' },
    });
  });

  it('raises for a peak that the operator knows, and refuses one that is no number', async () => {
    const { out } = await plan([`${EXAMPLES}/d.txt`, '--peak', '140000']);
    expect(out).toContain('demand: the known peak of 140,000 entries');
    expect(await plan([`${EXAMPLES}/d.txt`, '--peak', '1e6'])).toMatchObject({
      status: 2,
      error: expect.stringContaining('--peak 1e6 is no number of entries'),
    });
  });

  it('does not raise again what was raised a moment ago and is full again', async () => {
    const text = readFileSync(join(REPOSITORY, EXAMPLES, 'a.txt'), 'utf8');
    const raised = async (seconds: number) => {
      const record = `incident=inc-1\nraised_to=131072\nraised_seconds_ago=${seconds}`;
      return (await plan(['-'], text.replace('incident=', record))).out;
    };
    expect(await raised(300)).toContain('demand is unbounded');
    expect(await raised(3_000)).toContain('→ 458,752');
  });
});
