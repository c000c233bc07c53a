import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../runbooks/index.ts';
import { consequencesOf, namesOf, sentencesOf, summaryOf } from '../../src/core/trace/summary.ts';
import { has, isRoot } from '../nodes/support/shells.ts';
import { withoutTools } from '../nodes/support/tools.ts';
import { FaultTable } from './support/table.ts';
import { type Opened, openTraceLab, type TraceLab, truthOf } from './support/trace-lab.ts';

const canTrace =
  isRoot && process.env['MEDIC_KERNEL'] === '1' && has('ip', 'nft', 'nsenter', 'unshare', 'flock', 'setsid');
/** An address of the client from which every fifth connection may come. */
const SOURCE = '198.19.9.9';
const MAX = '/proc/sys/net/netfilter/nf_conntrack_max';

/** As short as a trace may be. */
const TRACED_SECONDS = 5;
/** A trace looks for its points before it begins, and waits for what is late after its end. */
const CONNECTING_SECONDS = 13;
/** After so long a trace is in the middle of what it looks at. */
const MIDDLE_MS = 5000;

/** A rule that drops one SYN in so many at a hook of an interface. */
const dropSyn = (name: string, hook: string, share: number) =>
  `table netdev ${name} { chain c { ${hook} tcp flags & (syn|ack) == syn numgen random mod 100 < ${share} drop; }; }`;
const dropAnswer = (name: string, hook: string, share: number) =>
  `table netdev ${name} { chain c { ${hook} tcp flags & (syn|ack) == (syn|ack) numgen random mod 100 < ${share} drop; }; }`;
const egress = (link: string) => `type filter hook egress device ${link} priority 0;`;
const ingress = (link: string) => `type filter hook ingress device ${link} priority 0;`;

const table = new FaultTable();

/** A fault that has a lab for itself while it is made; what it adds is taken away. */
type Fault = (lab: TraceLab) => Promise<void>;

/**
 * Faults of one block are made side by side, each in a lab of its own. What the kernel frees is counted for the whole machine, so
 * only those stand together that do not look like the cause of each other; the table of docs/trace.md is drawn with one at a time.
 */
const BESIDE = { concurrent: process.env['MEDIC_TRACE_SEEN'] !== '1' };

