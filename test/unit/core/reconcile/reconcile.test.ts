import { expect, it } from 'vitest';
import type { Duty, ReconcilePorts } from '../../../../src/core/reconcile/duty.ts';
import { reconcile } from '../../../../src/core/reconcile/reconcile.ts';
import { buildIncident } from '../../support/incidents.ts';

const NOW = Date.parse('2026-11-23T15:00:00.000Z');
const { head } = buildIncident('awaiting-approval');
const ids = ['inc-00000001', 'inc-00000002', 'inc-00000003'];

/** Only what the reconciler itself asks for; the duties of these tests ask for nothing. */
function portsOf(events: string[], running: () => Promise<ReadonlySet<string>> = async () => new Set()) {
  const ports = {
    store: {
      unfinished: async () => ids,
      head: async (id: string) => ({ ...head, id }),
    },
    workflows: { running },
    clock: { now: () => NOW },
    log: (event: string) => events.push(event),
  };
  return ports as unknown as ReconcilePorts;
}

it('a duty that fails for one incident stops neither its other duties nor other incidents', async () => {
  const done: string[] = [];
  const first: Duty = {
    name: 'first',
    run: async (_tick, { id }) => {
      if (id === ids[1]) throw new Error('Slack is away');
      return 'done';
    },
  };
  const second: Duty = {
    name: 'second',
    run: async (_tick, { id }) => {
      done.push(id);
      return undefined;
    },
  };
  const events: string[] = [];
  const reconciled = await reconcile(portsOf(events), NOW + 1, [first, second]);
  expect(reconciled).toEqual({ unfinished: 3, done: 2, failed: 1, left: 0 });
  expect(done.toSorted()).toEqual(ids);
  expect(events.filter((event) => event === 'duty-failed')).toHaveLength(1);
});

it('begins with none when its time is over, and says how many are left', async () => {
  expect(await reconcile(portsOf([]), NOW, [])).toMatchObject({ unfinished: 3, left: 3 });
});

it('does what needs no list of executions when there is none', async () => {
  const events: string[] = [];
  const duty: Duty = { name: 'any', run: async () => 'done' };
  const unlisted = () => Promise.reject(new Error('AccessDenied'));
  expect(await reconcile(portsOf(events, unlisted), NOW + 1, [duty])).toMatchObject({ done: 3 });
  expect(events).toContain('executions-not-listed');
});
