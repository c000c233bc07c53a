import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../runbooks/index.ts';
import { consequencesOf, namesOf, sentencesOf, summaryOf } from '../../src/core/trace/summary.ts';
import { has, isRoot } from '../nodes/support/shells.ts';
import { withoutTools } from '../nodes/support/tools.ts';
import { FaultTable } from './support/table.ts';
import { type Opened, openTraceLab, type TraceLab, truthOf } from './support/trace-lab.ts';

const canTrace =
  isRoot && process.env['MEDIC_KERNEL'] === '1' && has('ip', 'nft', 'nsenter', 'unshare', 'flock', 'setsid');
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

describe.runIf(canTrace)('a fault in the lab', () => {
  let lab: TraceLab;
  beforeAll(async () => {
    lab = await openTraceLab(process.pid.toString(36));
    await lab.serve();
  });
  afterEach(() => lab.clear());
  afterAll(async () => {
    await lab.end();
    table.write();
  });

  /** Connects and traces at once; what both say, for the same connections. */
  async function look(
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
    fault: string,
    where: { readonly edge: string; readonly packet: string; readonly cause?: string },
    given: Parameters<typeof look>[1] = {},
  ) {
    const found = await look(fault, given);
    const { truth, summary } = found;
    expectSame(summary.connections, truth.connections);
    expect(truth.delayed).toBeGreaterThan(10);
    expectSame(summary.delayed, truth.delayed);
    expect(summary.lost[0]).toMatchObject({ edge: where.edge, packet: where.packet });
    expectSame(summary.lost[0]?.count ?? 0, truth.delayed);
    if (where.cause !== undefined) expect(summary.lost[0]?.causes[0]?.id).toBe(where.cause);
    return found;
  }

  it('is none: nothing is lost, and the node is told not to be it', async () => {
    const { truth, summary } = await look('none');
    expectSame(summary.connections, truth.connections);
    expect(summary.delayed).toBe(0);
    expect(consequencesOf(summary, catalogue)).toEqual([
      expect.objectContaining({ mode: 'not-the-node', speaks: 'for' }),
    ]);
  });

  it('is a full table', async () => {
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
    const { summary, trace } = await look('a full table, for 1.5 s', { during: fill });
    expect(summary.lost[0]).toMatchObject({ edge: 'node', packet: 'SYN' });
    expect(summary.lost[0]?.count).toBeGreaterThan(50);
    const drop = trace.counters.find(({ where, name }) => where === 'table' && name === 'drop');
    expect((drop?.after ?? 0) - (drop?.before ?? 0)).toBeGreaterThanOrEqual(summary.lost[0]?.count ?? 0);
    expect(summary.lost[0]?.causes[0]?.id).toBe('no-entry');
  });

  it('is a rule of nftables', async () => {
    await lab.rules(
      lab.node,
      'table inet lab { chain f { type filter hook forward priority 0; iifname "up0" tcp flags & (syn|ack) == syn numgen random mod 100 < 20 drop; }; }',
    );
    await expect(
      expectLost('a rule of nftables, 20 %', { edge: 'node', packet: 'SYN', cause: 'nftables-rule' }),
    ).resolves.toBeDefined();
  });

  it.runIf(has('iptables-legacy'))('is a rule of legacy iptables', async () => {
    const rule = 'FORWARD -i up0 -p tcp --syn -m statistic --mode random --probability 0.2 -j DROP';
    await lab.in(lab.node, `iptables-legacy -A ${rule}`);
    try {
      await expect(
        expectLost('a rule of legacy iptables, 20 %', {
          edge: 'node',
          packet: 'SYN',
          cause: 'iptables-rule',
        }),
      ).resolves.toBeDefined();
    } finally {
      await lab.in(lab.node, `iptables-legacy -D ${rule}`);
    }
  });

  it('is loss at the pod’s interface on the node', async () => {
    await lab.rules(lab.node, dropSyn('veth', egress('veth0'), 20));
    await expect(
      expectLost("loss at the pod's interface, 20 %", { edge: 'node', packet: 'SYN' }),
    ).resolves.toBeDefined();
  });

  it('is loss in the pod', async () => {
    await lab.rules(lab.pod, dropSyn('pod', ingress('eth0'), 20));
    await expect(
      expectLost('loss in the pod, 20 %', { edge: 'inside', packet: 'SYN' }),
    ).resolves.toBeDefined();
  });

  it('is loss of answers at the uplink', async () => {
    await lab.rules(lab.node, dropAnswer('up', egress('up0'), 20));
    await expect(
      expectLost('loss of answers at the uplink, 20 %', { edge: 'node', packet: 'answer' }),
    ).resolves.toBeDefined();
  });

  it('is loss of answers beyond the node', async () => {
    await lab.rules(lab.client, dropAnswer('beyond', ingress('eth0'), 20));
    await expect(
      expectLost('loss of answers beyond the node, 20 %', { edge: 'outside', packet: 'answer' }),
    ).resolves.toBeDefined();
  });

  it('is loss before the machine, which leaves no mark on it', async () => {
    await lab.rules(lab.client, dropSyn('before', egress('eth0'), 20));
    const { truth, summary } = await look('loss before the machine, 20 %');
    expect(truth.delayed).toBeGreaterThan(10);
    expect(summary.lost).toEqual([]);
    expect(consequencesOf(summary, catalogue)).toEqual([
      expect.objectContaining({ mode: 'not-the-node', speaks: 'for' }),
    ]);
  });

  it('is the reverse path filter', async () => {
    await lab.in(lab.client, 'ip address add 198.19.9.9/32 dev lo');
    await lab.in(
      lab.node,
      'ip route add 198.19.9.0/24 dev veth0 && sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.up0.rp_filter=1',
    );
    try {
      await expect(
        expectLost(
          'rp_filter, one source in five',
          { edge: 'node', packet: 'SYN', cause: 'reverse-path' },
          { localAddress: '198.19.9.9' },
        ),
      ).resolves.toBeDefined();
    } finally {
      await lab.in(
        lab.node,
        'ip route del 198.19.9.0/24 && sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.up0.rp_filter=0',
      );
    }
  });

  it('is two at once, each with its own count', async () => {
    await lab.rules(lab.node, dropSyn('veth', egress('veth0'), 15));
    await lab.rules(lab.pod, dropSyn('pod', ingress('eth0'), 15));
    const { truth, summary } = await look("two at once: the pod's interface and the pod, 15 % each");
    expectSame(summary.delayed, truth.delayed);
    expect(summary.lost.map(({ edge }) => edge).toSorted()).toEqual(['inside', 'node']);
    expectSame(
      summary.lost.reduce((sum, { count }) => sum + count, 0),
      truth.delayed,
    );
  });

  it.runIf(has('python3'))('is found by Python as well', async () => {
    await lab.rules(lab.node, dropSyn('veth', egress('veth0'), 20));
    const environment = await withoutTools('tcpdump');
    const { trace } = await expectLost(
      "the pod's interface, 20 %, with Python",
      { edge: 'node', packet: 'SYN' },
      { environment },
    );
    expect(trace.rung).toBe('python');
  });

  it('is found among more connections than can be looked at', async () => {
    await lab.rules(lab.node, dropSyn('veth', egress('veth0'), 20));
    const { truth, summary, trace } = await look('the same, more than 800 connections a second', {
      rate: 900,
    });
    expect(trace.thin).toBeGreaterThan(1);
    const [found, true_] = [summary.delayed / summary.connections, truth.delayed / truth.connections];
    const margin = 3 * Math.sqrt((true_ * (1 - true_)) / summary.connections);
    expect(Math.abs(found - true_)).toBeLessThanOrEqual(Math.max(margin, 0.02));
    expect(summary.lost[0]).toMatchObject({ edge: 'node', packet: 'SYN' });
  });
});

