import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPaste } from '../../../../../src/core/paste/read-paste.ts';
import type { Diagnosis } from '../../../../../src/core/record/diagnosis.ts';
import { pastedCases } from '../../../support/corpus.ts';
import { each } from '../../../support/host-lines.ts';
import { diagnosedHosts } from '../../../support/pastes.ts';
import { TWO_HOSTS_RUNS } from '../../../support/property-runs.ts';
import { smallPastes } from '../../../support/small-pastes.ts';

const SEED = 14;

/** What of a diagnosis must not depend on what else was pasted. */
const core = ({ verdict, confidence, findings, offer }: Diagnosis) => ({
  verdict,
  confidence,
  findings,
  offer,
});

/** Texts of one host, with what each gives alone. */
const ALONE = [
  ...pastedCases().map(({ id, text }) => ({ id, text })),
  ...smallPastes().map(({ name, text }) => ({ id: name, text })),
].flatMap(({ id, text }) => {
  const [only, ...others] = diagnosedHosts(text);
  const isOpen = readPaste(text).unassigned !== undefined;
  return only === undefined || others.length > 0 || isOpen || only.host.seen.length === 0
    ? []
    : [{ id, text, alone: core(only.diagnosis) }];
});

/** How people and tools head what a host printed: the heading, and what is done to each line below it. */
const HEADINGS: readonly (readonly [string, (name: string) => string, ((line: string) => string)?])[] = [
  ['Ansible', (name) => `${name} | CHANGED | rc=0 >>`],
  ['a playbook', (name) => `ok: [${name}] =>`],
  ['equals signs', (name) => `=== ${name} ===`],
  ['dashes', (name) => `----- ${name} -----`],
  ['Markdown', (name) => `## ${name}`],
  ['bold', (name) => `**${name}**`],
  ['brackets', (name) => `[${name}]`],
  ['a colon', (name) => `${name}:`],
  ['salt', (name) => `${name}:`, (line) => `    ${line}`],
  ['a key', (name) => `Host: ${name}`],
  ['an arrow', (name) => `>>> ${name}`],
  ['clush', (name) => `---------------\n${name}\n---------------`],
  ['on a host', (name) => `### on ${name} (just now)`],
];

/** Lines that call a machine as such a heading does. */
const SAME_STYLE: ReadonlyMap<string, RegExp> = new Map([
  ['a key', /^(?:Host|Name): |^on the node \(.*\):$/m],
  ['a playbook', /^(?:ok|changed): \[|^on the node \(.*\):$/m],
]);

const NAMES = [
  'node-a',
  'node-b',
  'ip-10-0-1-5.ec2.internal',
  'ip-10-0-1-6.ec2.internal',
  '10.0.7.21',
  '10.0.7.22',
  'worker3',
  'worker4',
  'gke-pool-1-x2k9',
  'web-7.example.com',
];

describe('two texts of one host each under headings', () => {
  it(`give the diagnoses that each gives alone, in ${TWO_HOSTS_RUNS} runs`, () => {
    expect(ALONE.length).toBeGreaterThan(40);
    const ids = ALONE.map(({ id }) => id);
    const one = fc.constantFrom(...ids);
    const told = new Map(ALONE.map((text) => [text.id, text]));
    const names = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(
        one,
        one,
        names,
        fc.constantFrom(...HEADINGS.keys()),
        (firstId, secondId, [a = '', b = ''], style) => {
          const [first, second, heading] = [told.get(firstId), told.get(secondId), HEADINGS[style]];
          if (first === undefined || second === undefined || heading === undefined) return;
          // Two machines that one text calls in the same way are two, whichever of them somebody meant as a heading.
          // So is one that a sentence sets apart from what stands above it in the same text.
          const named = SAME_STYLE.get(heading[0]) ?? /^on the node \(.*\):$/m;
          if ([first, second].some(({ text }) => named.test(text))) return;
          const [, head, wrap = (line: string) => line] = heading;
          const text = `${head(a)}\n${each(first.text, wrap)}\n${head(b)}\n${each(second.text, wrap)}`;
          const given = new Map(
            diagnosedHosts(text).map(({ host, diagnosis }) => [host.host, core(diagnosis)]),
          );
          expect(Object.fromEntries(given)).toEqual({ [a]: first.alone, [b]: second.alone });
        },
      ),
      { numRuns: TWO_HOSTS_RUNS, seed: SEED },
    );
  });
});
