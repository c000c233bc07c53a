import { expect, it } from 'vitest';
import { recordedNumber, replayCapture } from '../../../../local/recorded/replay-capture.ts';

const RECORDED = `=== medic/1 recordedcapture0 state - ok 10.00
half_applied=no
incident=
=== medic/1 recordedcapture0 conntrack 0 ok 10.00
nf_conntrack_count=100
nf_conntrack_max=100
nf_conntrack_buckets=64
=== medic/1 recordedcapture0 kernel-log - ok 20.00
[1.0] a line with recordedcapture0 and nf_conntrack_max=5 in it
nf_conntrack_max=7
=== medic/1 recordedcapture0 end - ok 20.10
`;
const values = { nonce: 'a1b2c3d4e5f6a7b8', max: 400, buckets: 256, incident: 'inc-1234' };

it('replayCapture puts the run’s nonce into section headers only', () => {
  const replayed = replayCapture(RECORDED, values);
  expect(replayed.match(/^=== medic\/1 a1b2c3d4e5f6a7b8 /gm)).toHaveLength(4);
  expect(replayed).toContain('a line with recordedcapture0');
});

it('replayCapture shows the node’s present settings and leaves other sections alone', () => {
  const replayed = replayCapture(RECORDED, values);
  expect(replayed).toContain('incident=inc-1234\n');
  expect(replayed).toContain('nf_conntrack_count=100\nnf_conntrack_max=400\nnf_conntrack_buckets=256\n');
  expect(replayed).toContain('\nnf_conntrack_max=7\n');
});

it('recordedNumber takes the last value, and names what is missing', () => {
  expect(recordedNumber('a=1\nb=2\na=3\n', 'a')).toBe(3);
  expect(() => recordedNumber('a=1\n', 'c')).toThrow('holds no c');
});