describe.runIf(canTrace)('a pod that does not take what comes', () => {
  let lab: TraceLab;
  beforeAll(async () => {
    lab = await openTraceLab(`${process.pid.toString(36)}q`);
  });
  afterAll(() => lab.end());

  it('is its listen queue where it does not accept for a while', async () => {
    const server = await lab.serve(4, 0);
    const connecting = lab.connect(60, CONNECTING_SECONDS);
    const stop = async () => {
      await sleep(MIDDLE_MS);
      server.kill('SIGSTOP');
      await sleep(2000);
      server.kill('SIGCONT');
    };
    const { trace } = await lab.trace({ seconds: TRACED_SECONDS, during: stop });
    await connecting;
    const summary = summaryOf(trace.fates ?? [], trace);
    expect(summary.lost[0]).toMatchObject({ edge: 'inside', packet: 'SYN' });
    expect(summary.lost[0]?.causes[0]?.id).toBe('listen-queue');
    expect(consequencesOf(summary, catalogue)).toContainEqual(
      expect.objectContaining({ mode: 'listen-overflow' }),
    );
  });
});

describe.runIf(canTrace)('what a trace costs', () => {
  it('is printed as the ratio of what clients wait with and without it', async () => {
    const lab = await openTraceLab(`${process.pid.toString(36)}l`);
    try {
      await lab.serve();
      const p99 = (opened: Opened) =>
        opened.map(([, took]) => took).toSorted((a, b) => a - b)[Math.floor(opened.length * 0.99)];
      const without = p99(await lab.connect(200, 11));
      const connecting = lab.connect(200, 11);
      await lab.trace({ seconds: TRACED_SECONDS });
      const during = p99(await connecting);
      console.log(
        `client latency p99 without ${without?.toFixed(2)} ms, while tracing ${during?.toFixed(2)} ms`,
      );
      expect(during).toBeGreaterThan(0);
    } finally {
      await lab.end();
    }
  });
});
