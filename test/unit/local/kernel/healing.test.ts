import { describe, expect, it } from 'vitest';
import { type HealingFacts, judgeHealing } from '../../../../local/kernel/healing.ts';

const healed: HealingFacts = {
  limit: { before: 4096, after: 16384 },
  count: 8000,
  lastDropAfterRaiseMs: 4,
  lastDropAfterClickMs: 900,
  drops: 0,
  watchedSeconds: 8,
  client: {
    before: { attempts: 90, failures: 40, medianMs: 1002, p99Ms: 2040 },
    after: { attempts: 95, failures: 0, medianMs: 0.4, p99Ms: 3 },
  },
  files: [{ path: '/etc/sysctl.d/99-zz-conntrack-medic.conf', max: 16384 }],
};

describe('judgeHealing', () => {
  it('is content when limit, drops, client and file all show the fix', () => {
    expect(judgeHealing(healed)).toMatchObject({ healed: true });
  });

  it.each<[string, Partial<HealingFacts>]>([
    ['the limit stayed', { limit: { before: 4096, after: 4096 }, lastDropAfterRaiseMs: undefined }],
    ['the drops went on after the new limit', { lastDropAfterRaiseMs: 2400 }],
    ['one packet was dropped since', { drops: 1 }],
    ['the load went away, so that silence proves nothing', { count: 3000 }],
    ['most of the new limit is in use already', { count: 12_000 }],
    ['a connection failed', { client: { ...healed.client, after: { ...healed.client.after, failures: 1 } } }],
    [
      'connections open slowly',
      { client: { ...healed.client, after: { ...healed.client.after, p99Ms: 1010 } } },
    ],
    [
      'the client reported nothing',
      {
        client: {
          ...healed.client,
          after: { attempts: 0, failures: 0, medianMs: undefined, p99Ms: undefined },
        },
      },
    ],
    ['no file keeps the limit', { files: [] }],
    ['the file keeps another limit', { files: [{ path: '/etc/sysctl.d/x.conf', max: 4505 }] }],
  ])('is not content when %s', (_case, changes) => {
    const verdict = judgeHealing({ ...healed, ...changes });
    expect(verdict.healed).toBe(false);
    expect(verdict.lines.some((line) => line.startsWith('✗'))).toBe(true);
  });
});
