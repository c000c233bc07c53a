import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRemediationResult } from '../../../../src/core/remediation/result.ts';
import { anyText } from '../../support/any-text.ts';
import { collectorOutput } from '../../support/captures.ts';

const nonce = 'a1b2c3d4e5f6a7b8';
const body = [
  'outcome=raised',
  'code=',
  'detail=The limit went from 4096 to 16384.',
  'max.before=4096',
  'max.after=16384',
  'buckets.before=4096',
  'buckets.after=16384',
  'file=/etc/sysctl.d/99-zz-conntrack-medic.conf written',
  'not_covered=/etc/sysctl.conf:3 sets 131072',
].join('\n');
const output = collectorOutput([['result - ok 101.00', body]]);

describe('parseRemediationResult', () => {
  it('reads what was changed', () => {
    expect(parseRemediationResult(output, nonce)).toMatchObject({
      kind: 'result',
      outcome: 'raised',
      max: { before: 4096, after: 16_384 },
      files: [{ path: '/etc/sysctl.d/99-zz-conntrack-medic.conf', state: 'written' }],
      notCovered: ['/etc/sysctl.conf:3 sets 131,072'],
    });
  });

  it.each([
    ['cut off before its end', output.slice(0, output.indexOf('=== medic/1 a1b2c3d4e5f6a7b8 end'))],
    ['of another run', output.replaceAll(nonce, 'bbbbbbbbbbbbbbbb')],
    ['without a known outcome', output.replace('outcome=raised', 'outcome=splendid')],
    ['empty', ''],
  ])('calls a result %s unreadable', (_, text) => {
    expect(parseRemediationResult(text, nonce).kind).toBe('unreadable');
  });

  it('gives an answer to any text', () => {
    fc.assert(
      fc.property(anyText(300), (text) => {
        const wrapped = collectorOutput([['result - ok 1.00', text]]);
        expect(['result', 'unreadable']).toContain(parseRemediationResult(wrapped, nonce).kind);
      }),
    );
  });
});