describe.runIf(canTrace)('a fault in the lab', () => {
  const free: TraceLab[] = [];
  let opened = 0;
  afterAll(async () => {
    for (const lab of free) await lab.end();
    table.write();
  });

  const openNext = async () => {
    const number = opened++;
    return await openTraceLab(`${process.pid.toString(36)}${number.toString(36)}`, number);
  };

  const within =
    (fault: Fault): (() => Promise<void>) =>
    async () => {
      const lab = free.pop() ?? (await openNext());
      try {
        await lab.clear();
        await lab.serve();
        await fault(lab);
      } finally {
        await lab.clear();
        free.push(lab);
      }
    };

  /** Connects and traces at once; what both say, for the same connections. */
  async function look(
    lab: TraceLab,
    fault: string,
    given: {
      readonly rate?: number;
      readonly localAddress?: string;
      readonly environment?: NodeJS.ProcessEnv;
      readonly during?: () => Promise<void>;
    } = {},
  ) {
    const connecting: Promise<Opened> = lab.connect(
      given.rate ?? 100,
      CONNECTING_SECONDS,
      given.localAddress,
    );
    const { trace, epoch } = await lab.trace({
      seconds: TRACED_SECONDS,
      ...(given.environment === undefined ? {} : { environment: given.environment }),
      ...(given.during === undefined ? {} : { during: given.during }),
    });
    const truth = truthOf(await connecting, epoch, trace.seconds);
    const summary = summaryOf(trace.fates ?? [], trace);
    const sentences = sentencesOf(trace, namesOf(trace));
    console.log(
      fault,
      truth,
      summary.connections,
      summary.delayed,
      trace.thin,
      sentences,
      trace.drops,
      trace.counters.filter((c) => c.after !== c.before),
    );
    table.note(
      fault,
      `${truth.connections} / ${summary.connections * trace.thin}`,
      `${truth.delayed} / ${summary.delayed * trace.thin}`,
      sentences.slice(1).join(' ') || (sentences[0] ?? ''),
    );
    return { trace, truth, summary };
  }

  /** Whether two counts are the same within 2 %, or one or two connections at the edges of the window. */
  function expectSame(found: number, truth: number) {
    expect(Math.abs(found - truth)).toBeLessThanOrEqual(Math.max(2, 0.02 * truth));
  }

  async function expectLost(
    lab: TraceLab,
    fault: string,
    where: { readonly edge: string; readonly packet: string; readonly cause?: string },
    given: Parameters<typeof look>[2] = {},
  ) {
    const found = await look(lab, fault, given);
    const { truth, summary } = found;
    expectSame(summary.connections, truth.connections);
    expect(truth.delayed).toBeGreaterThan(10);
    expectSame(summary.delayed, truth.delayed);
    expect(summary.lost[0]).toMatchObject({ edge: where.edge, packet: where.packet });
    expectSame(summary.lost[0]?.count ?? 0, truth.delayed);
    if (where.cause !== undefined) expect(summary.lost[0]?.causes[0]?.id).toBe(where.cause);
    return found;
  }

  describe('beside one that only NAT can make', () => {
    it(
      'is none: nothing is lost, and the node is told not to be it',
      BESIDE,
      within(async (lab) => {
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
      within(async (lab) => {
        // The application keeps its end open, so that the few ports stay taken.
        await lab.serve(4096, 60_000);
        await lab.in(lab.client, `ip address add ${SOURCE}/32 dev lo`);
        await lab.in(lab.node, `ip route add ${SOURCE}/32 via ${lab.addresses.client}`);
        await lab.rules(
          lab.node,
          `insert rule ip lab_nat out oifname "veth0" ip saddr ${SOURCE} meta l4proto tcp snat to ${lab.addresses.inner}:20000-20003`,
        );
        try {
          await expectLost(
            lab,
            'NAT without a port left, one source in five',
            { edge: 'node', packet: 'SYN', cause: 'insert-failed' },
            { localAddress: SOURCE },
          );
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
      within(async (lab) => {
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
      within(async (lab) => {
        const rule = 'FORWARD -i up0 -p tcp --syn -m statistic --mode random --probability 0.2 -j DROP';
        await lab.in(lab.node, `iptables-legacy -A ${rule}`);
        try {
          await expectLost(lab, 'a rule of legacy iptables, 20 %', {
            edge: 'node',
            packet: 'SYN',
            cause: 'iptables-rule',
          });
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
      within(async (lab) => {
        await lab.rules(
          lab.node,
          'table inet lab { chain f { type filter hook forward priority 0; iifname "up0" tcp flags & (syn|ack) == syn numgen random mod 100 < 20 drop; }; }',
        );
        await expectLost(lab, 'a rule of nftables, 20 %', {
          edge: 'node',
          packet: 'SYN',
          cause: 'nftables-rule',
        });
      }),
    );

    it.runIf(has('python3'))(
      'is found by Python as well',
      BESIDE,
      within(async (lab) => {
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
      within(async (lab) => {
        await lab.rules(lab.node, dropSyn('veth', egress('veth0'), 20));
        await expectLost(lab, "loss at the pod's interface, 20 %", { edge: 'node', packet: 'SYN' });
      }),
    );

    it(
      'is loss in the pod',
      BESIDE,
      within(async (lab) => {
        await lab.rules(lab.pod, dropSyn('pod', ingress('eth0'), 20));
        await expectLost(lab, 'loss in the pod, 20 %', { edge: 'inside', packet: 'SYN' });
      }),
    );

    it(
      'is two at once, each with its own count',
      BESIDE,
      within(async (lab) => {
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
      within(async (lab) => {
        await lab.rules(lab.node, dropAnswer('up', egress('up0'), 20));
        await expectLost(lab, 'loss of answers at the uplink, 20 %', { edge: 'node', packet: 'answer' });
      }),
    );

    it(
      'is loss of answers beyond the node',
      BESIDE,
      within(async (lab) => {
        await lab.rules(lab.client, dropAnswer('beyond', ingress('eth0'), 20));
        await expectLost(lab, 'loss of answers beyond the node, 20 %', {
          edge: 'outside',
          packet: 'answer',
        });
      }),
    );
  });

  describe('beside one outside of the machine', () => {
    it(
      'is loss before the machine, which leaves no mark on it',
      BESIDE,
      within(async (lab) => {
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
      within(async (lab) => {
        const filter = (value: 0 | 1) =>
          `sysctl -qw net.ipv4.conf.all.rp_filter=${value} net.ipv4.conf.up0.rp_filter=${value}`;
        await lab.in(lab.client, `ip address add ${SOURCE}/32 dev lo`);
        await lab.in(lab.node, `ip route add 198.19.9.0/24 dev veth0 && ${filter(1)}`);
        try {
          await expectLost(
            lab,
            'rp_filter, one source in five',
            { edge: 'node', packet: 'SYN', cause: 'reverse-path' },
            { localAddress: SOURCE },
          );
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
      within(async (lab) => {
        // Somewhat less than a hundred connections a second send to the pod.
        await lab.in(lab.node, 'tc qdisc add dev veth0 root tbf rate 160kbit burst 1600 limit 1600');
        try {
          await expectLost(lab, "a queue of the pod's interface that is too slow (tbf)", {
            edge: 'node',
            packet: 'SYN',
            cause: 'queueing',
          });
        } finally {
          await lab.in(lab.node, 'tc qdisc del dev veth0 root');
        }
      }),
    );

    it(
      'is a listen queue where the pod does not accept for a while',
      BESIDE,
      within(async (lab) => {
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

  it(
    'is a full table, which is one for the machine',
    within(async (lab) => {
      const before = readFileSync(MAX, 'utf8').trim();
      const fill = async () => {
        await sleep(MIDDLE_MS);
        const count = Number(await lab.in(lab.node, 'cat /proc/sys/net/netfilter/nf_conntrack_count'));
        try {
          writeFileSync(MAX, String(count + 5));
          await sleep(1500);
        } finally {
          writeFileSync(MAX, before);
        }
      };
      const { summary, trace } = await look(lab, 'a full table, for 1.5 s', { during: fill });
      expect(summary.lost[0]).toMatchObject({ edge: 'node', packet: 'SYN' });
      expect(summary.lost[0]?.count).toBeGreaterThan(50);
      const drop = trace.counters.find(({ where, name }) => where === 'table' && name === 'drop');
      expect((drop?.after ?? 0) - (drop?.before ?? 0)).toBeGreaterThanOrEqual(summary.lost[0]?.count ?? 0);
      expect(summary.lost[0]?.causes[0]?.id).toBe('no-entry');
    }),
  );

  it(
    'is found among more connections than can be looked at',
    within(async (lab) => {
      await lab.rules(lab.node, dropSyn('veth', egress('veth0'), 20));
      const { truth, summary, trace } = await look(
        lab,
        'the same, as many as the client opens, up to 5,000 a second',
        {
          rate: 5000,
        },
      );
      expect(trace.thin).toBeGreaterThan(1);
      const [found, true_] = [summary.delayed / summary.connections, truth.delayed / truth.connections];
      const margin = 3 * Math.sqrt((true_ * (1 - true_)) / summary.connections);
      expect(Math.abs(found - true_)).toBeLessThanOrEqual(Math.max(margin, 0.02));
      expect(summary.lost[0]).toMatchObject({ edge: 'node', packet: 'SYN' });
    }),
  );
});

describe.runIf(canTrace)('what a trace costs', () => {
  it('is printed as the ratio of what clients wait with and without it, in one run', async () => {
    const lab = await openTraceLab(`${process.pid.toString(36)}l`);
    try {
      await lab.serve();
      const connecting = lab.connect(200, 26);
      await sleep(7000);
      const from = Date.now();
      await lab.trace({ seconds: TRACED_SECONDS });
      const to = Date.now();
      const opened = await connecting;
      const isDuring = ([begun]: Opened[number]) => begun >= from && begun < to;
      const during = p99(opened.filter(isDuring));
      const without = p99(opened.filter((one) => !isDuring(one)));
      console.log(
        `Of ${opened.length} connections in one run 99 in 100 opened within ${without.toFixed(2)} ms without a trace and ${during.toFixed(2)} ms while one ran: ${(during / without).toFixed(2)} times as long.`,
      );
      expect(during).toBeGreaterThan(0);
    } finally {
      await lab.end();
    }
  });
});

const p99 = (opened: Opened): number =>
  opened.map(([, took]) => took).toSorted((a, b) => a - b)[Math.floor(opened.length * 0.99)] ?? 0;
