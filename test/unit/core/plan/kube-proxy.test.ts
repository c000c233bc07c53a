import { describe, expect, it } from 'vitest';
import {
  KUBE_PROXY_DEFAULTS,
  parseKubeProxySettings,
} from '../../../../src/core/parse/kube-proxy-settings.ts';
import {
  changeFor,
  higherLimit,
  limitWanted,
  limitWantedLine,
} from '../../../../src/core/plan/kube-proxy.ts';

describe('what kube-proxy writes', () => {
  it.each([
    [{ maxPerCore: 65_536, min: 131_072 }, 32, 'v1.31.2', 2_097_152],
    [{ maxPerCore: 65_535, min: 131_072 }, 32, 'v1.31.2', 2_097_120],
    [{ maxPerCore: 65_536, min: 131_072 }, 32, 'v1.36.0', 1_048_576],
    // The cap is tested before min, so min counts only while the product is below it.
    [{ maxPerCore: 65_536, min: 2_097_152 }, 32, 'v1.36.0', 1_048_576],
    [{ maxPerCore: 1, min: 2_097_152 }, 32, 'v1.36.0', 2_097_152],
    [KUBE_PROXY_DEFAULTS, 2, 'v1.31.2', 131_072],
    [{ maxPerCore: 0, min: 131_072 }, 32, 'v1.31.2', undefined],
  ])('with %o on %i cores in %s is %s', (settings, cores, version, wanted) => {
    expect(limitWanted(settings, cores, version)).toBe(wanted);
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
  ['v1.37.1', 'lowered'],
  ['v1.38.0', 'kept'],
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
          expect(limitWanted(settings, cores, version)).toBeGreaterThanOrEqual(target);
      }
    }
  },
);

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
