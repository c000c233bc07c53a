import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GUEST_SECTIONS } from '../../../build/proofs.ts';
import { namesOf } from '../../../src/core/trace/names.ts';
import { sentencesOf, summaryOf } from '../../../src/core/trace/summary.ts';
import { whyNoGuest } from '../../reboot/support/requirements.ts';
import { FULL_TABLE, LEGACY_RULE, NFTABLES_RULE, netem } from './faults.ts';
import { guestImages } from './guest-images.ts';
import { type Fault, GuestLab, type Seen, type Tools } from './guest-lab.ts';
import type { Series } from './kernels.ts';

/**
 * Whether two counts are the same but for what falls on an edge of the window. Where one connection in so many was looked at, because
 * the emulated machine is slow, within what chance makes of it.
 */
function expectSame(found: number, truth: number, thin = 1): void {
  const chance = thin === 1 ? 0 : 3 * Math.sqrt(thin * truth);
  expect(Math.abs(found * thin - truth)).toBeLessThanOrEqual(Math.max(2, 0.02 * truth, chance));
}

/** Leaves one finding for the page of the proof (`npm run prove` names the file); nothing where tests run on their own. */
function noteSeen(section: (typeof GUEST_SECTIONS)[number], text: string): void {
  const file = process.env['MEDIC_PROOF_NOTES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ section, text })}\n`);
}

/** How many packets the kernel freed for a reason in functions that match, and the first of those functions. */
function freedIn({ trace }: Seen, place: RegExp, reason: string) {
  const drops = (trace.drops ?? []).filter((drop) => place.test(drop.place) && drop.reason === reason);
  return { freed: drops.reduce((sum, { count }) => sum + count, 0), where: drops[0]?.place ?? '-' };
}

/** A row for the page. */
function rowOf(kernel: string, name: string, { trace, truth, dropped }: Seen, freed: number, where: string) {
  const { connections, delayed } = summaryOf(trace.fates ?? [], trace);
  const told = sentencesOf(trace, namesOf(trace)).slice(1).join(' ');
  const counts =
    trace.fates === undefined
      ? ['-', '-']
      : [`${truth.connections} / ${connections * trace.thin}`, `${truth.delayed} / ${delayed * trace.thin}`];
  const cells = [kernel, name, trace.rung, ...counts, `${dropped} / ${freed}`, where, told];
  return cells.map((cell) => cell.replaceAll('|', '/')).join(' | ');
}

/** A fault with which all that is lost goes at one place, for one reason, and how a trace is to tell it. */
interface Case {
  readonly name: string;
  readonly fault: Fault;
  readonly tools?: Tools;
  readonly place: RegExp;
  readonly reason: string;
  readonly packet: string;
  readonly cause: string;
}

/** @param tellsNftables since Linux 6.7 a rule of nftables is freed elsewhere than all else that netfilter drops */
const casesOf = (tellsNftables: boolean): readonly Case[] => [
  {
    name: 'a rule of nftables, 20 %',
    fault: NFTABLES_RULE,
    place: tellsNftables ? /^nft_do_chain$/ : /^nf_hook_slow$/,
    reason: 'NETFILTER_DROP',
    packet: 'SYN',
    cause: tellsNftables ? 'nftables-rule' : 'netfilter-rule',
  },
  {
    name: 'a rule of legacy iptables, 20 %',
    fault: LEGACY_RULE,
    place: /^nf_hook_slow$/,
    reason: 'NETFILTER_DROP',
    packet: 'SYN',
    cause: tellsNftables ? 'iptables-rule' : 'netfilter-rule',
  },
  {
    name: 'a full table, for 3 s',
    fault: FULL_TABLE,
    place: /^nf_hook_slow$/,
    reason: 'NETFILTER_DROP',
    packet: 'SYN',
    cause: 'no-entry',
  },
  {
    name: 'netem on veth0, 20 %',
    fault: netem('veth0', 20),
    place: /./,
    reason: 'QDISC_DROP',
    packet: 'SYN',
    cause: 'queueing',
  },
  {
    // Python needs so much of the emulated CPU that it may look at one connection in several.
    name: 'netem on up0, 40 %',
    fault: netem('up0', 40),
    tools: 'python',
    place: /./,
    reason: 'QDISC_DROP',
    packet: 'answer',
    cause: 'queueing',
  },
];

/** The tests of one series; guests of several files run side by side. */
export function traceOn(series: Series['series']): void {
  describe.runIf(whyNoGuest() === undefined)(`the trace on a kernel ${series}`, () => {
    let lab: GuestLab;
    beforeAll(async () => {
      lab = await GuestLab.start(guestImages().of(series));
      noteSeen('The event', `Linux ${lab.kernel}: \`${lab.event} reason: …\``);
    });
    afterAll(() => lab?.close());

    it.each(casesOf(series !== '6.1'))('tells $name', async (one) => {
      const { name, fault, tools = 'tcpdump', place, reason, packet, cause } = one;
      const seen = await lab.look(fault, tools);
      const { freed, where } = freedIn(seen, place, reason);
      noteSeen('Faults', rowOf(lab.kernel, name, seen, freed, `${where}, ${reason}`));
      const { trace, truth, dropped } = seen;
      expect(trace.rung).toBe(tools);
      expect(dropped).toBeGreaterThan(10);
      expectSame(freed, dropped);
      const summary = summaryOf(trace.fates ?? [], trace);
      expectSame(summary.connections, truth.connections, trace.thin);
      expect(truth.delayed).toBeGreaterThan(5);
      expectSame(summary.delayed, truth.delayed, trace.thin);
      expect(summary.lost[0]).toMatchObject({ edge: 'node', packet });
      expect(summary.lost[0]?.causes[0]?.id).toBe(cause);
      expectSame(summary.lost[0]?.causes[0]?.dropped ?? 0, dropped);
    });

    it('tells netem in the pod where no packet can be looked at', async () => {
      const seen = await lab.look(netem('eth0', 20, 'pod'), 'neither');
      const { freed, where } = freedIn(seen, /./, 'QDISC_DROP');
      noteSeen('Faults', rowOf(lab.kernel, 'netem in the pod, 20 %', seen, freed, `${where}, QDISC_DROP`));
      expect(seen.trace.rung).toBe('kfree_skb');
      expect(seen.dropped).toBeGreaterThan(10);
      expectSame(freed, seen.dropped);
      expect(sentencesOf(seen.trace, namesOf(seen.trace)).join(' ')).toMatch(
        /In these seconds \d+ packets were dropped by a queue/,
      );
    });

    it('leaves nothing of itself behind', async () => {
      const left = 'ls /sys/kernel/tracing/instances; ls -d /run/conntrack-medic/trace-* 2>/dev/null; true';
      expect(await lab.run(left)).toBe('');
    });
  });
}
