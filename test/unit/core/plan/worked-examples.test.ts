import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { planReport } from '../../../../src/core/diagnosis/plan-report.ts';
import { changeFor } from '../../../../src/core/plan/kube-proxy.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';

const FOLDER = new URL('../../../fixtures/worked-examples/', import.meta.url);

function reportOf(name: string) {
  const capture = readCapture(readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8'));
  if (capture === undefined) throw new Error(`${name}.txt is no capture`);
  return planReport(diagnose(snapshotOf(capture), catalogue, name), name);
}

const layer = (name: string, state: string, how = '') =>
  expect.objectContaining({ layer: name, state, how: expect.stringContaining(how) });

describe('the worked examples', () => {
  it('A: a saturated table of 131,072 on 16 GiB goes to 458,752', () => {
    expect(reportOf('a').nodes).toMatchObject([
      {
        max: { from: 131_072, to: 458_752 },
        buckets: { to: 458_752 },
        memoryBytes: 458_752 * (512 + 8),
        chainWhenFull: 2,
        layers: expect.arrayContaining([layer('kube-proxy', 'not-covered', 'set conntrack.min to 458752')]),
      },
    ]);
  });

  it('B: a saturated million on 128 GiB goes to 3,538,944, which kube-proxy 1.36 takes only as min', () => {
    expect(reportOf('b').nodes).toMatchObject([
      {
        max: { from: 1_048_576, to: 3_538_944 },
        buckets: { to: 1_769_472 },
        memoryBytes: 3_538_944 * 512 + 1_769_472 * 8,
        layers: expect.arrayContaining([
          layer('kube-proxy', 'not-covered', 'set conntrack.maxPerCore to 1 and conntrack.min to 3538944'),
        ]),
      },
    ]);
    expect(changeFor(3_538_944, 'v1.36.0')).toEqual({
      maxPerCore: 1,
      min: 3_538_944,
    });
  });

  it('C: kube-proxy that wants 32 × 65,536 makes it 2,097,152, and its buckets stay', () => {
    expect(reportOf('c').nodes).toMatchObject([
      {
        max: { from: 524_288, to: 2_097_152 },
        buckets: { from: 524_288, to: 524_288 },
        memoryBytes: 1_073_741_824 + 4_194_304,
        // Four entries a bucket, and each entry stands in the hash twice.
        chainWhenFull: 8,
        layers: expect.arrayContaining([layer('kube-proxy', 'covered', '2,097,152')]),
      },
    ]);
  });

  it('D: the memory of a 2 GiB node bounds it to 196,608', () => {
    expect(reportOf('d').nodes).toMatchObject([
      { max: { from: 65_536, to: 196_608 }, buckets: { to: 196_608 }, memoryBytes: 196_608 * (512 + 8) },
    ]);
  });

  it('E: a flood of half-open connections is named, and no size is offered', () => {
    expect(reportOf('e')).toMatchObject({
      nodes: [],
      declined: { verdict: 'half-open-flood', why: expect.stringContaining('flood') },
    });
  });
});
