import { describe, expect, it } from 'vitest';
import { auditOf } from '../../../src/core/audit/audit.ts';
import { auditMarkdown } from '../../../src/core/audit/audit-markdown.ts';
import { dismiss } from '../../../src/core/incident/quiet.ts';
import type { Incident } from '../../../src/core/record/incident.ts';
import { findViewLimitViolations } from '../../../src/slack/block-limits.ts';
import { ANA } from '../support/incidents.ts';
import { BO, decisionsOf, type Press, press, setUpClicks, slack, store, stored, world } from './clicking.ts';

setUpClicks();

/** Chooses in the folded menu, as Slack sends it. */
const choose = (incident: Incident, what: string, given: Press = {}) =>
  press(incident, {
    ...given,
    payload: (shape) => {
      const plan = what === 'snooze' ? { plan: incident.head.plan?.digest } : {};
      const value = JSON.stringify({ incident: incident.head.id, ...plan, do: what });
      const option = { text: { type: 'plain_text', text: what }, value };
      return {
        ...shape,
        actions: [{ type: 'overflow', action_id: 'medic.others', block_id: 'x', selected_option: option }],
      };
    },
  });

describe('Snooze', () => {
  it('is a dismissal that keeps the alarm quiet for an hour, and says so', async () => {
    const incident = await stored('awaiting-approval');
    await choose(incident, 'snooze');
    const [decision] = await decisionsOf(incident);
    expect(decision).toMatchObject({ kind: 'dismiss', snoozeSeconds: 3600 });
    expect(world.woken).toEqual(['callback-id']);
    const head = await store.head(incident.head.id);
    if (head === undefined) throw new Error('The incident is gone.');
    const now = Date.now();
    const { quiet, transitions } = dismiss(head, ANA, now, 60);
    expect(Date.parse(quiet?.until ?? '') - now).toBe(3_600_000);
    expect(transitions.at(-1)?.why).toBe('Snoozed for 60 min by a click.');
  });

  it('is for approvers alone', async () => {
    const incident = await stored('awaiting-approval');
    expect(await choose(incident, 'snooze', { user: BO })).toEqual([
      expect.stringContaining('Ask <@U0ANA0001>'),
    ]);
    expect(await decisionsOf(incident)).toEqual([]);
  });
});

describe('All nodes', () => {
  it('of an approver has the page of the fleet made for that person, and decides nothing', async () => {
    const incident = await stored('awaiting-approval');
    expect(await choose(incident, 'show-fleet')).toEqual([]);
    expect(world.pages).toMatchObject([
      { of: 'fleet', incidentId: incident.head.id, user: world.approvers[0], responseUrl: slack.responseUrl },
    ]);
    expect(await decisionsOf(incident)).toEqual([]);
  });

  it('is for approvers alone, because it shows every node', async () => {
    const incident = await stored('awaiting-approval');
    expect(await choose(incident, 'show-fleet', { user: BO })).toEqual([
      expect.stringMatching(/every node.*Ask <@U0ANA0001>/),
    ]);
    expect(world.pages).toEqual([]);
  });
});

describe('Not this', () => {
  it('keeps the verdict that is called wrong with its readings, once, and shows it', async () => {
    const incident = await stored('no-fix-offered');
    expect(await choose(incident, 'not-this')).toEqual([expect.stringContaining('npx medic audit')]);
    expect(world.shown).toEqual([incident.head.id]);
    expect(await choose(incident, 'not-this')).toEqual([expect.stringContaining('already')]);
    const history = await store.history(incident.head.id);
    if (history === undefined) throw new Error('The incident is gone.');
    const readings = incident.collections.map(({ instanceId, collection }) => ({
      instanceId,
      collection,
      verdict: 'listen-overflow',
    }));
    expect(history.head.doubts).toEqual([
      expect.objectContaining({ actor: expect.objectContaining({ id: ANA.id }) as object, readings }),
    ]);
    expect(history.head.state).toBe('no-fix-offered');
    const told = auditMarkdown(auditOf(history));
    expect(told).toContain('## Which verdicts were called wrong');
    expect(told).toContain('not kept');
  });

  it('is for approvers alone, and says who they are', async () => {
    const incident = await stored('no-fix-offered');
    expect(await choose(incident, 'not-this', { user: BO })).toEqual([
      expect.stringContaining('Ask <@U0ANA0001>'),
    ]);
    expect((await store.head(incident.head.id))?.doubts).toBeUndefined();
  });
});

it('tells an approver where the raw output lies, and nobody else', async () => {
  const incident = await stored('resolved');
  const [first] = incident.collections;
  if (first === undefined) throw new Error('No node was read.');
  await store.putCollection(incident.head.id, {
    ...first,
    collection: first.collection + 1,
    evidence: 's3://bucket/raw/a.txt',
    evidenceHash: 'c'.repeat(64),
  });
  expect(await choose(incident, 'raw-evidence')).toEqual([
    expect.stringContaining('aws s3 cp s3∶//bucket/raw/a.txt -'),
  ]);
  expect(await choose(incident, 'raw-evidence', { user: BO })).toEqual([
    expect.stringContaining('Ask <@U0ANA0001>'),
  ]);
});

it('opens everything behind More for anyone who sees the card', async () => {
  const incident = await stored('awaiting-approval');
  expect(await press(incident, { action: 'medic.show-more', user: BO })).toEqual([]);
  const view: unknown = JSON.parse(
    String(slack.calls.find(({ path }) => path === '/api/views.open')?.body['view']),
  );
  expect(findViewLimitViolations(view)).toEqual([]);
  expect(JSON.stringify(view)).toContain('ethtool -S: not installed');
  expect(JSON.stringify(view)).toContain('conntrack.maxPerCore 32768 is written again at its restart');
});

it.each([
  ['an order of a button in the menu', 'apply-all'],
  ['nothing', ''],
])('does nothing for %s', async (_what, what) => {
  const incident = await stored('awaiting-approval');
  expect(await choose(incident, what)).toEqual([expect.stringContaining('nothing was done')]);
  expect(await decisionsOf(incident)).toEqual([]);
});

it('does nothing for a button of its own that only the menu has', async () => {
  const incident = await stored('awaiting-approval');
  expect(await press(incident, { action: 'medic.snooze' })).toEqual([
    expect.stringContaining('nothing was done'),
  ]);
});
