import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replayCapture } from '../../../local/recorded/replay-capture.ts';
import { catalogue } from '../../../runbooks/index.ts';
import { readCapture } from '../../../src/core/capture/capture.ts';
import { assess, assessCapture } from '../../../src/core/diagnosis/assess.ts';
import { diagnose } from '../../../src/core/diagnosis/diagnose.ts';
import { secondsToForeseen } from '../../../src/core/record/joined/foreseen.ts';
import { unknown } from '../../../src/core/snapshot/fact.ts';
import { snapshotOf } from '../../../src/core/snapshot/snapshot-of.ts';
import { recordedCases } from '../support/captures.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NONCE = 'a1b2c3d4e5f6a7b8';
/** Seconds to a full table, as an early warning says it. */
const FORESEEN = 2 * 3_600;

/** A node whose clients hold their connections open, before its table was ever full. */
const filling = readFileSync(join(ROOT, 'local/recorded/captures/node-2/raised.txt'), 'utf8')
  .split('\n')
  .filter((line) => !line.includes('table full'))
  .join('\n');

function judged(text: string, { count, max, foreseen }: { count?: number; max: number; foreseen?: number }) {
  const given = {
    nonce: NONCE,
    max,
    buckets: 32_768,
    incident: '',
    ...(count === undefined ? {} : { count }),
  };
  const found = assess(replayCapture(text, given), { instanceId: 'i-1', nonce: NONCE, catalogue, foreseen });
  if (found.kind === 'failed') throw new Error(found.why);
  return found;
}

test.each(recordedCases().map((one) => [`${one.mode}/${one.name}`, one] as const))(
  'a fill that is foreseen changes what is said of %s only where nothing else is found on a table half full',
  (_name, { capture }) => {
    const given = { instanceId: 'i-1', catalogue };
    const [usual, warned] = [
      assessCapture(capture, given),
      assessCapture(capture, { ...given, foreseen: FORESEEN }),
    ];
    const { highest, count = 0, max = 0 } = usual.figures;
    const isHalfFull = (highest ?? count) >= max / 2 && max > 0;
    // Whatever else is the matter: of such a table it is true that a larger one puts off what is foreseen.
    if (warned.diagnosis.verdict === usual.diagnosis.verdict)
      expect(warned.diagnosis.offer.raise).toBe(usual.diagnosis.offer.raise);
    else
      expect([isHalfFull, usual.diagnosis.verdict, warned.diagnosis.verdict]).toEqual([
        true,
        'not-the-node',
        'near-full',
      ]);
  },
);

test('a table that is 70 % full and foreseen to fill is offered a raise, sized for the limit that will be met', () => {
  const given = { count: 46_000, max: 65_536 };
  expect(judged(filling, given).diagnosis.offer.raise).toBe(false);
  const { diagnosis, plan } = judged(filling, { ...given, foreseen: FORESEEN });
  expect(diagnosis).toMatchObject({ verdict: 'near-full', impact: 'pressure', offer: { raise: true } });
  expect(diagnosis.headline).toBe(
    'Connection-tracking table at 70 % of 65,536 entries and growing for hours: foreseen to be full in about 2 h, nothing is lost yet.',
  );
  expect(plan?.kind === 'raise-max' && plan.max.to).toBe(131_072);
  expect(plan?.kind === 'raise-max' && plan.arithmetic[0]).toBe(
    'demand: the present limit, which is foreseen to be met: 65,536 entries',
  );
});

/** The same node, 70 % full, whose samples alone say that its table is full in so many seconds. */
function judgedAtPace(seconds: number) {
  const given = { nonce: NONCE, max: 65_536, buckets: 32_768, incident: '', count: 46_000 };
  const capture = readCapture(replayCapture(filling, given), NONCE);
  if (capture === undefined) throw new Error('The node was not read.');
  const snapshot = snapshotOf(capture);
  const { use } = snapshot.conntrack;
  const { windowSeconds: window } = snapshot;
  if (!use.known || !window.known) throw new Error('There is no pace.');
  const { last, max } = use.value;
  const paced = { ...use, value: { ...use.value, first: last - ((max - last) / seconds) * window.value } };
  return diagnose(
    {
      ...snapshot,
      arrivals: unknown('for the test', 'conntrack -E'),
      conntrack: { ...snapshot.conntrack, use: paced },
      foreseen: { fullInSeconds: FORESEEN },
    },
    catalogue,
    'i-1',
  ).diagnosis;
}

test.each([
  [180, '3 min to 2 h', 'the sooner at the pace of these samples, the later at that of the last hours'],
  [14_400, '2 h to 4 h', 'the sooner at the pace of the last hours, the later at that of these samples'],
])('what %i s of samples and the series of hours foretell is one interval', (seconds, when, ends) => {
  const { headline, findings } = judgedAtPace(seconds);
  expect(headline).toContain(`and growing: full in about ${when}, ${ends}; nothing is lost yet.`);
  const because = findings.find(({ mode }) => mode === 'near-full')?.because ?? [];
  expect(because.filter(({ fact }) => fact.includes('full in'))).toEqual([
    expect.objectContaining({ value: when, unit: 'by these samples and its series' }),
  ]);
});

test('where both foretell the same it is said once', () => {
  expect(judgedAtPace(FORESEEN).headline).toContain('foreseen to be full in about 2 h, nothing');
});

test('below half of the limit nothing is offered, whatever is foreseen', () => {
  const { diagnosis } = judged(filling, { count: 30_000, max: 65_536, foreseen: FORESEEN });
  expect(diagnosis.offer.raise).toBe(false);
});

test('where memory is short nothing is offered', () => {
  const short = filling.replaceAll(/^MemAvailable: .*$/gm, 'MemAvailable:    1000000 kB');
  const { diagnosis } = judged(short, { count: 46_000, max: 65_536, foreseen: FORESEEN });
  expect(diagnosis).toMatchObject({ verdict: 'near-full', offer: { raise: false } });
  expect(diagnosis.offer.why).toContain('Less than 10 % of the memory');
});

test('a flood that fills a table for hours is offered none, also before the kernel evicts', () => {
  const floods = recordedCases().filter(({ mode }) => mode === 'half-open-flood');
  expect(floods.length).toBeGreaterThan(0);
  for (const { capture } of floods) {
    const snapshot = snapshotOf(capture);
    const { use, losses } = snapshot.conntrack;
    if (!use.known || !losses.known) throw new Error('The flood was not read.');
    const half = { ...use, value: { ...use.value, max: use.value.max * 2, ratio: use.value.ratio / 2 } };
    const none = { ...losses, value: { ...losses.value, earlyDrop: 0n, full: { low: 0n, high: 0n } } };
    const halfFull = { ...snapshot, conntrack: { ...snapshot.conntrack, use: half, losses: none } };
    const { diagnosis } = diagnose({ ...halfFull, foreseen: { fullInSeconds: FORESEEN } }, catalogue, 'i-1');
    expect(diagnosis.offer.raise).toBe(false);
  }
});

test('what was foreseen for a time that has passed says nothing any more, nor what was foreseen of another node', () => {
  const foreseen = [{ instanceId: 'i-1', fullAt: '2026-11-23T16:00:00.000Z' }];
  expect(secondsToForeseen(foreseen, 'i-1', '2026-11-23T14:00:00.000Z')).toBe(7_200);
  expect(secondsToForeseen(foreseen, 'i-1', '2026-11-23T16:00:00.000Z')).toBeUndefined();
  expect(secondsToForeseen(foreseen, 'i-2', '2026-11-23T14:00:00.000Z')).toBeUndefined();
});
