import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { Figures, NodeCollection } from '../../../../src/core/record/collection.ts';
import { checkDrift, standingChanges } from '../../../../src/core/remediation/drift.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';

const LATER = '2026-11-23T15:00:00.000Z';
const { head, collections } = buildIncident('resolved');
const [verified] = collections;
const node = head.remediations[0]?.instanceId ?? '';
const earlier = new Map(verified === undefined ? [] : [[node, withFigures({ bootId: 'boot-1' })]]);

function withFigures(figures: Figures): NodeCollection {
  if (verified?.outcome.kind !== 'diagnosed') throw new Error('The built incident has a collection.');
  return {
    ...verified,
    collectedAt: LATER,
    outcome: {
      ...verified.outcome,
      figures: { bootId: 'boot-1', count: 100_000, max: 262_144, ...figures },
    },
  };
}

const found = (figures: Figures) => checkDrift(head, [withFigures(figures)], earlier, LATER)?.nodes[0];

describe('a look at raised nodes after the end', () => {
  test('finds the raise in force', () => {
    expect(found({})).toMatchObject({
      state: 'held',
      why: `${node}: nf_conntrack_max 262,144 in force, 38 % in use.`,
    });
  });

  test('a limit that somebody raised further, or took away, has not drifted', () => {
    expect(found({ max: 524_288 })?.state).toBe('held');
    expect(found({ max: 0 })?.state).toBe('held');
  });

  test('a table that is nearly full again calls for something else than a second raise', () => {
    expect(found({ count: 250_000 })).toMatchObject({
      state: 'refilled',
      why: expect.stringMatching(/95 % full again\. Do not raise once more/),
    });
  });

  test.each<[string, Figures, string, RegExp]>([
    ['another boot id', { bootId: 'boot-2' }, 'reboot', /the node has rebooted\. Look/],
    [
      'another boot id, and a file that has the value',
      { bootId: 'boot-2', limitLines: [{ file: '/etc/sysctl.conf', line: 3, value: 131_072 }] },
      'reboot',
      /rebooted and \/etc\/sysctl\.conf:3 sets this value/,
    ],
    [
      'a kube-proxy younger than the raise',
      { kubeProxyAgeSeconds: 60, kubeProxyVersion: 'v1.37.1' },
      'kube-proxy',
      /kube-proxy has started since and writes its own value/,
    ],
    [
      'a kube-proxy younger than the raise, of unknown version',
      { kubeProxyAgeSeconds: 60 },
      'kube-proxy',
      /kube-proxy has started since and may write its own value/,
    ],
    [
      'a kube-proxy younger than the raise, of a version that keeps a higher limit',
      { kubeProxyAgeSeconds: 60, kubeProxyVersion: 'v1.37.2' },
      'not-known',
      /neither a reboot, kube-proxy nor a file/,
    ],
    [
      'a kube-proxy older than the raise, and a profile that has the value',
      {
        kubeProxyAgeSeconds: 864_000,
        limitLines: [{ file: '/usr/lib/tuned/net/tuned.conf', line: 9, value: 131_072 }],
      },
      'tuned',
      /\/usr\/lib\/tuned\/net\/tuned\.conf:9 sets this value/,
    ],
    [
      'a file that has the value',
      { limitLines: [{ file: '/etc/sysctl.d/99-zzz.conf', line: 1, value: 131_072 }] },
      'sysctl-file',
      /99-zzz\.conf:1 sets this value/,
    ],
    [
      'a file that has another value',
      { limitLines: [{ file: '/etc/sysctl.d/99-zzz.conf', line: 1, value: 65_536 }] },
      'not-known',
      /ask who was on the node/,
    ],
    ['nothing', {}, 'not-known', /ask who was on the node/],
  ])('a lower limit with %s', (_what, figures, by, why) => {
    const drift = found({ max: 131_072, ...figures });
    expect(drift).toMatchObject({ state: 'moved', by, why: expect.stringMatching(why) });
    expect(drift?.why).toContain('nf_conntrack_max is 131,072 again, not 262,144');
  });

  test('a node that cannot be read is said to be unread, not held', () => {
    const unread = { ...withFigures({}), outcome: { kind: 'failed' as const, why: 'offline.' } };
    expect(checkDrift(head, [unread], earlier, LATER)?.nodes[0]?.state).toBe('unread');
    const rest = { count: 1 };
    const silent = withFigures({});
    if (silent.outcome.kind !== 'diagnosed') throw new Error('It was read.');
    const noMax = { ...silent, outcome: { ...silent.outcome, figures: rest } };
    expect(checkDrift(head, [noMax], earlier, LATER)?.nodes[0]?.state).toBe('unread');
  });

  test('is about verified raises that stand, and nothing else', () => {
    expect(standingChanges(head)).toEqual([node]);
    expect(standingChanges(buildIncident('rolled-back').head)).toEqual([]);
    expect(standingChanges(buildIncident('failed').head)).toEqual([]);
    expect(standingChanges(buildIncident('dismissed').head)).toEqual([]);
  });
});

test('the card of a raise that did not last says so and is not green', () => {
  const check = checkDrift(head, [withFigures({ max: 131_072 })], earlier, LATER);
  if (check === undefined) throw new Error('There is a raised node.');
  const card = cardOf({ head: { ...head, drift: [check] }, collections, earlier: [] }, catalogue, NOW);
  expect(card.colour).toBe('amber');
  expect(card.header).toBe('The change did not last on 1 of 1 node');
  expect(card.results[0]).toMatchObject({ state: 'failed', text: expect.stringContaining('moved back') });
});
