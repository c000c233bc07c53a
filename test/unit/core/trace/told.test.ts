import { describe, expect, it } from 'vitest';
import { flowsOf } from '../../../../src/core/trace/flows.ts';
import { isPartial } from '../../../../src/core/trace/limits.ts';
import { namesOf } from '../../../../src/core/trace/names.ts';
import type { Trace } from '../../../../src/core/trace/output.ts';
import { sentencesOf } from '../../../../src/core/trace/summary.ts';
import { FATE, RECORDED_TRACE, traced } from '../../support/recorded-trace.ts';

describe('what a node tells of its pods', () => {
  const withPods = (...lines: readonly string[]) =>
    traced(RECORDED_TRACE.replace('point.0=', `${lines.join('\n')}\npoint.0=`));
  const second = (trace: Trace) => sentencesOf(trace, namesOf(trace))[1] ?? '';

  it('names the pod at whose interface a SYN is missing', () => {
    const trace = withPods('pod.1=shop/checkout-7d9 198.18.1.2,fd00::2');
    expect(trace.pods).toEqual([
      { number: 1, name: 'shop/checkout-7d9', addresses: ['198.18.1.2', 'fd00::2'] },
    ]);
    expect(second(trace)).toMatch(
      /^In 15 the first SYN was seen on eth0 and not on the interface of shop\/checkout-7d9 on the node \(eni0a1\): lost/,
    );
  });

  it.each([
    ['with markup of Slack', 'shop/<!channel>'],
    ['with a control character', 'shop/check\u001b[31mout'],
    ['with a backquote', 'shop/`id`'],
    ['with three parts', 'shop/checkout/evil'],
    ['in capitals', 'shop/Checkout'],
    ['of 300 characters', `shop/${'a'.repeat(295)}`],
    ['with a namespace of 64', `${'n'.repeat(64)}/a`],
    ['that is empty', 'shop/'],
  ])('takes no name %s', (_, name) => {
    const trace = withPods(`pod.1=${name} 198.18.1.2`);
    expect(trace.pods.map(({ name: taken }) => taken)).toEqual([undefined]);
    expect(second(trace)).toContain("and not on the pod's interface on the node (eni0a1)");
  });

  it('leaves the middle of a long name out of a sentence', () => {
    const name = `${'n'.repeat(63)}/${'a'.repeat(229)}-7d9f8b6c5d-x2x7q1234567`;
    const sentence = second(withPods(`pod.1=${name} 198.18.1.2`));
    expect(sentence).toMatch(/the interface of n{55}…-7d9f8b6c5d-x2x7q1234567 on the node/);
    expect(sentence.length).toBeLessThan(400);
  });

  it('says how many of each where several lost some, and names the one where only one did', () => {
    const second_ = { number: 2, place: 'veth', pod: 2, interfaceName: 'eni2', address: undefined } as const;
    const { points, ...others } = withPods('pod.1=shop/checkout-7d9 -', 'pod.2=shop/cart-5c8 -');
    const lost = { ...FATE, attempts: 2, seen: 'uplink', back: undefined, answeredAfter: 1, gap: 1 } as const;
    const told = (fates: Trace['fates']) => second({ ...others, points: [...points, second_], fates });
    expect(
      told([
        { ...lost, pod: 1, count: 9 },
        { ...lost, pod: 2, count: 30 },
        { ...lost, pod: undefined, count: 1 },
      ]),
    ).toMatch(
      /^In 40 \(30 of shop\/cart-5c8, 9 of shop\/checkout-7d9\) the first SYN was seen on eth0 and not on the pod's interface on the node: /,
    );
    expect(told([{ ...lost, pod: 2, count: 30 }])).toMatch(
      /^In 30 the first SYN was seen on eth0 and not on the interface of shop\/cart-5c8 on the node \(eni2\): /,
    );
  });

  it('takes what comes from an IPv6 address of a pod or of the node for outgoing', () => {
    const syn = (point: number, from: string, at: number, sequence: number) =>
      `${point} 1796000830.${at}00000 S ${from} 4000 2001:db8::9 443 ${sequence} 0 ${at}`;
    const packets = [
      syn(1, 'fd00::2', 1, 7),
      syn(1, 'fd00::2', 2, 7),
      syn(0, 'fd00::1', 1, 9),
      syn(0, 'fd00::1', 2, 9),
    ];
    const text = RECORDED_TRACE.replace(
      'point.0=',
      'own=fd00::1\npod.1=- 198.18.1.2,fd00::2\npoint.0=',
    ).replace(
      /( trace-packets - ok [\d.]+\n)[^=]*/,
      (_all, head: string) => `${head}${packets.join('\n')}\n`,
    );
    expect(flowsOf(traced(text), (address) => address)).toEqual([
      expect.objectContaining({ from: 'pod 1', pod: 1, last: 'veth', missing: 'uplink' }),
      expect.objectContaining({ from: 'fd00::1', last: 'uplink', missing: undefined }),
    ]);
  });
});

describe('what narrows an answer', () => {
  const last = (change: (text: string) => string) => {
    const trace = traced(change(RECORDED_TRACE));
    return { sentence: sentencesOf(trace, namesOf(trace)).at(-1), isPartial: isPartial(trace) };
  };

  it('is said of connections that the output had no room for', () => {
    expect(last((text) => text.replace('total=100 15', 'total=140 15'))).toEqual({
      sentence:
        'The output had no room for 40 connections of 140: all that had trouble are told. Trace again with --port.',
      isPartial: false,
    });
    expect(last((text) => text.replace('total=100 15', 'total=140 18'))).toEqual({
      sentence:
        'The output had no room for 40 connections of 140: 3 of them had trouble, and where those lost a packet is not known. Trace again with --port.',
      isPartial: true,
    });
  });

  it('is said where no pod was looked at', () => {
    const { sentence, isPartial: partial } = last((text) => text.replaceAll(/^point\.[12]=.*\n/gm, ''));
    expect(sentence).toBe(
      "No pod's interface was looked at: what is missing there may have passed, and be lost in the pod.",
    );
    expect(partial).toBe(true);
  });

  it('is said of counters that it had no room for', () => {
    expect(last((text) => text.replace('trace-drops - ok', 'trace-drops - truncated')).sentence).toBe(
      'The output had no room for all counters, so a cause may be missing.',
    );
  });

  it('is said of captures that began late, or not at all', () => {
    expect(last((text) => text.replace('missed=0', 'missed=0\nwaited=7')).sentence).toBe(
      'The captures began 7 s late: this node has hardly any CPU to spare.',
    );
    expect(last((text) => text.replace('missed=0', 'missed=0\nwaited=2')).sentence).toContain(
      'lost in netfilter',
    );
    const starved = (text: string) =>
      text
        .replace('rung=tcpdump', 'rung=kfree_skb\nwaited=15')
        .replace('left_out=', 'left_out=captures=not-begun')
        .replace('trace-flows - ok', 'trace-flows - missing');
    expect(last(starved).sentence).toBe(
      'The captures had not begun after 15 s, for this node has no CPU to spare; trace again.',
    );
  });

  it.each(['point1=not-captured', 'points1,2=not-captured'])(
    'is said of a place that was not seen: %s',
    (word) => {
      const { sentence, isPartial: partial } = last((text) => text.replace('left_out=', `left_out=${word}`));
      expect(sentence).toMatch(
        /^Nothing could be captured on eni0a1(, eth0)?: what is missing there may have passed\.$/,
      );
      expect(partial).toBe(true);
    },
  );
});
