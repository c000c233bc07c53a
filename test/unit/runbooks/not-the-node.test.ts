import { expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { diagnose } from '../../../src/core/diagnosis/diagnose.ts';
import { snapshotOf } from '../../../src/core/snapshot/snapshot-of.ts';
import { recordedCases } from '../support/captures.ts';

const clean = recordedCases().flatMap(({ name, capture }) => {
  const snapshot = snapshotOf(capture);
  const { diagnosis } = diagnose(snapshot, catalogue, 'i-1');
  return diagnosis.verdict === 'not-the-node'
    ? [
        {
          name,
          snapshot,
          facts: diagnosis.findings.find(({ mode }) => mode === 'not-the-node')?.because ?? [],
        },
      ]
    : [];
});

it.each(clean)('$name: each fact is said once', ({ facts }) => {
  const said = facts.map(({ fact, value, source }) => `${fact} ${value} ${source}`);
  expect(said).toEqual([...new Set(said)]);
});

const withHistory = clean.filter(
  ({ snapshot }) =>
    snapshot.log.known && snapshot.log.value.messages.some(({ kind }) => kind === 'table-full'),
);

it('is recorded with a table that was full before', () => {
  expect(withHistory.length).toBeGreaterThan(0);
});

it.each(withHistory)('$name: lines of what has ended stand beside those of present trouble', ({ facts }) => {
  const lines = new Map(facts.map(({ fact, value }) => [fact, value]));
  expect(lines.get('kernel messages of present trouble')).toBe('0');
  expect(lines.get('kernel messages of what has ended or is harmless')).toMatch(/^[1-9]/);
});
