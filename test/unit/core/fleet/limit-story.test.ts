import { describe, expect, it } from 'vitest';
import { limitStory } from '../../../../src/core/fleet/limit-story.ts';
import type { ProbeReading } from '../../../../src/core/fleet/reading.ts';
import { readingAt, START } from './support.ts';

const MINUTE = 60_000;
const OTHER_BOOT = '6f1c2d3e-0000-4000-8000-000000000002';
const NO_INCIDENT = { gaps: { incident: 'missing' } } as const;

/** Readings five minutes apart. */
const series = (...said: readonly Partial<ProbeReading>[]) =>
  said.map((one, index) => readingAt(START + index * 5 * MINUTE, one));

const setBy = (...said: readonly Partial<ProbeReading>[]) =>
  limitStory(series(...said)).changes.map((change) => [
    change.from,
    change.to,
    change.setBy,
    change.incident,
  ]);

describe('who set a limit', () => {
  it('is nobody that the readings know of where it never changed', () => {
    expect(limitStory(series({}, {}, {}))).toMatchObject({ limit: 131_072, changes: [] });
  });

  it('is a boot, kube-proxy, this product or somebody, by what changed beside it', () => {
    expect(setBy({ max: 262_144 }, { bootId: OTHER_BOOT })).toEqual([[262_144, 131_072, 'boot', undefined]]);
    expect(setBy({ max: 262_144 }, { kubeProxyStarted: 9_000 })).toEqual([
      [262_144, 131_072, 'kube-proxy', undefined],
    ]);
    // It started as well, and this is not what it writes.
    expect(setBy({}, { max: 200_000, kubeProxyStarted: 9_000 })).toEqual([
      [131_072, 200_000, 'not-known', undefined],
    ]);
    expect(setBy(NO_INCIDENT, { max: 458_752 })).toEqual([
      [131_072, 458_752, 'conntrack-medic', 'inc-0123456789ab'],
    ]);
    expect(setBy({}, { max: 458_752 })).toEqual([[131_072, 458_752, 'not-known', undefined]]);
  });

  it('is told newest first, over readings that did not show it', () => {
    const unseen = { gaps: { max: 'denied' } } as const;
    const { limit, changes } = limitStory(
      series({ max: 1_000 }, unseen, { max: 2_000 }, { max: 3_000 }, unseen),
    );
    expect(limit).toBe(3_000);
    expect(changes.map(({ from, to }) => [from, to])).toEqual([
      [2_000, 3_000],
      [1_000, 2_000],
    ]);
    expect(changes[1]).toMatchObject({ after: START, by: START + 10 * MINUTE });
  });

  it('is nothing of a node that was never read', () => {
    expect(limitStory([])).toEqual({ changes: [], fates: [] });
  });
});

describe('what becomes of a limit', () => {
  const fates = (said: Partial<ProbeReading>) =>
    limitStory(series(said)).fates.map(({ limit }) =>
      limit === undefined ? undefined : [limit.least, limit.most],
    );

  it('follows what kube-proxy of this version does when it starts, at a boot after the files, and what a new node has', () => {
    // 4 cores × 32,768 and min 131,072; 1.31 writes whatever differs, 1.24 only upwards.
    const raised = { max: 458_752, bootMax: 458_752 };
    const wanted = [131_072, 131_072];
    expect(fates(raised)).toEqual([wanted, wanted, wanted]);
    expect(fates({ ...raised, kubeProxyVersion: 'v1.24.9' })).toEqual([
      [458_752, 458_752],
      [458_752, 458_752],
      wanted,
    ]);
    expect(fates({ ...raised, kubeProxyPerCore: 0 })).toEqual([
      [458_752, 458_752],
      [458_752, 458_752],
      undefined,
    ]);
  });

  it('is a range where the version was not read, and not known where the settings were not', () => {
    expect(fates({ max: 458_752, gaps: { kubeProxyVersion: 'missing' } })[0]).toEqual([131_072, 458_752]);
    expect(fates({ gaps: { kubeProxyPerCore: 'denied' } })).toEqual([undefined, undefined, undefined]);
  });

  it('stays where kube-proxy does not run, and is the kernel’s own after a boot that no file sets it at', () => {
    const none = {
      kubeProxyStarted: 'missing',
      kubeProxyPerCore: 'missing',
      kubeProxyMin: 'missing',
      kubeProxyVersion: 'missing',
    } as const;
    expect(fates({ gaps: none })).toEqual([[131_072, 131_072], [131_072, 131_072], undefined]);
    expect(fates({ gaps: { ...none, bootMax: 'missing' } })).toEqual([
      [131_072, 131_072],
      undefined,
      undefined,
    ]);
  });
});
