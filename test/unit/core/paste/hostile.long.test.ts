import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { diagnosePaste } from '../../../../src/core/diagnosis/single-reading/diagnose-paste.ts';
import { HOSTILE_PASTES, isLong } from '../../../support/hostile-pastes.ts';
import { pasteOf } from '../../support/pastes.ts';

describe('a paste of many lines', () => {
  // Searched anew from each of its lines, such a text takes many times as long; a minute is for a machine that is busy.
  it.each(HOSTILE_PASTES)('is answered when it repeats $name', { timeout: 60_000 }, (hostile) => {
    const text = hostile.textOf(isLong(hostile) ? 500 : 20_000);
    const real = 'nf_conntrack: table full, dropping packet';
    const paste = pasteOf(`${text}\n\n${real}\n`);
    expect(paste.used.map(({ name }) => name)).toContain('kernel log');
    expect(diagnosePaste(paste.capture, catalogue, 'i-1').diagnosis.offer.raise).toBe(false);
  });
});

describe('a run of lines that was searched in vain', () => {
  it('is still used from a later line on when that begins something of its own', () => {
    expect(
      pasteOf('Tcp:\n      2 REACHABLE\nTcp:\n      2 REACHABLE\n    7 resets sent').used.map(
        ({ from, to }) => [from, to],
      ),
    ).toEqual([[2, 5]]);
    expect(pasteOf('Total: 0\nTotal: 0\nTransport Total     IP        IPv6').ignored).toContainEqual({
      from: 3,
      to: 3,
      why: 'ss -s: sockets by family',
    });
  });
});

/** More than a call takes arguments, and so many that a pair of lines would count; half of what is read, which tells no more. */
const MANY = 125_000;

describe('a paste of very many lines', () => {
  it.each(['net.netfilter.nf_conntrack_max = 1\n', 'connect: 1.00 total: 1.00\n'])(
    'is answered when all are %j',
    (line) => {
      const { capture } = pasteOf(line.repeat(MANY));
      expect(diagnosePaste(capture, catalogue, 'i-1').diagnosis.offer.raise).toBe(false);
    },
  );
});

describe('settings that are read again', () => {
  it('are each told of once as passed over', () => {
    const { ignored, used } = pasteOf(
      'nf_conntrack_max = 1\nnf_conntrack_count = 1\nnf_conntrack_count = 2\nnf_conntrack_max = 3\nnf_conntrack_count = 3',
    );
    expect(ignored.map(({ from }) => from)).toEqual([...new Set(ignored.map(({ from }) => from))]);
    expect(
      [...used, ...ignored]
        .flatMap(({ from, to }) => (from === to ? [from] : [from, to]))
        .toSorted((a, b) => a - b),
    ).toEqual([1, 2, 3, 4, 5]);
  });
});
