import { describe, expect, it } from 'vitest';
import { type Outlook, outlookOf } from '../../../../src/core/fleet/outlook.ts';
import type { ProbeReading } from '../../../../src/core/fleet/reading.ts';
import { HOUR } from '../../../../src/core/fleet/series.ts';
import { readingAt, START } from './support.ts';

const MAX = 100_000;
const EVERY = 5 * 60_000;

/** Readings of every five minutes up to some hours, each with what is said of its moment. */
function every(hours: number, said: (hour: number) => Partial<ProbeReading>): readonly ProbeReading[] {
  return Array.from({ length: Math.round((hours * HOUR) / EVERY) + 1 }, (_, index) =>
    readingAt(START + index * EVERY, { max: MAX, ...said((index * EVERY) / HOUR) }),
  );
}

/** What is told at the last of them. */
const at = (readings: readonly ProbeReading[], lifetimeSeconds?: number): Outlook =>
  outlookOf(readings, readings.at(-1)?.at ?? START, lifetimeSeconds);

/** A table that takes ten hours to fill from a tenth. */
const leak = (hour: number): Partial<ProbeReading> => ({ count: Math.round(10_000 + hour * 9_000) });

/** A day with its peak at noon, as a share of the limit. */
const day = (hour: number, peak: number): Partial<ProbeReading> => ({
  count: Math.round(MAX * (0.15 + (peak - 0.15) * ((1 - Math.cos((hour / 12) * Math.PI)) / 2))),
});

