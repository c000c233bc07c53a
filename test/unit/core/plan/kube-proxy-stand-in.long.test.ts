import { describe, expect, it } from 'vitest';
import { higherLimit, limitWanted } from '../../../../src/core/plan/kube-proxy.ts';
import { standInLeaves } from '../../../kube-proxy/support/stand-in.ts';

/** Versions at which the behaviour changes, and one on each side. */
const VERSIONS = [
  'v1.22.17',
  'v1.23.0',
  'v1.28.15',
  'v1.29.0',
  'v1.35.4',
  'v1.36.0',
  'v1.36.5',
  'v1.37.1',
  'v1.37.2',
  'v1.38.0',
];

describe('the stand-in for kube-proxy in the reboot tests', () => {
  it.each(VERSIONS)('does in %s what the plan foretells', (version) => {
    for (const wish of [
      { maxPerCore: 32_768, min: 131_072 },
      { maxPerCore: 600_000, min: 2_097_152 },
      { maxPerCore: 1, min: 10_000 },
      { maxPerCore: 0, min: 131_072 },
    ])
      for (const limit of [65_536, 4_194_304]) {
        const wanted = limitWanted(wish, 2, version);
        const left = standInLeaves(version, wish, 2, { limit, hash: 16_384 });
        const isKept = wanted === undefined || (limit > wanted.most && higherLimit(version) === 'kept');
        expect(left.limit).toBe(isKept ? limit : wanted.most);
      }
  });

  it('says so where nobody has seen what a version does', () => {
    expect(() =>
      standInLeaves('v1.36.6', { maxPerCore: 1, min: 10_000 }, 2, { limit: 65_536, hash: 512 }),
    ).toThrow(/not known/);
  });
});
