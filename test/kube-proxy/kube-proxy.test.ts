import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageOf, type Start } from './support/page.ts';
import { builtKubeProxy, kubeProxyLeaves, whyNoKubeProxy } from './support/real.ts';
import { standInLeaves } from './support/stand-in.ts';

/** Before and after the changes of 1.36 and later that the table goes by; each is built from its own modules. */
const VERSIONS = ['v1.37.1', 'v1.37.2'] as const;
const PAGE = new URL('../../docs/kube-proxy-seen.md', import.meta.url);
const CORES = availableParallelism();

/** Settings with the limit and the buckets that are in force before the start. */
const CASES = [
  { what: 'a limit above what it wants', maxPerCore: 1, min: 10_000, limit: 458_752, hash: 458_752 },
  { what: 'a limit below min', maxPerCore: 1, min: 262_144, limit: 131_072, hash: 16_384 },
  { what: 'a limit below the product', maxPerCore: 100_000, min: 10_000, limit: 65_536, hash: 65_536 },
  { what: 'what it wants itself', maxPerCore: 1, min: 131_072, limit: 131_072, hash: 131_072 },
  { what: 'a product above the cap', maxPerCore: 600_000, min: 10_000, limit: 131_072, hash: 131_072 },
  {
    what: 'a min above the cap, hidden by it',
    maxPerCore: 600_000,
    min: 2_097_152,
    limit: 131_072,
    hash: 1_024,
  },
  { what: 'a min above the cap, not hidden', maxPerCore: 1, min: 2_097_152, limit: 131_072, hash: 1_024 },
  { what: 'a limit above the cap', maxPerCore: 600_000, min: 10_000, limit: 4_194_304, hash: 1_048_576 },
  { what: 'maxPerCore 0', maxPerCore: 0, min: 131_072, limit: 65_536, hash: 1_024 },
] as const;

const starts: Start[] = [];
const reason = whyNoKubeProxy();
if (reason !== undefined) console.log(`Not run: ${reason}`);

describe.runIf(reason === undefined)('kube-proxy itself', () => {
  afterAll(() => {
    if (starts.length === VERSIONS.length * CASES.length)
      writeFileSync(PAGE, pageOf(new Date().toISOString().slice(0, 10), starts));
  });

  describe.each(VERSIONS)('%s', (version) => {
    let program = '';
    beforeAll(() => {
      program = builtKubeProxy(version);
    });

    it.each(CASES)('meets $what as its stand-in does', ({ maxPerCore, min, limit, hash }) => {
      const [wish, before] = [
        { maxPerCore, min },
        { limit, hash },
      ];
      const after = kubeProxyLeaves(program, wish, before);
      starts.push({ version, wish, cores: CORES, before, after });
      expect(standInLeaves(version, wish, CORES, before)).toEqual(after);
    });
  });
});
