import { describe, expect, it } from 'vitest';
import {
  KUBE_PROXY_DEFAULTS,
  parseKubeProxySettings,
} from '../../../../src/core/parse/kube-proxy-settings.ts';
import {
  changeFor,
  growthWithCores,
  higherLimit,
  limitWanted,
  limitWantedLine,
} from '../../../../src/core/plan/kube-proxy.ts';
import { show } from '../../../../src/core/words.ts';

describe('what kube-proxy writes', () => {
  it.each([
    [{ maxPerCore: 65_536, min: 131_072 }, 32, 'v1.31.2', 2_097_152],
    [{ maxPerCore: 65_535, min: 131_072 }, 32, 'v1.31.2', 2_097_120],
    [{ maxPerCore: 65_536, min: 131_072 }, 32, 'v1.36.0', 1_048_576],
    // The cap is tested before min, so min counts only while the product is below it.
    [{ maxPerCore: 65_536, min: 2_097_152 }, 32, 'v1.36.0', 1_048_576],
    [{ maxPerCore: 1, min: 2_097_152 }, 32, 'v1.36.0', 2_097_152],
    [KUBE_PROXY_DEFAULTS, 2, 'v1.31.2', 131_072],
  ])('with %o on %i cores in %s is %i', (settings, cores, version, wanted) => {
    expect(limitWanted(settings, cores, version)).toEqual({ least: wanted, most: wanted });
  });

  it('is nothing where maxPerCore is 0', () => {
    expect(limitWanted({ maxPerCore: 0, min: 131_072 }, 32, 'v1.31.2')).toBeUndefined();
  });

  it('is a range where the version decides it and is not known', () => {
    const settings = { maxPerCore: 65_536, min: 131_072 };
    expect(limitWanted(settings, 32, undefined)).toEqual({ least: 1_048_576, most: 2_097_152 });
    expect(limitWanted(settings, 4, undefined)).toEqual({ least: 262_144, most: 262_144 });
    expect(limitWantedLine(settings, 32, undefined)).toMatch(
      /→ 2,097,152, or from Kubernetes 1\.36 on 1,048,576, at which the product is capped$/,
    );
  });

  it('is explained in one line', () => {
    const settings = { maxPerCore: 65_536, min: 131_072 };
    expect(limitWantedLine(settings, 32, 'v1.31.2')).toBe(
      'kube-proxy v1.31.2 writes the greater of maxPerCore 65,536 × 32 cores = 2,097,152 and min 131,072 → 2,097,152',
    );
    expect(limitWantedLine(settings, 32, 'v1.36.1')).toBe(
      'kube-proxy v1.36.1 writes maxPerCore 65,536 × 32 cores = 2,097,152, capped at 1,048,576',
    );
  });
});

it.each([
  ['v1.22.17', 'lowered'],
  ['v1.23.0', 'kept'],
  ['v1.28.15', 'kept'],
  ['v1.29.0', 'lowered'],
  ['v1.36.5', 'lowered'],
  // Whether the change was picked for it was not seen.
  ['v1.36.6', 'unknown'],
  ['v1.37.1', 'lowered'],
  ['v1.37.2', 'kept'],
  ['v1.37.2-eksbuild.3', 'kept'],
  ['1.37.10', 'kept'],
  ['v1.38.0', 'kept'],
  // Only the minor version is known: enough where all of its patches do the same.
  ['v1.35', 'lowered'],
  ['v1.36', 'unknown'],
  ['v1.37', 'unknown'],
  ['v1.38', 'kept'],
  ['v1.37.', 'unknown'],
  ['v2.0.0', 'unknown'],
  [undefined, 'unknown'],
  ['latest', 'unknown'],
])('a higher limit under kube-proxy %s is %s', (version, fate) => {
  expect(higherLimit(version)).toBe(fate);
});

it.each(['v1.22.17', 'v1.31.2', 'v1.36.0', undefined])(
  'its proposed settings make kube-proxy %s write at least the target on any node',
  (version) => {
    for (const target of [131_072, 458_752, 1_048_576, 3_538_944]) {
      for (const present of [KUBE_PROXY_DEFAULTS, { maxPerCore: 65_536, min: 131_072 }]) {
        const { maxPerCore = present.maxPerCore, min } = changeFor(target, version);
        const settings = { maxPerCore, min };
        for (const cores of [1, 2, 4, 16])
          expect(limitWanted(settings, cores, version)?.least).toBeGreaterThanOrEqual(target);
      }
    }
  },
);

it('is told of a node that nobody can configure by the same numbers', () => {
  const { maxPerCore } = KUBE_PROXY_DEFAULTS;
  const told = growthWithCores();
  for (const [cores, version] of [
    [1, 'v1.37.2'],
    [64, 'v1.37.2'],
  ] as const)
    expect(told).toContain(show(limitWanted(KUBE_PROXY_DEFAULTS, cores, version)?.most ?? 0));
  expect(told).toContain(`by ${show(maxPerCore)} for each`);
  expect(told).toMatch(/from Kubernetes 1\.36 on .* more than 32 cores add nothing/);
});

it.each([
  ['arg=--proxy-mode=iptables', KUBE_PROXY_DEFAULTS],
  ['arg=--conntrack-max-per-core=0\narg=--conntrack-min=5', { maxPerCore: 0, min: 5 }],
  ['arg=--config=/c\nconfig=read\nconf=min=5\narg=--conntrack-min=7', { maxPerCore: 32_768, min: 5 }],
  ['arg=--config=/c\r\nconfig=read\r\nconf=maxPerCore=null\r\n', KUBE_PROXY_DEFAULTS],
  ['arg=--config=/c', undefined],
  ['arg=--config=/c\nconfig=read\nconf=min=0x10', undefined],
])('reads %j as %o', (text, settings) => {
  expect(parseKubeProxySettings(text)).toEqual(settings);
});
