import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { assess } from '../../../../src/core/diagnosis/assess.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { renderNodeRunbook } from '../../../../src/core/runbook/render-runbook.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { BUILT, flood } from '../../support/built-nodes.ts';
import { recordedCases } from '../../support/captures.ts';
import { allowances, type BuiltNode, nodeOutput } from '../../support/node-output.ts';

const HEADINGS = [
  'What to do now',
  'Verification',
  'Rollback',
  'Meaning',
  'Impact',
  'Evidence',
  'The change',
  'What not to do and why',
  'Lasting fixes',
  'Sources',
  'Could not be seen',
  'Ruled out',
];

const folders = readdirSync(new URL('../../../../runbooks/', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
  .map(({ name }) => name);

const verdictOf = (node: BuiltNode) => {
  const assessment = assess(nodeOutput(node), {
    instanceId: 'i-1',
    nonce: 'a1b2c3d4e5f6a7b8',
    catalogue,
  });
  if (assessment.kind !== 'diagnosed') throw new Error(assessment.why);
  return assessment.diagnosis;
};

describe('the catalogue', () => {
  it('has each runbook folder once, under its own name', () => {
    expect(catalogue.map(({ id }) => id).sort()).toEqual(folders.sort());
  });

  it('ends with the two modes that speak about all others', () => {
    expect(catalogue.slice(-2).map(({ id }) => id)).toEqual(['not-the-node', 'insufficient-evidence']);
  });

  it('lets a raise be offered in the modes that a larger table fixes, and in no other', () => {
    expect(
      catalogue.flatMap(({ id, raiseEnds }) => (raiseEnds === undefined ? [] : [[id, raiseEnds]])),
    ).toEqual([
      ['table-full', 'drops'],
      ['near-full', 'pressure'],
      ['netns-table-full', 'drops'],
    ]);
    expect(
      catalogue.flatMap(({ id, remediation }) => (remediation?.kind === 'raise-max' ? [id] : [])),
    ).toEqual(['table-full', 'near-full', 'netns-table-full']);
  });

  it('rules the usual suspects out first, each at a position of its own', () => {
    const suspects = catalogue.filter(({ usualSuspect }) => usualSuspect !== undefined);
    const byPlace = suspects.toSorted((a, b) => (a.usualSuspect ?? 0) - (b.usualSuspect ?? 0));
    expect(byPlace.map(({ id }) => id)).toEqual([
      'table-full',
      'ena-throughput-allowance',
      'listen-overflow',
      'snat-race',
      'hash-chains-long',
      'ena-conntrack-allowance',
      'softnet-drops',
      'neighbour-overflow',
    ]);
    expect(new Set(suspects.map(({ usualSuspect }) => usualSuspect)).size).toBe(suspects.length);
  });

  it('has a case for every mode, recorded or built', () => {
    const covered = new Set([...recordedCases().map(({ mode }) => mode), ...BUILT.map(({ mode }) => mode)]);
    expect(folders.filter((mode) => !covered.has(mode))).toEqual([]);
  });
});

describe.each(folders)('the runbook of %s', (mode) => {
  const text = runbookTexts[mode] ?? '';

  it('has every heading in order', () => {
    const own = HEADINGS.filter((heading) => heading !== 'The change' || text.includes('{{plan.layers}}'));
    expect(Array.from(text.matchAll(/^## (.+)$/gm), ([, heading]) => heading)).toEqual(own);
  });

  it('uses known slots only and offers the raise or says why not', () => {
    const capture = readCapture(nodeOutput());
    if (capture === undefined) throw new Error('the built output is no capture');
    const { diagnosis } = diagnose(snapshotOf(capture), catalogue, 'i-1');
    const figures = {
      count: 1,
      max: 2,
      buckets: 3,
      windowSeconds: 10,
      fullDrops: 0,
      earlyDrops: 0,
      kernel: '6.1',
    };
    const subject = { node: 'i-1', diagnosis: { ...diagnosis, verdict: mode }, figures, plan: undefined };
    expect(() => renderNodeRunbook(subject, catalogue, runbookTexts)).not.toThrow();
    if (!['insufficient-evidence', 'hash-chains-long'].includes(mode)) expect(text).toContain('{{offer}}');
  });

  it('gives commands to copy and names its sources', () => {
    expect(text).toMatch(/^## Sources\n\n\S/m);
    if (!['table-full', 'near-full'].includes(mode)) expect(text).toContain('```sh');
  });
});

describe.each(BUILT)('a built node with $mode', ({ mode, node, contributes }) => {
  const diagnosis = verdictOf(node);

  it('gets its verdict', () => {
    expect(contributes ? diagnosis.contributing : [diagnosis.verdict]).toContain(mode);
  });

  it('offers a raise only where the table is what is too small', () => {
    const mayRaise = ['table-full', 'near-full'].includes(diagnosis.verdict);
    expect(mayRaise || !diagnosis.offer.raise).toBe(true);
  });
});

describe('a flood next to a full table', () => {
  it('takes the offer away', () => {
    const full = { count: 131_072, counters: { drop: 900 } };
    expect(verdictOf(full).offer.raise).toBe(true);
    const flooded = verdictOf({ ...full, sections: { 'entries -': flood(3) } });
    expect(flooded).toMatchObject({ verdict: 'table-full', offer: { raise: false } });
    expect(flooded.contributing).toContain('half-open-flood');
  });

  it("is not mistaken for EC2's limit, which takes the offer away too", () => {
    const both = verdictOf({
      count: 131_072,
      counters: { drop: 900 },
      sections: { 'ethtool 1': allowances({ conntrack: 5 }) },
    });
    expect(both).toMatchObject({ verdict: 'table-full', offer: { raise: false } });
    expect(both.contributing).toEqual(['ena-conntrack-allowance']);
  });
});
