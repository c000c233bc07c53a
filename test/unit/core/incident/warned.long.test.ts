import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decide } from '../../../../src/core/incident/decide.ts';
import { findPlaceAndWarnings } from '../../../../src/core/incident/joining/warned.ts';
import { openIncident } from '../../../../src/core/incident/open-incident.ts';
import { receiveAlarm } from '../../../../src/core/incident/receive-alarm.ts';
import { warningAlarm } from '../../../../src/core/incident/warning-alarm.ts';
import { INCIDENT_NODES_MOST } from '../../../../src/core/record/bounds.ts';
import { startTable } from '../../adapters/support.ts';
import { ANA } from '../../support/incidents.ts';
import { interrupted, iso, JoiningWorld, MINUTE, RULES, T0 } from '../../support/joining-world.ts';

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

const HOME = { partition: 'aws', region: 'eu-central-1', account: '123456789012' } as const;

class WarnedWorld extends JoiningWorld {
  warning(letters: string, at = T0 - 90 * MINUTE, state: 'ALARM' | 'OK' = 'ALARM') {
    const instanceIds = Array.from(letters, (letter) => this.node(letter).instanceId);
    const foreseen = instanceIds.map((instanceId) => ({ instanceId, fullInSeconds: 7_200 }));
    return warningAlarm({ instanceIds, state, why: 'It fills up.', at: iso(at), foreseen }, HOME);
  }

  async warned(letters: string): Promise<string> {
    const { head } = await this.store.open(openIncident(this.warning(letters), iso(this.now)));
    await this.set(head.id, { nodes: Array.from(letters, (letter) => this.node(letter)) });
    return head.id;
  }

  settle(id: string, store = this.store) {
    return findPlaceAndWarnings(this.ports(store), id, RULES, { isPatient: false });
  }
}

describe('an alarm about a node that is warned of', () => {
  test('takes the warning over: its nodes and what was foreseen of them are the incident’s, and its card has no button', async () => {
    const it = new WarnedWorld(table);
    const warning = await it.warned('abc');
    expect(await it.settle(warning)).toEqual({ kind: 'leads' });
    await it.waiting(warning);
    const id = await it.opened('latency', 'bd');
    expect(await it.settle(id)).toEqual({ kind: 'leads', tookOver: [warning] });
    const [head, ended] = [await it.head(id), await it.head(warning)];
    expect(ended).toMatchObject({ state: 'joined', joinedTo: id });
    expect(ended.transitions.at(-1)?.why).toContain(`It became ${id}`);
    expect(head.nodes.map(({ instanceId }) => instanceId)).toEqual(
      ['b', 'd', 'a', 'c'].map((letter) => it.node(letter).instanceId),
    );
    expect(head.warned).toMatchObject({
      incidentId: warning,
      since: iso(T0 - 90 * MINUTE),
      becameThis: true,
    });
    expect(head.warned?.foreseen).toHaveLength(3);
    expect(head.joined).toBeUndefined();
    // The alarm of those nodes that comes next joins that incident.
    expect(await it.place(await it.opened('other', 'c'))).toEqual({ kind: 'joined', to: id });
  });

  test('says of nodes that have no room any more that they were left out, once', async () => {
    const it = new WarnedWorld(table);
    const warning = await it.warned('ab');
    await it.settle(warning);
    const id = await it.opened('latency', 'a');
    const others = Array.from({ length: INCIDENT_NODES_MOST - 1 }, (_, index) => ({
      instanceId: `i-0${String(index).padStart(16, '0')}`,
    }));
    await it.set(id, { nodes: [it.node('a'), ...others] });
    await it.settle(id);
    await it.settle(id);
    const { nodes, nodeGaps } = await it.head(id);
    expect(nodes).toHaveLength(INCIDENT_NODES_MOST);
    expect(nodeGaps).toEqual([
      expect.stringMatching(/^1 more node was left out: one incident has at most 200;/),
    ]);
  });

  test('once more changes nothing, wherever the function died', async () => {
    for (let write = 1; write <= 8; write++) {
      const it = new WarnedWorld(table);
      const warning = await it.warned('ab');
      await it.settle(warning);
      const id = await it.opened('latency', 'a');
      const dying = interrupted(it.store, write, async () => {
        throw new Error('The function died.');
      });
      await it.settle(id, dying as typeof it.store).catch(() => {});
      await it.settle(id);
      const head = await it.head(id);
      expect([write, head.nodes.length, head.warned?.incidentId]).toEqual([write, 2, warning]);
      expect(await it.head(warning)).toMatchObject({ state: 'joined', joinedTo: id });
    }
  });

  test('leaves a warning alone on whose card somebody has clicked, and says since when it stood', async () => {
    const it = new WarnedWorld(table);
    const warning = await it.warned('a');
    await it.settle(warning);
    await it.waiting(warning);
    await it.store.update(warning, (head) =>
      decide(
        head,
        { kind: 'apply-all', actor: ANA, planDigest: head.plan?.digest ?? '' },
        { now: it.now, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 },
      ),
    );
    const id = await it.opened('latency', 'a');
    expect(await it.settle(id)).toEqual({ kind: 'leads' });
    expect(await it.head(warning)).toMatchObject({ state: 'awaiting-approval' });
    expect((await it.head(id)).nodes).toHaveLength(1);
    expect((await it.head(id)).warned).toMatchObject({ incidentId: warning });
    expect((await it.head(id)).warned?.becameThis).toBeUndefined();
  });

  test('knows nothing of a warning that is over', async () => {
    const it = new WarnedWorld(table);
    const warning = await it.warned('a');
    await it.settle(warning);
    await it.store.noteOk(it.warning('a').arn, iso(T0 - MINUTE));
    const id = await it.opened('latency', 'a');
    expect(await it.settle(id)).toEqual({ kind: 'leads' });
    expect((await it.head(id)).warned).toBeUndefined();
  });
});

test('the warning’s own end neither ends the incident that it became, nor its return keeps that open', async () => {
  const it = new WarnedWorld(table);
  const warning = await it.warned('a');
  await it.settle(warning);
  const id = await it.opened('latency', 'a');
  await it.settle(id);
  await it.store.close(await it.head(warning));
  expect(await receiveAlarm(it.intake(), it.warning('a', T0 + MINUTE, 'OK'))).toBe('nothing-open');
  expect((await it.head(id)).alarmOkAt).toBeUndefined();
  expect(await receiveAlarm(it.intake(), it.warning('a', T0 + 2 * MINUTE))).toBe('counted-where-it-joined');
  expect((await it.head(id)).seen.count).toBe(1);
});

test('a warning about nodes that open incidents have is theirs already, and one about others is its own', async () => {
  const it = new WarnedWorld(table);
  const id = await it.leading('latency', 'ab');
  const known = await it.warned('ab');
  expect(await it.settle(known)).toEqual({ kind: 'joined', to: id });
  expect(await it.head(known)).toMatchObject({ state: 'joined', joinedTo: id });
  const more = await it.warned('bc');
  expect(await it.settle(more)).toEqual({ kind: 'leads' });
});
