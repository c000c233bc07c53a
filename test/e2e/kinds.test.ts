import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalService, startService } from '../../local/demo/service.ts';
import { openWorkDir } from '../../local/demo/work-dir.ts';
import { scratchNamespaceAvailable } from '../../local/recorded/scratch-namespace.ts';
import { has } from '../nodes/support/shells.ts';
import { ILLNESSES } from './support/illnesses.ts';
import { KindNode } from './support/kind-node.ts';
import { nodesUnderTest } from './support/nodes-under-test.ts';
import { Patient } from './support/patient.ts';
import { SLACK_SECOND_MS, WAIT_SECOND_MS } from './support/wait-second.ts';

const kinds = Object.keys(ILLNESSES) as (keyof typeof ILLNESSES)[];
const isReal = await scratchNamespaceAvailable();
if (!isReal) console.log('skipped: the scripts run only where private namespaces are allowed');
const canDelete = process.getuid?.() === 0 && has('conntrack');

describe.skipIf(!isReal)('a change besides the raise, with the real scripts', { concurrent: true }, () => {
  let workDir: string;
  let service: LocalService;
  let patients: ReadonlyMap<keyof typeof ILLNESSES, Patient<KindNode>>;

  beforeAll(async () => {
    workDir = await openWorkDir();
    const nodes = await Promise.all(
      kinds.map((kind, index) =>
        KindNode.open(`i-0${String(index + 1).padStart(16, '0')}`, join(workDir, kind), ILLNESSES[kind]),
      ),
    );
    service = await startService({
      nodes: nodesUnderTest('nodes of the tests, their evidence built from their values', nodes),
      workDir,
      port: 0,
      slackPatienceMs: 30_000,
      slackSecondMs: SLACK_SECOND_MS,
      waitSecondMs: WAIT_SECOND_MS,
      environment: {
        MEDIC_SETTLE_SECONDS: '1',
        MEDIC_ALARM_TARGETS: JSON.stringify(
          kinds.map((kind, index) => ({ alarm: kind, instanceIds: [nodes[index]?.instanceId] })),
        ),
      },
      onFailure: (why) => console.error(why),
    });
    patients = new Map(
      kinds.flatMap((kind, index) => {
        const node = nodes[index];
        return node === undefined ? [] : [[kind, new Patient(service, kind, [node])] as const];
      }),
    );
  });
  afterAll(async () => {
    await service.close();
    await rm(workDir, { recursive: true, force: true });
  });

  function take(kind: keyof typeof ILLNESSES) {
    const it = patients.get(kind);
    const [node] = it?.nodes ?? [];
    if (it === undefined || node === undefined) throw new Error(`There is no node for ${kind}.`);
    return { it, node };
  }

  test.each([
    ['raise-buckets', 'nf_conntrack_buckets 1,024 → 131,072', '0 packets refused for long chains'],
    [
      'shorten-timeouts',
      'nf_conntrack_tcp_timeout_close_wait 3,600 → 60',
      'nf_conntrack_tcp_timeout_close_wait 60',
    ],
    ['raise-neighbour-thresholds', 'ipv4 gc_thresh3 1,024 → 4,096', '0 neighbours refused'],
  ] as const)(
    '%s: one click changes, verifies and keeps it, and it comes off again',
    async (kind, change, proof) => {
      const { it, node } = take(kind);
      const before = await node.settings();
      const { plan } = await it.fallIll();
      expect(plan?.nodes.map((one) => one.kind)).toEqual([kind]);
      await it.cardSays(change);
      expect(await it.card()).not.toContain('nf_conntrack_max 131,072 →');
      expect(node.documents).toEqual(['medic-collect']);

      await it.press('apply-one');
      const head = await it.reach('resolved');
      expect(head.remediations).toMatchObject([{ kind, outcome: 'changed', verification: { passed: true } }]);
      await it.cardSays(proof);
      const planned = plan?.nodes[0];
      const changes = planned !== undefined && 'changes' in planned ? planned.changes : [];
      expect(await node.settings()).toEqual({
        ...before,
        ...Object.fromEntries(changes.map(({ key, to }) => [key, to])),
      });
      for (const { key } of changes) expect([key, await node.keeps(key)]).toEqual([key, true]);

      await it.press('rollback');
      await it.reach('rolled-back');
      const kept = kind === 'raise-buckets' ? await node.settings() : before;
      expect(await node.settings()).toEqual(kept);
      for (const { key } of changes) expect([key, await node.keeps(key)]).toEqual([key, false]);
      expect(node.documents.filter((name) => name !== 'medic-collect')).toEqual([
        'medic-settings',
        'medic-rollback',
      ]);
    },
  );

  test.skipIf(!canDelete)(
    'delete-udp-entries: one click deletes what goes to the dead backend, and nothing can be rolled back',
    async () => {
      const { it, node } = take('delete-udp-entries');
      await it.fallIll();
      await it.cardSays('UDP entries to 10.96.0.10 port 53 that go to 10.1.1.5');
      await it.cardSays('A deletion can not be rolled back');
      await it.press('apply-one');
      const head = await it.reach('resolved');
      expect(head.remediations).toMatchObject([
        { kind: 'delete-udp-entries', outcome: 'changed', deleted: 3, verification: { passed: true } },
      ]);
      await it.cardSays('deleted 3 entries and verified');
      expect(await it.buttons()).not.toContain('rollback');
      expect(node.documents.filter((name) => name !== 'medic-collect')).toEqual(['medic-delete-udp-entry']);
    },
  );
});
