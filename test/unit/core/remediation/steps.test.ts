import { describe, expect, test } from 'vitest';
import type { Remediation } from '../../../../src/core/record/incident.ts';
import {
  changedNodes,
  isAllVerified,
  type NodeState,
  nodeStates,
  reversibleNodes,
} from '../../../../src/core/remediation/steps.ts';
import { instanceId } from '../../support/diagnoses.ts';

const id = instanceId(0);
const verification = (passed: boolean) => ({
  passed,
  why: `${id}: ${passed ? 'good' : 'bad'}.`,
  collection: 2,
});

/** Everything that can have become of a step. */
const STEPS: Readonly<Record<string, Partial<Remediation>>> = {
  'a raise without an answer': {},
  'a raise not verified yet': { outcome: 'raised' },
  'a raise that is verified': { outcome: 'raised', verification: verification(true) },
  'a raise that failed its verification': { outcome: 'raised', verification: verification(false) },
  'a raise whose answer was lost': { outcome: 'unknown' },
  'a raise that was not the plan': { outcome: 'unknown', differs: true },
  'a raise that was refused': { outcome: 'refused' },
  'a raise that failed': { outcome: 'failed' },
  'a raise that found nothing to do': { outcome: 'unchanged' },
  'a deletion': { kind: 'delete-udp-entries', outcome: 'changed', verification: verification(true) },
  'a rollback without an answer': { kind: 'rollback' },
  'a rollback that worked': { kind: 'rollback', outcome: 'rolled-back' },
  'a rollback with nothing left to do': { kind: 'rollback', outcome: 'unchanged' },
  'a rollback that was refused': { kind: 'rollback', outcome: 'refused' },
  'a rollback that failed': { kind: 'rollback', outcome: 'failed' },
  'a rollback whose answer was lost': { kind: 'rollback', outcome: 'unknown' },
};

type Name = keyof typeof STEPS;
const NAMES: readonly Name[] = Object.keys(STEPS);
const ORDERS: readonly (readonly Name[])[] = NAMES.flatMap((a) => [
  [a],
  ...NAMES.flatMap((b) => [[a, b], ...NAMES.map((c) => [a, b, c])]),
]);

const step = (name: Name, decision: number, node = id): Remediation => ({
  kind: 'raise-max',
  instanceId: node,
  decision,
  claimedAt: '2026-11-23T15:00:00.000Z',
  ...STEPS[name],
});
const stepsOf = (names: readonly Name[], node = id) =>
  names.map((name, index) => step(name, index + 1, node));
const fold = (names: readonly Name[]): NodeState => {
  const state = nodeStates({ remediations: stepsOf(names) }).get(id);
  if (state === undefined) throw new Error('The node has steps.');
  return state;
};

const TAKES_BACK: ReadonlySet<string> = new Set([
  'a rollback that worked',
  'a rollback with nothing left to do',
]);
const isRollback = (name: Name): boolean => name.startsWith('a rollback');
const CHANGES_NOTHING: ReadonlySet<string> = new Set([
  'a raise that was refused',
  'a raise that failed',
  'a raise that found nothing to do',
]);
const sinceTakenBack = (names: readonly Name[]) =>
  names.slice(names.findLastIndex((name) => TAKES_BACK.has(name)) + 1);

/** Every order in which something is not as it has to be. */
const wrong = (isRight: (names: readonly Name[]) => boolean) =>
  ORDERS.filter((names) => !isRight(names)).map((names) => names.join(', then '));

describe('the state of a node after its steps, in every order of three', () => {
  test('it stands changed from a change that worked, or may have, until a rollback that did', () => {
    const may = (name: Name) => !isRollback(name) && !CHANGES_NOTHING.has(name);
    expect(
      wrong((names) => {
        const nodes = changedNodes({ remediations: stepsOf(names) });
        return nodes.includes(id) === sinceTakenBack(names).some(may);
      }),
    ).toEqual([]);
  });

  test('a later step that did nothing changes nothing of what stands, nor whether it is verified', () => {
    const idle = NAMES.filter(
      (name) => CHANGES_NOTHING.has(name) || (isRollback(name) && !TAKES_BACK.has(name)),
    );
    expect(
      wrong((names) =>
        idle.every((name) => {
          const what = (state: NodeState) =>
            JSON.stringify([state.changes, isAllVerified(state), state.undone]);
          return what(fold(names)) === what(fold([...names, name]));
        }),
      ),
    ).toEqual([]);
  });

  test('a raise that is not verified stays so until another is, or all is taken back', () => {
    const open = (name: Name) =>
      name.startsWith('a raise') && !CHANGES_NOTHING.has(name) && name !== 'a raise that is verified';
    expect(
      wrong((names) => {
        const since = sinceTakenBack(names);
        const isOpen = since.findLastIndex(open) > since.lastIndexOf('a raise that is verified');
        return !(isOpen && isAllVerified(fold(names)));
      }),
    ).toEqual([]);
  });

  test('a rollback that did not work is told until all is taken back or another change answers', () => {
    expect(
      wrong((names) => {
        const last = names.at(-1) ?? '';
        const { changes, rollback } = fold(names);
        if (!isRollback(last) || TAKES_BACK.has(last) || changes.length === 0) return true;
        return rollback?.decision === names.length;
      }),
    ).toEqual([]);
  });

  test('it can be rolled back as long as a raise may stand on it, whatever was deleted since', () => {
    const may = (name: Name) => name.startsWith('a raise') && !CHANGES_NOTHING.has(name);
    expect(
      wrong((names) => {
        const nodes = reversibleNodes({ remediations: stepsOf(names) });
        return nodes.includes(id) === sinceTakenBack(names).some(may);
      }),
    ).toEqual([]);
  });

  test('no other node has a part in it', () => {
    const other = instanceId(1);
    expect(
      wrong((names) => {
        const mixed = names.flatMap((name, index) => [
          step(name, index + 1),
          step(names.at(-1 - index) ?? name, index + 1, other),
        ]);
        const state = nodeStates({ remediations: mixed }).get(id);
        return JSON.stringify(state) === JSON.stringify(fold(names));
      }),
    ).toEqual([]);
  });
});
