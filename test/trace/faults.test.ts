import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../runbooks/index.ts';
import { consequencesOf } from '../../src/core/trace/summary.ts';
import { has } from '../nodes/support/shells.ts';
import { withoutTools } from '../nodes/support/tools.ts';
import {
  canTrace,
  dropAnswer,
  dropSyn,
  egress,
  expectLost,
  expectSame,
  ingress,
  Labs,
  look,
  MIDDLE_MS,
  table,
} from './support/faults.ts';

/** An address of the client from which every fifth connection may come. */
const SOURCE = '198.19.9.9';

/**
 * Faults of one block are made side by side, each in a lab of its own. What the kernel frees is counted for the whole machine, so
 * only those stand together that do not look like the cause of each other; the table of docs/trace.md is drawn with one at a time.
 */
const BESIDE = { concurrent: process.env['MEDIC_TRACE_SEEN'] !== '1' };

describe.runIf(canTrace)('a fault in the lab', () => {
  const labs = new Labs();
  afterAll(async () => {
    await labs.end();
    table.write();
  });

  describe('beside one that only NAT can make', () => {
    it(
      'is none: nothing is lost, and the node is told not to be it',
      BESIDE,
      labs.within(async (lab) => {
        const { truth, summary } = await look(lab, 'none');
        expectSame(summary.connections, truth.connections);
        expect(summary.delayed).toBe(0);
        expect(consequencesOf(summary, catalogue)).toEqual([
          expect.objectContaining({ mode: 'not-the-node', speaks: 'for' }),
        ]);
      }),
    );

    it(
      'is NAT without a port left for one source in five',
      BESIDE,
      labs.within(async (lab) => {
        // The application keeps its end open, so that the few ports stay taken.
        await lab.serve(4096, 60_000);
        await lab.in(lab.client, `ip address add ${SOURCE}/32 dev lo`);
        await lab.in(lab.node, `ip route add ${SOURCE}/32 via ${lab.addresses.client}`);
        await lab.rules(
          lab.node,
          `insert rule ip lab_nat out oifname "veth0" ip saddr ${SOURCE} meta l4proto tcp snat to ${lab.addresses.inner}:20000-20003`,
        );
        try {
          await expect(
            expectLost(
              lab,
              'NAT without a port left, one source in five',
              { edge: 'node', packet: 'SYN', cause: 'insert-failed' },
              { localAddress: SOURCE },
            ),
          ).resolves.toBeDefined();
        } finally {
          await lab.in(lab.node, `ip route del ${SOURCE}/32`);
          await lab.in(lab.client, `ip address del ${SOURCE}/32 dev lo`);
        }
      }),
    );
  });

  describe('beside one of legacy iptables', () => {
    it(
      'is an application that answers late: no connection waits to be opened',
      BESIDE,
      labs.within(async (lab) => {
        await lab.serve(4096, 2000);
        const { truth, summary } = await look(lab, 'a slow application: it answers after 2 s');
        expectSame(summary.connections, truth.connections);
        expect({ found: summary.delayed, truth: truth.delayed, lost: summary.lost }).toEqual({
          found: 0,
          truth: 0,
          lost: [],
        });
      }),
    );

    it.runIf(has('iptables-legacy'))(
      'is a rule of legacy iptables',
      BESIDE,
      labs.within(async (lab) => {
        const rule = 'FORWARD -i up0 -p tcp --syn -m statistic --mode random --probability 0.2 -j DROP';
        await lab.in(lab.node, `iptables-legacy -A ${rule}`);
        try {
          await expect(
            expectLost(lab, 'a rule of legacy iptables, 20 %', {
              edge: 'node',
              packet: 'SYN',
              cause: 'iptables-rule',
            }),
          ).resolves.toBeDefined();
        } finally {
          await lab.in(lab.node, `iptables-legacy -D ${rule}`);
        }
      }),
    );
  });

  describe('beside one that nftables make as well', () => {
    it(
      'is a rule of nftables',
      BESIDE,
      labs.within(async (lab) => {
        await lab.rules(
          lab.node,
          'table inet lab { chain f { type filter hook forward priority 0; iifname "up0" tcp flags & (syn|ack) == syn numgen random mod 100 < 20 drop; }; }',
        );
        await expect(
          expectLost(lab, 'a rule of nftables, 20 %', {
            edge: 'node',
            packet: 'SYN',
            cause: 'nftables-rule',
          }),
        ).resolves.toBeDefined();
      }),
    );

    it.runIf(has('python3'))(
      'is found by Python as well',
      BESIDE,
      labs.within(async (lab) => {
        await lab.rules(lab.node, dropSyn('veth', egress('veth0'), 20));
        const environment = await withoutTools('tcpdump');
        const { trace } = await expectLost(
          lab,
          "the pod's interface, 20 %, with Python",
          { edge: 'node', packet: 'SYN' },
          { environment },
        );
        expect(trace.rung).toBe('python');
      }),
    );
  });

  describe('beside others around the pod', () => {
    it(
      'is loss at the pod’s interface on the node',
      BESIDE,
      labs.within(async (lab) => {
        await lab.rules(lab.node, dropSyn('veth', egress('veth0'), 20));
        await expect(
          expectLost(lab, "loss at the pod's interface, 20 %", { edge: 'node', packet: 'SYN' }),
        ).resolves.toBeDefined();
      }),
    );

    it(
      'is loss in the pod',
      BESIDE,
      labs.within(async (lab) => {
        await lab.rules(lab.pod, dropSyn('pod', ingress('eth0'), 20));
        await expect(
          expectLost(lab, 'loss in the pod, 20 %', { edge: 'inside', packet: 'SYN' }),
        ).resolves.toBeDefined();
      }),
    );

    it(
      'is two at once, each with its own count',
      BESIDE,
      labs.within(async (lab) => {
        await lab.rules(lab.node, dropSyn('veth', egress('veth0'), 15));
        await lab.rules(lab.pod, dropSyn('pod', ingress('eth0'), 15));
        const { truth, summary } = await look(lab, "two at once: the pod's interface and the pod, 15 % each");
        expectSame(summary.delayed, truth.delayed);
        expect(summary.lost.map(({ edge }) => edge).toSorted()).toEqual(['inside', 'node']);
        expectSame(
          summary.lost.reduce((sum, { count }) => sum + count, 0),
          truth.delayed,
        );
      }),
    );
  });

  describe('beside another that loses answers', () => {
    it(
      'is loss of answers at the uplink',
      BESIDE,
      labs.within(async (lab) => {
        await lab.rules(lab.node, dropAnswer('up', egress('up0'), 20));
        await expect(
          expectLost(lab, 'loss of answers at the uplink, 20 %', { edge: 'node', packet: 'answer' }),
        ).resolves.toBeDefined();
      }),
    );

    it(
      'is loss of answers beyond the node',
      BESIDE,
      labs.within(async (lab) => {
        await lab.rules(lab.client, dropAnswer('beyond', ingress('eth0'), 20));
        await expect(
          expectLost(lab, 'loss of answers beyond the node, 20 %', {
            edge: 'outside',
            packet: 'answer',
          }),
        ).resolves.toBeDefined();
      }),
    );
  });

  describe('beside one outside of the machine', () => {
    it(
      'is loss before the machine, which leaves no mark on it',
      BESIDE,
      labs.within(async (lab) => {
        await lab.rules(lab.client, dropSyn('before', egress('eth0'), 20));
        const { truth, summary } = await look(lab, 'loss before the machine, 20 %');
        expect(truth.delayed).toBeGreaterThan(10);
        expect(summary.lost).toEqual([]);
        expect(consequencesOf(summary, catalogue)).toEqual([
          expect.objectContaining({ mode: 'not-the-node', speaks: 'for' }),
        ]);
      }),
    );

    it(
      'is the reverse path filter',
      BESIDE,
      labs.within(async (lab) => {
        const filter = (value: 0 | 1) =>
          `sysctl -qw net.ipv4.conf.all.rp_filter=${value} net.ipv4.conf.up0.rp_filter=${value}`;
        await lab.in(lab.client, `ip address add ${SOURCE}/32 dev lo`);
        await lab.in(lab.node, `ip route add 198.19.9.0/24 dev veth0 && ${filter(1)}`);
        try {
          await expect(
            expectLost(
              lab,
              'rp_filter, one source in five',
              { edge: 'node', packet: 'SYN', cause: 'reverse-path' },
              { localAddress: SOURCE },
            ),
          ).resolves.toBeDefined();
        } finally {
          await lab.in(lab.node, `ip route del 198.19.9.0/24 && ${filter(0)}`);
          await lab.in(lab.client, `ip address del ${SOURCE}/32 dev lo`);
        }
      }),
    );
  });

  describe('beside a queue of another kind', () => {
    it(
      'is the queue of an interface that is shaped',
      BESIDE,
      labs.within(async (lab) => {
        // Less than a hundred connections a second send to the pod.
        const shape = async () => {
          await sleep(MIDDLE_MS);
          await lab.in(lab.node, 'tc qdisc add dev veth0 root tbf rate 120kbit burst 1600 limit 1600');
          await sleep(2000);
          await lab.in(lab.node, 'tc qdisc del dev veth0 root');
        };
        const where = { edge: 'node', packet: 'SYN', cause: 'queueing' };
        const fault = "a queue of the pod's interface that is too slow (tbf), for 2 s";
        await expect(expectLost(lab, fault, where, { during: shape })).resolves.toBeDefined();
      }),
    );

    it(
      'is a listen queue where the pod does not accept for a while',
      BESIDE,
      labs.within(async (lab) => {
        const server = await lab.serve(4, 0);
        const stop = async () => {
          await sleep(MIDDLE_MS);
          server.kill('SIGSTOP');
          await sleep(2000);
          server.kill('SIGCONT');
        };
        const { summary } = await look(lab, "the listener's queue, for 2 s", { rate: 60, during: stop });
        expect(summary.lost[0]).toMatchObject({ edge: 'inside', packet: 'SYN' });
        expect(summary.lost[0]?.causes[0]?.id).toBe('listen-queue');
        expect(consequencesOf(summary, catalogue)).toContainEqual(
          expect.objectContaining({ mode: 'listen-overflow' }),
        );
      }),
    );
  });
});