describe('the outlook of a node', () => {
  it('says of a leak when the table is full, as an interval, with the numbers', () => {
    const outlook = at(every(9, leak));
    expect(outlook).toMatchObject({ state: 'fills', in: { likely: 3_900 } });
    expect(outlook.why).toBe(
      '90 % of 100,000 in use, full in 65 min (65 min to 65 min): 9,000 an hour (9,000 to 9,000) over 8 h, 9,000 in the last quarter of it',
    );
    const noisy = at(
      every(9, (hour) => ({ count: (leak(hour).count ?? 0) + Math.round(2_000 * Math.sin(hour * 29)) })),
    );
    if (noisy.state !== 'fills') throw new Error(noisy.why);
    expect(noisy.in.earliest).toBeLessThan(noisy.in.likely);
    expect(noisy.in.latest).toBeGreaterThan(noisy.in.likely);
  });

  it('tells a fill within the hours that are configured', () => {
    const slow = every(100, (hour) => ({ count: Math.round(5_000 + hour * 850) }));
    const now = slow.at(-1)?.at ?? START;
    expect(outlookOf(slow, now)).toMatchObject({ state: 'calm', in: { likely: expect.closeTo(42_700, -3) } });
    expect(outlookOf(slow, now, undefined, { warnUnder: 12 })).toMatchObject({ state: 'fills' });
  });

  it('foretells nothing of a table that is less than half full, however fast it grows', () => {
    expect(at(every(4, leak))).toMatchObject({
      state: 'calm',
      why: '45 % of 100,000 in use, less than half',
    });
  });

  it('is unknown, never calm, where nothing was seen or nothing lately', () => {
    expect(outlookOf([], START)).toMatchObject({ state: 'unknown' });
    const readings = every(8, leak);
    const later = (readings.at(-1)?.at ?? 0) + HOUR;
    expect(outlookOf(readings, later)).toEqual({
      state: 'unknown',
      why: 'its table was last seen 60 min ago',
    });
    const blind = every(8, () => ({ gaps: { count: 'denied' } }));
    expect(at(blind)).toEqual({ state: 'unknown', why: 'its table was never seen' });
  });

  it('has no limit to meet where the limit is 0', () => {
    expect(at(every(8, () => ({ max: 0, count: 5_000_000 })))).toMatchObject({ state: 'unlimited' });
  });

  it('is full where the table is, also where the count is above the limit', () => {
    expect(at(every(1, () => ({ count: MAX + 12 })))).toMatchObject({ state: 'full' });
  });

  it('forgets what was before a change of the limit, a reboot, a restart of kube-proxy and a fall of half', () => {
    const cuts: readonly (readonly [string, (isAfter: boolean) => Partial<ProbeReading>])[] = [
      ['since its limit was changed', (isAfter) => ({ max: isAfter ? MAX : MAX * 2 })],
      [
        'since the node was rebooted',
        (isAfter) => ({ bootId: `6f1c2d3e-0000-4000-8000-00000000000${isAfter ? 2 : 1}` }),
      ],
      [
        'since the node was rebooted',
        (isAfter) => ({ gaps: { bootId: 'not-sampled' }, bootedAt: START / 1_000 + (isAfter ? 27_000 : 3) }),
      ],
      ['since kube-proxy was restarted', (isAfter) => ({ kubeProxyStarted: isAfter ? 9_000 : 4_000 })],
    ];
    for (const [why, said] of cuts) {
      const outlook = at(every(8, (hour) => ({ ...leak(hour), ...said(hour > 7.5) })));
      expect(outlook).toMatchObject({ state: 'calm' });
      expect(outlook.why).toContain(why);
    }
    const fell = at(every(8, (hour) => ({ count: hour > 7.5 ? 51_000 : 40_000 + Math.round(hour * 9_000) })));
    expect(fell.why).not.toContain('over 7 h');
  });

  it('takes a gap for no change, and a long one for the end of what is known', () => {
    const gappy = every(9, (hour) => ({
      ...leak(hour),
      ...(hour % 1 < 0.3 ? { gaps: { bootId: 'timeout', count: 'timeout' } } : {}),
    }));
    expect(at(gappy)).toMatchObject({ state: 'fills' });
    // The clock of a node is set right now and then, and its time of boot with it.
    const jittered = every(9, (hour) => ({
      ...leak(hour),
      gaps: { bootId: 'not-sampled' },
      bootedAt: START / 1_000 + (hour % 2 > 1 ? 4 : 0),
    }));
    expect(at(jittered)).toMatchObject({ state: 'fills' });
    const away = every(8, leak).filter((reading) => Math.abs(reading.at - START - 6.5 * HOUR) > HOUR);
    expect(at(away).why).toContain('since it was not seen for a while');
  });

  it('does not warn where growth stands still or slows down before the limit', () => {
    const stopped = at(every(10, (hour) => ({ count: Math.min(82_000, 10_000 + hour * 12_000) })));
    expect(stopped).toMatchObject({ state: 'calm' });
    expect(stopped.why).toMatch(/slowed down|slowing down towards|not growing|risen at once/);
    for (let hour = 6; hour <= 12; hour += 0.5) {
      const outlook = at(every(hour, (now) => day(now, 0.88)));
      expect({ hour, state: outlook.state, why: outlook.why }).toMatchObject({ state: 'calm' });
    }
  });

  it('knows the peaks of the day: what yesterday ended well is no warning today', () => {
    const peaks = every(24 + 10, (hour) => day(hour, 0.94));
    const alone = peaks.slice(-10 * 12 - 1);
    const [known, unknown] = [at(peaks), at(alone)];
    expect(known).toMatchObject({ state: 'calm' });
    expect(known.why).toContain('as yesterday at this hour');
    expect(unknown.why).not.toContain('yesterday');
  });

  it('knows the restart that empties the table each night, up to the last reading before it', () => {
    const nightly = (hour: number) => ({ count: Math.round(20_000 + 66_000 * ((hour % 24) / 24)) });
    for (const hour of [24 * 9 + 20, 24 * 9 + 23, 24 * 9 + 23.75, 24 * 10 - 1 / 12])
      expect({ hour, ...at(every(hour, nightly)) }).toMatchObject({ state: 'calm' });
  });

  it('warns where today is above yesterday by what does not fit', () => {
    const higher = every(8 * 24 + 8, (hour) => day(hour, hour < 8 * 24 ? 0.8 : 1.12));
    const outlook = at(higher);
    expect({ state: outlook.state, why: outlook.why }).toMatchObject({ state: 'fills' });
  });

  it('takes a step in load for none that goes on', () => {
    for (let hour = 5; hour <= 20; hour += 2.5) {
      const step = every(hour, (now) => ({
        count: (now < 4 ? 35_000 : 84_000) + Math.round(900 * Math.sin(now * 31)),
      }));
      expect({ hour, ...at(step) }).toMatchObject({ state: 'calm' });
    }
    const creeping = every(8, (hour) => ({ count: hour < 4 ? 35_000 : 82_000 + Math.round(hour * 300) }));
    expect(at(creeping).why).toContain('risen at once and not since');
  });

  it('sees a leak that began within a longer rise, and under a load like that of yesterday', () => {
    const week = 8 * 24;
    const began = every(week + 16, (hour) => ({
      count: Math.round(40_000 + Math.max(0, hour - week) * 900 + Math.max(0, hour - week - 14) * 19_000),
    }));
    const longer = at(began);
    expect({ state: longer.state, why: longer.why }).toMatchObject({ state: 'fills' });
    const today = week + 9.5;
    const usual = every(today + 2 / 3, (hour) => ({
      count: Math.round((day(hour, 0.66).count ?? 0) + Math.max(0, hour - today) * 40_000),
    }));
    const unlike = at(usual);
    expect({ state: unlike.state, why: unlike.why }).toMatchObject({ state: 'fills' });
  });

  it('judges young growth by where it settles, if it is known how long entries live', () => {
    // A step in load an hour ago: three hours of lifetime, and the table settles at 80 or 160 % of the limit.
    const step = (end: number) =>
      every(4, (hour) => ({
        count: Math.round(hour < 2 ? 30_000 : end - (end - 30_000) * Math.exp(-(hour - 2) / 3)),
      }));
    expect(at(step(80_000), 3 * 3_600)).toMatchObject({ state: 'calm' });
    const settling = at(step(95_000), 3 * 3_600);
    expect(settling.state).toBe('calm');
    expect(settling.why).toMatch(/settling at 9\d %: [\d,]+ entries\/s that live 3 h/);
    const fills = at(step(160_000), 3 * 3_600);
    expect(fills.state).toBe('fills');
    expect(fills.why).toContain('entries/s that live 3 h');
  });
});
