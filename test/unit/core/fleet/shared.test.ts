import { describe, expect, it } from 'vitest';
import {
  type NodeTraits,
  shareSentence,
  traitsOf,
  whatTheSickShare,
} from '../../../../src/core/fleet/shared.ts';

let made = 0;
/** Nodes with the same traits, each with an id of its own. */
const nodes = (count: number, traits: NodeTraits['traits']): readonly NodeTraits[] =>
  Array.from({ length: count }, () => ({ instanceId: `i-${String(++made).padStart(17, '0')}`, traits }));

const kernelTraits = (kernel: string) => traitsOf({ instanceId: 'i-any', kernel }).traits;
const OLD = kernelTraits('6.1.141-155.222.amzn2023.x86_64');
const NEW = kernelTraits('6.12.117-1.amzn2023.x86_64');
const [LARGE, XLARGE] = [{ 'instance type': 'm5.large' }, { 'instance type': 'm5.xlarge' }] as const;
const [A, B] = [{ zone: 'eu-central-1a' }, { zone: 'eu-central-1b' }] as const;

describe('what the sick share', () => {
  it('is counted exactly on both sides', () => {
    const sick = nodes(3, { ...LARGE, ...A, ...OLD });
    const healthy = [
      ...nodes(8, { ...LARGE, ...B, ...OLD }),
      ...nodes(5, { ...XLARGE, ...A, ...OLD }),
      ...nodes(25, { ...XLARGE, ...B, ...NEW }),
    ];
    const share = whatTheSickShare(sick, healthy);
    expect(share).toEqual({
      sick: 3,
      healthy: 38,
      shared: [
        { trait: 'zone', value: 'eu-central-1a', sick: 3, healthy: 5, healthyKnown: 38 },
        { trait: 'instance type', value: 'm5.large', sick: 3, healthy: 8, healthyKnown: 38 },
        {
          trait: 'kernel release',
          value: '6.1.141-155.222.amzn2023.x86_64',
          sick: 3,
          healthy: 13,
          healthyKnown: 38,
        },
      ],
      healthyWithAll: { count: 0, known: 38 },
    });
    expect(shareSentence(share, 'full')).toBe(
      '3 of 41 nodes full, all in eu-central-1a (5 of 38 others too), all m5.large (8 of 38 others too), all with kernel 6.1.141-155.222.amzn2023.x86_64 (13 of 38 others too); none of 38 others is all of that',
    );
  });

  it('leaves out what every other node has too', () => {
    const share = whatTheSickShare(nodes(2, { ...LARGE, ...A }), nodes(9, { ...LARGE, ...B }));
    expect(share.shared.map(({ trait }) => trait)).toEqual(['zone']);
    expect(shareSentence(share, 'full')).toBe('2 of 11 nodes full, all in eu-central-1a (none of 9 others)');
  });

  it('takes kernels of one version for common, where their releases are not', () => {
    const sick = [
      ...nodes(1, kernelTraits('6.1.141-155.222.amzn2023.x86_64')),
      ...nodes(1, kernelTraits('6.1.150-1.x86_64')),
    ];
    const { shared } = whatTheSickShare(sick, nodes(4, NEW));
    expect(shared).toEqual([{ trait: 'kernel', value: '6.1', sick: 2, healthy: 0, healthyKnown: 4 }]);
  });

  it('never counts what was not read as a value', () => {
    const unread = whatTheSickShare(
      [...nodes(2, { ...LARGE, ...A }), ...nodes(1, A)],
      nodes(5, { ...XLARGE, ...B }),
    );
    expect(unread.shared.map(({ trait }) => trait)).toEqual(['zone']);
    const share = whatTheSickShare(nodes(2, A), [...nodes(4, B), ...nodes(3, {})]);
    expect(share.shared).toEqual([
      { trait: 'zone', value: 'eu-central-1a', sick: 2, healthy: 0, healthyKnown: 4 },
    ]);
    expect(share.healthyWithAll).toEqual({ count: 0, known: 4 });
  });

  it('says nothing of one node, of a fleet that is all sick, and of none', () => {
    const one = whatTheSickShare(nodes(1, A), nodes(40, B));
    expect(one.shared).toEqual([]);
    expect(shareSentence(one, 'filling up')).toBe('1 of 41 nodes filling up');
    const all = whatTheSickShare(nodes(20, { ...LARGE, ...A }), []);
    expect(shareSentence(all, 'full')).toBe(
      '20 of 20 nodes full; nothing that was read is common to them alone',
    );
    expect(shareSentence(whatTheSickShare([], []), 'full')).toBe('0 of 0 nodes full');
  });

  it('stays quick on a fleet of 20,000', () => {
    const share = whatTheSickShare(nodes(5_000, A), nodes(15_000, B));
    expect(share.shared).toEqual([
      { trait: 'zone', value: 'eu-central-1a', sick: 5_000, healthy: 0, healthyKnown: 15_000 },
    ]);
  });
});
