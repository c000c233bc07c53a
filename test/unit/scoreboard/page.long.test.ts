import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { firstScores } from '../../../build/scoreboard/first-scores.ts';
import { accuracyPage } from '../../../build/scoreboard/page.ts';
import { PEERS, type PeerView } from '../../../build/scoreboard/peers.ts';
import { scoredCases } from '../../../build/scoreboard/scored-case.ts';

const nothing: PeerView = { dmesg: [], kernLog: [], count: undefined, max: undefined, ethtool: undefined };

function fires(name: string, view: Partial<PeerView>): boolean | undefined {
  return PEERS.find((peer) => peer.name === name)?.fires({ ...nothing, ...view });
}

describe('the scoreboard', () => {
  const cases = scoredCases();

  it('finds no raise offered where none helps', () => {
    const wrong = cases.filter(
      ({ diagnosis, raiseHelps, notYet }) =>
        diagnosis.offer.raise && raiseHelps === false && notYet === undefined,
    );
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  it('says of every case that it gets wrong that it is known', () => {
    const unknown = cases.filter(({ isRight, notYet }) => !isRight && notYet === undefined);
    expect(unknown.map(({ id }) => id)).toEqual([]);
  });

  it('has every case in the record, with when it was added', () => {
    const record = firstScores();
    expect(cases.map(({ id }) => id).filter((id) => record[id] === undefined)).toEqual([]);
    expect(Object.keys(record)).toHaveLength(cases.length);
  });

  it('is the same page each time, and the one in docs; npm run scoreboard writes it', () => {
    const page = accuracyPage(cases, firstScores());
    expect(accuracyPage(scoredCases(), firstScores())).toBe(page);
    expect(readFileSync(new URL('../../../docs/accuracy.md', import.meta.url), 'utf8')).toBe(page);
  });
});

describe('the rules of other tools', () => {
  const line = 'nf_conntrack: nf_conntrack: table full, dropping packet';
  const named = 'nf_conntrack: nf_conntrack: table full in netns 4026532246, dropping packet';

  it.each(['EKS node-monitoring-agent', 'EC2Rescue'])(
    '%s knows the line, but not with a namespace',
    (name) => {
      expect(fires(name, { dmesg: [line] })).toBe(true);
      expect(fires(name, { dmesg: [named] })).toBe(false);
    },
  );

  it('hotsos asks for a syslog time', () => {
    expect(fires('hotsos', { kernLog: [`Nov 23 12:00:00 node kernel: [1.0] ${line}`] })).toBe(true);
    expect(fires('hotsos', { kernLog: [`2026-11-23T12:00:00+00:00 node kernel: ${line}`] })).toBe(false);
  });

  it.each([
    ['node-problem-detector', 91, true],
    ['node-problem-detector', 90, false],
    ['node-mixin', 76, true],
    ['node-mixin', 75, false],
  ])('%s at %i of 100 entries', (name, count, says) => {
    expect(fires(name, { count, max: 100 })).toBe(says);
  });

  it('have no answer without their evidence', () => {
    expect(PEERS.map(({ fires: rule }) => rule(nothing))).toEqual(PEERS.map(() => undefined));
  });
});
