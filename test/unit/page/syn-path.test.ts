import { describe, expect, it } from 'vitest';
import { readTrace } from '../../../src/core/trace/output.ts';
import { pathOf, pathSentence } from '../../../src/core/trace/path.ts';
import { synPathChart } from '../../../src/page/charts/syn-path.ts';
import { RECORDED_TRACE } from '../support/recorded-trace.ts';

const recorded = readTrace(RECORDED_TRACE);
const fates = recorded?.kind === 'traced' ? (recorded.fates ?? []) : [];

describe('the way of first SYNs', () => {
  it('is told in one sentence', () => {
    expect(pathSentence(pathOf(fates))).toBe(
      "100 first SYNs came to the uplink, 85 of them to the pods' interfaces on the node, 85 into a pod, and 85 were answered there.",
    );
  });

  it('leaves out what is fine and goes where nobody looks', () => {
    const elsewhere = fates.map((fate) => ({ ...fate, pod: undefined }));
    expect(pathOf(elsewhere).seen.uplink).toBe(15);
  });

  it('is drawn with counts on its arrows, red where they fall, and says the same as its text', () => {
    const { text } = synPathChart(pathOf(fates));
    expect(text).toContain('aria-label="100 first SYNs came to the uplink');
    expect([...text.matchAll(/<g class="fell">/g)]).toHaveLength(1);
    expect(/<g class="fell"><rect class="way" [^>]*fill="#b3261e"/.exec(text)).not.toBeNull();
    expect(text).toContain('>−15</text>');
    expect([...text.matchAll(/>(100|85)<\/text>/g)].map(([, count]) => count)).toEqual([
      '100',
      '100',
      '85',
      '85',
      '85',
    ]);
  });
});
